"""Packages of extras, which are imported where they are used."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

from saaf.corpus.stages.cluster import EngineError
from saaf.extras import install_hint


def import_extra(name: str, extra: str) -> Any:
    """Return a package of an extra of saaf. Raises `EngineError` where it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what they think of other packages, which nobody can do anything about
            return import_module(name)
    except ImportError:
        raise EngineError(f"--engine {extra} needs the package {name}: {install_hint(extra)}") from None
