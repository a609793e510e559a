"""The candidate graph of texts in partitions: its edges band by band, and its connected components.

Two texts are joined where they are a candidate pair (`saaf.dedupe.candidates`), or where they share a large bucket,
whose members are joined in a star and never all with all. What becomes of a text depends only on the texts of its
component: its pairs, its large group and its cluster lie within it. So each component can be compared by itself, with
the same result as all texts together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.candidates import bucket_pairs, large_buckets, min_equal_values, sort_keys
from saaf.dedupe.large_groups import LargeGroups

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from saaf.dedupe.settings import Settings

    SignatureReader = Callable[[NDArray[np.int64]], NDArray[np.uint32]]
    """Reads the signatures, uint32[k, num_perm], of texts by position, int64[k] and ascending."""

_PAIRS_PER_BATCH = 1 << 14  # pairs whose signatures are compared at a time: 16 MB of signatures at most


def band_edges(
    bands: Iterable[tuple[NDArray[np.int64], NDArray[np.uint64]]], read_signatures: SignatureReader, settings: Settings
) -> NDArray[np.int64]:
    """Return edges of the graph, int64[m, 2], left < right, sorted, by some bands of the signatures.

    `bands` has, for each, the positions of texts, int64[k] and ascending, and the keys of their buckets, uint64[k].
    """
    pairs = [np.zeros((0, 2), np.int64)]
    stars = [np.zeros((0, 2), np.int64)]
    for texts, band_keys in bands:
        keys, order = sort_keys(band_keys)
        in_large, first = large_buckets(keys, order)
        stars.append(texts[np.stack([first, order[in_large]], axis=1)])
        for left, right in bucket_pairs(keys[~in_large], order[~in_large]):
            pairs.append(texts[np.stack([left, right], axis=1)])
    candidates = _similar(_distinct(np.concatenate(pairs)), read_signatures, settings)
    edges = _distinct(np.concatenate([candidates, *stars]))
    apart: NDArray[np.int64] = edges[edges[:, 0] != edges[:, 1]]
    return apart


def _similar(pairs: NDArray[np.int64], read_signatures: SignatureReader, settings: Settings) -> NDArray[np.int64]:
    """Return those of the pairs of which as many signature values are equal as a candidate's are."""
    low = min_equal_values(settings.threshold, settings.num_perm)
    kept = np.zeros(len(pairs), np.bool_)
    for start in range(0, len(pairs), _PAIRS_PER_BATCH):
        texts, places = np.unique(pairs[start : start + _PAIRS_PER_BATCH], return_inverse=True)
        signatures = read_signatures(texts)
        left, right = places.reshape(-1, 2).T
        equal = np.count_nonzero(signatures[left] == signatures[right], axis=1)
        kept[start : start + _PAIRS_PER_BATCH] = equal >= low
    similar: NDArray[np.int64] = pairs[kept]
    return similar


def _distinct(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return pairs as (lower, higher), sorted, each once."""
    pairs = np.sort(pairs, axis=1)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    repeated = np.all(pairs[1:] == pairs[:-1], axis=1)
    distinct: NDArray[np.int64] = pairs[np.append(True, ~repeated)[: len(pairs)]]
    return distinct


def exact_edges(content: NDArray[np.uint64], texts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first of the texts, int64[k] and ascending, of each content, uint64[k], and edges to the others.

    The firsts are int64[m], ascending; the edges are int64[k - m, 2], (first, other).
    """
    _, first, group = np.unique(content, return_index=True, return_inverse=True)
    first_of = texts[first[group]]
    others = np.flatnonzero(first_of != texts)
    return np.sort(texts[first]), np.stack([first_of[others], texts[others]], axis=1)


def components(count: int, edges: Iterable[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return for each of `count` texts the lowest text of its component, int64[count]; `edges` are int64[m, 2] each."""
    groups = LargeGroups(count)
    for part in edges:
        groups.link(part[:, 0], part[:, 1])
    return groups.roots(np.arange(count))


def batch_components(roots: NDArray[np.int64], weights: NDArray[np.int64], limit: int) -> list[NDArray[np.int64]]:
    """Return the texts of components of two texts or more, in batches of whole components, int64 and ascending each.

    `roots` int64[n] are as `components` returns them, `weights` int64[n] what texts weigh. A batch ends with the
    component that brings it to `limit`, so that a larger component is the last of its batch.
    """
    sizes = np.bincount(roots, minlength=len(roots))
    texts = np.flatnonzero(sizes[roots] > 1)
    texts = texts[np.argsort(roots[texts], kind="stable")]
    if not len(texts):
        return []
    starts = np.flatnonzero(np.append(True, np.diff(roots[texts]) != 0))
    weight = np.add.reduceat(weights[texts], starts).tolist()
    cuts, held = [], 0
    for start, more in zip(starts.tolist(), weight, strict=True):
        if held >= limit:
            cuts.append(start)
            held = 0
        held += more
    return [np.sort(batch) for batch in np.split(texts, cuts)]
