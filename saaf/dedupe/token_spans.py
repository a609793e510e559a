"""Where tokens stand in a text: folding moves code points, so that a place is found by counting tokens."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Sequence

_CHUNK = re.compile(r"(?s).{1,128}[^\s\u3400-\u9fff]*")  # cut where a token cannot go on: at a space or an ideograph
_PROBES = 12  # parts of a chunk that are counted at a time: two rounds for 128 characters
_LONG = 1 << 12  # code points from which a chunk is halved, not divided by `_PROBES`, so that a round stays small


def token_spans(requests: Sequence[tuple[str, int, int]], *, folded: bool = True) -> list[tuple[int, int]]:
    """Return where tokens stand in texts: (start, end) in code points, half-open, for each (text, first, stop).

    The tokens are `first` to `stop`, half-open, 0 <= first < stop <= their number, of `saaf.dedupe.tokens` with the
    same `folded`. Separators around them are not in the span. Of a character that is several tokens, such as a
    fraction, the whole is.
    """
    searches: list[_Search] = []
    chunks = [[match.group() for match in _CHUNK.finditer(text)] for text, _, _ in requests]
    counts = iter(
        _counts([part for (text, _, _), cut in zip(requests, chunks, strict=True) for part in (text, *cut)], folded)
    )
    for (text, first, stop), cut in zip(requests, chunks, strict=True):
        total, of_chunks = next(counts), list(itertools.islice(counts, len(cut)))
        if sum(of_chunks) != total:  # a word divided at a line end is one token of two chunks
            cut, of_chunks = [text], [total]  # noqa: PLW2901
        ends = np.cumsum(of_chunks)
        borders = np.cumsum([0, *map(len, cut)]).tolist()
        opening, closing = np.searchsorted(ends, [first, stop - 1], "right").tolist()
        tokens = first - int(ends[opening]) + of_chunks[opening] + 1
        searches.append(_Search(chunk=cut[opening], origin=borders[opening], tokens=tokens, high=len(cut[opening])))
        tokens = int(ends[closing]) - stop + 1
        origin = borders[closing + 1]
        searches.append(
            _Search(chunk=cut[closing], origin=origin, tokens=tokens, high=len(cut[closing]), from_end=True)
        )
    _run(searches, folded)
    return [
        (one.origin + one.high - 1, other.origin - other.high + 1)
        for one, other in zip(searches[::2], searches[1::2], strict=True)
    ]


@dataclass(slots=True, kw_only=True)
class _Search:
    """The search for the shortest prefix of a chunk, or suffix, that has so many tokens; `high` becomes its length.

    The part of length `low` has fewer tokens, that of `high` has enough. `origin` is where in its text the chunk
    starts, or for a suffix ends.
    """

    chunk: str
    origin: int
    tokens: int
    high: int
    low: int = 0
    from_end: bool = False

    def lengths(self) -> list[int]:
        """Return lengths between `low` and `high`, both excluded, that divide what lies between them evenly."""
        parts = min(self.high - self.low, _PROBES if self.high <= _LONG else 2)
        return [self.low + (self.high - self.low) * part // parts for part in range(1, parts)]

    def part(self, length: int) -> str:
        return self.chunk[len(self.chunk) - length :] if self.from_end else self.chunk[:length]


def _run(searches: Sequence[_Search], folded: bool) -> None:
    """Narrow all searches in the same rounds, for a call that counts tokens costs more than a few words."""
    while searches := [search for search in searches if search.high - search.low > 1]:
        lengths = [search.lengths() for search in searches]
        parts = [search.part(length) for search, some in zip(searches, lengths, strict=True) for length in some]
        counts = iter(_counts(parts, folded))
        for search, some in zip(searches, lengths, strict=True):
            enough = [count >= search.tokens for count in itertools.islice(counts, len(some))]
            position = enough.index(True) if True in enough else len(some)
            search.low, search.high = [search.low, *some][position], [*some, search.high][position]


def _counts(texts: Sequence[str], folded: bool) -> list[int]:
    """Return the number of tokens of each text."""
    counts: list[int] = np.diff(token_hashes(texts, folded=folded).offsets).tolist()
    return counts
