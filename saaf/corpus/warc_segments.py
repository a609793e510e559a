"""Segments of a growing WARC: numbered files that are appended to, synced, and recovered after a kill."""

from __future__ import annotations

import os
import re
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecordType

from saaf.atomic_files import fsync_path
from saaf.corpus.capture_times import parse_capture_time
from saaf.corpus.http_headers import read_response_headers
from saaf.corpus.recorded_crawls import warcinfo_fields
from saaf.corpus.warc_records import Exchange, exchange_records, gzip_members, warcinfo_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from saaf.corpus.warc_records import Headers

SEGMENT_BYTES = 1_000_000_000
"""Size in bytes from which on a segment is full: the next record begins another."""
_NAME = re.compile(r"records-(\d{5,})\.warc\.gz\Z")
_ANSWERS = (WarcRecordType.response, WarcRecordType.revisit)
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Position:
    """An end of the written records: number of the segment, from 0, and offset in bytes."""

    segment: int = 0
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where the gzip member of a response or revisit record is: number of the segment, offset and length in bytes."""

    segment: int
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResponse:
    """A response or revisit record as it was read back.

    `body` is the payload with all content codings; it is empty for a revisit (`is_revisit`). `metadata` are the fields
    of the metadata record of the same exchange, where it was read with it.
    """

    url: str
    fetched_at: datetime | None
    status: int
    headers: Headers
    body: bytes = field(repr=False)
    location: Location
    is_revisit: bool = False
    truncated: str | None = None
    metadata: tuple[tuple[str, str], ...] = ()


def segment_path(directory: Path, number: int) -> Path:
    """Return the path of a segment: records-00000.warc.gz, records-00001.warc.gz, …"""
    return directory / f"records-{number:05}.warc.gz"


def segment_numbers(directory: Path) -> list[int]:
    """Return the numbers of the segments in a directory, sorted; [] where there is no such directory."""
    if not directory.is_dir():
        return []
    return sorted(int(found[1]) for path in directory.iterdir() if (found := _NAME.fullmatch(path.name)))


class SegmentWriter:
    """Writer that appends exchanges to the last segment of a directory, and begins another where it is full.

    It begins another, too, where the last one has a warcinfo record with other fields than `info`, which hold for all
    records of a segment.

    Each exchange is written by one call: after a kill, only its end can be missing, which `recover` cuts off. Where a
    write fails (a full disk), the segment is as it was before, and OSError is raised. `position` is the end of what was
    written, `size` how many bytes this writer wrote.
    """

    def __init__(self, directory: Path, *, info: tuple[tuple[str, str], ...] = (), limit: int = SEGMENT_BYTES) -> None:
        self._directory = directory
        self._info = info
        self._limit = limit
        self._descriptor = -1
        self._dirty = False
        self._syncing = Lock()
        self._failure: OSError | None = None
        numbers = segment_numbers(directory)
        number = numbers[-1] if numbers else 0
        path = segment_path(directory, number)
        self.position = Position(segment=number, offset=path.stat().st_size if numbers else 0)
        self.size = 0
        self._is_full = bool(self.position.offset) and not _begins_with(path, info)

    def append(self, exchange: Exchange, digest: bytes | None = None) -> Location:
        """Append the records of an exchange; return where its response or revisit record is.

        `digest` is the SHA-1 of the body, None where it is not known. Raises OSError.
        """
        if self._descriptor < 0 or self.position.offset >= self._limit:
            self._open_segment(exchange.fetched_at)
        members = gzip_members(exchange_records(exchange, digest))
        self._write(b"".join(members))
        length = len(members[-1])
        return Location(segment=self.position.segment, offset=self.position.offset - length, length=length)

    def sync(self) -> None:
        """Put what was written on the disk (fdatasync); raise OSError where that fails, or failed in `write_back`."""
        if self._dirty:
            with self._syncing:
                os.fdatasync(self._descriptor)
            if self._failure is not None:
                raise self._failure
            self._dirty = False

    def write_back(self) -> Callable[[], None]:
        """Return a function, to be called in any thread, that puts on the disk what was written so far.

        `sync` must be called all the same, has less to wait for, and raises what failed here.
        """
        if not self._dirty:
            return lambda: None
        descriptor = os.dup(self._descriptor)  # the segment may be closed meanwhile

        def put() -> None:
            try:
                with self._syncing:
                    os.fdatasync(descriptor)
            except OSError as error:
                self._failure = error  # the kernel reports it once: the next fdatasync would succeed
            finally:
                os.close(descriptor)

        return put

    def close(self) -> None:
        """Sync and close the segment; a second call does nothing."""
        if self._descriptor >= 0:
            try:
                self.sync()
            finally:
                os.close(self._descriptor)
                self._descriptor = -1

    def _open_segment(self, date: datetime) -> None:
        """Open the last segment, or the next one where that is to be begun; it begins with a warcinfo record."""
        self.close()
        if self._is_full or self.position.offset >= self._limit:
            self._is_full = False
            self.position = Position(segment=self.position.segment + 1)
        path = segment_path(self._directory, self.position.segment)
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
        fsync_path(self._directory)
        if not self.position.offset:
            self._write(gzip_members([warcinfo_record(date, self._info)])[0])

    def _write(self, content: bytes) -> None:
        start, rest = self.position.offset, memoryview(content)
        self._dirty = True
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._descriptor, start)
            raise
        self.position = Position(segment=self.position.segment, offset=start + len(content))
        self.size += len(content)


def _begins_with(path: Path, info: tuple[tuple[str, str], ...]) -> bool:
    """Return whether the warcinfo record of a segment has these fields."""
    fields = warcinfo_fields(path)
    return all(fields.get(name, "") == " ".join(value.splitlines()).strip() for name, value in info)


def recover(directory: Path, position: Position) -> Iterator[StoredResponse]:
    """Yield the whole response and revisit records that follow `position`, in order, then cut off what is torn.

    A segment is cut behind its last whole response or revisit record (or its warcinfo record): request and metadata
    records are written in front of their response, and mean nothing without it.
    """
    for number in segment_numbers(directory):
        if number < position.segment:
            continue
        start = position.offset if number == position.segment else 0
        path = segment_path(directory, number)
        end = start = min(start, path.stat().st_size)
        with path.open("rb") as stream:
            metadata: tuple[tuple[str, str], ...] = ()
            for offset, content in _members(stream, start):
                member = Location(segment=number, offset=offset, length=stream.tell() - offset)
                kind, found, fields = _parse(content, member)
                if kind == WarcRecordType.metadata:
                    metadata = fields
                elif kind in (*_ANSWERS, WarcRecordType.warcinfo):
                    end = offset + member.length
                    if found is not None:
                        yield _with_metadata(found, metadata)
                    metadata = ()
        if end < path.stat().st_size:
            os.truncate(path, end)
            fsync_path(path)


def read_response(directory: Path, location: Location) -> StoredResponse | None:
    """Return the response or revisit record at a location, None where there is none that is whole."""
    try:
        with segment_path(directory, location.segment).open("rb") as stream:
            stream.seek(location.offset)
            content = zlib.decompress(stream.read(location.length), zlib.MAX_WBITS | 16)
    except (OSError, zlib.error):
        return None
    return _parse(content, location)[1]


def _members(stream: BinaryIO, start: int) -> Iterator[tuple[int, bytes]]:
    """Yield offset and content of each whole gzip member from `start` on; the stream is at the member's end then."""
    offset = start
    while True:
        stream.seek(offset)
        member, parts = zlib.decompressobj(zlib.MAX_WBITS | 16), []
        try:
            while not member.eof:
                data = stream.read(_BLOCK)
                if not data:
                    return
                parts.append(member.decompress(data))
        except zlib.error:
            return
        end = stream.tell() - len(member.unused_data)
        stream.seek(end)
        yield offset, b"".join(parts)
        offset = end


def _parse(
    content: bytes, location: Location
) -> tuple[WarcRecordType | None, StoredResponse | None, tuple[tuple[str, str], ...]]:
    """Return the type of a record, its response where it has one, and its fields where it is a metadata record."""
    try:
        record = next(iter(ArchiveIterator(BytesIO(content), parse_http=False)), None)
        if record is None:
            return None, None, ()
        block: bytes = record.reader.read()
        if record.record_type == WarcRecordType.metadata:
            lines = (line.partition(": ") for line in block.decode("utf-8", "surrogateescape").splitlines())
            return record.record_type, None, tuple((name, value) for name, _, value in lines)
        if record.record_type not in _ANSWERS:
            return record.record_type, None, ()
        headers, body_start = read_response_headers(block)
    except OSError:
        return None, None, ()
    found = StoredResponse(
        url=record.headers.get("WARC-Target-URI") or "",
        fetched_at=parse_capture_time(record.headers.get("WARC-Date") or ""),
        status=headers.status_code or 0,
        headers=tuple((name.removeprefix(b"X-Crawl-"), value) for name, value in headers.items_bytes()),
        body=block[body_start:],
        location=location,
        is_revisit=record.record_type == WarcRecordType.revisit,
        truncated=record.headers.get("WARC-Truncated"),
    )
    return record.record_type, found, ()


def _with_metadata(found: StoredResponse, metadata: tuple[tuple[str, str], ...]) -> StoredResponse:
    return StoredResponse(
        url=found.url,
        fetched_at=found.fetched_at,
        status=found.status,
        headers=found.headers,
        body=found.body,
        location=found.location,
        is_revisit=found.is_revisit,
        truncated=found.truncated,
        metadata=metadata,
    )
