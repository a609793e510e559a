"""`saaf clean`: clean text of one page, or a row for each of many."""

from __future__ import annotations

import json
import os
import sys
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from saaf.cleaning import CleanDocument
from saaf.cleaning.postprocess import apply_options, match_rule_ids
from saaf.cli.commands import CommandError
from saaf.cli.commands.inputs import records
from saaf.cli.terminal import progress
from saaf.corpus.atomic_files import written_whole
from saaf.corpus.exit_codes import Exit
from saaf.corpus.parquet import write_table
from saaf.corpus.schema import DOCUMENTS, to_row
from saaf.corpus.workers import clean_pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from saaf.cleaning import Page
    from saaf.corpus.ledger import Failure
    from saaf.corpus.records import Record
    from saaf.corpus.settings import Progress

    Cleaned = tuple[Record, CleanDocument]

SUFFIXES = {".parquet": "parquet", ".jsonl": "jsonl", ".txt": "text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a user wants otherwise, see `saaf.cleaning.postprocess.apply_options`; `keep` are ids of rules."""

    keep: frozenset[str] = frozenset()
    split_appended: bool = False


def choices(keep: Sequence[str], *, split_appended: bool) -> Choices:
    """Return the choices; `keep` are ids or patterns. Raises `CommandError` where one names no rule."""
    try:
        return Choices(keep=match_rule_ids(keep), split_appended=split_appended)
    except ValueError as error:
        raise CommandError(str(error), Exit.USAGE) from error


def run(
    names: Sequence[str],
    output: Path | None,
    form: str | None,
    *,
    choices: Choices,
    text_column: str,
    workers: int | None,
) -> None:
    """Clean the inputs; those that cannot be read are named on standard error, and the exit code says so."""
    form = form or _form(output)
    if form == "parquet" and output is None:
        raise CommandError("Parquet does not go to standard output: add -o FILE.parquet, or --format jsonl", Exit.USAGE)
    if form == "text" and choices.split_appended:
        raise CommandError(
            "--split-appended makes several documents: add --format jsonl, or -o FILE.parquet", Exit.USAGE
        )
    unread: list[str] = []
    incoming = records(names, text_column)
    if form == "text":
        incoming = _only(incoming, names)
        workers = 0  # a pool takes longer to start than one page to clean
    elif workers is None:
        workers = os.cpu_count() or 1
    with _written(output), progress("cleaning") as tell:
        rows = _chosen(_cleaned(incoming, workers, unread), choices)
        _write(_counted(rows, tell), output, form)
    if unread:
        raise CommandError(f"{len(unread)} of the inputs could not be read: {'; '.join(unread[:10])}", Exit.INPUT)


@contextmanager
def _written(output: Path | None) -> Iterator[None]:
    """Say in one sentence where a file cannot be written."""
    try:
        yield
    except OSError as error:
        if output is None:
            raise
        raise CommandError(f"{output} cannot be written: {error.strerror or error}", Exit.OUTPUT) from error


def _form(output: Path | None) -> str:
    if output is None:
        return "text"
    if output.suffix not in SUFFIXES:
        raise CommandError(f"{output}: name it .parquet, .jsonl or .txt, or say which with --format", Exit.USAGE)
    return SUFFIXES[output.suffix]


def _only(incoming: Iterator[Record], names: Sequence[str]) -> Iterator[Record]:
    """Return the one record there is; text has no place for the border between two."""
    first = list(islice(incoming, 2))
    if len(first) > 1:
        raise CommandError(
            f"{', '.join(names)}: text output holds one document, and there are more; "
            "add --format jsonl, or -o FILE.parquet",
            Exit.USAGE,
        )
    return iter(first)


def _cleaned(incoming: Iterator[Record], workers: int, unread: list[str]) -> Iterator[Cleaned]:
    """Yield each record with its clean document, in order; what has none is named in `unread`."""
    waiting: deque[Record] = deque()

    def pages() -> Iterator[Page]:
        for record in incoming:
            if record.page is None:
                unread.append(_named(record, record.failure))
            else:
                waiting.append(record)
                yield record.page

    for answer in clean_pages(pages(), workers=workers):
        record = waiting.popleft()
        if isinstance(answer, CleanDocument):
            yield record, answer
        else:
            unread.append(_named(record, answer))


def _chosen(rows: Iterator[Cleaned], choices: Choices) -> Iterator[Cleaned]:
    """Yield each record with what the user's choices make of its document."""
    for record, clean in rows:
        fetched_at = record.page.fetched_at if record.page else None
        wanted = apply_options(clean, keep=choices.keep, split_appended=choices.split_appended, fetched_at=fetched_at)
        yield from ((record, one) for one in wanted)


def _named(record: Record, failure: Failure | None) -> str:
    return f"{record.key}: {failure.reason if failure else 'unreadable'}"


def _counted(rows: Iterator[Cleaned], tell: Progress) -> Iterator[Cleaned]:
    for done, row in enumerate(rows, start=1):
        tell("cleaning", done, None)
        yield row


def _write(rows: Iterator[Cleaned], output: Path | None, form: str) -> None:
    if form == "parquet" and output is not None:
        write_table(output, (_row(record, document) for record, document in rows), DOCUMENTS)
        return
    lines = (_ended(document.text) if form == "text" else _json(record, document) for record, document in rows)
    if output is None:
        for line in lines:
            sys.stdout.write(line)
        return
    with written_whole(output) as partial, partial.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(lines)


def _row(record: Record, document: CleanDocument) -> dict[str, object]:
    date = record.page.fetched_at if record.page else None
    return to_row(document, dump="saaf", file_path=record.file_path, date=date)


def _json(record: Record, document: CleanDocument) -> str:
    return json.dumps(_row(record, document), ensure_ascii=False) + "\n"


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"
