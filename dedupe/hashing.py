"""One 64-bit hash for letters, tokens and whole texts, computed for all segments of an array at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2**64; its bits are those of the golden ratio
_INVERSE = pow(_BASE, -1, 1 << 64)


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
    np.cumsum((values.astype(np.uint64) + np.uint64(1)) * _powers(_BASE, len(values)), out=running[1:])
    return mix((running[ends] - running[starts]) * _powers(_INVERSE, int(starts.max()) + 1)[starts])


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread the bits of 64-bit values, one to one (the finalizer of MurmurHash3)."""
    values = values ^ (values >> np.uint64(33))
    values *= np.uint64(0xFF51AFD7ED558CCD)
    values ^= values >> np.uint64(33)
    values *= np.uint64(0xC4CEB9FE1A85EC53)
    values ^= values >> np.uint64(33)
    return values


def _powers(base: int, count: int) -> NDArray[np.uint64]:
    powers = np.full(count, base, np.uint64)
    powers[:1] = 1
    return np.multiply.accumulate(powers)
