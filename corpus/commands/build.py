"""`saaf build`: a corpus from inputs of any kind."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from corpus.build import build
from corpus.commands import CommandError, Exit
from corpus.commands.failures import told
from corpus.commands.settings import settings
from corpus.tables import LEDGER
from corpus.terminal import progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def run(inputs: Sequence[Path], output: Path, **options: Any) -> None:
    """Build, show progress, print the summary and where the report is."""
    chosen = settings(**options)
    with told(output), progress("starting") as tell:
        summary = build(inputs, output, settings=chosen, progress=tell)
    for line in (*summary.lines(), f"report      {summary.report}"):
        sys.stdout.write(line + "\n")
    if not summary.documents:
        names = ", ".join(str(path) for path in inputs)
        raise CommandError(
            f"no document of {names} is in the corpus ({summary.inputs} inputs); {output / LEDGER} says why of each",
            Exit.INPUT,
        )
