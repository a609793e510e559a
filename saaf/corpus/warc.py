"""WARC 1.1: what a crawl captured, written and read through fastwarc.

A broken archive gives up what is good in it: each record that cannot be read is a named `Failure`, and reading goes on
at the next record. Why fastwarc: docs/decisions/0005-warc-library.md.
"""

from __future__ import annotations

import re
import zlib
from base64 import b32encode
from datetime import UTC, datetime
from hashlib import sha1
from http.client import responses
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, Self
from uuid import UUID, uuid5

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import ArchiveIterator, HeaderMap, WarcRecord, WarcRecordType

from saaf.cleaning.types import Page
from saaf.corpus.atomic_files import PARTIAL, sync
from saaf.corpus.content_codings import BodyTooLargeError, decode_body
from saaf.corpus.ledger import Failure, State

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

_NAMESPACE = UUID("6f0f0d0e-7f53-5d0c-9a55-3a61f0f5a1c4")  # ours, drawn once: record ids are UUIDs of the content in it
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # the date of the warcinfo record of an archive without pages
_MAGIC = b"\x1f\x8b\x08"
_COMPRESSION_LEVEL = 6  # 9 takes 80 % longer for 0.9 % on 78 MB of news pages


class Writer:
    """Write captured pages to `path`, one gzip member per record, as a context manager.

    The file is `path` + ".partial" until it is closed without an exception; a crawl that was killed leaves the partial
    file, which `read_warc` can read. The same pages in the same order give the same bytes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_name(path.name + PARTIAL)
        self._started = False

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._stream: BinaryIO = self._partial.open("wb")
        self._gzip = GzipWriter(self._stream, compression_level=_COMPRESSION_LEVEL)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._start(_EPOCH)
        self._gzip.close()
        self._stream.close()
        if kind is None:
            sync(self._partial)
            self._partial.replace(self._path)
            sync(self._path.parent)

    def write(self, page: Page) -> None:
        """Append a page as a response record, with its HTTP headers as they came.

        A header that no longer describes the body (a coding already undone, a length that changed) is kept under the
        name "X-Crawl-…", as Common Crawl does, so that every reader can decode the record. Raise ValueError where the
        page has no URL or no time, both of which a record must state.
        """
        if page.url is None or page.fetched_at is None:
            raise ValueError(
                f"a WARC record needs a URL and a capture time; this page has {page.url}, {page.fetched_at}"
            )
        self._start(page.fetched_at)
        head = [f"HTTP/1.1 {page.status} {responses.get(page.status, '')}", *_header_lines(page)]
        block = "\r\n".join(head).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + page.body
        fields = [
            ("WARC-Target-URI", page.url),
            ("Content-Type", "application/http; msgtype=response"),
            ("WARC-Payload-Digest", _digest(page.body)),
        ]
        self._record(WarcRecordType.response, page.fetched_at, fields, block)

    def _start(self, date: datetime) -> None:
        """Write the warcinfo record, dated as the first page: the clock has no say in what a file holds."""
        if not self._started:
            self._started = True
            fields = [("Content-Type", "application/warc-fields")]
            block = b"software: saaf\r\nformat: WARC File Format 1.1\r\n"
            self._record(WarcRecordType.warcinfo, date, fields, block)

    def _record(self, kind: WarcRecordType, date: datetime, fields: list[tuple[str, str]], block: bytes) -> None:
        stamp = date.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z").replace(".000000Z", "Z")
        identity = "\n".join([str(kind), stamp, *(value for _, value in fields), _digest(block)])
        record = WarcRecord()
        record.init_headers(kind, str(uuid5(_NAMESPACE, identity)).encode())
        record.headers["WARC-Record-ID"] = f"<urn:uuid:{uuid5(_NAMESPACE, identity)}>"
        record.headers["WARC-Date"] = stamp
        record.headers["WARC-Block-Digest"] = _digest(block)
        for name, value in fields:
            record.headers[name] = value
        record.set_bytes_content(block)
        record.write(self._gzip)
        self._gzip.finish()


def _header_lines(page: Page) -> list[str]:
    untrue = set()
    if decode_body(page.headers, page.body) is page.body:
        untrue = {"content-encoding", "transfer-encoding"}
    if page.header("content-length") != str(len(page.body)):
        untrue.add("content-length")
    lines = (f"{'X-Crawl-' if name.lower() in untrue else ''}{name}: {value}" for name, value in page.headers)
    return [" ".join(line.splitlines()) for line in lines]


def _digest(content: bytes) -> str:
    return "sha1:" + b32encode(sha1(content, usedforsecurity=False).digest()).decode()


def read_warc(path: Path) -> Iterator[Page | Failure]:
    """Yield the pages of a WARC file (plain, .gz, or .zst) in order, and a `Failure` for each record that is broken.

    Response, resource and conversion records (the text of a WET file) become pages, their bodies decoded; a revisit is
    a `Failure` in state repeated. Records about records (warcinfo, request, metadata) are not inputs and not yielded.
    """
    if path.stat().st_size == 0:
        yield Failure(state=State.EMPTY, reason="the archive is empty (0 bytes)")
        return
    with path.open("rb") as stream:
        start: int | None = 0
        while start is not None:
            start = yield from _read_from(stream, start)


def _read_from(stream: BinaryIO, start: int) -> Generator[Page | Failure, None, int | None]:
    """Yield from the record at `start` to the end or the next broken place; return where to go on, None at the end."""
    last: int | None = None
    stream.seek(start)
    try:
        for record in ArchiveIterator(stream, parse_http=False):
            last = record.stream_pos
            yield from _read_record(record, last)
    except OSError as error:
        end = start if last is None else _record_end(stream, last)
        following = _next_record(stream, end if last is not None else start + 1)
        # Where the next record begins right behind the last good one, it is the broken one: the next round will say so.
        if last is None or following != end:
            yield _broken(end, f"{error}; reading went on at the next record")
        return following
    # Where the rest is too short for a header, fastwarc ends without a word.
    end = start if last is None else _record_end(stream, last)
    stream.seek(end)
    if stream.read(1 << 10).strip(b"\0\r\n"):
        yield _broken(end, "the file is cut off inside this record's first bytes; fetch it again")
    return None


def _broken(offset: int, problem: str, url: str | None = None) -> Failure:
    return Failure(state=State.UNREADABLE, reason=f"broken WARC record at byte {offset}: {problem}", url=url)


def _record_end(stream: BinaryIO, offset: int) -> int:
    """Return where the record at `offset` ends: its gzip member, or its stated length and the two line breaks."""
    stream.seek(offset)
    head = stream.read(1 << 16)
    if head.startswith(_MAGIC):
        decompressor = zlib.decompressobj(zlib.MAX_WBITS | 16)
        while head and not decompressor.eof:
            decompressor.decompress(head)
            head = stream.read(1 << 16) if not decompressor.eof else b""
        return stream.tell() - len(decompressor.unused_data)
    fields, separator, _ = head.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length:\s*(\d+)", fields)
    if not separator or length is None:
        return offset + len(head)
    return offset + len(fields) + 4 + int(length[1]) + 4


def _next_record(stream: BinaryIO, start: int) -> int | None:
    """Return the offset of the first record that begins at `start` or later, None where there is none."""
    window, overlap = 1 << 20, 16
    while True:
        stream.seek(start)
        data = stream.read(window + overlap)
        for found in re.finditer(rb"\x1f\x8b\x08|(?<=\n)WARC/[01]\.", data):
            if found.start() < window and _is_record(stream, start + found.start()):
                return start + found.start()
        if len(data) <= window:
            return None
        start += window


def _is_record(stream: BinaryIO, offset: int) -> bool:
    stream.seek(offset)
    head = stream.read(512)
    if head.startswith(_MAGIC):
        try:
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, 5)
        except zlib.error:
            return False
    return head.startswith(b"WARC/")


def _read_record(record: WarcRecord, offset: int) -> Iterator[Page | Failure]:
    """Yield what a record is: one page or failure, or nothing."""
    kind, url = record.record_type, _plain_uri(record.headers.get("WARC-Target-URI"))
    block = record.reader.read()
    length = record.headers.get("Content-Length")
    if length is None or not length.isdigit() or len(block) != int(length):
        yield _broken(offset, f"cut off after {len(block)} of {length or 'unknown'} bytes; fetch the file again", url)
    elif kind == WarcRecordType.response or (kind == WarcRecordType.resource and _is_http(record)):
        yield _http_page(block, url, _date(record), offset)
    elif kind in (WarcRecordType.resource, WarcRecordType.conversion):
        content_type = record.headers.get("Content-Type") or "text/plain"
        yield Page(url=url, body=block, headers=(("Content-Type", content_type),), fetched_at=_date(record))
    elif kind == WarcRecordType.revisit:
        yield Failure(state=State.REPEATED, reason="a revisit record: the page had not changed", url=url)
    elif kind in (WarcRecordType.continuation, WarcRecordType.unknown):
        yield _broken(offset, f"records of type {record.headers.get('WARC-Type')} are not read", url)


def _is_http(record: WarcRecord) -> bool:
    return (record.headers.get("Content-Type") or "").lower().startswith("application/http")


def _http_page(block: bytes, url: str | None, date: datetime | None, offset: int) -> Page | Failure:
    headers = HeaderMap()
    stream = BytesIO(block)
    headers.parse(stream, has_status_line=True)
    status = headers.status_code
    if status is None:
        return _broken(offset, "a response without an HTTP status line", url)
    fields = tuple((_text(name), _text(value)) for name, value in headers.items_bytes())
    _, separator, body = block.partition(b"\r\n\r\n")
    if not separator:
        _, _, body = block.partition(b"\n\n")
    try:
        body = decode_body(fields, body)
    except BodyTooLargeError as error:
        return Failure(state=State.OVER_BUDGET, reason=str(error), url=url)
    return Page(url=url, body=body, headers=fields, status=status, fetched_at=date)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _plain_uri(uri: str | None) -> str | None:
    # WARC 1.0 put target URIs in angle brackets, and wget still does.
    return uri.strip().removeprefix("<").removesuffix(">") if uri else None


def _date(record: WarcRecord) -> datetime | None:
    try:
        date = datetime.fromisoformat(record.headers.get("WARC-Date") or "")
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
