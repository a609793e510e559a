"""`saaf clean -o DIR/`: a file for each document of the inputs."""

# The guards need Arrow: what needs them imports them.
# ruff: noqa: PLC0415

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from saaf.cli.commands import CommandError
from saaf.cli.commands.clean import clean_rows, read_options_of
from saaf.cli.commands.document_files import SINGLE, STRUCTURED, DocumentFiles
from saaf.cli.commands.inputs import read_records
from saaf.cli.commands.left_out import note_left_out
from saaf.cli.terminal import note, progress
from saaf.corpus.exit_codes import Exit
from saaf.corpus.standard_input import STANDARD_INPUT

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
    options = replace(options, structure=output_format in STRUCTURED)
    if output_format not in SINGLE:
        raise CommandError(
            f"{directory} is a directory, and {output_format} is one file for all documents: name a file, or add "
            "--format text, markdown, json or xml-tei",
            Exit.OUTPUT,
        )
    _check_directory(names, directory)
    files = DocumentFiles(directory, output_format, names)
    failures: list[str] = []
    left_out: list[str] = []
    named = done = 0
    records = read_records(names, read_options_of(options, output_format))
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
        count = f"{len(failures)} {'input' if len(failures) == 1 else 'inputs'}"
        why = f"{count} became no file, as said above" if failures else "there was no document in the inputs"
        raise CommandError(why, Exit.INPUT)


def _name_failures(failures: Sequence[str]) -> int:
    for failure in failures:
        note(failure)
    return len(failures)


def _check_directory(names: Sequence[str], directory: Path) -> None:
    """Raise `CommandError` where a directory to write to is, or is in, a directory that is read, or is a file."""
    from saaf.corpus.output_guards import OutputError, check_output_file
    from saaf.corpus.readers import InputError

    if directory.exists() and not directory.is_dir():
        raise CommandError(f"{directory} is a file: name a directory, or leave the slash out", Exit.OUTPUT)
    try:
        check_output_file([Path(name) for name in names if name != STANDARD_INPUT], directory)
    except InputError as error:
        raise CommandError(str(error), Exit.INPUT) from error
    except OutputError as error:
        raise CommandError(str(error), Exit.OUTPUT) from error
