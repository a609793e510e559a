"""Rows of any Parquet file, a batch in memory at a time."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_BATCH_ROWS = 256


def column_names(path: Path) -> list[str]:
    """Return the names of the columns of a file. Raises pyarrow's ArrowException or OSError where it cannot be read."""
    with _open(path) as file:
        return list(file.schema_arrow.names)


def rows(path: Path, columns: Sequence[str]) -> Iterator[dict[str, object]]:
    """Yield the rows of a file with these columns; strings that are not UTF-8 have U+FFFD for what is not."""
    with _open(path) as file:
        for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=list(columns)):
            values = [_values(column) for column in batch.columns]
            yield from (dict(zip(batch.schema.names, row, strict=True)) for row in zip(*values, strict=True))


def _open(path: Path) -> pq.ParquetFile:
    # As bytes: pyarrow refuses a path of type str that is not UTF-8, as the name of an input may be.
    return pq.ParquetFile(pa.OSFile(os.fsencode(path)))


def _values(column: pa.Array) -> list[object]:
    """Return the values of a column; bytes that are no UTF-8, such as half surrogate pairs, become U+FFFD."""
    try:
        return list(column.to_pylist())
    except UnicodeDecodeError:  # Arrow checks no string that it reads from a file
        raw = column.cast(pa.large_binary()).to_pylist()
        return [None if value is None else value.decode("utf-8", "replace") for value in raw]
