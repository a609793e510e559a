"""Fold and tokenise texts, for fingerprints only: what a reader does not see is folded, what makes words stays.

A token is a run of letters, marks and digits; in a script without spaces each character with its marks is one. Spaces
and punctuation only separate, so a line wrapped elsewhere, a danda set close or a curly quote changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe import engine
from saaf.dedupe.characters import (
    COMBINING_BIT,
    EXPANDS_BIT,
    EXTEND,
    PAIR_CLASS_BIT,
    PAIR_CLASS_MASK,
    POINT_MASK,
    RARE_PAIR_CLASS,
    SEPARATOR,
    SPACELESS,
    WORD,
    packed_tables,
)
from saaf.dedupe.columns import BATCH, Column, batches, column
from saaf.dedupe.hashing import segment_hashes
from saaf.dedupe.sequences import rewrite

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

    from numpy.typing import NDArray

_MAX_PIECE = BATCH  # code points of a text that are tokenised at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenHashes:
    """Hashes of the tokens of n texts, in order: those of text i are `values[offsets[i]:offsets[i + 1]]`.

    `values` is uint64[m], `offsets` int64[n + 1].
    """

    values: NDArray[np.uint64]
    offsets: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> TokenHashes:
        """Return the hashes of the texts `rows`, int64[k], in that order."""
        sizes = self.offsets[rows + 1] - self.offsets[rows]
        offsets = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(sizes, out=offsets[1:])
        indices = np.arange(offsets[-1]) + np.repeat(self.offsets[rows] - offsets[:-1], sizes)
        return TokenHashes(values=self.values[indices], offsets=offsets)


def fold(text: str) -> str:
    """Return the folded text, punctuation and spacing kept: what fingerprints compare, never text for a reader.

    Folding is compatibility decomposition (NFKD), case folding, the tables of `saaf.dedupe.letters`, and the sequences
    of `saaf.dedupe.sequences`.
    """
    return "".join(_decode(_entries(piece, folded=True)) for piece in _pieces(text))


def tokens(text: str, *, folded: bool = True) -> list[str]:
    """Return the tokens of a text in order; `folded` False leaves its code points as they are."""
    found: list[str] = []
    for piece in _pieces(text):
        entries = _entries(piece, folded=folded)
        starts, ends = _token_bounds(entries)
        decoded = _decode(entries)
        found.extend(decoded[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True))
    return found


def token_hashes(texts: Sequence[str], *, folded: bool = True) -> TokenHashes:
    """Return a 64-bit hash of every token of every text.

    `texts` may be a `Column`, whose bytes are read without making strings. `folded` False hashes the code points as
    they are.
    """
    values: list[NDArray[np.uint64]] = [np.zeros(0, np.uint64)]
    counts = np.zeros(len(texts) + 1, np.int64)
    for rows, pieces, size in _batches(texts):
        compiled = engine.compiled_kernels(size)
        hashes, piece_counts = _hash_compiled(compiled, pieces, folded) if compiled else _hash_pieces(pieces, folded)
        values.append(hashes)
        np.add.at(counts, np.array(rows) + 1, piece_counts)
    return TokenHashes(values=np.concatenate(values), offsets=np.cumsum(counts))


def _batches(texts: Sequence[str]) -> Iterator[tuple[Sequence[int] | NDArray[np.int64], Sequence[str], int]]:
    """Yield (rows, their texts or pieces of one text, size in code points or bytes); short texts come together."""
    for rows, batch in batches(texts, np.arange(len(texts))):
        sizes = np.diff(batch.offsets).tolist() if isinstance(batch, Column) else list(map(len, batch))
        if max(sizes) <= _MAX_PIECE:
            yield rows, batch, sum(sizes)
            continue
        for row, text in zip(rows.tolist(), batch, strict=True):
            for piece in _pieces(text):
                yield [row], [piece], len(piece)


def _hash_compiled(
    compiled: ModuleType, pieces: Sequence[str], folded: bool
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hash tokens as `_hash_pieces` does, with compiled code: on UTF-8 where it is at hand or cheap, else code points.

    Measured a text of 4,900 characters: where 1 of 1,000 is not ASCII, UTF-8 takes 16 µs and code points 20; with 1 of
    100 they are equal; of Hindi, with its encoding, UTF-8 takes twice as long.
    """
    tables = packed_tables()
    data: NDArray[np.uint8] | NDArray[np.uint32]
    if not isinstance(pieces, Column) and _is_nearly_ascii(pieces):
        pieces = column(pieces)
    if isinstance(pieces, Column):
        data, offsets = pieces.data, pieces.offsets
        hash_tokens, max_per_unit = compiled.hash_utf8_tokens, tables.max_per_byte
    else:
        data, offsets = _code_points("".join(pieces)), np.cumsum([0, *map(len, pieces)])
        hash_tokens, max_per_unit = compiled.hash_code_point_tokens, tables.max_length
    size = int(offsets[-1] - offsets[0])
    values = np.empty(size * max_per_unit + 1, np.uint64)  # memory that is never written is never taken
    entries = tables.folded if folded else tables.unfolded
    irregular = np.zeros(len(offsets) - 1, np.bool_)
    token_offsets = hash_tokens(data, offsets, entries, tables, folded, values, irregular)
    counts = np.diff(token_offsets)
    rows = np.flatnonzero(irregular)
    if not folded or not len(rows):
        return values[: token_offsets[-1]].copy(), counts
    return _replace_rows(values, token_offsets, rows, *_hash_pieces([pieces[row] for row in rows.tolist()], folded))


def _is_nearly_ascii(pieces: Sequence[str]) -> bool:
    """Return whether of every 64th character of the pieces at most 1 of 250 is not ASCII, by their length in UTF-8."""
    sample = "".join([piece[::64] for piece in pieces])
    return sample.isascii() or 125 * (len(sample.encode("utf-8", "surrogatepass")) - len(sample)) <= len(sample)


def _replace_rows(
    values: NDArray[np.uint64],
    offsets: NDArray[np.int64],
    rows: NDArray[np.int64],
    row_values: NDArray[np.uint64],
    row_counts: NDArray[np.int64],
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the token hashes and counts of all pieces, those of `rows` replaced by `row_values` and `row_counts`."""
    counts = np.diff(offsets)
    counts[rows] = row_counts
    row_ends = np.cumsum(row_counts)
    parts, end = [], 0
    for row, row_start, row_end in zip(rows.tolist(), (row_ends - row_counts).tolist(), row_ends.tolist(), strict=True):
        parts += [values[end : offsets[row]], row_values[row_start:row_end]]
        end = offsets[row + 1]
    return np.concatenate([*parts, values[end : offsets[-1]]]), counts


def _pieces(text: str) -> Iterator[str]:
    """Yield a text in pieces of at most `_MAX_PIECE` code points, cut at a space; where there is none, at the limit."""
    start = 0
    while len(text) - start > _MAX_PIECE:
        stop = start + _MAX_PIECE
        cut = max(text.rfind(" ", start, stop), text.rfind("\n", start, stop)) + 1
        end = cut if cut > start else stop
        yield text[start:end]
        start = end
    yield text[start:] if start else text


def _hash_pieces(pieces: Sequence[str], folded: bool) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the token hashes of the pieces, and how many tokens each piece has."""
    points = _code_points(" ".join(pieces))
    piece_starts = np.zeros(len(pieces), np.int64)
    np.cumsum([len(piece) + 1 for piece in pieces[:-1]], out=piece_starts[1:])
    if folded:
        entries, piece_starts = _folded_entries(points, piece_starts)
    else:
        entries = packed_tables().unfolded.take(points)
    starts, ends = _token_bounds(entries)
    counts = np.diff(np.searchsorted(starts, piece_starts), append=len(starts))
    return segment_hashes(entries & np.uint32(POINT_MASK), starts, ends), counts


def _entries(text: str, *, folded: bool) -> NDArray[np.uint32]:
    """Return the packed entries (`PackedTables`) of the code points of a text, folded or not."""
    points = _code_points(text)
    return _folded_entries(points, np.zeros(1, np.int64))[0] if folded else packed_tables().unfolded.take(points)


def _folded_entries(
    points: NDArray[np.uint32], starts: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the packed entries that pieces of text fold to, and where each piece starts in them.

    Piece i is `points[starts[i]:starts[i + 1]]`; each but the last ends with a separator.
    """
    entries, starts = _fold_code_points(points, starts)
    rare = np.flatnonzero(entries >= RARE_PAIR_CLASS << PAIR_CLASS_BIT)  # or a combining mark
    entries = _in_canonical_order(entries, rare)
    rows = _pieces_to_rewrite(entries, rare, starts)
    if not len(rows):
        return entries, starts
    unfolded, ends = packed_tables().unfolded, np.append(starts[1:], len(entries))
    parts = np.split(entries, starts[1:])
    for row in rows.tolist():
        end = " " if row < len(parts) - 1 else ""  # the separator, which belongs to no piece
        text = _decode(entries[starts[row] : ends[row] - len(end)])
        rewritten = unfolded.take(_code_points(rewrite(text) + end))
        parts[row] = _in_canonical_order(rewritten, np.flatnonzero(rewritten >= 1 << COMBINING_BIT))
    return np.concatenate(parts), np.cumsum([0, *map(len, parts[:-1])])


def _pieces_to_rewrite(
    entries: NDArray[np.uint32], rare: NDArray[np.int64], starts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the pieces that hold a pair of `sequences.PAIRS`; one of each pair is at a position of `rare`."""
    if not len(rare):
        return np.zeros(0, np.int64)
    last = len(entries) - 1
    before, here, after = (
        entries[neighbours] >> np.uint32(PAIR_CLASS_BIT) & np.uint32(PAIR_CLASS_MASK)
        for neighbours in (np.maximum(rare - 1, 0), rare, np.minimum(rare + 1, last))
    )
    before[rare == 0] = after[rare == last] = 0  # nothing
    pairs = packed_tables().pairs
    found = (pairs[before] >> here.astype(np.uint64)) | (pairs[here] >> after.astype(np.uint64))
    positions = rare[(found & np.uint64(1)).astype(np.bool_)]
    return np.unique(np.searchsorted(starts, positions, side="right") - 1)


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _decode(entries: NDArray[np.uint32]) -> str:
    """Return the code points of packed entries as a string."""
    return (entries & np.uint32(POINT_MASK)).tobytes().decode("utf-32-le", "surrogatepass")


def _fold_code_points(
    points: NDArray[np.uint32], positions: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the packed entries that code points fold to, and `positions` in `points` as positions in these."""
    tables = packed_tables()
    entries = tables.folded.take(points)  # take, not an index: four times as fast with 32-bit positions
    irregular = np.flatnonzero(entries >= 1 << EXPANDS_BIT)  # they fold to several code points, or to none
    if len(irregular):
        added = tables.length[points[irregular]].astype(np.int64) - 1  # -1 where a code point is deleted
        shift = np.concatenate(([0], np.cumsum(added)))
        kept = np.ones(len(entries), np.bool_)
        kept[irregular[added < 0]] = False
        is_first = np.ones(len(entries) + int(shift[-1]), np.bool_)
        expanded = np.empty(len(is_first), np.uint32)
        for part in range(int(added.max())):
            longer = added > part
            target = irregular[longer] + shift[:-1][longer] + part + 1
            expanded[target] = tables.unfolded[tables.rest[tables.rest_start[points[irregular[longer]]] + part]]
            is_first[target] = False
        entries[irregular] &= ~np.uint32(1 << EXPANDS_BIT)
        expanded[is_first] = entries[kept]
        entries, positions = expanded, positions + shift[np.searchsorted(irregular, positions)]
    return entries, positions


def _in_canonical_order(entries: NDArray[np.uint32], positions: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Sort each run of combining marks by combining class, as Unicode normalisation does.

    `positions` are ascending and hold those of all marks; the entries have no flag bit above `COMBINING_BIT`.
    """
    marks = positions[entries[positions] >= 1 << COMBINING_BIT]
    order = packed_tables().combining_class[entries[marks] & np.uint32(POINT_MASK)]
    run = marks - np.arange(len(marks))
    if not np.any((order[:-1] > order[1:]) & (run[:-1] == run[1:])):
        return entries
    entries[marks] = entries[marks[np.lexsort((order, run))]]
    return entries


def _token_bounds(entries: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the start and the end of each token, half-open, as positions in `entries`."""
    kind = np.zeros(len(entries) + 2, np.uint8)  # a separator before the first and after the last
    kind[1:-1] = entries >> np.uint32(21) & np.uint32(3)
    before, here = kind[:-1], kind[1:]
    starts = here == SPACELESS
    starts |= (here == WORD) & (before != WORD)
    starts |= (here == EXTEND) & (before == SEPARATOR)
    ends = (before != SEPARATOR) & (starts | (here == SEPARATOR))
    return np.flatnonzero(starts), np.flatnonzero(ends)
