"""The limit of pages of a run (CLOSESPIDER_PAGECOUNT, `--max-pages`): pages count, not all responses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.extensions.closespider import CloseSpider

from saaf.cleaning.rights.sites import rights_file_path
from saaf.crawler.capture.middlewares import STORED_FLAG
from saaf.crawler.discovery.kinds import Kind, kind_of

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.http import Response


class PageLimit(CloseSpider):
    """Scrapy's extension that ends a crawl at its limits, with pages counted where Scrapy counts responses."""

    @property
    def pages(self) -> int:
        """The number of pages that this run has received so far."""
        return self.counter["pagecount"]

    def page_count(self, response: Response, request: Request, spider: Spider) -> None:
        """Count a response where it is a page; end the crawl where the limit is reached."""
        if is_page(response):
            super().page_count(response, request, spider)


def is_page(response: Response) -> bool:
    """Return whether a response counts as a page: one of HTML or other text, with a status of success (2xx).

    Not counted are robots.txt, tdmrep.json, sitemaps and feeds, errors, images and the like, and what an earlier run
    captured.
    """
    if not 200 <= response.status < 300 or STORED_FLAG in response.flags:
        return False
    return rights_file_path(response.url) is None and kind_of(response) is Kind.PAGE
