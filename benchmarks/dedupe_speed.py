"""Speed of near-duplicate detection in CPU time, beside datasketch: `python -m benchmarks.dedupe_speed`.

Documents are drawn at random from words of the seed texts (English: from this package's own docstrings; Chinese: from
3,000 common characters), 3 % of them copies with every twentieth word replaced.
"""

from __future__ import annotations

import inspect
import re
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from datasketch import MinHash

from dedupe import Settings, find, find_duplicates, tokenizer, verify
from dedupe.characters import tables
from dedupe.signatures import shingles, signatures
from dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SEEDS = Path(__file__).parents[1] / "seeds"
SIGNED = 600  # documents signed in each row of the first table
CLUSTERED = 20_000


def vocabulary(language: str) -> list[str]:
    """Return the words that documents are drawn from."""
    if language == "zh":
        return [chr(0x4E00 + number) for number in range(3000)]
    if language == "en":
        return " ".join(inspect.getsource(module) for module in (find, tokenizer, verify)).split()
    seed = {"hi": "000_*", "ar": "004_*", "ur": "002_*"}[language]
    return next(SEEDS.glob(seed)).read_text("utf-8").split()


def documents(language: str, words: int, count: int, seed: int = 1) -> list[str]:
    """Return random documents of a length, some of them near copies of another."""
    chance = np.random.default_rng(seed)
    stock = np.array(vocabulary(language) + [f"{i}" for i in range(500)], dtype=object)
    drawn = stock[chance.integers(0, len(stock), (count, words))]
    copies = count * 3 // 100
    drawn[-copies:] = drawn[:copies]
    drawn[-copies:, ::20] = "else"
    return [("" if language == "zh" else " ").join(row) for row in drawn]


def by_datasketch(texts: Sequence[str]) -> None:
    """Sign texts as datasketch's documentation does: words, joined trigrams, its default SHA-1."""
    sets = []
    for text in texts:
        words = re.findall(r"\w+", text.lower()) if " " in text else list(text)
        sets.append([" ".join(words[i : i + 3]).encode() for i in range(len(words) - 2)])
    MinHash.bulk(sets, num_perm=128, seed=1)


def by_us(texts: Sequence[str]) -> None:
    """Fold, tokenise, shingle and sign texts."""
    signatures(shingles(token_hashes(texts), 3), Settings())


def seconds(work: Callable[[Sequence[str]], object], texts: Sequence[str], repeats: int = 3) -> float:
    """Return the least CPU time of a few runs."""
    times = [time.process_time()]
    for _ in range(repeats):
        work(texts)
        times.append(time.process_time())
    return min(after - before for before, after in pairwise(times))


def main() -> None:
    """Print both tables."""
    tables()
    print("text → signature       ours docs/s   datasketch docs/s   ratio")
    for language in ("en", "hi", "ar", "zh"):
        for words in (200, 600, 2000):
            texts = documents(language, words, SIGNED * 200 // words + 34)
            ours, theirs = (seconds(work, texts) for work in (by_us, by_datasketch))
            rate = len(texts) / ours
            print(f"{language} {words:5} words {rate:18,.0f} {len(texts) / theirs:19,.0f} {theirs / ours:7.1f}")
    print("text → verified clusters, 300 words, 3 % copies")
    for language in ("en", "hi", "ar", "ur", "zh"):
        texts = documents(language, 300, CLUSTERED)
        took = seconds(find_duplicates, texts, repeats=1)
        print(f"{language} {len(texts) / took:12,.0f} docs/s, {len(find_duplicates(texts).clusters)} clusters")


if __name__ == "__main__":
    main()
