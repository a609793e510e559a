"""Readers of each format: a part of a file to pages, failures and rows, one at a time."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from saaf.cleaning.types import Page
from saaf.corpus.arc_reader import read_arc
from saaf.corpus.archive_files import wacz_warcs
from saaf.corpus.byte_blocks import read_blocks, read_body, read_lines
from saaf.corpus.columns import ColumnPlan, plan_columns
from saaf.corpus.csv_rows import csv_rows
from saaf.corpus.decompression import DecompressionError, Problem
from saaf.corpus.formats import Format, recognise
from saaf.corpus.json_documents import split_objects
from saaf.corpus.json_lines import parse_row, read_json_lines
from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import over_limit_reason, record_limit
from saaf.corpus.row_pages import column_names, plan_row, read_row
from saaf.corpus.saved_pages import with_address
from saaf.corpus.warc_reader import read_warc, read_warc_stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

    from saaf.corpus.records import InputPart, Item, ReadOptions, Row


def read_file(part: InputPart, options: ReadOptions) -> Iterator[Item]:
    """Yield what a part of a file holds. Raises OSError or pyarrow's ArrowException where it cannot be read."""
    found = recognise(part.path)
    if isinstance(found, Failure):
        yield 0, found
    else:
        yield from _READERS[found](part, options)


def _read_warc(part: InputPart, options: ReadOptions) -> Iterator[Item]:
    items = read_warc(part.path, body_limit=options.body_limit, start=part.start, end=part.end)
    yield from enumerate(items, start=1)


def _read_arc(part: InputPart, options: ReadOptions) -> Iterator[Item]:
    number = 0
    for number, item in enumerate(read_arc(part.path, body_limit=options.body_limit), start=1):
        yield number, item
    if not number:
        yield 0, Failure(state=State.EMPTY, reason="the archive has no records")


def _read_wacz(part: InputPart, options: ReadOptions) -> Iterator[Item]:
    number = 0
    for archive in wacz_warcs(part.name, part.path):
        if isinstance(archive, Failure):
            number += 1
            yield number, archive
            continue
        try:
            with archive.open() as stream:
                for item in read_warc_stream(stream, body_limit=options.body_limit):
                    number += 1
                    yield number, item
        except OSError as error:  # the others are whole
            number += 1
            yield number, Failure(state=State.UNREADABLE, reason=f"{archive.entry} cannot be read: {error}")


def _read_html(part: InputPart, options: ReadOptions) -> Iterator[Item]:
    yield from _read_page(part, "text/html", options.body_limit)


def _read_text(part: InputPart, options: ReadOptions) -> Iterator[Item]:
    yield from _read_page(part, "text/plain", options.body_limit)


def _read_page(part: InputPart, content_type: str, body_limit: int) -> Iterator[Item]:
    read = read_body(part.path, body_limit)
    if read.problem is Problem.OVER_LIMIT:
        size = part.path.stat().st_size
        reason = over_limit_reason("the file", size if size > body_limit else None, body_limit)
        yield 0, Failure(state=State.OVER_BUDGET, reason=reason)
        return
    flags = (read.problem.value,) if read.problem else ()
    page = Page(url=None, body=read.body, headers=(("Content-Type", content_type),), flags=flags)
    yield 0, with_address(page, part)


def _text_column(options: ReadOptions) -> Callable[[Mapping[str, object]], str | None]:
    def column(row: Mapping[str, object]) -> str | None:
        plan = plan_row(row, options)
        return None if isinstance(plan, Failure) else plan.html or plan.text

    return column


def _read_json_lines(part: InputPart, options: ReadOptions) -> Iterator[Item]:
    number = 0
    rows = read_json_lines(part.path, options.body_limit, _text_column(options), start=part.start, end=part.end)
    for number, row in rows:
        yield number, row if isinstance(row, Failure) else read_row(row, options)
    if not number and part.is_whole:
        yield 0, Failure(state=State.EMPTY, reason="the file has no lines")


def _read_json(part: InputPart, options: ReadOptions) -> Iterator[Item]:
    number = 0
    column = _text_column(options)
    for number, item in enumerate(split_objects(read_blocks(part.path), record_limit(options.body_limit)), start=1):
        row = parse_row(item, options.body_limit, column, "object")
        yield number, row if isinstance(row, Failure) else read_row(row, options)
    if not number:
        yield 0, Failure(state=State.EMPTY, reason="the file has no objects")


def _read_csv(part: InputPart, options: ReadOptions) -> Iterator[Item]:
    number = 0
    plan: ColumnPlan | Failure | None = None
    limit = record_limit(options.body_limit)
    for row in csv_rows(read_lines(part.path, limit), limit):
        if isinstance(row, tuple):
            plan = plan_columns(row, options)
            if isinstance(plan, Failure):
                yield 0, plan
                return
            continue
        number += 1
        yield number, row if isinstance(row, Failure) else _csv_row(row, plan, options)
    if not number:
        yield 0, Failure(state=State.EMPTY, reason="the file has no rows")


def _csv_row(row: Mapping[str, bytes], plan: ColumnPlan | Failure | None, options: ReadOptions) -> Row:
    """Return a row of CSV: its text as bytes where it is no UTF-8, for its encoding to be found."""
    values: dict[str, object] = {}
    for name, value in row.items():
        try:
            values[name] = value.decode()
        except UnicodeDecodeError:
            is_text = isinstance(plan, ColumnPlan) and name in (plan.text, plan.html)
            values[name] = value if is_text else value.decode("utf-8", "replace")
    return read_row(values, options, plan)


def _read_parquet(part: InputPart, options: ReadOptions) -> Iterator[Item]:
    yield from _tables().read_parquet(part, options)


def _read_arrow(part: InputPart, options: ReadOptions) -> Iterator[Item]:
    yield from _tables().read_arrow(part, options)


def _tables() -> ModuleType:
    from saaf.corpus import parquet_reader  # noqa: PLC0415  # loads pyarrow, which few formats need

    return parquet_reader


def file_columns(part: InputPart, options: ReadOptions) -> ColumnPlan | Failure | None:
    """Return which columns of a file are read as what, by its header or its first row; None where it is no table.

    A failure says why nothing is read. Raises as `read_file` does.
    """
    found = recognise(part.path) if part.failure is None else None
    if found is Format.CSV:
        header = _csv_header(part, options)
        return plan_columns(header, options) if header else None
    if found is Format.JSON_LINES or found is Format.JSON:
        return _first_row_columns(part, options, found)
    if found is Format.PARQUET or found is Format.ARROW:
        columns: ColumnPlan | Failure = _tables().schema_columns(part, options)
        return columns
    return None


def table_columns(part: InputPart, options: ReadOptions) -> tuple[str, ...]:
    """Return the names of the columns of a table, with dots in objects; () where it is none, or has no row.

    Of rows of JSON, those that the first 1,000 have. Raises as `read_file` does.
    """
    found = recognise(part.path) if part.failure is None else None
    if found is Format.CSV:
        return _csv_header(part, options)
    if found is Format.JSON_LINES or found is Format.JSON:
        rows = islice(_first_rows(part, options, found), _ROWS_LOOKED_AT)
        return tuple(dict.fromkeys(name for row in rows for name in column_names(row)))
    if found is Format.PARQUET or found is Format.ARROW:
        names: tuple[str, ...] = _tables().schema_names(part)
        return names
    return ()


def _csv_header(part: InputPart, options: ReadOptions) -> tuple[str, ...]:
    """Return the names in the first line of a CSV file, () where it has none."""
    for limit in (_HEADER_LIMIT, record_limit(options.body_limit)):  # all of a file whose lines end in CR is one
        header = next(csv_rows(read_lines(part.path, limit), limit), None)
        if isinstance(header, tuple):
            return header
    return ()


def _first_rows(part: InputPart, options: ReadOptions, found: Format) -> Iterator[Mapping[str, object]]:
    limit = record_limit(options.body_limit)
    is_lines = found is Format.JSON_LINES
    items = read_lines(part.path, limit) if is_lines else split_objects(read_blocks(part.path), limit)
    try:
        for item in items:
            row = parse_row(item, options.body_limit, lambda _row: None)
            if not isinstance(row, Failure):
                yield row
    except DecompressionError:
        return


def _first_row_columns(part: InputPart, options: ReadOptions, found: Format) -> ColumnPlan | Failure | None:
    row = next(_first_rows(part, options, found), None)
    return plan_row(row, options) if row is not None else None


_HEADER_LIMIT = 1 << 20
_ROWS_LOOKED_AT = 1_000
_READERS: dict[Format, Callable[[InputPart, ReadOptions], Iterator[Item]]] = {
    Format.WARC: _read_warc,
    Format.ARC: _read_arc,
    Format.WACZ: _read_wacz,
    Format.HTML: _read_html,
    Format.TEXT: _read_text,
    Format.JSON_LINES: _read_json_lines,
    Format.JSON: _read_json,
    Format.CSV: _read_csv,
    Format.PARQUET: _read_parquet,
    Format.ARROW: _read_arrow,
}
