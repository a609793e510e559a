"""Candidates for containment: pairs of a text and a longer one whose sketches share enough hashes.

To share c of the s hashes of its sketch, a text must share one of any s - c + 1 of them (the prefix filter of
Chaudhuri, Ganti and Kaushik 2006). Those that the fewest longer texts have are followed in the inverted index.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.star_join import Omitted, rank_in_runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from saaf.dedupe.sketches import Sketches

MAX_HOLDERS = 64
"""Texts that are followed from one hash of a shorter text: the longest of those that have it."""
MAX_CANDIDATES = 16
"""Longer texts with which one text is compared shingle by shingle: those that share the most of its sketch."""
FALSE_REJECTION = 1e-3
"""Probability of rejecting a pair at the threshold by its sketches: a tenth of what the sampling may miss."""

_PAIRS_PER_BATCH = 1 << 20  # of a text and a holder of one of its hashes, formed at a time: 16 bytes each, a few times


def find_candidates(sketches: Sketches, threshold: float, min_tokens: int) -> tuple[NDArray[np.int64], Omitted]:
    """Return the pairs of texts (contained, containing), int64[m, 2], that may reach the threshold, and what was left.

    Texts of fewer than `min_tokens` tokens are contained in none. What was left out is an upper bound: a pair is
    counted for each hash from which it was not followed.
    """
    least = _least_shared(sketches.sizes, threshold)
    ids = np.repeat(np.arange(len(sketches.starts) - 1), np.diff(sketches.starts))
    longer = _count_longer(sketches, ids)
    entries = _prefix(sketches, longer, least)
    entries = entries[(longer[entries] > 0) & (sketches.tokens_by_rank[sketches.holders[entries]] >= min_tokens)]
    ranks, followed = sketches.holders[entries], np.minimum(longer[entries], MAX_HOLDERS)
    omitted = np.zeros(len(sketches.sizes), np.int64)
    np.add.at(omitted, ranks, longer[entries] - followed)
    index = _Index(sketches, ids)
    parts = [np.zeros((0, 2), np.int64)]
    for part in _batches(ranks, followed):
        pairs = _distinct_pairs(sketches, ranks[part], ids[entries[part]], followed[part])
        shared = index.count_shared(pairs)
        enough = shared >= least[pairs[:, 0]]
        pairs, shared = pairs[enough], shared[enough]
        pairs = pairs[np.lexsort((pairs[:, 1], -shared, pairs[:, 0]))]
        over = rank_in_runs(pairs[:, 0]) >= MAX_CANDIDATES
        np.add.at(omitted, pairs[over, 0], 1)
        parts.append(pairs[~over])
    left_out = Omitted(texts=int(np.count_nonzero(omitted)), comparisons=int(omitted.sum()))
    return sketches.order[np.concatenate(parts)], left_out


def _least_shared(sizes: NDArray[np.int64], threshold: float) -> NDArray[np.int64]:
    """Return how many hashes of a sketch a containing text has at least, 1 or more, by the size of the sketch.

    At the threshold fewer are shared with a probability of at most `FALSE_REJECTION` (Hoeffding's bound, which holds
    for samples without replacement).
    """
    least = sizes * threshold - np.sqrt(sizes * (math.log(1 / FALSE_REJECTION) / 2))
    rounded: NDArray[np.int64] = np.maximum(np.ceil(least), 1).astype(np.int64)
    return rounded


def _count_longer(sketches: Sketches, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each entry of the inverted index how many of the texts with its id have more tokens than its own."""
    tokens = sketches.tokens_by_rank[sketches.holders]
    is_first = np.append(True, (ids[1:] != ids[:-1]) | (tokens[1:] != tokens[:-1]))[: len(ids)]
    first_of_length = np.maximum.accumulate(np.where(is_first, np.arange(len(ids)), 0))
    longer: NDArray[np.int64] = first_of_length - sketches.starts[ids]
    return longer


def _prefix(sketches: Sketches, longer: NDArray[np.int64], least: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the entries that are followed, by rank of the text: those that the fewest longer texts have.

    Hashes that no other text has, which are no entries, come before all.
    """
    lengths = np.bincount(sketches.holders, minlength=len(sketches.sizes)) - least + 1
    entries = np.lexsort((longer, sketches.holders))
    ranks = sketches.holders[entries]
    return entries[rank_in_runs(ranks) < lengths[ranks]]


def _batches(ranks: NDArray[np.int64], counts: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return positions in batches of about `_PAIRS_PER_BATCH` of the sum of `counts`, those of one rank together."""
    if not len(ranks):
        return []
    starts = np.flatnonzero(np.append(True, ranks[1:] != ranks[:-1]))
    batch = np.cumsum(np.add.reduceat(counts, starts)) // _PAIRS_PER_BATCH
    return np.split(np.arange(len(ranks)), starts[np.flatnonzero(np.diff(batch)) + 1])


def _distinct_pairs(
    sketches: Sketches, ranks: NDArray[np.int64], ids: NDArray[np.int64], counts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return each pair of a rank and one of the first `counts` holders of its id, by rank, int64[m, 2], once."""
    ends = np.cumsum(counts)
    positions = np.arange(ends[-1]) + np.repeat(sketches.starts[ids] - ends + counts, counts)
    keys = np.unique(np.repeat(ranks, counts) * len(sketches.sizes) + sketches.holders[positions])
    return np.stack([keys // len(sketches.sizes), keys % len(sketches.sizes)], axis=1)


class _Index:
    """The ids of each text, for counting those that two share."""

    def __init__(self, sketches: Sketches, ids: NDArray[np.int64]) -> None:
        self._count = max(len(sketches.starts) - 1, 1)
        self._keys = sketches.holders * self._count + ids
        self._keys.sort()
        self._ends = np.cumsum(np.bincount(sketches.holders, minlength=len(sketches.sizes)))

    def count_shared(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many ids the texts of each pair of ranks share, int64[m]; each has one at least."""
        result = np.zeros(len(pairs), np.int64)
        for part in _batches(np.arange(len(pairs)), self._sizes(pairs[:, 0])):
            left, right = pairs[part].T
            sizes = self._sizes(left)
            ends = np.cumsum(sizes)
            keys = self._keys[np.arange(ends[-1]) + np.repeat(self._ends[left] - ends, sizes)]
            keys += np.repeat((right - left) * self._count, sizes)
            found = self._keys[np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)] == keys
            result[part] = np.add.reduceat(found, ends - sizes, dtype=np.int64)
        return result

    def _sizes(self, ranks: NDArray[np.int64]) -> NDArray[np.int64]:
        sizes: NDArray[np.int64] = self._ends[ranks] - np.where(ranks > 0, self._ends[ranks - 1], 0)
        return sizes
