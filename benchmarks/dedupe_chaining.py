"""Measure whether shared lines chain unlike documents into one cluster, by linkage, beside datasketch.

    python -m benchmarks.dedupe_chaining [--texts DIR]

DIR is a data directory: JSON files at any depth with the fields `lang` and `gold_text`. Without it the project's own
texts are used (see `benchmarks.dedupe_natural`). Half a minute of CPU time.

Two kinds of documents, 300 units each, that no reader would call copies:
- *boilerplate*: unrelated passages of which a share is the same in all of them, Jaccard share / (2 - share);
- *ticker*: each document is the one before it with 30 new units behind it and its first 30 gone, so that neighbours are
  near-duplicates (Jaccard about 0.8) and those ten steps apart have not a word in common.
The peer is datasketch with its own bands and union-find.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from datasketch import MinHash, MinHashLSH

from benchmarks.dedupe_natural import cut_passages, join_units, load_units
from benchmarks.dedupe_truth import shingles, words
from saaf.dedupe import Linkage, Settings, find_duplicates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LANGUAGES = ("en", "ur", "zh")
DOCUMENTS, LENGTH, STEP = 400, 300, 30
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
Groups = list[list[int]]
"""Clusters as lists of document indices, the representative first."""


def boilerplate_documents(corpus: Sequence[str], share: float) -> list[list[str]]:
    """Return unrelated documents whose last part, a share of 0 to 1, is the same in all."""
    shared = int(LENGTH * share)
    boilerplate, rest = corpus[:shared], corpus[shared:]
    own = LENGTH - shared
    return [[*each, *boilerplate] for each in cut_passages(rest, DOCUMENTS, (own, own))]


def ticker_documents(corpus: Sequence[str]) -> list[list[str]]:
    """Return documents each of which repeats the one before it, less its first units, with new ones at the end."""
    last = len(corpus) - LENGTH
    return [list(corpus[start : start + LENGTH]) for start in range(0, min(last, DOCUMENTS * STEP), STEP)]


def saaf_clusters(texts: Sequence[str], linkage: Linkage) -> Groups:
    """Return the clusters of `find_duplicates`."""
    found = find_duplicates(texts, linkage=linkage, settings=Settings(short_tokens=1)).clusters
    return [[c.representative, *(member for member in c.members if member != c.representative)] for c in found]


def datasketch_clusters(texts: Sequence[str], language: str) -> Groups:
    """Return the unverified clusters of datasketch's LSH with its own bands and union-find, the first text first."""
    index = MinHashLSH(threshold=0.7, num_perm=128)
    sets = [shingles(list(text) if language == "zh" else text.split(), 3) for text in texts]
    sketches = MinHash.bulk([[" ".join(gram).encode() for gram in grams] for grams in sets], num_perm=128)
    parent = list(range(len(texts)))
    for number, sketch in enumerate(sketches):
        index.insert(number, sketch)
    for number, sketch in enumerate(sketches):
        for other in index.query(sketch):
            parent[_root(parent, max(number, other))] = _root(parent, min(number, other))
    groups = defaultdict(list)
    for number in range(len(texts)):
        groups[_root(parent, number)].append(number)
    return [sorted(group) for group in groups.values() if len(group) > 1]


def _root(parent: list[int], number: int) -> int:
    while parent[number] != number:
        number = parent[number]
    return number


def cluster_statistics(groups: Groups, sets: Mapping[int, set[tuple[str, ...]]]) -> str:
    """Return number of clusters, size of the largest, its lowest Jaccard, and members unlike their representative.

    The lowest Jaccard is over the pairs of its first 100 members; unlike is under the default threshold.
    """
    unlike = sum(jaccard(sets[group[0]], sets[other]) < Settings().threshold for group in groups for other in group[1:])
    largest = max(groups, key=len, default=[])
    lowest = min((jaccard(sets[a], sets[b]) for a, b in combinations(largest[:100], 2)), default=1.0)
    return f"{len(groups):4} {len(largest):4} {lowest:5.2f} {unlike:4}"


def jaccard(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    """Return the Jaccard similarity of two sets."""
    return len(one & other) / len(one | other)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Chaining of documents that share boilerplate.")
    parser.add_argument("--texts", type=Path, help="a directory of JSON files with `lang` and `gold_text`")
    options = parser.parse_args()
    print(
        "documents, then stars, components, datasketch with union-find: clusters, the largest, the least Jaccard of two"
    )
    print("of its members, documents set aside that are under 0.7 with what is kept")
    for language in LANGUAGES:
        corpus = load_units(language, options.texts)
        cases = {f"boilerplate {share:3.0%}": boilerplate_documents(corpus, share) for share in SHARES}
        cases["ticker"] = ticker_documents(corpus)
        for name, documents in cases.items():
            texts = [join_units(language, document) for document in documents]
            sets = {number: shingles(words(text), 3) for number, text in enumerate(texts)}
            groups = (
                saaf_clusters(texts, Linkage.STAR),
                saaf_clusters(texts, Linkage.COMPONENTS),
                datasketch_clusters(texts, language),
            )
            print(
                f"{language} {len(texts):4} {name:16}",
                *(f"   {cluster_statistics(each, sets)}" for each in groups),
                flush=True,
            )


if __name__ == "__main__":
    main()
