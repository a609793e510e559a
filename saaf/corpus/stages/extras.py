"""Packages of extras, which are imported where they are used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from saaf.corpus.stages.cluster import EngineError


def import_extra(name: str, extra: str) -> Any:
    """Return a package of an extra of saaf. Raises `EngineError` where it is not installed."""
    try:
        return import_module(name)
    except ImportError:
        raise EngineError(
            f"--engine {extra} needs the package {name}: install it with `pip install 'saaf[{extra}]'`"
        ) from None
