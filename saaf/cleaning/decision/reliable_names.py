"""Class names that count: a name says nothing of an element that holds most of what is surely the article.

Themes call the wrapper of an article "newsletter-layout", "paywall-access" or "content-aside". What the names inside it
say counts as before: a notice about cookies beside the article is still one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy

from saaf.cleaning.html.class_names import rule_of_step

if TYPE_CHECKING:
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
    names = [name for name in features if name.startswith(_PREFIX) and name != _BODY]
    bits = {name.removeprefix(_PREFIX): 1 << place for place, name in enumerate(names)}
    masks = [
        0 if ignored else bits.get(rule_of_step(step) or "", 0)
        for step, ignored in zip(tree.steps, holds_most.tolist(), strict=True)
    ]
    for element, parent in enumerate(tree.parents.tolist()):
        masks[element] |= masks[parent]
    rows = numpy.array(masks, dtype=numpy.int64)[tree.rows]
    inside = {name: (rows >> place & 1).astype(numpy.float32) for place, name in enumerate(names)}
    return features | {name: numpy.minimum(features[name], own) for name, own in inside.items()}
