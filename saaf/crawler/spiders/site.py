"""The base of a site's spider: the site's own lines say where it is and what its articles look like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from scrapy import Request, Spider
from scrapy.http import HtmlResponse, Response, TextResponse

from saaf.cleaning.types import Page

from ..discovery import (
    Kind,
    feed_links,
    feeds,
    is_document,
    kind_of,
    page_links,
    robots_sitemaps,
    sitemap_links,
)
from ..pages import page_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

    from twisted.python.failure import Failure


class SiteSpider(Spider):
    """Find a site's articles by its sitemaps, feeds and links, and yield each as a `Page`.

    A spider of its own needs `name`, `allowed_domains`, `start_urls`, and as a rule `article`.
    """

    article: str | Callable[[TextResponse], bool] | None = None
    """What an article is: a regular expression found in its URL, a function of the response, or None to judge by the
    page (`saaf.crawler.discovery.is_document`)."""
    follow: str | None = None
    """A regular expression found in the URLs of listing pages to look at beside the start URLs. Where `article` is no
    expression, None follows every link."""
    sitemaps: Sequence[str] = ()
    """Sitemaps beside those that robots.txt names."""
    feeds: Sequence[str] = ()
    """Feeds beside those that pages announce."""

    @classmethod
    def check_arguments(cls, arguments: Mapping[str, str]) -> None:
        """Raise ValueError where the spider cannot start with these arguments (`-a`); asked before the crawl begins."""

    async def start(self) -> AsyncIterator[Any]:
        """Ask for the robots.txt of each host, the sitemaps, the feeds, and the start URLs."""
        robots = dict.fromkeys(urljoin(url, "/robots.txt") for url in self.start_urls)
        for url in robots:
            # Asking what may be asked is always allowed.
            yield Request(url, errback=self.failed, meta={"dont_obey_robotstxt": True})
        for url in (*self.sitemaps, *self.feeds, *self.start_urls):
            yield Request(url, errback=self.failed)

    def parse(self, response: Response, **_: Any) -> Iterator[Request | Page]:
        """Yield what a response is, if it is an article, and what it leads to."""
        for found in self.found_in(response):
            yield found if isinstance(found, Page) else Request(found, errback=self.failed)

    def failed(self, failure: Failure) -> None:
        """Say in one line, without a traceback, what came of a request; the ledger of URLs has its reason."""
        self.logger.info("%s: %s", failure.request.url, failure.value)  # type: ignore[attr-defined]  # Scrapy adds it

    def found_in(self, response: Response) -> Iterator[str | Page]:
        """Yield the URLs that a response leads to, and the page it is."""
        kind = kind_of(response)
        if kind is Kind.ROBOTS:
            yield from robots_sitemaps(response)
        elif kind is Kind.SITEMAP:
            yield from (url for url, is_sitemap in sitemap_links(response) if is_sitemap or self.wants(url))
        elif kind is Kind.FEED:
            yield from filter(self.wants, feed_links(response))
        elif isinstance(response, TextResponse):
            if self.is_article(response):
                yield page_of(response)
            if isinstance(response, HtmlResponse):
                yield from feeds(response)
                yield from filter(self.wants, page_links(response))

    def is_article(self, response: TextResponse) -> bool:
        """Return whether a response is a document of the corpus."""
        if self.article is None:
            return is_document(response)
        if isinstance(self.article, str):
            return re.search(self.article, response.url) is not None
        return self.article(response)

    def wants(self, url: str) -> bool:
        """Return whether a link is worth asking for; links to other hosts are refused later, and counted."""
        patterns = [pattern for pattern in (self.article, self.follow) if isinstance(pattern, str)]
        if not isinstance(self.article, str) and self.follow is None:
            return True
        return any(re.search(pattern, url) for pattern in patterns)
