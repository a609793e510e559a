"""Markers inside running text that are no part of it: ruby readings, permalinks of headings, edit links, note numbers.

They are taken out of the tree before segmentation, for all methods that vote on blocks to see the same text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast

import regex
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.html import HtmlElement

    _Query = Callable[[HtmlElement], list[HtmlElement]]

_HINT: Final = re.compile(
    rb"<(?:rt|rtc|sup|button)\b|href\s*=\s*[\"']?[^\"'\s>]*#|noteref|editsection|action=edit", re.IGNORECASE
)
_READINGS: Final = cast("_Query", etree.XPath("//rt | //rtc | //rp"))
_HAS_BASE: Final = etree.XPath(
    "boolean(.//text()[normalize-space() and not(ancestor::rt or ancestor::rtc or ancestor::rp)])"
)
_NOTES: Final = cast("_Query", etree.XPath("//sup | //a[@role='doc-noteref']"))
_ANCHORS: Final = cast("_Query", etree.XPath("//a[contains(@href, '#')]"))
_EDIT_LINKS: Final = cast(
    "_Query",
    etree.XPath(
        "//*[contains(@class, 'editsection')]"
        "| //*[self::h1 or self::h2 or self::h3 or self::h4 or self::h5 or self::h6]//a[contains(@href, 'action=edit')]"
    ),
)
_TITLE_BUTTONS: Final = cast(
    "_Query",
    etree.XPath(
        "//button[ancestor::h1 or ancestor::h2 or ancestor::h3 or ancestor::h4 or ancestor::h5 or ancestor::h6"
        " or .//h1 or .//h2 or .//h3 or .//h4 or .//h5 or .//h6]"
    ),
)
_TITLES: Final = ("h1", "h2", "h3", "h4", "h5", "h6", "dt", "caption", "figcaption", "summary")
# Signs and arrows, icons of a font, characters without width; in a title any signs at all.
_PERMALINK: Final = regex.compile(r"[¶#§⁋∞↩↑⤴↵⏎^🔗⚓\p{Co}\p{Cf}\p{Mn}\s]+")
_PERMALINK_NAME: Final = re.compile(
    r"(?:^|[\s_-])(?:header-?link|(?:header|heading)-?anchor|anchor(?:js)?-?link|hash-?link|perma-?link)(?:$|[\s_-])",
    re.IGNORECASE,
)
_CONTROL_ATTRIBUTES: Final = ("aria-controls", "aria-expanded", "data-target", "data-bs-target", "role")
_LETTER_OR_DIGIT: Final = regex.compile(r"[\p{L}\p{N}]")
_NUMBER: Final = regex.compile(r"\s*\p{N}")
_NOTE_NAME: Final = re.compile(r"reference|footnote|noteref|cite|endnote", re.IGNORECASE)
_NAMED_NOTE: Final = regex.compile(r"[\[(][^\[\]()]{1,30}[\])]|[\p{N}\p{L}\p{M}*†‡]{1,4}")
_LINKED_NOTE: Final = regex.compile(r"[\[(]?(?:\p{Nd}{1,3}(?:\s?[,;–-]\s?\p{Nd}{1,3})*|\p{L}|[*†‡]{1,3})[\])]?")


def remove_markers(root: HtmlElement, source: bytes | None = None) -> None:
    """Remove from the tree of a page what stands inside its running text and is no part of it.

    Readings of ruby text (`rt`, `rp`, `rtc`); links of headings and terms to themselves, whose text is a sign ("¶",
    "#"); edit links of wikis; the numbers of notes ("[1]"), which are superscript and link to a place of the page.
    Headings that link to themselves become headings without a link, and the buttons of headings that open a section
    become text.
    `source` is the page's source in UTF-8, None where it is not known: where it holds no marker, nothing is looked for.
    """
    if source is not None and not _HINT.search(source):
        return
    for element in _READINGS(root):
        _remove_reading(element)
    for element in _EDIT_LINKS(root):
        _remove(element)
    for element in _NOTES(root):
        if _is_note_number(element):
            _remove(element)
    for element in _TITLE_BUTTONS(root):
        element.tag = "span" if next(element.iterancestors(*_TITLES[:6]), None) is not None else "div"
    for element in _ANCHORS(root):
        if _is_permalink(element):
            _remove(element)
        elif _is_heading_of_itself(element):
            element.drop_tag()


def _remove(element: HtmlElement) -> None:
    """Remove an element, not the text after it; nothing where it went with another one."""
    if element.getparent() is not None:
        element.drop_tree()


def _remove_reading(element: HtmlElement) -> None:
    """Remove the reading of a ruby text where it has a base to read.

    Of `<rb>漢<rt>かん<rb>字<rt>じ` the parser nests what browsers take side by side: a base inside moves behind it.
    """
    for base in reversed(list(element.iterchildren("rb"))):
        element.addnext(base)
    ruby = next(element.iterancestors("ruby"), None)
    if ruby is None or bool(_HAS_BASE(ruby)):
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


def _is_permalink(link: HtmlElement) -> bool:
    """Return whether a link is the sign by which a heading, a term or a note links to itself, or back.

    A sign before a number is text ("§ 5"), and so is all that a heading has.
    """
    text = _text_of(link)
    title = next(link.iterancestors(*_TITLES), None)
    if _LETTER_OR_DIGIT.search(text):
        named = _PERMALINK_NAME.search(link.get("class") or "") is not None
        return named and title is not None and _text_of(title) != text
    if title is not None and _text_of(title) == text:
        return False
    is_sign = bool(text) and (title is not None or _PERMALINK.fullmatch(text) is not None)
    return is_sign and not (text in "§#" and _NUMBER.match(link.tail or ""))


def _is_heading_of_itself(link: HtmlElement) -> bool:
    """Return whether a link to a place of the page is the text of a heading: no link to another article."""
    heading = next(link.iterancestors(*_TITLES[:6]), None)
    is_place = (link.get("href") or "").strip()[:1] == "#" and len((link.get("href") or "").strip()) > 1
    return heading is not None and is_place and not any(name in link.attrib for name in _CONTROL_ATTRIBUTES)


def _text_of(element: HtmlElement) -> str:
    return " ".join("".join(cast("Any", element.itertext())).split())
