"""The rows of all partitions, numbered through, and their summaries: what the later stages decide by and write from."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from itertools import pairwise
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from saaf.corpus.outcomes import DocumentSummary
from saaf.corpus.parquet import ROW_GROUP_ROWS
from saaf.corpus.row_tables import ROWS, complete_table, text_bytes, text_sizes
from saaf.corpus.stages.row_output import ROW_FILE, SUMMARY
from saaf.corpus.stages.sketch_files import SketchFiles
from saaf.dedupe.columns import Column

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from numpy.typing import NDArray

    from saaf.corpus.row_tables import RowSource
    from saaf.corpus.stages.tasks import TaskFiles
    from saaf.dedupe import Settings

_ROWS_AT_ONCE = 1_000
_ROWS_PER_TAKE = 10_000  # of texts: fewer are spread too thin over the batches of all partitions
_BYTES_PER_CHARACTER = 2  # of texts, about
_BYTES_PER_TAKE = 1 << 25  # of texts that are read together, with what it takes to put them in order 64 MB


class PartitionRows:
    """The rows that the stage `rows` wrote, by number: those of the first partition first.

    `starts` int64[p + 1] has the number of the first row of each partition, and of the row after the last. Files are
    mapped into memory when a row of theirs is taken.
    """

    def __init__(self, tasks: Sequence[TaskFiles]) -> None:
        self._tasks = tasks
        counts = [(task.result() or {})["rows"] for task in tasks]
        self.starts = np.cumsum([0, *counts], dtype=np.int64)
        self._batch_starts: dict[int, NDArray[np.int64]] = {}

    def summaries(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the summaries of all rows, in order, with the column `number`; all other columns where None."""
        return pa.concat_tables(self.summary_parts(columns))

    def summary_parts(self, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Yield the summaries of the rows of each partition, as `summaries` does."""
        for start, task in zip(self.starts.tolist(), self._tasks, strict=False):
            table = pq.read_table(task.path(SUMMARY), columns=None if columns is None else ["row", *columns])
            numbers = pa.array(table["row"].to_numpy() + start)
            yield table.drop_columns("row").append_column("number", numbers)

    def summaries_of(self, numbers: NDArray[np.int64], columns: Sequence[str] | None = None) -> pa.Table:
        """Return the summaries of some rows, by ascending number, reading those of one partition at a time."""
        wanted = np.sort(numbers)
        cuts = np.searchsorted(wanted, self.starts)
        parts = zip(self.summary_parts(columns), pairwise(cuts.tolist()), self.starts.tolist(), strict=False)
        return pa.concat_tables(
            table.take(pa.array(wanted[first:last] - start)) for table, (first, last), start in parts
        )

    @property
    def count(self) -> int:
        """The number of rows."""
        return int(self.starts[-1])

    def sketches(self, settings: Settings) -> SketchFiles:
        """Return the sketches of the texts of all rows."""
        return SketchFiles(self._tasks, self.starts, settings)

    def take(self, numbers: Sequence[int] | NDArray[np.int64], columns: Sequence[str] | None = None) -> pa.Table:
        """Return rows in the order of their numbers, all columns of `ROWS` where None."""
        wanted = np.asarray(numbers, np.int64)
        names = list(columns or ROWS.names)
        partition_of = np.searchsorted(self.starts, wanted, side="right") - 1
        order = np.lexsort((wanted, partition_of))
        parts: list[pa.RecordBatch] = []
        for run in np.split(order, np.flatnonzero(np.diff(partition_of[order])) + 1) if len(order) else []:
            partition = int(partition_of[run[0]])
            parts.extend(self._rows_of(partition, wanted[run] - self.starts[partition], names))
        own = parts[0].schema.names if parts else names  # all partitions of a build have the same columns
        schema = pa.schema([ROWS.field(name) for name in own])
        table = pa.Table.from_batches(parts, schema)
        if np.all(np.diff(order) == 1):
            return complete_table(table, names)
        position = np.empty_like(order)
        position[order] = np.arange(len(order))
        return complete_table(table.combine_chunks().take(pa.array(position)), names)

    def _rows_of(self, partition: int, rows: NDArray[np.int64], names: list[str]) -> Iterator[pa.RecordBatch]:
        """Yield rows of a partition, ascending, batch by batch."""
        reader, starts = self._open(partition, names)
        batch_of = np.searchsorted(starts, rows, side="right") - 1
        for run in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(batch_of)) + 1):
            number = int(batch_of[run[0]])
            wanted = rows[run] - starts[number]
            batch = reader.get_batch(number)
            own = set(batch.schema.names)
            batch = batch.select([name for name in names if name in own])
            if np.all(np.diff(wanted) == 1):
                batch = batch.slice(int(wanted[0]), len(wanted))
            else:
                batch = batch.take(pa.array(wanted))
            yield batch

    def _open(self, partition: int, names: Sequence[str]) -> tuple[pa.ipc.RecordBatchFileReader, NDArray[np.int64]]:
        """Map the columns `names` of the rows of a partition, and return the first row of each batch too.

        The map is let go with the reader: what was read of all partitions would else count as memory of this process.
        """
        with self._tasks[partition].path(ROW_FILE).open("rb") as stream:
            mapped = pa.py_buffer(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
        reader = pa.ipc.open_file(mapped)
        columns = [place for place, name in enumerate(reader.schema.names) if name in names]
        if partition not in self._batch_starts:
            one = _with_columns(mapped, columns[:1])
            sizes = [one.get_batch(number).num_rows for number in range(one.num_record_batches)]
            self._batch_starts[partition] = np.cumsum([0, *sizes], dtype=np.int64)[:-1]
        is_part = len(columns) < len(reader.schema)
        return _with_columns(mapped, columns) if is_part else reader, self._batch_starts[partition]

    def texts(self, numbers: Sequence[int] | NDArray[np.int64]) -> Column:
        """Return the clean texts of rows, in that order, as a column that is mapped from a file which is deleted."""
        wanted = np.asarray(numbers, np.int64)
        sizes = [np.zeros(1, np.int64)]
        with TemporaryFile(dir=self._tasks[0].directory) as stream:
            for group in np.array_split(wanted, max(len(wanted) // _ROWS_PER_TAKE, 1)):
                for chunk in self.take(group, ["text"]).column("text").chunks:
                    sizes.append(text_sizes(chunk))
                    stream.write(text_bytes(chunk))
            stream.flush()
            offsets = np.cumsum(np.concatenate(sizes))
            data = np.asarray(np.memmap(stream, np.uint8, "r")) if offsets[-1] else np.zeros(0, np.uint8)
        return Column(data, offsets)


def _with_columns(mapped: pa.Buffer, columns: list[int]) -> pa.ipc.RecordBatchFileReader:
    """Return a reader of some columns alone: to make the arrays of all takes longer than to take rows of a few."""
    return pa.ipc.open_file(mapped, options=pa.ipc.IpcReadOptions(included_fields=columns))


def row_groups_of(numbers: NDArray[np.int64], sizes: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield the numbers of rows in groups that can be taken together: 32 MB of texts, or one row.

    `sizes` int64[n] are the bytes of their texts.
    """
    if not len(numbers):
        return
    cuts = np.flatnonzero(np.diff(np.cumsum(sizes) // _BYTES_PER_TAKE)) + 1
    for start, end in pairwise([0, *cuts.tolist(), len(numbers)]):
        yield numbers[start:end]


def taken_row_groups(
    rows: RowSource, table: pa.Table, start: int, columns: Sequence[str] | None = None
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Yield the row groups of a table of summaries, and the rows that each is of; `start` is the number of the first.

    Rows are taken for several groups at a time: for each, they are looked for in all batches of the partition. A group
    whose rows are in the order of the partition is taken alone, in the pieces that it has there, by which its pages are
    cut.
    """
    numbers = table["number"].to_numpy() + start
    starts = np.arange(0, table.num_rows, ROW_GROUP_ROWS)
    sizes = np.add.reduceat(table["characters"].to_numpy(), starts) * _BYTES_PER_CHARACTER
    ordered = np.array([np.all(np.diff(numbers[first : first + ROW_GROUP_ROWS]) > 0) for first in starts], np.bool_)
    for groups in row_groups_of(np.arange(len(starts)), sizes):
        alone = ordered[groups]
        for run in np.split(groups, np.flatnonzero(alone[1:] | alone[:-1]) + 1):
            first, end = int(starts[run[0]]), int(starts[run[-1]]) + ROW_GROUP_ROWS
            taken = rows.take(numbers[first:end].tolist(), columns)
            for place in range(0, taken.num_rows, ROW_GROUP_ROWS):
                yield table.slice(first + place, ROW_GROUP_ROWS), taken.slice(place, ROW_GROUP_ROWS)


class Summaries(Sequence[DocumentSummary]):
    """The summaries of rows as columns; a `DocumentSummary` is made when it is asked for. Sorted by URL, id and key."""

    def __init__(self, table: pa.Table) -> None:
        urls = table["url"].fill_null("")
        keys = pa.table({"url": urls, "id": table["id"], "key": table["key"]})
        order = pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in keys.column_names])
        self.table = table.take(order).combine_chunks()
        self._columns = {name: self.table[name].chunk(0) for name in self.table.column_names} if len(order) else {}
        self.numbers: NDArray[np.int64] = self.table["number"].to_numpy()
        self._places: dict[int, int] | None = None

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @overload
    def __getitem__(self, index: int) -> DocumentSummary: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[DocumentSummary]: ...
    def __getitem__(self, index: int | slice) -> DocumentSummary | Sequence[DocumentSummary]:
        if isinstance(index, slice):
            return [self[row] for row in range(len(self))[index]]
        if index < 0 or index >= len(self):
            raise IndexError(index)
        return _summary({name: column[index].as_py() for name, column in self._columns.items()})

    def __iter__(self) -> Iterator[DocumentSummary]:
        for batch in self.table.to_batches(max_chunksize=_ROWS_AT_ONCE):
            yield from map(_summary, batch.to_pylist())

    def column(self, name: str) -> list[Any]:
        """Return a field of all summaries."""
        return list(self.table[name].to_pylist())

    def without(self, numbers: Collection[int]) -> Summaries:
        """Return the summaries but those of some rows."""
        return Summaries(self.table.filter(pa.array(~np.isin(self.numbers, list(numbers)))))

    def only(self, numbers: Collection[int]) -> Summaries:
        """Return the summaries of some rows."""
        return Summaries(self.table.filter(pa.array(np.isin(self.numbers, list(numbers)))))

    def id_of(self, number: int) -> str:
        """Return the id of the document with a number."""
        if self._places is None:
            self._places = {each: place for place, each in enumerate(self.numbers.tolist())}
        return str(self._columns["id"][self._places[number]].as_py())

    def name_of(self, document_id: str) -> str:
        """Return the URL of the document with an id, its key where it has none."""
        summary: DocumentSummary = self[pc.index(self.table["id"], document_id).as_py()]
        return summary.url or summary.key

    def qualities(self) -> Sequence[tuple[float, ...]]:
        """Return the quality of each row."""
        return _Qualities(self._columns["quality"]) if len(self) else []


def _summary(values: dict[str, Any]) -> DocumentSummary:
    del values["bytes"]
    values["quality"] = tuple(values["quality"])
    return DocumentSummary(**values)


class _Qualities(Sequence[tuple[float, ...]]):
    """Tuples of numbers of equal length in one array: a million of them as objects take 300 MB."""

    def __init__(self, column: pa.ListArray) -> None:
        self._values = np.asarray(column.flatten()).reshape(len(column), -1)

    def __len__(self) -> int:
        return len(self._values)

    @overload
    def __getitem__(self, index: int) -> tuple[float, ...]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[tuple[float, ...]]: ...
    def __getitem__(self, index: int | slice) -> tuple[float, ...] | Sequence[tuple[float, ...]]:
        if isinstance(index, slice):
            return [tuple(row) for row in self._values[index].tolist()]
        return tuple(self._values[index].tolist())
