"""Near-duplicates among texts: exact copies first, then candidates by MinHash, each verified on its true shingles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.clusters import Cluster, Linkage, Pair, clusters, group_copies
from saaf.dedupe.passes import survey
from saaf.dedupe.verify import DEFAULT, near_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.dedupe.clusters import Copies, Quality
    from saaf.dedupe.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates:
    """What was found: verified pairs sorted by (left, right), clusters by first member, and the texts without a token.

    Of texts with the same tokens the best, or the first of the best, is paired with each of the others and with what is
    similar to them all; the pairs that follow from these are not listed. Nor are some within large groups of near
    copies, whose members were each compared with better ones (see `saaf.dedupe.candidates`).
    """

    pairs: tuple[Pair, ...]
    clusters: tuple[Cluster, ...]
    empty: tuple[int, ...]


def find_duplicates(
    texts: Sequence[str],
    *,
    quality: Sequence[Quality] | None = None,
    criteria: Sequence[str] | None = None,
    settings: Settings = DEFAULT,
    linkage: Linkage = Linkage.STAR,
) -> Duplicates:
    """Find the near-duplicates among texts; every index in the answer is one into `texts`.

    `quality` has one tuple of numbers for each text, all of one length, compared from the left, larger is better; None
    means all are equal. `criteria` names the places of these tuples for the sentence that says why a text represents
    its cluster. The clusters do not depend on the order of the texts; of equally good texts the first represents a
    star. `linkage` says what joins texts to a cluster.
    Raises ValueError where `quality` or `criteria` do not go with the texts.
    """
    quality, criteria = checked(quality, criteria, len(texts))
    known = survey(texts, settings)
    copies = group_copies(known.content, known.tokens, quality)
    near = near_pairs(texts, known, copies.heads, settings)
    empty = tuple(np.flatnonzero(known.tokens == 0).tolist())
    del known  # half a gigabyte for a million texts, before clusters take their share
    return Duplicates(
        pairs=tuple(sorted(near + same(copies), key=lambda pair: (pair.left, pair.right))),
        clusters=clusters(copies, near, quality, criteria, linkage),
        empty=empty,
    )


def checked(
    quality: Sequence[Quality] | None, criteria: Sequence[str] | None, count: int
) -> tuple[Sequence[Quality], Sequence[str]]:
    """Return quality and criteria for `count` texts, made up where None; raise ValueError where they do not go."""
    quality = [()] * count if quality is None else quality
    if len(quality) != count:
        raise ValueError(f"{len(quality)} quality tuples for {count} texts: give one for each text")
    lengths = {len(each) for each in quality}
    if len(lengths) > 1 or any(math.isnan(value) for each in quality for value in each):
        raise ValueError("quality tuples must all have the same length and no NaN, or they cannot be ordered")
    places = max(lengths, default=0)
    if criteria is not None and count and len(criteria) != places:
        raise ValueError(f"{len(criteria)} criteria for quality tuples of {places}: name each place")
    return quality, criteria or [f"criterion {place + 1}" for place in range(places)]


def same(copies: Copies) -> list[Pair]:
    """Return the pairs of the first of each group of texts with the same tokens and each of the others."""
    return [
        Pair(left=min(head, text), right=max(head, text), jaccard=1.0, containment=1.0)
        for head, *others in (copies[group] for group in copies.repeated)
        for text in others
    ]
