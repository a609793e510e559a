"""Rows of any Parquet file, a batch in memory at a time; neither a page nor a value over its limit is held."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from saaf.corpus.input_paths import RemotePath
from saaf.corpus.limits import parquet_batch_limit, parquet_page_limit
from saaf.corpus.parquet_dictionaries import dictionary_columns, spelled_out
from saaf.corpus.parquet_pages import PageSize, page_sizes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from saaf.corpus.input_paths import InputPath

BATCH_ROWS = 256
"""The most rows of a batch of which pages are made one by one."""
_FEW_ROWS = 16  # of a row group, which gains nothing from dictionaries: beside strings of 40 MB they took 35 MB more
_PROBLEM_CHARACTERS = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_BYTES_TOGETHER = 1 << 22
_BUFFER = 1 << 20  # bytes of a column chunk read at a time: a whole one may have gigabytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LostRows:
    """Rows of a row group that is damaged; `problem` says where and how."""

    problem: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OverLimit:
    """What is over its limit: `what` in words, with its `size` and the `limit` in bytes. `rows` are the rows without
    it.
    """

    what: str
    size: int
    limit: int
    rows: int = 1


def read_schema(path: InputPath) -> pa.Schema:
    """Return the columns of a file. Raises pyarrow's ArrowException or OSError where it cannot be read."""
    return pq.read_schema(_open(path))


def _open(path: InputPath) -> pa.NativeFile:
    if isinstance(path, RemotePath):
        return pa.PythonFile(path.open("rb"), mode="r")
    # As bytes: pyarrow refuses a path of type str that is not UTF-8, as the name of an input may be.
    return pa.OSFile(os.fsencode(path))


def holds_text(kind: pa.DataType) -> bool:
    """Return whether a column holds text or bytes, or nothing at all."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_null(kind) or is_string(kind))


def kind_in_words(kind: pa.DataType) -> str:
    """Return what a column that holds no text holds, in plain words."""
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "a number"
    return "lists or objects" if pa.types.is_nested(kind) else f"values of the type {kind}"


def is_string(kind: pa.DataType) -> bool:
    """Return whether a column holds strings or bytes."""
    return any(
        check(kind)
        for check in (pa.types.is_string, pa.types.is_binary, pa.types.is_large_string, pa.types.is_large_binary)
    ) or str(kind) in ("string_view", "binary_view")


def rows_of(
    batch: pa.RecordBatch, body_limit: int, limited: Sequence[str] = ("text", "html", "url")
) -> Iterator[dict[str, object] | OverLimit]:
    """Yield the rows of a batch; strings that are not UTF-8 have U+FFFD for what is not.

    A row with more than `body_limit` bytes in one of the columns `limited` is an `OverLimit`.
    """
    return (_row(batch, row, body_limit, limited) for row in range(batch.num_rows))


def batches(
    path: InputPath, columns: Sequence[str], body_limit: int, *, most: int, start: int = 0, end: int | None = None
) -> Iterator[pa.RecordBatch | OverLimit | LostRows]:
    """Yield the rows of row groups with these columns in batches of up to `most`; fewer where they may be long.

    They are those of the row groups `[start, end)`, all where `end` is None; strings are unchecked. The rows of a row
    group in which a page is too large to be unpacked are an `OverLimit`, those behind damage a `LostRows`. Raises as
    `read_schema` does.
    """
    metadata = pq.read_metadata(_open(path))
    lean = dictionary_columns(metadata, columns, start)
    with (
        pq.ParquetFile(_open(path), metadata=metadata, buffer_size=_BUFFER) as file,
        pq.ParquetFile(_open(path), metadata=metadata, buffer_size=_BUFFER, read_dictionary=lean) as lean_file,
        path.open("rb") as stream,
    ):
        for group in range(start, file.num_row_groups if end is None else min(end, file.num_row_groups)):
            left = metadata.row_group(group).num_rows
            try:
                is_lean = left > _FEW_ROWS and _has_small_dictionaries(metadata.row_group(group), lean, stream)
                chosen = (lean_file, lean) if is_lean else (file, [])
                for item in _group_batches(*chosen, stream, group, columns, body_limit, most) if left else ():
                    left -= item.num_rows if isinstance(item, pa.RecordBatch) else item.rows
                    yield item
            except (pa.ArrowException, OSError) as error:
                problem = str(error).strip().partition("\n")[0][:_PROBLEM_CHARACTERS]
                if left > 0:
                    yield LostRows(problem=f"row group {group + 1} is damaged: {problem}", rows=left)


def _group_batches(
    file: pq.ParquetFile,
    lean: Sequence[str],
    stream: BinaryIO,
    group: int,
    columns: Sequence[str],
    body_limit: int,
    most: int,
) -> Iterator[pa.RecordBatch | OverLimit]:
    """Yield the rows of one row group; a group without rows has no pages, whatever its offsets say.

    The columns `lean` are read as dictionaries.
    """
    metadata, page_limit = file.metadata.row_group(group), parquet_page_limit(body_limit)
    spelled = _pages_by_column(metadata, [name for name in columns if name not in lean], stream)
    dictionaries = _pages_by_column(metadata, lean, stream)
    largest = max((page.unpacked for sizes in (*spelled, *dictionaries) for page in sizes), default=0)
    if largest > page_limit:
        what = f"a page of row group {group + 1}"
        yield OverLimit(what=what, size=largest, limit=page_limit, rows=metadata.num_rows)
        return

    size = _batch_rows(spelled, dictionaries, parquet_batch_limit(body_limit), most)
    read = file.iter_batches(batch_size=size, row_groups=[group], columns=list(columns))
    yield from read if not lean else chain.from_iterable(spelled_out(each, lean, _BYTES_TOGETHER) for each in read)


def row_group_cuts(path: InputPath, target: int) -> list[int]:
    """Return row groups, sorted, before which a file is cut, for parts of about `target` compressed bytes.

    Raises as `read_schema` does.
    """
    metadata = pq.read_metadata(_open(path))
    cuts: list[int] = []
    held = 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        size = sum(group.column(each).total_compressed_size for each in range(group.num_columns))
        if held and held + size / 2 > target:
            cuts.append(number)
            held = 0
        held += size
    return cuts


def together(
    items: Iterator[pa.RecordBatch | OverLimit | LostRows], most: int
) -> Iterator[pa.RecordBatch | OverLimit | LostRows]:
    """Yield batches that follow each other as one, up to `most` rows and about 4 MB.

    They are read small because of a dictionary each of whose strings may be long.
    """
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    for item in items:
        fits = isinstance(item, pa.RecordBatch) and rows + item.num_rows <= most and size < _BYTES_TOGETHER
        if waiting and not fits:
            yield _concatenated(waiting)
            waiting, rows, size = [], 0, 0
        if not isinstance(item, pa.RecordBatch):
            yield item
        else:
            waiting.append(item)
            rows, size = rows + item.num_rows, size + item.nbytes
    if waiting:
        yield _concatenated(waiting)


def _concatenated(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)  # which copies one too


def _pages_by_column(group: pq.RowGroupMetaData, columns: Sequence[str], stream: BinaryIO) -> list[list[PageSize]]:
    """Return the sizes of the pages of each wanted column, those within a nested one too."""
    found = []
    for index in range(group.num_columns):
        chunk = group.column(index)
        if chunk.path_in_schema.partition(".")[0] in columns or chunk.path_in_schema in columns:
            start = chunk.data_page_offset
            if chunk.has_dictionary_page and 0 < chunk.dictionary_page_offset < start:
                start = chunk.dictionary_page_offset
            found.append(list(page_sizes(stream, start, chunk.total_compressed_size)))
    return found


def _has_small_dictionaries(group: pq.RowGroupMetaData, columns: Sequence[str], stream: BinaryIO) -> bool:
    """Return whether the dictionaries of columns may be held several times; writers make them of 1 MB."""
    pages = (page for pages in _pages_by_column(group, columns, stream) for page in pages if not page.values)
    return all(page.unpacked <= _BYTES_TOGETHER for page in pages)


def _batch_rows(
    columns: Sequence[Sequence[PageSize]], dictionaries: Sequence[Sequence[PageSize]], limit: int, most: int
) -> int:
    """Return the number of rows of a batch: the most, halved from `most`, of which no batch can have more than `limit`
    bytes; 1 where each may. Each has the dictionaries once.
    """
    size = most
    while size > 1 and limit < sum(
        (*(_largest_window(pages, size, size) for pages in columns),
         *(_largest_window(pages, size, 1) for pages in dictionaries))
    ):  # fmt: skip
        size //= 2
    return size


def _largest_window(pages: Sequence[PageSize], rows: int, repeats: int) -> int:
    """Return the most bytes that so many rows in a row can have: those of the data pages in which they lie, and those
    of the dictionary so often: for each row, where all may be its longest string.
    """
    dictionary = sum(page.unpacked for page in pages if not page.values)
    data = [page for page in pages if page.values]
    largest = start = held = within = 0
    for end, page in enumerate(data):
        held += page.unpacked
        within += page.values
        # Rows that begin with the last of page `start` and end with the first of page `end` are the fewest in both.
        while start < end and within - data[start].values - page.values + 2 > rows:
            held -= data[start].unpacked
            within -= data[start].values
            start += 1
        largest = max(largest, held)
    return dictionary * repeats + largest


def _row(batch: pa.RecordBatch, row: int, body_limit: int, limited: Sequence[str]) -> dict[str, object] | OverLimit:
    values: dict[str, object] = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        scalar = column[row]
        if isinstance(scalar, pa.DictionaryScalar):
            scalar = scalar.value
        is_limited = name in limited and isinstance(scalar, pa.BinaryScalar) and scalar.is_valid
        if is_limited and scalar.as_buffer().size > body_limit:
            return OverLimit(what=f"column {name!r}", size=scalar.as_buffer().size, limit=body_limit)
        values[name] = _value(scalar)
    return values


def _value(scalar: pa.Scalar) -> object:
    """Return a value, None where Python has no such value (a date beyond the year 9999, say).

    Bytes of a string that are no UTF-8, such as half surrogate pairs, become U+FFFD.
    """
    if pa.types.is_timestamp(scalar.type):
        return _timestamp(scalar)
    try:
        return scalar.as_py()
    except UnicodeDecodeError:  # Arrow checks no string that it reads from a file
        return scalar.as_buffer().to_pybytes().decode("utf-8", "replace") if hasattr(scalar, "as_buffer") else None
    except (ValueError, OverflowError):  # a date of the year 2,942,000, say
        return None


def _timestamp(scalar: pa.Scalar) -> datetime | None:
    """Return a timestamp in UTC, None where Python has none that early or late; the nanoseconds are dropped."""
    if not scalar.is_valid:
        return None
    try:  # not `as_py`, which needs pandas for nanoseconds and fails where it does not know the zone
        return _EPOCH + timedelta(microseconds=scalar.value * 10**6 // _PER_SECOND[scalar.type.unit])
    except OverflowError:
        return None
