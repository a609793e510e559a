"""Decoding of HTTP transfer and content codings (RFC 9110, RFC 9112): chunked, gzip, deflate, br, zstd."""

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
    """A body whose decoded size exceeds the limit: a compression bomb, or no page."""


def decode_body(headers: tuple[tuple[str, str], ...], body: bytes, *, limit: int = 1 << 26) -> bytes:
    """Return `body` decoded by the transfer and content codings that `headers` name, the last applied first.

    A body that does not have the coding of its headers is returned as it is: many archives keep the original headers of
    a body that was already decoded. Raises `BodyTooLargeError` past `limit` bytes (64 MB). No extra package is needed:
    gzip and deflate are in the standard library, brotli and zstd come with fastwarc.
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


def _decode_chunked(body: bytes, _limit: int) -> bytes:
    """Decode chunked transfer coding; a body whose chunks do not fit together is returned as it is."""
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


def _decode_gzip(body: bytes, limit: int) -> bytes:
    return _inflate(body, (zlib.MAX_WBITS | 16,), limit) if body[:2] == b"\x1f\x8b" else body


def _decode_deflate(body: bytes, limit: int) -> bytes:
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


def _stream_decoder(reader: Callable[[BytesIO], BrotliReader | ZstdReader]) -> Callable[[bytes, int], bytes]:
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
    "chunked": _decode_chunked,
    "gzip": _decode_gzip,
    "x-gzip": _decode_gzip,
    "deflate": _decode_deflate,
    "br": _stream_decoder(BrotliReader),
    "zstd": _stream_decoder(ZstdReader),
}
