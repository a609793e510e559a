"""How sure it is that a block is content: two looks of boosted trees over the features of `cleaning.features`.

The first look judges each block by its features. The second sees, besides, how the first judged the blocks around it
and the blocks of the same element, which smooths over a page what a single block cannot tell. The trees are oblivious:
a tree asks one question on each level (Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features",
NeurIPS 2018), so that a page is answered by a few array operations. `benchmarks/train_blocks.py` makes the files in
`cleaning/data/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, Final

import numpy

from cleaning.dom_features import dom_features
from cleaning.features import around, distances, line_features, shifted
from cleaning.types import Track

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from cleaning.features import Column, Columns
    from cleaning.types import Document

_NEIGHBOURS: Final = (-4, -3, -2, -1, 1, 2, 3, 4)
_REACHES: Final = (2, 6, 15)
_ROWS: Final = 4_000  # answered at a time: a page of 60,000 blocks, at once, would take 1.4 GB instead of 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """Boosted oblivious trees. `names` are the features by column; `columns` and `borders`, both `[trees, depth]`, are
    the question of each level: is the feature greater than the border? `leaves`, `[trees, 2 ** depth]`, are what a tree
    adds to the log-odds, the first level's answer being the lowest bit; `bias` is added once.
    """

    names: tuple[str, ...]
    columns: NDArray[numpy.int32]
    borders: NDArray[numpy.float32]
    leaves: NDArray[numpy.float32]
    bias: float

    def log_odds(self, features: Columns) -> Column:
        """Return the log-odds of each row."""
        matrix = self._matrix(features)
        trees = numpy.arange(len(self.leaves))
        odds = [
            self.leaves[trees, self._leaves(matrix[:, row : row + _ROWS])].sum(axis=1, dtype=numpy.float64)
            for row in range(0, matrix.shape[1], _ROWS)
        ]
        return numpy.concatenate(odds) + self.bias

    def contributions(self, features: Columns) -> dict[str, Column]:
        """Return what each feature that a tree asks for adds to the log-odds of each row, by name.

        A tree's answer is shared out along its levels: what a level adds is the mean of the leaves that are still open
        after it, less the mean before it (Saabas, "Interpreting random forests", 2014).
        """
        leaves = self._leaves(self._matrix(features))
        depth = self.columns.shape[1]
        trees = numpy.arange(len(self.leaves))
        added: Columns = {name: numpy.zeros(len(leaves)) for name in self.names}
        cube = self.leaves.reshape(len(self.leaves), *([2] * depth)).astype(numpy.float64)
        before = numpy.broadcast_to(cube.mean(axis=tuple(range(1, depth + 1))), leaves.shape)
        for level in range(depth):
            # The axes of the cube run from the highest bit to the lowest: level 0 is the last axis.
            open_leaves = cube.mean(axis=tuple(range(1, depth - level)))
            answered = leaves & ((1 << (level + 1)) - 1)
            after = open_leaves.reshape(len(self.leaves), -1)[trees, answered]
            step = after - before
            for column in numpy.unique(self.columns[:, level]):
                added[self.names[column]] += step[:, self.columns[:, level] == column].sum(axis=1)
            before = after
        return added

    def _matrix(self, features: Columns) -> NDArray[numpy.float32]:
        return numpy.array([features[name] for name in self.names], dtype=numpy.float32)

    def _leaves(self, matrix: NDArray[numpy.float32]) -> NDArray[numpy.intp]:
        """Return the leaf of each row, `[rows, trees]`, for a row of `matrix` for each of `names`."""
        smallest = numpy.min_scalar_type(self.leaves.shape[1] - 1)
        leaves = numpy.zeros((len(self.leaves), matrix.shape[1]), dtype=smallest)
        for level, (columns, borders) in enumerate(zip(self.columns.T, self.borders.T, strict=True)):
            leaves |= numpy.left_shift(matrix[columns] > borders[:, None], level, dtype=smallest)
        return numpy.ascontiguousarray(leaves.T, dtype=numpy.intp)


Forests = tuple[Forest, Forest]
"""The trees of the first and of the second look."""


def features_of(document: Document) -> Columns:
    """Return the features of the document's blocks for its track."""
    lines = [document.text[block.start : block.end] for block in document.blocks]
    columns = line_features(document.text, lines)
    return columns | dom_features(document.blocks, columns) if document.track is Track.HTML else columns


def second_look(columns: Columns, first: Column, paths: Sequence[str]) -> Columns:
    """Return the features of the second look: how the first look, a probability for each row, judged the company.

    `paths` are the blocks' paths, empty in the text track.
    """
    words = numpy.expm1(columns["log_words"])
    weight = first * words
    total = max(float(weight.sum()), 1e-6)
    found: Columns = {"first": first}
    found |= {f"first{step:+d}": shifted(first, step) for step in _NEIGHBOURS}
    for reach in _REACHES:
        found[f"first ~{reach}"] = around(first, reach)
        found[f"weight ~{reach}"] = around(weight, reach) / (around(words, reach) + 1e-6)
    found["first before"] = numpy.cumsum(weight) / total
    found["first here"] = weight / total
    page = {"mean": float(first.mean()), "most": float(first.max()), "words": float(numpy.log1p(total))}
    page["share"] = total / max(float(words.sum()), 1.0)
    found |= {f"page first {name}": numpy.full(len(first), value) for name, value in page.items()}
    found |= _company(first > 0.5)
    if any(paths):
        found |= _kin(first, words, total, paths)
    return {name: numpy.asarray(column, dtype=numpy.float32) for name, column in found.items()}


def _company(sure: NDArray[numpy.bool_]) -> Columns:
    back, on = distances(sure)
    rows, likely = numpy.arange(len(sure)), numpy.flatnonzero(sure)
    first, last = (likely[0], likely[-1]) if len(likely) else (0, len(sure))
    return {
        "sure back": shifted(back, -1) + 1,
        "sure on": shifted(on, 1) + 1,
        "after first sure": numpy.clip(rows - first, -30, 30),
        "after last sure": numpy.clip(rows - last, -30, 30),
    }


def _kin(first: Column, words: Column, total: float, paths: Sequence[str]) -> Columns:
    """Return how the first look judged the blocks of the same path, and those inside the two elements around it."""
    found: Columns = {}
    keys = list(paths)
    for level in range(3):
        sums: dict[str, list[float]] = {}
        for key, sure, count in zip(keys, first.tolist(), words.tolist(), strict=True):
            entry = sums.setdefault(key, [0.0, 0.0])
            entry[0] += sure * (count + 1)
            entry[1] += count + 1
        found[f"kin {level}"] = numpy.array([sums[key][0] / sums[key][1] for key in keys])
        found[f"kin {level} share"] = numpy.array([sums[key][0] / total for key in keys])
        keys = [key.rpartition("/")[0] for key in keys]
    return found


def looked_at(document: Document, columns: Columns, first: Forest) -> Columns:
    """Return `columns`, the document's `features_of`, with what the second look sees besides."""
    paths = [block.path for block in document.blocks]
    return columns | second_look(columns, sigmoid(first.log_odds(columns)), paths)


def probabilities(document: Document, columns: Columns, forests: Forests | None = None) -> Column:
    """Return how sure it is that each block of the document is content, in [0, 1].

    `columns` are its `features_of`; `forests` are None for the shipped ones of the document's track.
    """
    first, second = forests or shipped(document.track)
    return sigmoid(second.log_odds(looked_at(document, columns, first)))


def sigmoid(log_odds: Column) -> Column:
    """Return probabilities of log-odds."""
    return numpy.asarray(1 / (1 + numpy.exp(-numpy.clip(log_odds, -30, 30))))


@cache
def shipped(track: Track) -> Forests:
    """Return the forests of a track that are part of the package."""
    with as_file(files("cleaning") / "data" / f"blocks.{track.value}.npz") as path:
        return load(path)


def load(path: Path) -> Forests:
    """Return the forests that `save` wrote."""
    with numpy.load(path) as file:
        stored = dict(file)
    first, second = (
        Forest(
            names=tuple(stored[f"{look}.names"].tolist()),
            columns=stored[f"{look}.columns"],
            borders=stored[f"{look}.borders"],
            leaves=stored[f"{look}.leaves"],
            bias=float(stored[f"{look}.bias"]),
        )
        for look in ("first", "second")
    )
    return first, second


def save(path: Path, first: Forest, second: Forest) -> None:
    """Write the two forests of a track to `path`, a .npz file whose bytes depend on nothing else."""
    arrays: dict[str, NDArray[Any]] = {}
    for look, forest in (("first", first), ("second", second)):
        arrays |= {
            f"{look}.names": numpy.array(forest.names),
            f"{look}.columns": forest.columns,
            f"{look}.borders": forest.borders,
            f"{look}.leaves": forest.leaves,
            f"{look}.bias": numpy.array(forest.bias),
        }
    numpy.savez_compressed(path, allow_pickle=False, **arrays)
