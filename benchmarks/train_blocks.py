"""Train the two models of blocks and write them into `cleaning/data/`: the same data directory, the same bytes.

    python -m benchmarks.train_blocks PAGES [--track html|text] [--cache DIR]

Needs the extra `train` (catboost). The second look is trained on judgements of pages that the first had not seen.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy
from catboost import CatBoostClassifier, Pool

from benchmarks.samples import Sample, samples
from cleaning.evaluation import words
from cleaning.model import Forest, looked_at, save
from cleaning.types import Track

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from cleaning.features import Columns

DATA = Path(__file__).resolve().parent.parent / "cleaning" / "data"
_ORIGINS = {"page": 1.0, "trafilatura": 0.7, "gold": 0.3}  # weight of a sample by what its text is
_LONGEST = 150  # words of a block that count for its weight
_ROUNDS = {"first": 400, "second": 400}
_INNER = 3  # folds of the judgements that the second look learns from


def fold_of(key: str, folds: int) -> int:
    """Return the fold of a site or language: by its name alone, so that one more page moves no other."""
    return zlib.crc32(key.encode()) % folds


def train(chosen: Sequence[Sample]) -> tuple[Forest, Forest]:
    """Return the forests of the first and the second look of one track."""
    first = fit(chosen, [sample.columns for sample in chosen], _ROUNDS["first"])
    seconds: dict[int, Columns] = {}
    for fold in range(_INNER):
        inside = [fold_of(sample.site, 7 * _INNER) // 7 == fold for sample in chosen]
        others = [sample for sample, held in zip(chosen, inside, strict=True) if not held]
        judge = fit(others, [sample.columns for sample in others], _ROUNDS["first"] // 2)
        for index, held in enumerate(inside):
            if held:
                seconds[index] = looked_at(chosen[index].document, chosen[index].columns, judge)
    return first, fit(chosen, [seconds[index] for index in range(len(chosen))], _ROUNDS["second"])


def fit(chosen: Sequence[Sample], columns: Sequence[Columns], rounds: int) -> Forest:
    """Return boosted trees that tell content from residue; each page weighs the same, a block by its length."""
    names = tuple(columns[0])
    known = [sample.labels >= 0 for sample in chosen]
    features = numpy.vstack(
        [numpy.stack([own[name] for name in names], axis=1)[mask] for own, mask in zip(columns, known, strict=True)]
    )
    labels = numpy.concatenate([sample.labels[mask] for sample, mask in zip(chosen, known, strict=True)])
    weights = numpy.concatenate([_weights(sample)[mask] for sample, mask in zip(chosen, known, strict=True)])
    model = CatBoostClassifier(
        iterations=rounds,
        depth=6,
        learning_rate=0.1,
        border_count=64,
        l2_leaf_reg=5,
        rsm=0.3,
        bootstrap_type="Bernoulli",
        subsample=0.7,
        boosting_type="Plain",
        random_seed=1,
        allow_writing_files=False,
        verbose=False,
    )
    model.fit(Pool(features, labels, weight=weights))
    return forest(model, names)


def _weights(sample: Sample) -> NDArray[numpy.float64]:
    lines = [sample.document.text[block.start : block.end] for block in sample.document.blocks]
    sizes = numpy.sqrt([1.0 + min(len(words(line)), _LONGEST) for line in lines])
    return numpy.asarray(_ORIGINS[sample.origin] * sizes / sizes.sum() * 50)


def forest(model: CatBoostClassifier, names: tuple[str, ...]) -> Forest:
    """Return CatBoost's trees as arrays."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        stored = json.loads(path.read_text(encoding="utf-8"))
    trees = [tree for tree in stored["oblivious_trees"] if tree["splits"]]
    depth = max(len(tree["splits"]) for tree in trees)
    scale, (bias,) = stored["scale_and_bias"]
    columns, borders, leaves = zip(*(_tree(tree, depth) for tree in trees), strict=True)
    return Forest(
        names=names,
        columns=numpy.array(columns, dtype=numpy.int32),
        borders=numpy.array(borders, dtype=numpy.float32),
        leaves=numpy.array(leaves, dtype=numpy.float32) * numpy.float32(scale),
        bias=float(bias),
    )


def _tree(
    tree: dict[str, list[dict[str, float]] | list[float]], depth: int
) -> tuple[list[int], list[float], list[float]]:
    """Return columns, borders and leaves of a tree; one less deep asks questions that nothing answers with yes."""
    splits: list[dict[str, float]] = list(tree["splits"])  # type: ignore[arg-type]  # CatBoost's format
    values: list[float] = list(tree["leaf_values"])  # type: ignore[arg-type]
    missing = depth - len(splits)
    columns = [int(split["float_feature_index"]) for split in splits] + [0] * missing
    borders = [float(split["border"]) for split in splits] + [float("inf")] * missing
    return columns, borders, values * 2**missing


def main() -> None:
    """Train the tracks asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--track", choices=[track.value for track in Track])
    parser.add_argument("--cache", type=Path)
    args = parser.parse_args()
    for track in _tracks(args.track):
        chosen = samples(args.pages, track, args.cache)
        save(DATA / f"blocks.{track.value}.npz", *train(chosen))
        print(f"{track.value}: {len(chosen)} samples, {len({sample.site for sample in chosen})} sites")


def _tracks(name: str | None) -> Iterator[Track]:
    yield from [Track(name)] if name else Track


if __name__ == "__main__":
    main()
