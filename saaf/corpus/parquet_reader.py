"""The reader of Parquet: a part of a file to pages, or to batches of rows where all is well with them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from saaf.corpus import parquet_rows
from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import over_limit_reason
from saaf.corpus.parquet_rows import LostRows, OverLimit, holds_text, is_flat, kind_in_words, read_schema
from saaf.corpus.records import RowBatch
from saaf.corpus.row_pages import DATE_COLUMNS, no_column, no_text, repeated_column, row_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saaf.corpus.records import InputPart, Item, ReadOptions


def read_parquet(part: InputPart, options: ReadOptions) -> Iterator[Item]:
    """Yield the rows of a part of a Parquet file; raises as `parquet_rows.read_schema` does."""
    schema = read_schema(part.path)
    if options.text_column not in schema.names:
        yield 0, no_column(options.text_column, schema.names)
        return
    if schema.names.count(options.text_column) > 1:
        yield 0, repeated_column(options.text_column, "the table")
        return
    kind = schema.field(options.text_column).type
    if not holds_text(kind):
        yield 0, no_text(options.text_column, kind_in_words(kind))
        return
    wanted = [name for name in (options.text_column, "url", *DATE_COLUMNS) if is_flat(schema, name)]
    number = 0
    for item in _parquet_items(part, wanted, options):
        if isinstance(item, RowBatch):
            number += item.rows.num_rows
            yield number, replace(item, first=number - item.rows.num_rows + 1)
        elif not isinstance(item, dict):
            yield number + 1, _skipped_rows(item, number + 1)
            number += item.rows
        else:
            number += 1
            yield number, row_page(item, options.text_column, options.body_limit)
    if not number and part.is_whole:
        yield 0, Failure(state=State.EMPTY, reason="the table has no rows")


def _parquet_items(
    part: InputPart, columns: Sequence[str], options: ReadOptions
) -> Iterator[dict[str, object] | OverLimit | LostRows | RowBatch]:
    """Yield the rows of a Parquet file, in batches where that was asked for and all is well with them."""
    if not options.rows_per_batch:
        yield from parquet_rows.rows(part.path, columns, options.body_limit, start=part.start, end=part.end)
        return
    for item in parquet_rows.row_batches(
        part.path,
        columns,
        options.body_limit,
        options.text_column,
        options.rows_per_batch,
        start=part.start,
        end=part.end,
    ):
        yield RowBatch(file_path="", first=0, rows=item) if isinstance(item, pa.RecordBatch) else item


def _skipped_rows(found: OverLimit | LostRows, number: int) -> Failure:
    """Return the failure of the rows, which begin with this number, over a limit or behind damage."""
    if isinstance(found, LostRows):
        return _lost_rows(found, number)
    reason = over_limit_reason(found.what, found.size, found.limit)
    if found.rows > 1:
        reason = f"rows {number} to {number + found.rows - 1}: {reason}; or write the file with smaller pages"
    return Failure(state=State.OVER_BUDGET, reason=reason, rows=found.rows)


def _lost_rows(found: LostRows, number: int) -> Failure:
    """Return the failure of the rows, which begin with this number, behind damage."""
    rows = f"row {number}" if found.rows == 1 else f"rows {number} to {number + found.rows - 1}"
    reason = f"{rows} cannot be read: {found.problem}; fetch or write the file again"
    return Failure(state=State.UNREADABLE, reason=reason, rows=found.rows)
