"""A file of frames: what a task has done so far, record by record, so that a killed task goes on where it was.

A frame is a header and a body, both pickled, the body compressed: headers are read without their bodies, and a body by
its offset. A frame that a kill cut off is left out, and what follows is written over it.
"""

from __future__ import annotations

import fcntl
import struct
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import pyarrow as pa

from saaf.corpus.stages.pickles import dumps, loads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

_LENGTHS = struct.Struct("<IIII")  # bytes of the header, of the body, of the body unpacked, and CRC-32 of both
_CODEC = "lz4_raw"


class Frame(NamedTuple):
    """A frame: its header, and where in the file its body is."""

    header: Any
    offset: int


class FrameWriter:
    """Appends frames to a file, after those that are whole; a context manager. `count` is the number of frames."""

    def __init__(self, path: Path) -> None:
        path.touch()
        self._stream = path.open("r+b")
        fcntl.flock(self._stream, fcntl.LOCK_EX)  # held by the process of a killed build while that ends
        self._stream.seek(0)
        ends = [0, *(end for _, end in _scan(self._stream))]
        self.count = len(ends) - 1
        self._stream.seek(ends[-1])
        self._stream.truncate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def append(self, header: object, body: object = None) -> None:
        """Add a frame; it is with the system when this returns, so that the end of this process does not lose it."""
        first = dumps(header)
        unpacked = dumps(body)
        second = pa.compress(unpacked, _CODEC, asbytes=True)
        checksum = zlib.crc32(second, zlib.crc32(first))
        self._stream.write(_LENGTHS.pack(len(first), len(second), len(unpacked), checksum) + first + second)
        self._stream.flush()
        self.count += 1


def read_frames(path: Path) -> Iterator[Frame]:
    """Yield the frames of a finished file, in order, without reading their bodies."""
    offset = 0
    with path.open("rb") as stream:
        while lengths := stream.read(_LENGTHS.size):
            first, second, _, _ = _LENGTHS.unpack(lengths)
            yield Frame(loads(stream.read(first)), offset)
            offset = stream.seek(second, 1)


def read_body(stream: BinaryIO, offset: int) -> Any:
    """Return the body of the frame at an offset of an open file of frames."""
    stream.seek(offset)
    first, second, unpacked, _ = _LENGTHS.unpack(stream.read(_LENGTHS.size))
    stream.seek(first, 1)
    return loads(pa.decompress(stream.read(second), unpacked, _CODEC, asbytes=True))


def _scan(stream: BinaryIO) -> Iterator[tuple[Frame, int]]:
    """Yield the frames of a stream, each with the offset at which it ends, up to one that is not whole."""
    offset = 0
    stream.seek(0)
    while len(lengths := stream.read(_LENGTHS.size)) == _LENGTHS.size:
        first, second, _, checksum = _LENGTHS.unpack(lengths)
        header, body = stream.read(first), stream.read(second)
        if len(header) != first or len(body) != second or zlib.crc32(body, zlib.crc32(header)) != checksum:
            return
        end = stream.tell()
        yield Frame(loads(header), offset), end
        offset = end
