"""Guard of requests: no address, port or scheme that the policy refuses, and no user info in a URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.spidermiddlewares.base import BaseSpiderMiddleware

from saaf.corpus.ledger import State
from saaf.crawler.config import config_of
from saaf.crawler.guards.addresses import AddressPolicy, without_user_info
from saaf.crawler.guards.refusals import RefusedRequest
from saaf.crawler.guards.resolver import guard_reactor, unguard_reactor

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class RequestGuard:
    """Downloader middleware that refuses a request by its URL, before robots.txt is asked for (60).

    What a host name resolves to is checked when the connection is made: see `saaf.crawler.guards.resolver`. Not for
    replays, which touch no network.
    """

    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the guard of a live crawl; raise NotConfigured for a replay."""
        config = config_of(crawler)
        if not config.live:
            raise NotConfigured
        guard = cls(config.addresses)
        crawler.signals.connect(guard.spider_closed, signal=signals.spider_closed)
        return guard

    def spider_closed(self) -> None:
        """Take the policy of this crawl out of the reactor's resolver."""
        unguard_reactor(self._policy)

    def process_request(self, request: Request) -> Request | None:
        """Raise `RefusedRequest` for an address that may not be requested; return a request without its user info."""
        plain = without_user_info(request.url)
        if plain != request.url:
            return request.replace(url=plain, dont_filter=True)
        reason = self._policy.refusal_of_url(request.url)
        if reason is not None:
            raise RefusedRequest(State.REFUSED, reason)
        guard_reactor(self._policy)
        return None


class UserInfoMiddleware(BaseSpiderMiddleware):
    """Spider middleware that takes user info ("user:password@") out of the URLs of requests, before anything has them.

    Neither ledger, WARC, log nor Referer then has a password. A site behind one is crawled with HTTPAUTH_USER,
    HTTPAUTH_PASS and HTTPAUTH_DOMAIN. It is the outermost: requests of start URLs, too, pass it last.
    """

    def get_processed_request(self, request: Request, response: Response | None) -> Request | None:
        """Return the request with a URL that has no user info."""
        del response
        plain = without_user_info(request.url)
        return request if plain == request.url else request.replace(url=plain)

    def get_processed_item(self, item: Any, response: Response | None) -> Any:
        """Return the item as it is."""
        del response
        return item
