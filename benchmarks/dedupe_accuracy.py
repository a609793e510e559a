"""Measure precision and recall of near-duplicate detection on planted duplicates in natural text, beside peers.

    python -m benchmarks.dedupe_accuracy [--texts DIR] [--languages en hi]

DIR is a data directory: JSON files at any depth with the fields `lang` and `gold_text`. Without it the project's own
texts are used (see `benchmarks.dedupe_natural`). Ten minutes of CPU time.

The ground truth is the exact Jaccard similarity of all pairs by `benchmarks.dedupe_truth`, which shares no code with
`saaf.dedupe`. Documents are passages of natural text and copies of them, edited at rates that leave a Jaccard of 0.97
down to 0.4. Peers sign the plain words and return candidates by their bands: datasketch by its own choice for the
threshold, rensa, which leaves the choice to its user, by 16 of 8 rows.
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

from benchmarks.dedupe_natural import LANGUAGES, cut_passages, edit_units, join_units, load_units
from benchmarks.dedupe_truth import similar_pairs, words
from saaf.dedupe import Settings, find_duplicates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Pairs = set[tuple[int, int]]
"""Pairs of document indices (left, right), left < right."""

TEXT_COUNT = 1500
EDIT_RATES = {  # of edits to a unit: short documents have fewer places to change
    "full": (0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.1),
    "middle": (0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.1, 0.12),
    "short": (0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.1, 0.12, 0.15),
}
LENGTHS = {"full": (280, 320), "middle": (80, 120), "short": (20, 40)}
MAX_FAMILY = 30  # a passage and its copies at most: of more than 32 near copies not every pair is listed (ADR 4)
THRESHOLDS = (0.7, 0.8)
DEFAULTS = Settings()


class PlantedDuplicates(NamedTuple):
    """Documents, each a list of units, and the number of original passages among them."""

    documents: list[list[str]]
    passages: int


def planted_duplicates(corpus: Sequence[str], length: str, count: int = TEXT_COUNT) -> PlantedDuplicates:
    """Return `count` texts: passages of a length class, each followed by edited copies, one at each rate in turn."""
    originals = cut_passages(corpus, count // (len(EDIT_RATES[length]) + 1), LENGTHS[length])
    rng = np.random.default_rng(2)
    copies = min(MAX_FAMILY, count // len(originals)) - 1
    documents = []
    for original in originals:
        rates = [EDIT_RATES[length][number % len(EDIT_RATES[length])] for number in range(copies)]
        documents += [original, *(edit_units(original, rate, corpus, rng) for rate in rates)]
    return PlantedDuplicates(documents, len(originals))


def saaf_pairs(texts: Sequence[str], settings: Settings) -> Pairs:
    """Return the pairs of `find_duplicates`, and those that follow from them for exact duplicates of their texts."""
    first: dict[tuple[str, ...], int] = {}
    copies: defaultdict[int, list[int]] = defaultdict(list)
    for index, text in enumerate(texts):
        copies[first.setdefault(tuple(words(text)), index)].append(index)
    found = [(pair.left, pair.right) for pair in find_duplicates(texts, settings=settings).pairs]
    among = {pair for group in copies.values() for pair in combinations(group, 2)}
    between = {(min(a, b), max(a, b)) for left, right in found for a in copies[left] for b in copies[right]}
    return among | between | set(found)


def datasketch_pairs(documents: Sequence[Sequence[str]], size: int, threshold: float) -> Pairs:
    """Return the candidate pairs of datasketch's LSH with its own bands for this threshold."""
    index = MinHashLSH(threshold=threshold, num_perm=128)
    grams = [[gram.encode() for gram in plain_shingles(document, size)] for document in documents]
    sketches = MinHash.bulk(grams, num_perm=128)
    for number, sketch in enumerate(sketches):
        index.insert(number, sketch)
    return {(left, right) for left, sketch in enumerate(sketches) for right in index.query(sketch) if left < right}


def rensa_pairs(documents: Sequence[Sequence[str]], size: int, threshold: float) -> Pairs:
    """Return the candidate pairs of rensa's LSH with 16 bands; with the 8 of its own benchmark it finds fewer."""
    from rensa import RMinHash, RMinHashLSH  # noqa: PLC0415  # a peer that need not be there

    index = RMinHashLSH(threshold=threshold, num_perm=128, num_bands=16)
    sketches = []
    for number, document in enumerate(documents):
        sketch = RMinHash(num_perm=128, seed=42)
        sketch.update(plain_shingles(document, size))
        index.insert(number, sketch)
        sketches.append(sketch)
    return {(left, right) for left, sketch in enumerate(sketches) for right in index.query(sketch) if left < right}


PEERS = {name: pairs for name, pairs in (("datasketch", datasketch_pairs), ("rensa", rensa_pairs)) if find_spec(name)}


def plain_shingles(document: Sequence[str], size: int) -> list[str]:
    """Return shingles as peers' manuals make them: unfolded words between spaces, in Chinese characters."""
    return [" ".join(document[i : i + size]) for i in range(max(len(document) - size + 1, 1))]


class Row(NamedTuple):
    """A row of the table; `rates` are (precision, recall) of saaf, then of each peer."""

    language: str
    length: str
    shingle: str
    threshold: float
    texts: int
    passages: int
    true: int
    rates: list[tuple[float, float]]


def measure(language: str, length: str, corpus: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of one language and length class, for each shingle size and threshold."""
    documents, count = planted_duplicates(corpus, length)
    texts = [join_units(language, document) for document in documents]
    tokens = [words(text) for text in texts]
    for size in (2, 3, 5):
        similar = similar_pairs(tokens, size, min(THRESHOLDS))
        for threshold in THRESHOLDS:
            true = {pair for pair, similarity in similar.items() if similarity >= threshold}
            settings = Settings(threshold=threshold, shingle_size=size, short_shingle_size=size)
            found = [saaf_pairs(texts, settings), *(peer(documents, size, threshold) for peer in PEERS.values())]
            rates = [precision_recall(each, true) for each in found]
            yield Row(language, length, str(size), threshold, len(texts), count, len(true), rates)


def measure_mixed(language: str, corpus: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of short and middle documents together, compared with the default settings."""
    parts = [planted_duplicates(corpus, length) for length in ("short", "middle")]
    documents = [document for part in parts for document in part.documents]
    texts = [join_units(language, document) for document in documents]
    tokens = [words(text) for text in texts]
    short = [len(each) < DEFAULTS.short_tokens for each in tokens]
    by_size = [similar_pairs(tokens, size, min(THRESHOLDS)) for size in (3, 2)]
    for threshold in THRESHOLDS:
        true = {
            (left, right)
            for size, similar in enumerate(by_size)
            for (left, right), similarity in similar.items()
            if similarity >= threshold and (short[left] or short[right]) == bool(size)
        }
        rates = [precision_recall(saaf_pairs(texts, Settings(threshold=threshold)), true)]
        yield Row(language, "mixed", "2/3", threshold, len(texts), parts[1].passages, len(true), rates)


def precision_recall(found: Pairs, true: Pairs) -> tuple[float, float]:
    """Return precision and recall of the pairs found, each 0 to 1."""
    return len(found & true) / max(len(found), 1), len(found & true) / max(len(true), 1)


def main() -> None:
    """Print the table, and the number of rows under 0.999 precision or 0.99 recall."""
    parser = argparse.ArgumentParser(description="Accuracy of near-duplicate detection on natural text.")
    parser.add_argument("--texts", type=Path, help="a directory of JSON files with `lang` and `gold_text`")
    parser.add_argument("--languages", nargs="+", default=LANGUAGES)
    options = parser.parse_args()
    heads = "".join(f"{name:>18}" for name in ("ours", *PEERS))
    print(f"language length shingle threshold texts passages true pairs; precision and recall of{heads}")
    missed = 0
    for language in options.languages:
        corpus = load_units(language, options.texts)
        rows = [row for length in LENGTHS for row in measure(language, length, corpus)]
        rows += measure_mixed(language, corpus)
        for *cells, rates in rows:
            missed += rates[0][0] < 0.999 or rates[0][1] < 0.99
            columns = "   ".join(f"{precision:.4f} {recall:.4f}" for precision, recall in rates)
            print("{:8} {:6} {:>7} {:9} {:5} {:8} {:10,}".format(*cells), "  ", columns, flush=True)
    print(f"rows under 0.999 precision or 0.99 recall: {missed}")


if __name__ == "__main__":
    main()
