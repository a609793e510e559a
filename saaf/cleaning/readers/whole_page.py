"""Detection of plain texts that are whole pages, with menus and footers, and not extracted articles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from saaf.cleaning.phrases.matcher import MatchForm
from saaf.cleaning.phrases.packs import Role

if TYPE_CHECKING:
    from saaf.cleaning.phrases.annotated_text import AnnotatedText
    from saaf.cleaning.text.lines import Line

WHOLE_PAGE: Final = "whole_page"
"""The flag of a document of the text track that is one."""

# Labels that sites print, and short entries among the first and last lines, tell a whole page. Of 504 development pages
# 86 % reach 1, and 2.8 % of their gold texts: tables of contents, forums, price lists.
_MIN_LINES: Final = 20
_END_LINES: Final = 12
_LABELS: Final = 6
_ENTRY_WIDTH: Final = 30
_MARKED: Final = re.compile(r"\s*(?:[-*+•]\s|\|.*\|\s*$)")


def is_whole_page(text: AnnotatedText) -> bool:
    """Return whether the text has menus or footers around its prose; False where it has no prose."""
    lines = text.lines
    if len(lines) < _MIN_LINES or not text.last:
        return False
    labels = {
        mark.line.phrase_key
        for mark in text.matches.values()
        if mark.form is MatchForm.WHOLE and mark.rule.role is not Role.LABEL
    }
    ends = (lines[:_END_LINES], lines[-_END_LINES:])
    return len(labels) / _LABELS + sum(sum(map(_is_entry, run)) / _END_LINES for run in ends) >= 1


def _is_entry(line: Line) -> bool:
    """Return whether a line is short enough for a menu entry. Lines with figures may be a table; where an extractor
    marked rows and items, they are the article's: of the page's own menus it kept no list.
    """
    marked = _MARKED.match(line.text) or any(map(str.isdigit, line.text))
    return line.headline and line.width <= _ENTRY_WIDTH and not marked
