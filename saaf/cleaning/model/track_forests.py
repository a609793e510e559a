"""The forests of a track: of both stages of the block classifier, as files and as shipped with the package.

`benchmarks/train_blocks.py` makes the files `blocks.html.npz` and `blocks.text.npz` beside this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, Final

import numpy

from saaf.cleaning.model.forest import Forest

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from saaf.cleaning.model.text_features import Columns
    from saaf.cleaning.types import Track

_STAGES: Final = ("stage1", "stage2", "stage2_voted")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forests:
    """The gradient-boosted trees of a track.

    `stage1` classifies a block by its own features, `stage2` by these and by the stage-1 probabilities around it;
    `stage2_voted` also by trafilatura's vote, None in the text track, where there is no vote.
    """

    stage1: Forest
    stage2: Forest
    stage2_voted: Forest | None = None

    def stage2_for(self, features: Columns) -> Forest:
        """Return the stage-2 forest for a document with these features: with trafilatura's vote where it was cast."""
        return self.stage2_voted if self.stage2_voted and features["asked trafilatura"].any() else self.stage2


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
