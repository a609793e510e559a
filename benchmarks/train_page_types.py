"""Train the classifier of page types, and write it and its certificate to `saaf/cleaning/model/`.

    python -m benchmarks.train_page_types PAGES FORMASAURUS [--measure | --check]

PAGES is a data directory as in `benchmarks.samples`, FORMASAURUS the directory `formasaurus/data` of its source
distribution; what is used of both is in `page_types.toml`. The same data gives the same bytes. `--measure` prints the
result of a cross-validation by site and writes nothing, `--check` trains anew and compares the bytes. Needs the extra
`train` (lightgbm).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import lightgbm
import numpy

from benchmarks import certificate
from benchmarks.page_type_pages import LabelledPage, labelled_pages
from benchmarks.page_type_recipe import DEPTH, NAME, PARAMETERS, ROUNDS
from benchmarks.train_blocks import filled_tree, fold_of, round_down
from saaf.cleaning.model.forest import STEP, Forest
from saaf.cleaning.model.page_type import FILE, TRAINED, save, type_by_trees
from saaf.cleaning.model.page_type_features import FEATURES
from saaf.cleaning.page_types import NO_CONTENT_TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDS = 5
LEAST_SCORES = (0.5, 0.6, 0.7, 0.8, 0.85, 0.88, 0.9, 0.92, 0.95, 0.96, 0.97)


def train(pages: Sequence[LabelledPage]) -> Forest:
    """Return the trees of all types, those of a type after those of another.

    Each page is there twice: with its address, and at half the weight without, as pages may be saved without theirs.
    """
    address = numpy.array([name.startswith("url ") for name in FEATURES])
    known = numpy.array([page.values for page in pages], dtype=numpy.float32)
    labels, weights = [TRAINED.index(page.type) for page in pages], [page.weight for page in pages]
    features = numpy.vstack([known, numpy.where(address, numpy.float32(-1), known)])
    both = numpy.array([*weights, *(weight / 2 for weight in weights)])
    data = lightgbm.Dataset(features, [*labels, *labels], weight=both, params=PARAMETERS)
    trees = lightgbm.train(PARAMETERS, data, ROUNDS).dump_model()["tree_info"]
    order = [tree for own in range(len(TRAINED)) for tree in trees[own :: len(TRAINED)]]
    filled = [filled_tree(tree["tree_structure"], DEPTH) for tree in order]
    split_features, thresholds, leaf_values = zip(*filled, strict=True)
    return Forest(
        feature_names=FEATURES,
        split_feature=numpy.array(split_features, dtype=numpy.int32),
        threshold=numpy.array([[round_down(value) for value in tree] for tree in thresholds], dtype=numpy.float32),
        leaf_value=(numpy.round(numpy.array(leaf_values) / STEP) * STEP).astype(numpy.float32),
    )


def cross_validate(pages: Sequence[LabelledPage]) -> list[tuple[LabelledPage, str, float]]:
    """Return each page with its type and score: what the page states, else by trees that know no page of its site."""
    found = []
    for fold in range(FOLDS):
        testing = [page for page in pages if fold_of(page.site, FOLDS) == fold]
        trees = train([page for page in pages if fold_of(page.site, FOLDS) != fold])
        for page in testing:
            by_trees = type_by_trees(page.values, trees, page.impossible)
            name, score = page.stated or (by_trees.name, by_trees.score)
            found.append((page, name, score))
    return found


def summary(found: Sequence[tuple[LabelledPage, str, float]]) -> dict[str, Any]:
    """Return the counts of a cross-validation: confusion by kind of set, and what is skipped by least score.

    Pages that state that they are an article are never skipped.
    """
    table: dict[str, dict[str, dict[str, int]]] = {}
    for page, name, _ in found:
        row = table.setdefault(page.kind, {}).setdefault(page.type, {})
        row[name] = row.get(name, 0) + 1
    real = [one for one in found if one[0].kind not in ("made", "small") and not one[0].is_article]
    content = [page for page, _, _ in real if page.has_content and page.type not in NO_CONTENT_TYPES]
    skipped = {}
    for least in LEAST_SCORES:
        sure = [page for page, name, score in real if name in NO_CONTENT_TYPES and score >= least]
        skipped[str(least)] = {
            "skipped": len(sure),
            "without content of their own": sum(page.type in NO_CONTENT_TYPES for page in sure),
            "with a gold text and of another type": sum(page in content for page in sure),
        }
    ordered = {
        kind: {gold: dict(sorted(row.items())) for gold, row in sorted(rows.items())} for kind, rows in table.items()
    }
    return {
        "confusion by site": ordered,
        "pages with a gold text of another type": len(content),
        "skipped by least score": skipped,
    }


def main() -> int:
    """Train and write, measure, or check; return 0 where all is as the certificate says, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path, metavar="PAGES")
    parser.add_argument("formasaurus", type=Path, metavar="FORMASAURUS")
    parser.add_argument("--measure", action="store_true", help="print the cross-validation, write nothing")
    parser.add_argument("--check", action="store_true", help="train anew, compare with what ships, write nothing")
    args = parser.parse_args()
    writes = not args.measure and not args.check
    commit = certificate.clean_commit() if writes else ""
    pages = labelled_pages(args.pages, args.formasaurus)
    if args.check:
        return _check(pages)
    measured = summary(cross_validate(pages))
    print(json.dumps(measured, indent=1))
    if writes:
        save(certificate.MODELS / FILE, train(pages))
        _write_certificate(pages, commit, measured)
    return 0


def _check(pages: Sequence[LabelledPage]) -> int:
    with TemporaryDirectory() as made:
        save(Path(made) / FILE, train(pages))
        same = (Path(made) / FILE).read_bytes() == (certificate.MODELS / FILE).read_bytes()
    print("the model is what its certificate says" if same else f"{FILE}: trained anew it has other bytes")
    return 0 if same else 1


def _write_certificate(pages: Sequence[LabelledPage], commit: str, measured: dict[str, Any]) -> None:
    digest = hashlib.sha256()
    for page in pages:
        digest.update(f"{page.set}/{page.id} {page.digest} {page.type}\n".encode())
    own = {
        "command": "python -m benchmarks.train_page_types PAGES FORMASAURUS",
        "commit": commit,
        "packages": {name: version(name) for name in ("lightgbm", "lxml", "numpy")},
        "parameters": PARAMETERS | {"rounds": ROUNDS},
        "features": list(FEATURES),
        "types": list(TRAINED),
        "pages": {name: sum(page.set == name for page in pages) for name in sorted({page.set for page in pages})},
        "sha256 of the pages": digest.hexdigest(),
        "sha256": hashlib.sha256((certificate.MODELS / FILE).read_bytes()).hexdigest(),
        **measured,
    }
    (certificate.MODELS / NAME).write_text(json.dumps(own, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
