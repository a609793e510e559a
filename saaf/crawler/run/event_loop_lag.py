"""Lag of the event loop: how late callbacks come, because something held the reactor's thread. It is in the stats."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured

from saaf.crawler.config import config_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

PREFIX = "saaf/event_loop/"
_INTERVAL = 0.05  # seconds between two callbacks


class EventLoopLag:
    """Scrapy extension that measures the lag of the event loop while a crawl is captured.

    A callback is asked for every 50 ms; how many milliseconds late it comes is the lag. The stats
    `saaf/event_loop/lag_p50`, `lag_p99` and `lag_max` are in seconds.
    """

    def __init__(self, stats: StatsCollector) -> None:
        self._stats = stats
        self._lags: Counter[int] = Counter()  # callbacks by their lag in milliseconds
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to the crawl's signals; raise NotConfigured where nothing is captured."""
        if not config_of(crawler).capture:
            raise NotConfigured
        extension = cls(crawler.stats)
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def spider_opened(self) -> None:
        """Begin to measure."""
        self._schedule(asyncio.get_running_loop())

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        due = loop.time() + _INTERVAL
        self._timer = loop.call_at(due, self._measure, loop, due)

    def _measure(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self._lags[max(int((loop.time() - due) * 1000), 0)] += 1
        self._schedule(loop)

    def spider_closed(self) -> None:
        """Put the lag into the stats."""
        if self._timer is not None:
            self._timer.cancel()
        if self._lags:
            for name, share in (("lag_p50", 0.5), ("lag_p99", 0.99), ("lag_max", 1.0)):
                self._stats.set_value(f"{PREFIX}{name}", quantile(self._lags, share) / 1000)


def quantile(counts: Counter[int], share: float) -> int:
    """Return the least value that at least a `share`, in (0, 1], of the values counted does not exceed."""
    left = share * counts.total()
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return value
    return max(counts)
