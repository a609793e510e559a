"""The directories of a crawl's shards: "shard-03-of-16" in the output of the whole crawl."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NAME = re.compile(r"shard-([0-9]{2,5})-of-([0-9]{2,5})")


def shard_name(index: int, count: int) -> str:
    """Return the name of the directory of shard `index`, from 0, of `count`."""
    width = max(len(str(count)), 2)
    return f"shard-{index:0{width}}-of-{count:0{width}}"


def shard_directories(output: Path) -> list[tuple[int, int, Path]]:
    """Return index, count and path of the directories of shards in an output, by count, then index; [] where none is.

    Raises OSError where the output cannot be read.
    """
    if not output.is_dir():
        return []
    named = ((_NAME.fullmatch(path.name), path) for path in output.iterdir())
    found = [(int(name[1]), int(name[2]), path) for name, path in named if name]
    return sorted(found, key=lambda one: (one[1], one[0]))
