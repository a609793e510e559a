"""The URL list of a crawl (urls.jsonl), and which captured responses are documents by it and by their headers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from saaf.cleaning.rights.sites import rights_file_path
from saaf.cleaning.text.urls import without_fragment
from saaf.corpus.byte_blocks import read_lines
from saaf.corpus.crawl_frontier import FRONTIER, NOT_PARSED, is_exported, listing_lines, open_read_only, open_reason
from saaf.corpus.ledger import Failure, State
from saaf.corpus.records import PartOf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from saaf.cleaning.types import Page

LISTING = "urls.jsonl"
"""The file beside a crawl's WARC with one JSON object per URL: url, role ("document", "discovery" or "failure"), state,
reason; of a later page of an article, part_of (the URL of the first) and part (its number)."""

_MOST_PARTS = 1_000  # pages of one article
_LINE_LIMIT = 1 << 20  # bytes: a URL and a sentence
_NOT_PAGES = ("image/", "audio/", "video/", "font/", "text/css", "text/javascript", "text/calendar", "text/dns")
_PAGE_APPLICATIONS = ("application/xhtml+xml", "application/octet-stream", "application/xml")
_INVALID_LINE = (
    "not a line of a crawl's listing, which is a JSON object with url, role and, for what is no document, a state of "
    "the ledger and a reason; crawl again, or delete the line"
)


@dataclass(slots=True, kw_only=True)
class CrawlListing:
    """The URLs that a crawl listed, and which of them had a record in its WARC.

    `failures` has, by URL, the failure of each URL that is no document. `lines` has the line number, from 1, of every
    URL, `invalid_lines` the failure of each line that cannot be read, by line number. `captured` are the URLs of the
    records that `check` and `check_failure` were called with. `parts` has the place of each later page of an article,
    by URL. `open_reason` says why URLs have no line yet, None where the crawl came to its end.
    """

    failures: dict[str, Failure] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    invalid_lines: dict[int, Failure] = field(default_factory=dict)
    captured: set[str] = field(default_factory=set)
    parts: dict[str, PartOf] = field(default_factory=dict)
    open_reason: str | None = None

    def check(self, page: Page) -> Failure | None:
        """Return why a captured response is no document, None where it is one; count its URL as captured."""
        url = without_fragment(page.url or "")
        self.captured.add(url)
        if self.open_reason is not None and url not in self.lines:
            return Failure(state=State.PENDING, reason=f"{NOT_PARSED}: {self.open_reason}", url=page.url)
        return self.failures.get(url) or response_failure(page)

    def part_of(self, url: str | None) -> PartOf | None:
        """Return of which article a URL is a later page, None where it is none."""
        return self.parts.get(without_fragment(url)) if url else None

    def confirms(self, failure: Failure) -> bool:
        """Return whether a record only confirms an earlier one of a URL that was captured (a revisit)."""
        return failure.state is State.REPEATED and without_fragment(failure.url or "") in self.captured

    def check_failure(self, failure: Failure) -> Failure:
        """Return the failure of a record that cannot be read, in the crawl's own words where it had some for its URL;
        count the URL as captured.
        """
        url = without_fragment(failure.url or "")
        if url not in self.lines:
            return failure
        self.captured.add(url)
        return self.failures.get(url, failure)

    def unmatched(self) -> Iterator[tuple[int, Failure]]:
        """Yield line number and failure of each URL without a record, and of each line that cannot be read, by line."""
        unmatched = dict(self.invalid_lines)
        for url, line in self.lines.items():
            if url not in self.captured:
                missing = Failure(
                    state=State.FETCH_FAILED, reason="listed as fetched, but the WARC has no record", url=url
                )
                unmatched[line] = self.failures.get(url, missing)
        yield from sorted(unmatched.items())


def crawl_listing(directory: Path) -> tuple[CrawlListing, str] | None:
    """Return the listing of a crawl's directory, and the name of the file it stands in; None where there is none.

    That is urls.jsonl, or the frontier where the crawl was killed and urls.jsonl was not written, or not since. Raises
    OSError where the file cannot be read.
    """
    is_listed = (directory / LISTING).is_file()
    if (directory / FRONTIER).is_file():
        try:
            with open_read_only(directory / FRONTIER) as connection:
                if not (is_listed and is_exported(connection)):
                    listing = _parse_listing(listing_lines(connection), open_reason=open_reason(connection))
                    return listing, FRONTIER
        except OSError:
            if not is_listed:
                raise
    return (read_listing(directory / LISTING), LISTING) if is_listed else None


def read_listing(path: Path) -> CrawlListing:
    """Return the listing in a crawl's urls.jsonl; a line that cannot be read becomes a failure of its own."""
    return _parse_listing(read_lines(path, _LINE_LIMIT), open_reason=None)


def _parse_listing(lines: Iterable[bytes | int], *, open_reason: str | None) -> CrawlListing:
    listing = CrawlListing(open_reason=open_reason)
    for number, line in enumerate(lines, start=1):
        if isinstance(line, int):
            reason = f"the line has {line} bytes, and the limit is {_LINE_LIMIT}: crawl again, or delete the line"
            listing.invalid_lines[number] = Failure(state=State.OVER_BUDGET, reason=reason)
            continue
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            url, role = str(entry["url"]), entry["role"]
            if role != "document":
                default = State.NOT_CONTENT if role == "discovery" else State.FETCH_FAILED
                state = State(entry.get("state") or default)
                listing.failures[url] = Failure(state=state, reason=entry.get("reason") or role, url=url)
            listing.lines[url] = number
            if part := _part_of(entry):
                listing.parts[url] = part
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            listing.invalid_lines[number] = Failure(state=State.UNREADABLE, reason=_INVALID_LINE)
    return listing


def _part_of(entry: dict[str, object]) -> PartOf | None:
    """Return the place of a later page that a line states, None where it states none that can be used."""
    first, number = entry.get("part_of"), entry.get("part")
    if isinstance(first, str) and isinstance(number, int) and 2 <= number <= _MOST_PARTS:
        return PartOf(first=first, number=number)
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
