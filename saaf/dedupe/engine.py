"""The choice between numpy and compiled numba code for the hot loops; both give the same bits.

Compiled code is used where numba is installed (the extra `fast`) and the process has hashed `NUMBA_MIN_CODE_POINTS`
code points; until then, and without numba, numpy does the work.
"""

from __future__ import annotations

import functools
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from saaf.extras import install_hint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    Engine = Literal["numba", "numpy", "either"]

NUMBA_MIN_CODE_POINTS = 1 << 23
"""Code points that numpy hashes in the second and a half that it takes to load numba and its compiled code."""

_code_points_hashed = 0
_engine: Engine = "either"


def compiled_kernels(size: int = 0) -> ModuleType | None:
    """Return the module `saaf.dedupe.numba_kernels`, or None where numpy is to do the work.

    `size` is the number of code points that are to be hashed now. numba is loaded once a process has hashed more than
    loading it is worth, so that small jobs start at once.
    """
    global _code_points_hashed  # noqa: PLW0603  # when to load is a matter of the whole process; it changes no result
    _code_points_hashed += size
    if _engine == "numpy" or (_engine == "either" and _code_points_hashed < NUMBA_MIN_CODE_POINTS):
        return None
    return _load()


def compiled_join() -> ModuleType | None:
    """Return the module `saaf.dedupe.numba_join`, or None where numpy is to do the work: where it hashes."""
    return _load_join() if compiled_kernels() else None


@contextmanager
def using(engine: Engine) -> Iterator[None]:
    """Fix the engine inside a with statement, for tests and measurements.

    Raises ImportError where that is numba and it is not installed.
    """
    global _engine  # noqa: PLW0603  # as above
    before, _engine = _engine, engine
    try:
        if engine == "numba" and _load() is None:
            raise ImportError(f"numba is not installed: {install_hint('fast')}")
        yield
    finally:
        _engine = before


@functools.cache
def _load() -> ModuleType | None:
    try:
        from saaf.dedupe import numba_kernels  # noqa: PLC0415  # loads numba, which takes half a second
    except ImportError:
        return None
    return numba_kernels


def _load_join() -> ModuleType:
    from saaf.dedupe import numba_join  # noqa: PLC0415  # as above; numba is installed

    return numba_join
