"""Downloader middleware that has pages rendered by a browser: all, or those that are empty without scripts."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Self

from scrapy.exceptions import NotConfigured
from scrapy.http import HtmlResponse

from saaf.crawler.browser.options import RENDER, SECOND_TRY, BrowserMode
from saaf.crawler.capture.failures import NotModified
from saaf.crawler.config import config_of
from saaf.crawler.frontier.stored_requests import KIND
from saaf.crawler.guards.refusals import RequestNotSent
from saaf.crawler.pages import FETCHED_AT

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

RENDERED_HEADER = "X-Saaf-Rendered"
"""Header of a rendered page, in the WARC too; its value is the browser's name."""
EMPTY_LETTERS = 200
"""The number of letters below which a page with scripts is rendered."""
_NOT_PAGES = ("robots", "sitemap", "feed")
_MAX_BYTES = 4 << 20  # a larger page is no shell of a script
_SCRIPT = re.compile(rb"<script[\s>]", re.IGNORECASE)
_INVISIBLE = frozenset(("script", "style", "noscript", "template", "title", "svg", "textarea", "select"))
# Each character is looked at once, whatever the page: no part of the pattern looks for an end that may not come.
_TOKEN = re.compile(r"<(/?)([a-zA-Z]+)[^>]*>?|[^<]+|<")
_LETTERS = re.compile(r"[^\W\d_]")


class BrowserMiddleware:
    """Downloader middleware (545) outside those for retries, decoding and redirects: it sees pages as spiders do.

    A page that the browser cannot render stays as it came without it. One whose browser cannot be started waits for a
    later run.
    """

    def __init__(self, crawler: Crawler, mode: BrowserMode) -> None:
        self._crawler = crawler
        self._mode = mode

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware of a live crawl; raise NotConfigured where SAAF_BROWSER is "never"."""
        config = config_of(crawler)
        if config.browser.mode is BrowserMode.NEVER or not config.live:
            raise NotConfigured
        return cls(crawler, config.browser.mode)

    def process_request(self, request: Request) -> None:
        """Have the page rendered, where all are."""
        if self._mode is BrowserMode.ALWAYS and is_renderable(request):
            request.meta.setdefault(RENDER, True)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Return the page as the browser renders it, where it is empty without that."""
        if request.meta.get(RENDER) is not None or self._mode is not BrowserMode.EMPTY or not is_renderable(request):
            return response
        if RENDERED_HEADER in response.headers or not looks_empty(response):
            return response
        self._crawler.stats.inc_value("saaf/browser/empty")
        again = request.replace(meta={**request.meta, RENDER: SECOND_TRY}, dont_filter=True)
        try:
            rendered = await self._crawler.engine.download_async(again)
        except (NotModified, RequestNotSent):
            raise
        except Exception as error:  # whatever it is: the page as it came is better than none
            self._crawler.stats.inc_value("saaf/browser/failed")
            logger.info("%s was not rendered and stays as it came: %s", request.url, error)
            return response
        request.meta[FETCHED_AT] = again.meta.get(FETCHED_AT, request.meta.get(FETCHED_AT))
        return rendered.replace(request=request)


def is_renderable(request: Request) -> bool:
    """Return whether a request may be for a page: no form, and neither robots.txt, nor a sitemap or feed."""
    return (
        request.method == "GET"
        and request.meta.get(KIND) not in _NOT_PAGES
        and request.meta.get(RENDER) is not False
        and not request.url.endswith(("/robots.txt", ".xml", ".xml.gz"))
    )


def looks_empty(response: Response) -> bool:
    """Return whether a page has scripts and fewer than `EMPTY_LETTERS` letters of text without them.

    >>> page = b"<html><body><div id=root></div><noscript>Turn scripts on!</noscript><script src=/app.js></script>"
    >>> looks_empty(HtmlResponse("https://example.org/", body=page))
    True
    """
    if not isinstance(response, HtmlResponse) or response.status != 200 or len(response.body) > _MAX_BYTES:
        return False
    if _SCRIPT.search(response.body) is None:
        return False
    return not _has_letters(response.text, EMPTY_LETTERS)


def _has_letters(page: str, number: int) -> bool:
    """Return whether a page has so many letters outside its tags and the elements that are not shown."""
    hidden, letters = "", 0
    for token in _TOKEN.finditer(page):
        name = (token[2] or "").lower()
        if name in _INVISIBLE:
            if not token[1]:
                hidden = hidden or name
            elif name == hidden:
                hidden = ""
        elif not (name or hidden):
            letters += len(_LETTERS.findall(token[0]))
            if letters >= number:
                return True
    return False
