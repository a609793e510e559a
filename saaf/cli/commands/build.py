"""`saaf build`: a corpus from inputs of any kind."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from saaf.cli.commands import CommandError
from saaf.cli.commands.errors import user_errors
from saaf.cli.commands.settings import settings
from saaf.cli.terminal import progress
from saaf.corpus.build import build
from saaf.corpus.exit_codes import Exit
from saaf.corpus.file_names import LEDGER
from saaf.corpus.tables import first_reasons

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def run(inputs: Sequence[Path], output: Path, **options: Any) -> None:
    """Build, show progress, print the summary and where the report is."""
    chosen = settings(**options)
    with user_errors(output), progress("starting") as tell:
        summary = build(inputs, output, settings=chosen, progress=tell)
    for line in (*summary.lines(), f"report      {summary.report}"):
        sys.stdout.write(line + "\n")
    if not summary.documents:
        raise CommandError(f"the corpus holds no document: {first_reasons(output / LEDGER)}", Exit.INPUT)
