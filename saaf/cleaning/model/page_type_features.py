"""The features of a page from which its type is told: what its HTML says, its address, its elements and its blocks.

All are counts, quotients of counts, or 0 and 1, so that they have the same bits on every machine. None is a word of a
language; words of addresses are those that the programs of sites write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import numpy

from saaf.cleaning.html.page_signals import ELEMENTS
from saaf.cleaning.model.text_features import shifted
from saaf.cleaning.page_types import PageSignals
from saaf.cleaning.text.codepoints import COLON, COMMA, DIGIT, STOP, UPPER, classes_of
from saaf.cleaning.text.scripts import UNSPACED_SCRIPT_CODES
from saaf.cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from saaf.cleaning.types import Block, Document

_TYPES: Final = (
    *("article", "newsarticle", "blogposting", "product", "productgroup", "offer", "aggregateoffer", "qapage"),
    *("discussionforumposting", "question", "answer", "comment", "itemlist", "collectionpage", "searchresultspage"),
    *("faqpage", "localbusiness", "techarticle", "recipe", "person", "service", "breadcrumblist", "webpage", "website"),
    *("aggregaterating", "review", "softwareapplication", "organization", "event", "jobposting", "videoobject", "blog"),
    *("howto", "profilepage", "imageobject", "readaction", "webapplication", "course", "newsmediaorganization"),
)
_STATED: Final = (
    *("og:article", "og:website", "og:product", "og:profile", "og:video", "robots:noindex", "product:price"),
    *("body:archive", "body:search", "body:home", "body:single", "body:page", "body:error", "body:product"),
    *("body:collection", "body:login"),
    *(f"top:{name}" for name in _TYPES),
    *(f"schema:{name}" for name in _TYPES),
    *(f"schema:{name}*" for name in ("article", "newsarticle", "blogposting", "product", "offer", "person", "comment")),
    *(f"schema:{name}*" for name in ("answer", "question", "listitem", "imageobject", "review", "event")),
)
_GENERATORS: Final = {
    "generator manual": (
        *("mediawiki", "mkdocs", "docutils", "gitbook", "dokuwiki", "bookdown", "sphinx", "docusaurus", "docbook"),
        *("doxygen", "javadoc", "vitepress", "starlight", "mdbook", "antora", "asciidoctor", "hugo"),
    ),
    "generator forum": ("discourse", "vbulletin", "xenforo", "phpbb", "mybb", "flarum", "invision", "nodebb", "smf"),
    "generator blog": ("wordpress", "ghost", "jekyll", "blogger", "typepad", "medium", "substack"),
    "generator shop": ("woocommerce", "shopify", "prestashop", "opencart", "magento"),
}
_IN_URL: Final = {
    "url forum": re.compile(r"forum|thread|topic|viewtopic|/t/|discuss|communit"),
    "url manual": re.compile(r"\bdocs?\b|wiki|manual|reference|guide|\bapi\b|help"),
    "url product": re.compile(r"product|/p/|/dp/|shop|store|item"),
    "url list": re.compile(r"categor|collection|/c/|catalog|\btags?\b|archive|search|/author/|\btopics?\b|/index\b"),
    "url page number": re.compile(r"(?:/page/|[?&](?:page|p|paged|start|offset)=)\d+"),
    "url blog": re.compile(r"blog|news|article|post|stor"),
    "url service": re.compile(r"service|solution|about|pricing|feature|contact"),
    "url question": re.compile(r"question|/q/|answer"),
    "url recipe": re.compile(r"re[cz]ep|rezept|oppskrift|opskrift"),
    "url year": re.compile(r"/(?:19|20)\d\d[/-]"),
    "url id": re.compile(r"\d{5,}"),
    "url html": re.compile(r"\.(?:s?html?|php|aspx?|jsp)$"),
    "url query": re.compile(r"\?"),
}
_ADDRESS: Final = ("url steps", "url hyphens", "url letters", "url digits", *_IN_URL)
_SYMBOLS: Final = {
    "prices": "$€£¥₹₽₩₺₫฿₴₦₪₱৳﷼₸₾元円",
    "questions": "?？؟፧",
    "code": "{}()=<>_;",
    "ellipses": "…",
}
_CLASSES: Final = {"digits": DIGIT, "stops": STOP, "commas": COMMA, "colons": COLON, "capitals": UPPER}
_TEXT: Final = (*_SYMBOLS, *_CLASSES)
_KINDS: Final = (Kind.HEADING, Kind.LIST_ITEM, Kind.QUOTE, Kind.TABLE_ROW, Kind.CAPTION, Kind.CODE, Kind.FORM)
_NUMBER_OF_KIND: Final = {kind: number for number, kind in enumerate(Kind)}
_KIND_NUMBERS: Final = [_NUMBER_OF_KIND[kind] for kind in _KINDS]
_FIELDS: Final = ("field password", "field checkbox", "field radio", "field email", "field search", "field number")
_METADATA: Final = ("published", "modified", "author", "title", "section", "source", "tags", "site_name")
_MAX_COUNT: Final = 10_000
_UNSPACED_WEIGHT: Final = 2.5  # a letter of Chinese says as much as two or three of a script with spaces
_LONG, _MAX_LINKS_OF_LONG, _MIN_LINKS_OF_LINK = 160, 0.35, 0.8
_HEADLINE: Final = (20, 180)
_TEASER: Final = (60, 400)
_MIN_LINKS_OF_MIXED, _MIN_AFTER_LINK = 0.15, 40
_TEXT_READ: Final = 8_000  # code points
_BLOCKS: Final = (
    *("blocks", "characters", "longest block", "long blocks", "long runs", "longest run", "between long"),
    *("first long", "share long", "share linked", "share headline links", "share teasers", "share short"),
    *("linked blocks", "headline links", "teasers", "linked headings", "headings", "long headings"),
    *(
        "same headline links",
        "share same headline links",
        "same teasers",
        "same long",
        "same short",
        "share same short",
    ),
    *("same headings", "after images", "teasers after links", "share after links", "same mixed", "share mixed"),
    *("title", "first heading", "first heading linked"),
    *(f"share {kind}" for kind in _KINDS),
    *(f"blocks {kind}" for kind in _KINDS),
)
FEATURES: Final = (
    *_STATED,
    *_GENERATORS,
    "og none",
    *(f"count {name}" for name in (*ELEMENTS, *_FIELDS)),
    *_ADDRESS,
    *(f"text {name}" for name in _TEXT),
    *(f"text {name} share" for name in _TEXT),
    *(f"has {name}" for name in _METADATA),
    *_BLOCKS,
)
"""The names of the features of a page, in order."""


def page_features(document: Document) -> list[float]:
    """Return the values of `FEATURES` of an HTML document."""
    signals = document.signals or PageSignals()
    stated = frozenset(signals.stated)
    elements = dict(signals.elements)
    made_by = [name.partition(":")[2] for name in signals.stated if name.startswith("generator:")]
    metadata = document.metadata
    return [
        *(float(name in stated) for name in _STATED),
        *(float(any(name.startswith(own) for name in made_by)) for own in _GENERATORS.values()),
        float(not any(name.startswith("og:") for name in signals.stated)),
        *(float(min(elements.get(name, 0), _MAX_COUNT)) for name in (*ELEMENTS, *_FIELDS)),
        *_address(document.url),
        *_in_text(document.text),
        *(float(bool(getattr(metadata, name))) for name in _METADATA),
        *_of_blocks(document),
    ]


@lru_cache(maxsize=64)
def _address(url: str | None) -> tuple[float, ...]:
    """Return the features of an address; -1 where none is known."""
    try:
        path = urlsplit(url or "").path
    except ValueError:
        path, url = "", None
    if not url:
        return (-1.0,) * len(_ADDRESS)
    steps = [step for step in path.split("/") if step]
    last, lowered = steps[-1] if steps else "", url.lower()
    digits = sum(character.isdigit() for character in path)
    found = (float(part.search(lowered) is not None) for part in _IN_URL.values())
    hyphens = last.count("-") + last.count("_")
    return (float(len(steps)), float(hyphens), float(min(len(last), 100)), float(min(digits, 30)), *found)


def _in_text(text: str) -> Iterator[float]:
    """Yield the values of the symbols and classes of characters: how many, and how many of a thousand."""
    text = text[:_TEXT_READ]
    classes = classes_of(text)
    counts = [sum(map(text.count, symbols)) for symbols in _SYMBOLS.values()]
    counts += [int(numpy.count_nonzero(classes & flag)) for flag in _CLASSES.values()]
    yield from (float(count) for count in counts)
    yield from (1000.0 * count / max(len(text), 1) for count in counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Blocks:
    """The n blocks of a document as columns, and masks of them; lengths are in characters of a script with spaces.

    `group` has a number for each, the same for blocks with the same last step at the same depth of their paths.
    `titles` are links as long as a headline, `teasers` text without links as long as a teaser, `mixed` text with a
    link in it, `after` text that stands behind a title.
    """

    size: NDArray[numpy.float64]
    total: float
    kinds: NDArray[numpy.int64]
    group: NDArray[numpy.int64]
    heading: NDArray[numpy.bool_]
    linked: NDArray[numpy.bool_]
    long: NDArray[numpy.bool_]
    short: NDArray[numpy.bool_]
    titles: NDArray[numpy.bool_]
    teasers: NDArray[numpy.bool_]
    mixed: NDArray[numpy.bool_]
    after: NDArray[numpy.bool_]

    @classmethod
    def of(cls, blocks: Sequence[Block], weight: float) -> _Blocks:
        """Return the columns of blocks, whose lengths count `weight` times."""
        size = numpy.array([block.end - block.start for block in blocks], numpy.float64) * weight
        links = numpy.array([block.link_density for block in blocks], numpy.float64)
        kinds = numpy.array([_NUMBER_OF_KIND[block.kind] for block in blocks], numpy.int64)
        heading = kinds == _NUMBER_OF_KIND[Kind.HEADING]
        linked, plain = links > _MIN_LINKS_OF_LINK, links < _MAX_LINKS_OF_LONG
        titles = linked & (size >= _HEADLINE[0]) & (size <= _HEADLINE[1])
        behind = (shifted(titles, -1) > 0) | (shifted(titles, -2) > 0)
        return cls(
            size=size,
            total=max(float(size.sum()), 1.0),
            kinds=kinds,
            group=_groups(blocks),
            heading=heading,
            linked=linked,
            long=plain & (size >= _LONG),
            short=plain & (size < _TEASER[0]),
            titles=titles,
            teasers=plain & (size >= _TEASER[0]) & (size <= _TEASER[1]) & ~heading,
            mixed=~linked & (links >= _MIN_LINKS_OF_MIXED) & (size >= _TEASER[0]),
            after=plain & ~heading & (size >= _MIN_AFTER_LINK) & behind,
        )

    def share(self, mask: NDArray[numpy.bool_]) -> float:
        """Return the share of the characters that the blocks of a mask have; a sum of halves, which is exact."""
        return float(mask @ self.size) / self.total

    def most(self, mask: NDArray[numpy.bool_]) -> float:
        """Return how many blocks of a mask are in the group with most of them."""
        return float(numpy.bincount(self.group[mask], minlength=1).max())

    def largest(self, mask: NDArray[numpy.bool_]) -> NDArray[numpy.bool_]:
        """Return the blocks of a mask that are in the group with most of them."""
        found: NDArray[numpy.bool_] = self.group == numpy.bincount(self.group[mask], minlength=1).argmax()
        return mask & found


def _of_blocks(document: Document) -> list[float]:
    """Return the values of `_BLOCKS`."""
    weight = _UNSPACED_WEIGHT if document.language.script in UNSPACED_SCRIPT_CODES else 1.0
    count, own = len(document.blocks), _Blocks.of(document.blocks, weight)
    heading, linked, size = own.heading, own.linked, own.size
    return [
        float(count), own.total, float(size.max(initial=0)), *_runs(own.long),
        own.share(own.long), own.share(linked), own.share(own.titles), own.share(own.teasers), own.share(own.short),
        float(linked.sum()) / max(count, 1), float(own.titles.sum()), float(own.teasers.sum()),
        float((heading & linked).sum()), float(heading.sum()), float((heading & (size > _HEADLINE[0])).sum()),
        own.most(own.titles), own.share(own.largest(own.titles)), own.most(own.teasers), own.most(own.long),
        own.most(own.short), own.share(own.largest(own.short)), own.most(heading),
        float(sum(block.after_image for block in document.blocks)),
        float(own.after.sum()), own.share(own.after), own.most(own.mixed), own.share(own.mixed),
        weight * len(document.metadata.title or ""), *_first_heading(heading, size, linked),
        *_by_kind(own.kinds, size, own.total),
    ]  # fmt: skip


def _runs(long: NDArray[numpy.bool_]) -> Iterator[float]:
    """Yield of the long blocks how many there are, their runs, the longest run, how many others stand between two on
    average, and the place of the first; -1 where there are none.
    """
    places = numpy.flatnonzero(long)
    starts = numpy.flatnonzero(numpy.diff(places, prepend=-2) > 1)
    yield from (float(len(places)), float(len(starts)))
    yield float(numpy.diff(starts, append=len(places)).max(initial=0))
    if not len(places):
        yield from (-1.0, -1.0)
        return
    yield float(places[-1] - places[0] + 1 - len(places)) / len(places)
    yield float(places[0]) / len(long)


def _first_heading(
    heading: NDArray[numpy.bool_], size: NDArray[numpy.float64], linked: NDArray[numpy.bool_]
) -> tuple[float, float]:
    """Return the length of the first heading, -1 where there is none, and 1 where it is a link."""
    if not heading.any():
        return -1.0, -1.0
    first = int(heading.argmax())
    return float(size[first]), float(linked[first])


def _by_kind(kinds: NDArray[numpy.int64], size: NDArray[numpy.float64], total: float) -> Iterator[float]:
    yield from (numpy.bincount(kinds, size, len(_NUMBER_OF_KIND))[_KIND_NUMBERS] / total).tolist()
    yield from numpy.bincount(kinds, minlength=len(_NUMBER_OF_KIND))[_KIND_NUMBERS].astype(float).tolist()


def _groups(blocks: Sequence[Block]) -> NDArray[numpy.int64]:
    """Return the numbers of the groups of blocks."""
    steps: dict[tuple[int, str], int] = {}
    numbers: dict[str, int] = {}
    for path in {block.path: None for block in blocks}:
        numbers[path] = steps.setdefault((path.count("/"), path[path.rfind("/") + 1 :]), len(steps))
    return numpy.array([numbers[block.path] for block in blocks], numpy.int64)
