"""Capture of a crawl: raw responses are written to WARC before they are parsed, and every URL to a ledger."""

from __future__ import annotations

import asyncio
import gc
import logging
import sqlite3
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.utils.asyncio import create_looping_call

from saaf.atomic_files import BusyError
from saaf.cleaning.types import Page
from saaf.corpus.ledger import State, first_reasons
from saaf.corpus.recorded_crawls import crawl_fields
from saaf.crawler.capture.live import SECONDS, LiveCapture
from saaf.crawler.capture.replayed import ReplayCapture
from saaf.crawler.capture.start_report import report_start
from saaf.crawler.capture.write_errors import write_failure
from saaf.crawler.config import Config, config_of
from saaf.crawler.frontier.ledger import UrlLedger
from saaf.crawler.frontier.outcomes import Role
from saaf.crawler.replay.middlewares import ReplayMiddleware

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.utils.asyncio import AsyncioLoopingCall
    from twisted.internet.task import LoopingCall
    from twisted.python.failure import Failure

logger = logging.getLogger(__name__)

OUT_OF_PATIENCE = "patience"
"""The finish reason of a crawl that left URLs to a later run because their hosts asked for a long pause."""


class CaptureExtension:
    """Scrapy extension that owns the WARC and the ledger of URLs of one crawl.

    `live` is the capture of a live crawl, None in a replay; `ledger` is one in memory until the capture is open.
    `finish_reason` is Scrapy's reason why the crawl ended, None while it runs. `error` is a sentence that says why the
    capture could not be written, `no_document` why the crawl found no document; None where it was, and where it did.
    """

    def __init__(self, crawler: Crawler, config: Config) -> None:
        self._crawler = crawler
        self.config = config
        self.live = None if config.replays else LiveCapture(config, _archive_fields(crawler))
        self._replay = (
            ReplayCapture(config, crawl_fields(crawler.spidercls.name, config.agent)) if config.replays else None
        )
        self._timer: AsyncioLoopingCall | LoopingCall | None = None
        self._ticking: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._open = False
        self.ledger = UrlLedger()
        self.finish_reason: str | None = None
        self.error: str | None = None
        self.no_document: str | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to the crawl's signals; raise NotConfigured unless SAAF_CAPTURE is set, as `scrapy crawl` sets it."""
        config = config_of(crawler)
        if not config.capture:
            raise NotConfigured
        capture = cls(crawler, config)
        for receiver, signal in (
            (capture.open, signals.spider_opened),
            (capture.spider_idle, signals.spider_idle),
            (capture.spider_closed, signals.spider_closed),
            (capture.spider_error, signals.spider_error),
            (capture.request_scheduled, signals.request_scheduled),
        ):
            crawler.signals.connect(receiver, signal=signal)
        return capture

    @property
    def _store(self) -> LiveCapture | ReplayCapture:
        store = self.live or self._replay
        assert store is not None  # noqa: S101  (one of them is made)
        return store

    @property
    def record_count(self) -> int:
        """The number of exchanges written in this run."""
        return self._store.record_count

    @property
    def is_discarded(self) -> bool:
        """Whether what this run captured is not kept: a replay that has less than an earlier one."""
        return self._replay is not None and self._replay.is_discarded

    @property
    def rendered_count(self) -> int:
        """The number of pages that a browser rendered in this run."""
        return self.live.rendered_count if self.live is not None else 0

    @property
    def unrendered_count(self) -> int:
        """The number of pages of this run that the browser was to render and could not: they stay as they came."""
        return int(self._crawler.stats.get_value("saaf/browser/failed", 0))

    @property
    def run(self) -> int:
        """The number of this run of the crawl, from 1; a replay has one."""
        return self.ledger.frontier.run

    def open(self) -> None:
        """Open the capture, where it is not open yet; raise CloseSpider where that fails.

        The scheduler calls it before the spider is opened.
        """
        if self.error is not None:
            raise CloseSpider("capture_failed")
        if self._open:
            return
        try:
            self.ledger = self._store.open(self._crawler.request_fingerprinter.fingerprint)
        except (OSError, sqlite3.Error, BusyError) as error:
            self.fail(error)
            raise CloseSpider("capture_failed") from error
        self._open = True
        _exempt_from_collection()
        if self.live is not None:
            report_start(self.live, has_feed=bool(self._crawler.settings.getdict("FEEDS")))
            self._timer = create_looping_call(self._start_tick)
            self._timer.start(SECONDS, now=False)

    def spider_idle(self) -> None:
        """Raise CloseSpider where the crawl is about to end with URLs left, so that its end is not named "finished".

        They are those of hosts that are to be left alone for longer than `Config.patience`.
        """
        if self.live is None or not self._open or self.error is not None:
            return
        frontier = self.live.frontier
        with self.guard():
            seconds = frontier.seconds_to_next()
            if seconds is not None and seconds > self.config.patience:
                logger.warning(
                    "URLs left: %d; their hosts asked to be left alone, the first of them for %.0f more seconds;"
                    " the same command goes on then, and SAAF_PATIENCE says how long a crawl waits",
                    frontier.queued + frontier.waiting,
                    seconds,
                )
                raise CloseSpider(OUT_OF_PATIENCE)

    def spider_closed(self, reason: str) -> None:
        """Close the capture; see `close`."""
        self.close(reason)

    def request_scheduled(self, request: Request) -> None:
        """Record the redirect that led to a request, if any."""
        if request.meta.get("redirect_urls"):
            with self.guard():
                self.ledger.redirected(request.meta["redirect_urls"][-1], request.url)

    def spider_error(self, failure: Failure, response: object) -> None:
        """Record the page on which the spider's callback raised."""
        url = getattr(response, "url", None)
        if url:
            with self.guard():
                self.ledger.callback_failed(url, f"{type(failure.value).__name__} ({failure.value})")

    def write(self, page: Page) -> None:
        """Write a page that was replayed, or that the spider made itself without a response."""
        with self.guard():
            if self._replay is not None and self._archive is not None:
                self._replay.write_page(page, holds_body=False)
            else:
                self._store.write_page(page)

    def file_path(self, url: str) -> str:
        """Return the path of the WARC file that holds a URL's response, relative to the output."""
        return self._store.file_path(url)

    def has(self, url: str) -> bool:
        """Return whether a response to the URL was captured."""
        return self._store.has(url)

    @property
    def directory(self) -> object:
        """The directory of WARC, frontier and urls.jsonl."""
        return self._store.directory

    def _start_tick(self) -> None:
        """Begin a tick, unless one is under way on a slow disk."""
        if self._ticking is None or self._ticking.done():
            self._ticking = asyncio.get_running_loop().create_task(self._tick_after_write_back())

    async def _tick_after_write_back(self) -> None:
        """Tick once a thread has waited for the disk: the reactor then waits for the records of that time alone."""
        if self.live is not None and self._open and self.error is None:
            await asyncio.to_thread(self.live.write_back())
            self.tick()

    def tick(self) -> None:
        """Note which URLs are done, and make it durable; called twice a second, and often enough by the scheduler."""
        if self.live is not None and self._open and self.error is None:
            with self.guard():
                self.live.frontier.wake_waiting()
                self.finish_done()
                self.live.commit()

    def finish_done(self) -> None:
        """Write what came of each URL whose response the downloader and the spider are done with."""
        downloader, slot = self._crawler.engine.downloader, self._crawler.engine.scraper.slot
        queued = {request for _, request, _ in slot.queue} if slot is not None else set()
        parsed = slot.active if slot is not None else set()
        for lease in list(self.ledger.leases.values()):
            request = lease.request
            if request not in downloader.active and request not in parsed and request not in queued:
                self.ledger.finish(lease, closing=self.finish_reason is not None)

    def close(self, reason: str) -> None:
        """Write what is left, the WARC's end and the list of URLs; a second call does nothing.

        `reason` is Scrapy's reason why the crawl ended.
        """
        if self._timer is not None and self._timer.running:
            self._timer.stop()
        if not self._open:
            return
        self.finish_reason = reason
        if self.error is None:
            with self.guard():
                self.finish_done()
                self._add_fixture_failures()
                self.ledger.flush()
                self.no_document = self._why_no_document()
                if self.live is not None:
                    self.live.close(reason)
                elif self._replay is not None:
                    self.no_document = self._replay.close(reason, self.no_document, self._with_body)
        self._open = False
        if self.error is not None:
            self._store.abandon()

    def settle(self) -> None:
        """Note that the command has done all that follows the crawl, the build too; see `Config.is_command`."""
        if self.live is not None and self.error is None:
            with suppress(OSError, sqlite3.Error, BusyError):  # then the next run ends this round first
                self.live.settle()

    def _why_no_document(self) -> str | None:
        """Return the reasons of the first URLs where this run got no page of use, None where it did."""
        frontier, ledger = self.ledger.frontier, self.ledger
        if ledger.documents or (frontier.has_document() and (ledger.successes or not ledger.failures)):
            return None
        if self.live is not None and self.live.goes_on and self.record_count and frontier.has_document():
            return None  # the documents of this round came in an earlier run, and what was left of it has answered
        failed = frontier.left_out(frontier.run, Role.FAILURE)
        rows = failed or frontier.left_out(frontier.run, Role.DISCOVERY)
        examples = {reason: url for url, reason in reversed(rows)}  # the first URL of each reason
        why = [first_reasons((url, reason) for reason, url in examples.items())] if examples else []
        if not examples and (offsite := ledger.first_offsite()) is not None:
            why = [f"{offsite}: outside the spider's allowed_domains, which are names of hosts, without a port"]
        if frontier.queued:
            unfetched = "1 URL is" if frontier.queued == 1 else f"{frontier.queued} URLs are"
            why = [f"{unfetched} not fetched yet", *why]
        return f"the crawl found no document ({'; '.join(why) or 'the spider made no request: give it start URLs'})"

    def _add_fixture_failures(self) -> None:
        """Add to the ledger the fixtures that could not be used, and those that no request asked for."""
        replay = self._crawler.get_downloader_middleware(ReplayMiddleware)
        if replay is None:
            return
        for failure in replay.failures:
            self.ledger.failed(failure.url or "", failure.state, failure.reason)
        state, why = State.UNLISTED, "no start URL, sitemap, feed or link led the crawl to it"
        if self.finish_reason != "finished":
            state, why = State.PENDING, f"the crawl ended ({self.finish_reason}) before it was asked for"
        for url in replay.unrequested_urls():
            if not self.ledger.has(url):
                self.ledger.failed(url, state, f"a manifest lists it, but {why}")

    @property
    def _archive(self) -> ReplayMiddleware | None:
        """The middleware of a replay of archives, from which bodies are read again at its end; None elsewhere."""
        replay = self._crawler.get_downloader_middleware(ReplayMiddleware)
        return None if replay is None or replay.holds_bodies else replay

    def _with_body(self, page: Page) -> Page:
        """Return a page of a replay with its body, which is read again where it is not held."""
        found = self._archive.page(page.url or "") if self._archive is not None else page
        return replace(page, body=found.body) if isinstance(found, Page) else page

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Run a block that writes; end the crawl where that fails, and do nothing more where it has failed."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """Log the error and end the crawl: without the raw responses its pages would be lost."""
        if self.error is not None:
            return
        self.error = write_failure(error, str(self.directory))
        if self._open or not self.config.is_command:  # a command that could not begin ends with the sentence
            logger.critical("The crawl ends here: %s", self.error)
        if self._open and self.finish_reason is None:
            self._closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="capture_failed"))


def _exempt_from_collection() -> None:
    """Leave out of garbage collection what there is before the first request: imported modules, mostly.

    A full collection went through it all once a second, and took 130 ms: the 99th percentile of the event loop's lag
    was 115 ms with it and 50 ms without.
    """
    gc.collect()
    gc.freeze()


def _archive_fields(crawler: Crawler) -> tuple[tuple[str, str], ...]:
    """Return the fields that a WARC's warcinfo record has of the crawl."""
    settings = crawler.settings
    return (
        *crawl_fields(crawler.spidercls.name, config_of(crawler).agent),
        ("robots", "obey" if settings.getbool("ROBOTSTXT_OBEY") else "ignore"),
        ("http-header-user-agent", str(settings.get("USER_AGENT", ""))),
    )
