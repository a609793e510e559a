"""Shards: a sorted table as Parquet files of bounded size, cut by its rows alone, so that the same rows give the same
bytes however they arrive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from saaf.corpus.file_names import SPLIT, shard_name
from saaf.corpus.parquet import write_row_groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

SORTED_BY = ("url", "id")
"""The columns that documents and originals are sorted by, null first."""
GROUP_BYTES = 16 << 20  # of texts: a reader holds a few of these, and skips the others by their statistics
GROUP_ROWS = 50_000
SHARD_BYTES = 1 << 30  # of texts, some 400 MB of file: what the Hub and Spark like to read at once
_WRITTEN = ".shard"


def write_shards(
    directory: Path,
    tables: Iterable[pa.Table | pa.RecordBatch],
    schema: pa.Schema,
    *,
    prefix: str = SPLIT,
    sorted_by: Sequence[str] = SORTED_BY,
    shard_bytes: int = SHARD_BYTES,
    group_bytes: int = GROUP_BYTES,
) -> list[Path]:
    """Write rows to `directory` as prefix-00000-of-000NN.parquet and return the paths: one file without rows for none.

    The tables have the columns of `schema`, in any order and beside others, and are sorted by `sorted_by` (null first,
    texts by code points) from the first row to the last. A row group ends with the row that brings its texts, of all
    columns, to `group_bytes` bytes, or with row 50,000; a shard ends with the row group that brings its texts to
    `shard_bytes`.
    One row group is in memory. Raises ValueError where the rows are not sorted.
    """
    for left in directory.glob(f"{prefix}-*{_WRITTEN}"):  # of a process that was killed
        left.unlink()
    written: list[Path] = []
    groups = _Groups(_checked(_row_groups(tables, schema, group_bytes), sorted_by))
    while not written or groups.more():
        path = directory / f"{prefix}-{len(written):05}{_WRITTEN}"  # its name ends with the number of all
        write_row_groups(path, groups.take(shard_bytes), schema, sorted_by=sorted_by)
        written.append(path)
    names = [directory / shard_name(prefix, number, len(written)) for number in range(len(written))]
    for path, name in zip(written, names, strict=True):
        path.replace(name)
    return names


def write_shard(
    path: Path,
    tables: Iterable[pa.Table | pa.RecordBatch],
    schema: pa.Schema,
    *,
    sorted_by: Sequence[str] = SORTED_BY,
    group_bytes: int = GROUP_BYTES,
) -> int:
    """Write rows to one file, as `write_shards` does, and return their number."""
    groups = _checked(_row_groups(tables, schema, group_bytes), sorted_by)
    return write_row_groups(path, groups, schema, sorted_by=sorted_by)


class _Groups:
    """Row groups that are taken shard by shard; one is read ahead, to know whether there is another shard."""

    def __init__(self, groups: Iterator[pa.Table]) -> None:
        self._groups = groups
        self._next = next(groups, None)

    def more(self) -> bool:
        return self._next is not None

    def take(self, shard_bytes: int) -> Iterator[pa.Table]:
        """Yield the row groups of the next shard."""
        size = 0
        while self._next is not None and size < shard_bytes:
            size += sum(_text_bytes(self._next).to_pylist())
            yield self._next
            self._next = next(self._groups, None)


def _row_groups(tables: Iterable[pa.Table | pa.RecordBatch], schema: pa.Schema, group_bytes: int) -> Iterator[pa.Table]:
    """Yield the rows in tables of the size of a row group, each column in one piece: pages are cut by pieces too."""
    held: list[pa.Table] = []
    size = rows = 0
    for given in tables:
        table = _as_table(given, schema)
        start = 0
        for row, length in enumerate(_text_bytes(table).to_pylist(), start=1):
            size += length
            rows += 1
            if size >= group_bytes or rows == GROUP_ROWS:
                yield pa.concat_tables([*held, table.slice(start, row - start)]).combine_chunks()
                held, size, rows, start = [], 0, 0, row
        if start < table.num_rows:
            held.append(table.slice(start))
    if held:
        yield pa.concat_tables(held).combine_chunks()


def _as_table(given: pa.Table | pa.RecordBatch, schema: pa.Schema) -> pa.Table:
    table = pa.Table.from_batches([given]) if isinstance(given, pa.RecordBatch) else given
    return table.select(schema.names).cast(schema)


def _text_bytes(table: pa.Table) -> pa.ChunkedArray:
    """Return the bytes of the texts of each row, and 16 for each element of a list."""
    total = pa.chunked_array([pa.repeat(0, table.num_rows).cast(pa.int64())])
    for column in table.columns:
        if pa.types.is_list(column.type):
            total = pc.add(total, pc.multiply(pc.fill_null(pc.list_value_length(column), 0), 16))
        elif pa.types.is_string(column.type) or pa.types.is_binary(column.type):
            total = pc.add(total, pc.fill_null(pc.binary_length(column), 0))
    return total


def _checked(groups: Iterator[pa.Table], sorted_by: Sequence[str]) -> Iterator[pa.Table]:
    """Yield the groups. Raises ValueError where rows are not in order: readers trust the footer and skip rows."""
    last: pa.Table | None = None
    for group in groups:
        keys = group.select(list(sorted_by))
        row = _unsorted_row(keys if last is None else pa.concat_tables([last, keys]).combine_chunks())
        if row is not None:
            raise ValueError(f"the rows are not sorted by {', '.join(sorted_by)}: see {row}")
        last = keys.slice(keys.num_rows - 1)
        yield group


def _unsorted_row(keys: pa.Table) -> dict[str, object] | None:
    """Return the keys of the first row that belongs before the row above it, None where there is none."""
    equal = before = None
    for column in (pc.fill_null(keys[name], "") for name in keys.column_names):
        above, below = column.slice(0, len(column) - 1), column.slice(1)
        less, same = pc.less(below, above), pc.equal(below, above)
        before = less if before is None else pc.or_(before, pc.and_(equal, less))
        equal = same if equal is None else pc.and_(equal, same)
    row = -1 if before is None else pc.index(before, True).as_py()
    return None if row < 0 else dict(keys.slice(row + 1, 1).to_pylist()[0])
