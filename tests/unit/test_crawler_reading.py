"""Reading off the reactor: large and hostile bodies cost themselves alone, and the event loop goes on."""

from __future__ import annotations

import asyncio
import gzip
import time
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response, TextResponse
from scrapy.utils.test import get_crawler

from saaf.cleaning.html.outline import Outline
from saaf.corpus.ledger import Failure, State
from saaf.corpus.process_limits import Limits
from saaf.crawler.discovery.kinds import outline_of, purpose, reading_of
from saaf.crawler.discovery.readers import As, Task
from saaf.crawler.discovery.reading import (
    INLINE_BYTES,
    INLINE_FEED_TAGS,
    PacingMiddleware,
    ReadingMiddleware,
    TrapMiddleware,
    is_slow,
    may_be_slow,
)
from saaf.crawler.discovery.sitemaps import Sitemap
from saaf.crawler.guards.refusals import RefusedRequest
from saaf.crawler.spiders.site import SiteSpider
from saaf.crawler.spiders.web import WebSpider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BASE = "https://www.example.org"
LINES = "<p>" + "The harbour wall was repaired by forty people. " * 200_000 + "</p><a href='/last'>on</a>"


def answer(body: bytes, kind: str = "page", html: bool = True) -> Response:
    request = Request(f"{BASE}/x", meta={"saaf_kind": kind})
    made = HtmlResponse if html else Response
    return made(request.url, body=body, request=request, **({"encoding": "utf-8"} if html else {}))  # type: ignore[arg-type]  # of HtmlResponse


async def _read(response: Response, limits: Limits) -> tuple[Response, float]:
    """Return the response that was read, and the longest time in which the event loop did nothing else."""
    spider = SiteSpider(name="site")
    middleware = ReadingMiddleware(lambda: spider, limits)
    worst, running = 0.0, True

    async def watch() -> None:
        nonlocal worst
        while running:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            worst = max(worst, time.monotonic() - before)

    watching = asyncio.create_task(watch())
    try:
        assert response.request is not None
        return await middleware.process_response(response.request, response), worst
    finally:
        running = False
        await watching
        middleware.spider_closed()


def read(response: Response, **limits: Any) -> Response:
    return asyncio.run(_read(response, Limits(**limits)))[0]


def test_a_page_of_ten_megabytes_in_one_line_is_read_by_a_worker() -> None:
    response = answer(LINES.encode())
    assert len(response.body) > 9_000_000
    done, lag = asyncio.run(_read(response, Limits()))
    outline = outline_of(done)
    assert outline.links == ("/last",)
    assert lag < 1.0, "the event loop went on meanwhile"


@pytest.mark.parametrize("body", [b"<div>" * 2_000_000, b"<a href=x>" * 900_000, b"<table><tr><td>" * 600_000])
def test_a_large_hostile_page_costs_itself_alone(body: bytes) -> None:
    response = read(answer(body), cpu_seconds=5)
    reading = reading_of(response)
    assert isinstance(reading, Outline | Failure)


def test_a_page_that_takes_too_long_has_a_reason() -> None:
    response = read(answer(LINES.encode()), cpu_seconds=0.01)
    reading = reading_of(response)
    assert isinstance(reading, Failure)
    assert reading.state is State.OVER_BUDGET
    assert purpose(response).endswith(
        "its links could not be read: reading it needed more than 0.01 seconds of CPU time"
    )
    assert outline_of(response).links == ()


def test_a_small_file_that_unpacks_to_much_is_read_by_a_worker() -> None:
    entries = "".join(f"<url><loc>{BASE}/{number}</loc></url>" for number in range(20_000))
    body = gzip.compress(f"<urlset>{entries}</urlset>".encode())
    assert len(body) < INLINE_BYTES[As.SITEMAP]
    assert may_be_slow(body, INLINE_BYTES[As.SITEMAP])
    reading = reading_of(read(answer(body, "sitemap", html=False)))
    assert isinstance(reading, Sitemap)
    assert len(reading.entries) == 20_000


def test_a_feed_of_very_many_tags_is_slow() -> None:
    def feed(tags: int) -> Task:
        return Task(kind=As.FEED, url=BASE, body=b"<a>" * tags)

    assert not is_slow(feed(INLINE_FEED_TAGS))
    assert is_slow(feed(INLINE_FEED_TAGS + 1))
    assert not is_slow(Task(kind=As.PAGE, url=BASE, body=b"<a>" * 9_000))


def test_the_threshold_has_two_sides() -> None:
    limit = INLINE_BYTES[As.PAGE]
    assert not may_be_slow(b"x" * limit, limit)
    assert may_be_slow(b"x" * (limit + 1), limit)


def test_what_a_callback_yields_in_plenty_leaves_the_loop_its_turns() -> None:
    async def plenty() -> AsyncIterator[int | None]:
        for number in range(300):
            time.sleep(0.001)
            yield number
            yield None

    async def run() -> tuple[list[int], int]:
        turns, running = 0, True

        async def other() -> None:
            nonlocal turns
            while running:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        found = [
            each async for each in PacingMiddleware(get_crawler()).process_spider_output(TextResponse(BASE), plenty())
        ]
        running = False
        await task
        return found, turns

    found, turns = asyncio.run(run())
    assert found == list(range(300))
    assert turns >= 10


def test_an_address_that_waited_while_its_template_was_abandoned_is_refused() -> None:
    crawler = get_crawler(WebSpider)
    spider = WebSpider.from_crawler(crawler, start="https://example.org/")
    crawler.spider = spider
    middleware = TrapMiddleware.from_crawler(crawler)
    for number in range(30):
        spider.planner.traps.add(f"{BASE}/calendar/{number}/", b"There are no events in this month.")
    url = f"{BASE}/calendar/77/"
    with pytest.raises(RefusedRequest, match="brought no new text"):
        middleware.process_request(Request(url, meta={"saaf_kind": "page", "depth": 3}))
    for meta in ({"saaf_kind": "page", "depth": 0}, {"saaf_kind": "sitemap", "depth": 3}, {"depth": 3}):
        middleware.process_request(Request(url, meta=meta))  # listed by a sitemap, a sitemap, a spider's own request


def test_a_sitemap_of_which_nothing_is_wanted_leaves_the_loop_its_turns_too() -> None:
    spider = SiteSpider(name="site", since="2026-01-01")
    row = f"<url><loc>{BASE}/{{}}</loc><lastmod>2020-01-01</lastmod></url>"
    body = f"<urlset>{''.join(row.format(number) for number in range(1_000))}</urlset>".encode()
    found = list(spider.parse(answer(body, "sitemap", html=False)))
    assert set(found) == {None}
    assert len(found) >= 10
