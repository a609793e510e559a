"""How sure it is that a block is content: two looks of boosted trees over the features of
`saaf.cleaning.model.text_features`.

The first look judges each block by its features. The second sees, besides, how the first judged the blocks around it
and the blocks of the same element, which smooths over a page what a single block cannot tell. Where trafilatura was
asked, another second look sees its vote too. `benchmarks/train_blocks.py` makes the files in `saaf/cleaning/data/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, Final

import numpy

from saaf.cleaning.html.path_tree import build_tree
from saaf.cleaning.model.dom_features import dom_features, path_features
from saaf.cleaning.model.forest import Forest
from saaf.cleaning.model.metadata_features import metadata_features
from saaf.cleaning.model.text_features import distances, means_around, neighbours, shifted, text_features
from saaf.cleaning.text.codepoints import WORD, spans_of, tokens_of
from saaf.cleaning.types import Track

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from saaf.cleaning.model.text_features import Column, Columns
    from saaf.cleaning.types import Document, Metadata

    _Places = tuple[tuple[int, ...], tuple[int, ...]]

_STAGES: Final = ("stage1", "stage2", "stage2_voted")
_NEIGHBOURS: Final = (-4, -3, -2, -1, 1, 2, 3, 4)
_REACHES: Final = (2, 6, 15)
# Of the first look: the second would only confirm it. Of 51,754 blocks of every seventh development page 62 % are less,
# and the second look of models that had not seen their sites put none of them over 0.3.
_SURELY_NOT: Final = 0.02
_MAYBE: Final = (0.15, 0.85)  # the first look's probabilities between which it does not know


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forests:
    """The trees of a track: of the first look, of the second, and of the second where trafilatura was asked too; None
    for those in the text track.
    """

    stage1: Forest
    stage2: Forest
    stage2_voted: Forest | None = None


@lru_cache(maxsize=2)  # reading and cleaning look at one document in turn
def features_of(document: Document) -> Columns:
    """Return the features of the document's blocks for its track."""
    blocks = document.blocks
    places = tuple([block.start for block in blocks]), tuple([block.end for block in blocks])
    columns = _unmarked(document.text, places, document.metadata)
    if document.track is Track.TEXT:
        return columns
    paths, links = tuple([block.path for block in blocks]), tuple([block.link_density for block in blocks])
    return columns | dom_features(blocks, _placed(document.text, places, document.metadata, paths, links))


@lru_cache(maxsize=2)  # this and the next stay when trafilatura's votes are added
def _placed(text: str, places: _Places, said: Metadata, paths: tuple[str, ...], links: tuple[float, ...]) -> Columns:
    """Return the features of the paths of blocks."""
    return path_features(paths, links, _unmarked(text, places, said))


@lru_cache(maxsize=2)
def _unmarked(text: str, places: _Places, said: Metadata) -> Columns:
    """Return the features that need no markup, of the blocks that begin and end at `places`."""
    spans = spans_of(text, *places)
    tokens = tokens_of(spans)
    whole = spans.hashes(spans.has(WORD), spans.starts, spans.ends)
    return text_features(text, spans, tokens, whole) | metadata_features(text, said, spans, tokens, whole)


def stage2_features(columns: Columns, first: Column, paths: Sequence[str]) -> Columns:
    """Return the features of the second look: how the first look, a probability for each row, judged the company.

    `paths` are the blocks' paths, empty in the text track.
    """
    words = numpy.expm1(columns["log_words"])
    weight = first * words
    total = max(float(weight.sum()), 1e-6)
    found: Columns = {"first": first} | neighbours({"first": first}, ("first",), _NEIGHBOURS)
    means = means_around(
        found | {"weight": weight, "words": words}, dict.fromkeys(("first", "weight", "words"), _REACHES)
    )
    for reach in _REACHES:
        found[f"first ~{reach}"] = means[f"first ~{reach}"]
        found[f"weight ~{reach}"] = means[f"weight ~{reach}"] / (means[f"words ~{reach}"] + 1e-6)
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
    tree, found = build_tree(tuple(paths)), {}
    keys, sizes = tree.rows, words.astype(numpy.float64) + 1
    for level in range(3):
        sums, whole = numpy.bincount(keys, first * sizes), numpy.bincount(keys, sizes)
        found[f"kin {level}"] = sums[keys] / whole[keys]
        found[f"kin {level} share"] = sums[keys] / total
        keys = tree.parents[keys]
    return found


def all_features(document: Document, first: Forest) -> Columns:
    """Return the document's `features_of` with what the second look sees besides."""
    columns = features_of(document)
    return columns | stage2_features(
        columns, stage1_probabilities(document, first), [block.path for block in document.blocks]
    )


@lru_cache(maxsize=2)  # as for the features
def stage1_probabilities(document: Document, first: Forest) -> Column:
    """Return how sure the first look is that each block is content, in [0, 1]."""
    return sigmoid(first.log_odds(features_of(document)))


def probabilities(document: Document, forests: Forests | None = None) -> Column:
    """Return how sure it is that each block of the document is content, in [0, 1].

    `forests` are None for the shipped ones of the document's track.
    """
    forests = forests or load_shipped(document.track)
    columns = all_features(document, forests.stage1)
    sure = columns["first"].astype(numpy.float64)
    asked = sure > _SURELY_NOT
    sure[asked] = sigmoid(stage2_forest(columns, forests).log_odds(columns, asked))
    return sure


def stage2_forest(columns: Columns, forests: Forests) -> Forest:
    """Return the trees of the second look for a document with the features `columns`."""
    return forests.stage2_voted if forests.stage2_voted and columns["asked trafilatura"].any() else forests.stage2


def uncertainty(document: Document, forests: Forests | None = None) -> float:
    """Return what share, in [0, 1], of the words that may be content the first look is not sure of."""
    sure = stage1_probabilities(document, (forests or load_shipped(document.track)).stage1)
    words = numpy.expm1(features_of(document)["log_words"])
    low, high = _MAYBE
    return float(words[(sure > low) & (sure < high)].sum() / max(float(words[sure > low].sum()), 1.0))


def sigmoid(log_odds: Column) -> Column:
    """Return probabilities of log-odds."""
    return numpy.asarray(1 / (1 + numpy.exp(-numpy.clip(log_odds, -30, 30))))


@cache
def load_shipped(track: Track) -> Forests:
    """Return the forests of a track that are part of the package."""
    with as_file(files("saaf.cleaning.model") / f"blocks.{track.value}.npz") as path:
        return load(path)


def load(path: Path) -> Forests:
    """Return the forests of a .npz file that `save` wrote."""
    with numpy.load(path) as file:
        stored = dict(file)
    stages = {
        stage: Forest(
            feature_names=tuple(stored[f"{stage}.feature_names"].tolist()),
            split_feature=stored[f"{stage}.split_feature"],
            threshold=stored[f"{stage}.threshold"],
            leaf_value=stored[f"{stage}.leaf_value"],
        )
        for stage in _STAGES
        if f"{stage}.feature_names" in stored
    }
    return Forests(**stages)


def save(path: Path, forests: Forests) -> None:
    """Write the forests of a track to `path`, a .npz file whose bytes depend on nothing else."""
    arrays: dict[str, NDArray[Any]] = {}
    for stage in _STAGES:
        if forest := getattr(forests, stage):
            arrays |= {
                f"{stage}.feature_names": numpy.array(forest.feature_names),
                f"{stage}.split_feature": forest.split_feature,
                f"{stage}.threshold": forest.threshold,
                f"{stage}.leaf_value": forest.leaf_value,
            }
    numpy.savez_compressed(path, allow_pickle=False, **arrays)
