"""Train the models of blocks and write them into `saaf/cleaning/data/`: the same data directory, the same bytes.

    python -m benchmarks.train_blocks PAGES [--track html|text] [--cache DIR]

Needs the extra `train` (lightgbm). The second look is trained on judgements of pages that the first had not seen.
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
from saaf.cleaning.model.forests import Forests, save, sigmoid
from saaf.cleaning.model.stage2 import stage2_features
from saaf.cleaning.types import Track
from saaf.corpus.evaluation.metrics import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from saaf.cleaning.model.text_features import Columns

DATA = Path(__file__).resolve().parent.parent / "saaf" / "cleaning" / "model"
_ORIGINS = {"page": 1.0, "variant": 0.3, "trafilatura": 0.7, "gold": 0.3}  # weight of a sample by what its text is
_LONGEST = 150  # words of a block that count for its weight
_TREES = 300
_DEPTH = 6
_SEEDS = (1, 2)  # of boosters whose mean is a look: each alone wavers by 0.3 points of residue and 2 of dirty pages
_INNER = 3  # folds of the judgements that the second look learns from
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
    """Return the forests of one track."""
    names = [name for name in chosen[0].columns if name != "asked trafilatura"]
    unasked = [name for name in names if "trafilatura" not in name and name != "page agreement"]
    known = [_Known.of(sample) for sample in chosen]
    columns = [sample.columns for sample in chosen]
    first = fit(known, columns, unasked)
    seconds = _judged(chosen, known, unasked)
    company = [name for name in seconds[0] if name not in columns[0]]
    return Forests(
        stage1=first,
        stage2=fit(known, seconds, [*unasked, *company]),
        stage2_voted=fit(known, seconds, [*names, *company]) if names != unasked else None,
    )


def _judged(chosen: Sequence[Sample], known: Sequence[_Known], names: Sequence[str]) -> list[Columns]:
    """Return the second look's columns of each sample, judged by a first look that has not seen its site."""
    folds = [fold_of(sample.site, 7 * _INNER) // 7 for sample in chosen]
    seconds: list[Columns] = [{}] * len(chosen)
    for fold in range(_INNER):
        others = [index for index, own in enumerate(folds) if own != fold]
        judge = fit([known[index] for index in others], [chosen[index].columns for index in others], names)
        for index in [index for index, own in enumerate(folds) if own == fold]:
            own, paths = chosen[index].columns, [block.path for block in chosen[index].document.blocks]
            tree = build_tree(paths) if any(paths) else None
            seconds[index] = own | stage2_features(own, sigmoid(judge.log_odds(own)), tree)
    return seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """Which blocks of a sample have a label, the labels of these, and their weights: each page weighs the same, a block
    by the root of its length.
    """

    rows: NDArray[numpy.bool_]
    labels: NDArray[numpy.int8]
    weights: NDArray[numpy.float64]

    @classmethod
    def of(cls, sample: Sample) -> _Known:
        lines = [sample.document.text[block.start : block.end] for block in sample.document.blocks]
        sizes = numpy.sqrt([1.0 + min(len(words(line)), _LONGEST) for line in lines])
        rows = sample.labels >= 0
        weights = _ORIGINS[sample.origin] * sizes / sizes.sum() * 50
        return cls(rows=rows, labels=sample.labels[rows], weights=weights[rows])


def fit(known: Sequence[_Known], columns: Sequence[Columns], names: Sequence[str]) -> Forest:
    """Return boosted trees over the columns `names` that tell content from residue."""
    features = numpy.vstack(
        [numpy.stack([own[name] for name in names], axis=1)[one.rows] for own, one in zip(columns, known, strict=True)]
    )
    labels = numpy.concatenate([one.labels for one in known])
    weights = numpy.concatenate([one.weights for one in known])
    data = lightgbm.Dataset(features, labels, weight=weights, params=_PARAMETERS)
    boosters = [lightgbm.train(_PARAMETERS | {"seed": seed}, data, _TREES) for seed in _SEEDS]
    return forest(boosters, tuple(names))


def forest(boosters: Sequence[lightgbm.Booster], names: tuple[str, ...]) -> Forest:
    """Return the mean of several boosters as one forest."""
    trees = [_tree(tree["tree_structure"]) for one in boosters for tree in one.dump_model()["tree_info"]]
    columns, borders, leaves = zip(*trees, strict=True)
    return Forest(
        feature_names=names,
        split_feature=numpy.array(columns, dtype=numpy.int32),
        threshold=numpy.array([[_rounded_down(border) for border in own] for own in borders], dtype=numpy.float32),
        leaf_value=(numpy.round(numpy.array(leaves) / len(boosters) / STEP) * STEP).astype(numpy.float32),
    )


def _tree(root: dict[str, Any]) -> tuple[list[int], list[float], list[float]]:
    """Return columns, borders and leaves of a tree; below a leaf that is less deep no answer changes anything."""
    columns, borders = [], []
    level = [root]
    for _ in range(_DEPTH):
        columns += [node.get("split_feature", 0) for node in level]
        borders += [node.get("threshold", numpy.inf) for node in level]
        level = [node.get(side, node) for node in level for side in ("left_child", "right_child")]
    return columns, borders, [node["leaf_value"] for node in level]


def _rounded_down(border: float) -> numpy.float32:
    """Return the largest single at most `border`: LightGBM asks doubles, and no single may change sides."""
    single = numpy.float32(border)
    return single if single <= border else numpy.nextafter(single, numpy.float32(-numpy.inf))


def main() -> None:
    """Train the tracks asked for."""
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
