"""The type of a page, with a score: by what the page says of itself, else by gradient-boosted trees.

The trees are trained by `benchmarks/train_page_types.py` and go by `page_type_features`, not by the block classifier.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Final

import numpy

from saaf.cleaning.model.forest import Forest
from saaf.cleaning.model.page_type_features import FEATURES, page_features
from saaf.cleaning.model.page_type_rules import stated_type
from saaf.cleaning.model.portable_math import softmax
from saaf.cleaning.page_types import PageType, impossible_types

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from saaf.cleaning.types import Document

TRAINED: Final = ("article", "documentation", "forum", "listing", "login", "product", "recipe", "service")
"""The types that the trees tell apart, in the order of their parts of the trees."""
FILE: Final = "page_types.npz"
_SCORE_DIGITS: Final = 3
_NEVER: Final = -100.0  # log-odds


def page_type(document: Document) -> PageType | None:
    """Return the type of a page; None of a document that was not read from HTML, or has no blocks."""
    if document.signals is None or not document.blocks:
        return None
    stated = stated_type(document, document.signals)
    return stated or type_by_trees(page_features(document), load_shipped(), impossible_types(document.signals))


def type_by_trees(values: Sequence[float], trees: Forest, impossible: Sequence[str]) -> PageType:
    """Return the type that the trees give to a page with these values of `FEATURES`, none of the `impossible` ones."""
    rows = numpy.array([values], dtype=numpy.float32)
    odds = trees.log_odds_by_group(rows, len(TRAINED))[0]
    odds[[TRAINED.index(name) for name in impossible]] += _NEVER
    scores = softmax(odds)
    best = int(numpy.argmax(scores))
    return PageType(name=TRAINED[best], score=round(float(scores[best]), _SCORE_DIGITS))


@cache
def load_shipped() -> Forest:
    """Return the trees that are part of the package: as many for each of `TRAINED`, one type after the other."""
    with as_file(files("saaf.cleaning.model") / FILE) as path:
        return load(path)


def load(path: Path) -> Forest:
    """Return the trees of a .npz file that `save` wrote."""
    with numpy.load(path, allow_pickle=False) as stored:
        return Forest(
            feature_names=FEATURES,
            split_feature=stored["split_feature"].astype(numpy.int32),
            threshold=stored["threshold"],
            leaf_value=stored["leaf_value"],
        )


def save(path: Path, trees: Forest) -> None:
    """Write the trees to `path`, a .npz file whose bytes depend on nothing else."""
    numpy.savez_compressed(
        path,
        allow_pickle=False,
        split_feature=trees.split_feature.astype(numpy.uint8),
        threshold=trees.threshold,
        leaf_value=trees.leaf_value,
    )
