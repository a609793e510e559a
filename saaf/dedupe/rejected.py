"""The other side of the threshold: the most similar pairs that are not near-duplicates, for a reader to judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.candidates import candidate_pairs
from saaf.dedupe.clusters import Pair
from saaf.dedupe.index_sketches import estimate, sketch, take, wanted
from saaf.dedupe.signatures import shingles
from saaf.dedupe.tokenizer import token_hashes
from saaf.dedupe.verify import DEFAULT, compare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from saaf.dedupe.settings import Settings

_LOOKED_AT = 500  # pairs that are compared exactly: those whose estimate lies closest to the threshold


def closest_rejected(texts: Sequence[str], *, settings: Settings = DEFAULT, most: int = 8) -> tuple[Pair, ...]:
    """Return at most `most` verified pairs under the threshold, the most similar first, by index into `texts`.

    They are candidates as `find_duplicates` has them, so one that shares no band is not among them. Of texts with the
    same tokens the first stands for all. No text is in more than one pair: eight pairs of one odd text teach nothing.
    """
    sketches = sketch(texts, settings)
    filled = np.flatnonzero(sketches.tokens)
    _, first = np.unique(sketches.content[filled], return_index=True)
    rows = filled[first]
    chosen = take(sketches, rows)
    found: list[Pair] = []
    for tier in chosen.tiers:
        places = candidate_pairs(tier.signatures, settings)
        pairs = tier.rows[places]
        places = places[wanted(chosen.tokens[pairs[:, 0]], chosen.tokens[pairs[:, 1]], tier.size, settings)]
        nearest = np.argsort(np.abs(estimate(tier, places) - settings.threshold), kind="stable")[:_LOOKED_AT]
        found += _compared(texts, rows[tier.rows[places[nearest]]], tier.size, settings)
    return _apart(sorted(found, key=lambda pair: (-pair.jaccard, pair.left, pair.right)), most)


def _compared(texts: Sequence[str], pairs: NDArray[np.int64], size: int, settings: Settings) -> list[Pair]:
    """Return the pairs that are under the threshold."""
    rows = np.unique(pairs).tolist()
    hashes = token_hashes([texts[row] for row in rows], folded=settings.fold)
    sets = dict(zip(rows, shingles(hashes, size).sets(), strict=True))
    found = []
    for left, right in np.sort(pairs, axis=1).tolist():
        jaccard, containment = compare(sets[left], sets[right])
        if jaccard < settings.threshold:
            found.append(Pair(left=left, right=right, jaccard=jaccard, containment=containment))
    return found


def _apart(pairs: Sequence[Pair], most: int) -> tuple[Pair, ...]:
    seen: set[int] = set()
    chosen: list[Pair] = []
    for pair in pairs:
        if len(chosen) < most and seen.isdisjoint((pair.left, pair.right)):
            chosen.append(pair)
            seen.update((pair.left, pair.right))
    return tuple(chosen)
