"""Sets in one array, with a bitmap of each: an exact set-similarity join of thousands of texts of one form.

The bitmap filter is that of Sandes, Teodoro and Melo (Bitmap Filter: Speeding up Exact Set Similarity Joins with
Bitwise Operations, 2020): two sets share at most as many elements as their bitmaps share bits, and one more for each
element that fell on a bit of its own set that was set before. Here the most frequent elements, which texts of one form
share, have a bit of their own, so that the bound is nearly the exact number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe import engine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_MAX_WORDS = 64  # of 64 bits in a bitmap, 512 bytes: texts of one form that share over 3,000 shingles have a weak bound
_ROWS_PER_BATCH = 1 << 9  # sets numbered at a time, and whose bitmaps are made, a byte a bit: 2 MB
_COLUMNS = 1 << 12  # left sets compared at a time: with 256 right ones 24 MB of results at most
_NUMPY_COLUMNS = 1 << 9  # with 256 right sets: 1 MB for each step, which stays in the second-level cache
_ROUNDING = 1e-9  # so that a pair exactly at the threshold is never lost to the last bit of a product


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SetColumn:
    """n sets: set i has `sizes[i]` elements, int64[n], of which `ids[offsets[i]:offsets[i + 1]]` are in other sets too.

    `ids` int32[m] are from 0 to `distinct`, the most frequent element first; `offsets` is int64[n + 1]. `bitmaps` is
    uint64[n, words]; `excess`, int64[n], is the number of ids of a set less that of the bits that are set.
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]
    sizes: NDArray[np.int64]
    bitmaps: NDArray[np.uint64]
    excess: NDArray[np.int64]
    distinct: int

    def filter_pairs(self, left: NDArray[np.int64], right: NDArray[np.int64], share: float) -> NDArray[np.int64]:
        """Return (left, right, bound) of pairs that may share `share` of the sum of their sizes, int64[m, 3].

        `left` and `right` are rows, int64 each, ascending. A pair has left < right and comes once; pairs are sorted by
        right, then left. `bound` is the most that the two may share.
        """
        share *= 1 - _ROUNDING
        compiled = engine.compiled_join()
        parts = [np.zeros((0, 3), np.int64)]
        if compiled:
            found = np.empty((min(len(left), _COLUMNS) * len(right), 3), np.int64)
        for start in range(0, len(left), _COLUMNS):
            columns = left[start : start + _COLUMNS]
            if compiled:
                count = compiled.bitmap_filter(self.bitmaps, self.excess, self.sizes, columns, right, share, found)
                parts.append(found[:count].copy())
            else:
                parts.append(self._filter_with_numpy(columns, right, share))
        pairs = np.concatenate(parts)
        return pairs[np.argsort(pairs[:, 1], kind="stable")]

    def _filter_with_numpy(self, left: NDArray[np.int64], right: NDArray[np.int64], share: float) -> NDArray[np.int64]:
        parts = [np.zeros((0, 3), np.int64)]
        for start in range(0, len(left), _NUMPY_COLUMNS):
            columns = left[start : start + _NUMPY_COLUMNS]
            bound = np.minimum(self.excess[right][:, None], self.excess[columns][None, :])
            for word in range(self.bitmaps.shape[1]):
                bound += np.bitwise_count(self.bitmaps[right, word][:, None] & self.bitmaps[columns, word][None, :])
            possible = bound >= share * (self.sizes[right][:, None] + self.sizes[columns][None, :])
            row, column = np.nonzero(possible & (columns[None, :] < right[:, None]))
            parts.append(np.stack([columns[column], right[row], bound[row, column]], axis=1))
        return np.concatenate(parts)

    def count_shared(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many elements the sets of each pair share, int64[m].

        `pairs`, int64[m, 2], are rows (left, right), those of one right set together; each set has an id.
        """
        compiled = engine.compiled_join()
        if compiled:
            packed = np.ascontiguousarray(pairs)
            shared: NDArray[np.int64] = compiled.count_shared(self.ids, self.offsets, self.distinct, packed)
            return shared
        shared = np.zeros(len(pairs), np.int64)
        member = np.zeros(self.distinct, np.bool_)
        cuts = np.flatnonzero(np.diff(pairs[:, 1])) + 1
        for start, stop in zip([0, *cuts.tolist()], [*cuts.tolist(), len(pairs)], strict=True):
            if start == stop:
                continue
            right, left = pairs[start, 1], pairs[start:stop, 0]
            own = self.ids[self.offsets[right] : self.offsets[right + 1]]
            member[own] = True
            counts = self.offsets[left + 1] - self.offsets[left]
            ends = np.cumsum(counts)
            positions = np.arange(ends[-1]) + np.repeat(self.offsets[left] - ends + counts, counts)
            shared[start:stop] = np.add.reduceat(member[self.ids[positions]], ends - counts, dtype=np.int64)
            member[own] = False
        return shared


def set_column(sets: Sequence[NDArray[np.uint64]]) -> SetColumn:
    """Return sets, each uint64 and distinct, as a column. An element of one set only is counted and not kept."""
    sizes = np.array([len(each) for each in sets], np.int64)
    shared, numbers = _number_shared(np.concatenate(sets))
    ids, counts = [np.zeros(0, np.int32)], []
    for start in range(0, len(sets), _ROWS_PER_BATCH):
        batch = np.concatenate(sets[start : start + _ROWS_PER_BATCH])
        positions = np.minimum(np.searchsorted(shared, batch), max(len(shared) - 1, 0))
        inside = shared[positions] == batch if len(shared) else np.zeros(len(batch), np.bool_)
        ids.append(numbers[positions[inside]])
        own_sizes = sizes[start : start + _ROWS_PER_BATCH]
        owners = np.repeat(np.arange(len(own_sizes)), own_sizes)
        counts.append(np.bincount(owners[inside], minlength=len(own_sizes)))
    offsets = np.zeros(len(sets) + 1, np.int64)
    np.cumsum(np.concatenate(counts), out=offsets[1:])
    column = np.concatenate(ids)
    bitmaps = _bitmaps(column, offsets)
    excess = np.diff(offsets) - np.bitwise_count(bitmaps).sum(axis=1, dtype=np.int64)
    return SetColumn(ids=column, offsets=offsets, sizes=sizes, bitmaps=bitmaps, excess=excess, distinct=len(shared))


def _number_shared(values: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """Return the values that come more than once, sorted, and their numbers from 0, the most frequent first.

    Of equally frequent ones the lower value is first. `values`, uint64[m], is sorted in place.
    """
    values.sort()
    starts = np.flatnonzero(np.append(True, values[1:] != values[:-1]))
    counts = np.diff(starts, append=len(values))
    shared, counts = values[starts[counts > 1]], counts[counts > 1]
    numbers = np.empty(len(shared), np.int32)
    numbers[np.argsort(-counts, kind="stable")] = np.arange(len(shared), dtype=np.int32)
    return shared, numbers


def _bitmaps(ids: NDArray[np.int32], offsets: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return a bitmap of each set: three quarters of the bits belong to one id each, others share the last quarter."""
    count = len(offsets) - 1
    words = 2
    while words < _MAX_WORDS and words * 32 * count < len(ids):  # twice as many bits as a set has ids
        words *= 2
    own, size = 48 * words, 64 * words
    bits = np.where(ids < own, ids, own + ids % (size - own))
    result = np.empty((count, words), np.uint64)
    for start in range(0, count, _ROWS_PER_BATCH):
        stop = min(start + _ROWS_PER_BATCH, count)
        part = slice(offsets[start], offsets[stop])
        table = np.zeros((stop - start, size), np.bool_)
        table[np.repeat(np.arange(stop - start), np.diff(offsets[start : stop + 1])), bits[part]] = True
        result[start:stop] = np.packbits(table, axis=1).view(np.uint64)
    return result
