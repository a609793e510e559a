"""Where tokens stand in a text: folding moves code points, so that a place is found by counting tokens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_CHUNK = re.compile(r"\S+")
_PROBES = 32  # parts of a chunk that are counted in one call: a word takes one call, a paragraph of Chinese two
_LONG = 1 << 12  # code points from which a chunk is halved, not divided by `_PROBES`, so that memory stays at twice it


def token_span(text: str, first: int, stop: int, *, folded: bool = True) -> tuple[int, int]:
    """Return where the tokens `first` to `stop`, half-open, stand in a text: (start, end) in code points, half-open.

    0 <= first < stop <= the number of tokens of the text. Separators around the tokens are not in the span. Tokens are
    those of `saaf.dedupe.tokens` with the same `folded`.
    """
    chunks = [match.span() for match in _CHUNK.finditer(text)]
    total = int(_counts([text], folded)[0])
    counts = _counts([text[start:end] for start, end in chunks], folded)
    if counts.sum() != total:  # a word divided at a line end is one token of two chunks
        chunks, counts = [(0, len(text))], np.array([total])
    ends = np.cumsum(counts)
    opening, closing = (int(np.searchsorted(ends, token, "right")) for token in (first, stop - 1))
    before = first - int(ends[opening] - counts[opening])
    after = int(ends[closing]) - stop
    start, end = chunks[opening]
    beginning = start + _shortest_part(text[start:end], before + 1, from_end=False, folded=folded) - 1
    start, end = chunks[closing]
    return beginning, end - _shortest_part(text[start:end], after + 1, from_end=True, folded=folded) + 1


def _shortest_part(chunk: str, tokens: int, *, from_end: bool, folded: bool) -> int:
    """Return the length of the shortest prefix of a chunk, or suffix, that has so many tokens."""
    low, high = 0, len(chunk)  # the part of length `low` has fewer, that of `high` has enough
    while high - low > 1:
        lengths = _probes(low, high)
        parts = [chunk[len(chunk) - length :] if from_end else chunk[:length] for length in lengths]
        enough = _counts(parts, folded) >= tokens
        position = int(np.argmax(enough)) if enough.any() else len(lengths)
        low, high = [low, *lengths][position], [*lengths, high][position]
    return high


def _probes(low: int, high: int) -> list[int]:
    """Return lengths between `low` and `high`, both excluded, that divide what lies between them evenly."""
    parts = min(high - low, _PROBES if high <= _LONG else 2)
    return [low + (high - low) * part // parts for part in range(1, parts)]


def _counts(texts: Sequence[str], folded: bool) -> NDArray[np.int64]:
    """Return the number of tokens of each text, int64[n]."""
    return np.diff(token_hashes(texts, folded=folded).offsets)
