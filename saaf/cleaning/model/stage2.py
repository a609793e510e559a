"""Features of the second stage: the stage-1 probabilities of the blocks around a block, and of blocks like it.

They smooth over a page what a single block cannot tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy

from saaf.cleaning.model.portable_math import log1p
from saaf.cleaning.model.text_features import distances, means_around, neighbours, shifted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from saaf.cleaning.html.path_tree import PathTree
    from saaf.cleaning.model.text_features import Column, Columns

_NEIGHBOURS: Final = (-4, -3, -2, -1, 1, 2, 3, 4)
_REACHES: Final = (2, 6, 15)


def stage2_features(features: Columns, stage1: Column, tree: PathTree | None) -> Columns:
    """Return the stage-2 features by name, each `float32[blocks]`.

    `features` are the stage-1 features, `stage1` the stage-1 probabilities, `float64[blocks]` in [0, 1]; `tree` is the
    tree of the blocks' paths, None in the text track.
    """
    words = features["words"]
    weight = stage1 * words
    total = max(float(weight.sum()), 1e-6)
    found: Columns = {"first": stage1} | neighbours({"first": stage1}, ("first",), _NEIGHBOURS)
    means = means_around(
        found | {"weight": weight, "words": words}, dict.fromkeys(("first", "weight", "words"), _REACHES)
    )
    for reach in _REACHES:
        found[f"first ~{reach}"] = means[f"first ~{reach}"]
        found[f"weight ~{reach}"] = means[f"weight ~{reach}"] / (means[f"words ~{reach}"] + 1e-6)
    found["first before"] = numpy.cumsum(weight) / total
    found["first here"] = weight / total
    page = {"mean": float(stage1.mean()), "most": float(stage1.max()), "words": float(log1p(total))}
    page["share"] = total / max(float(words.sum()), 1.0)
    found |= {f"page first {name}": numpy.full(len(stage1), value) for name, value in page.items()}
    found |= _distances_to_likely_blocks(stage1 > 0.5)
    if tree is not None:
        found |= _same_element(stage1, words, total, tree)
    return {name: numpy.asarray(column, dtype=numpy.float32) for name, column in found.items()}


def _distances_to_likely_blocks(likely: NDArray[numpy.bool_]) -> Columns:
    """Return how far the nearest likely block stands before and after each, and the first and the last on the page."""
    back, on = distances(likely)
    rows, places = numpy.arange(len(likely)), numpy.flatnonzero(likely)
    first, last = (places[0], places[-1]) if len(places) else (0, len(likely))
    return {
        "sure back": shifted(back, -1) + 1,
        "sure on": shifted(on, 1) + 1,
        "after first sure": numpy.clip(rows - first, -30, 30),
        "after last sure": numpy.clip(rows - last, -30, 30),
    }


def _same_element(stage1: Column, words: Column, total: float, tree: PathTree) -> Columns:
    """Return the mean stage-1 probability of the blocks of the same path, and of those inside the two elements around
    it, weighted by words.
    """
    found: Columns = {}
    keys, sizes = tree.rows, words.astype(numpy.float64) + 1
    for level in range(3):
        sums, whole = numpy.bincount(keys, stage1 * sizes), numpy.bincount(keys, sizes)
        found[f"kin {level}"] = sums[keys] / whole[keys]
        found[f"kin {level} share"] = sums[keys] / total
        keys = tree.parents[keys]
    return found
