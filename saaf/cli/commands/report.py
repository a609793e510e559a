"""`saaf report`: write the report of a corpus again, from its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saaf.cli.commands import CommandError
from saaf.cli.terminal import progress, write_lines
from saaf.corpus.exit_codes import Exit
from saaf.corpus.parquet import DamagedTableError, name_damaged_corpus
from saaf.corpus.report import write_report

if TYPE_CHECKING:
    from pathlib import Path


def run_report(corpus: Path) -> None:
    """Write the report and print its path."""
    try:
        with progress("writing the report"), name_damaged_corpus(corpus):
            path = write_report(corpus)
    except (FileNotFoundError, DamagedTableError) as error:
        raise CommandError(str(error), Exit.INPUT) from error
    write_lines([str(path)])
