"""Measure how long a new process takes to clean one page, beside trafilatura's.

    python -m benchmarks.cold_start PAGE.html [--rounds 9]

CPU seconds of whole processes, in alternating rounds after one warm-up round: the commands `saaf clean PAGE` and
`trafilatura < PAGE`, three lines of each library, and the imports alone. Run it in an environment with saaf's
dependencies only: what else is installed may be imported too.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_BIN = Path(sys.executable).parent
_OURS = "import saaf; saaf.clean_html(open({page!r}, 'rb').read()).text"
_THEIRS = "import trafilatura; trafilatura.extract(open({page!r}, 'rb').read())"


def commands(page: Path) -> dict[str, tuple[list[str], list[str]]]:
    """Return our command and trafilatura's for each kind of start."""
    return {
        "command": ([str(_BIN / "saaf"), "clean", str(page)], [str(_BIN / "trafilatura")]),
        "library": (_python(_OURS.format(page=str(page))), _python(_THEIRS.format(page=str(page)))),
        "import": (_python("import saaf"), _python("import trafilatura")),
        "nothing": (_python("pass"), _python("pass")),
    }


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def seconds(command: Sequence[str], page: Path) -> float:
    """Return the CPU seconds, user and system, of a process with the page on standard input."""
    before = os.times()
    with page.open("rb") as stream:
        subprocess.run(command, stdin=stream, stdout=subprocess.DEVNULL, check=True)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


def main() -> None:
    """Measure and print a line for each kind of start."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    for name, (ours, theirs) in commands(arguments.page).items():
        rounds = [(seconds(ours, arguments.page), seconds(theirs, arguments.page)) for _ in range(arguments.rounds + 1)]
        mine, other = zip(*rounds[1:], strict=True)
        print(f"{name:8} saaf {median(mine):.2f} s, trafilatura {median(other):.2f} s, ratio {_ratio(mine, other):.2f}")


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    return median(one / max(other, 0.005) for one, other in zip(ours, theirs, strict=True))


if __name__ == "__main__":
    main()
