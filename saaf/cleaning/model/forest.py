"""Boosted trees that answer for all blocks of a page at once.

They are LightGBM's (Ke et al., NIPS 2017), at most six questions deep and filled up to six, so that a page is answered
by a few array operations, or by a compiled loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from numpy.typing import NDArray

    from saaf.cleaning.model.text_features import Column, Columns

STEP: Final = 2.0**-20
"""The unit of the leaves of trees."""
_ROWS: Final = 128  # answered at a time: what 300 trees ask of them stays in the processor's cache, in half of the time
_WORTH: Final = 20_000  # rows answered by numpy in the second and a half that it takes to load numba

_answered = 0


def _compiled(rows: int) -> ModuleType | None:
    """Return `saaf.cleaning.model.forest_numba`, None where numba is not installed, or this process had less to do than
    loading takes.

    `rows` are to be answered now. Both give the same bits.
    """
    global _answered  # noqa: PLW0603  # when to load is a matter of the whole process; it changes no result
    _answered += rows
    return _kernel() if _answered >= _WORTH else None


@cache
def _kernel() -> ModuleType | None:
    try:
        from saaf.cleaning.model import forest_numba  # noqa: PLC0415  # loads numba, which takes half a second
    except ImportError:
        return None
    return forest_numba


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forest:
    """Boosted trees. `names` are the features by column. `columns` and `borders`, both `[trees, 2 ** depth - 1]`, are
    the questions of each tree, the root first, the two below question n at 2 n + 1 and 2 n + 2: is the feature greater
    than the border? Then the second of the two is next. `leaves`, `[trees, 2 ** depth]`, are what a tree adds to the
    log-odds of content, in whole `STEP`s: their sums are exact, in whatever order.
    """

    feature_names: tuple[str, ...]
    split_feature: NDArray[numpy.int32]
    threshold: NDArray[numpy.float32]
    leaf_value: NDArray[numpy.float32]

    def log_odds(self, features: Columns, chosen: NDArray[numpy.bool_] | None = None) -> Column:
        """Return the log-odds of each row, or of each row `chosen`."""
        odds = numpy.zeros(len(features[self.feature_names[0]]) if chosen is None else numpy.count_nonzero(chosen))
        start = 0
        for rows in self._rows(features, chosen):
            mine, start = odds[start : start + len(rows)], start + len(rows)
            if compiled := _compiled(len(rows)):
                compiled.add_trees(rows, (self.split_feature, self.threshold, self.leaf_value), mine)
            else:
                mine += self._sums(rows)
        return odds

    def _sums(self, rows: NDArray[numpy.float32]) -> Column:
        """Return what the trees say of each row, summed: exact, so that the order makes no difference."""
        width = self.leaf_value.shape[1]
        first = numpy.arange(len(self.leaf_value), dtype=numpy.int32) * width - (width - 1)
        *_, (_, nodes) = self._answers(rows)
        return numpy.asarray(self.leaf_value.take(first + nodes, mode="clip").sum(axis=1, dtype=numpy.float64))

    def contributions(self, features: Columns) -> dict[str, Column]:
        """Return what each feature that a tree asks for adds to the log-odds of each row, by name.

        A tree's answer is shared out along its questions: what an answer adds is the mean of the leaves that are still
        open after it, less the mean before it (Saabas, "Interpreting random forests", 2014).
        """
        means = self._means()
        first = numpy.arange(len(means)) * means.shape[1]
        added = [numpy.zeros((0, len(self.feature_names)))]
        for rows in self._rows(features):
            added.append(numpy.zeros((len(rows), len(self.feature_names))))
            before = numpy.take(means, first)
            for asked, nodes in self._answers(rows):
                after = numpy.take(means, first + nodes)
                for row in range(len(rows)):
                    step = numpy.broadcast_to(after - before, asked.shape)[row]
                    added[-1][row] += numpy.bincount(asked[row], weights=step, minlength=len(self.feature_names))
                before = after
        return dict(zip(self.feature_names, numpy.concatenate(added).T, strict=True))

    def _answers(self, rows: NDArray[numpy.float32]) -> Iterator[tuple[NDArray[numpy.int32], NDArray[numpy.int32]]]:
        """Yield, level by level, the column that each tree asks each row for, and the node that the answer leads to,
        both `[rows, trees]`.
        """
        trees, size = self.split_feature.shape
        first = numpy.arange(trees, dtype=numpy.int32) * size
        here = (numpy.arange(len(rows), dtype=numpy.int32) * rows.shape[1])[:, None]
        nodes = numpy.zeros((len(rows), trees), dtype=numpy.int32)
        for _ in range(size.bit_length()):
            at = first + nodes
            asked = self.split_feature.take(at, mode="clip")
            # No index is out of bounds; "clip" spares numpy the check.
            yes = rows.take(asked + here, mode="clip") > self.threshold.take(at, mode="clip")
            nodes = 2 * nodes + 1 + yes
            yield asked, nodes

    def _rows(self, features: Columns, chosen: NDArray[numpy.bool_] | None = None) -> Iterator[NDArray[numpy.float32]]:
        """Yield the features `[rows, names]` of the rows `chosen`, or all, a bounded number of rows at a time."""
        matrix = numpy.array([features[name] for name in self.feature_names], dtype=numpy.float32)
        matrix = matrix if chosen is None else matrix[:, chosen]
        for start in range(0, matrix.shape[1], _ROWS):
            yield numpy.ascontiguousarray(matrix[:, start : start + _ROWS].T)

    def _means(self) -> NDArray[numpy.float64]:
        """Return the mean of the leaves below each node and leaf, `[trees, 2 ** (depth + 1) - 1]`, the root first."""
        levels = [self.leaf_value.astype(numpy.float64)]
        while levels[0].shape[1] > 1:
            levels.insert(0, levels[0].reshape(len(self.leaf_value), -1, 2).mean(axis=2))
        return numpy.concatenate(levels, axis=1)
