"""Inputs of commands: files of every supported format, and "-" for one page or text on standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from saaf.cleaning import Page
from saaf.cli.commands import CommandError
from saaf.corpus.byte_blocks import read_stream
from saaf.corpus.decompression import Problem
from saaf.corpus.exit_codes import Exit
from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import BODY_LIMIT, over_limit_reason
from saaf.corpus.readers import InputError, read_inputs
from saaf.corpus.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STANDARD_INPUT = "-"


def read_records(names: Sequence[str], text_column: str, body_limit: int = BODY_LIMIT) -> Iterator[Record]:
    """Yield the records of files and directories, and of standard input where "-" is among the names.

    What is over `body_limit` bytes, unpacked, is a failure.
    """
    files = [Path(name) for name in names if name != STANDARD_INPUT]
    if STANDARD_INPUT in names:
        yield _standard_input(body_limit)
    if files:
        try:
            yield from read_inputs(files, text_column=text_column, body_limit=body_limit)
        except InputError as error:
            raise CommandError(str(error), Exit.INPUT) from error


def _standard_input(body_limit: int) -> Record:
    read = read_stream(sys.stdin.buffer, body_limit)
    if read.problem is Problem.OVER_LIMIT:
        failure = Failure(state=State.OVER_BUDGET, reason=over_limit_reason("standard input", None, body_limit))
        return Record(file_path=STANDARD_INPUT, failure=failure)
    return Record(file_path=STANDARD_INPUT, page=Page(url=None, body=read.body))


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
