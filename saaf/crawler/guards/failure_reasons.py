"""Reasons why a request got no response, in plain words: by the classes of exceptions, never by their texts."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from OpenSSL import SSL
from scrapy import exceptions
from scrapy.core.downloader.handlers.http11 import TunnelError
from twisted.internet import error
from twisted.python.failure import Failure
from twisted.web._newclient import BadResponseVersion, ParseError
from twisted.web.client import ResponseFailed, ResponseNeverReceived
from twisted.web.error import SchemeNotSupported
from twisted.web.http import PotentialDataLoss, _DataLoss, _MalformedChunkedDataError

from saaf.corpus.ledger import State
from saaf.crawler.guards.refusals import RefusedRequest
from saaf.crawler.guards.response_parser import HeadLineTooLongError, HeadTooLargeError, NoStatusLineError

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

NO_ANSWER_IN_TIME = "no answer in time (DOWNLOAD_TIMEOUT)"
UNREACHABLE: tuple[type[BaseException], ...] = (
    exceptions.CannotResolveHostError,
    exceptions.DownloadConnectionRefusedError,
    error.ConnectError,
    error.DNSLookupError,
    SSL.Error,
    TunnelError,
)
"""Classes of failures to connect to a host."""
HOST_FAILURES: tuple[type[BaseException], ...] = (
    *UNREACHABLE,
    exceptions.DownloadTimeoutError,
    error.ConnectionLost,
    error.ConnectionDone,
    error.ConnectionAborted,
)
"""Classes of failures that say that a host is down, where none of `PAGE_FAILURES` came with them."""
PAGE_FAILURES: tuple[type[BaseException], ...] = (
    HeadTooLargeError,
    HeadLineTooLongError,
    NoStatusLineError,
    ParseError,
    exceptions.ResponseDataLossError,
    _DataLoss,
    _MalformedChunkedDataError,
    UnicodeError,
)
"""Classes of failures of one page: the host answered, though badly."""

# The more special class first: the first that stands anywhere in the chain of an exception gives the reason.
_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (HeadLineTooLongError, "a header of the response has no end, or is longer than 64 kilobytes"),
    (HeadTooLargeError, "the headers of the response have no end, or are larger than 256 kilobytes"),
    (exceptions.DownloadTimeoutError, NO_ANSWER_IN_TIME),
    (exceptions.CannotResolveHostError, "the host name does not resolve: no such host, or no network"),
    (error.DNSLookupError, "the host name does not resolve: no such host, or no network"),
    (exceptions.DownloadConnectionRefusedError, "the host refused the connection"),
    (error.ConnectionRefusedError, "the host refused the connection"),
    (exceptions.ResponseDataLossError, "the connection ended before the whole body had come"),
    (_DataLoss, "the connection ended before the whole body had come"),
    (PotentialDataLoss, "the connection ended before the whole body had come"),
    (TunnelError, "the proxy did not open a connection to the host: see http_proxy and https_proxy"),
    (error.TCPTimedOutError, "no connection to the host in time"),
    (error.TimeoutError, NO_ANSWER_IN_TIME),
    (error.NoRouteError, "there is no route to the host: see the network"),
    (error.ConnectBindError, "the local address of the connection cannot be used: see DOWNLOAD_BIND_ADDRESS"),
    (error.ConnectError, "no connection to the host could be made"),
    (SSL.Error, "the TLS handshake failed: the server speaks no TLS that this crawl accepts"),
    (BadResponseVersion, "the answer is no HTTP/1.1: its first line states another protocol"),
    (NoStatusLineError, "the answer is no HTTP: it has no status line"),
    (ParseError, "the answer is no HTTP: its first line or a header cannot be read"),
    (_MalformedChunkedDataError, "the chunks of the body do not fit together: the answer is damaged"),
    (error.ConnectionLost, "the server broke the connection off before its answer was whole"),
    (error.ConnectionAborted, "the connection was broken off before the answer was whole"),
    (error.ConnectionDone, "the server closed the connection without an answer"),
    (error.ConnectionClosed, "the server closed the connection without an answer"),
    (exceptions.DownloadCancelledError, "the download was ended: its size is over the limit (DOWNLOAD_MAXSIZE)"),
    (exceptions.UnsupportedURLSchemeError, "only http and https are crawled"),
    (exceptions.NotSupported, "only http and https are crawled"),
    (SchemeNotSupported, "only http and https are crawled"),
    (UnicodeError, "the host name, or the address of the page, has characters that none may have: mend the link"),
    (ResponseNeverReceived, "the server closed the connection without an answer"),
    (ValueError, "the answer cannot be read: a header, such as Content-Length, has a value that it cannot have"),
    (ResponseFailed, "the answer ended before it was whole"),
    (exceptions.DownloadFailedError, "the answer ended before it was whole"),
    (OSError, "the system could not make the connection"),
)
_GENERAL = (ValueError, UnicodeError, OSError)  # classes of the list that mistakes in a program raise too
_UNKNOWN = "the request failed in a way that the crawl does not know; its log says more"
# Scrapy's own refusals have no class but this one.
_IGNORED = "a component of the crawl refused the request; its log says more"


def failure_of(exception: BaseException) -> tuple[State, str]:
    """Return the ledger's state and reason of a request that gave no response."""
    if isinstance(exception, RefusedRequest):
        return exception.state, exception.reason
    if isinstance(exception, exceptions.IgnoreRequest):
        return State.FETCH_FAILED, str(exception) or _IGNORED
    return State.FETCH_FAILED, failure_reason(exception)


def failure_reason(exception: BaseException) -> str:
    """Return why a request failed, in plain words, never with a class's name."""
    found = list(_chain(exception))
    for kind, reason in _REASONS:
        if any(isinstance(one, kind) for one in found):
            return reason
    logger.warning("A request failed in an unknown way: %r", exception)
    return _UNKNOWN


def is_request_failure(exception: BaseException) -> bool:
    """Return whether an exception is that of a connection or an answer, rather than of a mistake in a program."""
    kinds = tuple(kind for kind, _ in _REASONS if kind not in _GENERAL)
    return any(isinstance(one, kinds) for one in _chain(exception))


def is_unreachable(exception: BaseException) -> bool:
    """Return whether a failure says that no connection to the host could be made at all."""
    return any(isinstance(one, UNREACHABLE) for one in _chain(exception))


def is_host_failure(exception: BaseException) -> bool:
    """Return whether a failure says that the host is down, rather than that the page is bad."""
    found = list(_chain(exception))
    if any(isinstance(one, PAGE_FAILURES) for one in found):
        return False
    return any(isinstance(one, HOST_FAILURES) for one in found)


def _chain(exception: BaseException) -> Iterator[BaseException]:
    """Yield an exception, those that it was made of, and those that it came from."""
    waiting: list[object] = [exception]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        value = one.value if isinstance(one, Failure) else one
        if not isinstance(value, BaseException) or id(value) in seen:
            continue
        seen.add(id(value))
        yield value
        waiting += [value.__cause__, *(getattr(value, "reasons", None) or ())]
