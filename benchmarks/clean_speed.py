"""Measure how fast pages are cleaned, beside trafilatura with metadata and without.

    python -m benchmarks.clean_speed PAGES [--pages 200] [--rounds 5]

PAGES is a directory of `<id>.html.gz` at any depth, with the page's "url" in `<id>.json` beside it. CPU seconds of this
process over the same pages after one warm-up round. Each page goes through all of them in turn before the next page, so
that a load of the machine falls on all alike; a rate is that of the median round. "text" is the cleaning of the same
pages' whole text, menus included, without its HTML. The process is prepared as the workers of a build are: models are
loaded, and the garbage collector runs seldom. Left to itself it takes 5 to 12 % of saaf's time.
"""

from __future__ import annotations

import argparse
import logging
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import trafilatura

from benchmarks.real_pages import load_pages
from saaf import cleaning
from saaf.cleaning.preload import load_compiled, load_models
from saaf.corpus.workers import prepare_process

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.real_pages import RealPage

_OURS = "saaf"


def _clean(page: RealPage) -> object:
    return cleaning.clean_html(page.body, url=page.url)


def _extract(page: RealPage) -> object:
    return trafilatura.bare_extraction(page.body, url=page.url, with_metadata=False)


def _extract_with_metadata(page: RealPage) -> object:
    return trafilatura.bare_extraction(page.body, url=page.url, with_metadata=True)


def _readable(pages: list[RealPage]) -> list[tuple[RealPage, str]]:
    """Return the pages that are not empty, each with its whole text."""
    found = []
    for page in pages:
        try:
            found.append((page, cleaning.read(cleaning.Page(url=page.url, body=page.body)).text))
        except cleaning.Unreadable:
            continue
    return found


def measure(pages: list[tuple[RealPage, str]]) -> dict[str, float]:
    """Return the CPU seconds that each way takes for all pages."""
    ways: dict[str, Callable[[RealPage], object]] = {
        _OURS: _clean,
        "trafilatura": _extract,
        "trafilatura with metadata": _extract_with_metadata,
    }
    spent = dict.fromkeys((*ways, "text"), 0.0)
    for page, text in pages:
        for name, way in ways.items():
            start = time.process_time()
            way(page)
            spent[name] += time.process_time() - start
        start = time.process_time()
        cleaning.clean_text(text, url=page.url)
        spent["text"] += time.process_time() - start
    return spent


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--pages", dest="count", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    load_compiled()
    load_models()
    pages = _readable(load_pages(arguments.pages, arguments.count))
    measure(pages)
    prepare_process()
    rounds = [measure(pages) for _ in range(arguments.rounds)]
    for name in rounds[0]:
        each = median(spent[name] for spent in rounds) / len(pages)
        ratio = median(spent[name] / spent[_OURS] for spent in rounds)
        print(f"{name:26} {1000 * each:7.1f} ms of CPU a page, {1 / each:6.1f} pages/s; {ratio:.2f} times saaf's time")


if __name__ == "__main__":
    main()
