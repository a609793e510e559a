"""Reading of responses off the reactor: large bodies in a worker process under limits, small ones where they are used.

A hostile page may take the parser minutes. In a worker it costs itself alone: its reason is in the ledger, and the
crawl goes on meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Self

from scrapy import signals

from saaf.cleaning.html.outline import Outline
from saaf.corpus.decompression import GZIP_MAGIC
from saaf.corpus.ledger import Failure, State
from saaf.corpus.process_limits import OUT_OF_MEMORY, Limits
from saaf.corpus.workers import CleanerPool, WorkersError
from saaf.crawler.capture.extension import CaptureExtension
from saaf.crawler.config import WORKER_NICENESS
from saaf.crawler.discovery.kinds import keep_reading, task_of
from saaf.crawler.discovery.planning import Planner
from saaf.crawler.discovery.readers import As, Task, read
from saaf.crawler.frontier.stored_requests import KIND
from saaf.crawler.guards.body_limits import is_closing
from saaf.crawler.guards.refusals import CUT_SHORT, RefusedRequest, RequestNotSent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response
    from scrapy.statscollectors import StatsCollector

INLINE_BYTES: Final = {As.PAGE: 128 * 1024, As.SITEMAP: 128 * 1024, As.FEED: 64 * 1024}
"""Bytes of the largest body that is read in the reactor, by what it is read as: it takes some 10 ms."""
INLINE_GZIP_BYTES: Final = 8 * 1024
"""The same for gzip data, which may unpack to a hundred times as much and more."""
INLINE_FEED_TAGS: Final = 1_500
"""Most tags of a feed that is read in the reactor: 50 entries have a thousand; feedparser takes up to 0.1 ms each."""
LIMITS: Final = Limits(cpu_seconds=20.0, memory_bytes=240 << 20)  # a crawl and a worker together under 500 MB
"""What reading one body may take in a worker."""
GRACE_SECONDS: Final = 2.0
"""Seconds for which callbacks go on once the crawl is ending."""
PAUSE_SECONDS: Final = 0.01
"""Time after which a callback that yields many requests lets the reactor do something else."""
_NOT_READ = "the crawl ended before the page was read"


class Ending:
    """The clock of a crawl that is ending: for `GRACE_SECONDS` what is under way goes on."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._ends_at: float | None = None

    def is_over(self) -> bool:
        """Return whether the crawl has been ending for that time, since it was first asked."""
        if not is_closing(self._crawler):
            return False
        self._ends_at = self._ends_at or time.monotonic() + GRACE_SECONDS
        return time.monotonic() >= self._ends_at


class ReadingMiddleware:
    """Downloader middleware, the outermost, that has large responses read by a worker before the spider gets them.

    The worker starts with the first of them. Spiders that are no `SiteSpider` read their responses themselves.
    """

    def __init__(
        self,
        spider: Callable[[], object],
        limits: Limits = LIMITS,
        is_over: Callable[[], bool] = lambda: False,
        stats: StatsCollector | None = None,
    ) -> None:
        self._stats = stats
        self._spider = spider
        self._limits = limits
        self._pool: CleanerPool | None = None
        self._end: asyncio.Future[None] | None = None
        self._is_over = is_over
        self._submitting = asyncio.Lock()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """End the worker when the spider closes."""
        middleware = cls(lambda: crawler.spider, is_over=Ending(crawler).is_over, stats=crawler.stats)
        crawler.signals.connect(middleware.spider_closed, signals.spider_closed)
        crawler.signals.connect(middleware.cut_short, CUT_SHORT)
        return middleware

    async def process_response(self, request: Request, response: Response) -> Response:
        """Return the response, once a worker has read it if it is large.

        Raises `RequestNotSent` where the crawl ends meanwhile.
        """
        is_read = isinstance(getattr(self._spider(), "planner", None), Planner)
        if not is_read or not 200 <= response.status < 300 or not may_be_slow(response.body, INLINE_GZIP_BYTES):
            return response
        if response.request is None:
            response.request = request
        task = task_of(response)
        if task is not None and is_slow(task):
            if self._is_over():
                raise RequestNotSent(_NOT_READ)
            reading = await self._read(task)
            keep_reading(response, reading)
            if self._stats is not None and isinstance(reading, Outline) and reading.links_left_out:
                self._stats.inc_value("saaf/links/left_out_count", reading.links_left_out)
        return response

    async def _read(self, task: Task) -> Any:
        self._end = self._end or asyncio.get_running_loop().create_future()
        try:
            async with self._submitting:
                # In a thread: a worker process that has to start first takes a second, and the reactor would wait.
                if self._pool is None:
                    self._pool = await asyncio.to_thread(
                        CleanerPool, workers=1, limits=self._limits, niceness=WORKER_NICENESS
                    )
                future = await asyncio.to_thread(self._pool.call, read, task)
            reading = asyncio.wrap_future(future)
            await asyncio.wait((reading, self._end), return_when=asyncio.FIRST_COMPLETED)
            result = None if self._end.done() else await reading
        except WorkersError as error:
            self._pool = None
            return Failure(state=State.UNREADABLE, reason=str(error), url=task.url)
        except MemoryError:
            return Failure(state=State.UNREADABLE, reason=_in_words(OUT_OF_MEMORY), url=task.url)
        except Exception as error:  # whatever a parser raises for one page costs that page alone
            reason = f"the page could not be parsed ({error}); please report this page"
            return Failure(state=State.UNREADABLE, reason=reason, url=task.url)
        if result is None:
            raise RequestNotSent(_NOT_READ)
        return replace(result, reason=_in_words(result.reason)) if isinstance(result, Failure) else result

    def cut_short(self) -> None:
        """Wait no longer for the worker: what it has not read, the next run reads."""
        if self._end is not None and not self._end.done():
            self._end.set_result(None)
        if self._pool is not None:
            self._pool.stop()

    def spider_closed(self) -> None:
        """End the worker."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None


def is_slow(task: Task) -> bool:
    """Return whether a body is read in a worker: it is large, or a feed of so many tags that feedparser takes long."""
    if may_be_slow(task.body, INLINE_BYTES[task.kind]):
        return True
    return task.kind is As.FEED and task.body.count(b"<") > INLINE_FEED_TAGS


def may_be_slow(body: bytes, limit: int) -> bool:
    """Return whether a body is larger than `limit` bytes, or than the limit of gzip data."""
    return len(body) > (INLINE_GZIP_BYTES if body.startswith(GZIP_MAGIC) else limit)


def _in_words(reason: str) -> str:
    """Return a worker's reason with "reading it" in place of "cleaning", which the same pool is otherwise for."""
    return reason.replace("cleaning", "reading it", 1)


class TrapMiddleware:
    """Downloader middleware that refuses addresses of a template that was abandoned while they waited."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Use the traps of the crawl's spider, if it has any."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise RefusedRequest for an address in a trap; what a sitemap or feed lists is in none, because it ends."""
        planner = getattr(self._crawler.spider, "planner", None)
        if not isinstance(planner, Planner) or not request.meta.get("depth"):
            return
        if request.meta.get(KIND) in ("list", "page") and (trap := planner.traps.refusal(request.url)):
            raise RefusedRequest(State.TRAP, trap)


class PacingMiddleware:
    """Spider middleware, the innermost, that lets the reactor do something else while a callback yields very much.

    A sitemap of 50,000 URLs takes seconds to schedule. A callback that works long and has nothing to yield may yield
    None, which goes no further. Where the crawl ends meanwhile, its page is put back: the next run parses it again.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._ending = Ending(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware of a crawl."""
        return cls(crawler)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Yield what a callback yields, as long as the crawl goes on."""
        started = time.monotonic()
        async for found in result:
            if found is not None:
                yield found
            if time.monotonic() - started > PAUSE_SECONDS:
                await asyncio.sleep(0)
                if self._put_back(response):
                    return
                started = time.monotonic()

    def _put_back(self, response: Response) -> bool:
        """Return whether the crawl is ending, and a live capture holds the response, so that the rest can wait."""
        capture = self._crawler.get_extension(CaptureExtension) if self._crawler.extensions else None
        if capture is None or capture.live is None or response.request is None or not self._ending.is_over():
            return False
        lease = capture.ledger.lease(response.url, response.request)
        if lease is None or lease.is_once:
            return False
        with capture.guard():
            capture.ledger.requeue(response.request)
        return True
