"""Arrow IPC files and streams: record batches one at a time, none that unpacks to more than a limit.

Sizes are read from the messages' metadata before a batch is unpacked, for pyarrow unpacks all of its buffers:
https://arrow.apache.org/docs/format/Columnar.html, Message.fbs.
"""

from __future__ import annotations

import os
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from saaf.corpus.input_paths import RemotePath
from saaf.corpus.limits import parquet_page_limit
from saaf.corpus.parquet_rows import LostRows, OverLimit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from saaf.corpus.input_paths import InputPath

_FILE_MAGIC = b"ARROW1\0\0"
_DICTIONARY, _BATCH = 2, 3  # MessageHeader in Message.fbs


def open_arrow(path: InputPath) -> pa.RecordBatchFileReader | pa.RecordBatchStreamReader:
    """Return the reader of an Arrow file or stream. Raises pyarrow's ArrowException or OSError where it is none."""
    file = _open(path)
    return pa.ipc.open_file(file) if _is_file(path) else pa.ipc.open_stream(file)


def _open(path: InputPath) -> pa.NativeFile:
    if isinstance(path, RemotePath):
        return pa.PythonFile(path.open("rb"), mode="r")
    return pa.memory_map(os.fsencode(path))


def _is_file(path: InputPath) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(_FILE_MAGIC)) == _FILE_MAGIC


def arrow_batches(path: InputPath, body_limit: int) -> Iterator[pa.RecordBatch | OverLimit | LostRows]:
    """Yield the record batches of a file or stream; what is over the limit, or damaged, in its place.

    A stream ends with the first of these: what follows cannot be read without it. Raises as `open_arrow` does.
    """
    limit = parquet_page_limit(body_limit)
    messages = list(_messages(path))
    reader = open_arrow(path)
    largest = max((each.unpacked for each in messages if each.kind == _DICTIONARY), default=0)
    if largest > limit:
        yield OverLimit(what="a dictionary of the file", size=largest, limit=limit)
        return
    batches = [each for each in messages if each.kind == _BATCH]
    is_file = isinstance(reader, pa.RecordBatchFileReader)
    for number in range(reader.num_record_batches if is_file else len(batches)):
        message = batches[number] if number < len(batches) else None
        if message is not None and message.unpacked > limit:
            what = f"record batch {number + 1}"
            yield OverLimit(what=what, size=message.unpacked, limit=limit, rows=max(message.rows, 1))
            if is_file:
                continue
            return
        try:
            batch = reader.get_batch(number) if is_file else reader.read_next_batch()
            batch.validate()
            yield batch
        except (pa.ArrowException, OSError) as error:
            problem = f"record batch {number + 1} is damaged: {str(error).strip().partition(chr(10))[0][:200]}"
            yield LostRows(problem=problem, rows=max(message.rows if message else 1, 1))
            if not is_file:
                return
    if not is_file and not _is_whole(path):
        yield LostRows(problem="the stream is cut off", rows=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    kind: int
    rows: int
    unpacked: int


def _messages(path: InputPath) -> Iterator[_Message]:
    """Yield the kind, rows and unpacked bytes of the messages that are whole."""
    with suppress(StopIteration, pa.ArrowException, OSError, struct.error, IndexError):
        reader = _message_reader(path)
        while True:
            message = reader.read_next_message()
            yield _measure(memoryview(message.metadata), message.body)


def _message_reader(path: InputPath) -> pa.ipc.MessageReader:
    file = _open(path)
    if file.read(len(_FILE_MAGIC)) != _FILE_MAGIC:
        file.seek(0)
    return pa.ipc.MessageReader.open_stream(file)


def _is_whole(path: InputPath) -> bool:
    """Return whether a stream ends with its mark of the end, or between two messages."""
    try:
        reader = _message_reader(path)
        while True:
            reader.read_next_message()
    except StopIteration:
        return True
    except (pa.ArrowException, OSError):
        return False


def _measure(metadata: memoryview, body: pa.Buffer | None) -> _Message:
    """Return the measure of a message, read from its FlatBuffers table."""
    root = struct.unpack_from("<I", metadata)[0]
    kind_at, header_at = _field(metadata, root, 1), _field(metadata, root, 2)
    kind = metadata[kind_at] if kind_at else 0
    size = body.size if body is not None else 0
    if kind not in (_DICTIONARY, _BATCH) or not header_at:
        return _Message(kind=kind, rows=0, unpacked=size)
    table = _follow(metadata, header_at)
    if kind == _DICTIONARY:
        data = _field(metadata, table, 1)
        table = _follow(metadata, data) if data else table
    length, buffers, compression = (_field(metadata, table, number) for number in (0, 2, 3))
    rows = struct.unpack_from("<q", metadata, length)[0] if length else 0
    if compression and buffers and body is not None:
        size = sum(_unpacked_sizes(metadata, _follow(metadata, buffers), memoryview(body)))
    return _Message(kind=kind, rows=rows, unpacked=size)


def _unpacked_sizes(metadata: memoryview, vector: int, body: memoryview) -> Iterator[int]:
    """Yield the unpacked size of each buffer, which stands before its bytes; -1 there is one that is not packed."""
    for number in range(struct.unpack_from("<I", metadata, vector)[0]):
        offset, length = struct.unpack_from("<qq", metadata, vector + 4 + 16 * number)
        stated = struct.unpack_from("<q", body, offset)[0] if length >= 8 else length
        yield length if stated < 0 else stated


def _follow(metadata: memoryview, position: int) -> int:
    return position + int(struct.unpack_from("<I", metadata, position)[0])


def _field(metadata: memoryview, table: int, number: int) -> int:
    """Return the position of a field of a FlatBuffers table, 0 where it is not set."""
    vtable = table - struct.unpack_from("<i", metadata, table)[0]
    entry = 4 + 2 * number
    if entry >= struct.unpack_from("<H", metadata, vtable)[0]:
        return 0
    offset = int(struct.unpack_from("<H", metadata, vtable + entry)[0])
    return table + offset if offset else 0
