"""`saaf clean -o DIR/`: a file for each document of the inputs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from saaf.cli.commands import CommandError
from saaf.cli.commands.clean import check_output_path, clean_rows, read_for
from saaf.cli.commands.document_files import SINGLE, DocumentFiles
from saaf.cli.commands.left_out import note_left_out
from saaf.cli.terminal import note, progress
from saaf.corpus.exit_codes import Exit
from saaf.corpus.progress import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.cli.commands.clean import CleanOptions


def run_directory(
    names: Sequence[str],
    output_name: str | None,
    output_format: str | None,
    *,
    options: CleanOptions,
    workers: int | None,
) -> None:
    """Write a file for each document of the inputs into a directory, as text where no format is named.

    Each input that becomes no file is named on standard error as it fails.
    """
    directory = Path(output_name or ".")
    output_format = output_format or "text"
    if output_format not in SINGLE:
        raise CommandError(
            f"{directory} is a directory, and {output_format} is one file for all documents: name a file, or add "
            "--format text, markdown, json or xml-tei",
            Exit.OUTPUT,
        )
    if directory.exists() and not directory.is_dir():
        raise CommandError(f"{directory} is a file: name a directory, or leave the slash out", Exit.OUTPUT)
    check_output_path(names, directory)
    files = DocumentFiles(directory, output_format, names)
    failures: list[str] = []
    left_out: list[str] = []
    named = done = 0
    options, records = read_for(names, output_format, options)
    with progress("cleaning") as report_progress:
        rows = clean_rows(records, workers or os.cpu_count() or 1, failures, options, left_out)
        for done, (record, document, part) in enumerate(rows, start=1):
            if document.text.strip():
                files.write(record, document, part)
            else:
                failures.append(f"{record.key}: nothing is left of it, and no file was written")
            report_progress("cleaning", done, None)
            named += _name_failures(failures[named:])
        _name_failures(failures[named:])
    note_left_out(left_out)
    if failures or not (done or left_out):
        count = counted(len(failures), "input")
        why = f"{count} became no file, as said above" if failures else "there was no document in the inputs"
        raise CommandError(why, Exit.INPUT)


def _name_failures(failures: Sequence[str]) -> int:
    for failure in failures:
        note(failure)
    return len(failures)
