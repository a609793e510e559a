"""Comparison keys: text folded to what a purpose compares, one function for each purpose."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


_NOT_A_LETTER = re.compile(r"[\W_]+")

_LETTERS_AND_BREAKS = re.compile(r"[\w\n]+")


def alignment_key(text: str) -> str:
    """Return the letters and digits of `text` and nothing else: what two renderings of one text have in common.

    Combining marks fall away too: for comparing with the same function's output only.
    """
    return _NOT_A_LETTER.sub("", unicodedata.normalize("NFC", text))


def alignment_keys(lines: Sequence[str]) -> list[str]:
    """Return the `alignment_key` of each line; none may hold a line break. At once they take a quarter of the time."""
    text = unicodedata.normalize("NFC", "\n".join(lines)).replace("_", "")
    return "".join(_LETTERS_AND_BREAKS.findall(text)).split("\n") if lines else []
