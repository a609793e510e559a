"""Scan of a WARC file: what each record is and where, with the first bytes of its block alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from fastwarc.warc import WarcRecordType

from saaf.cleaning.text.urls import without_fragment
from saaf.corpus.capture_times import parse_capture_time
from saaf.corpus.http_headers import read_response_headers
from saaf.corpus.ledger import Failure
from saaf.corpus.warc_reader import (
    PAGE_TYPES,
    count_block,
    cut_off_failure,
    is_http,
    read_records,
    record_date,
    stated_length,
    target_url,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from fastwarc.warc import HeaderMap, WarcRecord

_HEAD = 1 << 15  # bytes of a block that are looked at for its HTTP headers
_HTML_TYPES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A record of a page at a byte offset.

    `time` is when it was captured, in seconds of the Unix epoch, None where unknown. `status` and `is_html` are those
    of its HTTP headers. `digest` is its payload's, "" where not stated. A revisit record has no body of its own:
    `refers_url` and `refers_time` name the capture that has it, where they are stated.
    """

    url: str
    offset: int
    time: float | None
    status: int = 200
    is_html: bool = False
    is_revisit: bool = False
    digest: str = ""
    refers_url: str | None = None
    refers_time: float | None = None


def scan(stream: BinaryIO) -> Iterator[Capture | Failure]:
    """Yield a capture for each record of a page with a web address, and a failure for each that is broken, in order."""
    return read_records(stream, _scan_record)


def _scan_record(record: WarcRecord, offset: int, longest: int) -> Generator[Capture | Failure, None, bool]:
    length = stated_length(record, offset, longest)
    if isinstance(length, Failure):
        yield length
        return False
    head: bytes = record.reader.read(min(length, _HEAD))
    size = len(head) + count_block(record)
    if size != length:
        yield cut_off_failure(record, offset, size, length)
        return False
    url = target_url(record)
    is_revisit = record.record_type == WarcRecordType.revisit
    if (record.record_type in PAGE_TYPES or is_revisit) and url and url.startswith(("http://", "https://")):
        yield _capture(record, without_fragment(url), offset, head, is_revisit=is_revisit)
    return True


def _capture(record: WarcRecord, url: str, offset: int, head: bytes, *, is_revisit: bool) -> Capture:
    status, content_type = 200, record.headers.get("Content-Type") or ""
    if record.record_type in (WarcRecordType.response, WarcRecordType.revisit) or is_http(record):
        headers = _http_headers(head)
        status = headers.status_code or 0 if headers else 0
        content_type = (headers.get("Content-Type") or "" if headers else "").lower()
    date = record_date(record)
    refers_date = parse_capture_time(record.headers.get("WARC-Refers-To-Date") or "")
    return Capture(
        url=url,
        offset=offset,
        time=date.timestamp() if date else None,
        status=status,
        is_html=content_type.partition(";")[0].strip().lower() in _HTML_TYPES,
        is_revisit=is_revisit,
        digest=record.headers.get("WARC-Payload-Digest") or "",
        refers_url=target_url(record, "WARC-Refers-To-Target-URI"),
        refers_time=refers_date.timestamp() if refers_date else None,
    )


def _http_headers(head: bytes) -> HeaderMap | None:
    try:
        return read_response_headers(head)[0]
    except OSError:
        return None
