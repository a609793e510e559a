"""WARC records as other crawlers write them, byte by byte."""

from __future__ import annotations

import gzip

DATE = "2025-03-16T10:00:00Z"


def record(kind: str, url: str, block: bytes, *, date: str = DATE, **headers: str) -> bytes:
    """Return a WARC 1.1 record; `headers` are further ones, with "_" for "-" in their names."""
    content_type = headers.pop("Content_Type", "application/http; msgtype=response")
    lines = [
        "WARC/1.1",
        f"WARC-Type: {kind}",
        f"WARC-Target-URI: {url}",
        f"WARC-Date: {date}",
        "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000000>",
        f"Content-Type: {content_type}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
        f"Content-Length: {len(block)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def http(body: bytes, *, status: str = "200 OK", **headers: str) -> bytes:
    """Return an HTTP response; the type is HTML where `headers` name none."""
    fields = {"Content_Type": "text/html; charset=utf-8", **headers}
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def gzipped(*records: bytes) -> bytes:
    """Return the records as a .warc.gz, one gzip member each."""
    return b"".join(gzip.compress(one, mtime=0) for one in records)
