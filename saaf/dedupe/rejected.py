"""Near misses: the most similar pairs under the threshold, for a reader to judge whether it is well chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.candidates import candidate_pairs
from saaf.dedupe.clusters import Pair
from saaf.dedupe.index_sketches import estimate_jaccard, pair_uses_shingle_size, select_texts, sketch
from saaf.dedupe.near_pairs import jaccard_and_containment
from saaf.dedupe.settings import DEFAULT_SETTINGS
from saaf.dedupe.signatures import shingles
from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from saaf.dedupe.settings import Settings

_MAX_VERIFIED = 500  # pairs compared exactly: those whose estimate lies closest to the threshold


def closest_rejected(
    texts: Sequence[str], *, settings: Settings = DEFAULT_SETTINGS, max_pairs: int = 8
) -> tuple[Pair, ...]:
    """Return at most `max_pairs` verified pairs under the threshold, the most similar first, by index into `texts`.

    They are candidates as `find_duplicates` has them, so one that shares no band is not among them. Of texts with the
    same tokens the first stands for all. No text is in more than one pair: eight pairs of one odd text teach nothing.
    """
    sketches = sketch(texts, settings)
    nonempty = np.flatnonzero(sketches.tokens)
    _, first = np.unique(sketches.content[nonempty], return_index=True)
    rows = nonempty[first]
    distinct = select_texts(sketches, rows)
    found: list[Pair] = []
    for table in distinct.tables:
        candidates = candidate_pairs(table.signatures, settings)
        left, right = distinct.tokens[table.rows[candidates]].T
        candidates = candidates[pair_uses_shingle_size(left, right, table.shingle_size, settings)]
        distance = np.abs(estimate_jaccard(table, candidates) - settings.threshold)
        closest = candidates[np.argsort(distance, kind="stable")[:_MAX_VERIFIED]]
        found += _pairs_under_threshold(texts, rows[table.rows[closest]], table.shingle_size, settings)
    return _disjoint(sorted(found, key=lambda pair: (-pair.jaccard, pair.left, pair.right)), max_pairs)


def _pairs_under_threshold(
    texts: Sequence[str], pairs: NDArray[np.int64], shingle_size: int, settings: Settings
) -> list[Pair]:
    """Compare pairs of texts, int64[m, 2], exactly and return those under the threshold."""
    rows = np.unique(pairs).tolist()
    hashes = token_hashes([texts[row] for row in rows], folded=settings.fold)
    sets = dict(zip(rows, shingles(hashes, shingle_size).sets(), strict=True))
    found = []
    for left, right in np.sort(pairs, axis=1).tolist():
        jaccard, containment = jaccard_and_containment(sets[left], sets[right])
        if jaccard < settings.threshold:
            found.append(Pair(left=left, right=right, jaccard=jaccard, containment=containment))
    return found


def _disjoint(pairs: Sequence[Pair], max_pairs: int) -> tuple[Pair, ...]:
    """Return the first `max_pairs` pairs that have no text in common with an earlier one."""
    used: set[int] = set()
    chosen: list[Pair] = []
    for pair in pairs:
        if len(chosen) < max_pairs and used.isdisjoint((pair.left, pair.right)):
            chosen.append(pair)
            used.update((pair.left, pair.right))
    return tuple(chosen)
