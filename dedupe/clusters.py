"""Verified pairs to clusters one can defend: stars, in which every member was compared with its representative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Quality = tuple[float, ...]
"""What a text is worth as a representative: compared from the left, larger is better."""


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


def star_clusters(
    copies: Sequence[Sequence[int]], near: Sequence[Pair], quality: Sequence[Quality], criteria: Sequence[str]
) -> tuple[Cluster, ...]:
    """Return the clusters, sorted by their first member.

    `copies` are groups of texts with the same tokens, best text first, from the best group to the worst; `near` are
    the verified pairs between first texts of groups. The best group still free becomes a centre and takes its free
    neighbours: no chain of small changes can join texts that have little in common.
    """
    group_of = {group[0]: number for number, group in enumerate(copies)}
    edges: dict[int, dict[int, Pair]] = {number: {} for number in range(len(copies))}
    for pair in near:
        left, right = group_of[pair.left], group_of[pair.right]
        edges[left][right] = edges[right][left] = pair
    free = [True] * len(copies)
    found: list[Cluster] = []
    for centre in range(len(copies)):
        if not free[centre]:
            continue
        star = [centre, *(other for other in sorted(edges[centre]) if free[other])]
        for group in star:
            free[group] = False
        if len(star) > 1 or len(copies[centre]) > 1:
            head = _representative(star, copies, edges, quality)
            found.append(_cluster(head, {group: copies[group] for group in star}, edges[head], quality, criteria))
    return tuple(sorted(found, key=lambda cluster: cluster.members))


def _representative(
    star: Sequence[int],
    copies: Sequence[Sequence[int]],
    edges: Mapping[int, Mapping[int, Pair]],
    quality: Sequence[Quality],
) -> int:
    """Return the group that represents: the centre, or one as good that came first and was verified against all too."""
    best = quality[copies[star[0]][0]]
    equals = sorted((copies[group][0], group) for group in star if quality[copies[group][0]] == best)
    return next(group for _, group in equals if all(other == group or other in edges[group] for other in star))


def _cluster(
    head: int,
    groups: Mapping[int, Sequence[int]],
    edges: Mapping[int, Pair],
    quality: Sequence[Quality],
    criteria: Sequence[str],
) -> Cluster:
    representative = groups[head][0]
    pairs = [
        _pair(representative, text, None if group == head else edges[group])
        for group, texts in groups.items()
        for text in texts
        if text != representative
    ]
    rival = max(quality[text] for texts in groups.values() for text in texts if text != representative)
    return Cluster(
        members=tuple(sorted(text for texts in groups.values() for text in texts)),
        representative=representative,
        why=_why(len(pairs) + 1, quality[representative], rival, criteria, min(pair.jaccard for pair in pairs)),
        pairs=tuple(sorted(pairs, key=lambda pair: (pair.left, pair.right))),
    )


def _pair(one: int, other: int, like: Pair | None) -> Pair:
    """Return the pair of two texts, as similar as `like`; None where their tokens are the same."""
    return Pair(
        left=min(one, other),
        right=max(one, other),
        jaccard=like.jaccard if like else 1.0,
        containment=like.containment if like else 1.0,
    )


def _why(count: int, best: Quality, rival: Quality, criteria: Sequence[str], least: float) -> str:
    """Say in one sentence why a text stands for the others; `rival` is the best quality among these."""
    place = next((i for i, (a, b) in enumerate(zip(best, rival, strict=True)) if a != b), None)
    if place is not None:
        reason = f"it is the best in {criteria[place]}, {best[place]:g} against {rival[place]:g}"
    elif best:
        reason = "none is better, and it is the first verified against all the others"
    else:
        reason = "no quality was given, and it is the first verified against all the others"
    return f"Represents {count} texts: {reason}; the least similar member has Jaccard {least:.2f} with it."
