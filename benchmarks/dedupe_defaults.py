"""Which shingle size and threshold tell copies from strangers? `python -m benchmarks.dedupe_defaults --texts DIR`.

- *copies*: passages of natural text with up to 6 % of the units edited and up to 20 % residue before and after them, or
  up to 20 % of the end cut off;
- *forms*: the same form filled in anew, every 8th to 16th unit another one: reports of weather, shares or results;
- *sites*: other stories of the same site, of which 30 to 60 % is boilerplate.
Told, for each length, size and threshold: the share of each that is at the threshold or over it. With a directory its
own pages and their paragraphs are compared too, and pairs that only one size accepts are listed, to be read. Three
minutes of CPU time.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.dedupe_natural import LANGUAGES, edited, joined, languages, pages, passages, units
from benchmarks.dedupe_truth import shingles, words
from saaf.dedupe import Settings, find_duplicates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LENGTHS = (20, 30, 40, 60, 100, 300)
SIZES = (2, 3, 5)
THRESHOLDS = (0.6, 0.7, 0.8)
PASSAGES = 60
EACH = 4  # of each kind, of each passage


def copies(passage: list[str], other: list[str], known: Sequence[str], chance: np.random.Generator) -> list[list[str]]:
    """Return copies: lightly edited, then with residue around them or without their end."""
    made = []
    for number in range(EACH):
        copy = edited(passage, chance.uniform(0.0, 0.06), known, chance)
        part = int(len(passage) * chance.uniform(0.0, 0.2))
        cut = int(chance.integers(part + 1))
        made.append([*other[:cut], *copy, *other[cut:part]] if number % 2 else copy[: len(copy) - part])
    return made


def forms(passage: list[str], other: list[str], known: Sequence[str], chance: np.random.Generator) -> list[list[str]]:
    """Return the same form with other facts."""
    del other
    made = []
    for every in chance.integers(8, 16, EACH, endpoint=True).tolist():
        facts = [known[int(chance.integers(len(known)))] for _ in passage]
        made.append([facts[i] if i % every == 0 else unit for i, unit in enumerate(passage)])
    return made


def sites(passage: list[str], other: list[str], known: Sequence[str], chance: np.random.Generator) -> list[list[str]]:
    """Return other stories with the same boilerplate."""
    del known
    own = [len(passage) - int(len(passage) * share) for share in chance.uniform(0.3, 0.6, EACH)]
    return [[*other[:part], *passage[part:]] for part in own]


KINDS = (copies, forms, sites)


def likeness(one: str, other: str) -> list[float]:
    """Return the Jaccard similarity of two texts by shingles of each size."""
    tokens = [words(text) for text in (one, other)]
    values = []
    for size in SIZES:
        left, right = (shingles(own, size) for own in tokens)
        values.append(len(left & right) / len(left | right))
    return values


def measured(language: str, known: Sequence[str], length: int) -> list[NDArray[np.float64]]:
    """Return the similarities of each kind for a length: a row for each pair, a column for each size."""
    chance = np.random.default_rng(length)
    held = passages(known, PASSAGES, (length, length))
    found = []
    for make in KINDS:
        rows = []
        for passage, other in zip(held, held[1:] + held[:1], strict=True):
            made = [joined(language, each) for each in make(passage, other, known, chance)]
            rows += [likeness(joined(language, passage), each) for each in made]
        found.append(np.array(rows))
    return found


def natural(texts: Path) -> None:
    """Print how many pairs of a directory's texts each choice accepts, and those on which pairs and triples differ."""
    print("\nnatural texts: pairs by", ", ".join(f"{size} at {each}" for size in SIZES for each in THRESHOLDS))
    for name, least, most in (("paragraphs", 20, 59), ("paragraphs", 60, 400), ("pages", 20, 10**9)):
        total, differing = 0, []
        counts = dict.fromkeys(((size, threshold) for size in SIZES for threshold in THRESHOLDS), 0)
        for language in languages(texts):
            parts = [t for _, text in pages(language, texts) for t in (text.splitlines() if most < 10**9 else [text])]
            held = [part for part in dict.fromkeys(parts) if least <= len(words(part)) <= most]
            total += len(held)
            found = {(size, threshold): accepted(held, size, threshold) for size, threshold in counts}
            for choice, pairs in found.items():
                counts[choice] += len(pairs)
            differing += [(language, held[a], held[b]) for a, b in sorted(found[2, 0.7] ^ found[3, 0.7])]
        print(f"{total:,} {name} of {least} to {most} tokens:", *counts.values())
        for language, one, other in differing:
            print("   ", language, *(f"{value:.2f}" for value in likeness(one, other)))
            print("       ", " ".join(one.split())[:200], "\n       ", " ".join(other.split())[:200])


def accepted(held: Sequence[str], size: int, threshold: float) -> set[tuple[int, int]]:
    """Return the pairs at a threshold by shingles of one size."""
    settings = Settings(threshold=threshold, shingle_size=size, short_shingle_size=size)
    return {(pair.left, pair.right) for pair in find_duplicates(held, settings=settings).pairs}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Shingle sizes and thresholds on copies and on strangers.")
    parser.add_argument("--texts", type=Path, help="a directory of JSON files with `lang` and `gold_text`")
    given = parser.parse_args()
    stocks = {language: units(language, given.texts) for language in LANGUAGES}
    print("share at the threshold or over it of", *(make.__name__ for make in KINDS), "; mean of", *LANGUAGES)
    print("tokens size", *(f"                 at {threshold}" for threshold in THRESHOLDS))
    for length in LENGTHS:
        kinds = list(zip(*(measured(language, known, length) for language, known in stocks.items()), strict=True))
        for place, size in enumerate(SIZES):
            line = f"{length:6} {size:4}"
            for threshold in THRESHOLDS:
                shares = (np.mean([np.mean(rows[:, place] >= threshold) for rows in kind]) for kind in kinds)
                line += "  " + "".join(f"{share:7.1%}" for share in shares)
            print(line, flush=True)
    if given.texts:
        natural(given.texts)


if __name__ == "__main__":
    main()
