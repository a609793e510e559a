"""Measure whether reading many pages and then cleaning them costs what reading and cleaning each in turn costs.

    python -m benchmarks.read_then_clean PAGES [--pages 60] [--rounds 7]

PAGES is a directory of `<set>/<id>.html.gz`. CPU seconds of this process, both ways in alternating rounds over the same
pages after one warm-up round; the ratio is the median of the rounds' ratios. More than 1 would mean that cleaning needs
something of reading that is not handed on.
"""

from __future__ import annotations

import argparse
import gzip
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from saaf import cleaning

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def pages_in(directory: Path, count: int) -> list[cleaning.Page]:
    """Return `count` pages of the directory that can be read, evenly spread over it in the order of their names."""
    files = sorted(directory.glob("*/*.html.gz"))
    pages: list[cleaning.Page] = []
    for path in files[:: max(1, len(files) // (count + count // 4 + 1))]:
        page = cleaning.Page(url=None, body=gzip.decompress(path.read_bytes()))
        try:
            cleaning.read(page)
        except cleaning.Unreadable:
            continue
        pages.append(page)
    return pages[:count]


def in_turn(pages: Sequence[cleaning.Page]) -> None:
    """Read and clean each page before the next."""
    for page in pages:
        cleaning.clean(cleaning.read(page))


def one_after_the_other(pages: Sequence[cleaning.Page]) -> None:
    """Read all pages, then clean all documents."""
    for document in [cleaning.read(page) for page in pages]:
        cleaning.clean(document)


def seconds(run: Callable[[Sequence[cleaning.Page]], None], pages: Sequence[cleaning.Page]) -> float:
    """Return the CPU seconds that a way of doing it takes."""
    start = time.process_time()
    run(pages)
    return time.process_time() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--pages", dest="count", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    pages = pages_in(arguments.pages, arguments.count)
    in_turn(pages)
    rounds = [(seconds(one_after_the_other, pages), seconds(in_turn, pages)) for _ in range(arguments.rounds)]
    ratio = median(after / turn for after, turn in rounds)
    each = 1000 * median(turn for _, turn in rounds) / len(pages)
    print(f"{len(pages)} pages, {each:.1f} ms of CPU a page in turn; read, then clean: {ratio:.3f} of it")


if __name__ == "__main__":
    main()
