"""Microformats: author and date of a page's entry in the class names of hAtom and h-entry.

hAtom (http://microformats.org/wiki/hatom) is what Blogger and older themes of WordPress write, h-entry its successor.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from lxml.etree import XPath

from saaf.cleaning.metadata.names import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lxml.html import HtmlElement

    from saaf.cleaning.html.page_elements import PageElements

_SIGNS: Final = (b"vcard", b"h-card", b"p-author")
_PUBLISHED: Final = re.compile(rb"published(?!\w)")
_INSIDE_NAME: Final = re.compile(rb"[:\w]")  # before "published": "article:published_time" is on nearly every page
_ELEMENTS: Final = cast(
    "Callable[[HtmlElement], list[HtmlElement]]",
    XPath(
        # From the attributes, which takes half as long as a test of each element.
        "descendant-or-self::*/@class[contains(., 'fn') or contains(., 'p-author') or contains(., 'p-name')"
        " or contains(., 'published')]/.."
    ),
)
_ENTRY_CLASSES: Final = frozenset(("hentry", "h-entry"))
_CARD_CLASSES: Final = frozenset(("vcard", "h-card", "p-author"))
_AUTHOR_NAME: Final = re.compile(r"author|byline", re.IGNORECASE)
_COMMENT_NAME: Final = re.compile(r"comment|respond|reply", re.IGNORECASE)
_MAX_ELEMENTS: Final = 2_000
_MAX_TEXT_CHARACTERS: Final = 500  # of an element's text that can be a headline or a name


def find_microformats(
    tree: HtmlElement, source: bytes | None, elements: PageElements | None = None
) -> list[HtmlElement]:
    """Return the elements of a tree that may be the author or the date of an entry.

    `source` is the page's source in UTF-8, None where it is not known: where it holds no sign of them, none are looked
    for. `elements` are those of the tree, None where they are not known.
    """
    if elements and not elements.may_have_class("fn", "p-author", "p-name", "published"):
        return []
    return _ELEMENTS(tree) if source is None or _may_hold_microformats(source) else []


def _may_hold_microformats(source: bytes) -> bool:
    """Return False where the source of a page holds no name of a microformat."""
    if any(sign in source for sign in _SIGNS):
        return True
    # A pattern that begins with a look behind, instead of with letters, takes 2 ms for a page.
    found = (match.start() for match in _PUBLISHED.finditer(source))
    return any(not _INSIDE_NAME.match(source, at - 1) for at in found if at)


def microformats_candidates(elements: Sequence[HtmlElement]) -> Iterator[tuple[str, str]]:
    """Yield (field, value) of the author and the date of the page's entry; nothing where it holds several entries."""
    entries: dict[HtmlElement, None] = {}
    found: list[tuple[str, str]] = []
    for element in elements[:_MAX_ELEMENTS]:
        field = _microformats_field(element)
        around = list(element.iterancestors())
        if field is None or any(_COMMENT_NAME.search(class_and_id(each)) for each in (element, *around)):
            continue
        entries.update((each, None) for each in around if _ENTRY_CLASSES & _classes(each))
        value = element.get("title") or element.get("datetime") if field == "published" else None
        found.append((field, (value or text_of(element)).strip()))
    if len(entries) <= 1:
        yield from found


def _microformats_field(element: HtmlElement) -> str | None:
    """Return "author" for the name on an author's card, "published" for a date, None for any other element."""
    classes = _classes(element)
    if classes & {"published", "dt-published"}:
        return "published"
    if "p-author" in classes:
        names = (each for each in element.iterdescendants() if _classes(each) & {"fn", "p-name"})
        return "author" if next(names, None) is None else None
    if classes & {"fn", "p-name"}:
        cards = [each for each in element.iterancestors() if _CARD_CLASSES & _classes(each)]
        is_author = any(_AUTHOR_NAME.search(class_and_id(each)) for each in (element, *cards))
        return "author" if cards and is_author else None
    return None


def _classes(element: HtmlElement) -> frozenset[str]:
    return frozenset((element.get("class") or "").split())


def class_and_id(element: HtmlElement) -> str:
    """Return the classes and the id of an element, in one string."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def text_of(element: HtmlElement) -> str:
    """Return the element's text on one line, "" where it is too long to be a headline or a name."""
    parts: list[str] = []
    length = 0
    for part in element.itertext():
        parts.append(part)
        length += len(part)
        if length > 4 * _MAX_TEXT_CHARACTERS:
            return ""
    # Ruby text has a word in pieces, each beside its reading.
    text = one_line(("" if next(element.iter("ruby"), None) is not None else " ").join(parts))
    return text if len(text) <= _MAX_TEXT_CHARACTERS else ""
