"""Tests for prose: full sentences and long paragraphs as against labels, by width and final punctuation."""

from __future__ import annotations

from typing import Final

from saaf.cleaning.text.lines import LONG_WIDTH, PROSE_WIDTH, display_width
from saaf.cleaning.text.sentences import SENTENCE_END

_MAX_MEASURED: Final = 1000  # characters of a block of which the width is measured
_FIRST_MEASURED: Final = 210  # characters that decide for most blocks


def is_prose(text: str) -> bool:
    """Return whether `text` is a full sentence rather than a label: wide, and with a sentence end unless it is long."""
    if not _is_wider(text, PROSE_WIDTH - 1):
        return False
    return SENTENCE_END.search(text.rstrip()) is not None or is_long(text)


def is_long(text: str) -> bool:
    """Return whether `text` is wider than any headline: a paragraph, as only running text has."""
    return _is_wider(text, LONG_WIDTH)


def _is_wider(text: str, width: int) -> bool:
    if display_width(text[:_FIRST_MEASURED]) > width:
        return True
    return len(text) > _FIRST_MEASURED and display_width(text[:_MAX_MEASURED]) > width
