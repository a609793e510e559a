"""Rows of documents as Arrow record batches, and their texts as columns of bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa

from saaf.corpus.parquet import replace_surrogates
from saaf.corpus.schema import DOCUMENTS
from saaf.corpus.text_columns import TEXT_COLUMNS
from saaf.dedupe.columns import Column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

ROWS = DOCUMENTS.append(pa.field("original", pa.string()))
"""The columns of a row: those of data/, and the text as read, null where it is the clean text."""

_MEASURED = frozenset(field.name for field in TEXT_COLUMNS)
UNMEASURED_ROWS = pa.schema([field for field in ROWS if field.name not in _MEASURED])
"""The columns of a row whose text nobody measures: a million such rows take 300 MB less in the files between stages."""


class RowSource(Protocol):
    """What rows are read from."""

    def take(self, numbers: Sequence[int], columns: Sequence[str] | None = None) -> pa.Table:
        """Return the rows of these numbers, counted from 0, in that order, as a table of these columns of `ROWS`.

        All columns where `columns` is None.
        """


def record_batch(rows: Sequence[Mapping[str, object]], schema: pa.Schema = ROWS) -> pa.RecordBatch:
    """Return the columns of a schema of rows as a batch; a lone surrogate, which UTF-8 has not, becomes U+FFFD."""
    try:
        return pa.RecordBatch.from_pylist(list(rows), schema=schema)
    except UnicodeEncodeError:
        return pa.RecordBatch.from_pylist([replace_surrogates(row) for row in rows], schema=schema)


def complete_table(table: pa.Table, names: Sequence[str]) -> pa.Table:
    """Return the columns `names` of `ROWS` of a table; those that it lacks are null."""
    if table.column_names == names:
        return table
    own = set(table.column_names)
    columns = [table[name] if name in own else pa.nulls(table.num_rows, ROWS.field(name).type) for name in names]
    return pa.table(columns, schema=pa.schema([ROWS.field(name) for name in names]))


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
