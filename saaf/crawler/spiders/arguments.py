"""Arguments of spiders (`-a NAME=VALUE`): which names a spider takes, and lists in a value."""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from typing import TYPE_CHECKING

from scrapy import Spider

if TYPE_CHECKING:
    from collections.abc import Iterable

_OF_SCRAPY = frozenset(vars(Spider)) | {"custom_settings", "crawler", "settings", "handle_httpstatus_list"}


def argument_names(spider: type[Spider]) -> list[str]:
    """Return the names of the arguments that a spider takes, sorted.

    These are the parameters of its `__init__`, and, where that passes on keyword arguments, those of its base classes
    and the public attributes of the classes, which Scrapy sets from arguments.
    """
    names: set[str] = set()
    for base in spider.__mro__:
        if base is Spider:
            names |= _attributes(spider)
            break
        own = vars(base).get("__init__")
        if own is None:
            continue
        parameters = list(inspect.signature(own).parameters.values())[1:]
        named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        names |= {parameter.name for parameter in parameters if parameter.kind in named}
        if all(parameter.kind is not inspect.Parameter.VAR_KEYWORD for parameter in parameters):
            break
    return sorted(names - {"name"})


def _attributes(spider: type[Spider]) -> set[str]:
    """Return the names of public attributes of a spider's own classes that hold a value."""
    names: set[str] = set()
    for base in spider.__mro__[: spider.__mro__.index(Spider)]:
        values = {name for name, value in vars(base).items() if not _is_code(value)}
        names |= values | set(vars(base).get("__annotations__", ()))
    return {name for name in names if not name.startswith("_")} - _OF_SCRAPY


def _is_code(value: object) -> bool:
    return inspect.isroutine(value) or isinstance(value, property | classmethod | staticmethod | type)


def check_names(spider: type[Spider], given: Iterable[str]) -> None:
    """Raise ValueError, which gives the valid names, where a name is none of a spider's arguments."""
    valid = argument_names(spider)
    for name in given:
        if name not in valid:
            close = get_close_matches(name, valid, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            listed = ", ".join(valid) if valid else "none"
            raise ValueError(f"the spider {spider.name} has no argument {name}{hint} (its arguments: {listed})")


def split_commas(values: str) -> list[str]:
    """Return the values of a list separated by commas, without spaces around them and without empty ones."""
    return [value.strip() for value in values.split(",") if value.strip()]
