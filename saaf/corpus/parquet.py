"""Parquet files: written atomically, row group by row group; the same rows always give the same bytes."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from saaf.atomic_files import atomic_write
from saaf.cleaning.text.control_characters import mend_surrogates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

ROW_GROUP_ROWS = 5_000  # about 20 MB of news text: small enough to hold, large enough to compress and to skip by
ROW_GROUP_CHARACTERS = 1 << 27  # a string column holds 2 GB at most, and a page of text can be large


class DamagedTableError(ValueError):
    """A table of a corpus that cannot be read; the message says which corpus, what is wrong and what to do."""


class RowWriter:
    """Writer of rows (mappings of column name to value) to a path or an open binary file; a context manager.

    Rows are held in memory until a row group is full: `ROW_GROUP_ROWS` of them, or texts of `group_characters` code
    points. Content-defined chunking cuts pages by content, so that a storage
    which keeps each chunk once (Hugging Face's) stores only what changed; the page index lets readers skip pages.
    `sorted_by` are the columns that the rows are in order of, null first, which the footer then says.
    Raises pyarrow's ArrowInvalid or ArrowTypeError for a row that does not fit the schema.
    """

    def __init__(
        self,
        sink: Path | BinaryIO,
        schema: pa.Schema,
        *,
        group_characters: int = ROW_GROUP_CHARACTERS,
        sorted_by: Sequence[str] = (),
    ) -> None:
        self._schema = schema
        self._group_characters = group_characters
        self._rows: list[Mapping[str, object]] = []
        self._characters = 0
        self._writer = pq.ParquetWriter(
            sink,
            schema,
            compression="zstd",
            use_content_defined_chunking=True,
            write_page_index=True,
            sorting_columns=_sorting_columns(schema, sorted_by),
        )

    def __enter__(self) -> RowWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def write(self, row: Mapping[str, object]) -> None:
        """Add one row. Raises ValueError unless its keys are exactly the schema's columns."""
        if row.keys() != set(self._schema.names):
            differing = sorted(row.keys() ^ set(self._schema.names))
            raise ValueError(f"the row and the schema do not have the same columns: {', '.join(differing)}")
        self._rows.append(row)
        self._characters += len(text) if isinstance(text := row.get("text"), str) else 0
        if len(self._rows) == ROW_GROUP_ROWS or self._characters >= self._group_characters:
            self._flush()

    def write_table(self, table: pa.Table) -> None:
        """Write the rows that are held, then the rows of a table, if any, as a row group."""
        self._flush()
        if not table.num_rows:
            return
        self._writer.write_table(table.select(self._schema.names).cast(self._schema), row_group_size=table.num_rows)

    def close(self) -> None:
        """Write the rows that are held, then the footer. Raises OSError where the disk is full."""
        try:
            self._flush()
            self._writer.close()
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Write nothing more: neither rows nor footer. A path is closed without being a table."""
        self._rows, self._characters = [], 0
        # After a failed write pyarrow's writer must not be flushed again, which its destructor would do: depending on
        # how far the write came, that raises another error or aborts the process.
        self._writer.is_open = False
        if self._writer.file_handle is not None:
            with suppress(OSError):
                self._writer.file_handle.close()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(self._table())
            self._rows, self._characters = [], 0

    def _table(self) -> pa.Table:
        try:
            return pa.Table.from_pylist(self._rows, schema=self._schema)
        except UnicodeEncodeError:  # half a surrogate pair, as JSON can spell it in a URL: no run is lost for it
            return pa.Table.from_pylist([replace_surrogates(row) for row in self._rows], schema=self._schema)


def _sorting_columns(schema: pa.Schema, names: Sequence[str]) -> tuple[pq.SortingColumn, ...] | None:
    ordering = [(name, "ascending") for name in names]
    return pq.SortingColumn.from_ordering(schema, ordering, null_placement="at_start") if names else None


def row_problem(row: Mapping[str, object], schema: pa.Schema) -> str | None:
    """Return why a row does not fit a schema, None where it does.

    `RowWriter` finds out only when a row group is full, and then every row of the group is lost.
    """
    missing = [field.name for field in schema if not field.nullable and row.get(field.name) is None]
    if missing:
        return f"no value for {', '.join(missing)}"
    try:
        pa.RecordBatch.from_pylist([replace_surrogates(row)], schema=schema)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        return str(error)
    return None


def replace_surrogates(value: Any) -> Any:
    """Return a value of a row, or a row, in which each lone surrogate is U+FFFD, so that it can be written as UTF-8."""
    if isinstance(value, str):
        return mend_surrogates(value)
    if isinstance(value, dict):
        return {name: replace_surrogates(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [replace_surrogates(each) for each in value]
    return value


def write_table(
    path: Path,
    rows: Iterable[Mapping[str, object]],
    schema: pa.Schema,
    *,
    group_characters: int = ROW_GROUP_CHARACTERS,
) -> int:
    """Write a Parquet file atomically and return the number of rows; `group_characters` is as in `RowWriter`."""
    count = 0
    with atomic_write(path) as partial, RowWriter(partial, schema, group_characters=group_characters) as writer:
        for row in rows:
            writer.write(row)
            count += 1
    return count


def write_row_groups(
    path: Path, tables: Iterable[pa.Table], schema: pa.Schema, *, sorted_by: Sequence[str] = ()
) -> int:
    """Write a Parquet file atomically, each table a row group, and return the number of rows.

    The tables have the columns of `schema`, in any order and beside others; `row_groups` gives their sizes.
    `sorted_by` is as in `RowWriter`.
    """
    count = 0
    with atomic_write(path) as partial, RowWriter(partial, schema, sorted_by=sorted_by) as writer:
        for table in tables:
            writer.write_table(table)
            count += table.num_rows
    return count


def row_groups(characters: Sequence[int]) -> Iterator[slice]:
    """Yield the ranges of rows that `RowWriter` makes a row group of; `characters` are the code points of each text."""
    start = held = 0
    for row, more in enumerate(characters, start=1):
        held += more
        if row - start == ROW_GROUP_ROWS or held >= ROW_GROUP_CHARACTERS:
            yield slice(start, row)
            start, held = row, 0
    if start < len(characters):
        yield slice(start, len(characters))


def read_rows(path: Path, columns: Iterable[str] | None = None) -> Iterator[dict[str, object]]:
    """Yield the rows of a Parquet file in order, one row group in memory at a time; all columns where None."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=1_000, columns=None if columns is None else list(columns)):
            yield from batch.to_pylist()


def count_rows(path: Path) -> int | None:
    """Return the number of rows of a Parquet file, None where it cannot be read."""
    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowException, OSError):
        return None
