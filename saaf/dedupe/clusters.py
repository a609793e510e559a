"""Verified pairs to clusters: stars, in which every member was compared with its representative, or components."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, overload

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Edges = Mapping[int, Mapping[int, "Pair"]]
    Groups = Mapping[int, Sequence[int]]
    Links = Mapping[int, tuple[int, "Pair | None"]]

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


@dataclass(frozen=True, slots=True, eq=False)
class Copies(Sequence[Sequence[int]]):
    """Groups of texts with the same tokens, best text first, from the group with the best to the worst.

    Group i is `members[bounds[i]:bounds[i + 1]]`; two arrays, for nearly all of a million groups have one member.
    """

    members: NDArray[np.int64]
    bounds: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.bounds) - 1

    @overload
    def __getitem__(self, index: int) -> list[int]: ...
    @overload
    def __getitem__(self, index: slice) -> list[list[int]]: ...
    def __getitem__(self, index: int | slice) -> list[int] | list[list[int]]:
        if isinstance(index, slice):
            return [self[group] for group in range(len(self))[index]]
        group = range(len(self))[index]
        members: list[int] = self.members[self.bounds[group] : self.bounds[group + 1]].tolist()
        return members

    def of(self, groups: Sequence[int]) -> dict[int, list[int]]:
        """Return some of the groups by number."""
        starts, ends = (self.bounds[np.array(groups, np.int64) + past].tolist() for past in (0, 1))
        return {group: self.members[start:end].tolist() for group, start, end in zip(groups, starts, ends, strict=True)}

    @property
    def heads(self) -> NDArray[np.int64]:
        """The first of each group."""
        return self.members[self.bounds[:-1]]

    @property
    def repeated(self) -> list[int]:
        """The groups of two texts or more."""
        groups: list[int] = np.flatnonzero(np.diff(self.bounds) > 1).tolist()
        return groups


def group_copies(content: NDArray[np.uint64], tokens: NDArray[np.int64], quality: Sequence[Quality]) -> Copies:
    """Return the groups of texts with the same content; a text without a token is in none.

    Groups of equal quality are ordered by their content's hash, so that no later choice depends on the order of the
    texts.
    """
    filled = np.flatnonzero(tokens)
    worth = -np.array([quality[text] for text in filled.tolist()], np.float64)
    places = list(worth.T[::-1]) if worth.ndim == 2 else []  # the last place first, as lexsort has it
    order = np.lexsort((*places, content[filled]))  # stable: equals stay as they came
    starts = np.flatnonzero(np.append(True, np.diff(content[filled][order]) != 0)) if len(filled) else filled
    sizes = np.diff(starts, append=len(filled))
    heads = order[starts]
    best = np.lexsort((content[filled][heads], *(column[heads] for column in places)))
    bounds = np.zeros(len(starts) + 1, np.int64)
    np.cumsum(sizes[best], out=bounds[1:])
    moved = np.arange(len(filled)) + np.repeat(starts[best] - bounds[:-1], sizes[best])
    return Copies(filled[order[moved]], bounds)


def clusters(
    copies: Copies,
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
    members = copies.of(sorted({*edges, *copies.repeated}))
    taken: set[int] = set()
    found: list[Cluster] = []
    for centre, texts in members.items():
        if centre in taken:
            continue
        if linkage is Linkage.STAR:
            star = [centre, *(other for other in sorted(edges.get(centre, ())) if other not in taken)]
            head = _representative(star, members, edges, quality)
            links: Links = {group: (0, None) if group == head else (1, edges[head][group]) for group in star}
        else:
            head, links = centre, _reached(centre, edges)
        taken.update(links)
        if len(links) > 1 or len(texts) > 1:
            found.append(_cluster(head, links, members, quality, criteria))
    return tuple(sorted(found, key=lambda cluster: cluster.members))


def _edges(copies: Copies, near: Sequence[Pair]) -> Edges:
    """Return for each group that has near ones these groups, each with the pair that says so."""
    texts = np.array([(pair.left, pair.right) for pair in near], np.int64).reshape(-1, 2)
    group_of = np.zeros(copies.members.max(initial=0) + 1, np.int64)
    group_of[copies.heads] = np.arange(len(copies))
    edges: dict[int, dict[int, Pair]] = {}
    for (left, right), pair in zip(group_of[texts].tolist(), near, strict=True):
        edges.setdefault(left, {})[right] = edges.setdefault(right, {})[left] = pair
    return edges


def _reached(start: int, edges: Edges) -> Links:
    """Return the groups that can be reached: (steps, the pair that leads towards the start), breadth first."""
    found: dict[int, tuple[int, Pair | None]] = {start: (0, None)}  # as `Links`, but written to
    waiting = deque([start])
    while waiting:
        group = waiting.popleft()
        for other in sorted(edges.get(group, ())):
            if other not in found:
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
    links: Links,
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
    if like is not None and {like.left, like.right} == {one, other}:
        return like
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
