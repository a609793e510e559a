"""What each set of labelled pages is used for in training: the table `training_sets.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_suffix(".toml")


class Use(StrEnum):
    """What the pages of a set are used for."""

    TRAIN = "train"
    CONTENT = "content"
    """Trained on, but only the blocks that are content: the gold text leaves out other content of its pages."""
    MEASURE = "measure"
    """Never trained on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSet:
    """A set: its use, the weight of a page, how its gold texts were made, and the licence of its source."""

    use: Use = Use.MEASURE
    weight: float = 0.0
    gold: str = ""
    licence: str = ""


@cache
def training_sets() -> dict[str, TrainingSet]:
    """Return the sets of the table by name."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return {name: TrainingSet(**row | {"use": Use(row["use"])}) for name, row in table.items()}


def training_set(name: str) -> TrainingSet:
    """Return a set by name; one that the table does not have is only measured."""
    return training_sets().get(name, TrainingSet())
