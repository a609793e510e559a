"""Base class of spiders for one site: a subclass gives start URLs and patterns of article URLs."""

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
from ..pages import page_from_response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

    from twisted.python.failure import Failure


class SiteSpider(Spider):
    """Spider that finds a site's articles by its sitemaps, feeds and links, and yields each as a `Page`.

    A subclass needs `name`, `allowed_domains`, `start_urls`, and as a rule `article`.
    """

    article: str | Callable[[TextResponse], bool] | None = None
    """Test for articles: a regular expression searched in the URL, a function of the response, or None for
    `saaf.crawler.discovery.is_document`."""
    follow: str | None = None
    """A regular expression searched in the URLs of links: those of listing pages to crawl beside the start URLs. Where
    `article` is no expression, None follows every link."""
    sitemaps: Sequence[str] = ()
    """URLs of sitemaps beside those that robots.txt names."""
    feeds: Sequence[str] = ()
    """URLs of feeds beside those that pages announce."""
    shard: str = ""
    """The part of the crawl that this process does, "K/N" (`-a shard=3/16`); "" for all of it."""

    @classmethod
    def check_arguments(cls, arguments: Mapping[str, str]) -> None:
        """Raise ValueError where the spider cannot start with these arguments (`-a`); called before the crawl."""

    async def start(self) -> AsyncIterator[Any]:
        """Yield the requests for the robots.txt of each host, the sitemaps, the feeds, and the start URLs."""
        robots = dict.fromkeys(urljoin(url, "/robots.txt") for url in self.start_urls)
        for url in robots:
            # robots.txt itself may always be requested.
            yield Request(url, errback=self.log_failure, meta={"dont_obey_robotstxt": True})
        for url in (*self.sitemaps, *self.feeds, *self.start_urls):
            yield Request(url, errback=self.log_failure)

    def parse(self, response: Response, **_: Any) -> Iterator[Request | Page]:
        """Yield the page of a response, if it is an article, and requests for its links."""
        for found in self.extract(response):
            yield found if isinstance(found, Page) else Request(found, errback=self.log_failure)

    def log_failure(self, failure: Failure) -> None:
        """Log in one line, without a traceback, that a request failed; the ledger of URLs has the reason."""
        self.logger.info("%s: %s", failure.request.url, failure.value)  # type: ignore[attr-defined]  # Scrapy adds it

    def extract(self, response: Response) -> Iterator[str | Page]:
        """Yield the URLs to follow from a response, and its page if it is an article."""
        kind = kind_of(response)
        if kind is Kind.ROBOTS:
            yield from robots_sitemaps(response)
        elif kind is Kind.SITEMAP:
            yield from (url for url, is_sitemap in sitemap_links(response) if is_sitemap or self.should_follow(url))
        elif kind is Kind.FEED:
            yield from filter(self.should_follow, feed_links(response))
        elif isinstance(response, TextResponse):
            if self.is_article(response):
                yield page_from_response(response)
            if isinstance(response, HtmlResponse):
                yield from feeds(response)
                yield from filter(self.should_follow, page_links(response))

    def is_article(self, response: TextResponse) -> bool:
        """Return whether a response is a document of the corpus."""
        if self.article is None:
            return is_document(response)
        if isinstance(self.article, str):
            return re.search(self.article, response.url) is not None
        return self.article(response)

    def should_follow(self, url: str) -> bool:
        """Return whether a link is requested; links to other hosts are filtered and counted later."""
        patterns = [pattern for pattern in (self.article, self.follow) if isinstance(pattern, str)]
        if not isinstance(self.article, str) and self.follow is None:
            return True
        return any(re.search(pattern, url) for pattern in patterns)
