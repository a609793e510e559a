"""Measure an index of documents: additions, queries, clusters, merges; in segments as added, merged by itself, and one.

    python -m benchmarks.dedupe_index                       1, 5 and 20 additions of 20,000 documents, a few minutes
    python -m benchmarks.dedupe_index --documents 2000      smaller additions
    python -m benchmarks.dedupe_index --texts DIR           real texts instead of generated ones, see `dedupe_speed`

Each step runs in a process of its own. CPU time is of all threads; memory is the peak of what belongs to the process
alone, sampled each millisecond, beyond what it had before the step: pages of files that the system may drop are not
counted. Each addition is a crawl of its own with 3 % copies; 600 of 2,000 queries are copies of documents of all of
them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.dedupe_texts import generate_documents
from saaf.corpus.index import add_documents, change_and_merge, cluster_rows, find_matches, merge_segments
from saaf.corpus.outcomes import DocumentSummary
from saaf.dedupe.index import change, open_index, reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WORDS = 150
QUERIES = 2000
_EDITED = 20  # every 20th word of a copy is another


def summary(name: str) -> DocumentSummary:
    """Return what a build knows of a document."""
    return DocumentSummary(
        number=0,
        key=name,
        file_path="",
        id=name,
        url=f"https://site.example/{name}",
        site="site.example",
        language="en",
        script="Latn",
        fetched_at=None,
        tokens=WORDS,
        characters=6 * WORDS,
        removed=0,
        quality=(0.0, 1.0, 0.5),
    )


def batch(number: int, documents: int, texts: Path | None) -> list[str]:
    """Return the texts of addition `number`, from 0."""
    return generate_documents("en", WORDS, documents, seed=number + 1, texts=texts)


def copy(text: str) -> str:
    """Return a text with every 20th word replaced."""
    return " ".join("edited" if n % _EDITED == 0 else word for n, word in enumerate(text.split()))


@contextmanager
def measured(label: str) -> Iterator[None]:
    """Print CPU time and the peak of the process's own memory of the block."""
    before = peak = own_memory()
    done = threading.Event()

    def sample() -> None:
        nonlocal peak
        while not done.wait(0.001):
            peak = max(peak, own_memory())

    sampler = threading.Thread(target=sample)
    sampler.start()
    start = time.process_time()
    try:
        yield
    finally:
        seconds = time.process_time() - start
        done.set()
        sampler.join()
    sys.stdout.write(f"  {label:36} {seconds:7.2f} s  {(peak - before) / 1e6:6.0f} MB\n")
    sys.stdout.flush()


def own_memory() -> int:
    """Return the bytes of the process that are no pages of files."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("RssAnon:")[1].split()[0]) * 1024


def measure_additions(path: Path, additions: int, documents: int, texts: Path | None, *, merge: bool) -> None:
    """Add batches to the index, and merge similar segments if `merge`; print the CPU time of all."""
    copied = 3 * QUERIES // 10
    queries: list[str] = []
    seconds = 0.0
    for number in range(additions):
        added = batch(number, documents, texts)
        queries += [copy(text) for text in added[:: documents // (copied // additions)]][: copied // additions]
        names = [summary(f"{number}-{place}") for place in range(documents)]
        start = time.process_time()
        with change_and_merge(path) if merge else change(path) as index:
            add_documents(index, names, added, crawl=f"crawl {number}")
        seconds += time.process_time() - start
    sys.stdout.write(f"  {'all additions':36} {seconds:7.2f} s\n")
    queries += batch(additions, documents, texts)[: QUERIES - len(queries)]
    path.with_name("queries.json").write_text(json.dumps(queries), encoding="utf-8")


def measure_query(path: Path) -> None:
    """Compare 2,000 documents with the index six times; the fastest counts, for the machine is shared."""
    new = json.loads(path.with_name("queries.json").read_text(encoding="utf-8"))
    names = [summary(f"new-{place}") for place in range(len(new))]
    times = []
    with reading(path) as index:
        for _ in range(5):
            start = time.process_time()
            found = find_matches([index], names, new, "new")
            times.append(time.process_time() - start)
        with measured(f"query, {len(index.segments)} segments"):
            find_matches([index], names, new, "new")
    sys.stdout.write(f"  {'':36} {min(times):7.2f} s  at best; {len(found)} documents with matches\n")


def measure_clusters(path: Path) -> None:
    """Find the clusters of all documents."""
    with reading(path) as index, measured(f"clusters, {len(index.segments)} segments"):
        rows = sum(1 for _ in cluster_rows(index))
    sys.stdout.write(f"  {'':36} {rows:7} documents in clusters\n")


def measure_merge(path: Path) -> None:
    """Merge all segments."""
    segments = len(open_index(path).segments)
    with measured(f"merge of {segments} segments"), change(path) as index:
        merge_segments(index)


def main() -> None:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=20_000, help="documents of an addition")
    parser.add_argument("--additions", type=int, nargs="+", default=[1, 5, 20])
    parser.add_argument("--texts", type=Path, help="directory of real texts")
    options = parser.parse_args()
    for additions in options.additions:
        with tempfile.TemporaryDirectory() as directory:
            measure(Path(directory), additions, options.documents, options.texts)


def measure(directory: Path, additions: int, documents: int, texts: Path | None) -> None:
    """Measure an index that was filled in so many additions, as they came and merged by itself."""
    for name in ("as added", "merged by itself"):
        path = directory / name
        sys.stdout.write(f"{additions} x {documents:,} documents, {name}\n")
        alone(measure_additions, path, additions, documents, texts, merge=name != "as added")
        alone(measure_query, path)
        alone(measure_clusters, path)
        alone(measure_merge, path)
        alone(measure_query, path)


def alone(step: Callable[..., None], *arguments: object, **more: object) -> None:
    """Run a step in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pool.submit(step, *arguments, **more).result()


if __name__ == "__main__":
    main()
