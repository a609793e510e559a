"""Measure speed and memory of near-duplicate detection beside peers, in CPU time.

    python -m benchmarks.dedupe_speed                       all parts, a few minutes
    python -m benchmarks.dedupe_speed signatures lsh        some of: signatures, clusters, lsh, memory, start
    python -m benchmarks.dedupe_speed --texts DIR           real texts instead of generated ones

DIR is a data directory: JSON files at any depth with the fields `lang` and `gold_text`. Peers that are not installed
are left out: `pip install rensa daft`. They get the same words and sign word trigrams with 128 permutations; only ours
fold.
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

from benchmarks.dedupe_texts import generate_documents, load_words
from saaf.dedupe import Pair, Settings, engine, find_duplicates
from saaf.dedupe.candidates import candidate_pairs, count_equal_values
from saaf.dedupe.clusters import ExactDuplicates, build_clusters
from saaf.dedupe.columns import column
from saaf.dedupe.signatures import minhash_signatures, shingles
from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SIGNED_WORDS = 200_000  # in the documents of each row of the first table
CLUSTERED_DOCUMENTS = 30_000
LSH_SIGNATURES = 1_000_000
LSH_SIGNATURES_OF_PEER = 100_000  # its time a signature does not fall with their number
MEMORY_DOCUMENTS = 300_000


def sign_with_saaf(texts: Sequence[str]) -> None:
    """Sign texts with saaf: fold, tokenise, shingle, MinHash."""
    minhash_signatures(shingles(token_hashes(texts), 3), Settings())


def sign_with_datasketch(texts: Sequence[str]) -> None:
    """Sign texts as datasketch's documentation does: words, joined trigrams, its default SHA-1."""
    MinHash.bulk([[gram.encode() for gram in _trigrams(text)] for text in texts], num_perm=128, seed=1)


def sign_with_rensa(texts: Sequence[str]) -> None:
    """Sign texts with rensa, one at a time, which is faster than its bulk function, split at spaces alone."""
    from rensa import RMinHash  # noqa: PLC0415  # a peer that need not be there

    for text in texts:
        words = text.split() if " " in text else list(text)
        sketch = RMinHash(num_perm=128, seed=1)
        sketch.update([" ".join(words[i : i + 3]) for i in range(len(words) - 2)])
        sketch.digest()


def sign_with_daft(texts: Sequence[str]) -> None:
    """Sign texts with daft, whose expression splits at spaces itself."""
    import daft  # noqa: PLC0415  # a peer that need not be there
    from daft.functions import minhash  # noqa: PLC0415

    spaced = [text if " " in text else " ".join(text) for text in texts]
    frame = daft.from_pydict({"text": spaced})
    frame.select(minhash(frame["text"], num_hashes=128, ngram_size=3, seed=1, hash_function="xxhash")).collect()


def _trigrams(text: str) -> list[str]:
    words = re.findall(r"\w+", text.lower()) if " " in text else list(text)
    return [" ".join(words[i : i + 3]) for i in range(len(words) - 2)]


def cpu_seconds(work: Callable[[], object], repeats: int = 3) -> float:
    """Return the least CPU time of a few runs, in seconds, all threads together."""
    times = [time.process_time()]
    for _ in range(repeats):
        work()
        times.append(time.process_time())
    return min(after - before for before, after in pairwise(times))


def documents_per_second(
    works: Mapping[str, tuple[engine.Engine, Callable[[Sequence[str]], None], Sequence[str]]], count: int
) -> dict[str, float]:
    """Return the documents per second of each function in `works`, the best of five runs.

    They run in turns, so that what else the machine does affects all of them alike.
    """
    best = dict.fromkeys(works, float("inf"))
    for _ in range(5):
        for name, (engine_name, work, texts) in works.items():
            with engine.using(engine_name):
                best[name] = min(best[name], cpu_seconds(partial(work, texts), 1))
    return {name: count / seconds for name, seconds in best.items()}


def installed_engines() -> list[engine.Engine]:
    """Return the engines that are installed, the fastest first."""
    return ["numba", "numpy"] if find_spec("numba") else ["numpy"]


def report_signatures(real: Path | None) -> None:
    """Print documents signed per second: saaf from UTF-8 columns, from strings, and without numba; then peers."""
    peers = {"datasketch": sign_with_datasketch, "rensa": sign_with_rensa, "daft": sign_with_daft}
    peers = {name: work for name, work in peers.items() if find_spec(name)}
    heads = [
        "column",
        "strings",
        "numpy",
        *peers,
        "column/datasketch",
        "strings/datasketch",
        "numpy/datasketch",
        "column/best peer",
        "strings/best peer",
    ]
    print("text → signature, documents a second\n" + " " * 13 + " ".join(f"{head:>11}" for head in heads))
    for language in ("en", "hi", "ar", "zh"):
        for words in (200, 600, 2000):
            texts = generate_documents(language, words, SIGNED_WORDS // words, texts=real)
            fastest = installed_engines()[0]
            works: dict[str, tuple[engine.Engine, Callable[[Sequence[str]], None], Sequence[str]]] = {
                "column": (fastest, sign_with_saaf, column(texts)),
                "strings": (fastest, sign_with_saaf, texts),
                "numpy": ("numpy", sign_with_saaf, texts),
            }
            works |= {name: (fastest, work, texts) for name, work in peers.items()}
            rates = documents_per_second(works, len(texts))
            ratios = [
                *(rates[lane] / rates["datasketch"] for lane in ("column", "strings", "numpy")),
                *(rates[lane] / max(rates[name] for name in peers) for lane in ("column", "strings")),
            ]
            cells = [f"{rate:11,.0f}" for rate in rates.values()] + [f"{ratio:11.1f}" for ratio in ratios]
            print(f"{language} {words:5} words", *cells)


def report_clusters(real: Path | None) -> None:
    """Print documents per second from text to verified clusters."""
    print("text → verified clusters, 300 words, documents a second:", *installed_engines())
    for language in ("en", "hi", "ar", "ur", "zh"):
        texts = generate_documents(language, 300, CLUSTERED_DOCUMENTS, texts=real)
        rates = []
        for name in installed_engines():
            with engine.using(name):
                find_duplicates(texts[:99])
                rates.append(len(texts) / cpu_seconds(partial(find_duplicates, texts), repeats=2))
        print(language, *(f"{rate:11,.0f}" for rate in rates), f"   {len(find_duplicates(texts).clusters)} clusters")


def random_signatures(count: int) -> NDArray[np.uint32]:
    """Return random signatures, uint32[count, 128]; 3 % are copies with about a fifth of the values changed."""
    rng = np.random.default_rng(1)
    rows = rng.integers(0, 2**32, (count, 128), dtype=np.uint32)
    copies = np.arange(32, count, 33)
    changed = rng.random((len(copies), 128)) < 0.2
    rows[copies] = np.where(changed, rows[copies], rows[copies - 1 - copies // 20])
    return rows


def report_lsh(real: Path | None) -> None:
    """Print the CPU time from signatures to clusters, beside datasketch's insert and query."""
    del real
    rows = random_signatures(LSH_SIGNATURES)
    cluster_counts: list[int] = []

    def saaf_clusters() -> None:
        pairs = candidate_pairs(rows, Settings())
        similarity = count_equal_values(rows, pairs[:, 0], pairs[:, 1]) / 128
        near = [
            Pair(left=left, right=right, jaccard=value, containment=value)
            for (left, right), value in zip(pairs.tolist(), similarity.tolist(), strict=True)
        ]
        quality: list[tuple[float, ...]] = [()] * len(rows)
        exact = ExactDuplicates(np.arange(len(rows)), np.arange(len(rows) + 1))
        cluster_counts.append(len(build_clusters(exact, near, quality, [])))

    def datasketch_queries() -> None:
        index = MinHashLSH(threshold=0.7, num_perm=128)
        sketches = [LeanMinHash(seed=1, hashvalues=row, scheme="affine32") for row in rows[:LSH_SIGNATURES_OF_PEER]]
        for number, sketch in enumerate(sketches):
            index.insert(number, sketch)
        for sketch in sketches:
            index.query(sketch)

    ours = cpu_seconds(saaf_clusters, 1) / LSH_SIGNATURES * 1e6
    theirs = cpu_seconds(datasketch_queries, 1) / LSH_SIGNATURES_OF_PEER * 1e6
    print(
        f"signatures → clusters, seconds a million: ours {ours:.1f}, datasketch insert and query {theirs:.1f}", end=""
    )
    print(f", ratio {theirs / ours:.0f}; {cluster_counts[0]} clusters in {LSH_SIGNATURES:,}")


class GeneratedTexts(Sequence[str]):
    """A sequence of texts that take no memory: each is generated when it is indexed."""

    def __init__(self, language: str, words: int, count: int) -> None:
        rng = np.random.default_rng(1)
        self._words = [" ".join(rng.choice(load_words(language), 20)) for _ in range(5000)]
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
    """Print the memory of `find_duplicates` for a million documents, without that of the loaded libraries."""
    del real
    for words in (300, 100):
        code = f"from benchmarks import dedupe_speed; dedupe_speed.measure_memory({words})"
        subprocess.run([sys.executable, "-c", code], check=True)


def measure_memory(words: int) -> None:
    """Print the memory for a million documents, extrapolated from two smaller numbers; run in a process of its own."""
    with engine.using(installed_engines()[0]):
        find_duplicates(GeneratedTexts("en", words, 2000))
        loaded = _peak_memory()
        find_duplicates(GeneratedTexts("en", words, MEMORY_DOCUMENTS // 3))
        third = _peak_memory()
        pairs = len(find_duplicates(GeneratedTexts("en", words, MEMORY_DOCUMENTS)).pairs)
    each = (_peak_memory() - third) / (MEMORY_DOCUMENTS - MEMORY_DOCUMENTS // 3)
    million = third - loaded + each * (1_000_000 - MEMORY_DOCUMENTS // 3)
    print(
        f"memory, {MEMORY_DOCUMENTS:,} documents of {words} words, {pairs:,} pairs: {each:.0f} bytes for each more, ",
        end="",
    )
    print(f"{million / 1e9:.2f} GB for a million")


def _peak_memory() -> int:
    """Return the peak memory of this process in bytes (Linux)."""
    return int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("utf-8"))[0]) * 1024


def report_start(real: Path | None) -> None:
    """Print the wall time of the import, and of the first use of numba without and with its cache."""
    del real
    code = (
        "from saaf.dedupe import engine, find_duplicates as find\nwith engine.using('numba'): find(['a b c', 'a b c'])"
    )
    with tempfile.TemporaryDirectory() as cache:
        runs = (
            ("import saaf.dedupe", "import saaf.dedupe"),
            ("first use, compiled", code),
            ("later, from the cache", code),
        )
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
    options = parser.parse_args()
    for name in options.parts or PARTS:
        PARTS[name](options.texts)


if __name__ == "__main__":
    main()
