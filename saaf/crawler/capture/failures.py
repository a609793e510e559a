"""Failures of requests: what the ledger says of an exception, by its class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.exceptions import IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError

from saaf.crawler.browser.options import RENDER, SECOND_TRY
from saaf.crawler.frontier.stored_requests import OFFSITE
from saaf.crawler.guards.failure_reasons import failure_of
from saaf.crawler.guards.refusals import RefusedRequest, RequestNotSent

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from twisted.python.failure import Failure

    from saaf.crawler.capture.extension import CaptureExtension


class NotModified(IgnoreRequest):
    """A response that confirms the earlier one of its URL: there is nothing new to parse."""


class RecordedErrback:
    """The errback of a request under way: it notes the failure in the ledger, then calls the request's own.

    Scrapy calls no middleware where another one raises an exception while it processes a response.
    """

    def __init__(self, original: Callable[[Failure], Any] | None, capture: CaptureExtension, request: Request) -> None:
        self.original = original
        self._capture = capture
        self._request = request
        self.__name__ = getattr(original, "__name__", type(self).__name__)

    def __call__(self, failure: Failure) -> Any:
        """Return what the request's own errback returns, the failure where it has none."""
        error: BaseException | None = failure.value
        if isinstance(error, NotModified):
            return None
        if error is not None and not isinstance(error, HttpError):  # its response is in the ledger
            record_failure(self._capture, self._request, error)
        if isinstance(error, RequestNotSent):
            return None  # nothing failed: it is requested again
        return failure if self.original is None else self.original(failure)


def record_failure(capture: CaptureExtension, request: Request, error: BaseException) -> None:
    """Write to the ledger why a request got no usable response."""
    if isinstance(error, NotModified) or request.meta.get(RENDER) == SECOND_TRY:
        return
    with capture.guard():
        if isinstance(error, RequestNotSent):
            capture.ledger.requeue(request)
            return
        if isinstance(error, RefusedRequest):
            capture.ledger.failed(
                request.url, error.state, error.reason, retry_after=error.retry_after, request=request
            )
            return
        lease = capture.ledger.lease(request.url, request)
        if lease is not None and isinstance(error, IgnoreRequest) and request.meta.get(OFFSITE):
            capture.ledger.leave(lease)
            return
        if lease is not None and lease.columns and not isinstance(error, IgnoreRequest):
            return  # its response came, and could not be unpacked, say: the ledger has that
        capture.ledger.failed(request.url, *failure_of(error), request=request)
