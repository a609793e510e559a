"""Where a WARC file can be cut: offsets at which a record surely begins, so that its parts are read by themselves.

The bytes of a record can look like the beginning of another: crawls capture archives too. A plain file is followed
record by record. In a file with one gzip member for each record, records must follow each other from the cut on for
more bytes than a block of stored data can have: deflate stores an archive that it cannot compress, but only in such
blocks, and what stands between them breaks every archive inside.
"""

from __future__ import annotations

import re
from os import SEEK_END
from typing import TYPE_CHECKING

from saaf.corpus.decompression import GZIP_MAGIC, gzip_member
from saaf.corpus.warc_recovery import next_record

if TYPE_CHECKING:
    from typing import BinaryIO

    from saaf.corpus.input_paths import InputPath

_STORED_BLOCK = 65_535  # RFC 1951, section 3.2.4
_CHECKED_BYTES = 2 * _STORED_BLOCK
_MOST_HEADERS = 1 << 12  # of nearly all records
_HEAD_BYTES = 1 << 16
_RECORD_SEPARATOR = b"\r\n\r\n"
_SEARCHED_BYTES = 1 << 26  # behind a cut, for a place where records follow each other
_HEADERS = re.compile(rb"WARC/[01]\.\d+\r?\n.*?\r?\n\r?\n", re.DOTALL)
_LENGTH = re.compile(rb"(?im)^content-length:[ \t]*(\d{1,18})[ \t]*\r?$")


def warc_splits(path: InputPath, target: int) -> list[int]:
    """Return offsets of records, sorted, about `target` bytes apart; none where the file cannot be cut.

    Raises OSError where it cannot be read.
    """
    with path.open("rb") as stream:
        size = stream.seek(0, SEEK_END)
        stream.seek(0)
        head = stream.read(5)
        if head.startswith(GZIP_MAGIC):
            return _gzip_splits(stream, size, target)
        return _plain_splits(stream, size, target) if head == b"WARC/" else []


def _gzip_splits(stream: BinaryIO, size: int, target: int) -> list[int]:
    splits: list[int] = []
    if _checked_end(stream, 0) is None:  # compressed as a whole, or in members of its own making
        return splits
    wanted = target
    while wanted <= size - target // 2:
        split = _next_split(stream, wanted)
        if split is None:
            wanted += _SEARCHED_BYTES
            continue
        splits.append(split)
        wanted = split + target
    return splits


def _next_split(stream: BinaryIO, start: int) -> int | None:
    """Return the first offset from `start` on where records follow each other, None where none is near."""
    position = next_record(stream, start)
    while position is not None and position < start + _SEARCHED_BYTES:
        if _checked_end(stream, position) is not None:
            return position
        position = next_record(stream, position + 1)
    return None


def _checked_end(stream: BinaryIO, start: int) -> int | None:
    """Return the end of the members of one record each that follow each other from `start` on: far enough, or to the
    end of the file. None where what follows is something else.
    """
    position = start
    while position < start + _CHECKED_BYTES:
        end = _record_member_end(stream, position)
        if end is None:
            return None
        if end == position:  # the end of the file
            return position if position > start else None
        position = end
    return position


def _record_member_end(stream: BinaryIO, offset: int) -> int | None:
    """Return the end of the gzip member at `offset` where it is whole and holds one record, None where not."""
    stream.seek(offset)
    if not stream.read(1):
        return offset
    member = gzip_member(stream, offset, head_bytes=_HEAD_BYTES, limit=_SEARCHED_BYTES)
    if member is None or (extent := _record_extent(member.head)) is None:
        return None
    return member.end if 0 <= member.size - extent <= len(_RECORD_SEPARATOR) else None


def _record_extent(head: bytes) -> int | None:
    """Return the length of a record, its headers included, by its first bytes; None where they state none."""
    headers = _HEADERS.match(head)
    length = _LENGTH.search(headers[0]) if headers else None
    return headers.end() + int(length[1]) if headers and length else None


def _plain_splits(stream: BinaryIO, size: int, target: int) -> list[int]:
    splits: list[int] = []
    position, wanted = 0, target
    while wanted <= size - target // 2:
        stream.seek(position)
        head = stream.read(_MOST_HEADERS)
        extent = _record_extent(head) or _record_extent(head + stream.read(_HEAD_BYTES))
        if extent is None:
            return splits  # broken: what is behind it is found when it is read
        if position >= wanted:
            splits.append(position)
            wanted = position + target
        position += extent + len(_RECORD_SEPARATOR)
    return splits
