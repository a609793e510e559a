"""Refusal of a response that has come: recorded in the ledger, then raised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saaf.crawler.capture.extension import CaptureExtension
from saaf.crawler.guards.refusals import RefusedRequest

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from saaf.corpus.ledger import State


def refuse_response(crawler: Crawler, response: Response, state: State, reason: str) -> RefusedRequest:
    """Record in the ledger that a response is refused, and return the exception to raise.

    For `process_response` of downloader middlewares: Scrapy passes what they raise to no other middleware.
    """
    capture = crawler.get_extension(CaptureExtension)
    if capture is not None:
        capture.ledger.refused(response.url, state, reason)
    return RefusedRequest(state, reason)
