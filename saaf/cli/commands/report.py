"""`saaf report`: write the report of a corpus again, from its tables, or print its figures."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from saaf.cli.commands.errors import corpus_errors
from saaf.cli.terminal import progress, write_lines
from saaf.corpus.report import report_figures, write_report

if TYPE_CHECKING:
    from pathlib import Path


def run_report(corpus: Path, *, as_json: bool) -> None:
    """Write the report and print its path; or print the figures as JSON, and write nothing."""
    with corpus_errors(corpus), progress("counting" if as_json else "writing the report"):
        written = report_figures(corpus) if as_json else str(write_report(corpus))
    if as_json:
        sys.stdout.write(written)
    else:
        write_lines([written])
