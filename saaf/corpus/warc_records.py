"""WARC 1.1 records as bytes (ISO 28500): warcinfo, request, metadata, response and revisit, each with its digests."""

from __future__ import annotations

import re
from base64 import b32encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha1
from http.client import responses
from io import BytesIO
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from fastwarc.stream_io import GzipWriter

from saaf.corpus.decompression import GZIP_MAGIC, ZSTD_MAGIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Fields = tuple[tuple[str, str], ...]
Headers = tuple[tuple[bytes, bytes], ...]

IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
"""Profile of a revisit record of a response with the same body as an earlier one."""
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
"""Profile of a revisit record of a response with HTTP status 304."""

_NAMESPACE = UUID("6f0f0d0e-7f53-5d0c-9a55-3a61f0f5a1c4")  # drawn once: record ids are UUIDs of the content in it
_LEVEL = 3  # 0.15 ms for a page of 41 KB; 6 takes 0.25 to 0.8 ms and saves 5 to 20 % of the bytes
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MAGIC = {"gzip": GZIP_MAGIC, "x-gzip": GZIP_MAGIC, "zstd": ZSTD_MAGIC}
_CODINGS = ("gzip", "x-gzip", "zstd", "deflate", "br")


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisit:
    """The earlier capture that a revisit record confirms: its URL, its WARC-Date, and the digest of its payload.

    `profile` is `IDENTICAL_PAYLOAD` or `NOT_MODIFIED`.
    """

    profile: str
    url: str
    date: datetime
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One HTTP exchange as it went over the wire, to be written as request, metadata and response (or revisit) record.

    `body` is the response's payload with all content codings. `truncated` is the reason where it was cut off: "length",
    "time" or "disconnect". `request` is the HTTP message that was sent, None where none was. `ip_address` is the
    server's, None where unknown. `metadata` are the fields of the metadata record, () for none. `revisit` is set where
    the response confirms an earlier one, and then the body is not stored.
    """

    url: str
    fetched_at: datetime
    status: int
    headers: Headers
    body: bytes = field(repr=False)
    truncated: str | None = None
    request: bytes | None = None
    ip_address: str | None = None
    metadata: Fields = ()
    revisit: Revisit | None = None


def exchange_records(exchange: Exchange, digest: bytes | None = None) -> list[bytes]:
    """Return the records of an exchange: request, metadata, response, in this order.

    The response is last, so that the others are there wherever it is. `digest` is `sha1_digest(exchange.body)`, None
    where it is not known.
    """
    response_id, response = _response(exchange, digest or sha1_digest(exchange.body))
    common: Fields = (("WARC-Target-URI", exchange.url), ("WARC-Concurrent-To", response_id))
    records = []
    if exchange.request is not None:
        fields = (*common, ("Content-Type", "application/http; msgtype=request"))
        head, _, body = exchange.request.partition(b"\r\n\r\n")
        fields += (("WARC-Payload-Digest", sha1_label(sha1_digest(body))),) if body and head else ()
        records.append(record("request", exchange.fetched_at, fields, exchange.request)[1])
    if exchange.metadata:
        block = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in exchange.metadata)
        fields = (*common, ("Content-Type", "application/warc-fields"))
        records.append(record("metadata", exchange.fetched_at, fields, block.encode("utf-8", "surrogateescape"))[1])
    return [*records, response]


def warcinfo_record(date: datetime, fields: Iterable[tuple[str, str]]) -> bytes:
    """Return the warcinfo record that begins a file."""
    lines = (("software", "saaf"), ("format", "WARC File Format 1.1"), *fields)
    block = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in lines).encode("utf-8", "surrogateescape")
    return record("warcinfo", date, (("Content-Type", "application/warc-fields"),), block)[1]


def record(kind: str, date: datetime, fields: Fields, block: bytes) -> tuple[str, bytes]:
    """Return the id and the bytes of a record, which depend on its content alone."""
    digest = sha1_label(sha1_digest(block))
    stamp = warc_date(date)
    identity = uuid5(
        _NAMESPACE,
        "\n".join([kind, stamp, *(value for _, value in fields), digest])
        .encode("utf-8", "surrogateescape")
        .decode("latin-1"),
    )
    name = f"<urn:uuid:{identity}>"
    head = [
        "WARC/1.1",
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: {name}",
        f"WARC-Date: {stamp}",
        *(f"{key}: {_one_line(value)}" for key, value in fields),
        f"WARC-Block-Digest: {digest}",
        f"Content-Length: {len(block)}",
    ]
    return name, b"".join(("\r\n".join(head).encode("utf-8", "surrogateescape"), b"\r\n\r\n", block, b"\r\n\r\n"))


def gzip_members(records: Sequence[bytes]) -> list[bytes]:
    """Return each record as a gzip member of its own (ISO 28500, annex D), so that each can be read by its offset."""
    stream = BytesIO()
    writer = GzipWriter(stream, compression_level=_LEVEL)
    members = []
    for content in records:
        writer.write(content)
        writer.finish()
        members.append(stream.getvalue())
        stream.seek(0)
        stream.truncate()
    return members


def warc_date(date: datetime) -> str:
    """Return a time as WARC-Date has it: UTC, with microseconds where it has any."""
    return date.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z").replace(".000000Z", "Z")


def sha1_digest(content: bytes) -> bytes:
    """Return the SHA-1 of a payload, 20 bytes: what WARC readers expect, and what tells unchanged pages."""
    return sha1(content, usedforsecurity=False).digest()


def sha1_label(digest: bytes) -> str:
    """Return a labelled digest as WARC headers have it: "sha1:" and base32."""
    return "sha1:" + b32encode(digest).decode()


def _response(exchange: Exchange, digest: bytes) -> tuple[str, bytes]:
    """Return the id and bytes of the response record, or of the revisit record where the body is an earlier one's."""
    head = _http_head(exchange.status, exchange.headers, exchange.body, truncated=exchange.truncated is not None)
    fields: Fields = (
        ("WARC-Target-URI", exchange.url),
        ("Content-Type", "application/http; msgtype=response"),
    )
    if exchange.ip_address:
        fields += (("WARC-IP-Address", exchange.ip_address),)
    if exchange.truncated:
        fields += (("WARC-Truncated", exchange.truncated),)
    if exchange.revisit is None:
        fields += (("WARC-Payload-Digest", sha1_label(digest)),)
        return record("response", exchange.fetched_at, fields, head + exchange.body)
    revisit = exchange.revisit
    fields += (
        ("WARC-Profile", revisit.profile),
        ("WARC-Refers-To-Target-URI", revisit.url),
        ("WARC-Refers-To-Date", warc_date(revisit.date)),
        ("WARC-Payload-Digest", sha1_label(revisit.digest)),
    )
    return record("revisit", exchange.fetched_at, fields, head)


def _http_head(status: int, headers: Headers, body: bytes, *, truncated: bool) -> bytes:
    """Return status line and headers, those that do not describe the body under the name "X-Crawl-…".

    Nothing is unpacked: a body that lacks the magic number of its coding, or is text, was decoded before.
    """
    wrong = {b"transfer-encoding"}
    coding = b",".join(value for name, value in headers if name.lower() == b"content-encoding").decode("latin-1")
    if coding and not _is_coded(coding, body):
        wrong.add(b"content-encoding")
    length = str(len(body)).encode()
    lines = [f"HTTP/1.1 {status} {responses.get(status, '')}".encode()]
    for name, value in headers:
        lower = name.lower()
        if lower in wrong or (lower == b"content-length" and body and not truncated and value.strip() != length):
            name = b"X-Crawl-" + name  # noqa: PLW2901
        lines.append(name + b": " + b" ".join(value.splitlines()))
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _is_coded(codings: str, body: bytes) -> bool:
    """Return whether a body may have the content coding that was applied last."""
    last = codings.rpartition(",")[2].strip().lower()
    if last not in _CODINGS or not body:
        return last in _CODINGS
    magic = _MAGIC.get(last)
    return body.startswith(magic) if magic else _CONTROL.search(body[:4096]) is not None


def _one_line(value: str) -> str:
    return " ".join(value.splitlines()) if "\n" in value or "\r" in value else value
