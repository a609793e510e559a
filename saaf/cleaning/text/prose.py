"""Tests for prose: full sentences and long paragraphs, told from labels by width and closing punctuation."""

from __future__ import annotations

from typing import Final

from saaf.cleaning.text.lines import LONG_WIDTH, PROSE_WIDTH, display_width
from saaf.cleaning.text.sentences import SENTENCE_END

_SEEN: Final = 1000  # characters of a block that its width is told by

_MOSTLY: Final = 210  # that mostly do


def is_prose(text: str) -> bool:
    """Tell a full sentence from a label."""
    if not _is_wider(text, PROSE_WIDTH - 1):
        return False
    return SENTENCE_END.search(text.rstrip()) is not None or is_long(text)


def is_long(text: str) -> bool:
    """Tell a paragraph that only a running text has."""
    return _is_wider(text, LONG_WIDTH)


def _is_wider(text: str, width: int) -> bool:
    return display_width(text[:_MOSTLY]) > width or (len(text) > _MOSTLY and display_width(text[:_SEEN]) > width)
