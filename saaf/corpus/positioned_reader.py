"""A file that is read at positions, as a stream: a part of another file, or a remote file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from collections.abc import Callable


def read_at_positions(
    size: int, read_at: Callable[[int, int], bytes], close: Callable[[], None], *, block: int = io.DEFAULT_BUFFER_SIZE
) -> BinaryIO:
    """Return a file of `size` bytes as a stream that can be searched.

    `read_at(position, count)` returns its bytes from a position on, up to `count`; `block` is how many it is asked for
    at a time. `close` is called once, when the stream is closed.
    """
    return cast("BinaryIO", io.BufferedReader(cast("io.RawIOBase", _Reader(size, read_at, close)), block))


class _Reader(io.RawIOBase):
    """The file without a buffer."""

    def __init__(self, size: int, read_at: Callable[[int, int], bytes], close_source: Callable[[], None]) -> None:
        self._size, self._read_at, self._close_source = size, read_at, close_source
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(base + offset, 0)
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        wanted = max(min(len(view), self._size - self._position), 0)
        data = self._read_at(self._position, wanted) if wanted else b""
        view[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._close_source()
        super().close()
