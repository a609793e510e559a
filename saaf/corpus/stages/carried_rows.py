"""The columns that were carried through, read back: of all partitions with one schema."""

from __future__ import annotations

import json
import mmap
from functools import cached_property
from itertools import count, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from saaf.corpus.column_types import convert, merge_columns, published_type, text_of, to_array
from saaf.corpus.schema import DOCUMENTS
from saaf.corpus.stages.carried import JSON, MOST_COLUMNS, OTHERS, PLACES, TYPES, file_name
from saaf.corpus.table_fields import column

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from saaf.corpus.stages.tasks import TaskFiles

_LEAST_ROWS = 1_000
_BYTES_AT_ONCE = 1 << 25
_COMMENT = "carried through from the input; null where an input has no such column"


def merged_schema(tasks: Sequence[TaskFiles]) -> pa.Schema:
    """Return the carried columns of all partitions, in the order in which they first appear, each of one type.

    Of those beyond `MOST_COLUMNS` the values are in `OTHERS`. Columns of documents come first, with their own types:
    older documents of a corpus have such.
    """
    kinds: dict[str, pa.DataType] = {}
    for task in tasks:
        path = task.path(TYPES)
        if path.exists():
            schema = pa.ipc.read_schema(pa.py_buffer(path.read_bytes()))
            merge_columns(kinds, {each.name: each.type for each in schema})
    has_others = kinds.pop(OTHERS, None) is not None or len(kinds) > MOST_COLUMNS
    names = [name for name in kinds if name not in DOCUMENTS.names][:MOST_COLUMNS]
    fields = [field.with_nullable(True) for field in DOCUMENTS if field.name in kinds]
    fields += [column(name, published_type(kinds[name]), _COMMENT, nullable=True) for name in names]
    if has_others:
        fields.append(column(OTHERS, pa.string(), "other columns of the input, as JSON", nullable=True))
    return pa.schema(fields)


def published_fields(carried: pa.Schema) -> list[pa.Field]:
    """Return the columns that documents have beside their own."""
    return [field for field in carried if field.name not in DOCUMENTS.names]


def beside(table: pa.Table, carried: pa.Table) -> pa.Table:
    """Return documents with their carried columns; older values of columns of documents are where they have none."""
    for field, values in zip(carried.schema, carried.columns, strict=True):
        place = table.schema.get_field_index(field.name)
        if place < 0:
            table = table.append_column(field, values)
        else:
            table = table.set_column(place, table.schema.field(place), _filled(table[field.name], values))
    return table


def _filled(own: pa.ChunkedArray, older: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column with older values where it has none: is null, or an empty list."""
    is_list = pa.types.is_list(own.type)
    missing = pc.equal(pc.fill_null(pc.list_value_length(own), 0), 0) if is_list else pc.is_null(own)
    return pc.if_else(pc.and_(missing, pc.is_valid(older)), older, own)


class CarriedRows:
    """The carried columns of all partitions, by the numbers of rows; `starts` is that of `PartitionRows`."""

    def __init__(self, tasks: Sequence[TaskFiles], starts: NDArray[np.int64], schema: pa.Schema) -> None:
        self._tasks, self._starts, self.schema = tasks, starts, schema
        self._partitions: dict[int, _Partition] = {}

    @cached_property
    def rows_at_once(self) -> int:
        """The number of rows whose columns take about 32 MB in the files of all partitions, `_LEAST_ROWS` at least."""
        size = sum(path.stat().st_size for task in self._tasks for path in _files_of(task))
        return max(_BYTES_AT_ONCE * int(self._starts[-1]) // max(size, 1), _LEAST_ROWS)

    def take(self, numbers: Sequence[int] | NDArray[np.int64]) -> pa.Table:
        """Return the columns of rows, in that order, with one schema; null where a row has no such column."""
        wanted = np.asarray(numbers, np.int64)
        partition_of = np.searchsorted(self._starts, wanted, side="right") - 1
        tables, places = [], []
        for partition in np.unique(partition_of).tolist():
            mine = np.flatnonzero(partition_of == partition)
            for chosen, table in self._open(partition).take(wanted[mine] - self._starts[partition], self.schema):
                tables.append(table)
                places.append(mine[chosen])
        if not tables:
            return self.schema.empty_table()
        order = np.argsort(np.concatenate(places), kind="stable")
        return pa.concat_tables(tables).take(pa.array(order))

    def _open(self, partition: int) -> _Partition:
        if partition not in self._partitions:
            self._partitions[partition] = _Partition(self._tasks[partition])
        return self._partitions[partition]


def _files_of(task: TaskFiles) -> Iterator[Path]:
    """Yield the files with the carried columns of a partition."""
    return takewhile(Path.exists, (task.path(file_name(number)) for number in count()))


class _Partition:
    """The carried columns of one partition, whose files are mapped into memory."""

    def __init__(self, task: TaskFiles) -> None:
        self._task = task
        path = task.path(PLACES)
        runs = np.load(path) if path.exists() else np.zeros((0, 2), np.int64)
        self._files = np.repeat(runs[:, 0], runs[:, 1])
        self._rows = np.zeros(len(self._files), np.int64)
        for number in np.unique(self._files).tolist():
            mine = self._files == number
            self._rows[mine] = np.arange(int(mine.sum()))
        self._readers: dict[int, tuple[pa.ipc.RecordBatchFileReader, NDArray[np.int64]]] = {}

    def take(self, rows: NDArray[np.int64], schema: pa.Schema) -> Iterator[tuple[NDArray[np.int64], pa.Table]]:
        """Yield positions in `rows`, and their columns."""
        files = self._files[rows] if len(self._files) else np.full(len(rows), -1, np.int64)
        for number in np.unique(files).tolist():
            mine = np.flatnonzero(files == number)
            if number < 0:
                yield mine, pa.table([pa.nulls(len(mine), each.type) for each in schema], schema=schema)
                continue
            own = self._rows[rows[mine]]
            order = np.argsort(own, kind="stable")
            yield mine[order], _with_schema(pa.Table.from_batches(list(self._batches(number, own[order]))), schema)

    def _batches(self, number: int, rows: NDArray[np.int64]) -> Iterator[pa.RecordBatch]:
        reader, starts = self._open(number)
        batch_of = np.searchsorted(starts, rows, side="right") - 1
        for batch in np.unique(batch_of).tolist():
            yield reader.get_batch(batch).take(pa.array(rows[batch_of == batch] - starts[batch]))

    def _open(self, number: int) -> tuple[pa.ipc.RecordBatchFileReader, NDArray[np.int64]]:
        if number not in self._readers:
            with self._path(number).open("rb") as stream:
                mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            reader = pa.ipc.open_file(pa.py_buffer(mapped))
            sizes = [reader.get_batch(each).num_rows for each in range(reader.num_record_batches)]
            self._readers[number] = (reader, np.cumsum([0, *sizes], dtype=np.int64)[:-1])
        return self._readers[number]

    def _path(self, number: int) -> Path:
        return self._task.path(file_name(number))


def _with_schema(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return rows of a file with the columns of all."""
    if table.schema.equals(JSON):
        return _from_json(table["json"].to_pylist(), schema)
    left = [name for name in table.column_names if name not in schema.names and OTHERS in schema.names]
    known = [name for name in table.column_names if name in schema.names]
    columns = {name: convert(table[name], schema.field(name).type) for name in known}
    if left:
        columns[OTHERS] = _others(table.select(left).to_pylist(), left)
    arrays = [columns.get(each.name, pa.nulls(table.num_rows, each.type)) for each in schema]
    return pa.table(arrays, schema=schema)


def _from_json(texts: Sequence[str], schema: pa.Schema) -> pa.Table:
    rows: list[dict[str, Any]] = [json.loads(text) for text in texts]
    arrays = [to_array([row.get(each.name) for row in rows], each.type) for each in schema]
    if OTHERS in schema.names:
        left = list(dict.fromkeys(name for row in rows for name in row if name not in schema.names))
        arrays[schema.get_field_index(OTHERS)] = _others(rows, left)
    return pa.table(arrays, schema=schema)


def _others(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> pa.Array:
    """Return the values of columns that are no columns of the corpus, as JSON; null where a row has none."""
    left = set(names)
    found = ({name: value for name, value in row.items() if name in left and value is not None} for row in rows)
    return pa.array([text_of(each) if each else None for each in found], pa.string())
