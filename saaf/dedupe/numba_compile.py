"""The decorator by which functions are compiled; only modules that `saaf.dedupe.engine` loads import it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")


def compiled(function: F) -> F:
    """Compile at the first call; numba's decorator has no types, and this keeps those of the function."""
    return cast("F", numba.njit(cache=True, nogil=True, error_model="numpy")(function))
