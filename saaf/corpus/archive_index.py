"""Index of archives: URL to the record of its last capture, on disk, so that a replay finds any of millions."""

from __future__ import annotations

import math
import sqlite3
from collections import OrderedDict
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, BinaryIO, Self

from saaf.cleaning.text.urls import canonical_url, without_fragment
from saaf.cleaning.types import Page
from saaf.corpus.archive_files import ArchiveFile, archive_files, unpacked
from saaf.corpus.archive_scan import Capture, scan
from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import BODY_LIMIT
from saaf.corpus.warc_reader import read_page_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MAX_FAILURES = 10_000
"""The most broken records without a URL that are kept by themselves; the number of others is in one more."""

_OPEN_FILES = 32
_BATCH = 10_000
_TABLE = """
CREATE TABLE capture (
    url TEXT NOT NULL, time REAL, file INTEGER NOT NULL, offset INTEGER NOT NULL, is_revisit INTEGER NOT NULL,
    digest BLOB, refers_key BLOB, refers_time REAL, reason TEXT, key BLOB NOT NULL, is_page INTEGER NOT NULL
)
"""
_INSERT = "INSERT INTO capture VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
# Of several captures the last by time; one without a time is the oldest.
_EXACT = """
SELECT * FROM capture WHERE key = ? AND url = ? ORDER BY time IS NULL, time DESC, file DESC, offset DESC LIMIT 1
"""
_ANY_SPELLING = "SELECT * FROM capture WHERE key = ? ORDER BY time IS NULL, time DESC, file DESC, offset DESC LIMIT 1"
_BY_DATE = "SELECT * FROM capture WHERE NOT is_revisit AND reason IS NULL AND key = ? AND time = ? LIMIT 1"
_BY_DIGEST = """
SELECT * FROM capture WHERE NOT is_revisit AND reason IS NULL AND digest = ? ORDER BY time DESC, file, offset LIMIT 1
"""
_BEFORE = """
SELECT * FROM capture WHERE NOT is_revisit AND reason IS NULL AND key = ? AND time <= ? ORDER BY time DESC LIMIT 1
"""
_Row = tuple[str, float | None, int, int, int, bytes | None, bytes | None, float | None, str | None, bytes, int]


class IndexSpaceError(OSError):
    """The index cannot be written; the message says what to do."""


class ArchiveIndex:
    """The captures of WARC and WACZ files by URL; a context manager that closes the files.

    The index is a temporary SQLite database on disk, about 200 bytes a capture. Of several captures of a URL the last
    by time counts. `failures` are the files and records that cannot be read and have no URL; `captures` is the number
    of records.
    """

    def __init__(self, paths: Sequence[Path], *, body_limit: int = BODY_LIMIT) -> None:
        """Read all files once. Raises `IndexSpaceError` where the index cannot be written."""
        self._body_limit = body_limit
        self._files: list[ArchiveFile] = []
        self._open: OrderedDict[int, BinaryIO] = OrderedDict()
        self._unpacked: dict[int, BinaryIO] = {}
        self._more_failures = 0
        self.failures: list[Failure] = []
        self.captures = 0
        self._database = sqlite3.connect("")  # a temporary file, which SQLite deletes
        self._database.execute("PRAGMA journal_mode = OFF")  # it is made anew by the next run
        self._database.execute(_TABLE)
        for found in archive_files(paths):
            if isinstance(found, Failure):
                self._fail(found)
            else:
                self._files.append(found)
                self._index(len(self._files) - 1)
        self._database.execute("CREATE INDEX by_key ON capture (key)")
        self._database.execute("CREATE INDEX by_digest ON capture (digest) WHERE digest IS NOT NULL AND NOT is_revisit")
        self._database.commit()
        if self._more_failures:
            reason = f"{self._more_failures} more records cannot be read: is it this format?"
            self.failures.append(Failure(state=State.UNREADABLE, reason=reason, url="(other records)"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all files and delete the index."""
        for stream in (*self._open.values(), *self._unpacked.values()):
            stream.close()
        self._open.clear()
        self._unpacked.clear()
        self._database.close()

    def find(self, url: str) -> Page | Failure | None:
        """Return the last capture of a URL as a page, a failure where it cannot be read, None where there is none.

        A capture of exactly this URL comes before those of other spellings of its canonical form. A revisit record is
        returned with the body of the capture that it refers to, and its own time.
        """
        exact, key = without_fragment(url), _key(url)
        row = self._one(_EXACT, key, exact) or self._one(_ANY_SPELLING, key)
        if row is None:
            return None
        if row[8] is not None:
            return Failure(state=State.UNREADABLE, reason=row[8], url=url)
        original = self._original(row, key) if row[4] else row
        if original is None:
            reason = "a revisit record, whose body is in an archive that was not given: add that archive to the source"
            return Failure(state=State.UNREADABLE, reason=reason, url=url)
        page = self._read(original[2], original[3])
        if not isinstance(page, Page):
            return page or Failure(state=State.UNREADABLE, reason="the record has no page", url=url)
        if original is not row and row[1] is not None:
            page = replace(page, fetched_at=datetime.fromtimestamp(row[1], UTC))
        return replace(page, url=exact)

    def page_urls(self) -> Iterator[str]:
        """Yield the URLs of the pages, each once, sorted: records of HTML with status 200, and revisits of any page."""
        cursor = self._database.cursor()
        rows = cursor.execute("SELECT DISTINCT url FROM capture WHERE is_page ORDER BY url")
        yield from (str(url) for (url,) in rows)
        cursor.close()

    def _index(self, number: int) -> None:
        """Add the records of a file; one that was compressed as a whole is unpacked first."""
        try:
            stream = self._stream(number)
            if not self._add_records(number, stream):
                self._unpacked[number] = unpacked(stream)
                self._add_records(number, self._unpacked[number])
        except IndexSpaceError:
            raise
        except OSError as error:
            reason = f"the file cannot be read: {error.strerror or error}; fetch or write it again"
            self._fail(Failure(state=State.UNREADABLE, reason=reason, url=self._files[number].name))

    def _add_records(self, number: int, stream: BinaryIO) -> bool:
        """Add the records of a file; return False, and add none, where two of them have the same offset."""
        last = -1
        rows: list[tuple[object, ...]] = []
        failures: list[Failure] = []
        for found in scan(stream):
            if isinstance(found, Failure):
                if found.url:
                    rows.append(_failure_row(found, number))
                else:
                    failures.append(replace(found, url=self._files[number].name))
                continue
            if found.offset == last:
                self._database.execute("DELETE FROM capture WHERE file = ?", (number,))
                return False
            last = found.offset
            rows.append(_row(found, number))
            if len(rows) >= _BATCH:
                self._write(rows)
        self._write(rows)
        for failure in failures:
            self._fail(failure)
        return True

    def _write(self, rows: list[tuple[object, ...]]) -> None:
        try:
            self._database.executemany(_INSERT, rows)
        except sqlite3.Error as error:  # the disk of temporary files is full
            raise IndexSpaceError(
                f"the index cannot be written: {error}; set TMPDIR to a disk with more space"
            ) from error
        self.captures += len(rows)
        rows.clear()

    def _fail(self, failure: Failure) -> None:
        if len(self.failures) < MAX_FAILURES:
            self.failures.append(failure)
        else:
            self._more_failures += 1

    def _original(self, row: _Row, key: bytes) -> _Row | None:
        """Return the capture whose body a revisit record stands for, by what it states, from the surest to the least.

        WARC 1.1, section 6.7: the URL and the date it refers to; the payload digest; the URL before it.
        """
        time, digest, refers_key, refers_time = row[1], *row[5:8]
        found: _Row | None = None
        if refers_key is not None and refers_time is not None:
            found = self._one(_BY_DATE, refers_key, refers_time)
        if found is None and digest is not None:
            found = self._one(_BY_DIGEST, digest)
        return found or self._one(_BEFORE, refers_key or key, time if time is not None else math.inf)

    def _one(self, query: str, *values: object) -> _Row | None:
        row: _Row | None = self._database.execute(query, values).fetchone()
        return row

    def _read(self, number: int, offset: int) -> Page | Failure | None:
        try:
            return read_page_at(self._stream(number), offset, body_limit=self._body_limit)
        except OSError as error:
            reason = f"{self._files[number].name} cannot be read: {error.strerror or error}"
            return Failure(state=State.UNREADABLE, reason=reason)

    def _stream(self, number: int) -> BinaryIO:
        """Return the stream of a file; the 32 that were used last stay open."""
        if number in self._unpacked:
            return self._unpacked[number]
        if number not in self._open:
            self._open[number] = self._files[number].open()
            if len(self._open) > _OPEN_FILES:
                self._open.popitem(last=False)[1].close()
        self._open.move_to_end(number)
        return self._open[number]


def _key(url: str) -> bytes:
    """Return the first 16 bytes of a hash of a URL's canonical form."""
    canonical = canonical_url(without_fragment(url))
    return blake2b(canonical.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _row(capture: Capture, number: int) -> tuple[object, ...]:
    is_page = capture.is_revisit or (capture.is_html and capture.status == 200)
    digest = blake2b(capture.digest.encode("utf-8", "replace"), digest_size=16).digest() if capture.digest else None
    refers_key = _key(capture.refers_url) if capture.refers_url else None
    url = capture.url.encode("utf-8", "replace").decode()
    where = (url, capture.time, number, capture.offset)
    return (*where, capture.is_revisit, digest, refers_key, capture.refers_time, None, _key(capture.url), is_page)


def _failure_row(failure: Failure, number: int) -> tuple[object, ...]:
    url = without_fragment(failure.url or "").encode("utf-8", "replace").decode()
    return (url, -1.0, number, -1, False, None, None, None, failure.reason, _key(url), False)
