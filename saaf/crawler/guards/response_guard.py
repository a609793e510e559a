"""Downloader middleware that lets only whole pages through: status 200, and no challenge page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from saaf.corpus.ledger import State
from saaf.crawler.frontier.outcomes import UNASKED_304_REASON
from saaf.crawler.frontier.stored_requests import KIND, VALIDATORS
from saaf.crawler.guards.challenges import challenge_of
from saaf.crawler.guards.refused_responses import refuse_response
from saaf.crawler.politeness.downloader import PoliteDownloader
from saaf.crawler.politeness.robots import SHARED_FLAG

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

_STATUS_NOTES = {
    202: "the page is not ready yet",
    203: "a proxy on the way changed the page",
    204: "there is no page",
    205: "there is no page",
    206: "a part of the page, which was not asked for",
}


class ResponseGuard:
    """Downloader middleware (570) inside that for retries: a challenge is not retried, and opens the circuit breaker.

    Errors (400 and above) pass, for Scrapy's middlewares to retry or to report.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware of a crawl."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Return the response; raise `RefusedRequest` where it is a challenge page, or of a status that has no page."""
        if request.meta.get(KIND) == "robots" or SHARED_FLAG in response.flags:
            return response
        vendor = challenge_of(response)
        downloader: Any = self._crawler.engine.downloader if self._crawler.engine else None
        if isinstance(downloader, PoliteDownloader):
            downloader.record_challenge(response.url, vendor)
        if vendor is not None:
            self._crawler.stats.inc_value(f"saaf/challenges/{vendor}")
            reason = (
                f"a challenge page of {vendor} (HTTP status {response.status}): the site lets no crawler in here; "
                "ask the site, or leave it out"
            )
            raise refuse_response(self._crawler, response, State.CHALLENGE, reason)
        lies = response.status == 304 and not any(name in request.headers for name in VALIDATORS)
        if 200 < response.status < 300 or response.status in (300, 305, 306) or response.status < 200 or lies:
            note = _STATUS_NOTES.get(response.status, "only 200 is a whole page")
            reason = UNASKED_304_REASON if lies else f"HTTP status {response.status}: {note}"
            raise refuse_response(self._crawler, response, State.HTTP_ERROR, reason)
        return response
