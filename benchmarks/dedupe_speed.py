"""Speed and memory of near-duplicate detection beside peers, in CPU time.

    python -m benchmarks.dedupe_speed                       all parts, a few minutes
    python -m benchmarks.dedupe_speed signatures lsh        some of: signatures, clusters, lsh, memory, start
    python -m benchmarks.dedupe_speed --texts DIR           real texts, see benchmarks.dedupe_texts

Peers that are not installed are left out: `pip install rensa daft`. They get the same words and sign word trigrams with
128 permutations; only ours fold.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, overload

import numpy as np
from datasketch import LeanMinHash, MinHash, MinHashLSH

from benchmarks.dedupe_texts import documents, stock
from saaf.dedupe import Pair, Settings, engine, find_duplicates
from saaf.dedupe.candidates import candidate_pairs, count_equal_values
from saaf.dedupe.clusters import ExactDuplicates, build_clusters
from saaf.dedupe.columns import column
from saaf.dedupe.signatures import minhash_signatures, shingles
from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SIGNED = 200_000  # words in each row of the first table
CLUSTERED = 30_000
LOOKED_UP = 1_000_000
LOOKED_UP_BY_PEER = 100_000  # its time a signature does not fall with their number
HELD = 300_000


def by_us(texts: Sequence[str]) -> None:
    """Fold, tokenise, shingle and sign texts."""
    minhash_signatures(shingles(token_hashes(texts), 3), Settings())


def by_datasketch(texts: Sequence[str]) -> None:
    """Sign texts as datasketch's documentation does: words, joined trigrams, its default SHA-1."""
    MinHash.bulk([[gram.encode() for gram in _trigrams(text)] for text in texts], num_perm=128, seed=1)


def by_rensa(texts: Sequence[str]) -> None:
    """Sign texts with rensa, one at a time, which is faster than its bulk function, split at spaces alone."""
    from rensa import RMinHash  # noqa: PLC0415  # a peer that need not be there

    for text in texts:
        words = text.split() if " " in text else list(text)
        sketch = RMinHash(num_perm=128, seed=1)
        sketch.update([" ".join(words[i : i + 3]) for i in range(len(words) - 2)])
        sketch.digest()


def by_daft(texts: Sequence[str]) -> None:
    """Sign texts with daft, whose expression splits at spaces itself."""
    import daft  # noqa: PLC0415  # a peer that need not be there
    from daft.functions import minhash  # noqa: PLC0415

    spaced = [text if " " in text else " ".join(text) for text in texts]
    frame = daft.from_pydict({"text": spaced})
    frame.select(minhash(frame["text"], num_hashes=128, ngram_size=3, seed=1, hash_function="xxhash")).collect()


def _trigrams(text: str) -> list[str]:
    words = re.findall(r"\w+", text.lower()) if " " in text else list(text)
    return [" ".join(words[i : i + 3]) for i in range(len(words) - 2)]


def seconds(work: Callable[[], object], repeats: int = 3) -> float:
    """Return the least CPU time of a few runs, all threads together."""
    times = [time.process_time()]
    for _ in range(repeats):
        work()
        times.append(time.process_time())
    return min(after - before for before, after in pairwise(times))


def race(
    works: Mapping[str, tuple[engine.Engine, Callable[[Sequence[str]], None], Sequence[str]]], count: int
) -> dict[str, float]:
    """Return documents a second of each, the best of five, in turns: what else the machine does hits all alike."""
    best = dict.fromkeys(works, float("inf"))
    for _ in range(5):
        for name, (chosen, work, texts) in works.items():
            with engine.using(chosen):
                best[name] = min(best[name], seconds(partial(work, texts), 1))
    return {name: count / took for name, took in best.items()}


def engines() -> list[engine.Engine]:
    """Return the engines that are installed."""
    return ["numba", "numpy"] if find_spec("numba") else ["numpy"]


def report_signatures(real: Path | None) -> None:
    """Print how many documents a second are signed: ours from UTF-8 columns, from strings, and without numba."""
    peers = {"datasketch": by_datasketch, "rensa": by_rensa, "daft": by_daft}
    peers = {name: work for name, work in peers.items() if find_spec(name)}
    heads = ["column", "strings", "numpy", *peers, "column/datasketch", "numpy/datasketch", "column/best peer"]
    print("text → signature, documents a second\n" + " " * 13 + " ".join(f"{head:>11}" for head in heads))
    for language in ("en", "hi", "ar", "zh"):
        for words in (200, 600, 2000):
            texts = documents(language, words, SIGNED // words, texts=real)
            held = column(texts)
            rivals = {name: (engines()[0], work, texts) for name, work in peers.items()}
            ours = {"column": (engines()[0], by_us, held), "strings": (engines()[0], by_us, texts)}
            rates = race({**ours, "numpy": ("numpy", by_us, texts), **rivals}, len(texts))
            known = rates["datasketch"]
            ratios = [
                rates["column"] / known,
                rates["numpy"] / known,
                rates["column"] / max(rates[name] for name in peers),
            ]
            cells = [f"{rate:11,.0f}" for rate in rates.values()] + [f"{ratio:11.1f}" for ratio in ratios]
            print(f"{language} {words:5} words", *cells)


def report_clusters(real: Path | None) -> None:
    """Print how many documents a second go from text to verified clusters."""
    print("text → verified clusters, 300 words, documents a second:", *engines())
    for language in ("en", "hi", "ar", "ur", "zh"):
        texts = documents(language, 300, CLUSTERED, texts=real)
        rates = []
        for name in engines():
            with engine.using(name):
                find_duplicates(texts[:99])
                rates.append(len(texts) / seconds(partial(find_duplicates, texts), repeats=2))
        print(language, *(f"{rate:11,.0f}" for rate in rates), f"   {len(find_duplicates(texts).clusters)} clusters")


def sketches(count: int) -> NDArray[np.uint32]:
    """Return signatures of which 3 % are one before them with about a fifth of the values changed."""
    chance = np.random.default_rng(1)
    rows = chance.integers(0, 2**32, (count, 128), dtype=np.uint32)
    copies = np.arange(32, count, 33)
    changed = chance.random((len(copies), 128)) < 0.2
    rows[copies] = np.where(changed, rows[copies], rows[copies - 1 - copies // 20])
    return rows


def report_lsh(real: Path | None) -> None:
    """Print the time from signatures to clusters, beside datasketch's insert and query."""
    del real
    rows = sketches(LOOKED_UP)
    found: list[int] = []

    def ours() -> None:
        pairs = candidate_pairs(rows, Settings())
        likeness = count_equal_values(rows, pairs[:, 0], pairs[:, 1]) / 128
        near = [
            Pair(left=left, right=right, jaccard=value, containment=value)
            for (left, right), value in zip(pairs.tolist(), likeness.tolist(), strict=True)
        ]
        quality: list[tuple[float, ...]] = [()] * len(rows)
        found.append(
            len(build_clusters(ExactDuplicates(np.arange(len(rows)), np.arange(len(rows) + 1)), near, quality, []))
        )

    def theirs() -> None:
        index = MinHashLSH(threshold=0.7, num_perm=128)
        made = [LeanMinHash(seed=1, hashvalues=row, scheme="affine32") for row in rows[:LOOKED_UP_BY_PEER]]
        for number, sketch in enumerate(made):
            index.insert(number, sketch)
        for sketch in made:
            index.query(sketch)

    one, other = seconds(ours, 1) / LOOKED_UP * 1e6, seconds(theirs, 1) / LOOKED_UP_BY_PEER * 1e6
    print(f"signatures → clusters, seconds a million: ours {one:.1f}, datasketch insert and query {other:.1f}", end="")
    print(f", ratio {other / one:.0f}; {found[0]} clusters in {LOOKED_UP:,}")


class Drawn(Sequence[str]):
    """Texts that take no memory: each is made when it is asked for."""

    def __init__(self, language: str, words: int, count: int) -> None:
        chance = np.random.default_rng(1)
        self._words = [" ".join(chance.choice(stock(language), 20)) for _ in range(5000)]
        self._sentences, self._count = words // 20, count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[row] for row in range(len(self))[index]]
        copy = index % 30 == 29  # 3 % copies, as above
        chosen = np.random.default_rng(index - 1 if copy else index).integers(0, len(self._words), self._sentences)
        return " ".join(self._words[sentence] for sentence in chosen.tolist()) + (" and its copy" if copy else "")


def report_memory(real: Path | None) -> None:
    """Print what `find_duplicates` takes on top of what a process has when all is loaded, for a million documents."""
    del real
    for words in (300, 100):
        code = f"from benchmarks import dedupe_speed; dedupe_speed.hold({words})"
        subprocess.run([sys.executable, "-c", code], check=True)


def hold(words: int) -> None:
    """Print the memory that a million documents take, from that of two numbers of them; in a process of its own."""
    with engine.using(engines()[0]):
        find_duplicates(Drawn("en", words, 2000))
        loaded = _peak()
        find_duplicates(Drawn("en", words, HELD // 3))
        third = _peak()
        pairs = len(find_duplicates(Drawn("en", words, HELD)).pairs)
    each = (_peak() - third) / (HELD - HELD // 3)
    million = third - loaded + each * (1_000_000 - HELD // 3)
    print(f"memory, {HELD:,} documents of {words} words, {pairs:,} pairs: {each:.0f} bytes for each more, ", end="")
    print(f"{million / 1e9:.2f} GB for a million")


def _peak() -> int:
    """Return the most memory this process has had, in bytes (Linux)."""
    return int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("utf-8"))[0]) * 1024


def report_start(real: Path | None) -> None:
    """Print what importing takes, and the first use of numba with and without its cache."""
    del real
    code = "from dedupe import engine, find_duplicates\nwith engine.using('numba'): find_duplicates(['a b c', 'a b c'])"
    with tempfile.TemporaryDirectory() as cache:
        runs = (("import dedupe", "import dedupe"), ("first use, compiled", code), ("later, from the cache", code))
        for what, run in runs:
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", run], check=True, env={**os.environ, "NUMBA_CACHE_DIR": cache})
            print(f"{what}: {time.perf_counter() - start:.2f} s")


PARTS = {
    "signatures": report_signatures,
    "clusters": report_clusters,
    "lsh": report_lsh,
    "memory": report_memory,
    "start": report_start,
}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Speed of near-duplicate detection beside peers.")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which parts; all where none is named")
    parser.add_argument("--texts", type=Path, help="a directory of JSON files with `lang` and `gold_text`")
    given = parser.parse_args()
    for name in given.parts or PARTS:
        PARTS[name](given.texts)


if __name__ == "__main__":
    main()
