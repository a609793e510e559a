"""What an element of a page is, by its tag, attributes and what it holds: before it is part of any block."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

from lxml import etree

from saaf.cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lxml.html import HtmlElement

# In a loop over elements a look at a member of an enumeration takes as long as all else (Python 3.11: 0.4 µs).
CODE: Final = Kind.CODE
ROW: Final = Kind.TABLE_ROW
_SKIPPED_TAGS = """
    audio canvas datalist embed iframe map noscript object script select style svg template textarea title video
"""
_INLINE_TAGS = """
    a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr q rb rp rt ruby s samp
    small span strike strong sub sup time tt u var wbr
"""
_LAYOUT_TAGS = "article blockquote form h1 h2 h3 h4 h5 h6 ol pre section table ul"
SKIPPED: Final = frozenset(_SKIPPED_TAGS.split())
"""Tags of elements whose text nobody is shown, or only who fills in a form."""
INLINE: Final = frozenset(_INLINE_TAGS.split())
"""Tags of elements that stand in a line and do not end it."""
KINDS: Final = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), Kind.HEADING),
    **dict.fromkeys(("li", "dd", "dt"), Kind.LIST_ITEM),
    **dict.fromkeys(("figcaption", "caption"), Kind.CAPTION),
    **dict.fromkeys(("pre", "listing", "xmp"), Kind.CODE),
    **dict.fromkeys(("button", "legend", "label"), Kind.FORM),
    "blockquote": Kind.QUOTE,
    "tr": Kind.TABLE_ROW,
}
"""The kind of block that an element makes of its text, by its tag; `kind_of` tells where that is not all."""
KEPT: Final = (CODE, ROW)
"""Kinds that all elements inside take over."""
TABLE: Final = ("table", "tr")
"""Tags whose kind depends on what the element holds."""
ONE_LINE: Final = frozenset((Kind.HEADING, Kind.CAPTION, Kind.TABLE_ROW, Kind.FORM))
"""Kinds in which a line break is a blank."""
_LAYOUT_IN_ROW = frozenset(_LAYOUT_TAGS.split())
_PARAGRAPH_IN_ROW = frozenset(("p", "div", "br"))
_MAY_HIDE: Callable[[HtmlElement], list[HtmlElement]] = cast(
    "Any", etree.XPath("|".join(f"descendant-or-self::*/@{name}/.." for name in ("hidden", "style", "aria-hidden")))
)
_MOST_TEXTS = 5_000  # the difference of two sets takes the product of their sizes: 0.1 s here
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def kind_of(element: HtmlElement, tag: str, inherited: Kind) -> Kind:
    """Return the kind of block that an element makes of its text; `inherited` is that of the element around it."""
    if inherited is CODE or (inherited is ROW and tag not in ("button", "legend")):
        return inherited
    if tag == "table" or (tag == "tr" and not _is_data_row(element)):
        return Kind.PARAGRAPH
    return KINDS.get(tag, inherited)


def _is_data_row(row: HtmlElement) -> bool:
    """Tell a row of data from a row that lays out a page: no structure in its cells, at most one paragraph in each."""
    cells = paragraphs = 0
    for element in row.iterdescendants():
        if element.tag in _LAYOUT_IN_ROW:
            return False
        cells += element.tag in ("td", "th")
        paragraphs += element.tag in _PARAGRAPH_IN_ROW
        if paragraphs > 2 * max(cells, 1) + 2:
            return False
    return cells > 1 or paragraphs < 2


def hidden_elements(root: HtmlElement) -> set[HtmlElement]:
    """Return the elements that the page hides by their attributes; what is in them is hidden too."""
    return {element for element in _MAY_HIDE(root) if _is_hidden(element.attrib)}


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    style = attributes.get("style")
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or (style is not None and _HIDDEN_STYLE.search(style) is not None)
    )


def visible_texts(element: HtmlElement) -> list[str]:
    """Return the texts in an element, blanks and all, in their order, but those in elements that are `SKIPPED`; none
    where there are too many to tell the ones from the others.
    """
    tags = tuple(sorted({str(one.tag) for one in element.iter(*SKIPPED)}))
    if tags and len(_texts_without(())(element)) > _MOST_TEXTS:
        return []
    return _texts_without(tags)(element)


@lru_cache(maxsize=256)
def _texts_without(tags: tuple[str, ...]) -> Callable[[HtmlElement], list[str]]:
    # Nothing else in XPath leaves out what stands in some elements in less than the time of a walk in Python.
    texts = "descendant::text()"
    if tags:
        texts = f"set:difference({texts}, {'|'.join(f'descendant::{tag}//text()' for tag in tags)})"
    sets = {"set": "http://exslt.org/sets"}
    return cast("Callable[[HtmlElement], list[str]]", etree.XPath(texts, namespaces=sets, smart_strings=False))


_WORD = re.compile(r"[^\s/.#\[\]]{1,60}")


def path_step(element: HtmlElement | None, tag: str) -> str:
    """Return an element's part of the path: its tag, id, classes, role and itemprop."""
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
