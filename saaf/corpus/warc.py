"""Writing captured pages as WARC 1.1 (ISO 28500), through fastwarc: docs/decisions/0005-warc-library.md."""

from __future__ import annotations

from base64 import b32encode
from datetime import UTC, datetime
from hashlib import sha1
from http.client import responses
from typing import TYPE_CHECKING, BinaryIO, Self
from uuid import UUID, uuid5

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from saaf.atomic_files import PARTIAL, fsync_path
from saaf.corpus.content_codings import decode_body

if TYPE_CHECKING:
    from pathlib import Path

    from saaf.cleaning.types import Page

_NAMESPACE = UUID("6f0f0d0e-7f53-5d0c-9a55-3a61f0f5a1c4")  # drawn once: record ids are UUIDs of the content in it
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # the date of the warcinfo record of an archive without pages
_REPLAY = b"description: replay of saved pages\r\n"
_HEAD_BYTES = 4096
_COMPRESSION_LEVEL = 6  # 9 takes 80 % longer for 0.9 % on 78 MB of news pages


class WarcWriter:
    """Writer of captured pages to `path`, one gzip member per record; a context manager.

    The file is `path` + ".partial" until it is closed without an exception; a crawl that was killed leaves the partial
    file, which `saaf.corpus.warc_reader.read_warc` can read. The same pages in the same order give the same bytes. With
    `replay`, the archive says that it is of saved pages, which can be replayed again: see `is_replay`.
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
    if decode_body(page.headers, page.body, limit=_HEAD_BYTES).body is page.body:  # whether it can be is enough
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
