"""Downloader with politeness: turns by site and address, crawl-delay, back-off, circuit breaker, budgets of hosts."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader import Downloader
from scrapy.utils.httpobj import urlparse_cached

from .addresses import authority
from .config import Config
from .failure_reasons import failure_of, is_host_failure
from .host_health import MAX_CRAWL_DELAY, HostHealth, parse_retry_after
from .refusals import RequestNotSent
from .slots import SlotKeys
from .turns import LAST_FAILURE, Turns, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

PUSHED_BACK = (429, 503)
MAX_WAITING = 512
"""The most requests that wait for their turn; with more, the scheduler keeps the others."""
_JITTER = 0.1  # of a crawl-delay, and never below it


class PoliteDownloader(Downloader):
    """Scrapy's downloader in which requests take turns: `DOWNLOADER = saaf.crawler.polite_downloader.PoliteDownloader`.

    One request at a time for all hosts of a registered domain and of an address (`CONCURRENT_REQUESTS_PER_DOMAIN` sets
    another number), `DOWNLOAD_DELAY` and its jitter or the longer Crawl-delay between two. A host that answers 429 or
    503 is left alone, longer each time; one that answers nothing gets no more requests after a few. A scheduler with a
    method `delay_host(host, seconds)` is told.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        config = Config.from_settings(crawler.settings, crawler.spidercls.name)
        self._limits = config.host_limits
        self._hosts: dict[str, HostHealth] = {}
        self._slot_keys = SlotKeys(config.addresses)
        self._held: set[Request] = set()
        self._turns = Turns(
            total=self.total_concurrency,
            concurrency=self._slot_concurrency,
            clock=time.monotonic,
            is_closing=lambda: self.is_closing,
        )

    @property
    def is_closing(self) -> bool:
        """Whether the crawl is ending: the engine takes no more requests, and not because there are too many."""
        engine = self.crawler.engine
        if engine is None or engine.scraper.slot is None:
            return False
        return engine.needs_backout() and not self.needs_backout() and not engine.scraper.slot.needs_backout()

    @property
    def backing_off(self) -> int:
        """The number of hosts that get no request for the moment."""
        now = time.monotonic()
        return sum(host.blocked_until > now and host.gone is None for host in self._hosts.values())

    def needs_backout(self) -> bool:
        """Return whether the engine should send no more requests: too many are under way, or wait for their turn."""
        waiting = self._turns.waiting + len(self._held)
        return 0 < self.total_concurrency <= len(self.active) - waiting or waiting >= MAX_WAITING

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
            self._apply_crawl_delay(key, host, request)
            try:
                response = await super()._enqueue_request(request)
            except Exception as error:
                self._record_failure(request, host, error, probe=probe)
                raise
            self._record_response(host, response)
            return response

    def _record_failure(self, request: Request, host: HostHealth, error: Exception, *, probe: bool) -> None:
        if isinstance(error, RequestNotSent):
            return
        request.meta[LAST_FAILURE] = failure_of(error)[1]  # a retry has a copy of it
        if not is_host_failure(error):
            host.answered()
        elif probe or not request.meta.get("retry_times"):  # that a page fails again says nothing new of its host
            self._leave_alone(host, host.failed(failure_of(error)[1], time.monotonic(), probe=probe))

    def _record_response(self, host: HostHealth, response: Response) -> None:
        if response.status not in PUSHED_BACK:
            host.succeeded(len(response.body))
            return
        value = (response.headers.get("Retry-After") or b"").decode("latin-1")
        wait = parse_retry_after(value, time.time())
        self._leave_alone(host, host.pushed_back(response.status, wait, time.monotonic()))

    def _leave_alone(self, host: HostHealth, seconds: float) -> None:
        """Tell a scheduler that can use it that a host gets no request for some seconds."""
        if seconds > 0:
            self.crawler.stats.inc_value("saaf/hosts/backoff_count")
            self.delay_host(host.name, seconds)
        if host.gone is not None:
            self.crawler.stats.inc_value("saaf/hosts/given_up_count")
        self._turns.wake()

    def delay_host(self, name: str, seconds: float) -> None:
        """Tell the scheduler, where it has the method, that a host ("host:port") gets no request for some seconds."""
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

    def _apply_crawl_delay(self, key: str, host: HostHealth, request: Request) -> None:
        """Give the slot of a host with a Crawl-delay that delay, with a jitter that never makes it shorter."""
        if host.crawl_delay <= 0:
            return
        delay = host.crawl_delay / (1 - _JITTER)
        settings = self.per_slot_settings.setdefault(key, {})
        if settings.get("delay", self._delay) < delay:
            settings.update(delay=delay, jitter=_JITTER)
        slot = self.slots.get(key)
        if slot is not None and slot.delay < delay:
            slot.delay, slot.jitter = delay, _JITTER
        request.meta["autothrottle_dont_adjust_delay"] = True


def is_http(request: Request) -> bool:
    """Return whether a request is for http or https."""
    return urlparse_cached(request).scheme in ("http", "https")
