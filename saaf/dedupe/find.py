"""Find near-duplicates among texts: exact duplicates first, then MinHash candidates, each verified by exact Jaccard."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.clusters import Cluster, Linkage, Pair, build_clusters, group_exact_duplicates
from saaf.dedupe.fingerprints import fingerprint_texts
from saaf.dedupe.settings import DEFAULT_SETTINGS
from saaf.dedupe.star_join import Omitted
from saaf.dedupe.verify import verified_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from saaf.dedupe.clusters import ExactDuplicates, Quality
    from saaf.dedupe.near_pairs import NearPairs
    from saaf.dedupe.settings import Settings
    from saaf.dedupe.star_join import Edges


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates:
    """The near-duplicates among some texts: `pairs` sorted by (left, right), `clusters` sorted by their members.

    `empty` are the texts without a token, ascending. No pair is of two representatives, or of a representative and a
    text without a cluster: what is kept has no verified near-duplicate that is kept.

    Of texts with the same tokens the best, or the first of the best, is paired with each of the others and with what is
    similar to all of them; the pairs that follow from these are not listed. Of large groups of texts of one form
    (`saaf.dedupe.large_groups`) only star edges are listed: each text that is set aside with the most similar of the
    kept ones that are better, and with up to three more of them. `omitted` says what was not compared in groups that
    are too large even for that.
    """

    pairs: tuple[Pair, ...]
    clusters: tuple[Cluster, ...]
    empty: tuple[int, ...]
    omitted: Omitted = field(default_factory=Omitted)


def find_duplicates(
    texts: Sequence[str],
    *,
    quality: Sequence[Quality] | None = None,
    criteria: Sequence[str] | None = None,
    settings: Settings = DEFAULT_SETTINGS,
    linkage: Linkage = Linkage.STAR,
) -> Duplicates:
    """Find the near-duplicates among texts; every index in the result is one into `texts`.

    `quality` has one tuple of numbers for each text, all of one length, compared from the left, larger is better; None
    means that all texts are equally good. `criteria` names the elements of these tuples for the sentence that says why
    a text represents its cluster. `linkage` says what joins texts to a cluster. The clusters do not depend on the order
    of the texts; of equally good texts the first represents a star.
    Raises ValueError where `quality` or `criteria` do not fit the texts.
    """
    quality, criteria = validated_quality(quality, criteria, len(texts))
    fingerprints = fingerprint_texts(texts, settings)
    exact = group_exact_duplicates(fingerprints.content, fingerprints.tokens, quality)
    near = verified_pairs(texts, fingerprints, exact.first_members, settings)
    empty = tuple(np.flatnonzero(fingerprints.tokens == 0).tolist())
    del fingerprints  # half a gigabyte for a million texts, before clusters take their share
    return duplicates(exact, near, empty, quality, criteria, linkage)


def duplicates(
    exact: ExactDuplicates,
    near: NearPairs,
    empty: tuple[int, ...],
    quality: Sequence[Quality],
    criteria: Sequence[str],
    linkage: Linkage,
) -> Duplicates:
    """Return the near-duplicates by the pairs of the first members of `exact`, numbered as their groups are."""
    pairs = _pairs(near.edges, exact.first_members)
    return Duplicates(
        pairs=tuple(sorted(pairs + _exact_duplicate_pairs(exact), key=lambda pair: (pair.left, pair.right))),
        clusters=build_clusters(exact, pairs, quality, criteria, linkage, near.in_star_order),
        empty=empty,
        omitted=near.omitted,
    )


def validated_quality(
    quality: Sequence[Quality] | None, criteria: Sequence[str] | None, count: int
) -> tuple[Sequence[Quality], Sequence[str]]:
    """Return quality and criteria for `count` texts, with defaults where None; raise ValueError where they do not fit.

    The default quality is an empty tuple for each text; the default criteria are "criterion 1", "criterion 2", …
    """
    quality = [()] * count if quality is None else quality
    if len(quality) != count:
        raise ValueError(f"{len(quality)} quality tuples for {count} texts: give one for each text")
    lengths = {len(each) for each in quality}
    if len(lengths) > 1 or any(math.isnan(value) for each in quality for value in each):
        raise ValueError("quality tuples must all have the same length and no NaN, or they cannot be ordered")
    length = max(lengths, default=0)
    if criteria is not None and count and len(criteria) != length:
        raise ValueError(f"{len(criteria)} criteria for quality tuples of {length}: name each place")
    return quality, criteria or [f"criterion {number + 1}" for number in range(length)]


def _pairs(edges: Edges, texts: NDArray[np.int64]) -> list[Pair]:
    """Return edges as pairs of texts; number i is text `texts[i]`."""
    left, right = texts[edges.left], texts[edges.right]
    columns = (np.minimum(left, right), np.maximum(left, right), edges.jaccard, edges.containment, edges.verified)
    return [
        Pair(left=one, right=other, jaccard=jaccard, containment=containment, verified=verified)
        for one, other, jaccard, containment, verified in zip(*(each.tolist() for each in columns), strict=True)
    ]


def _exact_duplicate_pairs(exact: ExactDuplicates) -> list[Pair]:
    """Return the pairs of the first text of each group of exact duplicates with each of the others."""
    return [
        Pair(left=min(first, text), right=max(first, text), jaccard=1.0, containment=1.0)
        for first, *others in (exact[group] for group in exact.groups_of_several)
        for text in others
    ]
