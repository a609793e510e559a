"""A 64-bit polynomial hash of segments of an array: tokens, shingles and whole texts, all segments at once.

The polynomial is that of Karp and Rabin (1987), modulo 2**64; its value is mixed by MurmurHash3's finalizer.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BASE = 0x9E3779B97F4A7C15
"""Base of the polynomial: odd, so that it has an inverse modulo 2**64; its bits are those of the golden ratio."""

_INVERSE = pow(BASE, -1, 1 << 64)


def segment_hashes(
    values: NDArray[np.uint32] | NDArray[np.uint64], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """Return a hash of each segment `values[starts[i]:ends[i]]`, uint64[segments]; no segment may be empty.

    The hash depends on the values of the segment alone. It is the sum of `(values[j] + 1) * BASE**(j - start)` modulo
    2**64, then mixed. It is computed as a difference of two prefix sums, so segments may overlap; a loop with a running
    power gives the same bits.
    """
    if not len(starts):
        return np.zeros(0, np.uint64)
    prefix_sums = np.zeros(len(values) + 1, np.uint64)
    terms = prefix_sums[1:]
    np.add(values, np.uint64(1), out=terms)
    terms *= _powers(BASE, len(values))
    np.cumsum(terms, out=terms)
    return fmix64((prefix_sums.take(ends) - prefix_sums.take(starts)) * _powers(_INVERSE, len(values)).take(starts))


def fmix64(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return 64-bit values with their bits mixed, one to one: the 64-bit finalizer of MurmurHash3."""
    shifted = values >> np.uint64(33)
    values = values ^ shifted
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        values *= np.uint64(factor)
        np.right_shift(values, np.uint64(33), out=shifted)
        values ^= shifted
    return values


def window_hashes(values: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """Return the `segment_hashes` of every window of `size` values, uint64[max(len(values) - size + 1, 0)]."""
    count = max(len(values) - size + 1, 0)
    total = np.zeros(count, np.uint64)
    for position in reversed(range(size)):
        total *= np.uint64(BASE)
        total += values[position : position + count]
        total += np.uint64(1)
    return fmix64(total)


def _powers(base: int, count: int) -> NDArray[np.uint64]:
    """Return the first `count` powers of `base` modulo 2**64, from 1 on."""
    return _power_table(base, 1 << max(count - 1, 0).bit_length())[:count]


@functools.lru_cache(maxsize=64)  # a table of each power of two up to the largest, for two bases
def _power_table(base: int, count: int) -> NDArray[np.uint64]:
    powers = np.full(count, base, np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)
