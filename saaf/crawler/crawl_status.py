"""How a crawl stands: its hosts with the states of their URLs, reasons, rate and time to go. Imports no Scrapy."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from saaf.corpus.byte_blocks import read_lines
from saaf.corpus.crawl_listing import LISTING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

DOCUMENT = "document"
"""The state of URLs that gave a document; those that were read for their links have `LISTS`."""
LISTS = "discovery"
WAITING = "waiting"
"""The state of URLs that have not been requested yet, or are to be requested again."""
_LINE_LIMIT = 1 << 20  # bytes
_REASONS = 3


class NoCrawlError(Exception):
    """A directory holds no crawl; the message says which and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A reason that URLs of a state have, with their number and one of them."""

    state: str
    reason: str
    count: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HostStatus:
    """How a host stands.

    `counts` has the number of its URLs by state: those of the corpus's ledger, and "document", "discovery", "waiting".
    `reasons` are the commonest ones of what is no document. `last_fetch` is the time of the last response and
    `backing_off_until` the time from which it may be asked again, both with a time zone, None where there is none.
    """

    name: str
    counts: Mapping[str, int]
    reasons: tuple[Reason, ...] = ()
    last_fetch: datetime | None = None
    backing_off_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlStatus:
    """How a crawl stands.

    `totals` are the counts of all hosts together. `rate` is the number of responses a second in the last minutes, None
    where nothing is fetched; `remaining` an estimate of the time to go in seconds, None where there is none. `running`
    says whether a process works on it now.
    """

    hosts: tuple[HostStatus, ...]
    totals: Mapping[str, int] = field(default_factory=dict)
    rate: float | None = None
    remaining: float | None = None
    running: bool = False


def read_status(output: Path) -> CrawlStatus:
    """Return how the crawl in an output directory stands; raise `NoCrawlError` where there is none.

    Of a URL in several captures the last one counts.
    """
    listings = sorted((output / "capture").rglob(LISTING), key=lambda path: path.stat().st_mtime)
    if not listings:
        raise NoCrawlError(f"{output} holds no crawl: name the directory that `saaf crawl … -o` was given")
    urls = {url: (state, reason) for path in listings for url, state, reason in _entries(path)}
    by_host: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for url, outcome in urls.items():
        by_host[_host(url)][url] = outcome
    hosts = tuple(_host_status(name, of_host) for name, of_host in sorted(by_host.items()))
    return CrawlStatus(hosts=hosts, totals=dict(Counter(state for state, _ in urls.values())))


def _host_status(name: str, urls: Mapping[str, tuple[str, str]]) -> HostStatus:
    counts = dict(Counter(state for state, _ in urls.values()))
    outcomes = Counter(outcome for outcome in urls.values() if outcome[0] not in (DOCUMENT, LISTS))
    examples = {outcome: url for url, outcome in reversed(list(urls.items()))}
    common = sorted(outcomes.items(), key=lambda one: (-one[1], one[0]))[:_REASONS]
    reasons = (
        Reason(state=outcome[0], reason=outcome[1], count=count, url=examples[outcome]) for outcome, count in common
    )
    return HostStatus(name=name, counts=counts, reasons=tuple(reasons))


def _entries(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield URL, state and reason of each line of a listing that can be read."""
    for line in read_lines(path, _LINE_LIMIT):
        if isinstance(line, int) or not line.strip():
            continue
        try:
            entry = json.loads(line)
            url, role = str(entry["url"]), str(entry["role"])
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        state = role if role in (DOCUMENT, LISTS) else str(entry.get("state") or role)
        yield url, state, str(entry.get("reason") or "")


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
