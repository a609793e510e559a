"""Verified pairs to clusters: stars, in which every member was compared with its representative, or components."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Edges = Mapping[int, Mapping[int, "Pair"]]
    Groups = Sequence[Sequence[int]]

Quality = tuple[float, ...]
"""What a text is worth as a representative: compared from the left, larger is better."""


class Linkage(StrEnum):
    """What joins texts to a cluster."""

    STAR = "star"
    """Each member has at least the threshold with the representative: no chain of small changes joins strangers."""
    COMPONENTS = "components"
    """Each member has at least the threshold with some other member: everything that hangs together is one cluster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two texts by index, left < right, with the exact similarity of their shingle sets, each 0 to 1.

    `jaccard` is shared shingles over all shingles; `containment` is shared shingles over those of the smaller set.
    Where `verified` is False, which only an index without texts gives, both are estimates from the signatures.
    """

    left: int
    right: int
    jaccard: float
    containment: float
    verified: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Two texts or more that tell the same: `members` sorted, the `representative` among them, and `why` it was chosen.

    `pairs`, sorted, link the members: for each other member one pair, with the representative in a star, and in a
    component with the member through which the fewest steps lead there. `chain` is how many of these pairs lead from
    the representative to the member farthest from it: 1 in a star.
    """

    members: tuple[int, ...]
    representative: int
    why: str
    pairs: tuple[Pair, ...]
    chain: int

    @property
    def least(self) -> Pair:
        """The least similar of the pairs, the first of equals."""
        return min(self.pairs, key=lambda pair: (pair.jaccard, pair.left, pair.right))


def group_copies(content: NDArray[np.uint64], tokens: NDArray[np.int64], quality: Sequence[Quality]) -> list[list[int]]:
    """Return groups of texts with the same content, best text first, from the group with the best to the worst.

    A text without a token is in none. Groups of equal quality are ordered by their content's hash, so that no later
    choice depends on the order of the texts.
    """
    filled = np.flatnonzero(tokens)
    groups: dict[int, list[int]] = {}
    for text, key in zip(filled.tolist(), content[filled].tolist(), strict=True):
        groups.setdefault(key, []).append(text)
    copies = [sorted(groups[key], key=lambda text: quality[text], reverse=True) for key in sorted(groups)]
    return sorted(copies, key=lambda group: quality[group[0]], reverse=True)


def clusters(
    copies: Groups,
    near: Sequence[Pair],
    quality: Sequence[Quality],
    criteria: Sequence[str],
    linkage: Linkage = Linkage.STAR,
) -> tuple[Cluster, ...]:
    """Return the clusters, sorted by their members.

    `copies` are groups of texts with the same tokens, best text first, from the best group to the worst; `near` are
    the verified pairs between first texts of groups. The best group still free becomes the centre of a star and takes
    its free neighbours, or of a component and takes all that can be reached. `criteria` name the places of `quality`.
    """
    edges = _edges(copies, near)
    free = [True] * len(copies)
    found: list[Cluster] = []
    for centre in range(len(copies)):
        if not free[centre]:
            continue
        if linkage is Linkage.STAR:
            groups = [centre, *(other for other in sorted(edges[centre]) if free[other])]
        else:
            groups = sorted(_reached(centre, edges))
        for group in groups:
            free[group] = False
        if len(groups) > 1 or len(copies[centre]) > 1:
            head = _representative(groups, copies, edges, quality) if linkage is Linkage.STAR else centre
            links = _reached(head, edges, within=frozenset(groups))
            found.append(_cluster(head, links, copies, quality, criteria))
    return tuple(sorted(found, key=lambda cluster: cluster.members))


def _edges(copies: Groups, near: Sequence[Pair]) -> Edges:
    group_of = {group[0]: number for number, group in enumerate(copies)}
    edges: dict[int, dict[int, Pair]] = {number: {} for number in range(len(copies))}
    for pair in near:
        left, right = group_of[pair.left], group_of[pair.right]
        edges[left][right] = edges[right][left] = pair
    return edges


def _reached(start: int, edges: Edges, within: frozenset[int] | None = None) -> dict[int, tuple[int, Pair | None]]:
    """Return the groups that can be reached: (steps, the pair that leads towards the start), breadth first."""
    found: dict[int, tuple[int, Pair | None]] = {start: (0, None)}
    waiting = deque([start])
    while waiting:
        group = waiting.popleft()
        for other in sorted(edges[group]):
            if other not in found and (within is None or other in within):
                found[other] = (found[group][0] + 1, edges[group][other])
                waiting.append(other)
    return found


def _representative(star: Sequence[int], copies: Groups, edges: Edges, quality: Sequence[Quality]) -> int:
    """Return the group that represents: the centre, or one as good that came first and was verified against all too."""
    best = quality[copies[star[0]][0]]
    equals = sorted((copies[group][0], group) for group in star if quality[copies[group][0]] == best)
    return next(group for _, group in equals if all(other == group or other in edges[group] for other in star))


def _cluster(
    head: int,
    links: Mapping[int, tuple[int, Pair | None]],
    copies: Groups,
    quality: Sequence[Quality],
    criteria: Sequence[str],
) -> Cluster:
    representative = copies[head][0]
    first_of = {copies[group][0]: group for group in links}
    pairs = []
    for group, (_, link) in links.items():
        towards = representative
        if link is not None:
            towards = link.left if first_of[link.right] == group else link.right
        pairs += [_pair(towards, text, link) for text in copies[group] if text != representative]
    members = sorted(text for group in links for text in copies[group])
    rival = max(quality[text] for text in members if text != representative)
    chain = max(1, *(steps for steps, _ in links.values())) if len(links) > 1 else 1
    least = min(pair.jaccard for pair in pairs)
    return Cluster(
        members=tuple(members),
        representative=representative,
        why=_why(len(members), quality[representative], rival, criteria, chain) + _least(least, chain),
        pairs=tuple(sorted(pairs, key=lambda pair: (pair.left, pair.right))),
        chain=chain,
    )


def _pair(one: int, other: int, like: Pair | None) -> Pair:
    """Return the pair of two texts, as similar as `like`; None where their tokens are the same."""
    return Pair(
        left=min(one, other),
        right=max(one, other),
        jaccard=like.jaccard if like else 1.0,
        containment=like.containment if like else 1.0,
        verified=like.verified if like else True,
    )


def _why(count: int, best: Quality, rival: Quality, criteria: Sequence[str], chain: int) -> str:
    """Say in one sentence why a text stands for the others; `rival` is the best quality among these."""
    place = next((i for i, (a, b) in enumerate(zip(best, rival, strict=True)) if a != b), None)
    given = "none is better" if best else "no quality was given"
    if place is not None:
        reason = f"it is the best in {criteria[place]}, {best[place]:g} against {rival[place]:g}"
    elif chain == 1:
        reason = f"{given}, and it is the first verified against all the others"
    else:
        reason = f"{given}, and it is the first by content"
    return f"Represents {count} texts: {reason}; "


def _least(least: float, chain: int) -> str:
    if chain == 1:
        return f"the least similar member has Jaccard {least:.2f} with it."
    return f"the least similar link has Jaccard {least:.2f}, and up to {chain} links lead to a member."
