"""HTTP bodies as they travel (chunked, gzip, deflate, brotli, zstd) to bodies as they are read."""

from __future__ import annotations

import re
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

from fastwarc.stream_io import BrotliReader, ZstdReader

if TYPE_CHECKING:
    from collections.abc import Callable

_CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")


class BodyTooLargeError(Exception):
    """A body that unpacks to more than it may: a compression bomb, or not a page."""


def decode_body(headers: tuple[tuple[str, str], ...], body: bytes, *, limit: int = 1 << 26) -> bytes:
    """Return `body` with the transfer and content codings undone that `headers` name, last applied first.

    A body that is not coded as its headers say comes back as it is: many archives keep the headers of the wire beside
    a body that was already decoded. Raise `BodyTooLargeError` past `limit` bytes. No extra package is needed: gzip and
    deflate are in the standard library, brotli and zstd come with fastwarc.
    """
    values = {"transfer-encoding": "", "content-encoding": ""}
    for name, value in headers:
        if name.lower() in values:
            values[name.lower()] += f",{value.lower()}"
    for names in (values["transfer-encoding"], values["content-encoding"]):
        for name in reversed([part.strip() for part in names.split(",")]):
            if name in _DECODERS:
                body = _DECODERS[name](body, limit)
    return body


def _unchunk(body: bytes, _limit: int) -> bytes:
    """Undo chunked transfer coding; a body whose chunks do not fit together is returned as it is."""
    parts: list[bytes] = []
    position = 0
    while size := _CHUNK_SIZE.match(body, position):
        length = int(size[1], 16)
        if length == 0:
            return b"".join(parts)
        parts.append(body[size.end() : size.end() + length])
        position = size.end() + length
        position += 2 if body[position : position + 2] == b"\r\n" else 1
    # The last chunk may be missing where a capture was cut off; anything else was never chunked.
    return b"".join(parts) if parts and position >= len(body) else body


def _gunzip(body: bytes, limit: int) -> bytes:
    return _inflate(body, (zlib.MAX_WBITS | 16,), limit) if body[:2] == b"\x1f\x8b" else body


def _undeflate(body: bytes, limit: int) -> bytes:
    # "deflate" means zlib's format, and some servers send the bare stream.
    return _inflate(body, (zlib.MAX_WBITS, -zlib.MAX_WBITS), limit)


def _inflate(body: bytes, windows: tuple[int, ...], limit: int) -> bytes:
    for window in windows:
        decompressor = zlib.decompressobj(window)
        try:
            plain = decompressor.decompress(body, limit)
        except zlib.error:
            continue
        if decompressor.unconsumed_tail:
            raise BodyTooLargeError(f"the body unpacks to more than {limit} bytes")
        return plain
    return body


def _from_reader(reader: Callable[[BytesIO], BrotliReader | ZstdReader]) -> Callable[[bytes, int], bytes]:
    def decode(body: bytes, limit: int) -> bytes:
        try:
            plain = reader(BytesIO(body)).read(limit + 1)
        except OSError:
            return body
        if len(plain) > limit:
            raise BodyTooLargeError(f"the body unpacks to more than {limit} bytes")
        return plain or body

    return decode


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "chunked": _unchunk,
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _undeflate,
    "br": _from_reader(BrotliReader),
    "zstd": _from_reader(ZstdReader),
}
