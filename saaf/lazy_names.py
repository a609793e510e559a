"""Names of a package that are imported when they are first used (PEP 562)."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def lazy_names(
    package: str, names: Sequence[str], modules: Mapping[str, Sequence[str]], *, default: str
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` of a package whose public `names` are imported when they are first used.

    `modules` has the names that a module defines, by module; `default` is the module of all others. `__getattr__`
    raises AttributeError, which gives the names that there are, for any other name.
    """
    homes = {name: module for module, own in modules.items() for name in own}

    def get_attribute(name: str) -> object:
        if name not in names:
            raise AttributeError(f"{package} has no {name}; it has {', '.join(names)}", name=name)
        value: object = getattr(import_module(homes.get(name, default)), name)
        setattr(sys.modules[package], name, value)
        return value

    def list_names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *names})

    return get_attribute, list_names
