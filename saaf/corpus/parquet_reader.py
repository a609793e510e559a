"""The readers of Parquet and Arrow: a part of a file to pages, or to batches of rows where all is well with them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from saaf.corpus import parquet_rows
from saaf.corpus.arrow_files import arrow_batches, open_arrow
from saaf.corpus.column_types import plain_batch, plain_schema
from saaf.corpus.columns import HTML_NAMES, PREFIX, TEXT_NAMES, ColumnPlan, plan_columns
from saaf.corpus.formats import Format, recognise
from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import over_limit_reason
from saaf.corpus.parquet_rows import LostRows, OverLimit, holds_text, kind_in_words, read_schema
from saaf.corpus.records import RowBatch
from saaf.corpus.row_pages import DATE_COLUMNS, no_text, read_row, repeated_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from saaf.corpus.records import InputPart, Item, ReadOptions, Row

_DEPTH = 4  # of objects in objects in which a column is looked for
_ARROW_ROWS = 256  # of a batch, where a page is made of each


def schema_columns(part: InputPart, options: ReadOptions) -> ColumnPlan | Failure:
    """Return which columns of a Parquet or Arrow file are read as what; raises as `read_schema` does."""
    return _plan(_schema(part), options)


def schema_names(part: InputPart) -> tuple[str, ...]:
    """Return the names of the columns of a Parquet or Arrow file, and those in objects with dots; raises as
    `read_schema` does.
    """
    schema = _schema(part)
    inner = (f"{field.name}.{name}" for field in schema for name in _inner_names(field.type))
    return (*schema.names, *inner)


def _schema(part: InputPart) -> pa.Schema:
    return open_arrow(part.path).schema if recognise(part.path) is Format.ARROW else read_schema(part.path)


def _plan(schema: pa.Schema, options: ReadOptions) -> ColumnPlan | Failure:
    """Return the plan of a table; columns of the same name cannot be told apart, and are left out."""
    known = next((name for name in TEXT_NAMES if name in schema.names), None)
    text = options.html_column or options.text_column or known
    if text is not None and schema.names.count(text) > 1:
        return repeated_column(text, "the table")
    fields = [field for field in schema if schema.names.count(field.name) == 1]
    nested = {field.name: tuple(_inner_names(field.type)) for field in fields}
    plan = plan_columns([field.name for field in fields], _resolved(fields, options), nested)
    if isinstance(plan, Failure):
        return plan
    column = plan.html or plan.text or ""
    if column in schema.names and not holds_text(schema.field(column).type):
        return no_text(column, kind_in_words(schema.field(column).type))
    return plan


def _resolved(fields: list[pa.Field], options: ReadOptions) -> ReadOptions:
    """Return the options with the first known column that does hold text, where none was named."""
    if options.text_column or options.html_column:
        return options
    known = {field.name.lower(): field.name for field in reversed(fields) if holds_text(field.type)}
    text, html = (next((known[name] for name in names if name in known), None) for names in (TEXT_NAMES, HTML_NAMES))
    return replace(options, text_column=text, html_column=None if text else html)


def _inner_names(kind: pa.DataType, depth: int = 0) -> Iterator[str]:
    if pa.types.is_struct(kind) and depth < _DEPTH:
        for field in kind:
            yield field.name
            yield from (f"{field.name}.{name}" for name in _inner_names(field.type, depth + 1))


def read_parquet(part: InputPart, options: ReadOptions) -> Iterator[Item]:
    """Yield the rows of a part of a Parquet file; raises as `parquet_rows.read_schema` does."""
    schema = read_schema(part.path)
    plan = _plan(schema, options)
    if isinstance(plan, Failure):
        yield 0, plan
        return
    names = _columns(plan)
    most = options.rows_per_batch or parquet_rows.BATCH_ROWS
    types = _carried_types(schema, plan)
    batches = parquet_rows.batches(part.path, names, options.body_limit, most=most, start=part.start, end=part.end)
    yield from _items(parquet_rows.together(batches, most), plan, types, part, options)


def read_arrow(part: InputPart, options: ReadOptions) -> Iterator[Item]:
    """Yield the rows of an Arrow file or stream; raises as `arrow_files.open_arrow` does."""
    schema = open_arrow(part.path).schema
    plan = _plan(schema, options)
    if isinstance(plan, Failure):
        yield 0, plan
        return
    types = _carried_types(schema, plan)
    yield from _items(_arrow_slices(part, options, _columns(plan)), plan, types, part, options)


def _carried_types(schema: pa.Schema, plan: ColumnPlan) -> pa.Schema:
    """Return the types of the columns that are carried through, by their names in the corpus."""
    return plain_schema(pa.schema([schema.field(name).with_name(own) for name, own in plan.carried]))


def _columns(plan: ColumnPlan) -> list[str]:
    """Return the names of the columns that are read; of a name with dots, the columns that it may lead into."""
    names = [*plan.used, *(name for name, _ in plan.carried)]
    return list(dict.fromkeys(part for name in names for part in (name, *_heads(name))))


def _heads(name: str) -> Iterator[str]:
    parts = name.split(".")
    yield from (".".join(parts[:count]) for count in range(1, len(parts)))


def _arrow_slices(
    part: InputPart, options: ReadOptions, names: list[str]
) -> Iterator[pa.RecordBatch | OverLimit | LostRows]:
    most = options.rows_per_batch or _ARROW_ROWS
    for batch in arrow_batches(part.path, options.body_limit):
        if not isinstance(batch, pa.RecordBatch):
            yield batch
            continue
        wanted = batch.select([name for name in batch.schema.names if name in names])
        for start in range(0, wanted.num_rows, most):
            yield wanted.slice(start, most)


def _items(
    batches: Iterator[pa.RecordBatch | OverLimit | LostRows],
    plan: ColumnPlan,
    types: pa.Schema,
    part: InputPart,
    options: ReadOptions,
) -> Iterator[Item]:
    number = 0
    for item in _rows(batches, plan, options):
        if isinstance(item, pa.RecordBatch):
            number += item.num_rows
            rows, carried = _with_own_names(item, plan)
            yield number, RowBatch(file_path="", first=number - item.num_rows + 1, rows=rows, carried=carried)
        elif isinstance(item, dict):
            number += 1
            yield number, _with_types(read_row(item, options, plan), types)  # no name holds it while the next is read
        else:
            yield number + 1, _skipped_rows(item, number + 1)
            number += item.rows
    if not number and part.is_whole:
        yield 0, Failure(state=State.EMPTY, reason="the table has no rows")


def _with_types(row: Row, types: pa.Schema) -> Row:
    return replace(row, columns=replace(row.columns, schema=types)) if row.columns.carried else row


def _rows(
    batches: Iterator[pa.RecordBatch | OverLimit | LostRows], plan: ColumnPlan, options: ReadOptions
) -> Iterator[dict[str, object] | pa.RecordBatch | OverLimit | LostRows]:
    """Yield batches where that was asked for and all is well with them, else the rows of each."""
    limited = [name for name in (plan.html, plan.text, plan.url) if name is not None]
    for item in batches:
        if not isinstance(item, pa.RecordBatch) or (
            options.rows_per_batch and _is_plain(item, plan, limited, options.body_limit)
        ):
            yield item
        else:
            yield from parquet_rows.rows_of(item, options.body_limit, limited)


def _is_plain(batch: pa.RecordBatch, plan: ColumnPlan, limited: list[str], body_limit: int) -> bool:
    """Return whether every row has a valid string within the limit in the text's column, and all columns are valid."""
    text = plan.html or plan.text
    if any(name not in batch.schema.names for name in limited) or batch[text].null_count:
        return False
    strings = [batch[name] for name in limited]
    if not all(pa.types.is_string(column.type) or pa.types.is_large_string(column.type) for column in strings):
        return False
    if any((pc.max(pc.binary_length(column)).as_py() or 0) > body_limit for column in strings):
        return False
    try:
        batch.validate(full=True)
    except pa.ArrowInvalid:  # bytes that are no UTF-8
        return False
    return True


def _with_own_names(batch: pa.RecordBatch, plan: ColumnPlan) -> tuple[pa.RecordBatch, pa.RecordBatch | None]:
    """Return the columns of a plain batch that are read, by their names in a corpus, and those carried through."""
    odd: dict[str, pa.Array] = {}
    names = {"html": plan.html, "text": None if plan.html else plan.text, "url": plan.url}
    names |= dict(zip(DATE_COLUMNS if len(plan.dates) > 1 else DATE_COLUMNS[1:], plan.dates, strict=False))
    arrays = {own: column for own, name in names.items() if (column := _column(batch, name)) is not None}
    for own, name in {
        "id": plan.id,
        "dump": plan.dump,
        "language": plan.language,
        "language_script": plan.script,
    }.items():
        column = _column(batch, name)
        stated = _stated(_first_of_lists(column) if own == "language" else column)
        if stated is not None:
            arrays[own] = stated
        elif column is not None and own in ("id", "dump") and name in batch.schema.names:
            odd[PREFIX + own] = column
    scores = _column(batch, plan.score)
    if scores is not None and (pa.types.is_floating(scores.type) or pa.types.is_integer(scores.type)):
        arrays["language_score"] = scores.cast(pa.float64(), safe=False)
    rows = pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))
    kept = [(name, own) for name, own in plan.carried if name in batch.schema.names]
    carried = {own: batch[name] for name, own in kept} | (odd if plan.carried else {})
    return rows, plain_batch(pa.RecordBatch.from_pydict(carried)) if carried else None


def _stated(column: pa.Array | None) -> pa.Array | None:
    """Return a column of texts or whole numbers as texts, None where it holds something else."""
    if column is not None and pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if column is None or not (pa.types.is_integer(column.type) or parquet_rows.is_string(column.type)):
        return None
    return column.cast(pa.string())


def _first_of_lists(column: pa.Array | None) -> pa.Array | None:
    """Return a column, of lists the first element of each: HPLT states the languages of a text, the likeliest first."""
    if column is None or not pa.types.is_list(column.type):
        return column
    return pc.list_element(pc.list_slice(column, 0, 1, return_fixed_size_list=True), 0)


def _column(batch: pa.RecordBatch, name: str | None) -> pa.Array | None:
    """Return a column, or the field of objects in one that a name with dots leads to; None where there is none."""
    if name is None or name in batch.schema.names:
        return None if name is None else batch[name]
    for head in _heads(name):
        if head in batch.schema.names and pa.types.is_struct(batch[head].type):
            try:
                return _inner(batch[head], name[len(head) + 1 :])
            except (KeyError, pa.ArrowException):
                continue
    return None


def _inner(column: pa.StructArray, name: str) -> pa.Array:
    names = [field.name for field in column.type]
    if name in names:
        return pc.struct_field(column, [names.index(name)])
    head = next(head for head in (*_heads(name), "") if head in names or not head)
    if not head:
        raise KeyError(name)
    return _inner(pc.struct_field(column, [names.index(head)]), name[len(head) + 1 :])


def _skipped_rows(found: OverLimit | LostRows, number: int) -> Failure:
    """Return the failure of the rows, which begin with this number, over a limit or behind damage."""
    rows = f"row {number}" if found.rows == 1 else f"rows {number} to {number + found.rows - 1}"
    if isinstance(found, LostRows):
        reason = f"{rows} cannot be read: {found.problem}; fetch or write the file again"
        return Failure(state=State.UNREADABLE, reason=reason, rows=found.rows)
    reason = over_limit_reason(found.what, found.size, found.limit)
    if found.rows > 1:
        reason = f"{rows}: {reason}; or write the file with smaller pages"
    return Failure(state=State.OVER_BUDGET, reason=reason, rows=found.rows)
