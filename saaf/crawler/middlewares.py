"""Middlewares that report to the capture: responses, failures, offsite requests, and what the spider yields."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.spidermiddlewares.base import BaseSpiderMiddleware

from saaf.cleaning.types import Page

from .capture import CaptureExtension
from .discovery import purpose
from .failure_reasons import failure_of
from .pages import FETCHED_AT, page_from_response
from .refusals import RequestNotSent
from .replay import NO_ROBOTS_FLAG, REPLAYED_FLAG
from .robots import SHARED_FLAG

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class CaptureDownloaderMiddleware:
    """Downloader middleware next to the network: raw responses to the WARC file, failures to the ledger of URLs.

    It records the time of each response also where nothing is captured, as in `scrapy shell`: a page needs it.
    """

    def __init__(self, capture: CaptureExtension | None) -> None:
        self._capture = capture

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Use the capture extension of the crawl, if it is enabled."""
        return cls(crawler.get_extension(CaptureExtension))

    def process_response(self, request: Request, response: Response) -> Response:
        """Write the raw response to the capture, and record its time."""
        if SHARED_FLAG in response.flags:
            return response  # the answer to an earlier request
        if REPLAYED_FLAG not in response.flags:
            request.meta[FETCHED_AT] = datetime.now(UTC)  # a fact of a live crawl; a replay brings its own
        response.request = request
        if self._capture is None:
            return response
        if NO_ROBOTS_FLAG in response.flags:
            self._capture.ledger.dropped(request.url)  # there is no input
            return response
        self._capture.write(page_from_response(response))
        self._capture.ledger.responded(response.url, response.status)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Record why a request got no response."""
        if self._capture is None:
            return
        if isinstance(exception, IgnoreRequest) and str(exception).startswith("Filtered offsite"):
            return  # RecordingOffsiteMiddleware has recorded it
        if isinstance(exception, RequestNotSent):
            return  # it is still to be asked for
        self._capture.ledger.failed(request.url, *failure_of(exception))


class RecordingOffsiteMiddleware(OffsiteMiddleware):
    """Scrapy's offsite middleware, which records each request that it filters in the ledger."""

    def process_request(self, request: Request, spider: Spider | None = None) -> None:  # noqa: ARG002  (Scrapy's signature)
        """Raise IgnoreRequest where the request is outside the spider's allowed domains."""
        try:
            super().process_request(request)
        except IgnoreRequest:
            capture = self.crawler.get_extension(CaptureExtension)
            if capture is not None:
                capture.ledger.offsite(request.url)
            raise


class CaptureSpiderMiddleware(BaseSpiderMiddleware):
    """Spider middleware that records which responses reach the spider, and which of them it yields as documents."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        capture = crawler.get_extension(CaptureExtension)
        if capture is None:
            raise NotConfigured
        self._capture = capture

    def process_spider_input(self, response: Response) -> None:
        """Record a response that is passed to the spider."""
        self._capture.ledger.discovery(response.url, purpose(response))

    def get_processed_item(self, item: Any, response: Response | None) -> Any:  # noqa: ARG002  (Scrapy's signature)
        """Record a document; a page that the spider made itself, without a response, is captured first."""
        if isinstance(item, Page) and item.url is not None:
            if not self._capture.has(item.url):
                self._capture.write(item)
            self._capture.ledger.document(item.url)
        return item
