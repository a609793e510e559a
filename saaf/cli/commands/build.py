"""`saaf build`: write a corpus from inputs of any kind."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saaf.cli.commands import CommandError
from saaf.cli.commands.errors import user_errors
from saaf.cli.commands.settings import build_settings
from saaf.cli.terminal import one_line, progress, write_lines
from saaf.corpus.build import build
from saaf.corpus.corpus_tables import ledger_reasons
from saaf.corpus.exit_codes import Exit
from saaf.corpus.file_names import LEDGER
from saaf.corpus.running_crawls import running_crawls_note

if TYPE_CHECKING:
    from collections.abc import Sequence


def run_build(inputs: Sequence[Path], output: Path, *, work: Path | None = None, **options: Any) -> None:
    """Build a corpus and print its summary; `options` are those of `build_settings`."""
    settings = build_settings(**options)
    if note := running_crawls_note(inputs, output):
        sys.stderr.write(f"saaf: {one_line(note)}\n")
    with user_errors(output), progress("starting") as report_progress:
        summary = build(inputs, output, settings=settings, report_progress=report_progress, work=work)
    write_lines((*summary.lines(), f"report      {summary.report}"))
    if not summary.documents:
        why = ledger_reasons(summary.output) if isinstance(summary.output, Path) else f"see {summary.output / LEDGER}"
        raise CommandError(f"the corpus holds no document: {why}", Exit.INPUT)
