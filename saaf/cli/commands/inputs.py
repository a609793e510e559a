"""Inputs of commands: files of every supported format, and "-" for standard input in any of them."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from saaf.cli.commands import CommandError
from saaf.corpus.exit_codes import Exit
from saaf.corpus.input_walk import check_inputs, walk_inputs
from saaf.corpus.readers import InputError, read_inputs
from saaf.corpus.records import InputPart, Partition
from saaf.corpus.standard_input import STANDARD_INPUT, spool_input

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saaf.cleaning import Page
    from saaf.corpus.records import ReadOptions, Record


def read_records(names: Sequence[str], options: ReadOptions | None = None) -> Iterator[Record]:
    """Yield the records of files and directories, and of standard input where "-" is among the names."""
    with ExitStack() as stack:
        files = [Path(name) for name in names if name != STANDARD_INPUT]
        if STANDARD_INPUT in names:
            directory = stack.enter_context(TemporaryDirectory(prefix="saaf-"))
            files.insert(0, spool_input(sys.stdin.buffer, Path(directory)))
        try:
            if options is not None:
                _check_columns(files, options)
            yield from read_inputs(files, options=options)
        except InputError as error:
            raise CommandError(str(error), Exit.INPUT) from error


def _check_columns(files: Sequence[Path], options: ReadOptions) -> None:
    """Raise `InputError` where no input has a column that is named, before one is read; as `saaf build` does."""
    if not (options.text_column or options.html_column or options.url_column or options.id_column):
        return
    from saaf.corpus.named_columns import check_named_columns  # noqa: PLC0415  # loads what reads tables

    parts = [part for part in walk_inputs(check_inputs(files)) if isinstance(part, InputPart)]
    check_named_columns([Partition(parts=tuple(parts))], options)


def read_single_page(name: str) -> Page:
    """Return the page of a file or of standard input. Raises `CommandError` where there is none, or more than one."""
    found: list[Page] = []
    for record in read_records([name]):
        if record.failure is not None:
            raise CommandError(f"{record.key}: {record.failure.reason}", Exit.INPUT)
        if record.page is not None:
            found.append(record.page)
        if len(found) > 1:
            raise CommandError(
                f"{name} holds more than one document: run `saaf build {name} -o OUT`, then explain one of those "
                "by id or URL",
                Exit.USAGE,
            )
    if not found:
        raise CommandError(f"{name}: there is no document in it", Exit.INPUT)
    return found[0]
