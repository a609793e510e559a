"""`saaf evaluate`: measure saaf and other extractors on pages whose clean text is known."""

from __future__ import annotations

import json
import os
import sys
from itertools import groupby
from typing import TYPE_CHECKING

from saaf.cli.commands import CommandError
from saaf.cli.terminal import escape_controls, progress
from saaf.corpus.evaluation.evaluate import PagesError, evaluate, load_cases, to_json
from saaf.corpus.exit_codes import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from saaf.corpus.evaluation.evaluate import GroupResult

_COLUMNS = ("pages", "P", "R", "F1", "residue", "dirty", "lost", "empty", "failed", "pages/s")


def run_evaluate(
    pages: Path, *, track: str, languages: Sequence[str], peers: bool, workers: int | None, as_json: bool
) -> None:
    """Print the metrics of all pages, of each set and of each language, a line for each method."""
    if not pages.is_dir():
        raise CommandError(f"{pages} is not a directory: give one of pages and their gold texts", Exit.INPUT)
    try:
        cases = load_cases(pages, track=track, languages=languages)
    except PagesError as error:
        raise CommandError(str(error), Exit.INPUT) from error
    workers = os.cpu_count() or 1 if workers is None else workers
    with progress("evaluating") as report_progress:
        rows = evaluate(cases, track=track, peers=peers, workers=workers, report_progress=report_progress)
    sys.stdout.write(json.dumps(to_json(rows), ensure_ascii=False, indent=1) + "\n" if as_json else _table(rows))


def _table(rows: Sequence[GroupResult]) -> str:
    width = max(len(row.method) for row in rows) + 2
    lines: list[str] = []
    for group, methods in groupby(rows, key=lambda row: row.group):
        lines += ["", f"{escape_controls(group):<{width}}{_align(_COLUMNS)}"]
        lines += [f"  {row.method:<{width - 2}}{_align(_cells(row))}" for row in methods]
    return "\n".join(lines[1:]) + "\n"


def _align(cells: Sequence[str]) -> str:
    return "".join(f"{cell:>9}" for cell in cells)


def _cells(row: GroupResult) -> list[str]:
    figures = row.figures
    shares = (figures.precision, figures.recall, figures.f1, figures.residue, figures.dirty, figures.missing_share)
    percents = ["–" if share is None else f"{100 * share:.1f}" for share in shares]
    return [
        str(row.pages),
        *percents,
        str(row.empty),
        str(row.failed),
        "–" if row.speed is None else f"{row.speed:.1f}",
    ]
