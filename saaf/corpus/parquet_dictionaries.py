"""Columns of strings that a Parquet file holds as a dictionary: read as such, and spelled out a few rows at a time.

The dictionary says how long the longest string is at most, not how long those of some rows are: read as strings, a
batch could only have as many rows as the longest string of each column allows.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import pyarrow.parquet as pq


def dictionary_columns(metadata: pq.FileMetaData, names: Collection[str], group: int) -> list[str]:
    """Return those of the columns `names` that hold strings and have a dictionary in a row group."""
    if not 0 <= group < metadata.num_row_groups:
        return []
    chunks = [metadata.row_group(group).column(number) for number in range(metadata.num_columns)]
    fields = {field.name: field.type for field in metadata.schema.to_arrow_schema()}
    return [
        chunk.path_in_schema
        for chunk in chunks
        if chunk.path_in_schema in names
        and chunk.has_dictionary_page
        and _is_string(fields.get(chunk.path_in_schema, pa.null()))
    ]


def _is_string(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    checks = (pa.types.is_string, pa.types.is_binary, pa.types.is_large_string, pa.types.is_large_binary)
    return any(check(kind) for check in checks)


def spelled_out(batch: pa.RecordBatch, names: Collection[str], limit: int) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a batch with the strings of the columns `names`, which are dictionaries in it.

    Each batch has strings of up to `limit` bytes in these columns, without those of its first row.
    """
    found = [name for name in names if pa.types.is_dictionary(batch.schema.field(name).type)]
    if not found:
        yield batch
        return
    sizes = sum((_sizes(batch[name]) for name in found), np.zeros(batch.num_rows, np.int64))
    cuts = np.flatnonzero(np.diff(np.cumsum(sizes) // limit)) + 1
    for start, end in pairwise([0, *cuts.tolist(), batch.num_rows]):
        part = batch.slice(start, end - start)
        for name in found:
            part = part.set_column(part.schema.get_field_index(name), name, part[name].dictionary_decode())
        yield part


def _sizes(column: pa.DictionaryArray) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the bytes of the string of each row."""
    lengths = pc.cast(pc.fill_null(pc.binary_length(column.dictionary), 0), pa.int64())
    return np.asarray(pc.fill_null(lengths.take(column.indices), 0).to_numpy(zero_copy_only=False), np.int64)
