"""Texts to tokens, for fingerprints only: what a reader does not see is folded, what makes words stays.

A token is a run of letters, marks and digits; in a script without spaces each character with its marks is one. Spaces
and punctuation only separate, so a line wrapped elsewhere, a danda set close or a curly quote changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe import engine
from saaf.dedupe.characters import EXTENDS, LETTER, MANY, ORDERED, SEPARATOR, SPACELESS, WORD, packed
from saaf.dedupe.columns import BATCH, Column, batches
from saaf.dedupe.hashing import segment_hashes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

    from numpy.typing import NDArray

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
    return "".join(_decode(_entries(piece, folded=True)) for piece in _pieces(text))


def tokens(text: str, *, folded: bool = True) -> list[str]:
    """Return the tokens of a text in order, folded unless told otherwise; an empty list where it has none."""
    found: list[str] = []
    for piece in _pieces(text):
        entries = _entries(piece, folded=folded)
        starts, ends = _split(entries)
        letters = _decode(entries)
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
        hashes, found = _hash_compiled(compiled, pieces, folded) if compiled else _hash_pieces(pieces, folded)
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


def _hash_compiled(
    compiled: ModuleType, pieces: Sequence[str], folded: bool
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Do what `_hash_pieces` does with compiled code, on UTF-8 where it lies there, else on code points: to encode
    strings that are not ASCII as UTF-8 takes a third as long as all the rest.
    """
    table = packed()
    data: NDArray[np.uint8] | NDArray[np.uint32]
    work, growth = compiled.hash_tokens, table.growth
    if isinstance(pieces, Column):
        data, offsets = pieces.data, pieces.offsets
    else:
        text, offsets = "".join(pieces), np.cumsum([0, *map(len, pieces)])
        if text.isascii():  # read eight at a time: English is a sixth faster so
            data = np.frombuffer(text.encode(), np.uint8)
        else:
            work, growth, data = compiled.hash_points, table.longest, _codes(text)
    size = int(offsets[-1] - offsets[0])
    values = np.empty(size * growth + 1, np.uint64)  # memory that is never written is never taken
    bounds = work(data, offsets, table.letters if folded else table.plain, table, folded, values)
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
    entries, first = _fold_codes(codes, first) if folded else (packed().plain.take(codes), first)
    starts, ends = _split(entries)
    counts = np.diff(np.searchsorted(starts, first), append=len(starts))
    return segment_hashes(entries & np.uint32(LETTER), starts, ends), counts


def _entries(text: str, *, folded: bool) -> NDArray[np.uint32]:
    """Return the code points of a text and what is known of each, packed."""
    codes = _codes(text)
    return _fold_codes(codes, np.zeros(0, np.int64))[0] if folded else packed().plain.take(codes)


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _decode(entries: NDArray[np.uint32]) -> str:
    return (entries & np.uint32(LETTER)).tobytes().decode("utf-32-le", "surrogatepass")


def _fold_codes(codes: NDArray[np.uint32], first: NDArray[np.int64]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return what code points fold to, packed; `first`, positions in `codes`, become positions in that."""
    table = packed()
    entries = table.letters.take(codes)  # take, not an index: four times as fast with 32-bit positions
    irregular = np.flatnonzero(entries >= 1 << MANY)  # several, or none
    if len(irregular):
        more = table.length[codes[irregular]].astype(np.int64) - 1  # -1 where a code point is deleted
        shift = np.concatenate(([0], np.cumsum(more)))
        kept = np.ones(len(entries), np.bool_)
        kept[irregular[more < 0]] = False
        old = np.ones(len(entries) + int(shift[-1]), np.bool_)
        new = np.empty(len(old), np.uint32)
        for part in range(int(more.max())):
            has = more > part
            where = irregular[has] + shift[:-1][has] + part + 1
            new[where] = table.plain[table.rest[table.rest_start[codes[irregular[has]]] + part]]
            old[where] = False
        entries[irregular] &= ~np.uint32(1 << MANY)
        new[old] = entries[kept]
        entries, first = new, first + shift[np.searchsorted(irregular, first)]
    return _in_canonical_order(entries), first


def _in_canonical_order(entries: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Sort each run of combining marks by class, as normalisation does, so that the order of typing is no matter."""
    marks = np.flatnonzero(entries >= 1 << ORDERED)  # the bits above are gone by now
    order = packed().order[entries[marks] & np.uint32(LETTER)]
    run = marks - np.arange(len(marks))
    if not np.any((order[:-1] > order[1:]) & (run[:-1] == run[1:])):
        return entries
    entries[marks] = entries[marks[np.lexsort((order, run))]]
    return entries


def _split(entries: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each token starts, and where it ends: after its last code point."""
    kind = np.zeros(len(entries) + 2, np.uint8)  # a separator before the first and after the last
    kind[1:-1] = entries >> np.uint32(21) & np.uint32(3)
    before, here = kind[:-1], kind[1:]
    starts = here == SPACELESS
    starts |= (here == WORD) & (before != WORD)
    starts |= (here == EXTENDS) & (before == SEPARATOR)
    ends = (before != SEPARATOR) & (starts | (here == SEPARATOR))
    return np.flatnonzero(starts), np.flatnonzero(ends)
