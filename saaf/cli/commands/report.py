"""`saaf report`: the page of a corpus again, from its tables."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from saaf.cli.commands import CommandError
from saaf.cli.terminal import progress
from saaf.corpus.exit_codes import Exit
from saaf.corpus.parquet import DamagedTableError, damage_named
from saaf.corpus.report import write_report

if TYPE_CHECKING:
    from pathlib import Path


def run(corpus: Path) -> None:
    """Write the report and print where it is."""
    try:
        with progress("writing the report"), damage_named(corpus):
            path = write_report(corpus)
    except (FileNotFoundError, DamagedTableError) as error:
        raise CommandError(str(error), Exit.INPUT) from error
    sys.stdout.write(f"{path}\n")
