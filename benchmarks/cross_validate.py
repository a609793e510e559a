"""Measure the quality of cleaning by cross-validation: on sites, or languages, that the models were not trained on.

    python -m benchmarks.cross_validate PAGES [--track html|text] [--by site|language] [--folds 5] [--cache DIR]
                                        [--votes all|auto|fast] [--profiles]

PAGES is a data directory of `<set>/<id>.json` and `<id>.html.gz` files (see `benchmarks.samples`). Each fold's models
are trained without its sites (or languages); the whole pipeline, rules included, then cleans the fold's pages. Prints
the mean figures over all pages, by set and by language. `--cache` keeps documents and the folds' models, so that a
change of the rules is measured without training again. `--profiles` cleans the pages of a site together, as a build
does, with the profile of the site.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.samples import Sample, samples
from benchmarks.train_blocks import fold_of, train
from saaf import cleaning
from saaf.cleaning.model.analysis import analyse_blocks, uncertainty
from saaf.cleaning.model.track_forests import load, save
from saaf.cleaning.readers.html import TRAFILATURA_UNCERTAINTY
from saaf.cleaning.site.profile import merge_profiles, profile_page
from saaf.cleaning.types import Track
from saaf.corpus.evaluation.metrics import Figures, means, score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.cleaning.model.track_forests import Forests
    from saaf.cleaning.types import Document


def main() -> None:
    """Train the models of folds that are not cached, clean the pages, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--track", choices=[track.value for track in Track], default="html")
    parser.add_argument("--by", choices=("site", "language"), default="site")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--votes", choices=("all", "auto", "fast"), default="auto")
    parser.add_argument("--profiles", action="store_true")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--json", type=Path, help="write the table to this file too")
    parser.add_argument("--outputs", type=Path, help="write the texts of the pages to this file of JSON lines")
    args = parser.parse_args()
    chosen = samples(args.pages, Track(args.track), args.cache)
    rows: list[tuple[Sample, Figures]] = []
    texts: list[tuple[str, str]] = []
    for fold in range(args.folds):
        in_test = [fold_of(getattr(sample, args.by), args.folds) == fold for sample in chosen]
        training = [sample for sample, test in zip(chosen, in_test, strict=True) if not test]
        testing = [sample for sample, test in zip(chosen, in_test, strict=True) if test]
        forests = _load_or_train(
            training, args.cache and args.cache / f"{args.track}.{args.by}.{fold}of{args.folds}.npz"
        )
        with ProcessPoolExecutor() as pool:
            measure = partial(figures_of, forests=forests, votes=args.votes)
            groups = _by_site(testing) if args.profiles else [[sample] for sample in testing]
            for group, found in zip(groups, pool.map(measure, groups, chunksize=4), strict=True):
                rows += zip(group, (figures for figures, _ in found), strict=True)
                texts += [
                    (sample.name, text) for sample, (_, text) in zip(group, found, strict=True) if is_page(sample)
                ]
    table = tabulate(rows)
    for key, figures in table.items():
        print(f"{key:24}", "  ".join(f"{name} {100 * (value or 0):6.2f}" for name, value in figures.to_dict().items()))
    if args.json:
        args.json.write_text(json.dumps({key: figures.to_dict() for key, figures in table.items()}, indent=1) + "\n")
    if args.outputs:
        lines = (json.dumps({"name": name, "text": text}) + "\n" for name, text in sorted(texts))
        args.outputs.write_text("".join(lines), encoding="utf-8")


def is_page(sample: Sample) -> bool:
    """Return whether the sample is a page as it is, not one made of it."""
    return sample.origin == "page"


def _load_or_train(training: Sequence[Sample], cached: Path | None) -> Forests:
    if cached and cached.exists():
        return load(cached)
    forests = train(training)
    if cached:
        save(cached, forests)
    return forests


def _by_site(chosen: Sequence[Sample]) -> list[list[Sample]]:
    """Return the samples grouped by site and origin."""
    groups: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for sample in chosen:
        groups[sample.site, sample.origin].append(sample)
    return list(groups.values())


def figures_of(group: Sequence[Sample], forests: Forests, votes: str = "auto") -> list[tuple[Figures, str]]:
    """Return the figures and the clean text of each sample of a site; several are cleaned with their profile."""
    alone = [cleaning.clean(with_votes(_with_page_id(sample), forests, votes), forests=forests) for sample in group]
    profile = merge_profiles(map(profile_page, alone)) if len(group) > 1 else None
    texts = [(cleaning.clean(one.document, profile=profile, forests=forests) if profile else one).text for one in alone]
    return [(score(sample.gold, text, sample.headlines), text) for sample, text in zip(group, texts, strict=True)]


def _with_page_id(sample: Sample) -> Document:
    """Return the sample's document with an id of its own: some sets give only the host as the URL."""
    return replace(sample.document, id=sample.name, site=sample.site)


def with_votes(document: Document, forests: Forests, votes: str) -> Document:
    """Return a document that was read with all extractor votes as `read_html` reads it with `votes`."""
    if document.track is Track.TEXT or votes == "all":
        return document
    blocks = [
        replace(block, votes=tuple(vote for vote in block.votes if vote.method != "trafilatura"))
        for block in document.blocks
    ]
    without_trafilatura = replace(document, blocks=tuple(blocks))
    if votes == "auto" and uncertainty(analyse_blocks(without_trafilatura, forests=forests)) >= TRAFILATURA_UNCERTAINTY:
        return document
    return without_trafilatura


def tabulate(rows: Sequence[tuple[Sample, Figures]]) -> dict[str, Figures]:
    """Return the mean figures by row of the table: whole pages together, by set and by language; other origins."""
    groups: dict[str, list[Figures]] = defaultdict(list)
    for sample, figures in rows:
        if is_page(sample):
            for key in ("all", f"set {sample.set}", f"lang {sample.language}"):
                groups[key].append(figures)
        else:
            groups[f"from {sample.origin}"].append(figures)
            groups[f"from {sample.origin}, unchanged"].append(
                score(sample.gold, sample.document.text, sample.headlines)
            )
    return {key: means(groups[key]) for key in sorted(groups, key=lambda key: (key != "all", key))}


if __name__ == "__main__":
    main()
