"""What tells the capture of the crawl: what comes, what fails, what is refused, what the spider makes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotConfigured,
    ResponseDataLossError,
)
from scrapy.spidermiddlewares.base import BaseSpiderMiddleware

from saaf.cleaning.types import Page
from saaf.corpus.ledger import State

from .capture import Capture
from .discovery import purpose
from .pages import FETCHED_AT, page_of
from .replay import NO_ROBOTS, REPLAYED

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class CaptureDownloads:
    """Downloader middleware next to the network: raw responses to the WARC file, failures to the ledger of URLs.

    It notes the time of each response also where nothing is captured, as in `scrapy shell`: a page needs it.
    """

    def __init__(self, capture: Capture | None) -> None:
        self._capture = capture

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Serve the crawl's capture."""
        return cls(crawler.get_extension(Capture))

    def process_response(self, request: Request, response: Response) -> Response:
        """Write the response as it came, and note when."""
        if REPLAYED not in response.flags:
            request.meta[FETCHED_AT] = datetime.now(UTC)  # a fact of a live crawl; a replay brings its own
        response.request = request
        if self._capture is None:
            return response
        if NO_ROBOTS in response.flags:
            self._capture.ledger.dropped(request.url)  # nothing was there to be an input
            return response
        self._capture.write(page_of(response))
        self._capture.ledger.answered(response.url, response.status)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Note why a request got no answer."""
        if self._capture is None:
            return
        if isinstance(exception, IgnoreRequest) and str(exception).startswith("Filtered offsite"):
            return  # RecordedOffsite has noted it
        state = State.BLOCKED_BY_ROBOTS if str(exception) == "Forbidden by robots.txt" else State.FETCH_FAILED
        self._capture.ledger.failed(request.url, state, _in_words(exception))


_WORDS = {
    DownloadTimeoutError: "no answer in time (DOWNLOAD_TIMEOUT)",
    CannotResolveHostError: "the host name does not resolve: no such host, or no network",
    DownloadConnectionRefusedError: "the host refused the connection",
    ResponseDataLossError: "the connection ended before the whole body had come",
}


def _in_words(exception: Exception) -> str:
    if str(exception) == "Forbidden by robots.txt":
        return "the site's robots.txt does not allow it"
    if isinstance(exception, IgnoreRequest):
        return str(exception) or "ignored by a middleware"
    return _WORDS.get(type(exception)) or f"{type(exception).__name__}: {exception}"


class RecordedOffsite(OffsiteMiddleware):
    """Scrapy's own refusal of offsite requests, with a line in the ledger for each host that was refused."""

    def process_request(self, request: Request, spider: Spider | None = None) -> None:  # noqa: ARG002  (Scrapy's signature)
        """Raise IgnoreRequest where the request leaves the spider's domains."""
        try:
            super().process_request(request)
        except IgnoreRequest:
            capture = self.crawler.get_extension(Capture)
            if capture is not None:
                capture.ledger.offsite(request.url)
            raise


class CaptureItems(BaseSpiderMiddleware):
    """Spider middleware that notes which responses the spider has seen, and which it took for documents."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        capture = crawler.get_extension(Capture)
        if capture is None:
            raise NotConfigured
        self._capture = capture

    def process_spider_input(self, response: Response) -> None:
        """Note a response on its way to the spider."""
        self._capture.ledger.looked_at(response.url, purpose(response))

    def get_processed_item(self, item: Any, response: Response | None) -> Any:  # noqa: ARG002  (Scrapy's signature)
        """Note a document; one that no response brought (a spider may make pages of its own) is captured first."""
        if isinstance(item, Page) and item.url is not None:
            if not self._capture.has(item.url):
                self._capture.write(item)
            self._capture.ledger.document(item.url)
        return item
