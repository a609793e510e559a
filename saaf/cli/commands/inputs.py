"""Inputs of commands: files of every supported format, and "-" for one page or text on standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from saaf.cleaning import Page
from saaf.cli.commands import CommandError
from saaf.corpus.exit_codes import Exit
from saaf.corpus.readers import InputError, read_inputs
from saaf.corpus.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STANDARD_INPUT = "-"


def read_records(names: Sequence[str], text_column: str) -> Iterator[Record]:
    """Yield the records of files and directories, and of standard input where "-" is among the names."""
    files = [Path(name) for name in names if name != STANDARD_INPUT]
    if STANDARD_INPUT in names:
        page = Page(url=None, body=sys.stdin.buffer.read())
        yield Record(key=STANDARD_INPUT, file_path=STANDARD_INPUT, page=page)
    if files:
        try:
            yield from read_inputs(files, text_column=text_column)
        except InputError as error:
            raise CommandError(str(error), Exit.INPUT) from error


def read_single_page(name: str) -> Page:
    """Return the page of a file or of standard input. Raises `CommandError` where there is none, or more than one."""
    found: list[Page] = []
    for record in read_records([name], "text"):
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
