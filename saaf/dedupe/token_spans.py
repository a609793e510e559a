"""Where tokens stand in a text: folding moves code points, so that a place is found by counting tokens."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

_CHUNK = re.compile(  # cut where a token cannot go on: at a space, an ideograph, never in a word divided at a line end
    r"(?s).{1,128}[^\s\u3400-\u9fff]*(?:(?<=[-\u2010\u00ad])\r?\n[ \t]*[^\s\u3400-\u9fff]*)*"
)
_PROBES = 12  # parts of a chunk that are counted at a time: two rounds for 128 characters
_LONG = 1 << 12  # code points from which a chunk is halved, not divided by `_PROBES`, so that a round stays small


def token_spans(requests: Sequence[tuple[str, int, int]], *, folded: bool = True) -> list[tuple[int, int]]:
    """Return where tokens stand in texts: (start, end) in code points, half-open, for each (text, first, stop).

    The tokens are `first` to `stop`, half-open, 0 <= first < stop <= their number, of `saaf.dedupe.tokens` with the
    same `folded`. Separators around them are not in the span. Of a character that is several tokens, such as a
    fraction, the whole is.
    """
    searches: list[_Search] = []
    cuts = _cut({text for text, _, _ in requests}, folded)
    for text, first, stop in requests:
        cut = cuts[text]
        opening, closing = np.searchsorted(cut.tokens, [first, stop - 1], "right").tolist()
        start, end = cut.borders[opening - 1] if opening else 0, cut.borders[opening]
        before = int(cut.tokens[opening - 1]) if opening else 0
        searches.append(_Search(chunk=text[start:end], origin=start, tokens=first - before + 1, high=end - start))
        start, end = cut.borders[closing - 1] if closing else 0, cut.borders[closing]
        tokens = int(cut.tokens[closing]) - stop + 1
        searches.append(_Search(chunk=text[start:end], origin=end, tokens=tokens, high=end - start, from_end=True))
    _run(searches, folded)
    return [
        (one.origin + one.high - 1, other.origin - other.high + 1)
        for one, other in zip(searches[::2], searches[1::2], strict=True)
    ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Cut:
    """A text in chunks: where each ends, in code points, and how many tokens the text has up to there, int64[k]."""

    borders: list[int]
    tokens: NDArray[np.int64]


def _cut(texts: Collection[str], folded: bool) -> dict[str, _Cut]:
    """Return each text in chunks, of which none ends inside a token."""
    borders = {text: [match.end() for match in _CHUNK.finditer(text)] for text in texts}
    parts = [text[start:end] for text in texts for start, end in itertools.pairwise([0, *borders[text]])]
    totals, counts = iter(_counts(list(texts), folded)), iter(_counts(parts, folded))
    made = {}
    for text in texts:
        total, tokens = next(totals), np.cumsum(list(itertools.islice(counts, len(borders[text]))))
        whole = tokens[-1] != total  # a word divided at a line end was cut: it is one token of two chunks
        made[text] = (
            _Cut(borders=[len(text)], tokens=np.array([total])) if whole else _Cut(borders=borders[text], tokens=tokens)
        )
    return made


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
