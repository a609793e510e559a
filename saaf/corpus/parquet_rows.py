"""Rows of any Parquet file, a batch in memory at a time; neither a page nor a value over its limit is held."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from saaf.corpus.column_types import with_readable_timestamps
from saaf.corpus.input_paths import RemotePath
from saaf.corpus.limits import parquet_batch_limit, parquet_page_limit
from saaf.corpus.parquet_dictionaries import dictionary_columns, spelled_out
from saaf.corpus.parquet_sizes import SMALL_DICTIONARY, ColumnPages, batch_rows, pages_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
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
    with ExitStack() as stack:
        stream = stack.enter_context(path.open("rb"))
        first = _first_pages(metadata, columns, start, stream)
        lean = _lean_columns(metadata, first, start)
        file, lean_file = (
            stack.enter_context(
                pq.ParquetFile(_open(path), metadata=metadata, buffer_size=_BUFFER, read_dictionary=dictionaries)
            )
            for dictionaries in ([], lean)
        )
        for group in range(start, file.num_row_groups if end is None else min(end, file.num_row_groups)):
            left = metadata.row_group(group).num_rows
            if not left:
                continue
            try:
                is_known = group == start and first
                pages = first if is_known else pages_of(metadata.row_group(group), columns, stream)
                for item in _group_batches(file, lean_file, lean, pages, group, body_limit, most):
                    left -= item.num_rows if isinstance(item, pa.RecordBatch) else item.rows
                    yield item
            except (pa.ArrowException, OSError) as error:
                problem = str(error).strip().partition("\n")[0][:_PROBLEM_CHARACTERS]
                if left > 0:
                    yield LostRows(problem=f"row group {group + 1} is damaged: {problem}", rows=left)


def _first_pages(
    metadata: pq.FileMetaData, columns: Sequence[str], group: int, stream: BinaryIO
) -> dict[str, list[ColumnPages]]:
    """Return the pages of the columns in the first row group that is read; none where it has no row or is damaged."""
    if not 0 <= group < metadata.num_row_groups or not metadata.row_group(group).num_rows:
        return {}
    try:
        return pages_of(metadata.row_group(group), columns, stream)
    except OSError:  # damage, which is said where the rows are read
        return {}


def _lean_columns(metadata: pq.FileMetaData, pages: Mapping[str, Sequence[ColumnPages]], group: int) -> list[str]:
    """Return the columns that may be read as dictionaries: those of which a row group has no string outside of one.

    To make a dictionary of strings that are in none takes seven times the time of reading them.
    """
    found = dictionary_columns(metadata, pages, group) if pages else []
    return [name for name in found if not any(each.has_spelled_rows for each in pages[name])]


def _group_batches(
    file: pq.ParquetFile,
    lean_file: pq.ParquetFile,
    lean: Sequence[str],
    pages: Mapping[str, Sequence[ColumnPages]],
    group: int,
    body_limit: int,
    most: int,
) -> Iterator[pa.RecordBatch | OverLimit]:
    """Yield the rows of one row group; a group without rows has no pages, whatever its offsets say.

    `lean_file` reads the columns `lean` as dictionaries, which is done where batches would else be small.
    """
    rows, page_limit, limit = (
        file.metadata.row_group(group).num_rows,
        parquet_page_limit(body_limit),
        parquet_batch_limit(body_limit),
    )
    largest = max((each.largest for columns in pages.values() for each in columns), default=0)
    if largest > page_limit:
        what = f"a page of row group {group + 1}"
        yield OverLimit(what=what, size=largest, limit=page_limit, rows=rows)
        return

    spelled, dictionaries = (
        [each for name, columns in pages.items() if (name in lean) == is_lean for each in columns]
        for is_lean in (False, True)
    )
    size = batch_rows([*spelled, *dictionaries], [], limit, most)
    are_small = all(each.dictionary <= SMALL_DICTIONARY for each in dictionaries)
    if size >= min(most, rows) or not (dictionaries and are_small and rows > _FEW_ROWS):
        yield from file.iter_batches(batch_size=size, row_groups=[group], columns=list(pages), use_threads=False)
        return
    size = batch_rows(spelled, dictionaries, limit, most)
    read = lean_file.iter_batches(batch_size=size, row_groups=[group], columns=list(pages), use_threads=False)
    yield from chain.from_iterable(spelled_out(each, lean, _BYTES_TOGETHER) for each in read)


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
    except KeyError:  # within lists or objects, a zone that nobody knows
        return scalar.cast(with_readable_timestamps(scalar.type)).as_py()


def _timestamp(scalar: pa.Scalar) -> datetime | None:
    """Return a timestamp in UTC, None where Python has none that early or late; the nanoseconds are dropped."""
    if not scalar.is_valid:
        return None
    try:  # not `as_py`, which needs pandas for nanoseconds and fails where it does not know the zone
        return _EPOCH + timedelta(microseconds=scalar.value * 10**6 // _PER_SECOND[scalar.type.unit])
    except OverflowError:
        return None
