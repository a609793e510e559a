"""The search for pairs at the threshold or over it: candidates by LSH, each compared; large groups in star order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.candidates import candidate_pairs, count_equal_values
from saaf.dedupe.large_groups import LargeGroups
from saaf.dedupe.set_column import set_column
from saaf.dedupe.star_join import Edges, Omitted, View, star_edges

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from saaf.dedupe.settings import Settings

    SetReader = Callable[[NDArray[np.int64], int], dict[int, NDArray[np.uint64]]]
    """Reads the shingle sets of texts, by number, int64 and ascending, for a shingle size; those it has no text of are
    missing."""

MAX_GROUP_TEXTS = 1 << 16
"""Texts of a large group that are compared at a time: so many bitmaps a text, a fifth of a millisecond."""
MAX_GROUP_TOKENS = 1 << 23
"""Tokens of these texts: their shingles take up to 33 bytes each while they are sorted, 280 MB."""

TOKENS_PER_BATCH = 1 << 20
"""Tokens of the texts of pairs that are compared at a time: their shingle sets take 8 bytes each, 8 MB."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """Texts that are compared with each other by shingles of one size.

    `texts` int64[k] are their numbers, ascending; text `texts[i]` has the signature `signatures[rows[i]]`, `rows`
    int64[k]. Of each pair at least one text must be `required`, bool[k].
    """

    shingle_size: int
    texts: NDArray[np.int64]
    signatures: NDArray[np.uint32]
    rows: NDArray[np.int64]
    required: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NearPairs:
    """The pairs at the threshold or over it, as `edges` by number of the text.

    `in_star_order` bool[n] are the texts of large groups: of their pairs only those with a kept text are sure to be
    here.
    """

    edges: Edges
    in_star_order: NDArray[np.bool_]
    omitted: Omitted


def find_near_pairs(
    comparisons: Iterable[Comparison],
    tokens: NDArray[np.int64],
    read_sets: SetReader,
    settings: Settings,
    *,
    batch: int = TOKENS_PER_BATCH,
) -> NearPairs:
    """Return the near-duplicate pairs among n texts, numbered from the best to the worst.

    `tokens` int64[n] are the numbers of their tokens. Each of `comparisons` is asked for candidates before the next is
    taken, so that all may write to one array of signatures where no text is missing. `batch` is as for `compare_pairs`.
    """
    groups = LargeGroups(len(tokens))
    candidates: list[tuple[Comparison, NDArray[np.int64]]] = []
    for comparison in comparisons:
        large = LargeGroups(len(comparison.texts))
        pairs = candidate_pairs(comparison.signatures, settings, comparison.rows, large)
        groups.add_groups(large, comparison.texts)
        candidates.append((comparison, pairs[comparison.required[pairs].any(axis=1)]))
    parts = [_no_edges()]
    for comparison, pairs in candidates:
        apart = pairs[~groups.same_group(*comparison.texts[pairs].T)]
        estimate = partial(_estimate, comparison, apart, settings)
        numbers, size = comparison.texts[apart], comparison.shingle_size
        parts.append(compare_pairs(numbers, size, estimate, tokens, read_sets, settings, batch=batch))
    edges = Edges.concatenate(parts)
    groups.link(edges.left, edges.right)
    in_star_order = np.zeros(len(tokens), np.bool_)
    omitted = Omitted()
    for members in groups.members() if not groups.empty else ():
        in_star_order[members] = True
        found, left_out = _join_group(members, [each for each, _ in candidates], edges, tokens, read_sets, settings)
        edges, omitted = Edges.concatenate([edges, found]), omitted + left_out
    return NearPairs(edges=_distinct(edges), in_star_order=in_star_order, omitted=omitted)


def compare_pairs(
    pairs: NDArray[np.int64],
    shingle_size: int,
    estimate: Callable[[NDArray[np.int64]], NDArray[np.float64]],
    tokens: NDArray[np.int64],
    read_sets: SetReader,
    settings: Settings,
    *,
    batch: int = TOKENS_PER_BATCH,
) -> Edges:
    """Return those of the pairs of texts, int64[m, 2], left < right, that are at the threshold or over it, sorted.

    `estimate` gives the Jaccard similarity, float64[k], of pairs of which a text is missing, by their positions,
    int64[k]. Texts are read for pairs of `batch` tokens at a time: more where a file is read through for each batch.
    """
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    pairs = pairs[order]
    ends = np.cumsum(tokens[pairs].sum(axis=1))
    values = np.zeros((len(pairs), 2))
    verified = np.ones(len(pairs), np.bool_)
    for part in np.split(np.arange(len(pairs)), np.flatnonzero(np.diff(ends // batch)) + 1):
        sets = read_sets(np.unique(pairs[part]), shingle_size)
        for position, (left, right) in zip(part.tolist(), pairs[part].tolist(), strict=True):
            if left in sets and right in sets:
                values[position] = jaccard_and_containment(sets[left], sets[right])
            else:
                verified[position] = False
    missing = np.flatnonzero(~verified)
    values[missing, 0] = estimate(order[missing])
    values[missing, 1] = _estimated_containment(tokens[pairs[missing]], values[missing, 0])
    edges = Edges(
        left=pairs[:, 0], right=pairs[:, 1], jaccard=values[:, 0], containment=values[:, 1], verified=verified
    )
    return edges.take(edges.jaccard >= settings.threshold)


def jaccard_and_containment(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> tuple[float, float]:
    """Return the Jaccard similarity and the containment of two sets, each uint64, sorted, distinct and not empty.

    Jaccard similarity is the size of the intersection over that of the union, containment the size of the intersection
    over that of the smaller set; both are 0 to 1.
    """
    both = np.concatenate((one, other))
    both.sort()
    shared = int(np.count_nonzero(both[1:] == both[:-1]))
    return shared / (len(both) - shared), shared / min(len(one), len(other))


def _estimate(
    comparison: Comparison, pairs: NDArray[np.int64], settings: Settings, positions: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the Jaccard similarity of some of the pairs, int64[m, 2] rows of `comparison`, by their signatures."""
    left, right = comparison.rows[pairs[positions]].T
    equal = count_equal_values(comparison.signatures, left, right)
    return equal.astype(np.float64) / settings.num_perm


def _estimated_containment(tokens: NDArray[np.int64], jaccard: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the containment by an estimated Jaccard similarity, float64[m]; `tokens`, int64[m, 2], of both texts."""
    # A text has nearly as many shingles as tokens; of both together J / (1 + J) are shared.
    shared = jaccard / (1 + jaccard) * tokens.sum(axis=1)
    containment: NDArray[np.float64] = np.minimum(shared / np.minimum(tokens[:, 0], tokens[:, 1]), 1.0)
    return containment


def _join_group(
    members: NDArray[np.int64],
    comparisons: Sequence[Comparison],
    edges: Edges,
    tokens: NDArray[np.int64],
    read_sets: SetReader,
    settings: Settings,
) -> tuple[Edges, Omitted]:
    """Return star edges of a large group, texts `members`, and what was left out; `edges` are known.

    A group that is too large is compared in parts, the best texts first. The kept texts of earlier parts are in each
    later part too, as far as they take up half of it.
    """
    found, omitted = [_no_edges()], Omitted()
    kept, start = np.zeros(0, np.int64), 0
    edges = edges.take(np.isin(edges.right, members))
    while start < len(members):
        carried = kept[: _fitting(tokens[kept], 2)]
        room = _fitting(np.append(tokens[carried], tokens[members[start:]]), 1) - len(carried)
        new = members[start : start + max(room, 1)]
        known = edges.take(np.isin(edges.right, new))
        carried = np.union1d(carried, np.intersect1d(known.left, kept))
        texts = np.append(carried, new)
        known = known.take(np.isin(known.left, texts))
        inside = Edges(
            left=np.searchsorted(texts, known.left),
            right=np.searchsorted(texts, known.right),
            jaccard=known.jaccard,
            containment=known.containment,
            verified=known.verified,
        )
        views = [view for each in comparisons for view in _views(each, texts, tokens, read_sets, settings)]
        stars, kept_here, left_out = star_edges(len(texts), views, inside, kept=len(carried))
        found.append(stars.renumbered(texts))
        omitted += left_out
        if len(kept) > len(carried):
            omitted += Omitted(texts=len(new), comparisons=len(new) * (len(kept) - len(carried)))
        kept = np.append(kept, texts[kept_here[kept_here >= len(carried)]])
        start += len(new)
    return Edges.concatenate(found), omitted


def _fitting(tokens: NDArray[np.int64], parts: int) -> int:
    """Return how many of the texts, by their tokens int64[n], are compared at a time, or in a half of it."""
    return min(int(np.searchsorted(np.cumsum(tokens), MAX_GROUP_TOKENS // parts, "right")), MAX_GROUP_TEXTS // parts)


def _views(
    comparison: Comparison,
    texts: NDArray[np.int64],
    tokens: NDArray[np.int64],
    read_sets: SetReader,
    settings: Settings,
) -> list[View]:
    """Return the texts that are in `comparison` as sets of shingles, and of signature values where some are missing."""
    rows = np.flatnonzero(np.isin(comparison.texts, texts))
    required = comparison.required[rows]
    if not required.any() or len(rows) == 1:
        return []
    numbers = comparison.texts[rows]
    sets = read_sets(numbers, comparison.shingle_size)
    available = np.isin(numbers, list(sets))
    views = []
    if available.any():
        column = set_column([sets.pop(number) for number in numbers[available].tolist()])
        views.append(
            View(
                texts=np.searchsorted(texts, numbers[available]),
                column=column,
                required=required[available],
                also_required=np.ones(len(column.sizes), np.bool_),
                share=settings.threshold / (1 + settings.threshold),
                similarity=partial(_exact, column.sizes),
                threshold=settings.threshold,
                verified=True,
            )
        )
    if not available.all():
        place = np.arange(settings.num_perm, dtype=np.uint64) << np.uint64(32)
        views.append(
            View(
                texts=np.searchsorted(texts, numbers),
                column=set_column(list(comparison.signatures[comparison.rows[rows]] | place)),
                required=~available,
                also_required=required,
                share=settings.threshold / 2,
                similarity=partial(_estimated, tokens[numbers], settings.num_perm),
                threshold=settings.threshold,
                verified=False,
            )
        )
    return views


def _exact(
    sizes: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64], shared: NDArray[np.int64]
) -> tuple[NDArray[np.float64], ...]:
    one, other = sizes[left], sizes[right]
    return shared / (one + other - shared), shared / np.minimum(one, other)


def _estimated(
    tokens: NDArray[np.int64],
    num_perm: int,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    shared: NDArray[np.int64],
) -> tuple[NDArray[np.float64], ...]:
    jaccard = shared / num_perm
    return jaccard, _estimated_containment(np.stack([tokens[left], tokens[right]], axis=1), jaccard)


def _distinct(edges: Edges) -> Edges:
    """Return the edges sorted by text, each pair once."""
    order = np.lexsort((edges.right, edges.left))
    edges = edges.take(order)
    repeated = (edges.left[1:] == edges.left[:-1]) & (edges.right[1:] == edges.right[:-1])
    return edges.take(np.append(True, ~repeated)[: len(order)])


def _no_edges() -> Edges:
    none = np.zeros(0, np.int64)
    values = np.zeros(0)
    return Edges(left=none, right=none, jaccard=values, containment=values, verified=np.zeros(0, np.bool_))
