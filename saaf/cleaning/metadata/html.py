"""What an HTML page says of itself: one look at its head, JSON-LD, microdata and visible lines.

Nothing is invented: a field that the page does not give stays empty, a date after the fetch is no date. Each field's
origin is recorded. `trafilatura.extract_metadata` is not used: it takes several times as long and judges dates by the
clock.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import regex
from lxml.html import HtmlElement

from saaf.cleaning.dates.parser import date_line, find_date, machine_date
from saaf.cleaning.html.jsonld import Node
from saaf.cleaning.metadata.candidates import Candidates, collect
from saaf.cleaning.metadata.names import (
    author_of_byline,
    clean_author,
    clean_title,
    one_line,
    site_name_keys,
    strip_site_name,
)
from saaf.cleaning.text.folding import title_key, title_keys
from saaf.cleaning.text.sentences import CLOSING_QUOTES, TERMINALS_OR_ELLIPSIS
from saaf.cleaning.types import Metadata

# The more an origin is written for machines and for this page alone, the earlier it is asked.
_TRUST: Final = (
    "json-ld",
    "opengraph",
    "meta",
    "microdata",
    "dublin core",
    "twitter",
    "time",
    "rel",
    "link",
    "h1",
    "title",
)
_URL_DATE: Final = regex.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:([/_-])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])|(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]))(?!\d)"
)
_TAG_SEPARATORS: Final = regex.compile(r"\s*[,،、;；|，]\s*")
_MOST_TAGS: Final = 50
_LONGEST_TAG: Final = 100
_SHARE_OF_TITLE: Final = 0.4
_BEFORE_TITLE: Final = 3
_AFTER_TITLE: Final = 12
_BESIDE_TITLE: Final = 5
_MOST_HEADLINES: Final = 5
_SHORT_KEY: Final = 12
_LONGEST_BYLINE: Final = 100
_SENTENCE_ENDS: Final = tuple(TERMINALS_OR_ELLIPSIS + CLOSING_QUOTES)

Choice = tuple[str | None, str]  # a value and its origin
Near = tuple[int, str]  # a distance in lines and a visible line


def extract_html_metadata(
    tree: HtmlElement,
    stated: Sequence[Node],
    *,
    url: str | None,
    text_lines: Sequence[str],
    fetched_at: datetime | None,
    language: str | None = None,
    source: bytes | None = None,
) -> Metadata:
    """Return what a page says of itself.

    `tree` is the parsed page with its head and scripts; it is not changed. `text_lines` are the page's visible lines in
    order, menus and all. `fetched_at` bounds the dates; where it is None nothing bounds them. `language` (ISO 639 or
    BCP 47; None: the page's `lang`) decides the order of 4/5/2024. `stated` and
    `source` are as for `saaf.cleaning.metadata.candidates.collect`. Never raises on what a page holds.
    """
    claims = collect(tree, stated, source)
    declared = (tree.get("lang") or "").strip()
    # "en-GB" orders days before months, "en" does not.
    if language is None or declared.lower().startswith(language + "-"):
        language = declared or None
    names = [value for field in ("site_name", "publisher") for value, _ in _ranked(claims, field)]
    here = _split(url or "")
    sites = site_name_keys(names, (here.hostname if here else None) or "")
    near = cache(partial(_lines_near, text_lines, claims))  # of most pages nobody asks
    site_name = _first(claims, "site_name", _short)
    chosen: dict[str, Choice] = {
        "title": _title(claims, sites),
        "author": _author(claims, near, sites),
        "published": _published(claims, here, near, language, fetched_at),
        "modified": _machine(claims, "modified", fetched_at),
        "site_name": site_name if site_name[0] else _first(claims, "publisher", _short),
        "section": _first(claims, "section", _short),
        "source": _first(claims, "source", _name),
        "canonical_url": _first(claims, "canonical_url", lambda value: _own_address(value, here)),
        "licence": _first(claims, "licence", lambda value: _licence(value, here)),
    }
    tags, tags_origin = _tags(claims)
    origins = {field: origin for field, (value, origin) in chosen.items() if value}
    if tags:
        origins["tags"] = tags_origin
    values = {field: value for field, (value, _) in chosen.items()}
    return Metadata(
        title=values["title"],
        author=values["author"],
        published=values["published"],
        modified=values["modified"],
        site_name=values["site_name"],
        section=values["section"],
        source=values["source"],
        tags=tags,
        canonical_url=values["canonical_url"],
        licence=values["licence"],
        origins=tuple(sorted(origins.items())),
    )


def _ranked(claims: Candidates, field: str) -> list[tuple[str, str]]:
    """Return the claims of a field, the most trusted origin first, in document order within one."""
    return sorted(claims.get(field, []), key=lambda claim: _TRUST.index(claim[1]))


def _first(claims: Candidates, field: str, accept: Callable[[str], str | None]) -> Choice:
    for value, origin in _ranked(claims, field):
        if accepted := accept(value):
            return accepted, origin
    return None, ""


def _title(claims: Candidates, sites: frozenset[str]) -> Choice:
    """Return the headline: what the page shows where its head agrees, else what the head declares."""
    found = [(title, origin) for value, origin in _ranked(claims, "title") if (title := clean_title(value))]
    shown = [title for title, origin in found if origin == "h1" and title_key(title) not in sites]
    declared = [(title, origin) for title, origin in found if origin != "h1"]
    spelled = [title_key(title) for title, _ in declared]
    for title in shown:
        # A blog's name in its h1 also stands in every title, but makes up little of it.
        if any(
            title_key(title) in other and len(title_key(title)) >= _SHARE_OF_TITLE * len(other) for other in spelled
        ):
            return strip_site_name(title, sites), "h1"
    agreeing = [title for title, origin in declared if origin != "title"] + shown
    sites |= {title_key(title) for title in shown}
    for title, origin in declared:
        short = strip_site_name(title, sites, [other for other in agreeing if other != title])
        if title_key(short) and title_key(short) not in sites:
            return short, origin
    if len(set(map(title_key, shown))) == 1:
        return shown[0], "h1"
    return declared[0] if declared else (None, "")


def _lines_near(lines: Sequence[str], claims: Candidates) -> list[Near]:
    """Return (distance, line) of the visible lines around each place that shows a headline, the nearest first.

    The distance is in lines; empty where the page shows none of the headlines it declares.
    """
    wanted = sorted({title_key(value) for value, _ in claims.get("title", [])} - {""})
    longest = max(map(len, wanted), default=0)
    short = [at for at, line in enumerate(lines) if len(line) <= 2 * longest + 20]
    spelled = title_keys([lines[at] for at in short])
    shown = [at for at, own in zip(short, spelled, strict=True) if _is_headline(own, wanted)]
    distances: dict[int, int] = {}
    for at in shown[:_MOST_HEADLINES]:
        for other in range(max(at - _BEFORE_TITLE, 0), min(at + _AFTER_TITLE + 1, len(lines))):
            distances[other] = min(abs(other - at), distances.get(other, _AFTER_TITLE))
    nearest = sorted((distance, at) for at, distance in distances.items() if distance)
    return [(distance, lines[at]) for distance, at in nearest]


def _is_headline(spelled: str, wanted: Sequence[str]) -> bool:
    """Return whether a line is one of the declared headlines, or one of them less the site's name behind it."""
    if len(spelled) <= _SHORT_KEY:
        return spelled in wanted
    return any(title.startswith(spelled) for title in wanted)


def _machine(claims: Candidates, field: str, fetched_at: datetime | None) -> Choice:
    return _first(claims, field, lambda value: machine_date(value, fetched_at=fetched_at))


def _published(
    claims: Candidates,
    here: SplitResult | None,
    near: Callable[[], list[Near]],
    language: str | None,
    fetched_at: datetime | None,
) -> Choice:
    """Return the day of publication: declared, in the address, shown by the headline, or in the first `time`."""
    declared = _machine(claims, "published", fetched_at)
    if declared[0]:
        return declared
    loose = _first(claims, "published", lambda value: find_date(value, language=language, fetched_at=fetched_at))
    if loose[0]:
        return loose
    canonical = [there for value, _ in _ranked(claims, "canonical_url") if (there := _joined(value, here))]
    for address in ([here] if here else []) + canonical:
        if in_address := _date_of_address(address.path, fetched_at):
            return in_address, "url"
    for _, line in near():
        if shown := date_line(line, language=language, fetched_at=fetched_at):
            return shown, "text"
    for distance, line in near():
        # "By Ann Example | 14 December 2024 | 3 min read": no sentence, and right by the headline.
        beside = distance <= _BESIDE_TITLE and len(line) <= _LONGEST_BYLINE and not line.endswith(_SENTENCE_ENDS)
        if beside and (shown := find_date(line, language=language, fetched_at=fetched_at)):
            return shown, "text"
    return _machine(claims, "time", fetched_at)


def _date_of_address(path: str, fetched_at: datetime | None) -> str | None:
    """Return the date in a URL's path ("/2024/12/14/", "20241214"), the last one where there are several."""
    for match in reversed(list(_URL_DATE.finditer(path))):
        year, _, month, day, packed_month, packed_day = match.groups()
        written = f"{year}-{month or packed_month}-{day or packed_day}"
        if found := machine_date(written, fetched_at=fetched_at):
            return found
    return None


def _author(claims: Candidates, near: Callable[[], list[Near]], sites: frozenset[str]) -> Choice:
    for value, origin in _ranked(claims, "author"):
        names = [name for part in value.split(";") if (name := clean_author(part, sites))]
        if names:
            return "; ".join(dict.fromkeys(names)), origin
    for _, line in near():
        if name := author_of_byline(line, sites):
            return name, "text"
    return None, ""


def _tags(claims: Candidates) -> tuple[tuple[str, ...], str]:
    """Return the tags of the most trusted origin that has any, split at commas, without repeats."""
    ranked = _ranked(claims, "tags")
    for origin in dict.fromkeys(origin for _, origin in ranked):
        parts = [part.strip() for value, where in ranked if where == origin for part in _TAG_SEPARATORS.split(value)]
        tags = tuple(dict.fromkeys(part for part in parts if title_key(part) and len(part) <= _LONGEST_TAG))[
            :_MOST_TAGS
        ]
        if tags:
            return tags, origin
    return (), ""


def _short(value: str) -> str | None:
    text = one_line(value)
    return text if title_key(text) and len(text) <= _LONGEST_TAG else None


def _name(value: str) -> str | None:
    """Return a name, None where it is an address: sources are named in the corpus, not linked."""
    return None if "://" in value else _short(value)


def _split(address: str) -> SplitResult | None:
    """Return the parts of a web address, None where it is none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and parts.hostname else None


def _joined(value: str, here: SplitResult | None) -> SplitResult | None:
    """Return an address made absolute on the page's own, None where it is no web address."""
    try:
        return _split(urljoin(urlunsplit(here) if here else "", one_line(value)))
    except ValueError:
        return None


def _own_address(value: str, here: SplitResult | None) -> str | None:
    """Return the canonical address where it may be believed: on the page's own host, not the front page of it.

    A canonical address on another host is what a syndicated copy, a staging server or a spammer declares: as the
    document's identity it would merge pages of different sites, so it is ignored.
    """
    there = _joined(value, here) if value else None
    if there is None:
        return None
    front_page = there.path in {"", "/"} and not there.query
    if here and (_host(here) != _host(there) or (front_page and here.path not in {"", "/"})):
        return None
    return urlunsplit(there._replace(fragment=""))


def _host(parts: SplitResult) -> str:
    return regex.sub(r"^(?:www\d?|m|mobile|amp)\.", "", parts.hostname or "")


def _licence(value: str, here: SplitResult | None) -> str | None:
    """Return a licence's address, or its short name where the page gives a name."""
    if "/" not in value:
        return _short(value)
    there = _joined(value, here)
    return urlunsplit(there) if there else None
