"""Train the block classifier of both tracks and write models and certificate to `saaf/cleaning/model/`.

    python -m benchmarks.train_blocks PAGES [--cache DIR]
    python -m benchmarks.train_blocks --check [PAGES]

PAGES is a data directory of `<set>/<id>.json` and `<id>.html.gz` files (see `benchmarks.samples`); what each set is
used for is in `training_sets.toml`. The same data directory gives the same bytes. `--check` compares the models that
ship with their certificate, and with PAGES the pages too, then trains anew and compares the bytes. Needs the extra
`train` (lightgbm). Stage 2 is trained on probabilities of stage 1 for pages that stage 1 was not trained on (stacking).
"""

from __future__ import annotations

import argparse
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import lightgbm
import numpy

from benchmarks import certificate
from benchmarks.samples import Sample, samples
from benchmarks.training_recipe import (
    DEPTH,
    MAX_WORDS,
    ORIGIN_WEIGHTS,
    PARAMETERS,
    RECIPE,
    SEEDS,
    STACKING_FOLDS,
    TREES,
)
from benchmarks.training_sets import Use, training_set
from saaf.cleaning.html.path_tree import build_tree
from saaf.cleaning.model.forest import STEP, Forest
from saaf.cleaning.model.portable_math import sigmoid
from saaf.cleaning.model.stage2 import stage2_features
from saaf.cleaning.model.track_forests import Forests, save
from saaf.cleaning.types import Track
from saaf.corpus.evaluation.metrics import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from saaf.cleaning.model.text_features import Columns


_NO_FEATURES = ("asked trafilatura", "words")  # columns that choose the forest, or repeat a feature in another unit


def fold_of(key: str, folds: int) -> int:
    """Return the fold of a site or language: by its name alone, so that one more page moves no other."""
    return zlib.crc32(key.encode()) % folds


def train(chosen: Sequence[Sample]) -> Forests:
    """Return the forests of both stages for one track, trained on the samples of sets that may be trained on."""
    chosen = [sample for sample in chosen if training_set(sample.set).use is not Use.MEASURE]
    names = [name for name in chosen[0].columns if name not in _NO_FEATURES]
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
    folds = [fold_of(sample.site, 7 * STACKING_FOLDS) // 7 for sample in chosen]
    stacked: list[Columns] = [{}] * len(chosen)
    for fold in range(STACKING_FOLDS):
        training = [index for index, own in enumerate(folds) if own != fold]
        stage1 = fit([labelled[index] for index in training], [chosen[index].columns for index in training], names)
        for index in [index for index, own in enumerate(folds) if own == fold]:
            own, paths = chosen[index].columns, [block.path for block in chosen[index].document.blocks]
            tree = build_tree(paths) if any(paths) else None
            stacked[index] = own | stage2_features(own, sigmoid(stage1.log_odds(own)), tree)
    return stacked


@dataclass(frozen=True, slots=True, kw_only=True)
class _LabelledBlocks:
    """The blocks of a sample to train on: `rows`, a mask of all blocks, and labels and weights of those.

    A page weighs by its set and its origin, within it a block by the square root of its length.
    """

    rows: NDArray[numpy.bool_]
    labels: NDArray[numpy.int8]
    weights: NDArray[numpy.float64]

    @classmethod
    def of(cls, sample: Sample) -> _LabelledBlocks:
        used = training_set(sample.set)
        lines = [sample.document.text[block.start : block.end] for block in sample.document.blocks]
        sizes = numpy.sqrt([1.0 + min(len(words(line)), MAX_WORDS) for line in lines])
        rows = sample.labels >= (1 if used.use is Use.CONTENT else 0)
        weights = used.weight * ORIGIN_WEIGHTS[sample.origin] * sizes / sizes.sum() * 50
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
    data = lightgbm.Dataset(features, labels, weight=weights, params=PARAMETERS)
    boosters = [lightgbm.train(PARAMETERS | {"seed": seed}, data, TREES) for seed in SEEDS]
    return forest(boosters, tuple(names))


def forest(boosters: Sequence[lightgbm.Booster], names: tuple[str, ...]) -> Forest:
    """Return the mean of several boosters as one forest."""
    trees = [filled_tree(tree["tree_structure"]) for one in boosters for tree in one.dump_model()["tree_info"]]
    split_features, thresholds, leaf_values = zip(*trees, strict=True)
    return Forest(
        feature_names=names,
        split_feature=numpy.array(split_features, dtype=numpy.int32),
        threshold=numpy.array([[round_down(value) for value in tree] for tree in thresholds], dtype=numpy.float32),
        leaf_value=(numpy.round(numpy.array(leaf_values) / len(boosters) / STEP) * STEP).astype(numpy.float32),
    )


def filled_tree(root: dict[str, Any], depth: int = DEPTH) -> tuple[list[int], list[float], list[float]]:
    """Return split features, thresholds and leaf values of a tree, filled up to full depth.

    Below a leaf that is less deep all leaves have its value, so the splits there change nothing.
    """
    split_features, thresholds = [], []
    level = [root]
    for _ in range(depth):
        split_features += [node.get("split_feature", 0) for node in level]
        thresholds += [node.get("threshold", numpy.inf) for node in level]
        level = [node.get(side, node) for node in level for side in ("left_child", "right_child")]
    return split_features, thresholds, [node["leaf_value"] for node in level]


def round_down(threshold: float) -> numpy.float32:
    """Return the largest float32 that is at most `threshold`.

    LightGBM compares in float64; so no float32 feature changes the side of a split.
    """
    single = numpy.float32(threshold)
    return single if single <= threshold else numpy.nextafter(single, numpy.float32(-numpy.inf))


def main() -> int:
    """Train and write models and certificate, or check them; return 0 where all is as the certificate says, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path, nargs="?", metavar="PAGES")
    parser.add_argument("--check", action="store_true", help="compare what ships with its certificate, write nothing")
    parser.add_argument("--cache", type=Path, help="keep the documents of the samples in this directory")
    args = parser.parse_args()
    if args.check:
        differences = certificate.differences(certificate.MODELS, RECIPE, args.pages)
        if args.pages and not differences:
            with TemporaryDirectory() as made:
                _make(args.pages, args.cache, Path(made))
                differences = certificate.changed_models(Path(made))
        print("\n".join(differences) or "the models are what their certificate says")
        return 1 if differences else 0
    if args.pages is None:
        parser.error("PAGES is missing: the directory of labelled pages to train on")
    commit = certificate.clean_commit()
    counts = _make(args.pages, args.cache, certificate.MODELS)
    certificate.write(certificate.MODELS, args.pages, commit=commit, recipe=RECIPE, samples=counts)
    return 0


def _make(pages: Path, cache: Path | None, target: Path) -> dict[str, int]:
    """Train both tracks and write their models to `target`; return the number of samples by track."""
    counts = {}
    for track in Track:
        chosen = [one for one in samples(pages, track, cache) if training_set(one.set).use is not Use.MEASURE]
        save(target / certificate.model_name(track), train(chosen))
        counts[track.value] = len(chosen)
        print(f"{track.value}: {len(chosen)} samples, {len({sample.site for sample in chosen})} sites")
    return counts


if __name__ == "__main__":
    sys.exit(main())
