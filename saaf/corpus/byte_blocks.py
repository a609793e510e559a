"""Files and standard input as blocks of bytes, bodies and lines: never more than a limit of it in memory."""

from __future__ import annotations

import codecs
from itertools import repeat
from typing import TYPE_CHECKING, BinaryIO

from saaf.corpus.decompression import (
    BLOCK_BYTES,
    Unpacked,
    Unpacker,
    collect,
    plain_blocks,
    unpacker_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from saaf.corpus.input_paths import InputPath

COMPRESSIONS = (".gz", ".lz4", ".zst")
"""The endings of the names of files that may be compressed."""
BLANK = b" \t\r\n\0\f\v"
"""The bytes of a line that is blank."""
_WIDE_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_blocks(path: InputPath) -> Iterator[bytes]:
    """Yield the bytes of a file in blocks, unpacked where its first bytes say that it is compressed.

    Raises OSError where it cannot be read, and `DecompressionError`, which is one, once all that could be unpacked was
    given.
    """
    with path.open("rb") as stream:
        yield from _unpacker(stream)(stream)


def _unpacker(stream: BinaryIO) -> Unpacker:
    """Return how a file is unpacked: not by its name, for servers name pages "x.html.gz" that they send unpacked."""
    head = stream.read(4)
    stream.seek(0)
    return unpacker_of(head)


def read_body(path: InputPath, limit: int) -> Unpacked:
    """Return the bytes of a file, unpacked, up to `limit`. Raises OSError where it cannot be read."""
    return collect(read_blocks(path), limit)


def read_stream(stream: BinaryIO, limit: int) -> Unpacked:
    """Return the bytes of a stream up to `limit`."""
    return collect(plain_blocks(stream), limit)


def is_plain_text(path: InputPath) -> bool:
    """Return whether the lines of a file can be read from any byte: it is not compressed, nor UTF-16 or UTF-32."""
    with path.open("rb") as stream:
        return _unpacker(stream) is plain_blocks and not stream.read(4).startswith(_WIDE_MARKS)


def read_line_range(path: InputPath, start: int, end: int | None, limit: int) -> Iterator[bytes | int]:
    """Yield what `read_lines` does of the lines of a plain text that begin in the bytes `[start, end)`.

    Blank lines right before them are given first: so the number of the last line that is not blank, added up over the
    parts of a file, numbers the lines of the whole file.
    """
    with path.open("rb") as stream:
        position = _line_start(stream, start)
        yield from repeat(b"", _blank_lines_before(stream, position))
        stream.seek(position)
        for line in split_lines(plain_blocks(stream), limit):
            if end is not None and position >= end:
                return
            yield line
            position += (line if isinstance(line, int) else len(line)) + 1


def _line_start(stream: BinaryIO, start: int) -> int:
    """Return where the first line begins that begins at `start` or later; the end of the file where none does."""
    if not start:
        return 0
    position = stream.seek(start - 1)
    while block := stream.read(BLOCK_BYTES):
        if (found := block.find(b"\n")) >= 0:
            return position + found + 1
        position += len(block)
    return position


def _blank_lines_before(stream: BinaryIO, position: int) -> int:
    """Return the number of blank lines that end at `position`, where a line begins."""
    breaks = 0
    while position:
        begin = max(position - BLOCK_BYTES, 0)
        stream.seek(begin)
        block = stream.read(position - begin)
        rest = block.rstrip(BLANK)
        breaks += block.count(b"\n", len(rest))
        if rest:
            return max(breaks - 1, 0)  # the first of them ends a line that is not blank
        position = begin
    return breaks


def read_lines(path: InputPath, limit: int) -> Iterator[bytes | int]:
    """Yield the lines of a file, unpacked, without their line breaks; in place of a line of more than `limit` bytes its
    length, without holding it.

    Text in UTF-16 or UTF-32 with a byte order mark (what PowerShell writes) becomes UTF-8. Raises as `read_blocks`.
    """
    blocks = read_blocks(path)
    first = next(blocks, b"")
    blocks = _chain(first, blocks)
    yield from split_lines(_as_utf8(blocks) if first.startswith(_WIDE_MARKS) else blocks, limit)


def split_lines(blocks: Iterator[bytes], limit: int) -> Iterator[bytes | int]:
    """Yield the lines of blocks of bytes as `read_lines` does."""
    held: list[bytes] = []
    size = 0
    for block in blocks:
        start = 0
        while (end := block.find(b"\n", start)) >= 0:
            size += end - start
            yield b"".join([*held, block[start:end]]) if size <= limit else size
            held, size, start = [], 0, end + 1
        size += len(block) - start
        if size <= limit:
            held.append(block[start:])
        else:
            held.clear()
    if size:
        yield b"".join(held) if size <= limit else size


def _chain(first: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from blocks


def _as_utf8(blocks: Iterator[bytes]) -> Iterator[bytes]:
    first = next(blocks)
    encoding = "utf-32" if first.startswith(_WIDE_MARKS[:2]) else "utf-16"
    for text in codecs.iterdecode(_chain(first, blocks), encoding, "replace"):
        yield text.encode("utf-8", "replace")
