"""WARC 1.1 (ISO 28500): writing captured pages, and reading them back, through fastwarc.

A broken archive is read as far as it can be: each record that cannot be read is a `Failure` with its offset, and
reading goes on at the next record. Why fastwarc: docs/decisions/0005-warc-library.md.
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

from saaf.atomic_files import PARTIAL, fsync_path
from saaf.cleaning.types import Page
from saaf.corpus.content_codings import BodyTooLargeError, decode_body
from saaf.corpus.ledger import Failure, State

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

_NAMESPACE = UUID("6f0f0d0e-7f53-5d0c-9a55-3a61f0f5a1c4")  # drawn once: record ids are UUIDs of the content in it
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # the date of the warcinfo record of an archive without pages
_REPLAY = b"description: replay of saved pages\r\n"
_MAGIC = b"\x1f\x8b\x08"
_COMPRESSION_LEVEL = 6  # 9 takes 80 % longer for 0.9 % on 78 MB of news pages


class WarcWriter:
    """Writer of captured pages to `path`, one gzip member per record; a context manager.

    The file is `path` + ".partial" until it is closed without an exception; a crawl that was killed leaves the partial
    file, which `read_warc` can read. The same pages in the same order give the same bytes. With `replay`, the archive
    says that it is of saved pages, which can be replayed again: see `is_replay`.
    """

    def __init__(self, path: Path, *, replay: bool = False) -> None:
        self._path = path
        self._replay = replay
        self._partial = path.with_name(path.name + PARTIAL)
        self._started = False
        self._discarded = False

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._stream: BinaryIO = self._partial.open("wb")
        self._gzip = GzipWriter(self._stream, compression_level=_COMPRESSION_LEVEL)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._write_warcinfo(_EPOCH)
        self._gzip.close()
        self._stream.close()
        if self._discarded:
            self._partial.unlink()
        elif kind is None:
            fsync_path(self._partial)
            self._partial.replace(self._path)
            fsync_path(self._path.parent)

    def discard(self) -> None:
        """Keep at the end the file that was there before, and delete what was written."""
        self._discarded = True

    def write(self, page: Page) -> None:
        """Append a page as a response record, with its HTTP headers as they came.

        A header that no longer describes the body (a coding already undone, a length that changed) is kept under the
        name "X-Crawl-…", as Common Crawl does, so that every reader can decode the record. Raises ValueError where the
        page has no URL or no time, both of which a record must state.
        """
        if page.url is None or page.fetched_at is None:
            raise ValueError(
                f"a WARC record needs a URL and a capture time; this page has {page.url}, {page.fetched_at}"
            )
        self._write_warcinfo(page.fetched_at)
        head = [f"HTTP/1.1 {page.status} {responses.get(page.status, '')}", *_header_lines(page)]
        block = "\r\n".join(head).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + page.body
        fields = [
            ("WARC-Target-URI", page.url),
            ("Content-Type", "application/http; msgtype=response"),
            ("WARC-Payload-Digest", _sha1_digest(page.body)),
        ]
        self._write_record(WarcRecordType.response, page.fetched_at, fields, block)

    def _write_warcinfo(self, date: datetime) -> None:
        """Write the warcinfo record with the date of the first page: a file does not depend on the clock."""
        if not self._started:
            self._started = True
            fields = [("Content-Type", "application/warc-fields")]
            block = b"software: saaf\r\nformat: WARC File Format 1.1\r\n" + (_REPLAY if self._replay else b"")
            self._write_record(WarcRecordType.warcinfo, date, fields, block)

    def _write_record(self, kind: WarcRecordType, date: datetime, fields: list[tuple[str, str]], block: bytes) -> None:
        stamp = date.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z").replace(".000000Z", "Z")
        identity = "\n".join([str(kind), stamp, *(value for _, value in fields), _sha1_digest(block)])
        record = WarcRecord()
        record.init_headers(kind, str(uuid5(_NAMESPACE, identity)).encode())
        record.headers["WARC-Record-ID"] = f"<urn:uuid:{uuid5(_NAMESPACE, identity)}>"
        record.headers["WARC-Date"] = stamp
        record.headers["WARC-Block-Digest"] = _sha1_digest(block)
        for name, value in fields:
            record.headers[name] = value
        record.set_bytes_content(block)
        record.write(self._gzip)
        self._gzip.finish()


def _header_lines(page: Page) -> list[str]:
    """Return the header lines of a page, those that do not describe its body under the name "X-Crawl-…"."""
    wrong = set()
    if decode_body(page.headers, page.body) is page.body:
        wrong = {"content-encoding", "transfer-encoding"}
    if page.header("content-length") != str(len(page.body)):
        wrong.add("content-length")
    lines = (f"{'X-Crawl-' if name.lower() in wrong else ''}{name}: {value}" for name, value in page.headers)
    return [" ".join(line.splitlines()) for line in lines]


def _sha1_digest(content: bytes) -> str:
    """Return a labelled digest as WARC headers have it: "sha1:" and base32."""
    return "sha1:" + b32encode(sha1(content, usedforsecurity=False).digest()).decode()


def is_replay(path: Path) -> bool:
    """Return whether an archive was written by a `WarcWriter` of a replay; False where there is none to read."""
    try:
        with path.open("rb") as stream:
            first = next(iter(ArchiveIterator(stream, parse_http=False)), None)
            return first is not None and _REPLAY in first.reader.read()
    except OSError:
        return False


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
    """Yield the records from offset `start` to the end or the next broken record.

    Returns the offset to go on at, None at the end of the file.
    """
    last: int | None = None
    stream.seek(start)
    try:
        for record in ArchiveIterator(stream, parse_http=False):
            last = record.stream_pos
            yield from _read_record(record, last)
    except OSError as error:
        end = start if last is None else _record_end(stream, last)
        following = _next_record(stream, end if last is not None else start + 1)
        # Where the next record begins right behind the last good one, it is the broken one: the next call reports it.
        if last is None or following != end:
            yield _broken_record(end, f"{error}; reading went on at the next record")
        return following
    # Where the rest is too short for a header, fastwarc ends without an error.
    end = start if last is None else _record_end(stream, last)
    stream.seek(end)
    if stream.read(1 << 10).strip(b"\0\r\n"):
        yield _broken_record(end, "the file is cut off inside this record's first bytes; fetch it again")
    return None


def _broken_record(offset: int, problem: str, url: str | None = None) -> Failure:
    return Failure(state=State.UNREADABLE, reason=f"broken WARC record at byte {offset}: {problem}", url=url)


def _record_end(stream: BinaryIO, offset: int) -> int:
    """Return the offset behind the record at `offset`: by its gzip member, or its stated length and two line breaks."""
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
    """Yield one page or failure, or nothing for a record about records."""
    kind, url = record.record_type, _strip_brackets(record.headers.get("WARC-Target-URI"))
    block = record.reader.read()
    length = record.headers.get("Content-Length")
    if length is None or not length.isdigit() or len(block) != int(length):
        yield _broken_record(
            offset, f"cut off after {len(block)} of {length or 'unknown'} bytes; fetch the file again", url
        )
    elif kind == WarcRecordType.response or (kind == WarcRecordType.resource and _is_http(record)):
        yield _http_page(block, url, _date(record), offset)
    elif kind in (WarcRecordType.resource, WarcRecordType.conversion):
        content_type = record.headers.get("Content-Type") or "text/plain"
        yield Page(url=url, body=block, headers=(("Content-Type", content_type),), fetched_at=_date(record))
    elif kind == WarcRecordType.revisit:
        yield Failure(state=State.REPEATED, reason="a revisit record: the page had not changed", url=url)
    elif kind in (WarcRecordType.continuation, WarcRecordType.unknown):
        yield _broken_record(offset, f"records of type {record.headers.get('WARC-Type')} are not read", url)


def _is_http(record: WarcRecord) -> bool:
    return (record.headers.get("Content-Type") or "").lower().startswith("application/http")


def _http_page(block: bytes, url: str | None, date: datetime | None, offset: int) -> Page | Failure:
    headers = HeaderMap()
    stream = BytesIO(block)
    headers.parse(stream, has_status_line=True)
    status = headers.status_code
    if status is None:
        return _broken_record(offset, "a response without an HTTP status line", url)
    fields = tuple((_decode_header(name), _decode_header(value)) for name, value in headers.items_bytes())
    _, separator, body = block.partition(b"\r\n\r\n")
    if not separator:
        _, _, body = block.partition(b"\n\n")
    try:
        body = decode_body(fields, body)
    except BodyTooLargeError as error:
        return Failure(state=State.OVER_BUDGET, reason=str(error), url=url)
    return Page(url=url, body=body, headers=fields, status=status, fetched_at=date)


def _decode_header(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _strip_brackets(uri: str | None) -> str | None:
    # WARC 1.0 put target URIs in angle brackets, and wget still does.
    return uri.strip().removeprefix("<").removesuffix(">") if uri else None


def _date(record: WarcRecord) -> datetime | None:
    try:
        date = datetime.fromisoformat(record.headers.get("WARC-Date") or "")
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
