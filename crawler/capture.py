"""Capture: what comes is on disk as it came, before anything parses it, and no request is lost without a word."""

from __future__ import annotations

import asyncio
import logging
from contextlib import ExitStack
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware
from scrapy.exceptions import CannotResolveHostError, DownloadTimeoutError, IgnoreRequest, NotConfigured
from scrapy.spidermiddlewares.base import BaseSpiderMiddleware

from cleaning.types import Page
from corpus.files import written_whole
from corpus.ledger import State
from corpus.warc import Writer

from .config import Config
from .discovery import purpose
from .ledger import UrlLedger
from .pages import FETCHED_AT, page_of
from .replay import NO_ROBOTS, Replay

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

logger = logging.getLogger(__name__)

RECORDS = "records.warc.gz"
URLS = "urls.jsonl"


class Capture:
    """Extension that owns the WARC file and the ledger of URLs of one crawl.

    A live crawl is written as it comes; a replay is written sorted by URL once it is over, so that replaying the same
    fixtures gives the same bytes (the fixtures themselves are the durable copy until then). `records` is how many pages
    were written, `ended` why the crawl ended, in Scrapy's word, None while it runs, and `error` why the capture could
    not be written, None where it could.
    """

    def __init__(self, crawler: Crawler, config: Config) -> None:
        self._crawler = crawler
        self._path = config.capture_path
        self._sorted: list[Page] | None = [] if config.fixtures else None
        self._stack = ExitStack()
        self._writer = Writer(self._path / RECORDS)
        self._written: dict[str, bytes] = {}
        self._retried: dict[str, Page] = {}
        self._retry_statuses = {int(status) for status in crawler.settings.getlist("RETRY_HTTP_CODES")}
        self._closing: asyncio.Task[None] | None = None
        self._open = False
        self.ledger = UrlLedger()
        self.records = 0
        self.ended: str | None = None
        self.error: str | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Follow the crawl's signals; switched off unless SAAF_CAPTURE is set, as `scrapy crawl` sets it."""
        config = Config.from_settings(crawler.settings, crawler.spidercls.name)
        if not config.capture:
            raise NotConfigured
        capture = cls(crawler, config)
        for receiver, signal in (
            (capture.spider_opened, signals.spider_opened),
            (capture.spider_closed, signals.spider_closed),
            (capture.spider_error, signals.spider_error),
            (capture.request_scheduled, signals.request_scheduled),
            (capture.request_dropped, signals.request_dropped),
        ):
            crawler.signals.connect(receiver, signal=signal)
        return capture

    def spider_opened(self) -> None:
        """Open the WARC file aside."""
        self._stack.enter_context(self._writer)
        self._open = True

    def spider_closed(self, reason: str) -> None:
        """Close the capture."""
        self.close(reason)

    def request_scheduled(self, request: Request) -> None:
        """Note a request, and where it comes from if it is a redirect."""
        self.ledger.scheduled(request.url)
        if request.meta.get("redirect_urls"):
            self.ledger.redirected(request.meta["redirect_urls"][-1], request.url)

    def request_dropped(self, request: Request) -> None:
        """Note a duplicate."""
        self.ledger.dropped(request.url)

    def spider_error(self, failure: Failure, response: object) -> None:
        """Note the page whose callback raised."""
        url = getattr(response, "url", None)
        if url:
            self.ledger.spider_failed(url, f"{type(failure.value).__name__} ({failure.value})")

    def write(self, page: Page) -> None:
        """Write a page, unless the same bytes were already captured under its URL.

        An answer that Scrapy may retry is held back until the crawl is over: what counts is the last one.
        """
        url = page.url or ""
        if page.status in self._retry_statuses:
            self._retried[url] = page
            return
        self._retried.pop(url, None)
        digest = sha256(page.body).digest()
        if self._written.get(url) == digest:
            return
        self._written[url] = digest
        if self._sorted is None:
            self._record(page)
        else:
            self._sorted.append(page)

    def has(self, url: str | None) -> bool:
        """Return whether a response to the URL was written."""
        return url in self._written

    def close(self, reason: str) -> None:
        """Make the capture whole on disk, once: records first, then the ledger of URLs that speaks of them."""
        if not self._open:
            return
        self._open = False
        self.ended = reason
        self._record_missing()
        for page in sorted(self._sorted or (), key=lambda page: (page.url or "", page.body)):
            self._record(page)
        for _, page in sorted(self._retried.items()):
            self._record(page)
        try:
            self._stack.close()
            with written_whole(self._path / URLS) as path:
                path.write_text("".join(self.ledger.lines(reason)), encoding="utf-8")
        except OSError as error:
            self._fail(error)

    def _record_missing(self) -> None:
        """Enter into the ledger what the fixtures hold and the crawl could not or did not use."""
        replay = self._crawler.get_downloader_middleware(Replay)
        if replay is None:
            return
        for failure in replay.failures:
            self.ledger.failed(failure.url or "", failure.state, failure.reason)
        reason = "a manifest lists it, but no start URL, sitemap, feed or link led the crawl to it"
        for url in replay.never_asked():
            if not self.ledger.knows(url):
                self.ledger.failed(url, State.UNLISTED, reason)

    def _record(self, page: Page) -> None:
        try:
            self._writer.write(page)
            self.records += 1
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        """End the crawl: going on without the raw would lose pages."""
        if self.error is not None:
            return
        self.error = f"{error.filename or self._path}: {error.strerror or error}"
        logger.critical("The capture cannot be written (%s): the crawl ends here", self.error)
        if self._open:
            self._closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="capture_failed"))


def _capture_of(crawler: Crawler) -> Capture:
    """Return the crawl's capture; the parts that serve it are off where it is."""
    capture = crawler.get_extension(Capture)
    if capture is None:
        raise NotConfigured
    return capture


class CaptureDownloads:
    """Downloader middleware next to the network: raw responses to the WARC file, failures to the ledger of URLs."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Serve the crawl's capture."""
        return cls(_capture_of(crawler))

    def process_response(self, request: Request, response: Response) -> Response:
        """Write the response as it came, and note when."""
        if NO_ROBOTS in response.flags:
            self._capture.ledger.dropped(request.url)  # nothing was there to be an input
            return response
        # A replayed response brings its time along. A live one came now: that is a fact of the crawl.
        request.meta[FETCHED_AT] = request.meta[FETCHED_AT] if _is_replayed(response) else datetime.now(UTC)
        if response.request is None:
            response.request = request
        self._capture.write(page_of(response))
        self._capture.ledger.answered(response.url, response.status)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Note why a request got no answer."""
        if isinstance(exception, IgnoreRequest) and str(exception).startswith("Filtered offsite"):
            return  # RecordedOffsite has noted it
        state = State.BLOCKED_BY_ROBOTS if str(exception) == "Forbidden by robots.txt" else State.FETCH_FAILED
        self._capture.ledger.failed(request.url, state, _in_words(exception))


def _is_replayed(response: Response) -> bool:
    return response.request is not None and FETCHED_AT in response.request.meta


def _in_words(exception: Exception) -> str:
    if str(exception) == "Forbidden by robots.txt":
        return "the site's robots.txt does not allow it"
    if isinstance(exception, DownloadTimeoutError):
        return "no answer in time (DOWNLOAD_TIMEOUT)"
    if isinstance(exception, CannotResolveHostError):
        return "the host name does not resolve: no such host, or no network"
    if isinstance(exception, IgnoreRequest):
        return str(exception) or "ignored by a middleware"
    return f"{type(exception).__name__}: {exception}"


class RecordedOffsite(OffsiteMiddleware):
    """Scrapy's own refusal of offsite requests, with a line in the ledger for each host that was refused."""

    def process_request(self, request: Request, spider: Spider | None = None) -> None:  # noqa: ARG002  (Scrapy's signature)
        """Raise IgnoreRequest where the request leaves the spider's domains."""
        try:
            super().process_request(request)
        except IgnoreRequest:
            capture = self.crawler.get_extension(Capture)
            if capture is not None:
                capture.ledger.offsite(request.url)
            raise


class CaptureItems(BaseSpiderMiddleware):
    """Spider middleware that notes which responses the spider has seen, and which it took for documents."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._capture = _capture_of(crawler)

    def process_spider_input(self, response: Response) -> None:
        """Note a response on its way to the spider."""
        self._capture.ledger.looked_at(response.url, purpose(response))

    def get_processed_item(self, item: Any, response: Response | None) -> Any:  # noqa: ARG002  (Scrapy's signature)
        """Note a document; one that no response brought (a spider may make pages of its own) is captured first."""
        if isinstance(item, Page) and item.url is not None:
            if not self._capture.has(item.url):
                self._capture.write(item)
            self._capture.ledger.document(item.url)
        return item
