"""Markers inside running text that are no part of it: ruby readings, permalinks of headings, edit links, note numbers.

They are taken out of the tree before segmentation, for all methods that vote on blocks to see the same text.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, cast

import regex
from lxml import etree

from saaf.cleaning.html.page_elements import elements_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lxml.html import HtmlElement

    from saaf.cleaning.html.page_elements import PageElements

    _Query = Callable[[HtmlElement], list[HtmlElement]]

_READINGS: Final = ("rt", "rtc", "rp")
_HAS_BASE: Final = etree.XPath(
    "boolean(.//text()[normalize-space() and not(ancestor::rt or ancestor::rtc or ancestor::rp)])"
)
_EDIT_SECTIONS: Final = cast("_Query", etree.XPath("descendant-or-self::*/@class[contains(., 'editsection')]/.."))
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_TITLES: Final = (*_HEADINGS, "dt", "caption", "figcaption", "summary")
_SELF_OR_EDIT: Final = re.compile("#|[?&](?:ve)?action=edit")
# Signs and arrows, icons of a font, characters without width; in a title any signs at all.
_PERMALINK: Final = regex.compile(r"[¶#§⁋∞↩↑⤴↵⏎^🔗⚓\p{Co}\p{Cf}\p{Mn}\s]+")
_PERMALINK_NAME: Final = re.compile(
    r"(?:^|[\s_-])(?:header-?link|(?:header|heading)-?anchor|anchor(?:js)?-?link|hash-?link|perma-?link)(?:$|[\s_-])",
    re.IGNORECASE,
)
_MAX_LINKS: Final = 10  # in a title that links to itself
_CONTROL_ATTRIBUTES: Final = ("aria-controls", "aria-expanded", "data-target", "data-bs-target", "role")
_LETTER_OR_DIGIT: Final = regex.compile(r"[\p{L}\p{N}]")
_NUMBER: Final = regex.compile(r"\s*\p{N}")
_NOTE_NAME: Final = re.compile(r"reference|footnote|noteref|cite|endnote", re.IGNORECASE)
_NAMED_NOTE: Final = regex.compile(r"[\[(][^\[\]()]{1,30}[\])]|[\p{N}\p{L}\p{M}*†‡]{1,4}")
_LINKED_NOTE: Final = regex.compile(r"[\[(]?(?:\p{Nd}{1,3}(?:\s?[,;–-]\s?\p{Nd}{1,3})*|\p{L}|[*†‡]{1,3})[\])]?")


def remove_markers(root: HtmlElement, elements: PageElements | None = None) -> bool:
    """Remove from the tree of a page what stands inside its running text and is no part of it.

    Readings of ruby text (`rt`, `rp`, `rtc`); links of headings and terms to themselves, whose text is a sign ("¶",
    "#"); edit links of wikis; the numbers of notes ("[1]"), which are superscript and link to a place of the page.
    Headings that link to themselves become headings without a link, and the buttons of headings that open a section
    become text. `elements` are those of the tree, None where they are not known. Return False where the tree is as it
    was.
    """
    # Of what is removed with another element nothing is found later.
    elements = elements or elements_of(root)
    links = elements.iter("a")
    readings = elements.iter(*_READINGS)
    _remove_readings(readings)
    marks = _EDIT_SECTIONS(root) if elements.may_have_class("editsection") else []
    for element in marks:
        _remove(element)
    notes = (*elements.iter("sup"), *[link for link in links if link.get("role") == "doc-noteref"])
    for element in notes:
        if _is_note_number(element):
            marks.append(element)
            _remove(element)
    changed = bool(readings or marks)
    for element in elements.iter("button"):
        if next(element.iterancestors(*_HEADINGS), None) is not None:
            element.tag, changed = "span", True
        elif next(element.iter(*_HEADINGS), None) is not None:
            element.tag, changed = "div", True
    links = [link for link in links if (href := link.get("href")) and _SELF_OR_EDIT.search(href)]
    titles = [next(link.iterancestors(*_TITLES), None) for link in links]
    counts = Counter(titles)
    for element, title in zip(links, titles, strict=True):
        if title is None or counts[title] < _MAX_LINKS:
            changed = _remove_or_unlink(element, title) or changed
    return changed


def _remove_or_unlink(link: HtmlElement, title: HtmlElement | None) -> bool:
    """Remove a link that is a permalink or an edit link, and return whether it was one; `title` is the heading or the
    like around it, None without.
    """
    heading = title is not None and title.tag in _HEADINGS
    href = (link.get("href") or "").strip()
    if ("#" in href and _is_permalink(link, title)) or (heading and "action=edit" in href):
        _remove(link)
        return True
    if heading and len(href) > 1 and href[0] == "#" and not any(name in link.attrib for name in _CONTROL_ATTRIBUTES):
        link.tag = "span"  # a heading that links to itself
        return True
    return False


def _remove(element: HtmlElement) -> None:
    """Empty an element, not the text after it: to take it out of its parent would copy that one's text each time."""
    element.clear(keep_tail=True)
    element.tag = "span"


def _remove_readings(elements: Sequence[HtmlElement]) -> None:
    """Remove the readings of ruby texts that have a base to read.

    Of `<rb>漢<rt>かん<rb>字<rt>じ` the parser nests what browsers take side by side: a base inside moves behind it.
    """
    by_ruby: dict[HtmlElement | None, list[HtmlElement]] = {}
    for element in elements:
        for base in reversed(list(element.iterchildren("rb"))):
            element.addnext(base)
        by_ruby.setdefault(next(element.iterancestors("ruby"), None), []).append(element)
    for ruby, readings in by_ruby.items():
        if ruby is None or bool(_HAS_BASE(ruby)):
            for element in readings:
                _remove(element)


def _is_note_number(element: HtmlElement) -> bool:
    """Return whether an element is the number of a note: a superscript that is a link to a place of the page, or has
    the name of a reference.
    """
    text = _text_of(element)
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    if _NOTE_NAME.search(names) or element.get("role") == "doc-noteref":
        return _NAMED_NOTE.fullmatch(text) is not None
    links = [element.getparent()] if _is_link(element.getparent()) else list(element.iter("a"))
    return (
        bool(links)
        and all((link.get("href") or "").startswith("#") for link in links)
        and _LINKED_NOTE.fullmatch(text) is not None
    )


def _is_link(element: HtmlElement | None) -> bool:
    """Return whether an element is a link with nothing in it but one child."""
    return element is not None and element.tag == "a" and len(element) == 1 and not (element.text or "").strip()


def _is_permalink(link: HtmlElement, title: HtmlElement | None) -> bool:
    """Return whether a link is the sign by which a heading, a term or a note links to itself, or back.

    A sign before a number is text ("§ 5"), and so is all that a heading has.
    """
    text = _text_of(link)
    if _LETTER_OR_DIGIT.search(text):
        named = _PERMALINK_NAME.search(link.get("class") or "") is not None
        return named and title is not None and _text_of(title) != text
    if title is not None and _text_of(title) == text:
        return False
    is_sign = bool(text) and (title is not None or _PERMALINK.fullmatch(text) is not None)
    return is_sign and not (text in "§#" and _NUMBER.match(link.tail or ""))


def _text_of(element: HtmlElement) -> str:
    return " ".join("".join(cast("Any", element.itertext())).split())
