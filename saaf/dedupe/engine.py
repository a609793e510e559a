"""Which code does the work: numba's where it is there and worth loading, else numpy's. Both give the same bits."""

from __future__ import annotations

import functools
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    Engine = Literal["numba", "numpy", "either"]

WORTH = 1 << 23
"""Code points that numpy hashes in the second and a half that it takes to load numba and its compiled code."""

_seen = 0
_chosen: Engine = "either"


def kernel(size: int = 0) -> ModuleType | None:
    """Return `saaf.dedupe.kernel`, or None where numpy is to do the work; `size` in code points is what is to be done
    now.

    It comes in when a process has had more to do than loading it takes, so that small jobs start at once.
    """
    global _seen  # noqa: PLW0603  # when to load is a matter of the whole process; it changes no result
    _seen += size
    if _chosen == "numpy" or (_chosen == "either" and _seen < WORTH):
        return None
    return _load()


@contextmanager
def using(engine: Engine) -> Iterator[None]:
    """Have one engine do the work inside a with statement, for tests and measurements.

    Raises ImportError where that is numba and it is not installed.
    """
    global _chosen  # noqa: PLW0603  # as above
    before, _chosen = _chosen, engine
    try:
        if engine == "numba" and _load() is None:
            raise ImportError("numba is not installed; install saaf[fast]")
        yield
    finally:
        _chosen = before


@functools.cache
def _load() -> ModuleType | None:
    try:
        from saaf.dedupe import kernel as compiled  # noqa: PLC0415  # loads numba, which takes half a second
    except ImportError:
        return None
    return compiled
