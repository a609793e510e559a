"""The authors of a page: what its markup declares, else a visible byline, else elements that are marked as an author's.

A declared author counts before a visible one. Several are joined by "; ".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING, Final, cast

import regex
from lxml.etree import XPath
from lxml.html import HtmlElement

from saaf.cleaning.dates.parser import find_date
from saaf.cleaning.metadata.bylines import (
    authors_of_byline,
    cut_behind_name,
    is_byline_label,
    is_name,
    names_below_label,
    split_authors,
)
from saaf.cleaning.metadata.microformats import class_and_id, text_of
from saaf.cleaning.metadata.names import clean_author
from saaf.cleaning.text.folding import title_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.cleaning.html.page_elements import PageElements
    from saaf.cleaning.metadata.headline import NearbyLine
    from saaf.cleaning.metadata.ranking import SourcedValue

_MAX_BYLINE_DISTANCE: Final = 5  # in lines, from the headline to a name without a label
_MAX_MARKED: Final = 60  # elements
_MAX_MARKED_CHARACTERS: Final = 120
_ElementQuery = Callable[[HtmlElement], list[HtmlElement]]
# What the page's source contains where an element is marked as an author's, and the query for such elements.
_MARKED: Final = (
    (
        re.compile(rb"class\s*=\s*[\"']?[^\"'>]*?(?:author|byline)"),
        cast(
            "_ElementQuery",
            XPath("descendant::*/@class[contains(., 'uthor') or contains(., 'yline') or contains(., 'BYLINE')]/.."),
        ),
    ),
    (
        re.compile(rb"/(?:aut(?:h?or|eur)|contributor|profile/|people/|staff/|redakt)"),
        cast(
            "_ElementQuery",
            XPath(
                "descendant::a/@href[contains(., '/aut') or contains(., '/contributor') or contains(., '/profile/')"
                " or contains(., '/people/') or contains(., '/staff/') or contains(., '/redakt')]/.."
            ),
        ),
    ),
)
_NOT_OF_ARTICLE: Final = regex.compile(
    r"comment|respond|reply|related|sidebar|recommend|popular|trending|widget|footer|promo|teaser|card-list",
    regex.IGNORECASE,
)
_PARTS_OF_LINE: Final = regex.compile(r"\s*[|•·⋅∣❘‖]\s*|\s+[-–—]+\s+|\s*//\s*")
_ON_DATE: Final = regex.compile(r"\s*,?\s+(?:on|am|le|el|il|em|op|den)\s+(?=[\p{Lu}\p{Nd}])")


def find_authors(
    declared: Sequence[tuple[str, str]],
    nearby_lines: Callable[[], list[NearbyLine]],
    tree: HtmlElement,
    site_keys: frozenset[str],
    source: bytes | None = None,
    elements: PageElements | None = None,
) -> SourcedValue:
    """Return the authors of a page, joined by "; ", and their origin.

    `declared` are the candidates of the markup, the most trusted first; `nearby_lines` the visible lines around the
    headline; `source` is what the tree was parsed from, in lower case, `elements` are those of the tree;
    None where they are not known.
    """
    for value, origin in declared:
        parts = [part for part in value.split(";") if origin not in {"rel", "microformats"} or _may_be_linked(part)]
        names = [name for part in parts for name in _declared_names(part, origin, site_keys)]
        if names:
            return "; ".join(dict.fromkeys(names)), origin
    lines = nearby_lines()
    names = _labelled(lines, site_keys) or _beside_date(lines, site_keys)
    names = names or _names_in(_marked(tree, source, elements), lines, site_keys)
    return ("; ".join(names), "text") if names else (None, "")


def _declared_names(value: str, origin: str, site_keys: frozenset[str]) -> list[str]:
    # A visible element may hold more than the name; a field for machines is the name, or a list of names.
    if origin in {"rel", "microformats"}:
        return split_authors(cut_behind_name(value), site_keys)
    return split_authors(value, site_keys, is_list=True)


def _may_be_linked(text: str) -> bool:
    """Return whether the text of a link to an author is a name, not "About" or "More stories by Ann Example"."""
    name = cut_behind_name(text)
    return is_name(name) or (" " not in name and is_name(name.title()))


def _labelled(lines: Sequence[NearbyLine], site_keys: frozenset[str]) -> list[str]:
    """Return the authors of the byline nearest to the headline, below it before above it."""
    ordered = sorted(lines, key=lambda line: (line[0] < 0, abs(line[0])))
    by_distance = dict(lines)
    for distance, line in ordered:
        if names := authors_of_byline(line, site_keys):
            return names
        if is_byline_label(line) and (names := names_below_label(by_distance.get(distance + 1, ""), site_keys)):
            return names
    return []


def _beside_date(lines: Sequence[NearbyLine], site_keys: frozenset[str]) -> list[str]:
    """Return the author beside a date: "14 December 2024 • Ann Example", "Ann Example on 14 December 2024"."""
    for distance, line in lines:
        if not 0 < distance <= _MAX_BYLINE_DISTANCE or len(line) > _MAX_MARKED_CHARACTERS:
            continue
        if find_date(line, language=None, fetched_at=None) is None:
            continue
        parts = _PARTS_OF_LINE.split(line)
        if len(parts) == 1:
            parts = _ON_DATE.split(line)[:2]
        others = [part for part in parts if not any(map(str.isdigit, part))]
        if len(parts) > 1 and others and _is_person(others[0]):
            return split_authors(others[0], site_keys)
    return []


def _is_person(text: str) -> bool:
    """Return whether a text is a name of two to four words, the shape that persons' names have."""
    return is_name(text) and 2 <= len(text.split()) <= 4


def _marked(tree: HtmlElement, source: bytes | None, elements: PageElements | None) -> list[HtmlElement]:
    """Return the elements whose class or link is an author's."""
    marked = list(_MARKED)
    if elements and not elements.may_have_class("uthor", "yline", "BYLINE"):
        marked = marked[1:]
    found = [query(tree)[:_MAX_MARKED] for hint, query in marked if source is None or hint.search(source)]
    return list(dict.fromkeys(chain.from_iterable(found)))


def _names_in(marked: Sequence[HtmlElement], lines: Sequence[NearbyLine], site_keys: frozenset[str]) -> list[str]:
    """Return the names in the `marked` elements: those in lines near the headline, else the only one of the page."""
    shown = [title_key(line) for _, line in lines]
    near: list[str] = []
    anywhere: list[str] = []
    for element in marked:
        text = text_of(element)
        if not text or len(text) > _MAX_MARKED_CHARACTERS or _is_elsewhere(element):
            continue
        names = authors_of_byline(text, site_keys) or _bare_names(text, site_keys)
        anywhere += names
        near += [name for name in names if any(title_key(name) in line for line in shown)]
    found = list(dict.fromkeys(near))
    if found:
        return found[:3]
    return anywhere[:1] if len(set(map(title_key, anywhere))) == 1 else []


def _bare_names(text: str, site_keys: frozenset[str]) -> list[str]:
    cut = cut_behind_name(text)
    return split_authors(cut, site_keys) if _is_person(cut) and clean_author(cut, site_keys) else []


def _is_elsewhere(element: HtmlElement) -> bool:
    """Return whether an element is in the comments, a sidebar or a list of other articles."""
    around = (element, *element.iterancestors())
    return any(
        each.tag in {"aside", "footer", "nav"} or (each.tag != "body" and _NOT_OF_ARTICLE.search(class_and_id(each)))
        for each in around
    )
