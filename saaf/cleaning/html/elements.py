"""Elements of a page: the kind of block they make, whether they are hidden, their step in a path."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

from lxml import etree

from saaf.cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.html import HtmlElement

# In a loop over elements the look-up of an enumeration's member takes as long as all else (Python 3.11: 0.4 µs).
CODE: Final = Kind.CODE
ROW: Final = Kind.TABLE_ROW
_NOT_TEXT = """
    audio canvas datalist embed iframe map noscript object script select style svg template textarea title video
"""
_PHRASING = """
    a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr q rb rp rt ruby s samp
    small span strike strong sub sup time tt u var wbr
"""
_STRUCTURE = "article blockquote form h1 h2 h3 h4 h5 h6 ol pre section table ul"
SKIPPED_TAGS: Final = frozenset(_NOT_TEXT.split())
"""Tags of elements that are skipped with all they hold: scripts, media, the choices of a form."""
INLINE_TAGS: Final = frozenset(_PHRASING.split())
"""Tags of inline elements, which do not end a block."""
KIND_OF_TAG: Final = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), Kind.HEADING),
    **dict.fromkeys(("li", "dd", "dt"), Kind.LIST_ITEM),
    **dict.fromkeys(("figcaption", "caption"), Kind.CAPTION),
    **dict.fromkeys(("pre", "listing", "xmp"), Kind.CODE),
    **dict.fromkeys(("button", "legend", "label"), Kind.FORM),
    "blockquote": Kind.QUOTE,
    "tr": Kind.TABLE_ROW,
}
"""The kind of block that an element makes of its text, by its tag; `kind_of` has the exceptions."""
INHERITED_KINDS: Final = (CODE, ROW)
"""Kinds that descendants inherit, whatever their tags."""
TABLE_TAGS: Final = ("table", "tr")
"""Tags whose kind depends on the element's content: data or layout."""
ONE_LINE_KINDS: Final = frozenset((Kind.HEADING, Kind.CAPTION, Kind.TABLE_ROW, Kind.FORM))
"""Kinds of blocks in which `br` is a space and does not end the block."""
_STRUCTURE_TAGS = frozenset(_STRUCTURE.split())
_PARAGRAPH_TAGS = frozenset(("p", "div", "br"))
_MAYBE_HIDDEN: Callable[[HtmlElement], list[HtmlElement]] = cast(
    "Any", etree.XPath("|".join(f"descendant-or-self::*/@{name}/.." for name in ("hidden", "style", "aria-hidden")))
)
_MAX_TEXTS = 5_000  # XPath's difference of two sets takes the product of their sizes: 0.1 s here
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def kind_of(element: HtmlElement, tag: str, inherited: Kind) -> Kind:
    """Return the kind of block that an element makes of its text; `inherited` is the kind of its parent."""
    if inherited is CODE or (inherited is ROW and tag not in ("button", "legend")):
        return inherited
    if tag == "table" or (tag == "tr" and not _is_data_row(element)):
        return Kind.PARAGRAPH
    return KIND_OF_TAG.get(tag, inherited)


def _is_data_row(row: HtmlElement) -> bool:
    """Return whether a row holds data rather than lays out a page.

    A row of data has no headings, lists, forms or tables in its cells, and about one paragraph in each.
    """
    cells = paragraphs = 0
    for element in row.iterdescendants():
        if element.tag in _STRUCTURE_TAGS:
            return False
        cells += element.tag in ("td", "th")
        paragraphs += element.tag in _PARAGRAPH_TAGS
        if paragraphs > 2 * max(cells, 1) + 2:
            return False
    return cells > 1 or paragraphs < 2


def hidden_elements(root: HtmlElement) -> set[HtmlElement]:
    """Return the elements that `hidden`, `aria-hidden` or an inline style hides; their descendants are hidden too."""
    return {element for element in _MAYBE_HIDDEN(root) if _is_hidden(element)}


def _is_hidden(element: HtmlElement) -> bool:
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    style = element.get("style") or ""
    lowered = style.lower()  # to search for the pattern takes ten times as long, and few styles hide
    return ("none" in lowered or "dden" in lowered) and _HIDDEN_STYLE.search(style) is not None


def visible_texts(element: HtmlElement) -> list[str]:
    """Return the text nodes in an element in document order, white space too, without those in `SKIPPED_TAGS`.

    Empty where the element has skipped ones among more than 5,000 text nodes.
    """
    tags = tuple(sorted({str(one.tag) for one in element.iter(*SKIPPED_TAGS)}))
    if tags and len(_texts_without(())(element)) > _MAX_TEXTS:
        return []
    return _texts_without(tags)(element)


@lru_cache(maxsize=256)
def _texts_without(tags: tuple[str, ...]) -> Callable[[HtmlElement], list[str]]:
    # No other expression of XPath leaves out the text of some elements in less than the time of a walk in Python.
    texts = "descendant::text()"
    if tags:
        texts = f"set:difference({texts}, {'|'.join(f'descendant::{tag}//text()' for tag in tags)})"
    sets = {"set": "http://exslt.org/sets"}
    return cast("Callable[[HtmlElement], list[str]]", etree.XPath(texts, namespaces=sets, smart_strings=False))


_WORD = re.compile(r"[^\s/.#\[\]]{1,60}")


def path_step(element: HtmlElement | None, tag: str) -> str:
    """Return the step of an element in a path: tag, id, classes, role, itemprop ("div#main.post[role=main]")."""
    name = classes = role = itemprop = ""
    for attribute, value in () if element is None else element.items():
        if attribute == "class":
            classes = value[:200]
        elif attribute == "id":
            name = value.strip()[:60]
        elif attribute == "role":
            role = value[:60]
        elif attribute == "itemprop":
            itemprop = value[:60]
    return _step_of(tag, name, classes, role, itemprop) if name or classes or role or itemprop else tag


@lru_cache(maxsize=8192)
def _step_of(tag: str, name: str, classes: str, role: str, itemprop: str) -> str:
    word = _WORD.match(name) if name else None
    step = f"{tag}#{word[0]}" if word else tag
    if classes:
        step = ".".join([step, *_WORD.findall(classes)])
    if role or itemprop:
        step += "".join([f"[role={word}]" for word in _WORD.findall(role)])
        step += "".join([f"[itemprop={word}]" for word in _WORD.findall(itemprop)])
    return step
