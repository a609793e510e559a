"""Failures of requests: what the ledger says of an exception, by its class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost
from twisted.web.client import ResponseNeverReceived
from twisted.web.http import PotentialDataLoss

from saaf.corpus.ledger import State

from .refusals import RefusedRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scrapy import Request
    from twisted.python.failure import Failure

    from .capture import CaptureExtension


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
        return failure if self.original is None else self.original(failure)


def record_failure(capture: CaptureExtension, request: Request, error: BaseException) -> None:
    """Write to the ledger why a request got no usable response."""
    if isinstance(error, NotModified):
        return
    with capture.guard():
        if isinstance(error, RefusedRequest):
            capture.ledger.failed(
                request.url, error.state, error.reason, retry_after=error.retry_after, request=request
            )
            return
        lease = capture.ledger.lease(request.url, request)
        if lease is not None and lease.columns and not isinstance(error, IgnoreRequest):
            return  # its response came, and could not be unpacked, say: the ledger has that
        state = State.BLOCKED_BY_ROBOTS if str(error) == "Forbidden by robots.txt" else State.FETCH_FAILED
        if hasattr(error.__cause__, "decompressed_size"):
            state = State.OVER_BUDGET  # HttpCompressionMiddleware's limit
        capture.ledger.failed(request.url, state, failure_reason(error), request=request)


_DEPTH = 5  # of causes of causes
_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (DownloadTimeoutError, "no answer in time (DOWNLOAD_TIMEOUT)"),
    (CannotResolveHostError, "the host name does not resolve: no such host, or no network"),
    (DownloadConnectionRefusedError, "the host refused the connection"),
    (ResponseDataLossError, "the connection ended before the whole body had come"),
    (UnsupportedURLSchemeError, "its scheme is none that is crawled: http and https are"),
    (DownloadCancelledError, "the download was stopped: the body is larger than DOWNLOAD_MAXSIZE"),
)
_CAUSES: tuple[tuple[type[BaseException], str], ...] = (
    (PotentialDataLoss, "the connection ended before the whole body had come"),
    (ConnectError, "the host could not be reached"),
    (ConnectionLost, "the host closed the connection before an answer had come"),
    (ConnectionDone, "the host closed the connection before an answer had come"),
    (ResponseNeverReceived, "the host closed the connection before an answer had come"),
    (ValueError, "the answer is no valid HTTP"),
)


def failure_reason(error: BaseException) -> str:
    """Return the ledger's reason for a request without a usable response, in words and without a class's name."""
    if str(error) == "Forbidden by robots.txt":
        return "the site's robots.txt does not allow it"
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return reason
    if isinstance(error, IgnoreRequest):
        return str(error) or "ignored by a middleware"
    causes = list(_causes(error))
    for kind, reason in _CAUSES:
        if any(isinstance(cause, kind) for cause in causes):
            return reason
    if isinstance(error, DownloadFailedError):
        return "the answer is no valid HTTP, or the connection failed"
    return f"the request failed: {error}" if str(error) else "the request failed"


def _causes(error: BaseException, depth: int = 0) -> Iterator[BaseException]:
    """Yield an exception, what caused it, and the reasons that Twisted lists in it."""
    yield error
    if depth > _DEPTH:
        return
    for cause in (error.__cause__, *(getattr(reason, "value", reason) for reason in getattr(error, "reasons", ()))):
        if isinstance(cause, BaseException):
            yield from _causes(cause, depth + 1)
