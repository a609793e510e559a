"""Writing of a WARC file of pages as a whole: docs/decisions/0005-warc-library.md."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, Self

from fastwarc.warc import ArchiveIterator

from saaf.atomic_files import PARTIAL, fsync_path
from saaf.corpus.warc_records import Exchange, exchange_records, gzip_members, warcinfo_record

if TYPE_CHECKING:
    from pathlib import Path

    from saaf.cleaning.types import Page

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # the date of the warcinfo record of an archive without pages
_REPLAY = ("description", "replay of saved pages")
_REPLAY_LINE = ": ".join(_REPLAY).encode()


class WarcWriter:
    """Writer of pages to `path`, one gzip member per record; a context manager.

    The file is `path` + ".partial" until it is closed without an exception; a process that was killed leaves the
    partial file, which `saaf.corpus.warc_reader.read_warc` can read. The same pages in the same order give the same
    bytes. With `replay`, the archive says that it is of saved pages, which can be replayed again: see `is_replay`;
    `info` are more fields of its warcinfo record. A live crawl writes to `saaf.corpus.warc_segments.SegmentWriter`
    instead.
    """

    def __init__(self, path: Path, *, replay: bool = False, info: tuple[tuple[str, str], ...] = ()) -> None:
        self._path = path
        self._fields = (*((_REPLAY,) if replay else ()), *info)
        self._partial = path.with_name(path.name + PARTIAL)
        self._started = False
        self._discarded = False

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._stream: BinaryIO = self._partial.open("wb")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._write_warcinfo(_EPOCH)
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
        exchange = page_exchange(page)
        self._write_warcinfo(exchange.fetched_at)
        for member in gzip_members(exchange_records(exchange)):
            self._stream.write(member)

    def _write_warcinfo(self, date: datetime) -> None:
        """Write the warcinfo record with the date of the first page: a file does not depend on the clock."""
        if not self._started:
            self._started = True
            self._stream.write(gzip_members([warcinfo_record(date, self._fields)])[0])


def page_exchange(page: Page) -> Exchange:
    """Return the exchange of a page: a response record alone. Raises ValueError where it has no URL or no time."""
    if page.url is None or page.fetched_at is None:
        raise ValueError(f"a WARC record needs a URL and a capture time; this page has {page.url}, {page.fetched_at}")
    headers = tuple((_bytes(name), _bytes(value)) for name, value in page.headers)
    return Exchange(url=page.url, fetched_at=page.fetched_at, status=page.status, headers=headers, body=page.body)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def is_replay(path: Path) -> bool:
    """Return whether an archive was written by a `WarcWriter` of a replay; False where there is none to read."""
    try:
        with path.open("rb") as stream:
            first = next(iter(ArchiveIterator(stream, parse_http=False)), None)
            return first is not None and _REPLAY_LINE in first.reader.read()
    except OSError:
        return False
