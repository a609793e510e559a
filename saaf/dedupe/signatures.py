"""Shingles and their MinHash signatures, for many texts at once, bit for bit those of datasketch."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe import engine
from saaf.dedupe.hashing import segment_hashes, window_hashes

if TYPE_CHECKING:
    from datasketch import LeanMinHash
    from numpy.typing import NDArray

    from saaf.dedupe.settings import Settings
    from saaf.dedupe.tokenizer import TokenHashes

_BLOCK = 1 << 17  # shingles permuted at a time: 512 KB, a tenth faster than 256 KB; twice as much gains little more


@dataclass(frozen=True, slots=True, kw_only=True)
class Shingles:
    """Shingle hashes of several texts, in order and with repeats: text i has `values[bounds[i]:bounds[i + 1]]`."""

    values: NDArray[np.uint64]
    bounds: NDArray[np.int64]

    def sets(self) -> list[NDArray[np.uint64]]:
        """Return for each text its distinct shingles, sorted."""
        bounds = self.bounds.tolist()
        return [_unique(self.values[start:end]) for start, end in itertools.pairwise(bounds)]


def shingles(hashes: TokenHashes, size: int) -> Shingles:
    """Return the shingles of `size` tokens; a text with fewer tokens is one shingle, one without tokens has none."""
    counts = np.diff(hashes.bounds)
    bounds = np.zeros(len(hashes.bounds), np.int64)
    np.cumsum(np.where(counts > 0, np.maximum(counts - size + 1, 1), 0), out=bounds[1:])
    compiled = engine.kernel()
    if not compiled:
        return Shingles(values=_window_shingles(hashes, size), bounds=bounds)
    values = np.empty(bounds[-1], np.uint64)
    compiled.roll_shingles(hashes.values, hashes.bounds, size, values)
    return Shingles(values=values, bounds=bounds)


def streams(hashes: TokenHashes) -> NDArray[np.uint64]:
    """Return a hash of all tokens in order for each text that has some: the one shingle as long as the text."""
    starts, ends = hashes.bounds[:-1], hashes.bounds[1:]
    filled = np.flatnonzero(ends > starts)
    compiled = engine.kernel()
    if not compiled:
        return segment_hashes(hashes.values, starts[filled], ends[filled])
    values = np.empty(len(filled), np.uint64)
    compiled.roll_shingles(hashes.values, hashes.bounds, len(hashes.values), values)
    return values


def _window_shingles(hashes: TokenHashes, size: int) -> NDArray[np.uint64]:
    starts, ends = hashes.bounds[:-1], hashes.bounds[1:]
    values = np.zeros(len(hashes.values), np.uint64)
    windows = window_hashes(hashes.values, size)
    values[: len(windows)] = windows
    kept = np.ones(len(values), np.bool_)
    for distance in range(1, size):  # a window that starts in a text's last tokens would end in the next text
        kept[np.maximum(ends - distance, starts)[ends > starts]] = False
    small = np.flatnonzero((ends > starts) & (ends - starts < size))
    values[starts[small]] = segment_hashes(hashes.values, starts[small], ends[small])
    kept[starts[small]] = True
    return values[kept]


def signatures(texts: Shingles, settings: Settings) -> NDArray[np.uint32]:
    """Return uint32[n, num_perm]: the values of datasketch's MinHash after an update with each shingle's low 32 bits.

    A text without shingles gets the row of an empty MinHash, all 2**32 - 1: never compare it.
    """
    multipliers, increments = _permutations(settings)
    rows = np.full((len(texts.bounds) - 1, settings.num_perm), np.iinfo(np.uint32).max, np.uint32)
    compiled = engine.kernel()
    if compiled:
        compiled.minimise(texts.values, texts.bounds, multipliers, increments, rows)
    else:
        _minimise(texts, multipliers, increments, rows)
    return rows


@functools.lru_cache(maxsize=8)
def _permutations(settings: Settings) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    from datasketch import MinHash  # noqa: PLC0415  # half a second, which `import dedupe` need not take

    empty = MinHash(num_perm=settings.num_perm, seed=settings.seed, scheme=settings.scheme)
    multipliers, increments = empty.permutations
    return multipliers, increments


def _minimise(
    texts: Shingles, multipliers: NDArray[np.uint32], increments: NDArray[np.uint32], result: NDArray[np.uint32]
) -> None:
    """Write to each row of `result` the least value that each permutation gives to a text's shingles."""
    values = _mix32(texts.values.astype(np.uint32))
    for rows in _blocks(texts.bounds):
        starts = texts.bounds[rows]
        block = values[starts[0] : texts.bounds[rows[-1] + 1]]
        column = np.empty_like(block)
        least = np.empty((len(multipliers), len(rows)), np.uint32)
        for k in range(len(multipliers)):
            np.multiply(block, multipliers[k], out=column)
            np.add(column, increments[k], out=column)
            np.minimum.reduceat(column, starts - starts[0], out=least[k])
        result[rows] = least.T


def _unique(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Sort and drop repeats; numpy's own `unique` hashes first and takes twice as long for a few hundred values."""
    ordered = np.sort(values)
    new = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return np.compress(new, ordered)


def lean_minhash(row: NDArray[np.uint32], settings: Settings) -> LeanMinHash:
    """Return a row of `signatures` as datasketch's own type, for its LSH, Forest and Ensemble."""
    from datasketch import LeanMinHash  # noqa: PLC0415  # as above

    return LeanMinHash(seed=settings.seed, hashvalues=row, scheme=settings.scheme)


def _blocks(bounds: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the indices of texts that have shingles, in groups of about `_BLOCK` shingles."""
    rows = np.flatnonzero(np.diff(bounds))
    if not len(rows):
        return []
    block = bounds[rows] // _BLOCK
    return np.split(rows, np.flatnonzero(np.diff(block)) + 1)


def _mix32(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Pre-mix as the affine32 scheme does (the 32-bit finalizer of MurmurHash3)."""
    values = values ^ (values >> np.uint32(16))
    values *= np.uint32(0x85EBCA6B)
    values ^= values >> np.uint32(13)
    values *= np.uint32(0xC2B2AE35)
    values ^= values >> np.uint32(16)
    return values
