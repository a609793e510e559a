"""Middlewares that report to the capture: responses, failures, offsite requests, and what the spider yields."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request
from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import DownloadTimeoutError, IgnoreRequest, NotConfigured, ResponseDataLossError
from scrapy.http import Headers
from scrapy.responsetypes import responsetypes
from scrapy.spidermiddlewares.base import BaseSpiderMiddleware

from saaf.cleaning.types import Page
from saaf.corpus.warc_records import NOT_MODIFIED, Revisit
from saaf.crawler.capture.exchanges import cut_of, cut_refusal, keeps_beginning, make_exchange
from saaf.crawler.capture.extension import CaptureExtension
from saaf.crawler.capture.failures import NotModified, record_failure
from saaf.crawler.discovery.kinds import Kind, document_note, kind_of, purpose
from saaf.crawler.frontier.frontier import now_us
from saaf.crawler.frontier.outcomes import moment, says_what_robots_allow
from saaf.crawler.frontier.stored_requests import CONDITIONAL, OFFSITE, PARENT, VALIDATORS
from saaf.crawler.guards.body_limits import BodyLimits
from saaf.crawler.pages import FETCHED_AT, page_from_response
from saaf.crawler.politeness.robots import SHARED_FLAG
from saaf.crawler.replay.middlewares import NO_ROBOTS_FLAG, REPLAYED_FLAG

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from saaf.corpus.warc_segments import StoredResponse
    from saaf.crawler.capture.live import LiveCapture
    from saaf.crawler.frontier.database import Row
    from saaf.crawler.frontier.outcomes import Lease

STORED_FLAG = "stored"  # Scrapy flag of a response that comes from the crawl's own WARC
_ENDS = "the capture could not be written, and the crawl ends"
ROBOTS_LIFETIME = 86_400.0
"""Seconds for which a robots.txt is not asked for again (RFC 9309, section 2.4: at most 24 hours)."""


class CaptureDownloaderMiddleware:
    """Downloader middleware next to the network: raw responses to the WARC, failures to the ledger of URLs.

    It answers a request from the WARC where its response is there and was not parsed yet, and one for a robots.txt
    that was fetched in the last day. It records the time of each response also where nothing is captured, as in
    `scrapy shell`: a page needs it.
    """

    def __init__(self, crawler: Crawler, capture: CaptureExtension | None) -> None:
        self._crawler = crawler
        self._capture = capture
        self._live = capture.live if capture is not None else None
        settings = crawler.settings
        self._retries = settings.getint("RETRY_TIMES") if settings.getbool("RETRY_ENABLED") else 0
        self._retry_statuses = {int(status) for status in settings.getlist("RETRY_HTTP_CODES")}
        self._fails_on_loss = settings.getbool("DOWNLOAD_FAIL_ON_DATALOSS")
        self._robots: dict[str, asyncio.Future[None]] = {}  # those under way
        limits = crawler.get_extension(BodyLimits) if crawler.extensions else None
        self._budget = limits.budget if limits is not None else None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Use the capture extension of the crawl, if it is enabled."""
        return cls(crawler, crawler.get_extension(CaptureExtension))

    def process_request(self, request: Request) -> Response | Awaitable[Response | None] | None:
        """Return the response from the WARC where it is there; raise `RefusedRequest` where that was cut off."""
        if self._capture is None or self._live is None:
            return None
        request.meta.setdefault("download_fail_on_dataloss", False)  # what came of it is kept
        lease = self._capture.ledger.lease(request.url, request)
        if lease is not None and lease.is_stored and lease.request is request:
            return self._stored(request, lease.row)
        return self._robots_response(request) if request.url.endswith("/robots.txt") else None

    async def _robots_response(self, request: Request) -> Response | None:
        """Return the response of a robots.txt that was fetched in the last day; wait for one that is under way."""
        if (under_way := self._robots.get(request.url)) is not None:
            await under_way
        row = self._fresh_robots(request)
        if row is not None and (response := await self._stored(request, row)) is not None:
            return response
        self._robots[request.url] = asyncio.get_running_loop().create_future()
        return None

    async def _stored(self, request: Request, row: Row) -> Response | None:
        assert self._live is not None  # noqa: S101  (the callers' condition)
        live = self._live

        def load() -> StoredResponse | None:
            return live.stored(row)

        stored = load() if self._budget is None else await self._budget.load(request, load, _body_size)
        if stored is None or stored.is_revisit:
            return None
        if stored.truncated is not None and not keeps_beginning(request, stored.truncated):
            if request.url.endswith("/robots.txt"):
                return None  # one that was cut off is asked for again
            raise cut_refusal(stored.truncated, request)
        return _stored_response(request, stored)

    def _fresh_robots(self, request: Request) -> Row | None:
        """Return the row of a robots.txt that was fetched in the last day, and said what holds (RFC 9309, 2.4)."""
        assert self._capture is not None  # noqa: S101  (the caller's condition)
        found = self._capture.ledger.find(request.url)
        row = found[0] if found else None
        if row is None or row.visited is None or row.http_status is None or not says_what_robots_allow(row.http_status):
            return None
        return row if now_us() - row.visited < ROBOTS_LIFETIME * 1e6 else None

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Write the raw response to the capture, and record its time.

        Returns a retry where the body was cut off and another try is left; raises `RefusedRequest` where none is, and
        `NotModified` where the response confirms the earlier one.
        """
        response.request = request
        if STORED_FLAG in response.flags or SHARED_FLAG in response.flags:
            self._record_stored(request, response.status)
            return response
        self._release_robots(request)
        if REPLAYED_FLAG not in response.flags:
            request.meta[FETCHED_AT] = datetime.now(UTC)  # a fact of a live crawl; a replay brings its own
        if self._capture is None:
            return response
        if NO_ROBOTS_FLAG in response.flags:
            self._capture.ledger.forget(request.url)
            return response
        if self._live is None:
            self._capture.write(page_from_response(response))
            self._capture.ledger.responded(response.url, response.status)
            return response
        return self._capture_live(request, response, self._capture, self._live)

    def _capture_live(
        self, request: Request, response: Response, capture: CaptureExtension, live: LiveCapture
    ) -> Request | Response:
        if capture.error is not None:
            raise IgnoreRequest(_ENDS)
        cut = cut_of(request, response)
        retry = self._retry(request, cut)
        if isinstance(retry, Request):
            return retry
        if response.status in self._retry_statuses and retry:
            return response  # RetryMiddleware asks again; the last answer is the one to keep
        ledger = capture.ledger
        lease = ledger.lease(response.url, request)
        asked = any(name in request.headers for name in VALIDATORS)
        confirmed = _confirmed(lease, request) if response.status == 304 and asked else None
        fingerprint = lease.row.fingerprint if lease is not None else ledger.fingerprint(request)
        exchange = make_exchange(request, response, request.meta[FETCHED_AT], fingerprint, revisit=confirmed)
        with capture.guard():
            unchanged = live.write(exchange, request)
            if unchanged and lease is not None and lease.row.visited is not None:
                lease.is_unchanged = True
                ledger.finish(lease)
                raise NotModified
            ledger.responded(response.url, response.status, request)
        if capture.error is not None:
            raise IgnoreRequest(_ENDS)  # a page without a record is not parsed
        if cut is not None and self._fails_on_loss and response.status == 200 and not keeps_beginning(request, cut):
            raise cut_refusal(cut, request)
        return response

    def _retry(self, request: Request, cut: str | None) -> Request | bool:
        """Return the retry of a response that was cut off; for a whole one, whether RetryMiddleware will ask again."""
        left = request.meta.get("max_retry_times", self._retries) - request.meta.get("retry_times", 0)
        if not self._retries or request.meta.get("dont_retry") or left <= 0:
            return False
        if cut in ("time", "disconnect", "unspecified") and self._fails_on_loss and self._crawler.spider is not None:
            reason = DownloadTimeoutError() if cut == "time" else ResponseDataLossError()
            return get_retry_request(request, spider=self._crawler.spider, reason=reason) or False
        return cut is None

    def _record_stored(self, request: Request, status: int) -> None:
        if self._capture is None:
            return
        with self._capture.guard():
            lease = self._capture.ledger.lease(request.url, request)
            if lease is not None and lease.request is request:
                self._capture.ledger.responded(request.url, status, request)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Record why a request got no response."""
        self._release_robots(request)
        if self._capture is None:
            return
        if request.meta.get(OFFSITE):
            return  # RecordingOffsiteMiddleware has recorded it
        record_failure(self._capture, request, exception)

    def _release_robots(self, request: Request) -> None:
        under_way = self._robots.pop(request.url, None)
        if under_way is not None and not under_way.done():
            under_way.set_result(None)


def _confirmed(lease: Lease | None, request: Request) -> Revisit | None:
    """Return what a 304 confirms: the earlier response whose validators the request had; None where it has none."""
    row = lease.row if lease is not None else None
    if row is None or row.fetched is None or row.digest is None or not request.meta.get(CONDITIONAL):
        return None
    return Revisit(profile=NOT_MODIFIED, url=row.url, date=moment(row.fetched), digest=row.digest)


def _body_size(stored: StoredResponse | None) -> int:
    return 0 if stored is None else len(stored.body)


def _stored_response(request: Request, stored: StoredResponse) -> Response:
    """Return a response as it came, from the WARC."""
    request.meta[FETCHED_AT] = stored.fetched_at or datetime.now(UTC)
    headers = Headers()
    for name, value in stored.headers:
        headers.appendlist(name, value)
    kind = responsetypes.from_args(headers=headers, url=request.url, body=stored.body)
    return kind(
        request.url, status=stored.status, headers=headers, body=stored.body, flags=[STORED_FLAG], request=request
    )


class RecordingOffsiteMiddleware(OffsiteMiddleware):
    """Scrapy's offsite middleware, which records each request that it filters in the ledger."""

    def process_request(self, request: Request, spider: Spider | None = None) -> None:  # noqa: ARG002  (Scrapy's signature)
        """Raise IgnoreRequest where the request is outside the spider's allowed domains."""
        try:
            super().process_request(request)
        except IgnoreRequest:
            request.meta[OFFSITE] = True
            capture = self.crawler.get_extension(CaptureExtension)
            if capture is not None:
                with capture.guard():
                    capture.ledger.offsite(request.url, parent=request.meta.get(PARENT))
            raise


class CaptureSpiderMiddleware(BaseSpiderMiddleware):
    """Spider middleware that records which responses reach the spider, and which of them it yields as documents."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        capture = crawler.get_extension(CaptureExtension)
        if capture is None:
            raise NotConfigured
        self._capture = capture

    def process_spider_input(self, response: Response) -> None:
        """Record a response that is passed to the spider."""
        with self._capture.guard():
            followed = kind_of(response) is not Kind.OTHER
            reason = purpose(response)
            self._capture.ledger.parsed(response.url, reason, followed=followed, request=response.request)

    def get_processed_request(self, request: Request, response: Response | None) -> Request | None:
        """Note on whose page a request was found."""
        lease = self._capture.ledger.lease(response.url, response.request) if response is not None else None
        if lease is not None:
            request.meta[PARENT] = lease.row.id
        else:
            request.meta.pop(PARENT, None)
        return request

    def get_processed_item(self, item: Any, response: Response | None) -> Any:
        """Record a document; a page that the spider made itself, without a response, is captured first."""
        if isinstance(item, Page) and item.url is not None:
            with self._capture.guard():
                if not self._capture.has(item.url):
                    self._capture.write(item)
                note = document_note(response) if response is not None and response.url == item.url else None
                self._capture.ledger.document(item.url, note)
        return item
