"""The signal that ends a crawl: which one came first, and a sentence on the log that says what happens now."""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

    from scrapy.crawler import Crawler

from saaf.crawler.guards.refusals import CUT_SHORT

logger = logging.getLogger(__name__)

GRACE_SECONDS = 2.0
"""Seconds after the first signal for which the crawl waits for the pages under way; then they are put back."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Watch over SIGINT and SIGTERM during a crawl. `first` is the number of the first one, None where none came.

    Scrapy's own handlers end the crawl in order at the first signal, and at once at the second. Scrapy would wait for
    each page under way until DOWNLOAD_TIMEOUT: after `GRACE_SECONDS` the signal `CUT_SHORT` is sent.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.first: int | None = None
        self._crawler = crawler

    def watch(self) -> None:
        """Put handlers before those that Scrapy has installed; to be called in the event loop once the spider opens."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            self._watch(number, loop)

    def _watch(self, number: int, loop: asyncio.AbstractEventLoop) -> None:
        scrapy_handler = signal.getsignal(number)
        if not callable(scrapy_handler):
            return

        def handle(received: int, frame: FrameType | None) -> None:
            if self.first is None:
                self.first = received
                # Not in the handler itself: it may interrupt a write to the same log.
                loop.call_soon_threadsafe(self._begin_to_end, loop)
            scrapy_handler(received, frame)

        signal.signal(number, handle)

    def _begin_to_end(self, loop: asyncio.AbstractEventLoop) -> None:
        logger.warning("Ending the crawl: it waits for the pages under way. Press Ctrl-C again to end it at once.")
        loop.call_later(GRACE_SECONDS, self._crawler.signals.send_catch_log, CUT_SHORT)


def release_signals() -> None:
    """Take Scrapy's handlers away once the crawl is over: they would swallow the interrupt of a build."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
