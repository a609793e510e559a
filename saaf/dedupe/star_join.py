"""Star edges of a large group of texts: each text against those that are kept before it, the best text first.

A text is kept where no text kept before it is at the threshold or over it with it. So only kept texts are compared with
later ones, and a group of n texts of which k are kept costs n * k comparisons of bitmaps, a few nanoseconds each.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from saaf.dedupe.set_column import SetColumn

    Similarity = Callable[[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]], tuple[NDArray[np.float64], ...]]

MAX_COUNTED = 1000
"""Kept texts whose shared shingles are counted for one text in one step, those with the highest bound first."""
EDGES_PER_TEXT = 4
"""Edges of a text with kept ones that are listed, the most similar: the first is its star's, others join components."""

BLOCK_TEXTS = 256  # texts compared at a time with all that are kept


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edges:
    """Pairs of texts by number, `left` < `right`, with their similarities: arrays of one length."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    jaccard: NDArray[np.float64]
    containment: NDArray[np.float64]
    verified: NDArray[np.bool_]

    @classmethod
    def concatenate(cls, parts: Sequence[Edges]) -> Self:
        """Return the edges of all parts, of which there is one at least."""
        return cls(**{each.name: np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(cls)})

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Edges:
        """Return some of the edges, by position or mask."""
        return Edges(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})

    def renumbered(self, texts: NDArray[np.int64]) -> Edges:
        """Return the edges with text `texts[i]` for text i; the order of the texts stays."""
        more = {name: getattr(self, name) for name in ("jaccard", "containment", "verified")}
        return Edges(left=texts[self.left], right=texts[self.right], **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Omitted:
    """What a search left out: `texts` that were compared with a part of their group only, and `comparisons`."""

    texts: int = 0
    comparisons: int = 0

    def __bool__(self) -> bool:
        return bool(self.texts)

    def __add__(self, other: Omitted) -> Omitted:
        return Omitted(texts=self.texts + other.texts, comparisons=self.comparisons + other.comparisons)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """Some texts of a group as sets, and what makes a pair of them an edge.

    `texts` int64[k], ascending, are the numbers in the group of the sets in `column`. Of each pair one text must be
    `required`, bool[k], and one `also_required`. A pair can be an edge only where the two share `share` of the sum of
    the sizes of their sets. `similarity` gives Jaccard similarity and containment, float64[m] each, for rows of
    `column` (left, right) and the number of elements they share, int64[m] each. `verified` says whether these are
    exact.
    """

    texts: NDArray[np.int64]
    column: SetColumn
    required: NDArray[np.bool_]
    also_required: NDArray[np.bool_]
    share: float
    similarity: Similarity
    threshold: float
    verified: bool

    def edges(self, left: NDArray[np.int64], right: NDArray[np.int64], omitted: dict[int, int]) -> Edges:
        """Return the edges between texts `left` and later ones `right`, int64 and ascending each.

        The number of comparisons that are left out is added to `omitted`, by text.
        """
        left, right = self._rows(left), self._rows(right)
        pairs = np.concatenate(
            [
                self.column.filter_pairs(left, right[self.required[right]], self.share),
                self.column.filter_pairs(left[self.required[left]], right[~self.required[right]], self.share),
            ]
        )
        pairs = pairs[self.also_required[pairs[:, 0]] | self.also_required[pairs[:, 1]]]
        pairs = self._highest_bounds(pairs, omitted)
        shared = self.column.count_shared(pairs[:, :2])
        jaccard, containment = self.similarity(pairs[:, 0], pairs[:, 1], shared)
        found = jaccard >= self.threshold
        return Edges(
            left=self.texts[pairs[found, 0]],
            right=self.texts[pairs[found, 1]],
            jaccard=jaccard[found],
            containment=containment[found],
            verified=np.full(int(found.sum()), self.verified),
        )

    def _rows(self, texts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of those of the texts that the view has."""
        positions = np.searchsorted(self.texts, texts)
        inside = positions < len(self.texts)
        inside[inside] = self.texts[positions[inside]] == texts[inside]
        rows: NDArray[np.int64] = positions[inside]
        return rows

    def _highest_bounds(self, pairs: NDArray[np.int64], omitted: dict[int, int]) -> NDArray[np.int64]:
        """Return at most `MAX_COUNTED` pairs of each right text: those of the highest share of their sizes."""
        rights, counts = np.unique(pairs[:, 1], return_counts=True)
        over = counts > MAX_COUNTED
        if not over.any():
            return pairs
        for right, count in zip(rights[over].tolist(), counts[over].tolist(), strict=True):
            text = int(self.texts[right])
            omitted[text] = omitted.get(text, 0) + count - MAX_COUNTED
        sizes = self.column.sizes
        share = pairs[:, 2] / (sizes[pairs[:, 0]] + sizes[pairs[:, 1]])
        order = np.lexsort((pairs[:, 0], -share, pairs[:, 1]))
        return pairs[order[rank_in_runs(pairs[order, 1]) < MAX_COUNTED]]


def star_edges(
    count: int, views: Sequence[View], known: Edges, *, kept: int = 0
) -> tuple[Edges, NDArray[np.int64], Omitted]:
    """Return edges of texts 0 to `count`, the best first, the texts that are kept, and what was left out.

    Each edge leads from a kept text to a later one that is not kept; each text that is not kept has one to the most
    similar of the kept texts before it, of equals the first. `known` are edges that were found before; the first `kept`
    texts are kept, as was found before.
    """
    is_kept = np.arange(count) < kept
    omitted: dict[int, int] = {}
    found = [known.take(np.zeros(0, np.int64))]
    for start in range(kept, count, BLOCK_TEXTS):
        block = np.arange(start, min(start + BLOCK_TEXTS, count))
        here = known.take((known.right >= start) & (known.right <= block[-1]))
        before = np.flatnonzero(is_kept)
        edges = [here.take(is_kept[here.left]), *(view.edges(before, block, omitted) for view in views)]
        free = np.setdiff1d(block, np.concatenate([each.right for each in edges]))
        in_block = [here.take(np.isin(here.left, free)), *(view.edges(free, block, omitted) for view in views)]
        new = Edges.concatenate(in_block)
        is_kept[free] = True
        between = new.take(np.isin(new.right, free))
        for row in np.lexsort((between.left, between.right)).tolist():
            if is_kept[between.left[row]]:
                is_kept[between.right[row]] = False
        found.append(_most_similar(Edges.concatenate([*edges, new.take(is_kept[new.left])])))
    return (
        Edges.concatenate(found),
        np.flatnonzero(is_kept),
        Omitted(texts=len(omitted), comparisons=sum(omitted.values())),
    )


def _most_similar(edges: Edges) -> Edges:
    """Return the `EDGES_PER_TEXT` most similar edges of each right text, each once, of equals those with the first."""
    order = np.lexsort((~edges.verified, edges.left, -edges.jaccard, edges.right))
    edges = edges.take(order)
    repeated = (edges.left[1:] == edges.left[:-1]) & (edges.right[1:] == edges.right[:-1])
    edges = edges.take(np.append(True, ~repeated)[: len(order)])
    return edges.take(rank_in_runs(edges.right) < EDGES_PER_TEXT)


def rank_in_runs(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the position of each value in its run of equal values, int64[m]."""
    starts = np.flatnonzero(np.append(True, values[1:] != values[:-1])) if len(values) else np.zeros(0, np.int64)
    return np.arange(len(values)) - np.repeat(starts, np.diff(starts, append=len(values)))
