"""Bounded decompression of gzip, deflate, brotli and Zstandard: block by block, so that no bomb is held in memory.

Everything in saaf that unpacks bytes does it here. What is cut off or damaged is given as far as it goes, and is never
taken for whole.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO
from typing import TYPE_CHECKING

from fastwarc.stream_io import BrotliReader, Lz4Reader, ZstdReader

if TYPE_CHECKING:
    from typing import BinaryIO

BLOCK_BYTES = 1 << 16
GZIP_MAGIC = b"\x1f\x8b\x08"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
LZ4_MAGIC = b"\x04\x22\x4d\x18"
ZSTD_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
"""The beginning of a frame without data, as tools put before others."""

Unpacker = Callable[["BinaryIO"], Iterator[bytes]]
"""A function that yields the unpacked bytes of a stream in blocks, as `gunzip` does."""

_INFLATE_BYTES = 1 << 10  # of input
# What fastwarc has unpacked when it meets damage in the same call is lost: small steps lose little.
_READ_BYTES = 1 << 12  # of output


class Problem(StrEnum):
    """What is wrong with compressed data; a value is the flag of a document."""

    TRUNCATED = "truncated"
    """It ends before its end, or is damaged: what was unpacked is its beginning."""
    TRAILING_DATA = "trailing_data"
    """It is whole, and other bytes follow it, which are left out, as by gzip and web browsers."""
    OVER_LIMIT = "over_limit"
    """It unpacks to more than the limit."""


class DecompressionError(OSError):
    """Compressed data with a problem, raised once all that could be unpacked was given."""

    def __init__(self, problem: Problem, message: str) -> None:
        super().__init__(message)
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """Bytes that were unpacked, at most as many as the limit; `problem` is None where they are all there is."""

    body: bytes = field(repr=False)
    problem: Problem | None = None


def unpack(body: bytes, unpacker: Unpacker, limit: int) -> Unpacked:
    """Return `body` unpacked, up to `limit` bytes."""
    return collect(unpacker(BytesIO(body)), limit)


def collect(blocks: Iterator[bytes], limit: int) -> Unpacked:
    """Return blocks of bytes joined, up to `limit` bytes; no more blocks are taken than that needs."""
    parts: list[bytes] = []
    size = 0
    try:
        for block in blocks:
            parts.append(block)
            size += len(block)
            if size > limit:
                return Unpacked(body=b"".join(parts)[:limit], problem=Problem.OVER_LIMIT)
    except DecompressionError as error:
        return Unpacked(body=b"".join(parts), problem=error.problem)
    return Unpacked(body=b"".join(parts))


def plain_blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of a stream in blocks."""
    while block := stream.read(BLOCK_BYTES):
        yield block


def gunzip(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of all members of gzip data (RFC 1952), unpacked, in blocks.

    Zeros after a member are padding. Raises `DecompressionError` at the end of data with a problem.
    """
    rest = b""
    while True:
        member = _Inflater(stream, zlib.MAX_WBITS | 16, rest)
        yield from member.blocks("gzip")
        rest = member.unused_data.lstrip(b"\0")
        while len(rest) < len(GZIP_MAGIC) and (more := stream.read(_INFLATE_BYTES)):
            rest = (rest + more).lstrip(b"\0")
        if not rest:
            return
        if not rest.startswith(GZIP_MAGIC):
            raise DecompressionError(Problem.TRAILING_DATA, "what follows the last gzip member is no gzip data")


def inflate_zlib(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of zlib's format (RFC 1950), which is HTTP's "deflate"; raises as `gunzip` does."""
    yield from _inflate_one(stream, zlib.MAX_WBITS)


def inflate_raw(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of a raw deflate stream (RFC 1951), which some servers send; raises as `gunzip` does."""
    yield from _inflate_one(stream, -zlib.MAX_WBITS)


def unpack_brotli(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of brotli data (RFC 7932); raises as `gunzip` does, but takes trailing data for damage."""
    yield from _read_all(BrotliReader(stream), "brotli")


def unpack_zstd(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of all frames of Zstandard data (RFC 8878); raises as `unpack_brotli` does."""
    yield from _read_all(ZstdReader(stream), "Zstandard")


def unpack_lz4(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of all frames of LZ4 data (LZ4 Frame Format 1.6); raises as `unpack_brotli` does."""
    yield from _read_all(Lz4Reader(stream), "LZ4")


def unpacker_of(head: bytes) -> Unpacker:
    """Return how data is unpacked, by its first four bytes: `plain_blocks` where they are of no compression."""
    if head.startswith(GZIP_MAGIC):
        return gunzip
    if head.startswith(LZ4_MAGIC):
        return unpack_lz4
    return unpack_zstd if head.startswith(ZSTD_MAGIC) or ZSTD_SKIPPABLE.match(head) else plain_blocks


def gzip_member_end(stream: BinaryIO, offset: int) -> int | None:
    """Return the offset behind the gzip member that begins at `offset`, None where it is damaged or cut off: what can
    be unpacked of a damaged one may go on into the next.
    """
    found = gzip_member(stream, offset)
    return found.end if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class GzipMember:
    """A whole gzip member: the offset behind it, its size unpacked in bytes, and the first bytes of that."""

    end: int
    size: int
    head: bytes = field(repr=False)


def gzip_member(stream: BinaryIO, offset: int, *, head_bytes: int = 0, limit: int | None = None) -> GzipMember | None:
    """Return the gzip member that begins at `offset`, None where it is damaged or cut off, or has more than `limit`
    compressed bytes; `head_bytes` says how much of its beginning is kept.
    """
    stream.seek(offset)
    member = _Inflater(stream, zlib.MAX_WBITS | 16, b"")
    head, size = b"", 0
    try:
        for block in member.blocks("gzip"):
            head += block[: head_bytes - len(head)]
            size += len(block)
            if limit is not None and stream.tell() - offset > limit:
                return None
    except DecompressionError:
        return None
    return GzipMember(end=stream.tell() - len(member.unused_data), size=size, head=head)


class _Inflater:
    """One stream of deflate, in the format that `window` names to zlib; `rest` are bytes already read of it."""

    def __init__(self, stream: BinaryIO, window: int, rest: bytes) -> None:
        self._stream = stream
        self._object = zlib.decompressobj(window)
        self._data = rest

    @property
    def unused_data(self) -> bytes:
        """The bytes that were read from the stream and follow the end."""
        return self._object.unused_data

    def blocks(self, name: str) -> Iterator[bytes]:
        """Yield the data unpacked, until its end."""
        data = self._data
        while not self._object.eof:
            data = data or self._stream.read(_INFLATE_BYTES)
            ends = not data
            inflater = self._object
            before = inflater.copy() if data else None
            try:
                block = inflater.decompress(data, BLOCK_BYTES)
            except zlib.error as error:
                if before is not None:
                    yield from _inflate_to_damage(before, data)
                raise DecompressionError(Problem.TRUNCATED, f"the {name} data is damaged") from error
            data = inflater.unconsumed_tail
            if block:
                yield block
            elif ends and not inflater.eof:
                raise DecompressionError(Problem.TRUNCATED, f"the {name} data is cut off")


def _inflate_to_damage(inflater: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """Yield what comes out of data that is damaged, to the damage: zlib gives nothing of a call that meets it."""
    with suppress(zlib.error):
        for byte in data:
            rest = bytes([byte])
            while rest and (block := inflater.decompress(rest, BLOCK_BYTES)):
                yield block
                rest = inflater.unconsumed_tail


def _inflate_one(stream: BinaryIO, window: int) -> Iterator[bytes]:
    inflater = _Inflater(stream, window, b"")
    yield from inflater.blocks("deflate")
    if inflater.unused_data or stream.read(1):
        raise DecompressionError(Problem.TRAILING_DATA, "bytes follow the end of the deflate data")


def _read_all(reader: BrotliReader | Lz4Reader | ZstdReader, name: str) -> Iterator[bytes]:
    try:
        while block := reader.read(_READ_BYTES):
            yield block
    except OSError as error:
        raise DecompressionError(Problem.TRUNCATED, f"the {name} data is cut off or damaged") from error
