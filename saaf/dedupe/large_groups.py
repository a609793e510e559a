"""Large groups: texts joined by large buckets, in which all pairs of a bucket would be too many to form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


class LargeGroups:
    """Connected components of n texts, numbered 0 to n - 1, of which those with a large bucket are large groups.

    A disjoint-set forest whose roots are the lowest numbers: the groups do not depend on the order of the links.
    """

    def __init__(self, count: int) -> None:
        self._parent = np.arange(count)
        self._in_large_bucket = np.zeros(count, np.bool_)

    @property
    def empty(self) -> bool:
        """Whether there is no large bucket."""
        return not self._in_large_bucket.any()

    def add_buckets(self, first: NDArray[np.int64], members: NDArray[np.int64]) -> None:
        """Add large buckets: each text of `members`, int64[m], with the first text of its bucket, int64[m]."""
        self._in_large_bucket[members] = True
        self.link(first, members)

    def add_groups(self, other: LargeGroups, texts: NDArray[np.int64]) -> None:
        """Add the buckets of `other`, whose text i is text `texts[i]` here, int64[k]."""
        members = np.flatnonzero(other._in_large_bucket)
        self.add_buckets(texts[other.roots(members)], texts[members])

    def link(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> None:
        """Join the components of two texts, for each pair of `left` and `right`, int64[m] each."""
        while True:
            one, other = self.roots(left), self.roots(right)
            differ = one != other
            if not differ.any():
                return
            left, right, one, other = left[differ], right[differ], one[differ], other[differ]
            np.minimum.at(self._parent, np.maximum(one, other), np.minimum(one, other))

    def roots(self, texts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the lowest number of the component of each text, int64[m]."""
        found = self._parent[texts]
        while not np.array_equal(following := self._parent[found], found):
            found = following
        self._parent[texts] = found
        return found

    def same_group(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return for each pair whether both texts are in one component, bool[m]."""
        result: NDArray[np.bool_] = self.roots(left) == self.roots(right)
        return result

    def members(self) -> Iterator[NDArray[np.int64]]:
        """Yield the texts of each large group, int64 and ascending, by the lowest of them."""
        roots = self.roots(np.arange(len(self._parent)))
        large = np.zeros(len(roots), np.bool_)
        large[roots[self._in_large_bucket]] = True
        texts = np.flatnonzero(large[roots])
        texts = texts[np.argsort(roots[texts], kind="stable")]
        if len(texts):
            yield from np.split(texts, np.flatnonzero(np.diff(roots[texts])) + 1)
