"""A temporary file of rows as Arrow record batches: texts wait on disk, not in memory, while a build decides."""

from __future__ import annotations

import os
from itertools import pairwise
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
import pyarrow as pa

from saaf.corpus.parquet import replace_surrogates
from saaf.corpus.schema import DOCUMENTS
from saaf.dedupe.columns import Column

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

ROWS = DOCUMENTS.append(pa.field("original", pa.string()))
"""The columns of a row: those of documents.parquet, and the text as read, null where it is the clean text."""

_ROWS_PER_BATCH = 1_000
_CHARACTERS_PER_BATCH = 1 << 24  # of rows that are appended one at a time: they wait in memory as objects
_BYTES_PER_TAKE = 1 << 26  # of texts that are read together, with what it takes to put them in order 128 MB


class RowSource(Protocol):
    """What rows are read from: a `RowStore`, or a view of one."""

    def take(self, numbers: Sequence[int]) -> pa.Table:
        """Return the rows of these numbers, counted from 0, in that order, as a table of `ROWS`."""


class RowStore:
    """Append-only file of record batches with random access by row number; a context manager that closes the file.

    Batches are mapped into memory, not read. The file is the caller's to delete.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream = path.open("w+b")
        self._places: list[tuple[int, int]] = []  # of each batch in the file: position and length in bytes
        self._starts = [0]  # the number of the first row of each batch, and of the row after the last
        self._waiting: list[Mapping[str, object]] = []
        self._waiting_characters = 0
        self._mapped: list[pa.RecordBatch] = []
        self._sizes: list[NDArray[np.int64]] = []  # of the rows of each batch: bytes of both texts

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._mapped = []
        self._stream.close()

    def append(self, row: Mapping[str, object]) -> int:
        """Add a row of `ROWS` and return its number: 0, 1, 2 …"""
        text, original = row["text"], row["original"]
        self._waiting.append({**row, "original": None} if original == text else row)
        self._waiting_characters += len(str(text)) + len(str(original))
        number = self._starts[-1] + len(self._waiting) - 1
        if len(self._waiting) == _ROWS_PER_BATCH or self._waiting_characters >= _CHARACTERS_PER_BATCH:
            self._write_waiting()
        return number

    def append_batch(self, batch: pa.RecordBatch) -> int:
        """Add rows of `ROWS` and return the number of the first."""
        self._write_waiting()
        first = self._starts[-1]
        if batch.num_rows:
            message = batch.serialize()
            self._places.append((self._stream.seek(0, 2), message.size))
            self._stream.write(message)
            self._starts.append(first + batch.num_rows)
            self._sizes.append(text_sizes(batch["text"]) + text_sizes(batch["original"]))
        return first

    def _write_waiting(self) -> None:
        rows, self._waiting, self._waiting_characters = self._waiting, [], 0
        if rows:
            self.append_batch(record_batch(rows))

    def take(self, numbers: Sequence[int] | NDArray[np.int64], columns: Sequence[str] | None = None) -> pa.Table:
        """Return rows in the order of their numbers, all columns where None. Raises IndexError where one is missing."""
        self._map()
        wanted = np.asarray(numbers, np.int64)
        if len(wanted) and not 0 <= wanted.min() <= wanted.max() < self._starts[-1]:
            raise IndexError(f"the store has {self._starts[-1]} rows")
        names = list(columns or ROWS.names)
        batch_of = np.searchsorted(np.array(self._starts), wanted, side="right") - 1
        order = np.argsort(batch_of, kind="stable")
        parts = []
        for run in np.split(order, np.flatnonzero(np.diff(batch_of[order])) + 1) if len(order) else []:
            number = int(batch_of[run[0]])
            rows = wanted[run] - self._starts[number]
            parts.append(_rows_of(self._mapped[number].select(names), rows))
        schema = pa.schema([ROWS.field(name) for name in names])
        table = pa.Table.from_batches(parts, schema)
        if np.all(np.diff(order) == 1):
            return table
        position = np.empty_like(order)
        position[order] = np.arange(len(order))
        return table.combine_chunks().take(pa.array(position))

    def groups(self, numbers: Sequence[int]) -> Iterator[Sequence[int]]:
        """Yield the numbers in groups whose rows can be taken together: 64 MB of texts, or one row."""
        if not len(numbers):
            return
        self._map()
        ends = np.cumsum(np.concatenate(self._sizes)[np.asarray(numbers, np.int64)])
        cuts = np.flatnonzero(np.diff(ends // _BYTES_PER_TAKE)) + 1
        for start, end in pairwise([0, *cuts.tolist(), len(numbers)]):
            yield numbers[start:end]

    def texts(self, numbers: Sequence[int]) -> Column:
        """Return the clean texts of rows, in that order, as a column that is mapped from a file which is deleted."""
        sizes = [np.zeros(1, np.int64)]
        with TemporaryFile(dir=self._path.parent) as stream:
            for group in self.groups(numbers):
                for chunk in self.take(group, ["text"]).column("text").chunks:
                    sizes.append(text_sizes(chunk))
                    stream.write(text_bytes(chunk))
            stream.flush()
            offsets = np.cumsum(np.concatenate(sizes))
            data = np.asarray(np.memmap(stream, np.uint8, "r")) if offsets[-1] else np.zeros(0, np.uint8)
        return Column(data, offsets)

    def _map(self) -> None:
        """Map the batches into memory that were written since the last time."""
        self._write_waiting()
        new = self._places[len(self._mapped) :]
        if new:
            self._stream.flush()
            with pa.memory_map(os.fsencode(self._path)) as file:  # as bytes: a path need not be UTF-8
                for position, length in new:
                    file.seek(position)
                    self._mapped.append(pa.ipc.read_record_batch(file.read_buffer(length), ROWS))


def record_batch(rows: Sequence[Mapping[str, object]]) -> pa.RecordBatch:
    """Return rows of `ROWS` as a record batch; a lone surrogate, which UTF-8 has not, becomes U+FFFD."""
    try:
        return pa.RecordBatch.from_pylist(list(rows), schema=ROWS)
    except UnicodeEncodeError:
        return pa.RecordBatch.from_pylist([replace_surrogates(row) for row in rows], schema=ROWS)


def with_column(table: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    """Return a table with other values in a column."""
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(place), values)


def text_column(texts: pa.Array) -> Column:
    """Return a string column without nulls as the search for near-duplicates takes it, without a copy of the texts."""
    data = texts.buffers()[2]
    return Column(np.frombuffer(data or b"", np.uint8), _offsets(texts).astype(np.int64))


def text_sizes(texts: pa.Array) -> NDArray[np.int64]:
    """Return the number of bytes of each text of a string column, int64[n]; 0 where it is null."""
    return np.diff(_offsets(texts)).astype(np.int64)


def text_bytes(texts: pa.Array) -> memoryview:
    """Return the UTF-8 of the texts of a string column, one after the other."""
    offsets, data = _offsets(texts), texts.buffers()[2]
    return memoryview(data)[offsets[0] : offsets[-1]] if data is not None else memoryview(b"")


def _offsets(texts: pa.Array) -> NDArray[np.int32]:
    buffer = texts.buffers()[1]
    if buffer is None or not len(texts):
        return np.zeros(len(texts) + 1, np.int32)
    return np.frombuffer(buffer, np.int32)[texts.offset : texts.offset + len(texts) + 1]


def _rows_of(batch: pa.RecordBatch, rows: NDArray[np.int64]) -> pa.RecordBatch:
    """Return rows of a batch, without a copy where they follow each other."""
    if rows[-1] - rows[0] == len(rows) - 1 and np.all(np.diff(rows) == 1):
        return batch.slice(int(rows[0]), len(rows))
    return batch.take(pa.array(rows))
