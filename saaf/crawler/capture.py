"""Capture of a crawl: raw responses are written to WARC before they are parsed, and every URL to a ledger."""

from __future__ import annotations

import asyncio
import logging
from contextlib import ExitStack
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.exceptions import CloseSpider, NotConfigured

from saaf.atomic_files import atomic_write
from saaf.cleaning.types import Page
from saaf.corpus.ledger import State, first_reasons
from saaf.corpus.warc import WarcWriter

from .capture_directory import RECORDS, URLS, claim_directory
from .config import Config
from .ledger import Role, UrlLedger
from .replay import ReplayMiddleware

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

logger = logging.getLogger(__name__)


class CaptureExtension:
    """Scrapy extension that owns the WARC file and the ledger of URLs of one crawl.

    Responses of a live crawl are written as they arrive; those of a replay are written sorted by URL once it is over,
    so that replaying the same fixtures gives the same bytes (the fixtures themselves are the durable copy until then).
    `directory` is where they are, which no earlier crawl has written to, unless it was a replay too. `record_count` is
    the number of pages written, `finish_reason` Scrapy's reason why the crawl ended, None while it runs. `error` says
    why the capture could not be written, `no_document` why the crawl found no document; they are None where it was, and
    where it did.
    """

    def __init__(self, crawler: Crawler, config: Config) -> None:
        self._crawler = crawler
        self._output = config.output
        self.directory = config.capture_path
        self._replayed: list[Page] | None = [] if config.replays else None
        self._stack = ExitStack()
        self._digests: dict[str, bytes] = {}  # SHA-256 of the last body captured, by URL
        self._retryable: dict[str, Page] = {}
        self._retry_statuses = {int(status) for status in crawler.settings.getlist("RETRY_HTTP_CODES")}
        self._closing: asyncio.Task[None] | None = None
        self._open = False
        self.ledger = UrlLedger()
        self.record_count = 0
        self.finish_reason: str | None = None
        self.error: str | None = None
        self.no_document: str | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to the crawl's signals; raise NotConfigured unless SAAF_CAPTURE is set, as `scrapy crawl` sets it."""
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
        """Make the directory, and open the WARC file under a temporary name; raise CloseSpider where that fails."""
        replay = self._replayed is not None
        try:
            self.directory = claim_directory(self.directory, replay=replay)
            self._writer = self._stack.enter_context(WarcWriter(self.directory / RECORDS, replay=replay))
        except OSError as error:
            self._fail(error)
            raise CloseSpider("capture_failed") from error
        self._open = True

    def spider_closed(self, reason: str) -> None:
        """Close the capture; see `close`."""
        self.close(reason)

    def request_scheduled(self, request: Request) -> None:
        """Record a request in the ledger, and the redirect that led to it, if any."""
        self.ledger.scheduled(request.url)
        if request.meta.get("redirect_urls"):
            self.ledger.redirected(request.meta["redirect_urls"][-1], request.url)

    def request_dropped(self, request: Request) -> None:
        """Record a request that Scrapy's duplicate filter dropped."""
        self.ledger.dropped(request.url)

    def spider_error(self, failure: Failure, response: object) -> None:
        """Record the page on which the spider's callback raised."""
        url = getattr(response, "url", None)
        if url:
            self.ledger.callback_failed(url, f"{type(failure.value).__name__} ({failure.value})")

    def write(self, page: Page) -> None:
        """Write a page, unless the same bytes were just captured under its URL.

        A response that Scrapy may retry is held back until the crawl is over: what counts is the last one.
        """
        url = page.url or ""
        if page.status in self._retry_statuses:
            self._retryable[url] = page
            return
        self._retryable.pop(url, None)
        digest = sha256(page.body).digest()
        if self._digests.get(url) == digest:
            return
        self._digests[url] = digest
        if self._replayed is None:
            self._write_record(page)
        else:
            self._replayed.append(page if self._holds_bodies() else replace(page, body=b""))

    @property
    def file_path(self) -> str:
        """The path of the WARC file as documents have it, relative to the output."""
        return (self.directory / RECORDS).relative_to(self._output).as_posix()

    def has(self, url: str | None) -> bool:
        """Return whether a response to the URL was captured."""
        return url in self._digests

    def close(self, reason: str) -> None:
        """Write what was held back, close the WARC file, then write the ledger of URLs; a second call does nothing.

        `reason` is Scrapy's reason why the crawl ended.
        """
        if not self._open:
            return
        self._open = False
        self.finish_reason = reason
        self._add_fixture_failures()
        for page in sorted(self._replayed or (), key=lambda page: (page.url or "", page.body)):
            self._write_record(self._with_body(page))
        for _, page in sorted(self._retryable.items()):
            self._write_record(page)
        self.no_document = self._why_no_document(reason)
        earlier = (self.directory / RECORDS).exists()
        if earlier and (reason != "finished" or self.no_document):
            self._writer.discard()  # a replay that ended early: the earlier one has more
            self.no_document = f"{self.no_document or f'the replay ended early ({reason})'}; the earlier one stays"
        try:
            self._stack.close()
            if not earlier or self.no_document is None:
                with atomic_write(self.directory / URLS) as path:
                    path.write_bytes(b"".join(self.ledger.lines(reason)))
        except OSError as error:
            self._fail(error)

    def _why_no_document(self, finish_reason: str) -> str | None:
        """Return the reasons of the first URLs where the crawl found no document, None where it found one."""
        outcomes = self.ledger.outcomes(finish_reason)
        if any(outcome.role is Role.DOCUMENT for outcome in outcomes.values()):
            return None
        reasons = ((url, outcome.reason or "") for url, outcome in outcomes.items())
        return f"the crawl found no document ({first_reasons(reasons)})"

    def _add_fixture_failures(self) -> None:
        """Add to the ledger the fixtures that could not be used, and those that no request asked for."""
        replay = self._crawler.get_downloader_middleware(ReplayMiddleware)
        if replay is None:
            return
        for failure in replay.failures:
            self.ledger.failed(failure.url or "", failure.state, failure.reason)
        state, why = State.UNLISTED, "no start URL, sitemap, feed or link led the crawl to it"
        if self.finish_reason != "finished":
            state, why = State.OVER_BUDGET, f"the crawl ended ({self.finish_reason}) before it was asked for"
        for url in replay.unrequested_urls():
            if not self.ledger.has(url):
                self.ledger.failed(url, state, f"a manifest lists it, but {why}")

    def _holds_bodies(self) -> bool:
        """Return whether the bodies of a replay are held until its end; those of an archive are read again."""
        replay = self._crawler.get_downloader_middleware(ReplayMiddleware)
        return replay is None or replay.holds_bodies

    def _with_body(self, page: Page) -> Page:
        """Return a page of a replay with its body, which is read again where it is not held."""
        replay = self._crawler.get_downloader_middleware(ReplayMiddleware)
        if replay is None or replay.holds_bodies:
            return page
        found = replay.page(page.url or "")
        return replace(page, body=found.body) if isinstance(found, Page) else page

    def _write_record(self, page: Page) -> None:
        try:
            self._writer.write(page)
            self.record_count += 1
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        """Log the error and end the crawl: without the raw responses its pages would be lost."""
        if self.error is not None:
            return
        self.error = f"{error.filename or self.directory}: {error.strerror or error}"
        logger.critical("The capture cannot be written (%s): the crawl ends here", self.error)
        if self._open:
            self._closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="capture_failed"))
