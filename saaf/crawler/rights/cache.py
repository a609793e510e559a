"""Cache of rights files beside a capture: what a crawl that is started again need not fetch again."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from saaf.cleaning.rights.robots_txt import NO_SIGNALS, parse_robots
from saaf.cleaning.rights.sites import ROBOTS_PATH, rights_file_path
from saaf.cleaning.types import Page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

logger = logging.getLogger(__name__)

FRESH = timedelta(hours=24)  # as long as RFC 9309, section 2.4, lets a robots.txt be cached
_FILE = ".rights.jsonl"  # hidden: no input of a build
_LINE_LIMIT = 1 << 20


class RightsCache:
    """Append-only file of the rights files that a crawl fetched, and the times at which they were.

    Of robots.txt only those with signals are stored: the crawl asks for them again anyway. `directory` is that of the
    capture; None stores nothing. A line that a kill cut short is skipped. Where the disk cannot be written, the crawl
    goes on without the file.
    """

    def __init__(self, directory: Path | None) -> None:
        self._path = directory / _FILE if directory else None
        self._fetched: dict[int, float] = {}  # by the hash of a URL: a crawl of many sites has millions
        self._stored: set[int] = set()  # of these, what earlier runs fetched

    def load(self) -> Iterator[Page]:
        """Yield the files that earlier crawls stored, oldest first."""
        if self._path is None or not self._path.is_file():
            return
        with self._path.open("rb") as stream:
            while line := stream.readline(_LINE_LIMIT):
                page = _parse_line(line)
                if page is not None and page.url and page.fetched_at:
                    self._fetched[hash(page.url)] = page.fetched_at.timestamp()
                    self._stored.add(hash(page.url))
                    yield page

    def is_fresh(self, url: str) -> bool:
        """Return whether the file at the URL was fetched, or tried, less than 24 hours ago."""
        fetched = self._fetched.get(hash(url))
        return fetched is not None and datetime.now(UTC).timestamp() - fetched < FRESH.total_seconds()

    def is_stored(self, url: str) -> bool:
        """Return whether it was an earlier run that fetched the file, and nobody has confirmed that it is captured."""
        return hash(url) in self._stored

    def confirm(self, url: str) -> None:
        """Record that the capture holds the file that an earlier run fetched."""
        self._stored.discard(hash(url))

    def mark(self, url: str) -> None:
        """Record that the file at the URL is being fetched now."""
        self._fetched[hash(url)] = datetime.now(UTC).timestamp()
        self._stored.discard(hash(url))

    def store(self, page: Page, url: str) -> Page:
        """Append a response to the file as that of `url`, and return it as that of `url`."""
        own = replace(page, url=url)
        if page.fetched_at is not None:
            self._fetched[hash(url)] = page.fetched_at.timestamp()
        path = rights_file_path(url)
        if path is None or (path == ROBOTS_PATH and parse_robots(page.body) is NO_SIGNALS):
            return own
        if self._path is not None and self._path.parent.is_dir():
            try:
                with self._path.open("ab") as stream:
                    stream.write(_line(own))
            except OSError as error:
                logger.warning("%s cannot be written (%s): rights files are fetched again", self._path, error.strerror)
                self._path = None
        return own


def _line(page: Page) -> bytes:
    entry = {
        "url": page.url,
        "at": page.fetched_at.isoformat() if page.fetched_at else None,
        "status": page.status,
        "location": page.header("location"),
        "body": page.body.decode("latin-1") if 200 <= page.status < 300 else "",
    }
    return b"\n" + json.dumps(entry).encode() + b"\n"  # the break in front ends a line that a kill cut short


def _parse_line(line: bytes) -> Page | None:
    try:
        entry = json.loads(line)
        location = entry["location"]
        return Page(
            url=str(entry["url"]),
            body=entry["body"].encode("latin-1"),
            headers=(("Location", str(location)),) if location else (),
            status=int(entry["status"]),
            fetched_at=datetime.fromisoformat(entry["at"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
