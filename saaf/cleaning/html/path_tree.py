"""A tree of the elements around a page's blocks, built from the paths of the blocks, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[numpy.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PathTree:
    """The n elements of m paths, parents before children; element 0, above the root, is its own parent.

    `steps` ("div#main.post"), `parents` (int64[n], indices of elements) and `depths` (int64[n], 1 for the root) have a
    value for each element; `rows` (int64[m]) is the element of each path.
    """

    steps: tuple[str, ...]
    parents: Numbers
    depths: Numbers
    rows: Numbers

    def enclosing(self) -> Numbers:
        """Return for each element its parent, for the body and what is above it the element itself; int64[n]."""
        return numpy.where(self.depths > 2, self.parents, numpy.arange(len(self.parents)))

    def subtree_sums(self, own: NDArray[Any]) -> NDArray[Any]:
        """Return for each element the sum of `own` (n values) over the element and all its descendants."""
        sums = own.tolist()
        parents = self.parents.tolist()
        for element in range(len(sums) - 1, 0, -1):
            sums[parents[element]] += sums[element]
        return numpy.array(sums)

    def path(self, element: int) -> str:
        """Return the path of an element, "" for element 0."""
        steps = []
        while element:
            steps.append(self.steps[element])
            element = int(self.parents[element])
        return "/".join(reversed(steps))


def build_tree(paths: Sequence[str]) -> PathTree:
    """Return the tree of the elements on `paths`, which are like "html/body/div#main.post/p"."""
    steps, parents, depths = [""], [0], [0]
    element_of_path = {"": 0}
    for path in paths:
        above, new = path, []
        while above not in element_of_path:
            whole = above
            above, _, step = above.rpartition("/")
            new.append((whole, step))
        element = element_of_path[above]
        for whole, step in reversed(new):
            steps.append(step)
            parents.append(element)
            depths.append(depths[element] + 1)
            element = element_of_path[whole] = len(steps) - 1
    return PathTree(
        steps=tuple(steps),
        parents=numpy.array(parents, dtype=numpy.int64),
        depths=numpy.array(depths, dtype=numpy.int64),
        rows=numpy.array([element_of_path[path] for path in paths], dtype=numpy.int64),
    )
