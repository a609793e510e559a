"""One 64-bit hash for letters, tokens and whole texts, computed for all segments of an array at once."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BASE = 0x9E3779B97F4A7C15
"""Odd, so that it has an inverse modulo 2**64; its bits are those of the golden ratio."""

_INVERSE = pow(BASE, -1, 1 << 64)


def segment_hashes(
    values: NDArray[np.uint32] | NDArray[np.uint64], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """Return a hash of each non-empty segment `values[starts[i]:ends[i]]`, whatever lies around it.

    The hash is the polynomial sum of `(values[j] + 1) * base**(j - start)` modulo 2**64, then mixed: a difference of
    two running sums, so segments may overlap, and a loop with a running power gives the same bits.
    """
    if not len(starts):
        return np.zeros(0, np.uint64)
    running = np.zeros(len(values) + 1, np.uint64)
    terms = running[1:]
    np.add(values, np.uint64(1), out=terms)
    terms *= _powers(BASE, len(values))
    np.cumsum(terms, out=terms)
    return mix((running.take(ends) - running.take(starts)) * _powers(_INVERSE, len(values)).take(starts))


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread the bits of 64-bit values, one to one (the finalizer of MurmurHash3)."""
    spare = values >> np.uint64(33)
    values = values ^ spare
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        values *= np.uint64(factor)
        np.right_shift(values, np.uint64(33), out=spare)
        values ^= spare
    return values


def window_hashes(values: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """Return `segment_hashes` of every window of `size` values, len(values) - size + 1 of them or none."""
    count = max(len(values) - size + 1, 0)
    total = np.zeros(count, np.uint64)
    for place in reversed(range(size)):
        total *= np.uint64(BASE)
        total += values[place : place + count]
        total += np.uint64(1)
    return mix(total)


def _powers(base: int, count: int) -> NDArray[np.uint64]:
    return _power_table(base, 1 << max(count - 1, 0).bit_length())[:count]


@functools.lru_cache(maxsize=8)
def _power_table(base: int, count: int) -> NDArray[np.uint64]:
    powers = np.full(count, base, np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)
