"""Middlewares of a sharded crawl: what belongs to another shard goes to the outbox, what others found is crawled."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, signals
from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware
from scrapy.exceptions import NotConfigured
from scrapy.spidermiddlewares.base import BaseSpiderMiddleware

from saaf.cleaning.rights.sites import rights_file_path
from saaf.corpus.ledger import State
from saaf.crawler.config import config_of
from saaf.crawler.frontier.stored_requests import KIND
from saaf.crawler.guards.refusals import RefusedRequest
from saaf.crawler.shards.outbox import Link, Outbox, inbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from scrapy.crawler import Crawler
    from scrapy.http import Response


logger = logging.getLogger(__name__)


class ShardSpiderMiddleware(BaseSpiderMiddleware):
    """Spider middleware of a shard: it keeps requests for the shard's own domains, and sends links of others on.

    Start requests of other shards are dropped: they have the same ones. What other shards found for this one is
    requested first. Links outside the spider's allowed domains are left to the offsite middleware.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        config = config_of(crawler)
        if config.shard is None:
            raise NotConfigured
        self._shard = config.shard
        self._whole_output = config.whole_output
        self._outbox = Outbox(config.output, config.shard)
        self._new_links = 0
        crawler.signals.connect(self._close, signal=signals.engine_stopped, weak=False)

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Yield the links that other shards found, then the start requests of this shard's domains."""
        for link in inbox(self._whole_output, self._shard):
            if self._shard.owns(link.url):
                self._count("inbox")
                meta = {"depth": link.depth, **({KIND: link.kind} if link.kind else {})}
                yield Request(link.url, meta=meta, errback=self._errback())
        async for found in start:
            if isinstance(found, Request) and not self._shard.owns(found.url):
                self._count("other_starts")
            else:
                yield found

    def _errback(self) -> Callable[..., Any] | None:
        """Return the spider's own method for failures, which a stored request names."""
        spider = self.crawler.spider
        errback: Callable[..., Any] | None = getattr(spider, "handle_failure", None)
        return errback or getattr(spider, "log_failure", None)

    def get_processed_request(self, request: Request, response: Response | None) -> Request | None:
        """Return a request of this shard's; send a link of another one on."""
        if response is None or self._shard.owns(request.url):
            return request
        offsite = self.crawler.get_downloader_middleware(OffsiteMiddleware)
        if offsite is not None and self.crawler.spider and not offsite.should_follow(request, self.crawler.spider):
            return request
        depth = response.meta.get("depth", 0) + 1
        if 0 < self.crawler.settings.getint("DEPTH_LIMIT") < depth:
            return None
        self.send(request, depth)
        return None

    def send(self, request: Request, depth: int) -> None:
        """Write a request to the outbox."""
        if self._outbox.add(Link(url=request.url, depth=depth, kind=str(request.meta.get(KIND) or ""))):
            self._count("outbox")
            self._new_links += 1

    def _close(self) -> None:
        self._outbox.close()
        if self._new_links:
            logger.info("Shard %s found %d links for other shards: start those again", self._shard, self._new_links)

    def _count(self, what: str) -> None:
        self.crawler.stats.inc_value(f"saaf/shard/{what}")


class ShardDownloaderMiddleware:
    """Downloader middleware of a shard: a redirect to a domain of another shard goes to the outbox.

    The rights files of a site may be anywhere: redirects of robots.txt and tdmrep.json are followed.
    """

    def __init__(self, crawler: Crawler) -> None:
        shard = config_of(crawler).shard
        if shard is None:
            raise NotConfigured
        self._crawler = crawler
        self._shard = shard

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read the shard from the settings; raise NotConfigured where there is none."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise RefusedRequest where the request belongs to another shard, whose next round reads it."""
        if self._shard.owns(request.url) or any(map(rights_file_path, (request.url, *_redirected_from(request)))):
            return
        middleware = self._crawler.get_spider_middleware(ShardSpiderMiddleware)
        if middleware is not None:
            middleware.send(request, request.meta.get("depth", 0))
        owner = self._shard.owner(request.url)
        raise RefusedRequest(State.OFFSITE, f"it belongs to shard {owner}, whose next round requests it")


def _redirected_from(request: Request) -> list[str]:
    urls: list[str] = request.meta.get("redirect_urls", [])
    return urls
