"""YAML of plain values: as much of it as the head of a data set card needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def to_yaml(value: Mapping[str, object], indent: int = 0) -> list[str]:
    """Return the lines of a mapping as YAML in block style, its keys in order.

    Texts are always in double quotes: the language `no` is a text and no boolean.

    >>> to_yaml({"language": ["no"], "configs": [{"name": "a", "n": 1}]})
    ['language:', '- "no"', 'configs:', '- name: "a"', '  n: 1']
    """
    lines: list[str] = []
    space = " " * indent
    for key, each in value.items():
        if isinstance(each, dict):
            lines += [f"{space}{key}:", *to_yaml(each, indent + 2)]
        elif isinstance(each, list | tuple):
            lines += [f"{space}{key}:", *_items(each, indent)] if each else [f"{space}{key}: []"]
        else:
            lines.append(f"{space}{key}: {_scalar(each)}")
    return lines


def _items(values: Sequence[object], indent: int) -> list[str]:
    lines: list[str] = []
    for each in values:
        if isinstance(each, dict):
            first, *rest = to_yaml(each, indent + 2)
            lines += [f"{' ' * indent}- {first.lstrip()}", *rest]
        else:
            lines.append(f"{' ' * indent}- {_scalar(each)}")
    return lines


def _scalar(value: object) -> str:
    """Return a number or a text; what cannot be printed on a line, such as a line break in a name, is a space."""
    if not isinstance(value, str):
        return json.dumps(value)
    return json.dumps("".join(each if each.isprintable() else " " for each in value), ensure_ascii=False)
