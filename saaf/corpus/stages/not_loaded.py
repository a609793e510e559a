"""What no task needs, and packages try to load once: it is kept out of the processes that run tasks.

pyarrow imports pandas to see whether a list is a Series, which takes half a second and 40 MB; numba imports SciPy's
linear algebra for functions that are compiled nowhere here. Both go on without, and do not try again. Afterwards a
process can import them as any other: what a user has plugged in may need them.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

NOT_LOADED: Final = frozenset({"pandas", "scipy.linalg"})


class _NotLoaded(MetaPathFinder):
    """Finder of modules that finds none of `NOT_LOADED`, and leaves the others to the finders after it."""

    def find_spec(self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> None:
        """Raise ModuleNotFoundError for a module that is not to be loaded."""
        if fullname in NOT_LOADED:
            raise ModuleNotFoundError(f"{fullname} is not loaded here: no task needs it", name=fullname)


@contextmanager
def kept_out() -> Iterator[None]:
    """Let this process load none of `NOT_LOADED` inside the `with` block. A module that it has loaded stays."""
    finder = _NotLoaded()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
