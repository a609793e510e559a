"""Conversion of Scrapy's responses to `Page`, the type that the other packages read."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from saaf.cleaning.text.urls import without_fragment
from saaf.cleaning.types import Page

if TYPE_CHECKING:
    from scrapy.http import Response

FETCHED_AT = "saaf_fetched_at"  # key of request.meta that holds the capture time, a datetime


def page_from_response(response: Response) -> Page:
    """Return the page of a response: what a spider yields for each document.

    Raises TypeError where the capture time is missing, which only happens to a response that was made by hand.
    """
    fetched_at = response.meta.get(FETCHED_AT)
    if not isinstance(fetched_at, datetime):
        raise TypeError(f"{response.url} has no capture time: only a response that was crawled or replayed is a page")
    headers = tuple(
        (_text(name), _text(value))
        for name in response.headers
        # Twisted has already joined the chunks of a chunked body: the header would no longer be true.
        if name.lower() != b"transfer-encoding"
        for value in response.headers.getlist(name)
    )
    url = without_fragment(response.url)
    return Page(url=url, body=response.body, headers=headers, status=response.status, fetched_at=fetched_at)


def _text(value: bytes) -> str:
    # The inverse of how corpus.warc writes header lines: bytes that are no UTF-8 survive the round trip.
    return value.decode("utf-8", "surrogateescape")
