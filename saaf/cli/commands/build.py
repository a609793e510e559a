"""`saaf build`: write a corpus from inputs of any kind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from saaf.cli.commands import CommandError
from saaf.cli.commands.errors import user_errors
from saaf.cli.commands.settings import build_settings
from saaf.cli.commands.settings import column_options as column_options
from saaf.cli.interrupts import resumable
from saaf.cli.terminal import note, progress, write_summary
from saaf.corpus.build import build
from saaf.corpus.corpus_tables import ledger_reasons
from saaf.corpus.exit_codes import Exit
from saaf.corpus.file_names import LEDGER, WORK
from saaf.corpus.remote_output import build_directory
from saaf.corpus.running_crawls import running_crawls_note
from saaf.corpus.stages.fork_server import set_fork_aside

if TYPE_CHECKING:
    from collections.abc import Sequence


def run_build(
    inputs: Sequence[Path],
    output: Path,
    *,
    work: Path | None = None,
    from_stage: str | None = None,
    **options: Any,
) -> None:
    """Build a corpus and print its summary; `options` are those of `build_settings`."""
    settings = build_settings(**options)
    if found := running_crawls_note(inputs, output):
        note(found)
    directory = build_directory(output, work)
    set_fork_aside()
    with resumable(str(directory / WORK)), user_errors(directory), progress("starting") as report_progress:
        summary = build(
            inputs,
            output,
            settings=settings,
            report_progress=report_progress,
            notify=note,
            from_stage=from_stage,
            work=work,
        )
    write_summary((*summary.lines(), f"report      {summary.report}"))
    if not summary.documents:
        why = ledger_reasons(summary.output) if isinstance(summary.output, Path) else f"see {summary.output / LEDGER}"
        raise CommandError(f"the corpus holds no document: {why}", Exit.INPUT)
