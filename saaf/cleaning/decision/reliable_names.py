"""Class names that count: a name says nothing of an element that holds most of what is surely the article.

Themes call the wrapper of an article "newsletter-layout", "paywall-access" or "content-aside". What the names inside it
say counts as before: a notice about cookies beside the article is still one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy

from saaf.cleaning.html.class_names import rule_of_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from saaf.cleaning.html.path_tree import PathTree
    from saaf.cleaning.model.text_features import Column, Columns

_PREFIX: Final = "in "  # of the features that say that an element around a block has a name of a rule
_BODY: Final = "in body"
_SURE: Final = 0.7  # probability of a block that is surely the article
_MOST: Final = 0.5  # share of the words of such blocks
_MIN_SURE_WORDS: Final = 60.0


def with_reliable_names(features: Columns, tree: PathTree, probability: Column) -> Columns:
    """Return the features with the flags of class names ("in html.sidebar") less those of elements that hold most of
    the words that are surely the article's; the features as they are where there is no article's worth of such words.
    """
    sure = numpy.where((probability >= _SURE) & (features["prose"] > 0), features["words"], 0.0)
    total = float(sure.sum())
    if total < _MIN_SURE_WORDS:
        return features
    holds_most = tree.subtree_sums(numpy.bincount(tree.rows, sure, len(tree.steps))) > _MOST * total
    rules = [rule_of_step(step) for step in tree.steps]
    found = {
        name: _rows_inside(tree, [rule == name.removeprefix(_PREFIX) for rule in rules], holds_most)
        for name in features
        if name.startswith(_PREFIX) and name != _BODY
    }
    return features | {name: numpy.minimum(features[name], inside) for name, inside in found.items()}


def _rows_inside(tree: PathTree, named: Sequence[bool], holds_most: NDArray[numpy.bool_]) -> Column:
    """Return for each row whether an element around it is `named` and does not hold most of the article."""
    found = numpy.array(named) & ~holds_most
    for element, parent in enumerate(tree.parents.tolist()):
        found[element] |= found[parent]
    return found[tree.rows].astype(numpy.float32)
