"""Clusters from verified pairs: stars, in which every member is similar to its representative, or components."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, overload

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    Edges = Mapping[int, Mapping[int, "Pair"]]  # by group of exact duplicates, then by neighbouring group
    Groups = Mapping[int, Sequence[int]]  # texts by group of exact duplicates, the best first
    Links = Mapping[int, tuple[int, "Pair | None"]]  # by group: steps from the representative, the pair towards it

Quality = tuple[float, ...]
"""How good a text is as a representative: compared from the left, larger is better."""


class Linkage(StrEnum):
    """Linkage criterion: what joins texts to a cluster."""

    STAR = "star"
    """Each member has at least the threshold with the representative: no chain of small changes joins unlike texts."""
    COMPONENTS = "components"
    """Single linkage: each member has at least the threshold with some other member (a connected component)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two texts by index, left < right, with the exact similarities of their shingle sets, each 0 to 1.

    `jaccard` is shared shingles over all shingles; `containment` is shared shingles over those of the smaller set
    (resemblance and containment of Broder 1997, but containment of the smaller set).
    Where `verified` is False, which only an index without texts gives, both are estimates from the signatures.
    """

    left: int
    right: int
    jaccard: float
    containment: float
    verified: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Two or more near-duplicates: `members` sorted, the `representative` among them, and `why` it was chosen.

    `pairs`, sorted, link the members: there is one for each member but the representative, in a star with the
    representative, and in a component with the next member on a shortest path to it. `chain_length` is the number of
    pairs on the longest of these paths: 1 in a star.
    """

    members: tuple[int, ...]
    representative: int
    why: str
    pairs: tuple[Pair, ...]
    chain_length: int

    @property
    def least_similar(self) -> Pair:
        """The pair with the lowest Jaccard similarity, the first of equals."""
        return min(self.pairs, key=lambda pair: (pair.jaccard, pair.left, pair.right))


@dataclass(frozen=True, slots=True, eq=False)
class ExactDuplicates(Sequence[Sequence[int]]):
    """Groups of texts with the same tokens: the best text first in a group, and the group with the best text first.

    Group i is `members[offsets[i]:offsets[i + 1]]`, with `members` int64[n] and `offsets` int64[groups + 1]: two
    arrays, for nearly all of a million groups have one member.
    """

    members: NDArray[np.int64]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, index: int) -> list[int]: ...
    @overload
    def __getitem__(self, index: slice) -> list[list[int]]: ...
    def __getitem__(self, index: int | slice) -> list[int] | list[list[int]]:
        if isinstance(index, slice):
            return [self[group] for group in range(len(self))[index]]
        group = range(len(self))[index]
        members: list[int] = self.members[self.offsets[group] : self.offsets[group + 1]].tolist()
        return members

    def select(self, groups: Sequence[int]) -> dict[int, list[int]]:
        """Return the members of some groups, by number of the group."""
        starts, ends = (self.offsets[np.array(groups, np.int64) + past].tolist() for past in (0, 1))
        return {group: self.members[start:end].tolist() for group, start, end in zip(groups, starts, ends, strict=True)}

    @property
    def first_members(self) -> NDArray[np.int64]:
        """The first text of each group, int64[groups]."""
        return self.members[self.offsets[:-1]]

    @property
    def groups_of_several(self) -> list[int]:
        """The numbers of the groups of two texts or more."""
        groups: list[int] = np.flatnonzero(np.diff(self.offsets) > 1).tolist()
        return groups


def group_exact_duplicates(
    content: NDArray[np.uint64], tokens: NDArray[np.int64], quality: Sequence[Quality]
) -> ExactDuplicates:
    """Group the texts with equal content hashes, uint64[n]; a text without a token (`tokens`, int64[n]) is in no group.

    Groups of equal quality are ordered by their content hash, so that no later choice depends on the order of the
    texts.
    """
    nonempty = np.flatnonzero(tokens)
    negated = -np.array([quality[text] for text in nonempty.tolist()], np.float64)
    keys = list(negated.T[::-1]) if negated.ndim == 2 else []  # the last criterion first, as lexsort has it
    order = np.lexsort((*keys, content[nonempty]))  # stable: equals stay as they came
    starts = np.flatnonzero(np.append(True, np.diff(content[nonempty][order]) != 0)) if len(nonempty) else nonempty
    sizes = np.diff(starts, append=len(nonempty))
    firsts = order[starts]
    group_order = np.lexsort((content[nonempty][firsts], *(key[firsts] for key in keys)))
    offsets = np.zeros(len(starts) + 1, np.int64)
    np.cumsum(sizes[group_order], out=offsets[1:])
    moved = np.arange(len(nonempty)) + np.repeat(starts[group_order] - offsets[:-1], sizes[group_order])
    return ExactDuplicates(nonempty[order[moved]], offsets)


def build_clusters(
    exact: ExactDuplicates,
    near: Sequence[Pair],
    quality: Sequence[Quality],
    criteria: Sequence[str],
    linkage: Linkage = Linkage.STAR,
    in_star_order: NDArray[np.bool_] | None = None,
) -> tuple[Cluster, ...]:
    """Return the clusters, sorted by their members.

    `near` are the verified pairs between first members of groups of `exact`. Stars are greedy: the groups, the best
    first, become centres where no centre before them is a neighbour; the others join the most similar of the centres
    before them, of equals the first. A component is all that can be reached from the best of its groups. So no pair of
    `near` is of two representatives. `criteria` name the elements of the `quality` tuples. `in_star_order`,
    bool[groups], are groups of which pairs with later groups may be missing in `near`; None means none.
    """
    edges = _edges(exact, near)
    members = exact.select(sorted({*edges, *exact.groups_of_several}))
    if linkage is Linkage.STAR:
        movable = np.ones(len(exact), np.bool_) if in_star_order is None else ~in_star_order
        linked = _stars(members, edges, quality, movable)
    else:
        linked = _components(members, edges)
    found = [
        _cluster(head, links, members, quality, criteria)
        for head, links in linked.items()
        if len(links) > 1 or len(members[head]) > 1
    ]
    return tuple(sorted(found, key=lambda cluster: cluster.members))


def _edges(exact: ExactDuplicates, near: Sequence[Pair]) -> Edges:
    """Return the graph of groups: for each group with a neighbour its neighbours, each with the verified pair."""
    texts = np.array([(pair.left, pair.right) for pair in near], np.int64).reshape(-1, 2)
    group_of = np.zeros(exact.members.max(initial=0) + 1, np.int64)
    group_of[exact.first_members] = np.arange(len(exact))
    edges: dict[int, dict[int, Pair]] = {}
    for (left, right), pair in zip(group_of[texts].tolist(), near, strict=True):
        edges.setdefault(left, {})[right] = edges.setdefault(right, {})[left] = pair
    return edges


def _stars(groups: Groups, edges: Edges, quality: Sequence[Quality], movable: NDArray[np.bool_]) -> dict[int, Links]:
    """Return the star of each representative, which is the centre or an equally good group of the star.

    Such a group is `movable`, bool[groups]: all of its neighbours are in `edges`.
    """
    stars: dict[int, list[int]] = {}
    for group in groups:  # the best first, so that the groups in `stars` are the centres before it
        centres = [other for other in edges.get(group, ()) if other in stars]
        if centres:
            stars[max(centres, key=lambda centre: (edges[group][centre].jaccard, -centre))].append(group)
        else:
            stars[group] = [group]
    heads = {*stars}
    linked: dict[int, Links] = {}
    for centre, star in stars.items():
        head = next(
            group
            for group in _equally_good(star, groups, quality)
            if group == centre or (movable[group] and _can_represent(group, star, edges, heads))
        )
        heads ^= {centre, head} if head != centre else set()
        linked[head] = {group: (0, None) if group == head else (1, edges[head][group]) for group in star}
    return linked


def _equally_good(star: Sequence[int], groups: Groups, quality: Sequence[Quality]) -> list[int]:
    """Return the groups of a star that are as good as its centre, `star[0]`, the one whose text came first first."""
    best = quality[groups[star[0]][0]]
    return sorted((group for group in star if quality[groups[group][0]] == best), key=lambda group: groups[group][0])


def _can_represent(group: int, star: Sequence[int], edges: Edges, heads: AbstractSet[int]) -> bool:
    """Return whether a group is a neighbour of all others of its star, and of no representative but the centre."""
    near = edges[group].keys()
    # Not by a set without the centre: that copies all representatives for each star.
    return near >= {*star} - {group} and not any(other in heads and other != star[0] for other in near)


def _components(groups: Groups, edges: Edges) -> dict[int, Links]:
    """Return the connected component of each representative, which is the best group of it."""
    assigned: set[int] = set()
    linked: dict[int, Links] = {}
    for group in groups:
        if group not in assigned:
            linked[group] = _component(group, edges)
            assigned.update(linked[group])
    return linked


def _component(start: int, edges: Edges) -> Links:
    """Return the connected component of `start` by breadth-first search, with steps and the pair towards the start."""
    found: dict[int, tuple[int, Pair | None]] = {start: (0, None)}  # as `Links`, but written to
    queue = deque([start])
    while queue:
        group = queue.popleft()
        for other in sorted(edges.get(group, ())):
            if other not in found:
                found[other] = (found[group][0] + 1, edges[group][other])
                queue.append(other)
    return found


def _cluster(
    head: int,
    links: Links,
    groups: Groups,
    quality: Sequence[Quality],
    criteria: Sequence[str],
) -> Cluster:
    """Return the cluster of the groups in `links`, represented by the first text of the group `head`."""
    representative = groups[head][0]
    first_of = {groups[group][0]: group for group in links}
    pairs = []
    for group, (_, link) in links.items():
        towards = representative
        if link is not None:
            towards = link.left if first_of[link.right] == group else link.right
        pairs += [_pair(towards, text, link) for text in groups[group] if text != representative]
    members = sorted(text for group in links for text in groups[group])
    second_best = max(quality[text] for text in members if text != representative)
    chain_length = max(1, *(steps for steps, _ in links.values())) if len(links) > 1 else 1
    lowest = min(pair.jaccard for pair in pairs)
    return Cluster(
        members=tuple(members),
        representative=representative,
        why=_why_representative(len(members), quality[representative], second_best, criteria, chain_length)
        + _lowest_similarity(lowest, chain_length),
        pairs=tuple(sorted(pairs, key=lambda pair: (pair.left, pair.right))),
        chain_length=chain_length,
    )


def _pair(one: int, other: int, similarity: Pair | None) -> Pair:
    """Return the pair of two texts with the values of `similarity`; None means that their tokens are the same."""
    if similarity is not None and {similarity.left, similarity.right} == {one, other}:
        return similarity
    return Pair(
        left=min(one, other),
        right=max(one, other),
        jaccard=similarity.jaccard if similarity else 1.0,
        containment=similarity.containment if similarity else 1.0,
        verified=similarity.verified if similarity else True,
    )


def _why_representative(
    count: int, best: Quality, second_best: Quality, criteria: Sequence[str], chain_length: int
) -> str:
    """Return the first sentence of `Cluster.why`; `second_best` is the best quality among the other members."""
    differing = next((i for i, (a, b) in enumerate(zip(best, second_best, strict=True)) if a != b), None)
    equal = "none is better" if best else "no quality was given"
    if differing is not None:
        reason = f"it is the best in {criteria[differing]}, {best[differing]:g} against {second_best[differing]:g}"
    elif chain_length == 1:
        reason = f"{equal}, and it is the first verified against all the others"
    else:
        reason = f"{equal}, and it is the first by content"
    return f"Represents {count} texts: {reason}; "


def _lowest_similarity(jaccard: float, chain_length: int) -> str:
    """Return the second part of `Cluster.why`: the lowest Jaccard similarity of its pairs."""
    if chain_length == 1:
        return f"the least similar member has Jaccard {jaccard:.2f} with it."
    return f"the least similar link has Jaccard {jaccard:.2f}, and up to {chain_length} links lead to a member."
