"""Replay: every request is answered from saved responses, and none reaches the network."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes
from scrapy.spidermiddlewares.base import BaseSpiderMiddleware

from saaf.cleaning.rights.sites import rights_file_path
from saaf.corpus.archive_index import ArchiveIndex
from saaf.corpus.decompression import Problem
from saaf.corpus.ledger import Failure, State
from saaf.crawler.config import config_of
from saaf.crawler.guards.refusals import RefusedRequest
from saaf.crawler.pages import FETCHED_AT
from saaf.crawler.replay.fixtures import load_fixtures
from saaf.crawler.replay.sources import ArchiveSource, FixtureSource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence
    from pathlib import Path

    from scrapy.crawler import Crawler

    from saaf.cleaning.types import Page
    from saaf.crawler.replay.sources import Source

logger = logging.getLogger(__name__)

REPLAYED_FLAG = "replayed"  # Scrapy flag of every response of a replay
NO_ROBOTS_FLAG = "no-robots-fixture"  # Scrapy flag of the 404 for a robots.txt or tdmrep.json without a response


class FixtureMiss(RefusedRequest):
    """The source cannot answer a request; the message says why."""


class ReplayMiddleware:
    """Downloader middleware that answers requests from SAAF_FIXTURES or SAAF_SOURCE; disabled in a live crawl.

    All other components work as in a live crawl: robots.txt is obeyed, offsite requests are refused, redirects
    followed. A site without a robots.txt in the source allows everything, as a 404 would. A request of any scheme ends
    here: no name is resolved, and no connection made.
    """

    def __init__(self, source: Source) -> None:
        self._source = source

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open the source that the settings name; raise NotConfigured where they name none."""
        config = config_of(crawler)
        if not config.replays:
            raise NotConfigured
        source: Source
        if config.source:
            source = ArchiveSource(_read_index(config.source))
        else:
            source = FixtureSource(load_fixtures(config.fixtures))
        crawler.signals.connect(source.close, signal=signals.engine_stopped, weak=False)
        return cls(source)

    @property
    def failures(self) -> Sequence[Failure]:
        """What of the source cannot be replayed; each has a `url` that names it."""
        return self._source.failures

    @property
    def holds_bodies(self) -> bool:
        """Whether all responses may be held in memory until the crawl ends; else `page` finds one again."""
        return self._source.holds_bodies

    def process_request(self, request: Request) -> Response:
        """Return the saved response, or raise `FixtureMiss`."""
        found = self._source.find(request.url)
        if isinstance(found, Failure):
            if rights_file_path(request.url) and found.state is State.FETCH_FAILED:
                return Response(request.url, status=404, flags=[REPLAYED_FLAG, NO_ROBOTS_FLAG], request=request)
            raise FixtureMiss(found.state, found.reason)
        request.meta[FETCHED_AT] = found.fetched_at
        headers = Headers()
        for name, value in found.headers:
            headers.appendlist(name, value.encode("utf-8", "surrogateescape"))
        is_cut = Problem.TRUNCATED.value in found.flags
        flags = [REPLAYED_FLAG, *(["dataloss"] if is_cut else [])]  # Scrapy's word for a body that is not whole
        kind = responsetypes.from_args(headers=headers, url=request.url, body=found.body)
        return kind(request.url, status=found.status, headers=headers, body=found.body, flags=flags, request=request)

    def page(self, url: str) -> Page | Failure:
        """Return the saved response to a URL once more, or why there is none."""
        return self._source.find(url)

    def unrequested_urls(self) -> Iterable[str]:
        """Return the URLs of the source that should have been requested and were not, sorted."""
        return self._source.unrequested_urls()

    def start_urls(self) -> Iterable[str]:
        """Yield the URLs that a spider without start URLs visits."""
        return self._source.start_urls()


def _read_index(paths: Sequence[Path]) -> ArchiveIndex:
    """Return the index of archives, whose reading takes about a minute for a million records on disk."""
    logger.info("Reading the index of %s", ", ".join(map(str, paths)))
    index = ArchiveIndex(paths)
    logger.info(
        "Read the index: %d captures, %d files and records that cannot be read", index.captures, len(index.failures)
    )
    return index


class ReplayStartMiddleware(BaseSpiderMiddleware):
    """Spider middleware that visits every page of SAAF_SOURCE where the spider has no request to start with.

    No link is followed then: what it could lead to in the archive is visited anyway.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        if not config_of(crawler).source:
            raise NotConfigured
        self._visits_all = False

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Yield what the spider starts with, or, where that is nothing, a request for each page of the archive."""
        is_empty = True
        async for found in start:
            is_empty = False
            yield found
        replay = self.crawler.get_downloader_middleware(ReplayMiddleware)
        if not is_empty or replay is None:
            return
        self._visits_all = True
        for url in replay.start_urls():
            yield Request(url)

    def get_processed_request(self, request: Request, response: Response | None) -> Request | None:
        """Return the request, None where every page is visited anyway."""
        return None if self._visits_all and response is not None else request
