"""Train the models of blocks and write them to `saaf/cleaning/model/`: the same data directory gives the same bytes.

    python -m benchmarks.train_blocks PAGES [--track html|text] [--cache DIR]

PAGES is a data directory of `<set>/<id>.json` and `<id>.html.gz` files (see `benchmarks.samples`). Needs the extra
`train` (lightgbm). Stage 2 is trained on probabilities of stage 1 for pages that stage 1 was not trained on (stacking).
"""

from __future__ import annotations

import argparse
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lightgbm
import numpy

from benchmarks.samples import Sample, samples
from saaf.cleaning.html.path_tree import build_tree
from saaf.cleaning.model.forest import STEP, Forest
from saaf.cleaning.model.stage2 import stage2_features
from saaf.cleaning.model.track_forests import Forests, save, sigmoid
from saaf.cleaning.types import Track
from saaf.corpus.evaluation.metrics import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from saaf.cleaning.model.text_features import Columns

DATA = Path(__file__).resolve().parent.parent / "saaf" / "cleaning" / "model"
_ORIGIN_WEIGHTS = {"page": 1.0, "variant": 0.3, "trafilatura": 0.7, "gold": 0.3}  # weight of a sample by its origin
_MAX_WORDS = 150  # words of a block that count for its weight
_TREES = 300
_DEPTH = 6
_SEEDS = (1, 2)  # of boosters that are averaged: one alone varies by 0.3 points of residue and 2 of dirty pages
_STACKING_FOLDS = 3  # folds of the stage 1 probabilities that stage 2 is trained on
_PARAMETERS = {
    "objective": "binary",
    "num_leaves": 31,
    "max_depth": _DEPTH,
    "learning_rate": 25 / _TREES,
    "min_data_in_leaf": 50,
    "feature_fraction": 0.25,
    "bagging_fraction": 0.6,
    "bagging_freq": 1,
    "lambda_l2": 5,
    "max_bin": 63,
    "deterministic": True,
    "force_col_wise": True,
    "num_threads": 2,
    "verbose": -1,
}


def fold_of(key: str, folds: int) -> int:
    """Return the fold of a site or language: by its name alone, so that one more page moves no other."""
    return zlib.crc32(key.encode()) % folds


def train(chosen: Sequence[Sample]) -> Forests:
    """Return the forests of both stages for one track."""
    names = [name for name in chosen[0].columns if name != "asked trafilatura"]
    without_trafilatura = [name for name in names if "trafilatura" not in name and name != "page agreement"]
    labelled = [_LabelledBlocks.of(sample) for sample in chosen]
    columns = [sample.columns for sample in chosen]
    stage1 = fit(labelled, columns, without_trafilatura)
    stacked = _stage2_columns(chosen, labelled, without_trafilatura)
    added = [name for name in stacked[0] if name not in columns[0]]
    voted = names != without_trafilatura
    return Forests(
        stage1=stage1,
        stage2=fit(labelled, stacked, [*without_trafilatura, *added]),
        stage2_voted=fit(labelled, stacked, [*names, *added]) if voted else None,
    )


def _stage2_columns(
    chosen: Sequence[Sample], labelled: Sequence[_LabelledBlocks], names: Sequence[str]
) -> list[Columns]:
    """Return the stage 2 columns of each sample, with probabilities of a stage 1 that was not trained on its site."""
    folds = [fold_of(sample.site, 7 * _STACKING_FOLDS) // 7 for sample in chosen]
    stacked: list[Columns] = [{}] * len(chosen)
    for fold in range(_STACKING_FOLDS):
        training = [index for index, own in enumerate(folds) if own != fold]
        stage1 = fit([labelled[index] for index in training], [chosen[index].columns for index in training], names)
        for index in [index for index, own in enumerate(folds) if own == fold]:
            own, paths = chosen[index].columns, [block.path for block in chosen[index].document.blocks]
            tree = build_tree(paths) if any(paths) else None
            stacked[index] = own | stage2_features(own, sigmoid(stage1.log_odds(own)), tree)
    return stacked


@dataclass(frozen=True, slots=True, kw_only=True)
class _LabelledBlocks:
    """The blocks of a sample that have a label: `rows`, a mask of all blocks, and labels and weights of those.

    All pages of one origin weigh the same; within a page a block weighs by the square root of its length.
    """

    rows: NDArray[numpy.bool_]
    labels: NDArray[numpy.int8]
    weights: NDArray[numpy.float64]

    @classmethod
    def of(cls, sample: Sample) -> _LabelledBlocks:
        lines = [sample.document.text[block.start : block.end] for block in sample.document.blocks]
        sizes = numpy.sqrt([1.0 + min(len(words(line)), _MAX_WORDS) for line in lines])
        rows = sample.labels >= 0
        weights = _ORIGIN_WEIGHTS[sample.origin] * sizes / sizes.sum() * 50
        return cls(rows=rows, labels=sample.labels[rows], weights=weights[rows])


def fit(labelled: Sequence[_LabelledBlocks], columns: Sequence[Columns], names: Sequence[str]) -> Forest:
    """Return a forest of boosted trees over the columns `names` that separates content from residue."""
    features = numpy.vstack(
        [
            numpy.stack([own[name] for name in names], axis=1)[one.rows]
            for own, one in zip(columns, labelled, strict=True)
        ]
    )
    labels = numpy.concatenate([one.labels for one in labelled])
    weights = numpy.concatenate([one.weights for one in labelled])
    data = lightgbm.Dataset(features, labels, weight=weights, params=_PARAMETERS)
    boosters = [lightgbm.train(_PARAMETERS | {"seed": seed}, data, _TREES) for seed in _SEEDS]
    return forest(boosters, tuple(names))


def forest(boosters: Sequence[lightgbm.Booster], names: tuple[str, ...]) -> Forest:
    """Return the mean of several boosters as one forest."""
    trees = [_tree(tree["tree_structure"]) for one in boosters for tree in one.dump_model()["tree_info"]]
    split_features, thresholds, leaf_values = zip(*trees, strict=True)
    return Forest(
        feature_names=names,
        split_feature=numpy.array(split_features, dtype=numpy.int32),
        threshold=numpy.array([[_round_down(value) for value in tree] for tree in thresholds], dtype=numpy.float32),
        leaf_value=(numpy.round(numpy.array(leaf_values) / len(boosters) / STEP) * STEP).astype(numpy.float32),
    )


def _tree(root: dict[str, Any]) -> tuple[list[int], list[float], list[float]]:
    """Return split features, thresholds and leaf values of a tree, filled up to full depth.

    Below a leaf that is less deep all leaves have its value, so the splits there change nothing.
    """
    split_features, thresholds = [], []
    level = [root]
    for _ in range(_DEPTH):
        split_features += [node.get("split_feature", 0) for node in level]
        thresholds += [node.get("threshold", numpy.inf) for node in level]
        level = [node.get(side, node) for node in level for side in ("left_child", "right_child")]
    return split_features, thresholds, [node["leaf_value"] for node in level]


def _round_down(threshold: float) -> numpy.float32:
    """Return the largest float32 that is at most `threshold`.

    LightGBM compares in float64; so no float32 feature changes the side of a split.
    """
    single = numpy.float32(threshold)
    return single if single <= threshold else numpy.nextafter(single, numpy.float32(-numpy.inf))


def main() -> None:
    """Train and write the models of the tracks asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--track", choices=[track.value for track in Track])
    parser.add_argument("--cache", type=Path)
    args = parser.parse_args()
    for track in _tracks(args.track):
        chosen = samples(args.pages, track, args.cache)
        save(DATA / f"blocks.{track.value}.npz", train(chosen))
        print(f"{track.value}: {len(chosen)} samples, {len({sample.site for sample in chosen})} sites")


def _tracks(name: str | None) -> Iterator[Track]:
    yield from [Track(name)] if name else Track


if __name__ == "__main__":
    main()
