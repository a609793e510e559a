"""Sketches of texts: one shingle hash of m, those under 2**64 / m (FracMinHash), in an inverted index.

It is the sketch modulo m of Broder (1997), by the high bits of the hash, for a comparison is faster than a division.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.columns import batches
from saaf.dedupe.signatures import content_hashes, shingles
from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from saaf.dedupe.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sketches:
    """Sketches of n texts: the distinct shingle hashes under a bound, those that two texts or more have as ids.

    `tokens` int64[n] is by text. All others are by rank: `order` int64[n] are the texts from the longest, of equally
    long ones by content. `sizes` int64[n] are the numbers of hashes of a sketch. `holders` int64[k] are the ranks of
    the texts that have an id, ascending: those of id i are `holders[starts[i]:starts[i + 1]]`, `starts` int64[ids + 1].
    """

    tokens: NDArray[np.int64]
    order: NDArray[np.int64]
    sizes: NDArray[np.int64]
    holders: NDArray[np.int64]
    starts: NDArray[np.int64]

    @property
    def tokens_by_rank(self) -> NDArray[np.int64]:
        """The numbers of tokens by rank, int64[n], descending."""
        return self.tokens[self.order]


def choose_modulus(shared: float, recall: float) -> int:
    """Return the largest m, 1 or more, by which texts that share so many shingles share a sampled one often enough.

    The probability of that, 1 - (1 - 1/m)^shared, is `recall`, over 0 and below 1, or more.
    """
    return max(int(1 / (1 - (1 - recall) ** (1 / max(shared, 1.0)))), 1)


def sketch_texts(texts: Sequence[str], modulus: int, settings: Settings) -> Sketches:
    """Return the sketches of all texts, each read once, from the first to the last."""
    bound = np.uint64(((1 << 64) - 1) // modulus)
    tokens = np.zeros(len(texts), np.int64)
    content = np.zeros(len(texts), np.uint64)
    owners, hashes = [np.zeros(0, np.int64)], [np.zeros(0, np.uint64)]
    for rows, batch in batches(texts, np.arange(len(texts))):
        found = token_hashes(batch, folded=settings.fold)
        tokens[rows] = np.diff(found.offsets)
        content[rows[tokens[rows] > 0]] = content_hashes(found)
        column = shingles(found, settings.shingle_size)
        sampled = np.flatnonzero(column.values <= bound)
        hashes.append(column.values[sampled])
        owners.append(rows[np.searchsorted(column.offsets, sampled, "right") - 1])
    order = np.lexsort((content, -tokens))
    rank = np.empty(len(texts), np.int64)
    rank[order] = np.arange(len(texts))
    return _invert(np.concatenate(hashes), rank[np.concatenate(owners)], tokens, order)


def _invert(
    hashes: NDArray[np.uint64], ranks: NDArray[np.int64], tokens: NDArray[np.int64], order: NDArray[np.int64]
) -> Sketches:
    """Return the inverted index of hashes, each with the rank of its text.

    A key is as many low bits of the hash as fit above the rank, so that one sort of integers does; where two hashes are
    alike in these, a candidate is verified for nothing.
    """
    bits = np.uint64(max(len(tokens) - 1, 0).bit_length())
    mask = (np.uint64(1) << bits) - np.uint64(1)
    keys = hashes << bits | ranks.astype(np.uint64)
    keys.sort()
    keys = keys[np.append(True, keys[1:] != keys[:-1])[: len(keys)]]
    holders = (keys & mask).astype(np.int64)
    keys >>= bits
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
    counts = np.diff(starts, append=len(keys))
    several = counts > 1
    return Sketches(
        tokens=tokens,
        order=order,
        sizes=np.bincount(holders, minlength=len(tokens)),
        holders=holders[np.repeat(several, counts)],
        starts=np.append(0, np.cumsum(counts[several])),
    )
