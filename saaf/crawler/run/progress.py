"""Progress of a crawl: a snapshot about once a second, for a panel, or as a line on the log or on the terminal."""

from __future__ import annotations

import logging
import sys
import time
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call

from saaf.corpus.progress import counted, format_duration
from saaf.crawler.capture.extension import CaptureExtension
from saaf.crawler.config import config_of
from saaf.crawler.politeness.downloader import PoliteDownloader
from saaf.crawler.run.page_limit import PageLimit
from saaf.crawler.run.status_line import StatusLine
from saaf.crawler.run.units import most_common

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy import Spider
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

PROGRESS = object()
"""Signal of Scrapy's dispatcher: receivers get `progress`, a `Progress`. Where one is connected, no line is written."""
DOCUMENTS, LISTS = "document", "discovery"
_TICK = 1.0  # seconds
_WINDOW = 30  # ticks over which the rate is measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a crawl has done so far.

    `elapsed` is seconds. `responses` are those captured in this run, `rate` their number per second in the last half
    minute. `documents` are the pages that are kept; `left_out` has the number of URLs by state of the ledger, without
    those that were only read for their links. `hosts` are those with a request under way, `backing_off` those that are
    not asked for the moment. `queued` is the number of requests that wait. `remaining` is an estimate in seconds of the
    time until the queue is empty or the limit of pages is reached, None where there is no rate yet. `rendered` is the
    number of pages that a browser rendered in this run, None where the crawl has no browser.
    """

    elapsed: float
    responses: int
    rate: float
    documents: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    hosts: int = 0
    under_way: int = 0
    backing_off: int = 0
    queued: int = 0
    remaining: float | None = None
    rendered: int | None = None


def format_progress(progress: Progress) -> str:
    """Return the progress as one line."""
    left_out = sum(progress.left_out.values())
    reasons = ", ".join(f"{count:,} {state.replace('_', ' ')}" for state, count in most_common(progress.left_out))
    parts = [
        f"{counted(progress.responses, 'response')} ({progress.rate:.1f}/s)",
        *([f"{progress.rendered:,} rendered"] if progress.rendered is not None else []),
        counted(progress.documents, "document"),
        f"{left_out:,} left out{f' ({reasons})' if reasons else ''}",
        f"{counted(progress.hosts, 'host')} active"
        + (f", {progress.backing_off:,} backing off" if progress.backing_off else ""),
        f"{progress.queued:,} in the queue",
    ]
    if progress.remaining is not None and progress.queued:
        parts.append(f"about {format_duration(progress.remaining)} to go")
    return "; ".join(parts)


class ProgressExtension:
    """Scrapy extension that sends `PROGRESS` about once a second while a crawl is captured.

    Where nothing is connected to it, the progress is a line under the log on a terminal, and elsewhere a line of the
    log every SAAF_PROGRESS seconds.
    """

    def __init__(self, crawler: Crawler, interval: float) -> None:
        self._crawler = crawler
        self._interval = interval
        self._loop = create_looping_call(self._tick)
        self._line = StatusLine(sys.stderr) if interval and sys.stderr.isatty() else None
        self._started = self._logged = 0.0
        self._window: deque[tuple[float, int]] = deque(maxlen=_WINDOW)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to the crawl's signals; raise NotConfigured where nothing is captured, as in `scrapy shell`."""
        config = config_of(crawler)
        if not config.capture:
            raise NotConfigured
        extension = cls(crawler, config.progress)
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def spider_opened(self, spider: Spider) -> None:
        """Start to measure."""
        capture = self._crawler.get_extension(CaptureExtension)
        if capture is not None and capture.error is not None:
            return  # nothing starts
        self._started = self._logged = time.monotonic()
        self._window.append((self._started, 0))
        output = config_of(self._crawler).output
        logger.info("The crawl %s starts; its output is %s", spider.name, output)
        self._loop.start(_TICK, now=False)

    def spider_closed(self) -> None:
        """Report for the last time, and put the counts into the stats; nothing where the crawl did not start."""
        if not self._window:
            return
        if self._loop.running:
            self._loop.stop()
        if self._line is not None:
            self._line.end()
        progress = self.snapshot()
        rate = progress.responses / progress.elapsed if progress.elapsed else 0.0
        logger.info("%s", format_progress(replace(progress, rate=rate, remaining=None)))
        stats = self._crawler.stats
        stats.set_value("saaf/documents", progress.documents)
        for state, count in most_common(progress.left_out):
            stats.set_value(f"saaf/left_out/{state}", count)

    def snapshot(self) -> Progress:
        """Return the progress at this moment."""
        stats, now = self._crawler.stats, time.monotonic()
        capture = self._crawler.get_extension(CaptureExtension)
        responses = capture.record_count if capture is not None else 0
        self._window.append((now, responses))
        then, before = self._window[0]
        rate = (responses - before) / (now - then) if now > then else 0.0
        queued = max(stats.get_value("scheduler/enqueued", 0) - stats.get_value("scheduler/dequeued", 0), 0)
        downloader = self._crawler.engine.downloader
        active = [slot for slot in downloader.slots.values() if slot.active]
        counts = capture.ledger.counts() if capture is not None else {}
        return Progress(
            elapsed=now - self._started,
            responses=responses,
            rate=rate,
            documents=counts.get(DOCUMENTS, 0),
            left_out={state: count for state, count in counts.items() if state not in (DOCUMENTS, LISTS)},
            hosts=len(active),
            under_way=sum(len(slot.active) for slot in active),
            backing_off=downloader.backing_off if isinstance(downloader, PoliteDownloader) else 0,
            queued=queued,
            remaining=min(queued, self._left()) / rate if rate else None,
            rendered=capture.rendered_count if capture is not None and capture.config.has_browser else None,
        )

    def _left(self) -> float:
        """Return the number of pages to the limit of this run."""
        limit = self._crawler.settings.getint("CLOSESPIDER_PAGECOUNT")
        extension = self._crawler.get_extension(PageLimit)
        return max(limit - extension.pages, 0) if limit and extension is not None else float("inf")

    def _tick(self) -> None:
        progress = self.snapshot()
        if self._crawler.signals.send_catch_log(PROGRESS, progress=progress):
            return
        if self._line is not None:
            self._line.show(format_progress(progress))
        elif self._interval and time.monotonic() - self._logged >= self._interval:
            self._logged = time.monotonic()
            logger.info("%s", format_progress(progress))
