"""Gradient-boosted trees, evaluated for all blocks of a page at once.

The trees are trained by LightGBM (Ke et al., NIPS 2017), at most six splits deep and filled up to full binary trees of
depth six, so that a page is evaluated by a few array operations, or by a compiled loop (`forest_numba`).
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
"""The unit of leaf values: each is a whole multiple, so that sums of them are exact."""
_BATCH_ROWS: Final = 128  # what 300 trees read of so many rows stays in the processor's cache: half of the time
_NUMBA_MIN_ROWS: Final = 20_000  # evaluated by numpy in the second and a half that it takes to load numba

_rows_evaluated = 0


def _compiled(rows: int) -> ModuleType | None:
    """Return `saaf.cleaning.model.forest_numba`, None where numba is not installed, or where this process has evaluated
    too few rows for loading it to pay.

    `rows` is the number of rows to evaluate now. Compiled or not, the bits are the same.
    """
    global _rows_evaluated  # noqa: PLW0603  # when to load is a matter of the whole process; it changes no result
    _rows_evaluated += rows
    return _kernel() if _rows_evaluated >= _NUMBA_MIN_ROWS else None


def load_compiled() -> None:
    """Load the compiled loop now, where numba is installed, and use it from the first row on."""
    global _rows_evaluated  # noqa: PLW0603  # as above
    if _kernel() is not None:
        _rows_evaluated = max(_rows_evaluated, _NUMBA_MIN_ROWS)


@cache
def _kernel() -> ModuleType | None:
    try:
        from saaf.cleaning.model import forest_numba  # noqa: PLC0415  # loads numba, which takes half a second
    except ImportError:
        return None
    return forest_numba


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forest:
    """Gradient-boosted trees with LightGBM's field names.

    `feature_names` are the features by column. `split_feature`, `int32[trees, 2 ** depth - 1]`, and `threshold`,
    `float32` of the same shape, are the inner nodes of each tree, the root first; the children of node n are 2 n + 1
    and 2 n + 2, the right child where the feature is greater than the threshold. `leaf_value`, `float32[trees, 2 **
    depth]`, is what a leaf adds to the log-odds of content, in whole `STEP`s: sums are exact, in whatever order.
    """

    feature_names: tuple[str, ...]
    split_feature: NDArray[numpy.int32]
    threshold: NDArray[numpy.float32]
    leaf_value: NDArray[numpy.float32]

    def log_odds(self, features: Columns, chosen: NDArray[numpy.bool_] | None = None) -> Column:
        """Return the log-odds of content of each row, or of each row `chosen`, `float64`."""
        odds = numpy.zeros(len(features[self.feature_names[0]]) if chosen is None else numpy.count_nonzero(chosen))
        start = 0
        for rows in self._batches(features, chosen):
            batch_odds, start = odds[start : start + len(rows)], start + len(rows)
            if compiled := _compiled(len(rows)):
                compiled.add_leaf_values(rows, (self.split_feature, self.threshold, self.leaf_value), batch_odds)
            else:
                batch_odds += self._sum_leaves(rows)
        return odds

    def log_odds_by_group(self, rows: NDArray[numpy.float32], groups: int) -> NDArray[numpy.float64]:
        """Return the log-odds of rows, `float32[rows, features]`, by each of `groups` equal parts of the trees, one
        after the other: `float64[rows, groups]`. For a few rows.
        """
        leaves = self._leaf_values(rows).reshape(len(rows), groups, -1)
        return numpy.asarray(leaves.sum(axis=2, dtype=numpy.float64))

    def _sum_leaves(self, rows: NDArray[numpy.float32]) -> Column:
        """Return the sum of the leaf values that each row reaches; exact, so that the order makes no difference."""
        return numpy.asarray(self._leaf_values(rows).sum(axis=1, dtype=numpy.float64))

    def _leaf_values(self, rows: NDArray[numpy.float32]) -> NDArray[numpy.float32]:
        """Return the leaf values that each row reaches, `float32[rows, trees]`."""
        width = self.leaf_value.shape[1]
        first = numpy.arange(len(self.leaf_value), dtype=numpy.int32) * width - (width - 1)
        *_, (_, nodes) = self._traverse(rows)
        return numpy.asarray(self.leaf_value.take(first + nodes, mode="clip"))

    def contributions(self, features: Columns) -> dict[str, Column]:
        """Return what each feature adds to the log-odds of each row, `float64[rows]` by name.

        A split adds to its feature the mean of the leaves below the child that the row goes to, less the mean of those
        below the split (Saabas, "Interpreting random forests", 2014).
        """
        means = self._node_means()
        first = numpy.arange(len(means)) * means.shape[1]
        added = [numpy.zeros((0, len(self.feature_names)))]
        for rows in self._batches(features):
            added.append(numpy.zeros((len(rows), len(self.feature_names))))
            before = numpy.take(means, first)
            for features_split, nodes in self._traverse(rows):
                after = numpy.take(means, first + nodes)
                for row in range(len(rows)):
                    step = numpy.broadcast_to(after - before, features_split.shape)[row]
                    added[-1][row] += numpy.bincount(
                        features_split[row], weights=step, minlength=len(self.feature_names)
                    )
                before = after
        return dict(zip(self.feature_names, numpy.concatenate(added).T, strict=True))

    def _traverse(self, rows: NDArray[numpy.float32]) -> Iterator[tuple[NDArray[numpy.int32], NDArray[numpy.int32]]]:
        """Yield, level by level, the feature that each tree splits each row by, and the child that the row goes to,
        both `int32[rows, trees]`.
        """
        trees, size = self.split_feature.shape
        first = numpy.arange(trees, dtype=numpy.int32) * size
        row_starts = (numpy.arange(len(rows), dtype=numpy.int32) * rows.shape[1])[:, None]
        nodes = numpy.zeros((len(rows), trees), dtype=numpy.int32)
        for _ in range(size.bit_length()):
            at = first + nodes
            split = self.split_feature.take(at, mode="clip")
            # No index is out of bounds; "clip" spares numpy the check.
            right = rows.take(split + row_starts, mode="clip") > self.threshold.take(at, mode="clip")
            nodes = 2 * nodes + 1 + right
            yield split, nodes

    def _batches(
        self, features: Columns, chosen: NDArray[numpy.bool_] | None = None
    ) -> Iterator[NDArray[numpy.float32]]:
        """Yield the features of the rows `chosen`, or of all, `float32[rows, features]`, a bounded number at a time."""
        columns = [features[name] for name in self.feature_names]
        matrix = numpy.concatenate(columns, dtype=numpy.float32, casting="unsafe").reshape(len(columns), -1)
        matrix = matrix if chosen is None else matrix[:, chosen]
        for start in range(0, matrix.shape[1], _BATCH_ROWS):
            yield numpy.ascontiguousarray(matrix[:, start : start + _BATCH_ROWS].T)

    def _node_means(self) -> NDArray[numpy.float64]:
        """Return the mean of the leaves below each node and leaf, `[trees, 2 ** (depth + 1) - 1]`, the root first."""
        levels = [self.leaf_value.astype(numpy.float64)]
        while levels[0].shape[1] > 1:
            levels.insert(0, levels[0].reshape(len(self.leaf_value), -1, 2).mean(axis=2))
        return numpy.concatenate(levels, axis=1)
