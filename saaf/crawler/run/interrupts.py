"""The signal that ends a crawl: which one came first, and a sentence on the log that says what happens now."""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

logger = logging.getLogger(__name__)

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Watch over SIGINT and SIGTERM during a crawl. `first` is the number of the first one, None where none came.

    Scrapy's own handlers end the crawl in order at the first signal, and at once at the second.
    """

    def __init__(self) -> None:
        self.first: int | None = None

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
            self.first = self.first or received
            # Not in the handler itself: it may interrupt a write to the same log.
            loop.call_soon_threadsafe(_log_ending)
            scrapy_handler(received, frame)

        signal.signal(number, handle)


def release_signals() -> None:
    """Take Scrapy's handlers away once the crawl is over: they would swallow the interrupt of a build."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _log_ending() -> None:
    logger.warning("Ending the crawl: it waits for the pages under way. Press Ctrl-C again to end it at once.")
