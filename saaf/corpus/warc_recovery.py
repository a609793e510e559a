"""Where the records of a WARC file begin and end, found in its bytes: how reading goes on after a broken record."""

from __future__ import annotations

import re
from os import SEEK_END
from typing import TYPE_CHECKING

from saaf.corpus.decompression import GZIP_MAGIC, LZ4_MAGIC, ZSTD_MAGIC, collect, gzip_member_end, unpacker_of

if TYPE_CHECKING:
    from typing import BinaryIO

_RECORD_START = re.compile(rb"\x1f\x8b\x08|\x28\xb5\x2f\xfd|\x04\x22\x4d\x18|(?<=\n)WARC/[01]\.")
_FIRST_LINES = re.compile(rb"WARC/[01]\.\d+\r?\n[A-Za-z-]+:")
_FIRST_BYTES = 128  # enough for the first line and the name of the first header
_DEFLATE_RATIO = 1032  # the most that a byte of deflate can unpack to
_MAX_LENGTH = 1 << 60


def largest_possible_length(stream: BinaryIO, start: int) -> int:
    """Return the length that no record can have that begins at `start` or later, in bytes unpacked."""
    stream.seek(start)
    magic = stream.read(4)
    left = stream.seek(0, SEEK_END) - start
    if magic.startswith(GZIP_MAGIC):
        return left * _DEFLATE_RATIO
    return _MAX_LENGTH if magic in (ZSTD_MAGIC, LZ4_MAGIC) else left


def record_end(stream: BinaryIO, offset: int) -> int:
    """Return the offset behind the record at `offset`: by its gzip member, the next
    frame of Zstandard or LZ4, or its stated length and two line breaks."""
    stream.seek(offset)
    head = stream.read(1 << 16)
    if head.startswith(GZIP_MAGIC) and (end := gzip_member_end(stream, offset)) is not None:
        return end
    if head.startswith(
        (GZIP_MAGIC, ZSTD_MAGIC, LZ4_MAGIC)
    ):  # a damaged member, or a frame, which does not state its length
        following = next_record(stream, offset + 1)
        return stream.seek(0, SEEK_END) if following is None else following
    fields, separator, _ = head.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length:\s*(\d{1,18})\s", fields + b"\r\n")
    if not separator or length is None:
        return offset + len(head)
    return offset + len(fields) + 4 + int(length[1]) + 4


def next_record(stream: BinaryIO, start: int) -> int | None:
    """Return the offset of the first record that begins at `start` or later, None where there is none."""
    window, overlap = 1 << 20, 16
    while True:
        stream.seek(start)
        data = stream.read(window + overlap)
        for found in _RECORD_START.finditer(data):
            if found.start() < window and _is_record(stream, start + found.start()):
                return start + found.start()
        if len(data) <= window:
            return None
        start += window


def _is_record(stream: BinaryIO, offset: int) -> bool:
    stream.seek(offset)
    magic = stream.read(4)
    stream.seek(offset)
    head = collect(unpacker_of(magic)(stream), _FIRST_BYTES).body
    return _FIRST_LINES.match(head) is not None
