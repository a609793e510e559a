"""Measure `saaf dedupe` as a whole: CPU time of all its processes, by step, beside peers on the same texts.

    python -m benchmarks.dedupe_command                     20,000 and 200,000 texts, Parquet and JSON Lines
    python -m benchmarks.dedupe_command --texts 1000000     as many texts
    python -m benchmarks.dedupe_command --parquet-only      no JSON Lines, and no metadata
    python -m benchmarks.dedupe_command --peers             datasketch too, and rensa where it is installed

The texts are generated: a third each Hindi, Arabic and English, 60 words, 5 % copies with a word replaced. CPU time and
not wall time, so that other work of the machine counts less. "main" is the share of the main process; "engine" that of
signatures, candidates, verification, clusters and paragraphs, measured in a run without worker processes; the peak is
the sum of the memory of all processes (PSS, which counts shared pages once), sampled five times a second. A peer reads
the same Parquet file, signs word trigrams with 128 permutations, and queries an LSH index at 0.7; it verifies nothing,
identifies no language and writes no table.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from multiprocessing import forkserver
from os import sysconf
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq

from saaf.corpus import paragraphs
from saaf.corpus.deduplicate import DedupeOptions, deduplicate
from saaf.corpus.settings import BuildSettings
from saaf.corpus.stages import near, sketch_files
from saaf.corpus.stages.fork_server import set_fork_aside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CONSONANTS = {"hi": "कखगघचछजझटठडढणतथदधनपफबभमयरलवशषसह", "ar": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي", "en": "bcdfghklmnprstvw"}
_VOWELS = {"hi": ["ा", "ि", "ी", "ु", "ू", "े", "ै", "ो", "ं"], "ar": [""], "en": list("aeiou")}
_VOCABULARY, _WORDS, _COPIES = 20_000, 60, 0.05


def generate_texts(count: int, seed: int = 0) -> Iterator[str]:
    """Yield texts of 60 words of three languages in turn, one in twenty of them a copy with a word replaced."""
    chance = random.Random(seed)
    words = {
        language: [
            "".join(
                chance.choice(letters) + chance.choice(_VOWELS[language])
                for _ in range(chance.randint(2, 4) if language != "ar" else chance.randint(4, 6))
            )
            for _ in range(_VOCABULARY)
        ]
        for language, letters in _CONSONANTS.items()
    }
    originals: list[list[str]] = []
    for number in range(count):
        if originals and chance.random() < _COPIES:
            text = list(chance.choice(originals))
            text[chance.randrange(_WORDS)] = f"x{number}"
        else:
            text = chance.choices(words[list(words)[number % len(words)]], k=_WORDS)
            if len(originals) < 5_000:
                originals.append(text)
        yield " ".join(text)


def write_inputs(directory: Path, count: int) -> dict[str, Path]:
    """Write the texts, with URLs and dates, as Parquet and as JSON Lines, and return the paths by format."""
    paths = {"Parquet": directory / f"{count}.parquet", "JSON Lines": directory / f"{count}.jsonl"}
    rows = [
        {"url": f"https://site{n % 97}.example/p/{n}", "date": f"2025-03-{1 + n % 28:02}T10:00:00Z", "text": text}
        for n, text in enumerate(generate_texts(count))
    ]
    pq.write_table(pa.Table.from_pylist(rows), paths["Parquet"])
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    paths["JSON Lines"].write_text("".join(lines), encoding="utf-8")
    return paths


def measure_command(path: Path, output: Path, workers: int, *, metadata: bool) -> dict[str, float]:
    """Deduplicate a file; return seconds of CPU time by step, those of worker processes together."""
    spent: dict[str, float] = {}
    step, since = "starting", time.process_time()

    def report_progress(name: str, done: int, total: int | None) -> None:
        nonlocal step, since
        now = time.process_time()
        spent[step] = spent.get(step, 0.0) + now - since
        step, since = ("deciding" if done and done == total else name), now

    settings = BuildSettings(clean=False, min_tokens=0, workers=workers)
    if workers:
        set_fork_aside()  # as the command does
    with timed_engine() as engine:
        deduplicate(
            [path], output, settings=settings, options=DedupeOptions(metadata=metadata), report_progress=report_progress
        )
    report_progress("end", 0, None)
    spent["worker processes"] = _worker_seconds()
    return spent | ({"engine": engine[0]} if not workers else {})


_ENGINE = {
    sketch_files: ("sketch", "band_keys", "column_paragraphs"),
    near: ("exact_edges", "band_edges", "components", "find_in_sketches"),
    paragraphs: ("repeated_paragraphs",),
}


@contextmanager
def timed_engine() -> Iterator[list[float]]:
    """Yield the CPU time, one element, that this process spends in the functions of the engine while the block runs."""
    spent = [0.0]

    def timed(function: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **more: object) -> object:
            begin = time.process_time()
            try:
                return function(*arguments, **more)
            finally:
                spent[0] += time.process_time() - begin

        return call

    with ExitStack() as stack:
        for module, names in _ENGINE.items():
            for name in names:
                stack.enter_context(patch.object(module, name, timed(getattr(module, name))))
        yield spent


def _worker_seconds() -> float:
    """Return the CPU time of the processes that the fork server has ended, and its own."""
    server = getattr(forkserver._forkserver, "_forkserver_pid", None)  # noqa: SLF001  # the only one who knows
    if server is None:
        return 0.0
    fields = Path(f"/proc/{server}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / sysconf("SC_CLK_TCK")


def tree_megabytes(root: int) -> float:
    """Return the memory of a process and all its descendants: MB, pages that several share counted once (PSS)."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(path.parent.name))
    total, waiting = 0, [root]
    while waiting:
        process = waiting.pop()
        waiting += children.get(process, ())
        with suppress(OSError):
            lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8").splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def measure_peer(path: Path, name: str) -> dict[str, float]:
    """Sign the texts of a file with datasketch or rensa and query an index of them; return seconds of CPU time."""
    texts = pq.read_table(path, columns=["text"])["text"].to_pylist()
    begin = time.process_time()
    shingles = [[" ".join(words[n : n + 3]) for n in range(len(words) - 2)] for words in map(str.split, texts)]
    if name == "rensa":
        from rensa import RMinHash, RMinHashLSH  # noqa: PLC0415  # a peer that need not be there

        index = RMinHashLSH(threshold=0.7, num_perm=128, num_bands=16)
        for number, grams in enumerate(shingles):
            sketch = RMinHash(num_perm=128, seed=1)
            sketch.update(grams)
            index.query(sketch)
            index.insert(number, sketch)
        return {"all": time.process_time() - begin}
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415  # half a second that no other part need take

    lsh = MinHashLSH(threshold=0.7, num_perm=128)
    for number, sketch in enumerate(MinHash.bulk([[g.encode() for g in grams] for grams in shingles], num_perm=128)):
        lsh.query(sketch)
        lsh.insert(number, sketch)
    return {"all": time.process_time() - begin}


def _in_a_process(*arguments: str) -> dict[str, float]:
    """Return what this module prints, in a process of its own, and the peak of its memory, with its processes."""
    command = [sys.executable, "-m", "benchmarks.dedupe_command", *arguments]
    peak = 0.0
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        while process.poll() is None:
            peak = max(peak, tree_megabytes(process.pid))
            time.sleep(0.2)
        output = process.stdout.read() if process.stdout else b""
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    found: dict[str, float] = json.loads(output)
    return found | {"peak MB": peak}


def _print_steps(name: str, count: int, spent: dict[str, float], engine: float, alone: float) -> None:
    peak = spent.pop("peak MB")
    total = sum(spent.values())
    main_share = 1 - spent["worker processes"] / total
    steps = ", ".join(f"{step} {seconds:.1f}" for step, seconds in spent.items() if seconds >= 0.05)
    print(
        f"{name}: {total:.1f} s CPU, {count / total:.0f} a second of CPU, main {main_share:.0%}, "
        f"engine {engine:.1f} of {alone:.1f} s in one process ({engine / alone:.0%}), {peak:.0f} MB: {steps}",
        flush=True,
    )


def main() -> None:
    """Print a table row for each number of texts and format."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, action="append", help="number of texts, again for more")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--parquet-only", action="store_true", help="only Parquet without metadata")
    parser.add_argument("--metadata", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure and chosen.peer:
        print(json.dumps(measure_peer(chosen.measure, chosen.peer)))
        return
    if chosen.measure:
        with tempfile.TemporaryDirectory() as directory:
            output = Path(directory, "out")
            print(json.dumps(measure_command(chosen.measure, output, chosen.workers, metadata=chosen.metadata)))
        return
    for count in chosen.texts or [20_000, 200_000]:
        with tempfile.TemporaryDirectory() as directory:
            for name, path in write_inputs(Path(directory), count).items():
                if chosen.parquet_only and name != "Parquet":
                    continue
                for option in ((),) if chosen.parquet_only else ((), ("--metadata",)):
                    spent = _in_a_process("--measure", str(path), "--workers", str(chosen.workers), *option)
                    alone = _in_a_process("--measure", str(path), "--workers", "0", *option)
                    engine = alone.pop("engine")
                    del alone["peak MB"]
                    _print_steps(" ".join((str(count), name, *option)), count, spent, engine, sum(alone.values()))
            for peer in ("datasketch", "rensa") if chosen.peers else ():
                if find_spec(peer):
                    seconds = _in_a_process("--measure", str(Path(directory, f"{count}.parquet")), "--peer", peer)[
                        "all"
                    ]
                    print(f"{count} {peer}: {seconds:.1f} s, {count / seconds:.0f} a second", flush=True)


if __name__ == "__main__":
    main()
