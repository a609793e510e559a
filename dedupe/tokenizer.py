"""Texts to tokens, for fingerprints only: what a reader does not see is folded, what makes words stays.

A token is a run of letters, marks and digits; in a script without spaces each character with its marks is one. Spaces
and punctuation only separate, so a line wrapped elsewhere, a danda set close or a curly quote changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dedupe import engine
from dedupe.characters import EXTENDS, SEPARATOR, SPACELESS, WORD, packed, tables
from dedupe.columns import BATCH, Column, batches, column
from dedupe.hashing import segment_hashes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

    from numpy.typing import NDArray

_FIRST_COMBINING = 0x0300  # below it no code point has a combining class, and no order needs a look
_PIECE = BATCH


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenHashes:
    """Hashes of the tokens of several texts: those of text i are `values[bounds[i]:bounds[i + 1]]`, uint64."""

    values: NDArray[np.uint64]
    bounds: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> TokenHashes:
        """Return the hashes of some of the texts, in the order asked for."""
        sizes = self.bounds[rows + 1] - self.bounds[rows]
        bounds = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(sizes, out=bounds[1:])
        where = np.arange(bounds[-1]) + np.repeat(self.bounds[rows] - bounds[:-1], sizes)
        return TokenHashes(values=self.values[where], bounds=bounds)


def fold(text: str) -> str:
    """Return the text as fingerprints see it, punctuation and spacing kept. For comparing, never for a reader."""
    return "".join(_decode(_fold_codes(_codes(piece))[0]) for piece in _pieces(text))


def tokens(text: str, *, folded: bool = True) -> list[str]:
    """Return the tokens of a text in order, folded unless told otherwise; an empty list where it has none."""
    found: list[str] = []
    for piece in _pieces(text):
        codes = _codes(piece)
        codes = _fold_codes(codes)[0] if folded else codes
        starts, ends = _split(codes)
        letters = _decode(codes)
        found.extend(letters[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True))
    return found


def token_hashes(texts: Sequence[str], *, folded: bool = True) -> TokenHashes:
    """Return a 64-bit hash of every token of every text, in order; a text without tokens has none.

    `texts` may be a `Column`, whose bytes are read as they lie.
    """
    values: list[NDArray[np.uint64]] = [np.zeros(0, np.uint64)]
    counts = np.zeros(len(texts) + 1, np.int64)
    for members, pieces, size in _batches(texts):
        compiled = engine.kernel(size)
        hashes, found = _hash_column(compiled, column(pieces), folded) if compiled else _hash_pieces(pieces, folded)
        values.append(hashes)
        np.add.at(counts, np.array(members) + 1, found)
    return TokenHashes(values=np.concatenate(values), bounds=np.cumsum(counts))


def _batches(texts: Sequence[str]) -> Iterator[tuple[Sequence[int] | NDArray[np.int64], Sequence[str], int]]:
    """Yield (indices of texts, these texts or pieces of them, their size): short texts share one array."""
    for rows, some in batches(texts, np.arange(len(texts))):
        sizes = np.diff(some.offsets).tolist() if isinstance(some, Column) else list(map(len, some))
        if max(sizes) <= _PIECE:
            yield rows, some, sum(sizes)
            continue
        for row, text in zip(rows.tolist(), some, strict=True):
            for piece in _pieces(text):
                yield [row], [piece], len(piece)


def _hash_column(compiled: ModuleType, pieces: Column, folded: bool) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Do what `_hash_pieces` does with compiled code."""
    table = packed()
    letters = table.letters if folded else table.plain
    size = int(pieces.offsets[-1] - pieces.offsets[0])
    values = np.empty(size * table.growth + 1, np.uint64)  # memory that is never written is never taken
    bounds = compiled.hash_tokens(pieces.data, pieces.offsets, letters, table, folded, values)
    return values[: bounds[-1]].copy(), np.diff(bounds)


def _pieces(text: str) -> Iterator[str]:
    """Cut a very long text where a space separates tokens anyway; one without spaces is cut at the limit."""
    start = 0
    while len(text) - start > _PIECE:
        stop = start + _PIECE
        cut = max(text.rfind(" ", start, stop), text.rfind("\n", start, stop)) + 1
        end = cut if cut > start else stop
        yield text[start:end]
        start = end
    yield text[start:] if start else text


def _hash_pieces(pieces: Sequence[str], folded: bool) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the token hashes of the pieces, and how many tokens each piece has."""
    codes = _codes("\n".join(pieces))
    first = np.zeros(len(pieces), np.int64)
    np.cumsum([len(piece) + 1 for piece in pieces[:-1]], out=first[1:])
    if folded:
        codes, first = _fold_codes(codes, first)
    starts, ends = _split(codes)
    counts = np.diff(np.searchsorted(starts, first), append=len(starts))
    return segment_hashes(codes, starts, ends), counts


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _decode(codes: NDArray[np.uint32]) -> str:
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


def _fold_codes(
    codes: NDArray[np.uint32], first: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Fold code points; `first`, positions in `codes`, are returned as positions in the folded array."""
    table = tables()
    length = table.length.take(codes)  # take, not an index: four times as fast with 32-bit positions
    folded = table.first.take(codes)
    first = np.zeros(0, np.int64) if first is None else first
    irregular = np.flatnonzero(length != 1)
    if len(irregular):
        more = length[irregular].astype(np.int64) - 1  # -1 where a code point is deleted
        shift = np.concatenate(([0], np.cumsum(more)))
        folded = np.repeat(folded, length)
        for part in range(int(more.max())):
            has = more > part
            where = irregular[has] + shift[:-1][has] + part + 1
            folded[where] = table.rest[table.rest_start[codes[irregular[has]]] + part]
        first = first + shift[np.searchsorted(irregular, first)]
    return _in_canonical_order(folded), first


def _in_canonical_order(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Sort each run of combining marks by class, as normalisation does, so that the order of typing is no matter."""
    if codes.max(initial=0) < _FIRST_COMBINING:
        return codes
    order = tables().order.take(codes)
    if not np.any((order[:-1] > order[1:]) & (order[1:] > 0)):
        return codes
    marks = np.flatnonzero(order)
    run = marks - np.arange(len(marks))
    sorted_marks = marks[np.lexsort((order[marks], run))]
    codes = codes.copy()
    codes[marks] = codes[sorted_marks]
    return codes


def _split(codes: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each token starts, and where it ends: after its last code point."""
    kind = np.zeros(len(codes) + 2, np.uint8)  # a separator before the first and after the last
    tables().kind.take(codes, out=kind[1:-1], mode="clip")
    before, here = kind[:-1], kind[1:]
    starts = here == SPACELESS
    starts |= (here == WORD) & (before != WORD)
    starts |= (here == EXTENDS) & (before == SEPARATOR)
    ends = (before != SEPARATOR) & (starts | (here == SEPARATOR))
    return np.flatnonzero(starts), np.flatnonzero(ends)
