"""Rights signals in a crawl: tdmrep.json is fetched once for each host, and what reserves training is skipped."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urljoin

from scrapy import Request
from scrapy.exceptions import NotConfigured
from scrapy.http import HtmlResponse
from scrapy.http.request import NO_CALLBACK
from scrapy.spidermiddlewares.base import BaseSpiderMiddleware

from saaf.cleaning.rights.headers import header_signals
from saaf.cleaning.rights.html_page import html_signals
from saaf.cleaning.rights.signals import Rights, resolve
from saaf.cleaning.rights.sites import SiteRights, rights_file_path, rights_file_urls
from saaf.cleaning.rights.tdmrep import MAX_BYTES, TDMREP_PATH
from saaf.corpus.ledger import State
from saaf.corpus.rights import RightsPolicy
from saaf.crawler.capture.extension import CaptureExtension
from saaf.crawler.config import config_of
from saaf.crawler.frontier.stored_requests import KIND
from saaf.crawler.guards.body_limits import BODY_LIMIT
from saaf.crawler.guards.refusals import RefusedRequest
from saaf.crawler.pages import FETCHED_AT, page_from_response
from saaf.crawler.replay.middlewares import NO_ROBOTS_FLAG
from saaf.crawler.rights.cache import RightsCache

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from saaf.crawler.config import Config

_TIMEOUT = 15.0  # seconds for a tdmrep.json at most, which few sites have: pages wait for it
_MAX_REDIRECTS = 3
_DISCOVERY = ("robots", "sitemap", "feed", "list")


class RightsMiddleware:
    """Downloader middleware that reads the rights files of sites, and refuses what they reserve from training.

    It stands behind the robots.txt check: the robots.txt of a host has passed it before the host's first page asks. Of
    each host it fetches `/.well-known/tdmrep.json` once in 24 hours (SAAF_TDMREP), also across restarts. With
    SAAF_RIGHTS=skip a request for a URL that a site's files reserve is refused in state rights_reserved; where they
    leave some paths open, requests that only discover URLs pass.

    `sites` are the rights files seen so far; `agent` has the product tokens to which robots rules may be addressed.
    """

    def __init__(self, crawler: Crawler, config: Config) -> None:
        self._crawler = crawler
        self._skips = config.rights is RightsPolicy.SKIP
        self._fetches_tdmrep = config.tdmrep and (config.capture or self._skips)  # not in `scrapy shell`
        self._timeout = min(_TIMEOUT, crawler.settings.getfloat("DOWNLOAD_TIMEOUT") or _TIMEOUT)
        self._cache = RightsCache(config.capture_path if config.capture and not config.replays else None)
        self._fetches: dict[str, asyncio.Future[None]] = {}
        self.agent = config.agent
        self.sites = SiteRights(only_latest=True)
        if not config.fresh:  # a fresh capture has to hold what its corpus depends on
            for page in self._cache.load():
                self.sites.add(page)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read the settings of the crawl."""
        return cls(crawler, config_of(crawler))

    async def process_request(self, request: Request) -> None:
        """Wait for the tdmrep.json of the host; raise RefusedRequest where the site's files reserve the URL."""
        if rights_file_path(request.url) or not request.url.startswith(("http://", "https://")):
            return
        if self._fetches_tdmrep:
            with self._held(request):
                await self._know_tdmrep(request.url)
        if not self._skips:
            return
        reservation = self.of_site(request.url).reservation
        if reservation and not (_is_discovery(request) and self.sites.is_open_in_part(request.url, self.agent)):
            self._crawler.stats.inc_value("saaf/rights/refused")
            raise RefusedRequest(State.RIGHTS_RESERVED, reservation)

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep a robots.txt or tdmrep.json, also for the hosts whose redirects led to it."""
        urls = [response.url, *request.meta.get("redirect_urls", ())]
        if not any(map(rights_file_path, urls)) or NO_ROBOTS_FLAG in response.flags:
            return response
        response.request = request
        request.meta.setdefault(FETCHED_AT, datetime.now(UTC))
        page = page_from_response(response)
        for url in urls:
            self.sites.add(self._cache.store(page, url))
        return response

    def of_site(self, url: str, when: datetime | None = None) -> Rights:
        """Return the rights of a URL by the files of its site; `when` is its capture time, None for now."""
        return resolve(self.sites.signals(url, when, self.agent), self.agent)

    def of_response(self, response: Response) -> Rights:
        """Return the rights of a response, by its HTML, its headers and its site."""
        page = page_from_response(response)
        stated = html_signals(response.selector.root, page.url) if isinstance(response, HtmlResponse) else ()
        site = self.sites.signals(page.url, page.fetched_at, self.agent)
        return resolve((*stated, *header_signals(page.headers, page.url), *site), self.agent)

    def _held(self, request: Request) -> AbstractContextManager[None]:
        """Leave a request that waits out of the count of concurrent ones, where the downloader can do that."""
        held: Callable[[Request], AbstractContextManager[None]] | None
        held = getattr(self._crawler.engine.downloader, "held", None) if self._crawler.engine else None
        return held(request) if held is not None else nullcontext()

    async def _know_tdmrep(self, url: str) -> None:
        """Fetch the tdmrep.json of a URL's host unless that is known; others that need it wait for the same answer."""
        target = next((one for one in rights_file_urls(url) if one.endswith(TDMREP_PATH)), None)
        if target is None or (self._cache.is_fresh(target) and self._is_captured(target)):
            return
        if target not in self._fetches:
            self._fetches[target] = asyncio.ensure_future(self._fetch_tdmrep(target))
        await asyncio.shield(self._fetches[target])

    def _is_captured(self, target: str) -> bool:
        """Return whether the capture holds the answer that an earlier run stored, or this run asked for it.

        The corpus is built from the capture alone: an answer that is only in the cache would be lost to it.
        """
        if not self._cache.is_stored(target):
            return True
        capture = self._crawler.get_extension(CaptureExtension)
        if capture is not None and not capture.has(target):
            return False
        self._cache.confirm(target)
        return True

    async def _fetch_tdmrep(self, target: str) -> None:
        self._cache.mark(target)  # also where no answer comes: a site without one is not asked at every page
        url = target
        try:
            for _ in range(_MAX_REDIRECTS + 1):
                response = await self._crawler.engine.download_async(_tdmrep_request(url, self._timeout))
                location = (response.headers.get("Location") or b"").decode("latin-1")
                if not 300 <= response.status < 400 or not location:
                    return
                url = urljoin(response.url, location)
                if rights_file_path(url) != TDMREP_PATH:  # a site without one may lead to its front page
                    return
        except Exception as error:  # whatever went wrong: no file was read, and the ledger has the reason
            self._crawler.stats.inc_value(f"saaf/rights/tdmrep_failed/{type(error).__name__}")
        finally:
            del self._fetches[target]


def _tdmrep_request(url: str, timeout: float) -> Request:
    meta = {
        KIND: "robots",
        "dont_redirect": True,
        "dont_retry": True,
        "dont_cache": True,
        "allow_offsite": True,
        "download_timeout": timeout,
        "download_maxsize": MAX_BYTES,
        BODY_LIMIT: MAX_BYTES + 1,
    }
    return Request(url, callback=NO_CALLBACK, priority=900, meta=meta)


def _is_discovery(request: Request) -> bool:
    """Return whether a request is for links, not for text: a sitemap, feed or list, or a start URL."""
    return request.meta.get(KIND) in _DISCOVERY or not request.meta.get("depth")


class RightsSpiderMiddleware(BaseSpiderMiddleware):
    """Spider middleware that drops the items of pages that reserve training, with SAAF_RIGHTS=skip.

    The page's links are followed: what it reserves is its text. It ends in state rights_reserved.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        if config_of(crawler).rights is not RightsPolicy.SKIP:
            raise NotConfigured

    def get_processed_item(self, item: Any, response: Response | None) -> Any:
        """Return the item, None where its page reserves training."""
        rights = self.crawler.get_downloader_middleware(RightsMiddleware)
        if response is None or rights is None or FETCHED_AT not in response.meta:
            return item
        reservation = rights.of_response(response).reservation
        if reservation is None:
            return item
        self.crawler.stats.inc_value("saaf/rights/skipped")
        capture = self.crawler.get_extension(CaptureExtension)
        if capture is not None:
            capture.ledger.refused(response.url, State.RIGHTS_RESERVED, reservation)
        return None
