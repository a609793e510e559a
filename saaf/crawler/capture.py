"""Capture: what comes is on disk as it came, before anything parses it, and no request is lost without a word."""

from __future__ import annotations

import asyncio
import logging
from contextlib import ExitStack
from hashlib import sha256
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.exceptions import CloseSpider, NotConfigured

from saaf.corpus.atomic_files import atomic_write
from saaf.corpus.ledger import State
from saaf.corpus.warc import WarcWriter

from .config import Config
from .ledger import UrlLedger
from .replay import Replay

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

    from saaf.cleaning.types import Page

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
        self._writer = WarcWriter(self._path / RECORDS)
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
        """Open the WARC file aside; a crawl that cannot is not begun."""
        try:
            self._stack.enter_context(self._writer)
        except OSError as error:
            self._fail(error)
            raise CloseSpider("capture_failed") from error
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
            with atomic_write(self._path / URLS) as path:
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
        state, why = State.UNLISTED, "no start URL, sitemap, feed or link led the crawl to it"
        if self.ended != "finished":
            state, why = State.OVER_BUDGET, f"the crawl ended ({self.ended}) before it was asked for"
        for url in replay.never_asked():
            if not self.ledger.knows(url):
                self.ledger.failed(url, state, f"a manifest lists it, but {why}")

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
