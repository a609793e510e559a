"""Shingles and MinHash signatures (Broder 1997) of many texts at once, bit for bit those of datasketch."""

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

_SHINGLES_PER_BLOCK = 1 << 17  # permuted at a time: 512 KB, a tenth faster than 256 KB; twice as much gains little more


@dataclass(frozen=True, slots=True, kw_only=True)
class Shingles:
    """Shingle hashes of n texts, in order and with repeats: those of text i are `values[offsets[i]:offsets[i + 1]]`.

    `values` is uint64[m], `offsets` int64[n + 1].
    """

    values: NDArray[np.uint64]
    offsets: NDArray[np.int64]

    def sets(self) -> list[NDArray[np.uint64]]:
        """Return for each text its shingle set: the distinct hashes, uint64, sorted."""
        offsets = self.offsets.tolist()
        return [_sorted_unique(self.values[start:end]) for start, end in itertools.pairwise(offsets)]


def shingles(hashes: TokenHashes, size: int) -> Shingles:
    """Return the shingles of `size` tokens; a text with fewer tokens is one shingle, one without tokens has none."""
    counts = np.diff(hashes.offsets)
    offsets = np.zeros(len(hashes.offsets), np.int64)
    np.cumsum(np.where(counts > 0, np.maximum(counts - size + 1, 1), 0), out=offsets[1:])
    compiled = engine.compiled_kernels()
    if not compiled:
        return Shingles(values=_window_shingles(hashes, size), offsets=offsets)
    values = np.empty(offsets[-1], np.uint64)
    compiled.hash_shingles(hashes.values, hashes.offsets, size, values)
    return Shingles(values=values, offsets=offsets)


def content_hashes(hashes: TokenHashes) -> NDArray[np.uint64]:
    """Return a hash of all tokens in order, for each text that has any: uint64, texts without tokens left out.

    It is the hash of the one shingle that is as long as the text.
    """
    starts, ends = hashes.offsets[:-1], hashes.offsets[1:]
    nonempty = np.flatnonzero(ends > starts)
    compiled = engine.compiled_kernels()
    if not compiled:
        return segment_hashes(hashes.values, starts[nonempty], ends[nonempty])
    values = np.empty(len(nonempty), np.uint64)
    compiled.hash_shingles(hashes.values, hashes.offsets, len(hashes.values), values)
    return values


def _window_shingles(hashes: TokenHashes, size: int) -> NDArray[np.uint64]:
    """Return the shingle hashes of all texts, uint64[m], with numpy: windows that lie within one text."""
    starts, ends = hashes.offsets[:-1], hashes.offsets[1:]
    values = np.zeros(len(hashes.values), np.uint64)
    windows = window_hashes(hashes.values, size)
    values[: len(windows)] = windows
    kept = np.ones(len(values), np.bool_)
    for distance in range(1, size):  # a window that starts in a text's last tokens would end in the next text
        kept[np.maximum(ends - distance, starts)[ends > starts]] = False
    short = np.flatnonzero((ends > starts) & (ends - starts < size))
    values[starts[short]] = segment_hashes(hashes.values, starts[short], ends[short])
    kept[starts[short]] = True
    return values[kept]


def minhash_signatures(texts: Shingles, settings: Settings) -> NDArray[np.uint32]:
    """Return the MinHash signatures of n texts, uint32[n, num_perm].

    A row holds the values of datasketch's MinHash after an update with the low 32 bits of each shingle hash. A text
    without shingles gets the row of an empty MinHash, all 2**32 - 1: never compare it.
    """
    multipliers, increments = _permutations(settings)
    signatures = np.full((len(texts.offsets) - 1, settings.num_perm), np.iinfo(np.uint32).max, np.uint32)
    compiled = engine.compiled_kernels()
    if compiled:
        compiled.update_signatures(texts.values, texts.offsets, multipliers, increments, signatures)
    else:
        _write_signatures(texts, multipliers, increments, signatures)
    return signatures


@functools.lru_cache(maxsize=8)
def _permutations(settings: Settings) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return multipliers and increments of the permutations, each uint32[num_perm]: value * multiplier + increment.

    They are those that datasketch draws for its scheme affine32, whose import takes half a second and loads scipy:
    odd multipliers, which make each permutation one to one, from NumPy's generator of a seed that never changes.
    """
    generator = np.random.RandomState(settings.seed)
    multipliers = generator.randint(0, 1 << 31, settings.num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return multipliers, generator.randint(0, 1 << 32, settings.num_perm, dtype=np.uint32)


def _write_signatures(
    texts: Shingles, multipliers: NDArray[np.uint32], increments: NDArray[np.uint32], signatures: NDArray[np.uint32]
) -> None:
    """Write to each row of `signatures` the least value that each permutation gives to the shingles of a text."""
    values = _fmix32(texts.values.astype(np.uint32))
    for rows in _row_blocks(texts.offsets):
        starts = texts.offsets[rows]
        block = values[starts[0] : texts.offsets[rows[-1] + 1]]
        permuted = np.empty_like(block)
        minima = np.empty((len(multipliers), len(rows)), np.uint32)
        for k in range(len(multipliers)):
            np.multiply(block, multipliers[k], out=permuted)
            np.add(permuted, increments[k], out=permuted)
            np.minimum.reduceat(permuted, starts - starts[0], out=minima[k])
        signatures[rows] = minima.T


def _sorted_unique(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Sort and drop repeats; numpy's own `unique` hashes first and takes twice as long for a few hundred values."""
    ordered = np.sort(values)
    new = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return np.compress(new, ordered)


def lean_minhash(row: NDArray[np.uint32], settings: Settings) -> LeanMinHash:
    """Return a row of `minhash_signatures` as datasketch's own type, for its LSH, Forest and Ensemble."""
    from datasketch import LeanMinHash  # noqa: PLC0415  # half a second, and only its own types need it

    return LeanMinHash(seed=settings.seed, hashvalues=row, scheme=settings.scheme)


def _row_blocks(offsets: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the rows of texts that have shingles, in blocks of about `_SHINGLES_PER_BLOCK` shingles."""
    rows = np.flatnonzero(np.diff(offsets))
    if not len(rows):
        return []
    block = offsets[rows] // _SHINGLES_PER_BLOCK
    return np.split(rows, np.flatnonzero(np.diff(block)) + 1)


def _fmix32(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Mix the bits as datasketch's affine32 scheme does first: the 32-bit finalizer of MurmurHash3."""
    values = values ^ (values >> np.uint32(16))
    values *= np.uint32(0x85EBCA6B)
    values ^= values >> np.uint32(13)
    values *= np.uint32(0xC2B2AE35)
    values ^= values >> np.uint32(16)
    return values
