"""Which captured responses are documents: what the crawl says of its URLs, and what a response says of itself."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

from saaf.corpus.ledger import Failure, State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from saaf.cleaning.types import Page

LISTING = "urls.jsonl"
"""The file beside a crawl's WARC with one JSON object per URL: url, role ("document", "discovery" or "failure"), state,
reason."""

_NOT_PAGES = ("image/", "audio/", "video/", "font/", "text/css", "text/javascript", "text/calendar", "text/dns")
_PAGE_APPLICATIONS = ("application/xhtml+xml", "application/octet-stream", "application/xml")


@dataclass(slots=True, kw_only=True)
class Listing:
    """The URLs a crawl listed: what each that is no document ended as, and at which line; and which had a record."""

    failures: dict[str, Failure] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    broken: dict[int, Failure] = field(default_factory=dict)
    captured: set[str] = field(default_factory=set)

    def judge(self, page: Page) -> Failure | None:
        """Return why a captured page is no document, None where it is one."""
        url = urldefrag(page.url or "").url
        self.captured.add(url)
        return self.failures.get(url) or not_a_document(page)

    def left(self) -> Iterator[tuple[int, Failure]]:
        """Yield the line and the failure of each URL that has no record, and of each line that cannot be read."""
        left = dict(self.broken)
        for url, line in self.lines.items():
            if url not in self.captured:
                lost = Failure(
                    state=State.FETCH_FAILED, reason="listed as fetched, but the WARC has no record", url=url
                )
                left[line] = self.failures.get(url, lost)
        yield from sorted(left.items())


def read_listing(path: Path) -> Listing:
    """Return what a crawl's urls.jsonl says; a line that cannot be read becomes a failure of its own."""
    listing = Listing()
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
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
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            listing.broken[number] = Failure(
                state=State.UNREADABLE, reason=f"not a line of a crawl's listing: {error!r}"
            )
    return listing


def not_a_document(page: Page) -> Failure | None:
    """Return why a response cannot be a document, by its status, address and content type; None where it may be one."""
    if page.status >= 400:
        return Failure(state=State.HTTP_ERROR, reason=f"HTTP status {page.status}", url=page.url)
    if not 200 <= page.status < 300:
        target = page.header("location") or "nowhere"
        return Failure(state=State.NOT_CONTENT, reason=f"HTTP status {page.status}: leads to {target}", url=page.url)
    if page.url is not None and _path(page.url) == "/robots.txt":
        return Failure(state=State.NOT_CONTENT, reason="robots.txt", url=page.url)
    kind = (page.header("content-type") or "").partition(";")[0].strip().lower()
    application = kind.startswith("application/") and not kind.startswith(_PAGE_APPLICATIONS)
    if application or kind.startswith(_NOT_PAGES):
        return Failure(state=State.NOT_CONTENT, reason=f"content type {kind}", url=page.url)
    return None


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""
