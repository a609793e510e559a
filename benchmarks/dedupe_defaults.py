"""Measure which shingle size and threshold separate copies from other texts, on natural text.

    python -m benchmarks.dedupe_defaults [--texts DIR]

DIR is a data directory: JSON files at any depth with the fields `lang` and `gold_text`. Without it the project's own
texts are used (see `benchmarks.dedupe_natural`). Three minutes of CPU time.

- *copies*: passages of natural text with up to 6 % of the units edited and up to 20 % residue before and after them, or
  up to 20 % of the end cut off;
- *forms*: the same form filled in anew, every 8th to 16th unit another one: reports of weather, shares or results;
- *sites*: other stories of the same site, of which 30 to 60 % is boilerplate.
The table gives, for each length, size and threshold, the share of each that is at the threshold or over it. With a
directory its own pages and their paragraphs are compared too, and pairs that only one size accepts are listed, to be
read.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.dedupe_natural import (
    LANGUAGES,
    cut_passages,
    edit_units,
    join_units,
    list_languages,
    load_units,
    natural_texts,
)
from benchmarks.dedupe_truth import shingles, words
from saaf.dedupe import Settings, find_duplicates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LENGTHS = (20, 30, 40, 60, 100, 300)
SIZES = (2, 3, 5)
THRESHOLDS = (0.6, 0.7, 0.8)
PASSAGES = 60
VARIANTS_PER_KIND = 4  # of each passage


def copies(passage: list[str], other: list[str], corpus: Sequence[str], rng: np.random.Generator) -> list[list[str]]:
    """Return copies of a passage: lightly edited, then with residue of `other` around them or without their end."""
    made = []
    for number in range(VARIANTS_PER_KIND):
        copy = edit_units(passage, rng.uniform(0.0, 0.06), corpus, rng)
        part = int(len(passage) * rng.uniform(0.0, 0.2))
        cut = int(rng.integers(part + 1))
        made.append([*other[:cut], *copy, *other[cut:part]] if number % 2 else copy[: len(copy) - part])
    return made


def forms(passage: list[str], other: list[str], corpus: Sequence[str], rng: np.random.Generator) -> list[list[str]]:
    """Return the passage as a form with other facts."""
    del other
    made = []
    for every in rng.integers(8, 16, VARIANTS_PER_KIND, endpoint=True).tolist():
        facts = [corpus[int(rng.integers(len(corpus)))] for _ in passage]
        made.append([facts[i] if i % every == 0 else unit for i, unit in enumerate(passage)])
    return made


def sites(passage: list[str], other: list[str], corpus: Sequence[str], rng: np.random.Generator) -> list[list[str]]:
    """Return other stories with the last part of the passage as their boilerplate."""
    del corpus
    own = [len(passage) - int(len(passage) * share) for share in rng.uniform(0.3, 0.6, VARIANTS_PER_KIND)]
    return [[*other[:part], *passage[part:]] for part in own]


KINDS = (copies, forms, sites)


def jaccard_by_size(one: str, other: str) -> list[float]:
    """Return the Jaccard similarity of two texts by shingles of each size."""
    tokens = [words(text) for text in (one, other)]
    values = []
    for size in SIZES:
        left, right = (shingles(own, size) for own in tokens)
        values.append(len(left & right) / len(left | right))
    return values


def measure(language: str, corpus: Sequence[str], length: int) -> list[NDArray[np.float64]]:
    """Return the Jaccard similarities of each kind for a length, float64[pairs, sizes]."""
    rng = np.random.default_rng(length)
    originals = cut_passages(corpus, PASSAGES, (length, length))
    found = []
    for make in KINDS:
        rows = []
        for passage, other in zip(originals, originals[1:] + originals[:1], strict=True):
            made = [join_units(language, each) for each in make(passage, other, corpus, rng)]
            rows += [jaccard_by_size(join_units(language, passage), each) for each in made]
        found.append(np.array(rows))
    return found


def report_natural(texts: Path) -> None:
    """Print how many pairs of a directory's texts each choice accepts, and those on which pairs and triples differ."""
    print("\nnatural texts: pairs by", ", ".join(f"{size} at {each}" for size in SIZES for each in THRESHOLDS))
    for name, least, most in (("paragraphs", 20, 59), ("paragraphs", 60, 400), ("pages", 20, 10**9)):
        total, differing = 0, []
        counts = dict.fromkeys(((size, threshold) for size in SIZES for threshold in THRESHOLDS), 0)
        for language in list_languages(texts):
            whole = [text for _, text in natural_texts(language, texts)]
            parts = whole if name == "pages" else [line for text in whole for line in text.splitlines()]
            chosen = [part for part in dict.fromkeys(parts) if least <= len(words(part)) <= most]
            total += len(chosen)
            found = {(size, threshold): accepted_pairs(chosen, size, threshold) for size, threshold in counts}
            for choice, pairs in found.items():
                counts[choice] += len(pairs)
            differing += [(language, chosen[a], chosen[b]) for a, b in sorted(found[2, 0.7] ^ found[3, 0.7])]
        print(f"{total:,} {name} of {least} to {most} tokens:", *counts.values())
        for language, one, other in differing:
            print("   ", language, *(f"{value:.2f}" for value in jaccard_by_size(one, other)))
            print("       ", " ".join(one.split())[:200], "\n       ", " ".join(other.split())[:200])


def accepted_pairs(texts: Sequence[str], size: int, threshold: float) -> set[tuple[int, int]]:
    """Return the pairs at a threshold or over it by shingles of one size."""
    settings = Settings(threshold=threshold, shingle_size=size, short_shingle_size=size)
    return {(pair.left, pair.right) for pair in find_duplicates(texts, settings=settings).pairs}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Shingle sizes and thresholds on copies and on other texts.")
    parser.add_argument("--texts", type=Path, help="a directory of JSON files with `lang` and `gold_text`")
    options = parser.parse_args()
    corpora = {language: load_units(language, options.texts) for language in LANGUAGES}
    print("share at the threshold or over it of", *(make.__name__ for make in KINDS), "; mean of", *LANGUAGES)
    print("tokens size", *(f"                 at {threshold}" for threshold in THRESHOLDS))
    for length in LENGTHS:
        kinds = list(zip(*(measure(language, corpus, length) for language, corpus in corpora.items()), strict=True))
        for place, size in enumerate(SIZES):
            line = f"{length:6} {size:4}"
            for threshold in THRESHOLDS:
                shares = (np.mean([np.mean(rows[:, place] >= threshold) for rows in kind]) for kind in kinds)
                line += "  " + "".join(f"{share:7.1%}" for share in shares)
            print(line, flush=True)
    if options.texts:
        report_natural(options.texts)


if __name__ == "__main__":
    main()
