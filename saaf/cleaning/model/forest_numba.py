"""The hot loop of the model of blocks compiled by numba: the same bits as numpy's, a fifth of the time.

Only `saaf.cleaning.model.forest` imports this module, where there is enough to do. Compiled code is kept beside the
source, or where that is not writable in numba's directory in the user's cache, so that a machine compiles once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numba
import numpy

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Trees = tuple[NDArray[numpy.int32], NDArray[numpy.float32], NDArray[numpy.float32]]

_INDEX = numpy.uintp  # numba looks at every signed index for a minus sign
_ROWS = 32  # answered at a time: they and one tree stay in the processor's nearest cache


def _add_trees(rows: NDArray[numpy.float32], trees: Trees, odds: NDArray[numpy.float64]) -> None:
    """Add to `odds[rows]` what the trees, a forest's columns, borders and leaves, say of `rows[rows, names]`."""
    columns, borders, leaves = trees
    size = _INDEX(borders.shape[1])
    for start in range(0, rows.shape[0], _ROWS):
        end = min(rows.shape[0], start + _ROWS)
        for tree in range(columns.shape[0]):
            asked, border, leaf = columns[tree], borders[tree], leaves[tree]
            row = start
            while row + 4 <= end:  # four at once, for each answer waits for the one before it
                a = b = c = d = _INDEX(0)
                while a < size:
                    a = a + a + _INDEX(1) + _INDEX(rows[row, _INDEX(asked[a])] > border[a])
                    b = b + b + _INDEX(1) + _INDEX(rows[row + 1, _INDEX(asked[b])] > border[b])
                    c = c + c + _INDEX(1) + _INDEX(rows[row + 2, _INDEX(asked[c])] > border[c])
                    d = d + d + _INDEX(1) + _INDEX(rows[row + 3, _INDEX(asked[d])] > border[d])
                odds[row] += leaf[a - size]
                odds[row + 1] += leaf[b - size]
                odds[row + 2] += leaf[c - size]
                odds[row + 3] += leaf[d - size]
                row += 4
            while row < end:
                a = _INDEX(0)
                while a < size:
                    a = a + a + _INDEX(1) + _INDEX(rows[row, _INDEX(asked[a])] > border[a])
                odds[row] += leaf[a - size]
                row += 1


# numba's decorator has no types; this keeps those of the function.
add_trees: Callable[[NDArray[Any], Trees, NDArray[Any]], None] = cast(
    "Any", numba.njit(cache=True, nogil=True, error_model="numpy")(_add_trees)
)
