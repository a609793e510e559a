"""Verified pairs to clusters that can be defended: stars, in which every member was compared with its representative."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two texts by index, left < right, with the exact similarity of their shingle sets, each 0 to 1.

    `jaccard` is shared shingles over all shingles; `containment` is shared shingles over those of the smaller set.
    """

    left: int
    right: int
    jaccard: float
    containment: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Two texts or more that tell the same: `members` sorted, the `representative` among them, and `why` it was chosen.

    `pairs` has one pair for each other member: that of the member and the representative.
    """

    members: tuple[int, ...]
    representative: int
    why: str
    pairs: tuple[Pair, ...]


Quality = tuple[float, ...]
Edges = Mapping[int, Mapping[int, Pair]]


def star_clusters(
    copies: Sequence[Sequence[int]], order: Sequence[int], edges: Edges, quality: Sequence[Quality]
) -> tuple[Cluster, ...]:
    """Return the clusters, sorted by their first member.

    `copies[g]` are the texts of group g, identical as fingerprints see them, best first; `order` names all groups
    from the best to the worst; `edges[g]` has the verified pairs of its first text with those of other groups. The best
    group that is still free becomes a centre and takes its free neighbours: no chain of small changes can join texts
    that have little in common.
    """
    free = [True] * len(copies)
    found: list[Cluster] = []
    for centre in order:
        if not free[centre]:
            continue
        groups = [centre, *(g for g in sorted(edges.get(centre, {})) if free[g])]
        for group in groups:
            free[group] = False
        if len(groups) > 1 or len(copies[centre]) > 1:
            found.append(_cluster(groups, copies, edges, quality))
    return tuple(sorted(found, key=lambda cluster: cluster.members))


def _cluster(groups: list[int], copies: Sequence[Sequence[int]], edges: Edges, quality: Sequence[Quality]) -> Cluster:
    """Make one cluster; `groups[0]` is its centre, of the best quality there is in it.

    Where others are as good and were verified against every member too, the text that came first represents.
    """
    best = quality[copies[groups[0]][0]]
    equals = [
        g for g in groups if quality[copies[g][0]] == best and all(h == g or h in edges.get(g, {}) for h in groups)
    ]
    group = min(equals, key=lambda g: copies[g][0])
    representative = copies[group][0]
    pairs = []
    for other in groups:
        for text in copies[other]:
            if text != representative:
                like = edges[group][other] if other != group else None
                pairs.append(_pair(representative, text, like))
    pairs.sort(key=lambda pair: (pair.left, pair.right))
    members = tuple(sorted(text for g in groups for text in copies[g]))
    why = _why(representative, members, quality, min(pair.jaccard for pair in pairs))
    return Cluster(members=members, representative=representative, why=why, pairs=tuple(pairs))


def _pair(one: int, other: int, like: Pair | None) -> Pair:
    """Return the pair of two texts, as similar as `like`; None: identical as fingerprints see them."""
    return Pair(
        left=min(one, other),
        right=max(one, other),
        jaccard=like.jaccard if like else 1.0,
        containment=like.containment if like else 1.0,
    )


def _why(representative: int, members: Sequence[int], quality: Sequence[Quality], least: float) -> str:
    """Say in one sentence why this text stands for the others."""
    best = quality[representative]
    rival = max(quality[text] for text in members if text != representative)
    if best == rival:
        reason = "it came first of those of equal quality" if best else "it came first, and no quality was given"
    else:
        place = next(i for i, (a, b) in enumerate(zip(best, rival, strict=True)) if a != b)
        reason = f"its quality is best, {best[place]:g} against {rival[place]:g} in criterion {place + 1}"
    return f"Represents {len(members)} texts: {reason}; the least similar member has Jaccard {least:.2f} with it."
