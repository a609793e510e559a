"""Shingles and their MinHash signatures, for many texts at once, bit for bit those of datasketch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from datasketch import LeanMinHash, MinHash
from numpy.typing import NDArray

from dedupe.hashing import segment_hashes
from dedupe.settings import Settings
from dedupe.tokenizer import TokenHashes

_BLOCK = 1 << 16  # shingles permuted at a time: 256 KB, which stays in the second-level cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Shingles:
    """Shingle hashes of several texts, in order and with repeats: text i has `values[bounds[i]:bounds[i + 1]]`."""

    values: NDArray[np.uint64]
    bounds: NDArray[np.int64]

    def sets(self) -> list[NDArray[np.uint64]]:
        """Return for each text its distinct shingles, sorted."""
        return [np.unique(self.values[a:b]) for a, b in zip(self.bounds[:-1], self.bounds[1:], strict=True)]


def shingles(hashes: TokenHashes, size: int) -> Shingles:
    """Return the shingles of `size` tokens; a text with fewer tokens is one shingle, one without tokens has none."""
    tokens_each = np.diff(hashes.bounds)
    each = np.where(tokens_each > 0, np.maximum(tokens_each - size + 1, 1), 0)
    bounds = np.zeros(len(each) + 1, np.int64)
    np.cumsum(each, out=bounds[1:])
    starts = np.arange(bounds[-1]) + np.repeat(hashes.bounds[:-1] - bounds[:-1], each)
    ends = np.minimum(starts + size, np.repeat(hashes.bounds[1:], each))
    return Shingles(values=segment_hashes(hashes.values, starts, ends), bounds=bounds)


def signatures(texts: Shingles, settings: Settings) -> NDArray[np.uint32]:
    """Return uint32[n, num_perm]: what `datasketch.MinHash(hashfunc=identity)` holds after the low 32 bits of each shingle.

    A text without shingles gets the row of an empty MinHash, all 2**32 - 1: never compare it.
    """
    multipliers, increments = MinHash(num_perm=settings.num_perm, seed=settings.seed, scheme=settings.scheme).permutations
    result = np.full((len(texts.bounds) - 1, settings.num_perm), np.iinfo(np.uint32).max, np.uint32)
    values = _mix32(texts.values.astype(np.uint32))
    for rows in _blocks(texts.bounds):
        starts = texts.bounds[rows]
        block = values[starts[0] : texts.bounds[rows[-1] + 1]]
        column = np.empty_like(block)
        for k in range(settings.num_perm):
            np.multiply(block, multipliers[k], out=column)
            np.add(column, increments[k], out=column)
            result[rows, k] = np.minimum.reduceat(column, starts - starts[0])
    return result


def lean_minhash(row: NDArray[np.uint32], settings: Settings) -> LeanMinHash:
    """Return a row of `signatures` as datasketch's own type, for its LSH, Forest and Ensemble."""
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
