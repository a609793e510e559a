"""Do shared lines chain strangers together? `python -m benchmarks.dedupe_chaining --texts DIR`.

Two kinds of documents, 300 units each, that no reader would call copies:
- *boilerplate*: unrelated passages of which a share is the same in all of them, Jaccard share / (2 - share);
- *ticker*: each document is the one before it with 30 new units behind it and its first 30 gone, so that neighbours are
  near-duplicates (Jaccard about 0.8) and those ten steps apart have not a word in common.
datasketch's own bands with union-find stand beside ours. Half a minute of CPU time.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from datasketch import MinHash, MinHashLSH

from benchmarks.dedupe_natural import joined, passages, units
from benchmarks.dedupe_truth import shingles, words
from saaf.dedupe import Linkage, Settings, find_duplicates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LANGUAGES = ("en", "ur", "zh")
DOCUMENTS, LENGTH, STEP = 400, 300, 30
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
Groups = list[list[int]]
"""Clusters, the document that is kept of each first."""


def with_boilerplate(known: Sequence[str], share: float) -> list[list[str]]:
    """Return documents whose last part, this share of them, is the same in all."""
    same = int(LENGTH * share)
    boilerplate, rest = known[:same], known[same:]
    own = LENGTH - same
    return [[*each, *boilerplate] for each in passages(rest, DOCUMENTS, (own, own))]


def ticker(known: Sequence[str]) -> list[list[str]]:
    """Return documents each of which repeats the one before it but for its oldest part."""
    last = len(known) - LENGTH
    return [list(known[start : start + LENGTH]) for start in range(0, min(last, DOCUMENTS * STEP), STEP)]


def by_us(texts: Sequence[str], linkage: Linkage) -> Groups:
    """Return our clusters."""
    found = find_duplicates(texts, linkage=linkage, settings=Settings(short_tokens=1)).clusters
    return [[c.representative, *(member for member in c.members if member != c.representative)] for c in found]


def by_datasketch(texts: Sequence[str], language: str) -> Groups:
    """Return what datasketch's LSH joins with its own bands, unverified, as its users do: the first of each is kept."""
    index = MinHashLSH(threshold=0.7, num_perm=128)
    sets = [shingles(list(text) if language == "zh" else text.split(), 3) for text in texts]
    sketches = MinHash.bulk([[" ".join(gram).encode() for gram in grams] for grams in sets], num_perm=128)
    head = list(range(len(texts)))
    for number, sketch in enumerate(sketches):
        index.insert(number, sketch)
    for number, sketch in enumerate(sketches):
        for other in index.query(sketch):
            head[_root(head, max(number, other))] = _root(head, min(number, other))
    groups = defaultdict(list)
    for number in range(len(texts)):
        groups[_root(head, number)].append(number)
    return [sorted(group) for group in groups.values() if len(group) > 1]


def _root(head: list[int], number: int) -> int:
    while head[number] != number:
        number = head[number]
    return number


def told(groups: Groups, sets: Mapping[int, set[tuple[str, ...]]]) -> str:
    """Return clusters, the largest, the least Jaccard within one, and how many are under 0.7 with what is kept."""
    unlike = sum(alike(sets[group[0]], sets[other]) < Settings().threshold for group in groups for other in group[1:])
    most = max(groups, key=len, default=[])
    least = min((alike(sets[a], sets[b]) for a, b in combinations(most[:100], 2)), default=1.0)
    return f"{len(groups):4} {len(most):4} {least:5.2f} {unlike:4}"


def alike(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    """Return the Jaccard similarity of two sets."""
    return len(one & other) / len(one | other)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Chaining of documents that share boilerplate.")
    parser.add_argument("--texts", type=Path, help="a directory of JSON files with `lang` and `gold_text`")
    given = parser.parse_args()
    print(
        "documents, then stars, components, datasketch with union-find: clusters, the largest, the least Jaccard of two"
    )
    print("of its members, documents set aside that are under 0.7 with what is kept")
    for language in LANGUAGES:
        known = units(language, given.texts)
        cases = {f"boilerplate {share:3.0%}": with_boilerplate(known, share) for share in SHARES}
        cases["ticker"] = ticker(known)
        for name, documents in cases.items():
            texts = [joined(language, document) for document in documents]
            sets = {number: shingles(words(text), 3) for number, text in enumerate(texts)}
            groups = (by_us(texts, Linkage.STAR), by_us(texts, Linkage.COMPONENTS), by_datasketch(texts, language))
            print(f"{language} {len(texts):4} {name:16}", *(f"   {told(each, sets)}" for each in groups), flush=True)


if __name__ == "__main__":
    main()
