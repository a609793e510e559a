"""Precision and recall on planted edits of natural text: `python -m benchmarks.dedupe_accuracy --texts DIR`.

Truth is the exact Jaccard similarity of all pairs by `benchmarks.dedupe_truth`, which shares no code with `dedupe`.
Documents are passages of natural text and copies of them, edited at rates that leave a Jaccard of 0.97 down to 0.4.
Peers sign the plain words and answer by their bands: datasketch by its own choice for the threshold, rensa, which
leaves the choice to its user, by 16 of 8 rows. Ten minutes of CPU time.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from datasketch import MinHash, MinHashLSH

from benchmarks.dedupe_natural import LANGUAGES, edited, joined, passages, units
from benchmarks.dedupe_truth import similar_pairs, words
from saaf.dedupe import Settings, find_duplicates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Found = set[tuple[int, int]]

TEXTS = 1500
RATES = {  # of edits to a unit: short documents have fewer places to change
    "full": (0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.1),
    "middle": (0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.1, 0.12),
    "short": (0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.1, 0.12, 0.15),
}
LENGTHS = {"full": (280, 320), "middle": (80, 120), "short": (20, 40)}
FAMILY = 30  # a passage and its copies at most: of more than 32 near copies not every pair is listed (ADR 4)
THRESHOLDS = (0.7, 0.8)
DEFAULTS = Settings()


class Planted(NamedTuple):
    """Documents as units, and how many passages they come from."""

    documents: list[list[str]]
    passages: int


def planted(known: Sequence[str], length: str) -> Planted:
    """Return passages of a length, each followed by copies of it, one at each rate and again from the first."""
    originals = passages(known, TEXTS // (len(RATES[length]) + 1), LENGTHS[length])
    chance = np.random.default_rng(2)
    copies = min(FAMILY, TEXTS // len(originals)) - 1
    documents = []
    for original in originals:
        rates = [RATES[length][number % len(RATES[length])] for number in range(copies)]
        documents += [original, *(edited(original, rate, known, chance) for rate in rates)]
    return Planted(documents, len(originals))


def by_us(texts: Sequence[str], settings: Settings) -> Found:
    """Return the pairs we find, and those that follow: what is found for a text holds for its exact copies."""
    first: dict[tuple[str, ...], int] = {}
    copies: defaultdict[int, list[int]] = defaultdict(list)
    for index, text in enumerate(texts):
        copies[first.setdefault(tuple(words(text)), index)].append(index)
    found = [(pair.left, pair.right) for pair in find_duplicates(texts, settings=settings).pairs]
    among = {pair for group in copies.values() for pair in combinations(group, 2)}
    between = {(min(a, b), max(a, b)) for left, right in found for a in copies[left] for b in copies[right]}
    return among | between | set(found)


def by_datasketch(documents: Sequence[Sequence[str]], size: int, threshold: float) -> Found:
    """Return the pairs that datasketch's LSH answers with its own bands for this threshold."""
    index = MinHashLSH(threshold=threshold, num_perm=128)
    grams = [[gram.encode() for gram in plain_shingles(document, size)] for document in documents]
    sketches = MinHash.bulk(grams, num_perm=128)
    for number, sketch in enumerate(sketches):
        index.insert(number, sketch)
    return {(left, right) for left, sketch in enumerate(sketches) for right in index.query(sketch) if left < right}


def by_rensa(documents: Sequence[Sequence[str]], size: int, threshold: float) -> Found:
    """Return the pairs that rensa's LSH answers with 16 bands; with the 8 of its own benchmark it finds fewer."""
    from rensa import RMinHash, RMinHashLSH  # noqa: PLC0415  # a peer that need not be there

    index = RMinHashLSH(threshold=threshold, num_perm=128, num_bands=16)
    sketches = []
    for number, document in enumerate(documents):
        sketch = RMinHash(num_perm=128, seed=42)
        sketch.update(plain_shingles(document, size))
        index.insert(number, sketch)
        sketches.append(sketch)
    return {(left, right) for left, sketch in enumerate(sketches) for right in index.query(sketch) if left < right}


PEERS = {name: by for name, by in (("datasketch", by_datasketch), ("rensa", by_rensa)) if find_spec(name)}


def plain_shingles(document: Sequence[str], size: int) -> list[str]:
    """Return shingles as peers' manuals make them: of words between spaces, characters in Chinese, as they are."""
    return [" ".join(document[i : i + size]) for i in range(max(len(document) - size + 1, 1))]


class Row(NamedTuple):
    """A line of the table: precision and recall of ours, then of each peer."""

    language: str
    length: str
    shingle: str
    threshold: float
    texts: int
    passages: int
    true: int
    rates: list[tuple[float, float]]


def measured(language: str, length: str, known: Sequence[str]) -> Iterator[Row]:
    """Yield the lines of one language and length."""
    documents, count = planted(known, length)
    texts = [joined(language, document) for document in documents]
    tokens = [words(text) for text in texts]
    for size in (2, 3, 5):
        similar = similar_pairs(tokens, size, min(THRESHOLDS))
        for threshold in THRESHOLDS:
            true = {pair for pair, likeness in similar.items() if likeness >= threshold}
            settings = Settings(threshold=threshold, shingle_size=size, short_shingle_size=size)
            found = [by_us(texts, settings), *(peer(documents, size, threshold) for peer in PEERS.values())]
            rates = [rates_of(each, true) for each in found]
            yield Row(language, length, str(size), threshold, len(texts), count, len(true), rates)


def mixed(language: str, known: Sequence[str]) -> Iterator[Row]:
    """Yield the lines of short and middle documents together, compared as the defaults say."""
    parts = [planted(known, length) for length in ("short", "middle")]
    documents = [document for part in parts for document in part.documents]
    texts = [joined(language, document) for document in documents]
    tokens = [words(text) for text in texts]
    short = [len(own) < DEFAULTS.short_tokens for own in tokens]
    by_size = [similar_pairs(tokens, size, min(THRESHOLDS)) for size in (3, 2)]
    for threshold in THRESHOLDS:
        true = {
            (left, right)
            for size, similar in enumerate(by_size)
            for (left, right), likeness in similar.items()
            if likeness >= threshold and (short[left] or short[right]) == bool(size)
        }
        rates = [rates_of(by_us(texts, Settings(threshold=threshold)), true)]
        yield Row(language, "mixed", "2/3", threshold, len(texts), parts[1].passages, len(true), rates)


def rates_of(found: Found, true: Found) -> tuple[float, float]:
    """Return precision and recall."""
    return len(found & true) / max(len(found), 1), len(found & true) / max(len(true), 1)


def main() -> None:
    """Print the table, and say where a bar is missed."""
    parser = argparse.ArgumentParser(description="Accuracy of near-duplicate detection on natural text.")
    parser.add_argument("--texts", type=Path, help="a directory of JSON files with `lang` and `gold_text`")
    parser.add_argument("--languages", nargs="+", default=LANGUAGES)
    given = parser.parse_args()
    heads = "".join(f"{name:>18}" for name in ("ours", *PEERS))
    print(f"language length shingle threshold texts passages true pairs; precision and recall of{heads}")
    missed = 0
    for language in given.languages:
        known = units(language, given.texts)
        rows = [row for length in LENGTHS for row in measured(language, length, known)] + [*mixed(language, known)]
        for *cells, rates in rows:
            missed += rates[0][0] < 0.999 or rates[0][1] < 0.99
            told = "   ".join(f"{precision:.4f} {recall:.4f}" for precision, recall in rates)
            print("{:8} {:6} {:>7} {:9} {:5} {:8} {:10,}".format(*cells), "  ", told, flush=True)
    print(f"rows under 0.999 precision or 0.99 recall: {missed}")


if __name__ == "__main__":
    main()
