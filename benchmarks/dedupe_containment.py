"""Measure the search for texts inside longer ones: precision, recall by share and length, and cost beside peers.

    python -m benchmarks.dedupe_containment                   five languages, some minutes
    python -m benchmarks.dedupe_containment --count 4000 en   more texts of one language

Texts of 50, 100 and 300 words (Chinese: characters) with up to a tenth of their words edited stand inside texts of 400
to 1,200 words, half of them in two parts with 30 words of an advertisement between. Truth is the share of all pairs by
`benchmarks/dedupe_truth.py`, a second implementation of the definition. CPU time is the best of alternating rounds of
one process: this search, `find_duplicates` on the same texts, and datasketch's MinHashLSHEnsemble (128 values, 32
partitions, insert and query, nothing verified), which is the peer that searches by containment.
"""

from __future__ import annotations

import argparse
import itertools
import random
import time
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from datasketch import MinHash, MinHashLSHEnsemble

from benchmarks.dedupe_texts import load_words
from benchmarks.dedupe_truth import shingles, words
from saaf.dedupe import engine, find_contained, find_duplicates
from saaf.dedupe.containment import MIN_TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Pairs = set[tuple[int, int]]

LANGUAGES = ("en", "hi", "ar", "am", "zh")
THRESHOLD = 0.8
ROUNDS = 3
_LENGTHS = (50, 100, 300)
_SHARES = (0.8, 0.85, 0.9, 0.95, 1.01)


def vocabulary(language: str, rng: random.Random) -> list[str]:
    """Return 5,000 words of a language or more: known ones, and others made of the same letters."""
    if language == "am":
        known = ["".join(chr(0x1200 + 8 * rng.randrange(32) + rng.randrange(7)) for _ in range(3)) for _ in range(50)]
    else:
        known = sorted(set(load_words(language)))
    letters = [word for word in known if word.isalpha()]
    made = ["".join(rng.choices(letters, k=2)) for _ in range(0 if language == "zh" else 5000)]
    return sorted({*known, *made})


def plant(language: str, count: int, *, alone: int = 23, seed: int = 1) -> list[str]:
    """Return `count` texts, as many in which one of them stands, and `alone` times as many others, in random order."""
    rng = random.Random(seed)
    known = vocabulary(language, rng)
    rng.shuffle(known)
    weights = [1 / (10 + rank) for rank in range(len(known))]
    gap = "" if language == "zh" else " "

    def draw(length: int) -> list[str]:
        return rng.choices(known, weights, k=length)

    texts = [draw(rng.randrange(400, 1200)) for _ in range(alone * count)]
    for number in range(count):
        quoted = draw(_LENGTHS[number % 3])
        edits = rng.randrange(len(quoted) // 10 + 1)
        copy = quoted.copy()
        for position in rng.sample(range(len(copy)), edits):
            copy[position] = draw(1)[0]
        if number % 2:
            half = len(copy) // 2
            copy[half:half] = draw(30)
        host = draw(rng.randrange(400, 1200))
        at = rng.randrange(len(host))
        texts += [host[:at] + copy + host[at:], quoted]
    rng.shuffle(texts)
    return [gap.join(text) for text in texts]


def truth(texts: Sequence[str]) -> dict[tuple[int, int], float]:
    """Return the share of each pair (contained, containing) that is at the threshold or over it, by exact counts."""
    sets = [shingles(words(text), 3) for text in texts]
    lengths = [len(words(text)) for text in texts]
    holders = defaultdict(list)
    for number, each in enumerate(sets):
        for shingle in each:
            holders[shingle].append(number)
    found = {}
    for number, each in enumerate(sets):
        if lengths[number] < MIN_TOKENS:
            continue
        counts = Counter(holder for shingle in each for holder in holders[shingle])
        for other, shared in counts.items():
            if lengths[other] > lengths[number] and shared / len(each) >= THRESHOLD:
                found[number, other] = shared / len(each)
    return found


def ensemble(texts: Sequence[str]) -> Pairs:
    """Return the pairs that datasketch's ensemble gives for plain words in shingles of 3, longer ones only."""
    sets = []
    for text in texts:
        split = list(text) if " " not in text else text.split()
        sets.append({" ".join(split[at : at + 3]).encode() for at in range(len(split) - 2)})
    signatures = []
    for each in sets:
        signature = MinHash(num_perm=128)
        signature.update_batch(each)
        signatures.append(signature)
    index = MinHashLSHEnsemble(threshold=THRESHOLD, num_perm=128, num_part=32)
    index.index((number, signatures[number], len(each)) for number, each in enumerate(sets))
    return {
        (number, other)
        for number, each in enumerate(sets)
        for other in index.query(signatures[number], len(each))
        if len(sets[other]) > len(each)
    }


def print_recall(true: dict[tuple[int, int], float], found: Pairs, texts: Sequence[str]) -> None:
    """Print precision and recall, then recall by length of the contained text and by share."""
    print(f"  precision {_ratio(found, true)}, recall {_ratio(true, found)}")
    for length in _LENGTHS:
        pairs = [pair for pair in true if abs(len(words(texts[pair[0]])) - length) < length / 5]
        cells = []
        for low, high in itertools.pairwise(_SHARES):
            cells.append(f"{low:.2f}: {_ratio([pair for pair in pairs if low <= true[pair] < high], found)}")
        print(f"    {length:3} tokens, share from {'; '.join(cells)}")


def _ratio(some: Iterable[tuple[int, int]], others: Iterable[tuple[int, int]]) -> str:
    some, others = set(some), set(others)
    return f"{len(some & others) / max(len(some), 1):.3f} of {len(some)}"


def main() -> None:
    """Measure each language."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", default=LANGUAGES)
    parser.add_argument("--count", type=int, default=150, help="planted texts, each in a text of its own")
    parser.add_argument("--alone", type=int, default=23, help="texts that hold none, for each planted one")
    parser.add_argument("--engine", choices=["numba", "numpy"], default="numba")
    parser.add_argument("--no-peer", action="store_true", help="leave datasketch out")
    options = parser.parse_args()
    for language in options.languages:
        texts = plant(language, options.count, alone=options.alone)
        times: dict[str, list[float]] = defaultdict(list)
        with engine.using(options.engine):
            find_contained(texts[:10])
            find_duplicates(texts[:10])
            for _ in range(ROUNDS):
                started = time.process_time()
                contained = find_contained(texts, threshold=THRESHOLD)
                times["find_contained"].append(time.process_time() - started)
                started = time.process_time()
                find_duplicates(texts)
                times["find_duplicates"].append(time.process_time() - started)
        found = {(one.contained, one.containing) for one in contained.found}
        true = truth(texts)
        print(f"{language}, {len(texts)} texts, omitted {contained.omitted}")
        print_recall(true, found, texts)
        for name, seconds in times.items():
            print(f"  {name} {min(seconds) / len(texts) * 1000:.4f} ms a text")
        print(f"  ratio {min(times['find_contained']) / min(times['find_duplicates']):.2f}")
        if not options.no_peer:
            started = time.process_time()
            peer = ensemble(texts)
            seconds_peer = time.process_time() - started
            print(f"  MinHashLSHEnsemble {seconds_peer / len(texts) * 1000:.4f} ms a text")
            print_recall(true, peer, texts)


if __name__ == "__main__":
    main()
