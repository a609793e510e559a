"""Replay: every request is answered from saved pages under their real URLs, and none ever reaches the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes

from saaf.cleaning.text.urls import path_of

from .config import Config
from .fixtures import FixtureError, Fixtures, key_of, load
from .pages import FETCHED_AT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy.crawler import Crawler

    from saaf.corpus.ledger import Failure

REPLAYED = "replayed"  # the flag of every answer from a fixture
NO_ROBOTS = "no-robots-fixture"  # the flag of an answer that stands for "this site has no robots.txt"


class FixtureMiss(IgnoreRequest):
    """A request that the fixtures cannot answer; the message says why."""


class Replay:
    """Downloader middleware that answers from SAAF_FIXTURES; switched off in a live crawl.

    Everything outside it stays as in a live crawl: robots.txt is obeyed, offsite requests are refused, redirects
    followed. A site without a robots.txt among its fixtures allows everything, as a 404 would.
    """

    def __init__(self, fixtures: Fixtures) -> None:
        self._responses = fixtures.responses
        self._failures = {key_of(failure.url): failure for failure in fixtures.failures if failure.url}
        self._unasked = dict(fixtures.responses)
        self.failures = fixtures.failures

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Load the fixtures that the settings name."""
        config = Config.from_settings(crawler.settings, crawler.spidercls.name)
        if not config.fixtures:
            raise NotConfigured
        return cls(load(config.fixtures))

    def process_request(self, request: Request) -> Response:
        """Return the saved response, or raise `FixtureMiss`."""
        key = key_of(request.url)
        self._unasked.pop(key, None)
        fixture = self._responses.get(key)
        if fixture is None:
            return self._without_fixture(request, self._failures.get(key))
        try:
            body = fixture.read()
        except FixtureError as error:
            raise FixtureMiss(str(error)) from error
        request.meta[FETCHED_AT] = fixture.fetched_at
        headers = Headers(dict(fixture.headers))
        kind = responsetypes.from_args(headers=headers, url=request.url, body=body)
        return kind(request.url, status=fixture.status, headers=headers, body=body, flags=[REPLAYED], request=request)

    def never_asked(self) -> Iterable[str]:
        """Return the URLs of fixtures that no request has asked for, sorted."""
        return sorted(fixture.url for fixture in self._unasked.values())

    def _without_fixture(self, request: Request, failure: Failure | None) -> Response:
        if failure is not None:
            raise FixtureMiss(failure.reason)
        if path_of(request.url) == "/robots.txt":
            return Response(request.url, status=404, flags=[REPLAYED, NO_ROBOTS], request=request)
        raise FixtureMiss("no fixture has this URL: save the page and list it in a manifest.toml, or mend the link")
