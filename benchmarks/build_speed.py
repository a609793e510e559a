"""`saaf build` beside datatrove's local pipeline: pages per second of CPU time, wall time, peak memory.

    python -m benchmarks.build_speed PAGES --datatrove-python VENV/bin/python       1,000 pages
    python -m benchmarks.build_speed PAGES --datatrove-python … --pages 5000        as many

PAGES is a directory of real pages as `benchmarks.real_pages` describes; there is none in this project. Both read the
same two WARC files with two workers, in alternating rounds, and end with Parquet files of documents without
near-duplicates. datatrove identifies no language unless told with --language (see `benchmarks.datatrove_pipeline`);
`saaf build` does all that it does by default. CPU time is that of all processes, so that other work of the machine
counts less; the rates are medians.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.process_tree import Usage, run_measured
from benchmarks.real_pages import load_pages, write_warcs

ROOT = Path(__file__).resolve().parent.parent
_SAAF = "import sys; from saaf.cli.app import main; sys.exit(main())"


def build_command(inputs: Path, output: Path, workers: int = 2) -> list[str]:
    """Return the command line of a build."""
    return [sys.executable, "-c", _SAAF, "build", str(inputs), "-o", str(output), "--workers", str(workers)]


def build_environment() -> dict[str, str]:
    """Return an environment in which a process finds this checkout, and keeps it compiled as that of a peer is."""
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return compiled | {"PYTHONPATH": str(ROOT)}


def describe(name: str, pages: int, rounds: list[Usage]) -> str:
    """Return the medians of some rounds as a line."""
    cpu, wall = (median(getattr(usage, field) for usage in rounds) for field in ("cpu", "wall"))
    main_share = median(usage.main_cpu / usage.cpu for usage in rounds)
    memory = max(usage.memory for usage in rounds) / 1e6
    return (
        f"{name:10} {pages / cpu:6.1f} pages a CPU second ({cpu:.1f} s), wall {wall:.1f} s, "
        f"main process {main_share:.1%} of the CPU, peak memory {memory:.0f} MB"
    )


def main() -> None:
    """Measure in alternating rounds, and print a line after each and one for each pipeline."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--datatrove-python", help="interpreter with datatrove; none: measure `saaf build` alone")
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--language", action="store_true", help="datatrove identifies languages with py3langid")
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="saaf-build-speed-"))
    try:
        write_warcs(load_pages(options.directory, options.pages), work / "warcs")
        commands = {"saaf": build_command(work / "warcs", work / "saaf", options.workers)}
        if options.datatrove_python:
            pipeline = str(Path(__file__).with_name("datatrove_pipeline.py"))
            commands["datatrove"] = [
                options.datatrove_python, pipeline, str(work / "warcs"), str(work / "datatrove"),
                "--workers", str(options.workers), *(["--language"] if options.language else []),
            ]  # fmt: skip
        rounds: dict[str, list[Usage]] = {name: [] for name in commands}
        for _ in range(options.rounds):
            for name, command in commands.items():
                shutil.rmtree(work / name, ignore_errors=True)
                rounds[name].append(run_measured(command, env=build_environment() if name == "saaf" else None))
                print(describe(name, options.pages, rounds[name][-1:]), flush=True)
        for name, found in rounds.items():
            print(f"median of {len(found)}:", describe(name, options.pages, found))
        if len(rounds) == 2:
            pairs = zip(rounds["saaf"], rounds["datatrove"], strict=True)
            print(f"rate of saaf / datatrove: {median(theirs.cpu / ours.cpu for ours, theirs in pairs):.2f}")
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
