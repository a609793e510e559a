"""Reading WARC 1.1 (ISO 28500) through fastwarc: records to pages, one at a time, none larger than its limit.

A broken archive is read as far as it can be: each record that cannot be read is a `Failure` with its offset, and
reading goes on at the next record. Why fastwarc: docs/decisions/0005-warc-library.md.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from saaf.cleaning.types import Page
from saaf.corpus.capture_times import parse_capture_time
from saaf.corpus.content_codings import decode_body
from saaf.corpus.decompression import GZIP_MAGIC, Problem
from saaf.corpus.http_headers import read_response_headers
from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import BODY_LIMIT, over_limit_reason, record_limit
from saaf.corpus.warc_recovery import largest_possible_length, next_record, record_end

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from saaf.corpus.input_paths import InputPath

_PIECE = 1 << 20  # bytes of a record read at a time where they are only counted
PAGE_TYPES = (WarcRecordType.response, WarcRecordType.resource, WarcRecordType.conversion)


Item = TypeVar("Item")
ReadRecord = Callable[[WarcRecord, int, int], Generator[Item | Failure, None, bool]]


def read_warc(
    path: InputPath, *, body_limit: int = BODY_LIMIT, start: int = 0, end: int | None = None
) -> Iterator[Page | Failure]:
    """Yield the pages of a WARC file (plain, .gz, or .zst) in order, and a `Failure` for each record that is broken.

    Response, resource and conversion records (the text of a WET file) become pages, their bodies decoded; a revisit is
    a `Failure` in state repeated. Records about records (warcinfo, request, metadata) are not inputs and not yielded.
    A record whose body has more than `body_limit` bytes is a `Failure` in state over_budget, and is never held. A page
    whose body was cut off, here or by the archiver, has the flag "truncated". Only records that begin in the bytes
    `[start, end)` are read, and what is broken between them; a record begins at `start`, and `end` None is the end.
    """
    if path.stat().st_size == 0:
        yield Failure(state=State.EMPTY, reason="the archive is empty (0 bytes)")
        return
    with path.open("rb") as stream:
        yield from read_warc_stream(stream, body_limit=body_limit, start=start, end=end)


def read_warc_stream(
    stream: BinaryIO, *, body_limit: int = BODY_LIMIT, start: int = 0, end: int | None = None
) -> Iterator[Page | Failure]:
    """Yield what `read_warc` does of a stream that can be searched."""
    yield from read_records(stream, partial(_read_record, body_limit=body_limit), start=start, end=end)


def read_page_at(stream: BinaryIO, offset: int, *, body_limit: int = BODY_LIMIT) -> Page | Failure | None:
    """Return the page of the record at a byte offset, as `read_warc` yields it; None where it has none."""
    records = read_records(stream, partial(_read_record, body_limit=body_limit), start=offset)
    return next(records, None)


def read_records(
    stream: BinaryIO, read_record: ReadRecord[Item], *, start: int = 0, end: int | None = None
) -> Iterator[Item | Failure]:
    """Yield what `read_record` yields for each record from offset `start` on, and a `Failure` for what is broken.

    `end` is the offset of a record that is not read, nor are those behind it; None reads to the end of the file.

    `read_record` is called with a record, its offset and the length that no record of the file can exceed; it reads the
    record to its end, and returns whether the record is as long as it states.
    """
    position: int | None = start
    while position is not None and (end is None or position < end):
        position = yield from _read_from(stream, position, read_record, end)


def _read_from(
    stream: BinaryIO, start: int, read_record: ReadRecord[Item], stop: int | None
) -> Generator[Item | Failure, None, int | None]:
    """Yield the records from offset `start` to `stop`, or to the next broken record.

    Returns the offset to go on at, None where no record is left to read.
    """
    last: int | None = None
    longest = largest_possible_length(stream, start)
    stream.seek(start)
    try:
        for record in ArchiveIterator(stream, parse_http=False):
            if stop is not None and record.stream_pos >= stop:
                return None
            last = record.stream_pos
            is_whole = yield from read_record(record, last, longest)
            if not is_whole:  # what it states of its length is wrong: the next record may lie within that
                return _following_record(stream, last)
    except OSError as error:
        end = start if last is None else record_end(stream, last)
        following = next_record(stream, end if last is not None else start + 1)
        # Where the next record begins right behind the last good one, it is the broken one: the next call reports it.
        if last is None or following != end:
            yield _broken_record(end, f"{error}; reading went on at the next record")
        return following
    # Where the rest is too short for a header, fastwarc ends without an error.
    end = start if last is None else record_end(stream, last)
    stream.seek(end)
    if stream.read(1 << 10).strip(b"\0\r\n"):
        yield _broken_record(end, "the file is cut off inside this record's first bytes; fetch it again")
    return None


def _following_record(stream: BinaryIO, offset: int) -> int | None:
    """Return the offset of the record that follows one with a wrong length at `offset`, None where there is none."""
    stream.seek(offset)
    is_gzip = stream.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    return next_record(stream, record_end(stream, offset) if is_gzip else offset + 1)


def _broken_record(offset: int, problem: str, url: str | None = None) -> Failure:
    return Failure(state=State.UNREADABLE, reason=f"broken WARC record at byte {offset}: {problem}", url=url)


def stated_length(record: WarcRecord, offset: int, longest: int) -> int | Failure:
    """Return the length of a record's block as it states it, a failure where that cannot be.

    `longest` is the length that no record of the file can exceed.
    """
    url = target_url(record)
    stated = (record.headers.get("Content-Length") or "").strip()
    if not (stated.isascii() and stated.isdigit()) or len(stated) > 18:
        return _broken_record(offset, f"it states a length of {stated[:30]!r} bytes; fetch the file again", url)
    if int(stated) > longest:
        return _broken_record(
            offset, f"it states a length of {int(stated)} bytes, and the file has less; fetch it again", url
        )
    return int(stated)


def _read_record(
    record: WarcRecord, offset: int, longest: int, *, body_limit: int
) -> Generator[Page | Failure, None, bool]:
    """Yield one page or failure, or nothing for a record about records.

    Returns whether the record is as long as it states.
    """
    url, limit = target_url(record), record_limit(body_limit)
    length = stated_length(record, offset, longest)
    if isinstance(length, Failure):
        yield length
        return False
    is_page = record.record_type in PAGE_TYPES
    block: bytes = record.reader.read(length) if length <= limit else b""
    size = len(block) if length <= limit else count_block(record)
    if size != length:
        yield cut_off_failure(record, offset, size, length)
        return False
    if length <= limit:
        yield from _read_block(record, block, url, offset, body_limit)
    elif is_page:
        reason = over_limit_reason(f"the WARC record at byte {offset}", length, limit)
        yield Failure(state=State.OVER_BUDGET, reason=reason, url=url)
    return True


def cut_off_failure(record: WarcRecord, offset: int, size: int, length: int) -> Failure:
    """Return the failure of a record with fewer bytes than it states."""
    return _broken_record(offset, f"cut off after {size} of {length} bytes; fetch the file again", target_url(record))


def count_block(record: WarcRecord) -> int:
    """Return the number of bytes of a record's block from where it was read to, without holding them."""
    size = 0
    while piece := record.reader.read(_PIECE):
        size += len(piece)
    return size


def _read_block(
    record: WarcRecord, block: bytes, url: str | None, offset: int, body_limit: int
) -> Iterator[Page | Failure]:
    """Yield the page or failure of a whole record, nothing for a record about records."""
    kind = record.record_type
    if kind == WarcRecordType.response or (kind == WarcRecordType.resource and is_http(record)):
        found = http_page(
            block, url=url, fetched_at=record_date(record), flags=_archiver_flags(record), body_limit=body_limit
        )
        yield _broken_record(offset, found, url) if isinstance(found, str) else found
    elif kind in PAGE_TYPES:
        content_type = record.headers.get("Content-Type") or "text/plain"
        page = Page(
            url=url,
            body=block,
            headers=(("Content-Type", content_type),),
            fetched_at=record_date(record),
            flags=_archiver_flags(record),
        )
        yield within_limit(page, body_limit)
    elif kind == WarcRecordType.revisit:
        yield Failure(state=State.REPEATED, reason="a revisit record: the page had not changed", url=url)
    elif kind in (WarcRecordType.continuation, WarcRecordType.unknown):
        yield _broken_record(offset, f"records of type {record.headers.get('WARC-Type')} are not read", url)


def is_http(record: WarcRecord) -> bool:
    """Return whether the block of a record is an HTTP message."""
    return (record.headers.get("Content-Type") or "").lower().startswith("application/http")


def http_page(
    block: bytes, *, url: str | None, fetched_at: datetime | None, flags: tuple[str, ...], body_limit: int
) -> Page | Failure | str:
    """Return the page of a record whose block is an HTTP response, a failure where it is over the limit.

    A text says what is wrong with its headers. `flags` are those that the record has by itself.
    """
    try:
        headers, body_start = read_response_headers(block)
    except OSError as error:
        return f"its HTTP headers cannot be read ({error})"
    if headers.status_code is None:
        return "a response without an HTTP status line"
    fields = tuple((_decode_header(name), _decode_header(value)) for name, value in headers.items_bytes())
    body = block[body_start:]
    decoded = decode_body(fields, body, limit=body_limit)
    if decoded.problem is Problem.OVER_LIMIT:
        reason = over_limit_reason("the body, unpacked,", None, body_limit)
        return Failure(state=State.OVER_BUDGET, reason=reason, url=url)
    found = {*flags, *([decoded.problem.value] if decoded.problem else [])}
    if _is_shorter_than_stated(fields, body):
        found.add(Problem.TRUNCATED.value)
    page = Page(
        url=url,
        body=decoded.body,
        headers=fields,
        status=headers.status_code,
        fetched_at=fetched_at,
        flags=tuple(sorted(found)),
    )
    return within_limit(page, body_limit)


def _is_shorter_than_stated(fields: tuple[tuple[str, str], ...], body: bytes) -> bool:
    """Return whether a body has fewer bytes than its Content-Length: the connection ended before it had come.

    An archiver that stores bodies decoded, with the headers of the coded ones, makes them longer.
    """
    lengths = [value.strip() for name, value in fields if name.lower() == "content-length"]
    return any(length.isascii() and length.isdigit() and len(body) < int(length[:18]) for length in lengths)


def within_limit(page: Page, body_limit: int) -> Page | Failure:
    """Return the page, or a failure where its body, which had no coding, is over the limit."""
    if len(page.body) <= body_limit:
        return page
    reason = over_limit_reason("the body", len(page.body), body_limit)
    return Failure(state=State.OVER_BUDGET, reason=reason, url=page.url)


def _archiver_flags(record: WarcRecord) -> tuple[str, ...]:
    """Return the flag of a record whose block the archiver cut off, at a size or time limit of its own."""
    return (Problem.TRUNCATED.value,) if record.headers.get("WARC-Truncated") else ()


def _decode_header(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def target_url(record: WarcRecord, name: str = "WARC-Target-URI") -> str | None:
    """Return the URL in a header of a record, None where it has none."""
    uri = record.headers.get(name)
    # WARC 1.0 put target URIs in angle brackets, and wget still does.
    return uri.strip().removeprefix("<").removesuffix(">") if uri else None


def record_date(record: WarcRecord) -> datetime | None:
    """Return when the record was captured, None where it does not say."""
    return parse_capture_time(record.headers.get("WARC-Date") or "")
