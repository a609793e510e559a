"""Replay of fixtures: every request is answered from saved responses, and none reaches the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes

from saaf.cleaning.text.urls import path_of

from .config import Config
from .fixtures import FixtureError, Fixtures, key_of, load_fixtures
from .pages import FETCHED_AT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy.crawler import Crawler

    from saaf.corpus.ledger import Failure

REPLAYED_FLAG = "replayed"  # Scrapy flag of every response of a replay
NO_ROBOTS_FLAG = "no-robots-fixture"  # Scrapy flag of the 404 for a robots.txt without a fixture


class FixtureMiss(IgnoreRequest):
    """The fixtures cannot answer a request; the message says why."""


class ReplayMiddleware:
    """Downloader middleware that answers requests from SAAF_FIXTURES; disabled in a live crawl.

    All other components work as in a live crawl: robots.txt is obeyed, offsite requests are refused, redirects
    followed. A site without a robots.txt among its fixtures allows everything, as a 404 would.
    """

    def __init__(self, fixtures: Fixtures) -> None:
        self._responses = fixtures.responses
        self._failures = {key_of(failure.url): failure for failure in fixtures.failures if failure.url}
        self._unrequested = dict(fixtures.responses)
        self.failures = fixtures.failures

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Load the fixtures that the settings name; raise NotConfigured where they name none."""
        config = Config.from_settings(crawler.settings, crawler.spidercls.name)
        if not config.fixtures:
            raise NotConfigured
        return cls(load_fixtures(config.fixtures))

    def process_request(self, request: Request) -> Response:
        """Return the saved response, or raise `FixtureMiss`."""
        key = key_of(request.url)
        self._unrequested.pop(key, None)
        fixture = self._responses.get(key)
        if fixture is None:
            return self._response_without_fixture(request, self._failures.get(key))
        try:
            body = fixture.read()
        except FixtureError as error:
            raise FixtureMiss(str(error)) from error
        request.meta[FETCHED_AT] = fixture.fetched_at
        headers = Headers(dict(fixture.headers))
        kind = responsetypes.from_args(headers=headers, url=request.url, body=body)
        return kind(
            request.url, status=fixture.status, headers=headers, body=body, flags=[REPLAYED_FLAG], request=request
        )

    def unrequested_urls(self) -> Iterable[str]:
        """Return the URLs of the fixtures that were not requested, sorted."""
        return sorted(fixture.url for fixture in self._unrequested.values())

    def _response_without_fixture(self, request: Request, failure: Failure | None) -> Response:
        if failure is not None:
            raise FixtureMiss(failure.reason)
        if path_of(request.url) == "/robots.txt":
            return Response(request.url, status=404, flags=[REPLAYED_FLAG, NO_ROBOTS_FLAG], request=request)
        raise FixtureMiss("no fixture has this URL: save the page and list it in a manifest.toml, or mend the link")
