"""Decoding of HTTP transfer and content codings (RFC 9110, RFC 9112): chunked, gzip, deflate, br, zstd."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from saaf.cleaning.html.file_signatures import control_share, file_type
from saaf.corpus.decompression import (
    GZIP_MAGIC,
    ZSTD_MAGIC,
    Problem,
    Unpacked,
    Unpacker,
    gunzip,
    inflate_raw,
    inflate_zlib,
    unpack,
    unpack_brotli,
    unpack_zstd,
)
from saaf.corpus.limits import BODY_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from saaf.cleaning.types import Page

MAX_CODINGS = 5
"""The number of codings of a body that are undone, as in curl and urllib3: more are made to cost time."""
_CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n")
_MIN_CONTROL_SHARE = 0.02  # of a packed body: packed bytes have 10 %
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decode_body(headers: tuple[tuple[str, str], ...], body: bytes, *, limit: int = BODY_LIMIT) -> Unpacked:
    """Return `body` decoded by the transfer and content codings that `headers` name, the last applied first.

    A body that does not have the coding of its headers is returned as it is (the same object): many archives keep the
    original headers of a body that was already decoded. One that is cut off or damaged is decoded as far as it goes,
    with its problem; one of more than `limit` bytes is cut there. A name that is no coding ("identity", "utf-8") is
    passed over.
    """
    problem: Problem | None = None
    for name in _codings(headers):
        decoded = _DECODERS[name](body, limit)
        problem = decoded.problem or problem
        body = decoded.body
        if problem is Problem.OVER_LIMIT:
            break
    return Unpacked(body=body, problem=problem)


def is_damaged(page: Page) -> bool:
    """Return whether a body that cannot be read is what is left of a damaged or cut off one: nothing came out of it, or
    it still has the coding that its headers name, and is no other kind of file.
    """
    if not page.body.strip():
        return Problem.TRUNCATED.value in page.flags
    packed = any(name != "chunked" for name in _codings(page.headers))
    return packed and control_share(page.body[:4096]) > _MIN_CONTROL_SHARE and file_type(page.body) is None


def _codings(headers: tuple[tuple[str, str], ...]) -> list[str]:
    """Return the codings to undo, in this order."""
    values = {"transfer-encoding": "", "content-encoding": ""}
    for name, value in headers:
        if name.lower() in values:
            values[name.lower()] += f",{value.lower()}"
    names = [name.strip() for value in values.values() for name in reversed(value.split(","))]
    return [name for name in names if name in _DECODERS][:MAX_CODINGS]


def _decode_chunked(body: bytes, _limit: int) -> Unpacked:
    """Decode chunked transfer coding; a body whose chunks do not fit together is returned as it is."""
    parts: list[bytes] = []
    position = 0
    while size := _CHUNK_SIZE.match(body, position):
        length = int(size[1], 16)
        if length == 0:
            return Unpacked(body=b"".join(parts))
        parts.append(body[size.end() : size.end() + length])
        position = min(size.end() + length, len(body))
        position += 2 if body[position : position + 2] == b"\r\n" else 1
    # The last chunk may be missing where a capture was cut off; anything else was never chunked.
    if parts and position >= len(body):
        return Unpacked(body=b"".join(parts), problem=Problem.TRUNCATED)
    return Unpacked(body=body)


def _decode_gzip(body: bytes, limit: int) -> Unpacked:
    return _decode_marked(body, GZIP_MAGIC, gunzip, limit)


def _decode_zstd(body: bytes, limit: int) -> Unpacked:
    return _decode_marked(body, ZSTD_MAGIC, unpack_zstd, limit)


def _decode_deflate(body: bytes, limit: int) -> Unpacked:
    # "deflate" means zlib's format, and some servers send the bare stream.
    decoded = _decode(body, inflate_zlib, limit)
    return _decode_unmarked(body, inflate_raw, limit) if decoded.body is body else decoded


def _decode_brotli(body: bytes, limit: int) -> Unpacked:
    return _decode_unmarked(body, unpack_brotli, limit)


def _decode_marked(body: bytes, magic: bytes, unpacker: Unpacker, limit: int) -> Unpacked:
    """Decode a coding that has a magic number: a body without it was never coded."""
    if not body.startswith(magic):
        return Unpacked(body=body)
    return unpack(body, unpacker, limit)


def _decode_unmarked(body: bytes, unpacker: Unpacker, limit: int) -> Unpacked:
    """Decode a coding that has no magic number: text may happen to be the beginning of one, and is left as it is."""
    decoded = _decode(body, unpacker, limit)
    if decoded.problem in (Problem.TRUNCATED, Problem.TRAILING_DATA) and not _CONTROL.search(body[:4096]):
        return Unpacked(body=body)
    return decoded


def _decode(body: bytes, unpacker: Unpacker, limit: int) -> Unpacked:
    """Return `body` unpacked, the body as it is where nothing of it can be."""
    decoded = unpack(body, unpacker, limit)
    return decoded if decoded.body or decoded.problem is None else Unpacked(body=body)


_DECODERS: dict[str, Callable[[bytes, int], Unpacked]] = {
    "chunked": _decode_chunked,
    "gzip": _decode_gzip,
    "x-gzip": _decode_gzip,
    "deflate": _decode_deflate,
    "br": _decode_brotli,
    "zstd": _decode_zstd,
}
CODINGS = frozenset(_DECODERS)
"""The names of the codings that `decode_body` undoes."""
