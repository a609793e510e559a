"""Measure near-duplicate detection on texts of one form beside datasketch: CPU time, memory, and what is kept.

    python -m benchmarks.dedupe_forms                                  all kinds, 2 to 20 thousand texts: some minutes
    python -m benchmarks.dedupe_forms variants prices --sizes 2000     some of them

Kinds, each of which an ordinary crawl of one site holds by the thousand:
- *variants*: one text of 100 words with 5 words replaced;
- *disclaimer 40*, *disclaimer 20*: so many words of their own before the same 60 words;
- *prices*: notes of a market's prices of the day;
- *obituaries*: notes with names, ages, places and days.
The peer is datasketch with its own bands: insert and query of all texts, nothing verified. It takes part up to
`PEER_SIZE` texts, because the answers to its queries grow with the square.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from datasketch import MinHash, MinHashLSH

from benchmarks.dedupe_truth import shingles, words
from saaf.dedupe import Settings, engine, find_duplicates

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from saaf.dedupe import Duplicates

SIZES = (2_000, 4_000, 8_000, 16_000, 20_000)
PEER_SIZE = 2_000
ROUNDS = 2
SAMPLE = 60  # kept texts that are compared exactly with all that are kept
_VOCABULARY = [f"word{number}" for number in range(4000)]
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PRICE_NOTE = (
    "Prices at the market of {place} on {day}, {date}: onions {} rupees a kilo, tomatoes {} rupees a kilo, potatoes {} "
    "rupees a kilo. Traders expect prices to {trend} next week because supply from the villages was {supply}. "
    "All prices are those of the morning and may change during the day."
)
_OBITUARY = (
    "{name} of {place} died on {day} at the age of {age}. {name} was born in {birthplace} and worked as a {work} for "
    "{years} years. {name} is survived by {children} children and {grandchildren} grandchildren. The funeral will be "
    "held on {later} at {hour} in the chapel of {place}. The family asks for no flowers; donations may be made to the "
    "hospital of {birthplace}. The family thanks all who sent their condolences and asks for privacy in these days."
)


def variants(count: int) -> list[str]:
    """Return copies of one text of 100 words, each with 5 words replaced."""
    rng = random.Random(1)
    base = rng.choices(_VOCABULARY, k=100)
    made = []
    for _ in range(count):
        text = base.copy()
        for position in rng.sample(range(100), 5):
            text[position] = rng.choice(_VOCABULARY)
        made.append(" ".join(text))
    return made


def disclaimers(count: int, own: int) -> list[str]:
    """Return texts of `own` random words, each followed by the same 60 words."""
    rng = random.Random(2)
    shared = " ".join(rng.choices(_VOCABULARY, k=60))
    return [f"{' '.join(rng.choices(_VOCABULARY, k=own))} {shared}" for _ in range(count)]


def prices(count: int) -> list[str]:
    """Return notes of a market's prices, in which places, days and numbers differ."""
    rng = random.Random(3)
    made = []
    for _ in range(count):
        numbers = (rng.randrange(20, 60) for _ in range(3))
        facts = {
            "place": rng.choice(_VOCABULARY[:40]),
            "day": rng.choice(_DAYS),
            "date": f"{rng.randrange(1, 29)} {rng.choice(('May', 'June', 'July'))}",
            "trend": rng.choice(("rise", "fall")),
            "supply": rng.choice(("good", "poor", "late")),
        }
        made.append(_PRICE_NOTE.format(*numbers, **facts))
    return made


def obituaries(count: int) -> list[str]:
    """Return notes on deaths, in which names, places, days and numbers differ."""
    rng = random.Random(4)
    made = []
    for _ in range(count):
        facts = {
            "name": f"{rng.choice(_VOCABULARY[:900])} {rng.choice(_VOCABULARY[900:2000])}",
            "place": rng.choice(_VOCABULARY[:300]),
            "birthplace": rng.choice(_VOCABULARY[:300]),
            "day": rng.choice(_DAYS),
            "later": rng.choice(_DAYS),
            "age": rng.randrange(40, 100),
            "work": rng.choice(_VOCABULARY[:80]),
            "years": rng.randrange(10, 50),
            "children": rng.randrange(1, 9),
            "grandchildren": rng.randrange(1, 20),
            "hour": rng.randrange(8, 18),
        }
        made.append(_OBITUARY.format(**facts))
    return made


KINDS: dict[str, Callable[[int], list[str]]] = {
    "variants": variants,
    "disclaimer40": lambda count: disclaimers(count, 40),
    "disclaimer20": lambda count: disclaimers(count, 20),
    "prices": prices,
    "obituaries": obituaries,
}


def datasketch_queries(texts: Sequence[str]) -> int:
    """Insert and query all texts with datasketch's own bands; return how many pairs its answers hold."""
    index = MinHashLSH(threshold=0.7, num_perm=128)
    sets = [[" ".join(gram).encode() for gram in shingles(text.split(), 3)] for text in texts]
    sketches = MinHash.bulk(sets, num_perm=128)
    for number, sketch in enumerate(sketches):
        index.insert(number, sketch)
    return sum(len(index.query(sketch)) - 1 for sketch in sketches) // 2


def kept_texts(texts: Sequence[str], found: Duplicates) -> list[int]:
    """Return the texts that are kept: representatives, and those in no cluster."""
    aside = {member for cluster in found.clusters for member in cluster.members if member != cluster.representative}
    return [number for number in range(len(texts)) if number not in aside]


def kept_near_duplicates(texts: Sequence[str], kept: Sequence[int], settings: Settings, sample: int = SAMPLE) -> int:
    """Return how many pairs of a sample of kept texts with any kept text are at the threshold or over it, exactly.

    Texts are cut into words and shingles by `benchmarks.dedupe_truth`, and short ones compared by short shingles.
    """
    cut = [words(texts[number]) for number in kept]
    size = settings.short_shingle_size if min(map(len, cut)) < settings.short_tokens else settings.shingle_size
    numbers: dict[tuple[str, ...], int] = {}
    sets = [[numbers.setdefault(gram, len(numbers)) for gram in shingles(text, size)] for text in cut]
    ids, sizes = np.concatenate([np.array(each) for each in sets]), np.array([len(each) for each in sets])
    starts = np.cumsum(sizes) - sizes
    pairs: set[tuple[int, int]] = set()
    for one in random.Random(5).sample(range(len(sets)), min(sample, len(sets))):
        own = np.zeros(len(numbers), np.bool_)
        own[sets[one]] = True
        shared = np.add.reduceat(own[ids], starts, dtype=np.int64)
        near = np.flatnonzero(shared / (sizes + sizes[one] - shared) >= settings.threshold)
        pairs |= {(min(one, other), max(one, other)) for other in near.tolist() if other != one}
    return len(pairs)


def measure(kind: str, size: int, engine_name: engine.Engine) -> None:
    """Print a row of the table: the least CPU time of some rounds, in turns with the peer's."""
    texts = KINDS[kind](size)
    ours, theirs = [], []
    with engine.using(engine_name):
        find_duplicates(texts[:200])
        for _ in range(ROUNDS):
            start = time.process_time()
            found = find_duplicates(texts)
            ours.append(time.process_time() - start)
            if size <= PEER_SIZE:
                start = time.process_time()
                datasketch_queries(texts)
                theirs.append(time.process_time() - start)
    kept = kept_texts(texts, found)
    peak = int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("utf-8"))[0]) / 1024
    peer = f"{min(theirs) / size * 1e3:10.3f}" if theirs else " " * 9 + "-"
    print(
        f"{kind:13} {size:6,} {engine_name:6} {min(ours) / size * 1e3:8.3f} {peer} {peak:8.0f} {len(found.pairs):8,} "
        f"{len(kept):8,} {kept_near_duplicates(texts, kept, Settings()):8,}",
        flush=True,
    )


def main() -> None:
    """Print the table, each row by a process of its own, so that its peak of memory is its own."""
    parser = argparse.ArgumentParser(description="Near-duplicate detection on texts of one form.")
    parser.add_argument("kinds", nargs="*", choices=[*KINDS, []], help="which kinds; all where none is named")
    parser.add_argument("--sizes", nargs="*", type=int, default=SIZES, help="numbers of texts")
    parser.add_argument("--engines", nargs="*", default=["numba", "numpy"], choices=["numba", "numpy"])
    options = parser.parse_args()
    print("kind           texts engine  ms/text datasketch  peak MB    pairs     kept  kept pairs over the threshold")
    for kind in options.kinds or KINDS:
        for size in options.sizes:
            for name in options.engines:
                code = f"from benchmarks import dedupe_forms; dedupe_forms.measure({kind!r}, {size}, {name!r})"
                subprocess.run([sys.executable, "-c", code], check=True)


if __name__ == "__main__":
    main()
