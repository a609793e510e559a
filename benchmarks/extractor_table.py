"""Tables of extractors side by side: by set, language and page type, each beside its peers on the same pages.

    python -m benchmarks.extractor_table PAGES OUTPUTS.jsonl... [--worst 20]

OUTPUTS are files of lines `{"name": "set/id", "text": …}`, one file an extractor, as `benchmarks/peer_extractor.py`,
`benchmarks/peer_extractor.mjs` and `python -m benchmarks.cross_validate --outputs FILE` write them. Only pages that all
of them have are counted. The first file is the one whose worst pages are listed. `word F1` is that of the WCXB
benchmark: words as multisets, headlines included; the other figures are those of `saaf evaluate`.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

from saaf.corpus.evaluation.metrics import Figures, means, score, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_WORD_F1_SETS = ("wcxb_article", "wcxb_other", "wcxb_more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The figures of one page by one extractor, and the groups of the tables that the page belongs to."""

    name: str
    groups: tuple[str, ...]
    figures: Figures
    word_f1: float


def main() -> None:
    """Score the outputs and print a table for each kind of group."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("outputs", type=Path, nargs="+")
    parser.add_argument("--worst", type=int, default=0, help="list so many of the worst pages of the first file")
    options = parser.parse_args()
    texts = {path.stem: _read(path) for path in options.outputs}
    names = sorted(set.intersection(*(set(found) for found in texts.values())))
    with ProcessPoolExecutor() as pool:
        rows = {
            extractor: list(
                pool.map(partial(score_page, options.pages), names, [found[name] for name in names], chunksize=16)
            )
            for extractor, found in texts.items()
        }
    for line in tables(rows):
        print(line)
    first = rows[options.outputs[0].stem]
    for row in sorted(first, key=lambda row: (row.figures.f1, row.name))[: options.worst]:
        figures = row.figures
        print(
            f"{row.name:40} F1 {100 * figures.f1:5.1f}  residue {100 * figures.residue:5.1f}"
            f"  lost {100 * figures.missing_share:5.1f}  {row.groups[-1]}"
        )


def _read(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8") as lines:
        return {row["name"]: row["text"] for row in map(json.loads, lines)}


def score_page(pages: Path, name: str, text: str) -> Row:
    """Return the figures of an extractor's text of the page `set/id`."""
    labelled = json.loads((pages / f"{name}.json").read_text(encoding="utf-8"))
    groups = ["all", f"set {name.partition('/')[0]}", f"lang {labelled['lang']}"]
    if labelled.get("page_type"):
        groups.append(f"type {labelled['page_type']}")
    return Row(
        name=name,
        groups=tuple(groups),
        figures=score(labelled["gold_text"], text, frozenset(labelled.get("title_cands") or ())),
        word_f1=_word_f1(labelled["gold_text"], text),
    )


def _word_f1(gold: str, text: str) -> float:
    expected, found = Counter(words(gold)), Counter(words(text))
    total = expected.total() + found.total()
    return 2 * (expected & found).total() / total if total else 1.0


def tables(rows: Mapping[str, Sequence[Row]]) -> Iterable[str]:
    """Return the lines of the tables: for each group one line an extractor."""
    by_group: dict[str, dict[str, list[Row]]] = defaultdict(dict)
    for extractor, scored in rows.items():
        for row in scored:
            groups = [*row.groups, "word F1 of WCXB"] if row.name.partition("/")[0] in _WORD_F1_SETS else row.groups
            for group in groups:
                by_group[group].setdefault(extractor, []).append(row)
    for group in sorted(by_group, key=lambda group: (group != "all", group)):
        for extractor, scored in by_group[group].items():
            figures = means([row.figures for row in scored])
            yield (
                f"{group:22} {extractor:28} {len(scored):5}"
                + "".join(
                    f"  {name} {100 * value:5.1f}"
                    for name, value in (
                        ("F1", figures.f1),
                        ("residue", figures.residue),
                        ("dirty", figures.dirty),
                        ("lost", figures.missing_share),
                        ("word F1", mean(row.word_f1 for row in scored)),
                    )
                )
                + f"  empty {sum(row.figures.empty for row in scored):.0f}"
            )


if __name__ == "__main__":
    main()
