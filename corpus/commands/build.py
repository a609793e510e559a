"""`saaf build`: a corpus from inputs of any kind."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from corpus.build import build
from corpus.commands import CommandError, Exit
from corpus.commands.failures import told
from corpus.commands.settings import settings
from corpus.tables import LEDGER
from corpus.terminal import progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_SHOWN = 3


def run(inputs: Sequence[Path], output: Path, **options: Any) -> None:
    """Build, show progress, print the summary and where the report is."""
    chosen = settings(**options)
    with told(output), progress("starting") as tell:
        summary = build(inputs, output, settings=chosen, progress=tell)
    for line in (*summary.lines(), f"report      {summary.report}"):
        sys.stdout.write(line + "\n")
    if not summary.documents:
        raise CommandError(f"the corpus holds no document: {first_reasons(output / LEDGER)}", Exit.INPUT)


def first_reasons(ledger: Path) -> str:
    """Return the first three inputs of a ledger with what was wrong with them, as one line."""
    rows = pq.read_table(ledger, columns=["key", "reason"]).to_pylist()
    first = "; ".join(f"{row['key']}: {row['reason']}" for row in rows[:_SHOWN])
    return f"{first}; and {len(rows) - _SHOWN} more, in {ledger}" if len(rows) > _SHOWN else first or "no input"
