"""Sums by key over any number of rows in bounded memory: ten million hosts wait in temporary files, not in memory."""

from __future__ import annotations

import zlib
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

MAX_ROWS = 1 << 18
"""Groups in memory, with a key of 30 characters and ten sums 30 MB, before they are written to temporary files."""

_BUCKETS = 64


class GroupSums:
    """Sums of the rows of many tables by the values of `keys`, string columns without nulls.

    `sums` are the columns that are added up, `least` those of which the smallest value counts. Beyond `max_rows` groups
    they go to temporary files in `directory` (None: that of the system), which are gone with the object.
    """

    def __init__(
        self,
        keys: Sequence[str],
        sums: Sequence[str],
        *,
        least: Sequence[str] = (),
        directory: Path | None = None,
        max_rows: int = MAX_ROWS,
    ) -> None:
        self._keys = list(keys)
        self._aggregations = [*((name, "sum") for name in sums), *((name, "min") for name in least)]
        self._directory = directory
        self._max_rows = max_rows
        self._waiting: list[pa.Table] = []
        self._rows = 0
        self._stack = ExitStack()
        self._files: list[IO[bytes]] = []
        self._writers: list[pa.RecordBatchStreamWriter] = []

    def add(self, table: pa.Table) -> None:
        """Add the rows of a table with the columns of keys and sums, int64 or float64, in any order."""
        part = self._aggregate(table)
        self._waiting.append(part)
        self._rows += part.num_rows
        if self._rows > self._max_rows:
            self._compact()

    def tables(self) -> Iterator[pa.Table]:
        """Yield the groups, each in one of the tables, in no order; nothing is added afterwards."""
        if not self._files:
            if self._waiting:
                self._compact(spill=False)
                yield self._waiting[0]
            return
        self._compact(spill=True)
        for writer in self._writers:
            writer.close()
        with self._stack:
            for file in self._files:
                file.seek(0)
                yield self._aggregate(pa.ipc.open_stream(file).read_all())

    def _aggregate(self, table: pa.Table) -> pa.Table:
        names = [name for name, _ in self._aggregations]
        grouped = table.group_by(self._keys, use_threads=False).aggregate(self._aggregations)
        return grouped.select([*self._keys, *(f"{name}_{how}" for name, how in self._aggregations)]).rename_columns(
            [*self._keys, *names]
        )

    def _compact(self, *, spill: bool | None = None) -> None:
        """Make one table of those that wait, and write it to the files where it is still large, or where told to."""
        if not self._waiting:
            return
        table = self._aggregate(pa.concat_tables(self._waiting))
        self._waiting, self._rows = [table], table.num_rows
        if spill if spill is not None else table.num_rows > self._max_rows // 2:
            self._spill(table)
            self._waiting, self._rows = [], 0

    def _spill(self, table: pa.Table) -> None:
        if not self._files:
            with ExitStack() as stack:
                self._files = [stack.enter_context(TemporaryFile(dir=self._directory)) for _ in range(_BUCKETS)]
                self._stack = stack.pop_all()
            self._writers = [pa.ipc.new_stream(file, table.schema) for file in self._files]
        columns = [table[name].to_pylist() for name in self._keys]
        joined = ("\0".join(values) for values in zip(*columns, strict=True))
        buckets = np.fromiter((zlib.crc32(key.encode()) % _BUCKETS for key in joined), np.int64, table.num_rows)
        for bucket, writer in enumerate(self._writers):
            rows = np.flatnonzero(buckets == bucket)
            if len(rows):
                writer.write_table(table.take(pa.array(rows)))


def first_rows(tables: Iterable[pa.Table], order: Sequence[tuple[str, str]], most: int) -> pa.Table | None:
    """Return the first `most` rows of all tables in an order of (column, "ascending" or "descending"), None for none.

    The order is total, so that equal rows do not come in the order of the tables.
    """
    found: pa.Table | None = None
    for table in tables:
        found = table if found is None else pa.concat_tables([found, table])
        if found.num_rows > most:
            found = found.take(pc.select_k_unstable(found, most, sort_keys=list(order)))
    return found if found is None or not found.num_rows else found.sort_by(list(order))
