"""Precision and recall on planted edits, against exact Jaccard of all pairs: `python -m benchmarks.dedupe_accuracy`.

Truth is counted over sets of token tuples, without hashing, signatures or bands. `peer` is what datasketch's own choice
of bands for the threshold answers on the same signatures. About two minutes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations

import numpy as np
from datasketch import MinHashLSH

from benchmarks.dedupe_texts import documents
from dedupe import Settings, find_duplicates, tokens
from dedupe.signatures import lean_minhash, shingles, signatures
from dedupe.tokenizer import token_hashes

ORIGINALS = 300
RATES = (0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.13)  # share of tokens replaced: Jaccard of about 0.95 down to 0.4

Pairs = set[tuple[int, int]]


def planted(language: str, words: int) -> list[str]:
    """Return originals and, for each, a copy at each edit rate."""
    chance = np.random.default_rng(2)
    originals = documents(language, words, ORIGINALS)
    joint = "" if language == "zh" else " "
    texts = list(originals)
    for number, text in enumerate(originals):
        parts = list(text) if language == "zh" else text.split()
        for rate in RATES:
            hit = chance.random(len(parts)) < rate
            other = f" edit{number} " if language == "zh" else f"edit{number}"
            texts.append(joint.join(other if h else part for h, part in zip(hit, parts, strict=True)))
    return texts


def truth(texts: list[str], size: int, threshold: float) -> Pairs:
    """Return all pairs whose exact Jaccard similarity reaches the threshold."""
    listed = [tokens(text) for text in texts]
    sets = [{tuple(own[i : i + size]) for i in range(max(len(own) - size + 1, 1))} for own in listed]
    holders: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, own in enumerate(sets):
        for shingle in sorted(own):
            holders[shingle].append(index)
    shared = Counter(pair for held in holders.values() for pair in combinations(held, 2))
    return {
        (left, right)
        for (left, right), common in shared.items()
        if common / (len(sets[left]) + len(sets[right]) - common) >= threshold
    }


def peer(texts: list[str], size: int, threshold: float) -> Pairs:
    """Return the pairs that datasketch's LSH answers with its own bands for this threshold."""
    rows = signatures(shingles(token_hashes(texts), size), Settings())
    sketches = [lean_minhash(row, Settings()) for row in rows]
    index = MinHashLSH(threshold=threshold, num_perm=128)
    for number, sketch in enumerate(sketches):
        index.insert(number, sketch)
    return {(left, right) for left, sketch in enumerate(sketches) for right in index.query(sketch) if left < right}


def rates(found: Pairs, true: Pairs) -> str:
    """Return precision and recall as a cell of the table."""
    return f"{len(found & true) / max(len(found), 1):9.4f} {len(found & true) / max(len(true), 1):8.4f}"


def main() -> None:
    """Print the table."""
    print("language words shingle threshold  true pairs  precision recall   peer: precision recall")
    for language in ("en", "hi", "ur", "ar", "zh"):
        for words, size in ((30, 2), (100, 3), (300, 2), (300, 3), (300, 5)):
            texts = planted(language, words)
            for threshold in (0.7, 0.8):
                settings = Settings(threshold=threshold, shingle_size=size, short_shingle_size=size)
                found = {(pair.left, pair.right) for pair in find_duplicates(texts, settings=settings).pairs}
                true = truth(texts, size, threshold)
                line = f"{language:8} {words:5} {size:7} {threshold:9} {len(true):11,}  "
                print(line + rates(_implied(texts, found), true), "     ", rates(peer(texts, size, threshold), true))


def _implied(texts: list[str], found: Pairs) -> Pairs:
    """Return all pairs that follow from those listed: what is found for a text holds for its exact copies."""
    first: dict[tuple[str, ...], int] = {}
    copies: defaultdict[int, list[int]] = defaultdict(list)
    for index, text in enumerate(texts):
        copies[first.setdefault(tuple(tokens(text)), index)].append(index)
    among = {pair for group in copies.values() for pair in combinations(group, 2)}
    between = {(min(a, b), max(a, b)) for left, right in found for a in copies[left] for b in copies[right]}
    return among | between


if __name__ == "__main__":
    main()
