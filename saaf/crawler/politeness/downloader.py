"""Downloader with politeness: turns by site and address, crawl-delay, back-off, circuit breaker, budgets of hosts."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from scrapy import Request
from scrapy.core.downloader import Downloader, Slot
from scrapy.exceptions import IgnoreRequest
from scrapy.utils.defer import deferred_from_coro
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import inlineCallbacks

from saaf.crawler.config import config_of
from saaf.crawler.guards.addresses import authority
from saaf.crawler.guards.body_limits import is_closing
from saaf.crawler.guards.failure_reasons import failure_of, is_host_failure
from saaf.crawler.guards.refusals import RequestNotSent
from saaf.crawler.politeness.host_health import MAX_CRAWL_DELAY, HostHealth, parse_retry_after
from saaf.crawler.politeness.slots import SlotKeys
from saaf.crawler.politeness.turns import LAST_FAILURE, Turns, refuse

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.defer import Deferred

PUSHED_BACK = (429, 503)
MAX_WAITING = 512
"""The most requests that wait for their turn; with more, the scheduler keeps the others."""
LEAST_STARTED = 4
"""Requests under way from which on the engine gives way to the event loop while it sends more."""
TURN_SECONDS = 0.01
"""Time after which it does: requests that robots.txt forbids cost nothing else, and there may be 40,000 of them."""
MAX_HOSTS = 50_000
"""Hosts of which something is known; with more, those of which nothing matters are forgotten."""
HEARTBEAT = 5.0
"""Seconds of a pause from which on the scheduler is told of it."""
_JITTER = 0.1  # of a Crawl-delay, and never below it


class PacedSlot(Slot):
    """Scrapy's slot without the delay, which is waited for in turns: there a crawl that ends need not wait for it."""

    def download_delay(self) -> float:
        """Return 0: the turn of a request has come when it gets here."""
        return 0.0

    def pace(self) -> float:
        """Return the delay between two requests in seconds, with its jitter."""
        return super().download_delay()


class PoliteDownloader(Downloader):
    """Scrapy's downloader in which requests take turns: `DOWNLOADER =
    saaf.crawler.politeness.downloader.PoliteDownloader`.

    One request at a time for all hosts of a registered domain and of an address (`CONCURRENT_REQUESTS_PER_DOMAIN` sets
    another number), `DOWNLOAD_DELAY` and its jitter or the longer Crawl-delay between two. A host that answers 429 or
    503 is left alone, longer each time; one that answers nothing gets no more requests after a few. A scheduler with a
    method `delay_host(host, seconds)` is told.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        config = config_of(crawler)
        self._limits = config.host_limits
        self._hosts: dict[str, HostHealth] = {}
        self._slot_keys = SlotKeys(config.addresses)
        self._held: set[Request] = set()
        self._loop_turn: float | None = None  # when the engine began to send requests in this turn of the event loop
        self._turns = Turns(
            total=self.total_concurrency,
            concurrency=self._slot_concurrency,
            pace=self._pace,
            clock=time.monotonic,
            is_closing=lambda: self.is_closing,
        )

    @property
    def is_closing(self) -> bool:
        """Whether the crawl is ending: the engine takes no more requests."""
        return is_closing(self.crawler)

    @property
    def backing_off(self) -> int:
        """The number of hosts that get no request for the moment."""
        now = time.monotonic()
        return sum(host.blocked_until > now and host.gone is None for host in self._hosts.values())

    def needs_backout(self) -> bool:
        """Return whether the engine should send no more requests: too many are under way, or wait for their turn."""
        if len(self.active) >= LEAST_STARTED and self._has_held_loop():
            return True
        waiting = self._turns.waiting + len(self._held)
        return 0 < self.total_concurrency <= len(self.active) - waiting or waiting >= MAX_WAITING

    def _has_held_loop(self) -> bool:
        """Return whether the engine has sent requests for so long that the event loop should have its turn.

        Each that ends makes the engine ask again, and some are under way where this is asked.
        """
        now = time.monotonic()
        if self._loop_turn is None:
            self._loop_turn = now
            asyncio.get_running_loop().call_soon(self._end_loop_turn)
        return now - self._loop_turn > TURN_SECONDS

    def _end_loop_turn(self) -> None:
        self._loop_turn = None

    @contextmanager
    def held(self, request: Request) -> Iterator[None]:
        """Leave a request out of the count of concurrent requests while it waits for something, its robots.txt say."""
        self._held.add(request)
        try:
            yield
        finally:
            self._held.discard(request)

    def host(self, url: str) -> HostHealth:
        """Return what is known of the host of a URL."""
        name = authority(url)
        if name not in self._hosts:
            if len(self._hosts) >= MAX_HOSTS:
                self._hosts = {key: host for key, host in self._hosts.items() if host.is_worth_keeping}
            self._hosts[name] = HostHealth(name=name, limits=self._limits)
        return self._hosts[name]

    def set_crawl_delay(self, url: str, seconds: float | None) -> None:
        """Set the Crawl-delay of the host of a URL, up to `MAX_CRAWL_DELAY`; None and 0 leave the settings' delay."""
        self.host(url).crawl_delay = min(max(seconds or 0.0, 0.0), MAX_CRAWL_DELAY)

    def record_challenge(self, url: str, vendor: str | None) -> None:
        """Record whether the answer for a URL is a challenge page: `vendor` is who sent it, None where it is none."""
        host = self.host(url)
        if vendor is None:
            host.let_in()
        else:
            self._leave_alone(host, host.challenged(vendor, time.monotonic()))

    @inlineCallbacks
    def fetch(
        self, request: Request, spider: Spider | None = None
    ) -> Generator[Deferred[Any], Any, Response | Request]:
        """Return the response of a request, or the request that a middleware makes of it; as Scrapy's own does."""
        del spider
        self.active.add(request)
        try:
            result: Response | Request = yield deferred_from_coro(self._fetch(request))
            return result
        finally:
            self.active.remove(request)  # in the same turn of the loop as the spider gets it

    async def _fetch(self, request: Request) -> Response | Request:
        try:
            return await self.middleware.download_async(self._enqueue_request, request)
        except IgnoreRequest as error:
            refusal = without_frames(error)
        raise refusal

    async def _enqueue_request(self, request: Request) -> Response:
        host = self.host(request.url)
        refusal = host.refusal(time.monotonic(), 0)
        if refusal is not None:
            raise refuse(request, refusal)
        with self.held(request):
            key = await self._slot_keys.key_of(request)
        request.meta[self.DOWNLOAD_SLOT] = key
        self._tell_scheduler("share_slot", host.name, key)
        async with self._turns.turn(key, host, request) as probe:
            if host.crawl_delay:
                request.meta["autothrottle_dont_adjust_delay"] = True
            try:
                response = await super()._enqueue_request(request)
            except Exception as error:
                self._record_failure(request, host, error, probe=probe)
                if host.suspicion is not None and host.gone is None:
                    await self._knock(request, host)
                raise
            self._record_response(request, host, response)
            return response

    def _record_failure(self, request: Request, host: HostHealth, error: Exception, *, probe: bool) -> None:
        if isinstance(error, RequestNotSent):
            return
        request.meta[LAST_FAILURE] = failure_of(error)[1]  # a retry has a copy of it
        if not is_host_failure(error):
            host.answered()
        elif probe or not request.meta.get("retry_times"):  # that a page fails again says nothing new of its host
            self._leave_alone(host, host.failed(failure_of(error)[1], time.monotonic(), probe=probe))

    async def _knock(self, request: Request, host: HostHealth) -> None:
        """Ask a host that answered often, and seems dead now, for its robots.txt; give it up where no answer comes.

        The pages that failed may be bad pages of a good host, which stand together: whatever comes says that it lives.
        """
        headers = {"User-Agent": request.headers.get("User-Agent") or self.settings["USER_AGENT"]}
        names: tuple[str, ...] = ("download_timeout", "proxy")
        meta = {name: request.meta[name] for name in names if name in request.meta}
        try:
            await self.handlers.download_request_async(
                Request(urljoin(request.url, "/robots.txt"), headers=headers, meta=meta)
            )
        except Exception as error:
            if is_host_failure(error):
                host.give_up()
                self.crawler.stats.inc_value("saaf/hosts/given_up_count")
                return
        host.answered()

    def _record_response(self, request: Request, host: HostHealth, response: Response) -> None:
        if response.status not in PUSHED_BACK:
            host.succeeded(len(response.body))
            return
        value = (response.headers.get("Retry-After") or b"").decode("latin-1")
        wait = parse_retry_after(value, time.time())
        again = bool(request.meta.get("retry_times"))
        self._leave_alone(host, host.pushed_back(response.status, wait, time.monotonic(), again=again))

    def _leave_alone(self, host: HostHealth, seconds: float) -> None:
        """Tell a scheduler that can use it that a host gets no request for some seconds."""
        if seconds > 0:
            self.crawler.stats.inc_value("saaf/hosts/backoff_count")
            self.delay_host(host.name, seconds)
        if host.gone is not None:
            self.crawler.stats.inc_value("saaf/hosts/given_up_count")
        self._turns.wake()

    def delay_host(self, name: str, seconds: float) -> None:
        """Tell the scheduler, where it has the method, that a host ("host:port") gets no request for some seconds.

        Short pauses are waited for here, by the request whose turn is next: a scheduler is asked again only by Scrapy's
        heartbeat, every 5 seconds.
        """
        if seconds >= HEARTBEAT:
            self._tell_scheduler("delay_host", name, seconds)

    def _tell_scheduler(self, method: str, *arguments: object) -> None:
        scheduler: Any = self.crawler.engine.scheduler if self.crawler.engine else None
        told = getattr(scheduler, method, None)
        if told is not None:
            told(*arguments)

    def _slot_concurrency(self, key: str) -> int:
        return int(
            self.per_slot_settings.get(key, {}).get("concurrency", self.ip_concurrency or self.domain_concurrency)
        )

    def _pace(self, key: str, host: HostHealth) -> float:
        """Return the seconds from a turn to the next one in a slot: its delay, or the Crawl-delay where that is longer.

        A random jitter makes the former longer or shorter, the latter only longer.
        """
        slot = self.slots.get(key)
        delay = slot.pace() if isinstance(slot, PacedSlot) else self._delay
        if not host.crawl_delay:
            return delay
        return max(delay, PacedSlot(1, host.crawl_delay / (1 - _JITTER), _JITTER).pace())

    def _get_slot(self, request: Request, spider: Spider | None = None) -> tuple[str, Slot]:
        del spider
        key, slot = super()._get_slot(request)
        if not isinstance(slot, PacedSlot):
            slot = self.slots[key] = PacedSlot(slot.concurrency, slot.delay, slot.jitter)
        return key, slot


def without_frames(error: IgnoreRequest) -> IgnoreRequest:
    """Return a refusal without the frames of its traceback, which keep the response that it refuses in memory.

    They make a circle with the exception, which lasts until the garbage collector comes.
    """
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            one.__traceback__ = None
            waiting += [one.__cause__, one.__context__]
    return error


def is_http(request: Request) -> bool:
    """Return whether a request is for http or https."""
    return urlparse_cached(request).scheme in ("http", "https")
