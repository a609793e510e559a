"""Detection of whole pages: plain text with menus and footers, as opposed to the extracted text of an article."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from saaf.cleaning.phrases.matcher import MatchForm
from saaf.cleaning.phrases.packs import Role

if TYPE_CHECKING:
    from saaf.cleaning.phrases.annotated_text import AnnotatedText
    from saaf.cleaning.text.lines import Line

WHOLE_PAGE: Final = "whole_page"
"""The flag of a document of the text track that is a whole page."""

# The score of a whole page is the sum of its site labels and of the short entries among its first and last lines, each
# over its number below. Of 504 development pages 86 % reach 1, and 2.8 % of their gold texts: tables of contents,
# forums, price lists.
_MIN_LINES: Final = 20
_EDGE_LINES: Final = 12
_SITE_LABELS: Final = 6
_MAX_ENTRY_WIDTH: Final = 30
_MARKED_ROW_OR_ITEM: Final = re.compile(r"\s*(?:[-*+•]\s|\|.*\|\s*$)")


def is_whole_page(text: AnnotatedText) -> bool:
    """Return whether the text has menus or footers around its prose; False where it has no prose."""
    lines = text.lines
    if len(lines) < _MIN_LINES or not text.last:
        return False
    labels = {
        match.line.phrase_key
        for match in text.matches.values()
        if match.form is MatchForm.WHOLE and match.rule.role is not Role.LABEL
    }
    edges = (lines[:_EDGE_LINES], lines[-_EDGE_LINES:])
    return len(labels) / _SITE_LABELS + sum(sum(map(_is_entry, run)) / _EDGE_LINES for run in edges) >= 1


def _is_entry(line: Line) -> bool:
    """Return whether a line is short enough for a menu entry and is no table row or list item. Lines with digits may be
    rows of a table; rows and items that an extractor marked are the article's, since it removes the lists of menus.
    """
    marked = _MARKED_ROW_OR_ITEM.match(line.text) or any(map(str.isdigit, line.text))
    return line.headline and line.width <= _MAX_ENTRY_WIDTH and not marked
