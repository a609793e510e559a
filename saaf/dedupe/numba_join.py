"""The hot loops of the set-similarity join, compiled by numba: the results of `saaf.dedupe.set_column`, faster.

Only `saaf.dedupe.engine` imports this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.numba_compile import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PAIRS_OF_BITS, _TWO_PAIRS, _FOUR_BITS = (
    np.uint64(0x5555555555555555),
    np.uint64(0x3333333333333333),
    np.uint64(0x0F0F0F0F0F0F0F0F),
)
_BYTES = np.uint64(0x0101010101010101)


@compiled
def _bit_count(word: np.uint64) -> np.uint64:
    """Return the number of bits set; LLVM knows this sum and makes one instruction of it."""
    word -= word >> np.uint64(1) & _PAIRS_OF_BITS
    word = (word & _TWO_PAIRS) + (word >> np.uint64(2) & _TWO_PAIRS)
    word = word + (word >> np.uint64(4)) & _FOUR_BITS
    return word * _BYTES >> np.uint64(56)


@compiled
def bitmap_filter(
    bitmaps: NDArray[np.uint64],
    excess: NDArray[np.int64],
    sizes: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    share: float,
    found: NDArray[np.int64],
) -> int:
    """Write (left, right, bound) of the pairs that may be similar to the rows of `found`; return how many they are.

    `found` is int64[len(left) * len(right), 3]. See `saaf.dedupe.set_column.SetColumn.filter_pairs`.
    """
    count = 0
    words = bitmaps.shape[1]
    near = np.empty((len(left), words), np.uint64)  # side by side, which the processor reads ahead
    near_excess, near_sizes = np.empty(len(left), np.int64), np.empty(len(left), np.int64)
    for column in range(len(left)):
        near[column] = bitmaps[left[column]]
        near_excess[column], near_sizes[column] = excess[left[column]], sizes[left[column]]
    for row in right:
        own, own_excess, own_size = bitmaps[row], excess[row], sizes[row]
        for column in range(len(left)):
            shared = np.uint64(0)
            for word in range(words):
                shared += _bit_count(own[word] & near[column, word])
            bound = np.int64(shared) + min(own_excess, near_excess[column])
            if bound >= share * (own_size + near_sizes[column]) and left[column] < row:
                found[count, 0], found[count, 1], found[count, 2] = left[column], row, bound
                count += 1
    return count


@compiled
def count_shared(
    ids: NDArray[np.int32], offsets: NDArray[np.int64], distinct: int, pairs: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return how many ids the two sets of each pair share, int64[m]; pairs of one right set stand together."""
    shared = np.zeros(len(pairs), np.int64)
    member = np.zeros(distinct, np.uint8)
    current = -1
    for pair in range(len(pairs)):
        if pairs[pair, 1] != current:
            if current >= 0:
                for position in range(offsets[current], offsets[current + 1]):
                    member[ids[position]] = 0
            current = pairs[pair, 1]
            for position in range(offsets[current], offsets[current + 1]):
                member[ids[position]] = 1
        total = 0
        for position in range(offsets[pairs[pair, 0]], offsets[pairs[pair, 0] + 1]):
            total += member[ids[position]]
        shared[pair] = total
    return shared
