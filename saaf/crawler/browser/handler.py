"""Rendering of pages by Chromium, through scrapy-playwright: the download handler, and the browser of a crawl.

Each page has a context of its own (cookies, storage), which is closed with all that it opened. What the browser
requests goes through `saaf.crawler.browser.guarded_proxy`. The module is imported only where SAAF_BROWSER is set: it
needs the extra `browser`.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from scrapy import signals
from scrapy.exceptions import CloseSpider
from scrapy.http import HtmlResponse
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.page import PageMethod

from saaf.corpus.ledger import State
from saaf.crawler.browser.guarded_proxy import GuardedProxy
from saaf.crawler.browser.middleware import RENDERED_HEADER
from saaf.crawler.browser.options import RENDER
from saaf.crawler.browser.provider import TriedBrowserProvider
from saaf.crawler.config import config_of
from saaf.crawler.guards.download_handler import GuardedDownloadHandler
from saaf.crawler.guards.refusals import RefusedRequest, RequestNotSent
from saaf.crawler.run.ending import BROWSER_FAILED

if TYPE_CHECKING:
    from playwright.async_api import Page
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.exceptions import IgnoreRequest
    from scrapy.http import Response

    from saaf.crawler.config import Config

logger = logging.getLogger(__name__)

BROWSER = "chromium"
_SETTLE_SHARE = 0.2  # of the time for a page: how long it may go on loading after its text is there
_CONNECTION_SHARE = 0.35  # the same, for one connection: a script that never comes does not keep the page
_CLOSE_SECONDS = 5.0
_POLL_SECONDS = 0.05
_LOST_SECONDS = 0.5  # how long it may take to hear that the browser has ended
_ATTEMPTS = 3  # of a page under which the browser ended: that may be the fault of another page
_HEADERS_NOT_KEPT = (b"Content-Encoding", b"Content-Length", b"Transfer-Encoding", b"Content-Type")
_REDIRECT = 302


async def _block_other_pages(page: Page, _: Request) -> None:
    """Send no request of the pages that a page opens: the page's own route precedes that of its context."""
    await page.context.route("**/*", lambda route: route.abort())


class _TooLargeError(Exception):
    """A rendered page is larger than a page may be."""


class BrowserDownloadHandler(GuardedDownloadHandler):
    """Download handler that has the requests with `saaf_browser` rendered, and downloads the others."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._browser = crawler.get_extension(Browser)

    async def download_request(self, request: Request) -> Response:
        """Return the rendered page, or the response as it came; raise `RefusedRequest` where there is none."""
        if self._browser is None or not request.meta.get(RENDER):
            return await super().download_request(request)
        rendering = asyncio.ensure_future(self._browser.render(request))
        self._under_way.add(rendering)
        try:
            rendered = await rendering
        except asyncio.CancelledError:
            if self.is_cut_short:
                raise RequestNotSent("the crawl ended before the page was rendered") from None
            raise
        finally:
            self._under_way.discard(rendering)
        return rendered if rendered is not None else await super().download_request(request)


class Browser:
    """Scrapy extension that owns the browser of a crawl, which ends before the first request where none can start.

    It starts before the first request. At most SAAF_BROWSER_PAGES pages are rendered, SAAF_BROWSER_TABS at a
    time; after SAAF_BROWSER_RESTART of them the browser is started anew, because it never gives back all of its memory.
    """

    def __init__(self, crawler: Crawler, config: Config) -> None:
        self._crawler = crawler
        self._options = config.browser
        self._ending: asyncio.Task[None] | None = None
        self._stats = crawler.stats
        self._seconds = max(crawler.settings.getfloat("DOWNLOAD_TIMEOUT"), 1.0)
        self._size = crawler.settings.getint("DOWNLOAD_MAXSIZE") or 1 << 30
        self._user_agent = str(crawler.settings["USER_AGENT"])
        self._proxy = GuardedProxy(config.addresses, size=self._size, seconds=self._seconds * _CONNECTION_SHARE)
        self._handler: Any = ScrapyPlaywrightDownloadHandler(crawler)
        self._provider = TriedBrowserProvider(crawler.settings.getdict("PLAYWRIGHT_LAUNCH_OPTIONS"))
        self._handler.browser_provider_cls = lambda _: self._provider
        self._tabs = asyncio.Semaphore(config.browser.tabs)
        self._restarting = asyncio.Lock()
        self._pages = 0
        self._contexts = 0
        self._since_restart = 0
        self._under_way = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the browser of a crawl, which is started later."""
        logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)
        browser = cls(crawler, config_of(crawler))
        crawler.signals.connect(browser.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(browser.spider_closed, signal=signals.spider_closed)
        return browser

    async def spider_opened(self) -> None:
        """Start the proxy; raise CloseSpider where the browser cannot start: no page would ever be rendered."""
        problem = await self._provider.start_problem()
        if problem is not None:
            logger.error("The browser could not be started: %s", problem)
            raise CloseSpider(BROWSER_FAILED)
        await self._proxy.start()

    async def spider_closed(self) -> None:
        """End the browser and the proxy."""
        with suppress(PlaywrightError, TimeoutError):
            await asyncio.wait_for(self._handler.close(), _CLOSE_SECONDS)
        with suppress(PlaywrightError, TimeoutError):
            await asyncio.wait_for(self._provider.close(), _CLOSE_SECONDS)  # the crawl may have ended before it began
        await self._proxy.close()

    async def render(self, request: Request) -> Response | None:
        """Return a page as the browser renders it, None where the URL has no HTML.

        A redirect is returned as one, so that the crawl judges its target. Raises `RefusedRequest` where the page may
        not be had, is too large, or takes too long, and `RequestNotSent` where the browser cannot be started again:
        then the crawl ends.
        """
        if self._ending is not None:
            raise RequestNotSent(BROWSER_FAILED)
        if self._options.pages and self._pages >= self._options.pages:
            reason = (
                f"the browser has rendered SAAF_BROWSER_PAGES={self._options.pages} pages: raise it, or crawl again"
            )
            raise RefusedRequest(State.OVER_BUDGET, reason)
        self._pages += 1
        self._contexts += 1
        context_name = f"saaf-{self._contexts}"
        async with self._tabs:
            await self._restart_if_due()
            self._since_restart += 1
            self._under_way += 1
            try:
                async with asyncio.timeout(self._seconds):
                    return self._counted(await self._attempts(request, context_name))
            except (TimeoutError, PlaywrightTimeoutError):
                # No time-out of a download: the host may have answered long ago, and another try would last as long.
                reason = f"the browser had not rendered the page after {self._seconds:g} s (DOWNLOAD_TIMEOUT)"
                raise RefusedRequest(State.FETCH_FAILED, reason) from None
            except _TooLargeError:
                reason = f"the rendered page is larger than {self._size} bytes (DOWNLOAD_MAXSIZE)"
                raise RefusedRequest(State.OVER_BUDGET, reason) from None
            finally:
                self._under_way -= 1

    def _counted(self, response: Response | None) -> Response | None:
        """Return a response, which does not count as a page where it is none: a redirect's target counts by itself."""
        if response is None or response.status == _REDIRECT:
            self._pages -= 1
        return response

    async def _attempts(self, request: Request, name: str) -> Response | None:
        """Return the rendered page as `render` does; a browser that ended meanwhile is started again for it."""
        for attempt in range(1, _ATTEMPTS + 1):
            copy = self._prepared(request, f"{name}-{attempt}")
            browser = getattr(self._handler, "browser", None)
            try:
                return await self._rendered(request, copy)
            except PlaywrightTimeoutError:
                raise
            except PlaywrightError as error:
                is_lost = await self._is_lost(browser or getattr(self._handler, "browser", None))
                if is_lost and attempt < _ATTEMPTS:
                    self._stats.inc_value("saaf/browser/lost")
                    continue
                raise self._refusal(request, error) from error
            finally:
                await self._close_page(copy)
        raise AssertionError  # the last attempt returns or raises

    async def _is_lost(self, browser: Any) -> bool:
        """Return whether a browser that was there has ended, once scrapy-playwright has heard it; None was not."""
        if browser is None:
            return False
        until = asyncio.get_running_loop().time() + _LOST_SECONDS
        while browser.is_connected() and getattr(self._handler, "browser", None) is browser:
            if asyncio.get_running_loop().time() >= until:
                return False
            await asyncio.sleep(_POLL_SECONDS)
        await self._forgotten(browser)
        return True

    async def _forgotten(self, browser: Any) -> None:
        """Wait until scrapy-playwright has heard that a browser is gone."""
        for _ in range(round(_CLOSE_SECONDS / _POLL_SECONDS)):
            if getattr(self._handler, "browser", None) is not browser:
                return
            await asyncio.sleep(_POLL_SECONDS)

    async def _rendered(self, request: Request, copy: Request) -> Response | None:
        response = await self._handler.download_request(copy)
        self._stats.inc_value("saaf/browser/pages")
        if not isinstance(response, HtmlResponse):
            return None
        headers = response.headers.copy()
        for name in _HEADERS_NOT_KEPT:
            headers.pop(name, None)
        headers[RENDERED_HEADER] = BROWSER
        if copy.meta.get("redirect_urls"):
            headers["Location"] = response.url
            return HtmlResponse(request.url, status=_REDIRECT, headers=headers, request=request)
        text = await self._settled_text(copy.meta["playwright_page"])
        headers["Content-Type"] = "text/html; charset=utf-8"
        body = text.encode("utf-8", "replace")
        return HtmlResponse(request.url, status=response.status, headers=headers, body=body, request=request)

    def _prepared(self, request: Request, context_name: str) -> Request:
        """Return the request as scrapy-playwright takes it: a page in a context of its own."""
        context = {
            "accept_downloads": False,
            "service_workers": "block",
            "proxy": {"server": self._proxy.url, "bypass": "<-loopback>"},
            "user_agent": self._user_agent,
            "viewport": {"width": 1280, "height": 2000},
        }
        rendering = {
            "playwright": True,
            "playwright_include_page": True,
            "playwright_context": context_name,
            "playwright_context_kwargs": context,
            "playwright_page_init_callback": _block_other_pages,
            "playwright_page_methods": [PageMethod(self._check_size)],
            "playwright_page_goto_kwargs": {"wait_until": "domcontentloaded"},
        }
        # Redirects that led here are Scrapy's; those that the browser follows are told by the same keys.
        own = {name: value for name, value in request.meta.items() if not name.startswith("redirect_")}
        return request.replace(meta={**own, **rendering})

    async def _settled_text(self, page: Page) -> str:
        """Return the HTML of a page once it loads nothing more, or the time for that is over.

        Raises `_TooLargeError` where it is too large.
        """
        with suppress(PlaywrightTimeoutError):
            await page.wait_for_load_state("networkidle", timeout=self._seconds * _SETTLE_SHARE * 1000)
        await self._check_size(page)
        return str(await page.content())

    async def _check_size(self, page: Page) -> None:
        """Raise `_TooLargeError` where the HTML of a page is too large, before this process has it."""
        size = await page.evaluate("document.documentElement ? document.documentElement.outerHTML.length : 0")
        if size > self._size:
            raise _TooLargeError

    def _refusal(self, request: Request, error: PlaywrightError) -> IgnoreRequest:
        reason = self._proxy.refusal(request.url)
        if reason is not None:
            return RefusedRequest(State.REFUSED, reason)
        if self._provider.has_failed:
            return self._end_crawl(error)
        logger.debug("The browser could not load %s: %s", request.url, error)
        self._stats.inc_value("saaf/browser/errors")
        return RefusedRequest(State.FETCH_FAILED, "the browser could not load the page")

    def _end_crawl(self, error: PlaywrightError) -> IgnoreRequest:
        """End the crawl, which a browser that does not start would only fill with failures."""
        if self._ending is None:
            logger.error("The browser could not be started: %s", str(error).partition("\n")[0])
            self._ending = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason=BROWSER_FAILED))
        return RequestNotSent(BROWSER_FAILED)

    async def _close_page(self, copy: Request) -> None:
        """Close a page with its context and all that it opened; restart the browser where that is impossible."""
        page = copy.meta.get("playwright_page")
        if page is None:
            return
        try:
            await asyncio.wait_for(page.context.close(), _CLOSE_SECONDS)
        except (PlaywrightError, TimeoutError):
            self._since_restart = self._options.restart  # a page that does not let go

    async def _restart_if_due(self) -> None:
        """Start the browser anew where it is due, once no page is under way; those that come meanwhile wait."""
        async with self._restarting:
            if self._since_restart < self._options.restart:
                return
            while self._under_way:
                await asyncio.sleep(_POLL_SECONDS)
            self._since_restart = 0
            browser = getattr(self._handler, "browser", None)
            if browser is None:
                return
            self._stats.inc_value("saaf/browser/restarts")
            with suppress(PlaywrightError, TimeoutError):
                await asyncio.wait_for(browser.close(), _CLOSE_SECONDS)
            await self._forgotten(browser)
