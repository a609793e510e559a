"""The elements around the blocks of a page, as a tree told from the blocks' paths: each is looked at once."""

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
    """The elements of some paths, parents before their children; element 0, above the root, is its own parent.

    `steps` ("div#main.post"), `parents` and `depths` (1 for the root) have a value for each element; `rows` is the
    element of each path.
    """

    steps: tuple[str, ...]
    parents: Numbers
    depths: Numbers
    rows: Numbers

    def around(self) -> Numbers:
        """Return for each element the one around it, itself for the body and what is above: those hold the page."""
        return numpy.where(self.depths > 2, self.parents, numpy.arange(len(self.parents)))

    def inside(self, own: NDArray[Any]) -> NDArray[Any]:
        """Return the sum of what each element has of its `own` and what all that stand in it have."""
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
    """Return the tree of the elements on `paths`."""
    steps, parents, depths = [""], [0], [0]
    elements: dict[tuple[int, str], int] = {}
    known = {"": 0}
    for path in paths:
        if path in known:
            continue
        element = 0
        for step in path.split("/"):
            key = (element, step)
            found = elements.get(key)
            if found is None:
                found = elements[key] = len(steps)
                steps.append(step)
                parents.append(element)
                depths.append(depths[element] + 1)
            element = found
        known[path] = element
    return PathTree(
        steps=tuple(steps),
        parents=numpy.array(parents, dtype=numpy.int64),
        depths=numpy.array(depths, dtype=numpy.int64),
        rows=numpy.array([known[path] for path in paths], dtype=numpy.int64),
    )
