"""Measure `saaf dedupe` as a whole: CPU time of all its processes, by step, beside peers on the same texts.

    python -m benchmarks.dedupe_command                     20,000 and 200,000 texts, Parquet and JSON Lines
    python -m benchmarks.dedupe_command --texts 20000       as many texts
    python -m benchmarks.dedupe_command --peers             datasketch too, and rensa where it is installed

The texts are generated: a third each Hindi, Arabic and English, 60 words, 5 % copies with a word replaced. CPU time and
not wall time, so that other work of the machine counts less. A peer reads the same Parquet file, signs word trigrams
with 128 permutations, and queries an LSH index at 0.7; it verifies nothing, identifies no language and writes no table.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from multiprocessing import forkserver
from os import sysconf
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from saaf.corpus.deduplicate import DedupeOptions, deduplicate
from saaf.corpus.settings import BuildSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def measure_command(path: Path, output: Path, workers: int, *, metadata: bool = True) -> dict[str, float]:
    """Deduplicate a file; return seconds of CPU time by step, and the peak of the main process in MB."""
    spent: dict[str, float] = {}
    step, since = "starting", time.process_time()

    def report_progress(name: str, done: int, total: int | None) -> None:
        nonlocal step, since
        now = time.process_time()
        spent[step] = spent.get(step, 0.0) + now - since
        step, since = ("deciding" if done and done == total else name), now

    settings = BuildSettings(clean=False, min_tokens=0, workers=workers)
    deduplicate(
        [path], output, settings=settings, options=DedupeOptions(metadata=metadata), report_progress=report_progress
    )
    report_progress("end", 0, None)
    spent["worker processes"] = _worker_seconds()
    spent["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return spent


def _worker_seconds() -> float:
    """Return the CPU time of the processes that the fork server has ended, and its own."""
    server = getattr(forkserver._forkserver, "_forkserver_pid", None)  # noqa: SLF001  # the only one who knows
    if server is None:
        return 0.0
    fields = Path(f"/proc/{server}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / sysconf("SC_CLK_TCK")


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
    """Return what this module prints, in a process of its own, whose peak of memory is its own too."""
    command = [sys.executable, "-m", "benchmarks.dedupe_command", *arguments]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def _print_steps(name: str, count: int, spent: dict[str, float]) -> None:
    peak = spent.pop("peak MB")
    total = sum(spent.values())
    steps = ", ".join(f"{step} {seconds:.1f}" for step, seconds in spent.items() if seconds >= 0.05)
    print(f"{name}: {total:.1f} s, {count / total:.0f} a second, {peak:.0f} MB: {steps}", flush=True)


def main() -> None:
    """Print a table row for each number of texts and format."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, action="append", help="number of texts, again for more")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--no-metadata", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure and chosen.peer:
        print(json.dumps(measure_peer(chosen.measure, chosen.peer)))
        return
    if chosen.measure:
        with tempfile.TemporaryDirectory() as directory:
            output, metadata = Path(directory, "out"), not chosen.no_metadata
            print(json.dumps(measure_command(chosen.measure, output, chosen.workers, metadata=metadata)))
        return
    for count in chosen.texts or [20_000, 200_000]:
        with tempfile.TemporaryDirectory() as directory:
            for name, path in write_inputs(Path(directory), count).items():
                for option in ((), ("--no-metadata",)):
                    spent = _in_a_process("--measure", str(path), "--workers", str(chosen.workers), *option)
                    _print_steps(" ".join((str(count), name, *option)), count, spent)
            for peer in ("datasketch", "rensa") if chosen.peers else ():
                if find_spec(peer):
                    seconds = _in_a_process("--measure", str(Path(directory, f"{count}.parquet")), "--peer", peer)[
                        "all"
                    ]
                    print(f"{count} {peer}: {seconds:.1f} s, {count / seconds:.0f} a second", flush=True)


if __name__ == "__main__":
    main()
