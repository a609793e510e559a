"""The URL list of a crawl (urls.jsonl), and which captured responses are documents by it and by their headers.

The list is looked up on disk: an SQLite file that is made once from urls.jsonl, or from the frontier of a crawl that
was killed.
"""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from hashlib import blake2b
from typing import TYPE_CHECKING

from saaf.atomic_files import fsync_path
from saaf.cleaning.rights.sites import rights_file_path
from saaf.cleaning.text.urls import without_fragment
from saaf.corpus.byte_blocks import read_lines
from saaf.corpus.crawl_frontier import (
    FRONTIER,
    FRONTIER_FILES,
    NOT_PARSED,
    is_exported,
    listing_lines,
    open_read_only,
    open_reason,
)
from saaf.corpus.ledger import Failure, State
from saaf.corpus.records import PartOf

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from saaf.cleaning.types import Page

LISTING = "urls.jsonl"
"""The file beside a crawl's WARC with one JSON object per URL: url, role ("document", "discovery" or "failure"), state,
reason; of a later page of an article, part_of (the URL of the first) and part (its number)."""

_MOST_PARTS = 1_000  # pages of one article

_LINE_LIMIT = 1 << 20  # bytes: a URL and a sentence
_HASH_BYTES = 8  # of 100 million URLs, two have the same with a probability of 1 in 4,000
_NOT_PAGES = ("image/", "audio/", "video/", "font/", "text/css", "text/javascript", "text/calendar", "text/dns")
_PAGE_APPLICATIONS = ("application/xhtml+xml", "application/octet-stream", "application/xml")
_INVALID_LINE = (
    "not a line of a crawl's listing, which is a JSON object with url, role and, for what is no document, a state of "
    "the ledger and a reason; crawl again, or delete the line"
)
_NO_RECORD = "listed as fetched, but the WARC has no record"
# A URL that is listed twice has its last line, and the last failure where any line is of one.
_SCHEMA = """
CREATE TABLE lines (hash INTEGER PRIMARY KEY, number INTEGER NOT NULL, url TEXT NOT NULL, state TEXT, reason TEXT,
    part_of TEXT, part INTEGER);
CREATE TABLE invalid (number INTEGER PRIMARY KEY, state TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE crawl (open_reason TEXT);
"""
_INSERT = """
INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO UPDATE SET number = excluded.number,
    reason = CASE WHEN excluded.state IS NULL THEN reason ELSE excluded.reason END,
    state = ifnull(excluded.state, state), part_of = excluded.part_of, part = excluded.part
"""


def url_hash(url: str) -> bytes:
    """Return the 8-byte hash by which a URL is looked up, without its fragment, as a server was asked for it."""
    return blake2b(without_fragment(url).encode("utf-8", "surrogatepass"), digest_size=_HASH_BYTES).digest()


def listing_file(directory: Path) -> str | None:
    """Return the name of the file that a crawl's listing stands in, None where the directory has none.

    That is urls.jsonl, or the frontier where the crawl was killed and urls.jsonl was not written, or not since. Raises
    OSError where it cannot be read.
    """
    is_listed = (directory / LISTING).is_file()
    if (directory / FRONTIER).is_file():
        try:
            with open_read_only(directory / FRONTIER) as connection:
                if not (is_listed and is_exported(connection)):
                    return FRONTIER
        except OSError:
            if not is_listed:
                raise
    if is_listed:
        with (directory / LISTING).open("rb"):  # it may be closed to this user
            return LISTING
    return None


class CrawlListing:
    """The listing of a crawl's directory, looked up in its index in the directory `work`, which is made where missing.

    A context manager. Raises OSError where the listing cannot be read.
    """

    def __init__(self, directory: Path, work: Path) -> None:
        index = _make_index(directory, work)
        try:
            self._open(index)
        except (sqlite3.Error, TypeError):  # a machine that lost its power may leave a file that is not whole
            index.unlink(missing_ok=True)
            self._open(_make_index(directory, work))

    def _open(self, index: Path) -> None:
        self._connection = sqlite3.connect(f"{index.absolute().as_uri()}?mode=ro", uri=True)
        self._open_reason: str | None = self._connection.execute("SELECT open_reason FROM crawl").fetchone()[0]

    def __enter__(self) -> CrawlListing:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def check(self, page: Page) -> Failure | None:
        """Return why a captured response is no document, None where it is one."""
        url = without_fragment(page.url or "")
        found = self._connection.execute(
            "SELECT state, reason FROM lines WHERE hash = ? AND url = ?", (_number(url_hash(url)), url)
        ).fetchone()
        if found is None and self._open_reason is not None:
            return Failure(state=State.PENDING, reason=f"{NOT_PARSED}: {self._open_reason}", url=page.url)
        if found is not None and found[0] is not None:
            return Failure(state=State(found[0]), reason=found[1], url=url)
        return response_failure(page)

    def check_failure(self, failure: Failure) -> Failure | None:
        """Return the failure of a record that cannot be read, in the crawl's own words where it had some for its URL;
        None where the crawl did not list the URL.
        """
        url = without_fragment(failure.url or "")
        found = self._connection.execute(
            "SELECT state, reason FROM lines WHERE hash = ? AND url = ?", (_number(url_hash(url)), url)
        ).fetchone()
        if found is None:
            return None
        return failure if found[0] is None else Failure(state=State(found[0]), reason=found[1], url=url)

    def part_of(self, url: str | None) -> PartOf | None:
        """Return of which article a URL is a later page, None where it is none."""
        plain = without_fragment(url or "")
        found = self._connection.execute(
            "SELECT part_of, part FROM lines WHERE hash = ? AND url = ?", (_number(url_hash(plain)), plain)
        ).fetchone()
        return PartOf(first=found[0], number=found[1]) if found and found[0] is not None else None

    def parts(self) -> Iterator[PartOf]:
        """Yield the place of each later page of an article that the crawl found, whether it was captured or not."""
        for first, number in self._connection.execute("SELECT part_of, part FROM lines WHERE part_of IS NOT NULL"):
            yield PartOf(first=first, number=number)

    def unmatched(self, captured: Collection[bytes]) -> Iterator[tuple[int, Failure]]:
        """Yield line number and failure of each URL that was not captured, and of each line that cannot be read.

        They come by line number, from 1. `captured` are the hashes (`url_hash`) of the responses' URLs.
        """
        rows = self._connection.execute(
            "SELECT number, hash, url, state, reason FROM lines "
            "UNION ALL SELECT number, NULL, NULL, state, reason FROM invalid ORDER BY number"
        )
        for number, hashed, url, state, reason in rows:
            if hashed is not None and hashed.to_bytes(_HASH_BYTES, "big", signed=True) in captured:
                continue
            failure = Failure(state=State.FETCH_FAILED, reason=_NO_RECORD, url=url)
            yield number, failure if state is None else Failure(state=State(state), reason=reason, url=url)


def listing_failures(directory: Path, captured: Collection[bytes], work: Path) -> Iterator[tuple[int, Failure]]:
    """Yield what `CrawlListing.unmatched` does for the crawl in a directory; `work` is the directory of its index."""
    with CrawlListing(directory, work) as listing:
        yield from listing.unmatched(captured)


def _number(hashed: bytes) -> int:
    return int.from_bytes(hashed, "big", signed=True)


def _make_index(directory: Path, work: Path) -> Path:
    """Return the index of a crawl's listing, made where there is none of this state of its files."""
    source = listing_file(directory)
    if source is None:
        raise OSError(f"{directory} has no listing of a crawl")
    digest = blake2b(os.fsencode(directory.absolute()), digest_size=16)
    for name in FRONTIER_FILES[:2] if source == FRONTIER else (LISTING,):
        if (directory / name).exists():
            state = (directory / name).stat()
            digest.update(f"\0{name} {state.st_size} {state.st_mtime_ns}".encode())
    index = work / f"listing-{digest.hexdigest()}.sqlite"
    if not index.exists():
        work.mkdir(parents=True, exist_ok=True)
        partial = index.with_name(f"{index.name}.{os.getpid()}.partial")  # two tasks may make it at the same time
        partial.unlink(missing_ok=True)
        _write_index(partial, directory / source)
        fsync_path(partial)
        partial.replace(index)
    return index


def _write_index(index: Path, source: Path) -> None:
    with closing(sqlite3.connect(index)) as connection:
        connection.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_SCHEMA}")
        if source.name == FRONTIER:
            with open_read_only(source) as frontier:
                connection.execute("INSERT INTO crawl VALUES (?)", (open_reason(frontier),))
                _insert_lines(connection, listing_lines(frontier))
        else:
            connection.execute("INSERT INTO crawl VALUES (NULL)")
            _insert_lines(connection, read_lines(source, _LINE_LIMIT))
        connection.commit()


def _insert_lines(connection: sqlite3.Connection, lines: Iterable[bytes | int]) -> None:
    for number, line in enumerate(lines, start=1):
        if isinstance(line, int):
            reason = f"the line has {line} bytes, and the limit is {_LINE_LIMIT}: crawl again, or delete the line"
            connection.execute("INSERT INTO invalid VALUES (?, ?, ?)", (number, State.OVER_BUDGET, reason))
            continue
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            url, role = str(entry["url"]), str(entry["role"])
            default = State.NOT_CONTENT if role == "discovery" else State.FETCH_FAILED
            outcome: tuple[str | None, str | None] = (None, None)
            if role != "document":
                outcome = (State(entry.get("state") or default), str(entry.get("reason") or role))
            url = url.encode("utf-8", "replace").decode()  # JSON can spell half a surrogate pair
            part = _part_of(entry)
            place = (part.first, part.number) if part else (None, None)
            connection.execute(_INSERT, (_number(url_hash(url)), number, without_fragment(url), *outcome, *place))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            connection.execute("INSERT INTO invalid VALUES (?, ?, ?)", (number, State.UNREADABLE, _INVALID_LINE))


def _part_of(entry: dict[str, object]) -> PartOf | None:
    """Return the place of a later page that a line states, None where it states none that can be used."""
    first, number = entry.get("part_of"), entry.get("part")
    if isinstance(first, str) and isinstance(number, int) and 2 <= number <= _MOST_PARTS:
        return PartOf(first=first.encode("utf-8", "replace").decode(), number=number)
    return None


def response_failure(page: Page) -> Failure | None:
    """Return why a response cannot be a document, by its status, URL and content type; None where it may be one."""
    if page.status >= 400:
        return Failure(state=State.HTTP_ERROR, reason=f"HTTP status {page.status}", url=page.url)
    if not 200 <= page.status < 300:
        target = page.header("location") or "nowhere"
        return Failure(state=State.NOT_CONTENT, reason=f"HTTP status {page.status}: leads to {target}", url=page.url)
    if rights_file := rights_file_path(page.url):
        return Failure(state=State.NOT_CONTENT, reason=rights_file.rpartition("/")[2], url=page.url)
    kind = (page.header("content-type") or "").partition(";")[0].strip().lower()
    application = kind.startswith("application/") and not kind.startswith(_PAGE_APPLICATIONS)
    if application or kind.startswith(_NOT_PAGES):
        return Failure(state=State.NOT_CONTENT, reason=f"content type {kind}", url=page.url)
    return None
