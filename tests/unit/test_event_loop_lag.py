"""The lag of the event loop is measured, and is in the stats of a crawl."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

import pytest
from scrapy.statscollectors import StatsCollector
from scrapy.utils.test import get_crawler

from saaf.crawler.run.event_loop_lag import PREFIX, EventLoopLag, quantile


@pytest.mark.parametrize(("share", "value"), [(0.5, 1), (0.98, 1), (0.99, 1), (1.0, 400)])
def test_a_quantile_is_of_the_values_counted(share: float, value: int) -> None:
    assert quantile(Counter({1: 99, 400: 1}), share) == value


def test_what_holds_the_thread_is_seen() -> None:
    stats = StatsCollector(get_crawler())

    async def crawl() -> None:
        lag = EventLoopLag(stats)
        lag.spider_opened()
        await asyncio.sleep(0.2)
        time.sleep(0.3)  # as a callback that parses a huge page in the reactor's thread
        await asyncio.sleep(0.1)
        lag.spider_closed()

    asyncio.run(crawl())
    assert stats.get_value(f"{PREFIX}lag_max") >= 0.2
    assert stats.get_value(f"{PREFIX}lag_p50") < 0.1
