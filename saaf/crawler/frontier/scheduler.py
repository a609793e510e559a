"""The scheduler: Scrapy takes its requests from the frontier, so that only what is under way is in memory."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections import defaultdict, deque
from contextlib import suppress
from dataclasses import replace
from hashlib import sha1
from typing import TYPE_CHECKING

from scrapy.core.scheduler import BaseScheduler, Scheduler
from scrapy.exceptions import CloseSpider

from saaf.cleaning.text.urls import without_fragment
from saaf.corpus.capture_times import parse_capture_time
from saaf.corpus.crawl_frontier import Status
from saaf.corpus.ledger import State
from saaf.crawler.capture.extension import CaptureExtension
from saaf.crawler.capture.failures import RecordedErrback
from saaf.crawler.frontier import outcomes
from saaf.crawler.frontier.database import NewUrl
from saaf.crawler.frontier.host_ring import Readiness
from saaf.crawler.frontier.outcomes import Lease, moment, storable
from saaf.crawler.frontier.stored_requests import (
    CONDITIONAL,
    KIND,
    LASTMOD,
    PARENT,
    UnstorableRequestError,
    decode_request,
    encode_request,
)
from saaf.crawler.hosts import host_of, host_of_authority

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler

    from saaf.crawler.frontier.database import Row

logger = logging.getLogger(__name__)

_ROUNDING = 1.0  # seconds by which two clocks may differ on a pause
_TRIED = 64  # requests in memory that are looked at for one whose host is not busy
_RECENT = 50_000  # URLs that were asked for last: the links of a menu are on every page


class FrontierScheduler(BaseScheduler):
    """Scrapy scheduler whose queue and filter of duplicates are the frontier; see docs/decisions/0023.

    Requests come by priority, then depth, then in the order in which they were found; hosts are served in turn, and
    none gets more at a time than its downloader slot takes. A request that cannot be stored is held in memory.
    """

    def __init__(self, crawler: Crawler, capture: CaptureExtension) -> None:
        self._crawler = crawler
        self._capture = capture
        self._recent: set[str] = set()
        self._older: set[str] = set()
        self._memory: deque[tuple[Row, Request]] = deque()
        self._under_way: defaultdict[int, set[Request]] = defaultdict(set)  # in the downloader, by host
        self._slots: dict[str, str] = {}
        self._warned = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> BaseScheduler:  # type: ignore[override]  # Scrapy's own without a capture
        """Return a scheduler on the frontier of the capture, Scrapy's own where nothing is captured."""
        capture = crawler.get_extension(CaptureExtension)
        return Scheduler.from_crawler(crawler) if capture is None else cls(crawler, capture)

    def open(self, spider: Spider) -> None:
        """Open the capture; where that fails, the crawl ends as soon as the spider is open."""
        self._spider = spider
        with suppress(CloseSpider):
            self._capture.open()
        self._ledger = self._capture.ledger
        self._frontier = self._ledger.frontier

    def share_slot(self, host: str, slot: str) -> None:
        """Serve a host ("example.org:443") by the downloader slot of that key, as hosts on one address share one."""
        self._slots[host_of_authority(host)] = slot

    def delay_host(self, host: str, seconds: float) -> None:
        """Request nothing from a host ("example.org:443") for some seconds, also in a later run."""
        if self._capture.error is None:
            with self._capture.guard():
                self._frontier.delay_host(host_of_authority(host), seconds)

    def has_pending_requests(self) -> bool:
        """Return whether requests are to come, now or within `Config.patience` seconds."""
        if self._capture.error is not None:
            return False
        with self._capture.guard():
            self._capture.tick()
            frontier = self._frontier
            if self._memory or frontier.stored:
                return True
            seconds = frontier.seconds_to_next()
            if seconds is not None and seconds <= self._capture.config.patience + _ROUNDING:
                return True
            if frontier.recovered and not self._ledger.leases:
                frontier.store_recovered()  # nobody asked for them again: they are parsed as plain requests
                return frontier.stored > 0
        return False

    def enqueue_request(self, request: Request) -> bool:
        """Queue a request; return False where its URL is known, and it is no retry and no request with dont_filter."""
        if self._capture.error is not None:
            return False
        try:
            added = self._enqueue(request)
        except (OSError, sqlite3.Error) as error:
            self._capture.fail(error)
            return False
        self._crawler.stats.inc_value("scheduler/enqueued" if added else "dupefilter/filtered")
        return added

    def _enqueue(self, request: Request) -> bool:
        if isinstance(request.errback, RecordedErrback):
            request.errback = request.errback.original
        plain = not request.dont_filter and request.method == "GET" and LASTMOD not in request.meta
        if plain and (request.url in self._recent or request.url in self._older):
            return False
        parent = self._parent(request)
        try:
            encoded = encode_request(request, self._spider, referer=self._referer(parent))
        except UnstorableRequestError as error:
            return self._enqueue_in_memory(request, parent, str(error))
        new = self._new_url(request, parent, encoded)
        added = self._frontier.insert(new) is not None or self._enqueue_known(request, new)
        if plain:
            self._remember(request.url)
        return added

    def _new_url(self, request: Request, parent: int | None, encoded: str | None) -> NewUrl:
        meta = request.meta
        return NewUrl(
            fingerprint=self._ledger.fingerprint(request),
            url=storable(without_fragment(request.url)),
            host=host_of(request.url),
            kind=meta.get(KIND),
            priority=request.priority,
            depth=meta.get("depth", 0),
            parent=parent,
            request=encoded,
            lastmod=meta.get(LASTMOD),
        )

    def _enqueue_known(self, request: Request, new: NewUrl) -> bool:
        """Queue a request of a known URL: a retry, a recovered response, dont_filter, or a change."""
        found = self._frontier.find(new.fingerprint)
        if found is None:
            return False
        row, status = found
        lease = self._ledger.leases.get(row.id)
        if lease is not None and request.dont_filter and not lease.is_parsed:
            self._ledger.release(lease)  # a middleware asks for it again: a retry
            self._frontier.requeue(row.id, row.host, request=new.request, priority=new.priority)
            return True
        if status is Status.RECOVERED:
            self._frontier.store(row.id, new)
            return True
        if request.dont_filter and not request.meta.get("is_start_request"):
            # Its own row: a page that is parsed again after a kill asks for the same one, and not for another.
            identity = f"{new.request}\n{new.parent}".encode()
            again = sha1(new.fingerprint + identity, usedforsecurity=False).digest()
            return self._frontier.insert(replace(new, fingerprint=again)) is not None
        if status is not Status.DONE or row.run >= self._frontier.run:
            return False
        changed = _changed_since(row, new)
        if new.lastmod is not None and new.lastmod != row.lastmod:
            self._frontier.update(row.id, lastmod=new.lastmod)
        if row.visited is not None and not changed:
            return False
        if row.visited is None:  # it was refused, and nothing is known of it but that
            self._frontier.update(row.id, kind=new.kind, depth=new.depth, parent=new.parent)
        self._frontier.requeue(row.id, row.host, request=new.request, priority=new.priority)
        return True

    def _enqueue_in_memory(self, request: Request, parent: int | None, why: str) -> bool:
        new = self._new_url(request, parent, None)
        row_id = self._frontier.insert(replace(new, status=Status.MEMORY))
        if row_id is None and not request.dont_filter:
            return False
        found = self._frontier.find(new.fingerprint)
        if found is None:
            return False
        if not self._warned:
            self._warned = True
            logger.warning(
                "A request for %s is held in memory, and lost if the crawl is killed, because %s; this is said once",
                request.url,
                why,
            )
        self._memory.append((found[0], request))
        return True

    def next_request(self) -> Request | None:
        """Return the next request of a host that may get one, None where there is none now."""
        if self._capture.error is not None:
            return None
        try:
            request = self._next()
        except (OSError, sqlite3.Error) as error:
            self._capture.fail(error)
            return None
        if request is not None:
            self._crawler.stats.inc_value("scheduler/dequeued")
        return request

    def _next(self) -> Request | None:
        for _ in range(min(len(self._memory), _TRIED)):
            row, request = self._memory.popleft()
            if self._readiness(row.host) is not Readiness.BUSY:
                return self._lease(row, request, is_in_memory=True)
            self._memory.append((row, request))
        while True:
            stored = self._frontier.lease_stored()
            row_or_none = stored or self._frontier.lease_queued(self._readiness)
            if row_or_none is None:
                return None
            try:
                request = self._request(row_or_none)
            except ValueError as error:
                self._frontier.update(row_or_none.id, status=int(Status.DONE), **_unusable(error))
                continue
            return self._lease(row_or_none, request, is_stored=stored is not None)

    def _request(self, row: Row) -> Request:
        referer = None
        if row.parent is not None and row.request is not None and '"referer":true' in row.request:
            referer = self._frontier.url_of(row.parent)
        request = decode_request(row.url, row.request, self._spider, referer=referer)
        request.priority = row.priority
        request.meta["depth"] = row.depth
        if row.kind is not None:
            request.meta[KIND] = row.kind
        if row.lastmod is not None:
            request.meta[LASTMOD] = row.lastmod
        return request

    def _lease(self, row: Row, request: Request, *, is_stored: bool = False, is_in_memory: bool = False) -> Request:
        is_once = is_in_memory or (request.dont_filter and row.parent is not None)
        lease = Lease(row=row, request=request, is_stored=is_stored, is_once=is_once)
        if not is_stored:
            self._under_way[row.host].add(request)
            if row.segment is not None and row.http_status == 200:
                _make_conditional(request, row)
        if (slot := self._slots.get(host_of(request.url))) is not None:
            request.meta["download_slot"] = slot
        request.errback = RecordedErrback(request.errback, self._capture, request)
        self._ledger.open(lease)
        return request

    def _readiness(self, host: int) -> Readiness:
        """Return whether a host may get a request: by its downloader slot, and what is on its way to that."""
        downloader = self._crawler.engine.downloader
        name = self._frontier.host_name(host)
        slot = downloader.slots.get(self._slots.get(name, name))
        requests = self._under_way.get(host)
        if requests:
            requests &= downloader.active
        count = max(len(requests or ()), len(slot.active) if slot is not None else 0)
        limit = slot.concurrency if slot is not None else downloader.domain_concurrency
        if count >= max(1, limit):
            return Readiness.BUSY
        if slot is not None and slot.delay and slot.lastseen + slot.delay > time.monotonic():
            return Readiness.RESTING
        return Readiness.READY

    def _parent(self, request: Request) -> int | None:
        """Return the id of the URL on whose page a request was found, or that redirects to it; None for a start URL."""
        parent = request.meta.pop(PARENT, None)
        if request.meta.get("redirect_urls"):
            lease = self._ledger.lease(request.meta["redirect_urls"][-1])
            parent = lease.row.id if lease is not None else parent
        return parent if isinstance(parent, int) else None

    def _referer(self, parent: int | None) -> str | None:
        lease = self._ledger.leases.get(parent) if parent is not None else None
        return lease.row.url if lease is not None else None

    def _remember(self, url: str) -> None:
        self._recent.add(url)
        if len(self._recent) >= _RECENT:
            self._recent, self._older = set(), self._recent


def _make_conditional(request: Request, row: Row) -> None:
    """Add the validators of the earlier response to a request (RFC 9110, section 13.1)."""
    for name, value in (("If-None-Match", row.etag), ("If-Modified-Since", row.last_modified)):
        if value is not None and name not in request.headers:
            request.headers[name] = value
            request.meta[CONDITIONAL] = True


def _changed_since(row: Row, new: NewUrl) -> bool:
    """Return whether a sitemap or feed states a change since the last visit, or a later one than it stated then.

    A date alone is the end of that day.
    """
    changed = parse_capture_time(new.lastmod or "")
    if changed is None or row.visited is None:
        return False
    stated = parse_capture_time(row.lastmod or "")
    if stated is not None:
        return changed > stated
    visited = moment(row.visited)
    return changed > visited if "T" in (new.lastmod or "") else changed.date() > visited.date()


def _unusable(error: ValueError) -> outcomes.Columns:
    reason = f"its request cannot be made again ({error}): crawl with the spider that found it"
    return outcomes.outcome_columns(outcomes.failed(State.FETCH_FAILED, reason))
