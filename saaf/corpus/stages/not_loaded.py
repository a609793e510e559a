"""What no task needs, and packages load where it is installed: it is kept out of the processes that run tasks.

pyarrow imports pandas to see whether a list is a Series, which takes half a second and 40 MB; numba imports SciPy's
linear algebra for functions that are compiled nowhere here. Both go on without.
"""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

NOT_LOADED: Final = frozenset({"pandas", "scipy.linalg"})


class _NotLoaded(MetaPathFinder):
    """Finder of modules that finds none of `NOT_LOADED`, and leaves the others to the finders after it."""

    def find_spec(self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> None:
        """Raise ModuleNotFoundError for a module that is not to be loaded."""
        if fullname in NOT_LOADED:
            raise ModuleNotFoundError(f"{fullname} is not loaded by processes that run tasks", name=fullname)


def keep_out() -> None:
    """Let this process not load what no task needs. A module that it has loaded stays."""
    sys.meta_path.insert(0, _NotLoaded())
