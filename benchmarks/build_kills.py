"""Kills of a build: SIGKILL at random instants, the same command again, and what was lost or done twice.

Run `python -m benchmarks.build_kills PAGES`, with a directory of real pages as `benchmarks.real_pages` describes. It
builds a corpus of 300 of them undisturbed; then, for each of 20 seeded instants, it kills a build there, the process of
the command or one of its workers, gives the command again, and compares all published files. Work done twice is the CPU
time of both runs beyond that of the undisturbed build and of one more start, which a build of two pages measures. A
first build of two pages, which nothing measures, compiles what later builds find compiled; and since the same work
takes more CPU time on a machine that others load, the undisturbed build and the start are measured again after every
five kills.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from statistics import median

from benchmarks.build_speed import build_command, build_environment
from benchmarks.process_tree import Usage, children_seconds, reap_orphans, run_measured, session_processes
from benchmarks.real_pages import load_pages, write_warcs

_WORK = ".work"
_KILLS_A_MEASUREMENT = 5


def digests(directory: Path) -> dict[str, str]:
    """Return the digests of the files of a corpus by name."""
    paths = (path for path in directory.rglob("*") if path.is_file() and _WORK not in path.parts)
    return {str(path.relative_to(directory)): sha256(path.read_bytes()).hexdigest() for path in paths}


def markers(output: Path) -> int:
    """Return how many tasks of a build that was killed are done."""
    return sum(1 for _ in (output / _WORK).rglob("*.json")) if (output / _WORK).is_dir() else 0


def kill_build(command: list[str], seconds: float, victim: str, draw: random.Random) -> int | None:
    """Start a build and kill its process, or one of its workers, after some seconds; return how it ended.

    That is None where it had ended before, and 0 where a worker was killed and the build went on to its end.
    """
    process = subprocess.Popen(
        command, env=build_environment(), start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(seconds)
    running = process.poll() is None
    others = [number for number in session_processes(process.pid) if number != process.pid]
    if victim == "main" or not others:
        process.kill()
    else:
        os.kill(draw.choice(others), signal.SIGKILL)
    process.wait()
    reap_orphans(process.pid)
    return process.returncode if running else None


def build_undisturbed(work: Path, inputs: str) -> Usage:
    """Build a corpus of a directory of WARC files anew, and return what it took."""
    shutil.rmtree(work / "whole", ignore_errors=True)
    taken = run_measured(build_command(work / inputs, work / "whole"), env=build_environment(), memory=False)
    print(f"undisturbed  {inputs}: {taken.cpu:.1f} s of CPU time, {taken.wall:.1f} s", flush=True)
    return taken


def main() -> None:
    """Kill, go on, compare, and print a line for each kill and one for all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=17)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    work = Path(tempfile.mkdtemp(prefix="saaf-build-kills-"))
    try:
        write_warcs(load_pages(options.directory, options.pages), work / "warcs")
        write_warcs(load_pages(options.directory, 2), work / "two")
        build_undisturbed(work, "two")
        start, whole = build_undisturbed(work, "two"), build_undisturbed(work, "warcs")
        expected = digests(work / "whole")
        command, differ, early = build_command(work / "warcs", work / "killed"), 0, 0
        redone: list[float] = []
        while len(redone) < options.kills:
            number = len(redone)
            if number and number % _KILLS_A_MEASUREMENT == 0:
                start, whole = build_undisturbed(work, "two"), build_undisturbed(work, "warcs")
            shutil.rmtree(work / "killed", ignore_errors=True)
            victim = "worker" if number % 3 == 2 else "main"
            seconds = draw.uniform(0.05, 0.95) * whole.wall
            before = children_seconds()
            code = kill_build(command, seconds, victim, draw)
            if code is None:  # it had come to its end: another time
                early += 1
                continue
            first = children_seconds() - before
            done = markers(work / "killed")
            again = run_measured(command, env=build_environment(), memory=False).cpu if code else 0.0
            twice = (first + again - whole.cpu - (start.cpu if code else 0.0)) / whole.cpu
            redone.append(twice)
            same = digests(work / "killed") == expected
            differ += not same
            print(
                f"kill {number + 1:2} {victim:6} at {seconds:5.1f} s, {done:3} tasks done; {first:.1f} and "
                f"{again:.1f} s of CPU time, {twice:+.1%}; files {'equal' if same else 'DIFFER'}",
                flush=True,
            )
        print(f"kills        {options.kills}; {early} builds had ended before theirs; {differ} differ")
        print(f"done twice   median {median(redone):.1%}, most {max(redone):.1%}")
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
