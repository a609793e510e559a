"""Measure what site profiles change: figures of pages cleaned alone, with their site's profile, and without votes.

    python -m benchmarks.profiles PAGES [--sets waddle,zh_wwwxmu] [--least 5] [--by-site]

PAGES is a data directory of <set>/<name>.html.gz with <name>.json {url, gold_text, title_cands}. Only sites with at
least `--least` pages count. Four rows: `alone`; `batch`, the profile learned from all pages of the site, as in a build;
`later`, learned from the other half of the site's pages, as in a build after another; `fast`, as `later`, without votes
where the template is known (other pages as in `later`). Seconds are CPU time per page of reading and cleaning.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from saaf import cleaning
from saaf.cleaning.site.profile import merge_profiles, profile_page
from saaf.cleaning.site.template import KNOWN_TEMPLATE
from saaf.cleaning.text.urls import site_of
from saaf.corpus.evaluation.metrics import Figures, means, score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.cleaning.site.profile import SiteProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledPage:
    """A page, its gold text, and the forms of its headline."""

    page: cleaning.Page
    gold: str
    headlines: frozenset[str]


@dataclass(slots=True)
class Table:
    """Figures, CPU seconds and number of timed pages, each by row."""

    figures: dict[str, list[Figures]] = field(default_factory=lambda: defaultdict(list))
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    timed: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, other: Table) -> None:
        """Add the rows of another table."""
        for row, figures in other.figures.items():
            self.figures[row] += figures
        for row, seconds in other.seconds.items():
            self.seconds[row] += seconds
            self.timed[row] += other.timed[row]

    def print(self, title: str) -> None:
        """Print a line for each row."""
        for row, figures in self.figures.items():
            mean = means(figures).to_dict()
            values = " ".join(f"{name} {100 * mean[name]:5.1f}" for name in ("f1", "residue", "dirty", "lost"))
            speed = f"{1000 * self.seconds[row] / self.timed[row]:6.1f} ms" if self.timed.get(row) else ""
            print(f"{title:28}{row:8}{len(figures):5} {values} {speed}")


def sites(directory: Path, sets: Sequence[str], least: int) -> dict[str, list[LabelledPage]]:
    """Return the pages of each site with at least `least` pages, by "set host", by file name where no URL is known."""
    found: dict[str, list[LabelledPage]] = defaultdict(list)
    for path in sorted(directory.glob("*/*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        if data.get("gold_text") is None or data.get("suspect") or (sets and path.parent.name not in sets):
            continue
        site = site_of(data.get("url")) or path.stem.rpartition("_")[0].replace("_", "-") or "none"
        # Some sets give only the host as the URL; the file name makes the URL of each page its own.
        page = cleaning.Page(
            url=f"https://{site}/{path.stem}", body=gzip.decompress(path.with_suffix(".html.gz").read_bytes())
        )
        headlines = frozenset(data.get("title_cands") or ())
        found[f"{path.parent.name} {site}"].append(LabelledPage(page=page, gold=data["gold_text"], headlines=headlines))
    return {name: pages for name, pages in found.items() if len(pages) >= least}


def measure(pages: Sequence[LabelledPage]) -> Table:
    """Return the table of one site."""
    table = Table()
    alone = []
    for one in pages:
        start = time.process_time()
        alone.append(cleaning.clean(cleaning.read(one.page)))
        _add_time(table, "alone", start)
        table.figures["alone"].append(score(one.gold, alone[-1].text, one.headlines))
    parts = [profile_page(clean) for clean in alone]
    whole = merge_profiles(parts)
    halves = [merge_profiles(parts[1::2]), merge_profiles(parts[::2])]
    for number, (one, clean) in enumerate(zip(pages, alone, strict=True)):
        for row, profile in (("batch", whole), ("later", halves[number % 2])):
            text = cleaning.clean(clean.document, profile=profile).text
            table.figures[row].append(score(one.gold, text, one.headlines))
        _add_fast(table, one, halves[number % 2])
    return table


def _add_fast(table: Table, one: LabelledPage, profile: SiteProfile) -> None:
    """Add the row `fast` of a page, and the rows `known` and `voted` where its template is known."""
    start = time.process_time()
    document = cleaning.read(one.page, profile=profile)
    clean = cleaning.clean(document, profile=profile)
    known = KNOWN_TEMPLATE in document.flags
    _add_time(table, "fast" if known else "unknown", start)
    figures = score(one.gold, clean.text, one.headlines)
    table.figures["fast"].append(figures)
    if known:  # the same pages, with votes and without
        table.figures["known"].append(figures)
        table.figures["voted"].append(table.figures["later"][-1])


def _add_time(table: Table, row: str, start: float) -> None:
    table.seconds[row] += time.process_time() - start
    table.timed[row] += 1


def main() -> None:
    """Measure each site and print the tables by set and of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--sets", default="waddle,zh_wwwxmu,sw_spiders", help="sets that name sites")
    parser.add_argument("--least", type=int, default=5)
    parser.add_argument("--by-site", action="store_true")
    arguments = parser.parse_args()
    total, by_set = Table(), defaultdict[str, Table](Table)
    for name, pages in sorted(
        sites(arguments.pages, [one for one in arguments.sets.split(",") if one], arguments.least).items()
    ):
        table = measure(pages)
        if arguments.by_site:
            table.print(name)
        total.add(table)
        by_set[name.partition(" ")[0]].add(table)
    for name, table in sorted(by_set.items()):
        table.print(name)
    total.print("all")


if __name__ == "__main__":
    main()
