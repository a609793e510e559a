"""Parser of HTTP/1.1 responses: Twisted's, which a head without end, or a transfer coding, leads no longer astray."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from scrapy.core.downloader.handlers.http11 import (
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python import failure
from twisted.web._newclient import STATUS
from twisted.web.client import HTTPConnectionPool
from twisted.web.http import _MalformedChunkedDataError

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

MAX_HEAD_BYTES = 256 * 1024
"""The most bytes of a response's status line and headers, those of interim responses (100 Continue) included; browsers
take 256 KB to 1 MB."""
MAX_LINE_BYTES = 64 * 1024
"""The most bytes of one line of it."""
MAX_HEADS = 20
"""The most heads of one response: interim ones (100 Continue, 103 Early Hints) come before the last."""
CHUNKS_DAMAGED = "saaf_chunks_damaged"
"""Attribute of Twisted's response whose chunks did not fit together."""


class HeadTooLargeError(Exception):
    """The head of a response has more than `MAX_HEAD_BYTES`, or there are more than `MAX_HEADS`."""


class HeadLineTooLongError(Exception):
    """A line of the head of a response has more than `MAX_LINE_BYTES`."""


class NoStatusLineError(Exception):
    """What came is no HTTP/1.1: it ended without a status line."""


def _failure(error: Exception) -> Failure:
    untyped: Any = failure.Failure
    return cast("Failure", untyped(error))


class _LimitedParser(_LenientHTTPClientParser):
    """Parser of a response that ends one whose head has no end."""

    MAX_LENGTH = MAX_LINE_BYTES
    _head_bytes = 0
    _heads = 0

    def lineReceived(self, line: bytes) -> None:
        self._head_bytes += len(line) + 1
        self._heads += self.state == STATUS
        if self._head_bytes > MAX_HEAD_BYTES or self._heads > MAX_HEADS:
            raise HeadTooLargeError
        super().lineReceived(line)

    def allHeadersReceived(self) -> None:
        self._read_transfer_codings()
        untyped: Any = super()
        untyped.allHeadersReceived()

    def _read_transfer_codings(self) -> None:
        """Leave of Transfer-Encoding what Twisted knows; other codings of it are undone as those of the content are.

        The header is a list (RFC 9112, section 6.1). Twisted knows one name: "gzip, chunked", "chunked, chunked" and
        "identity" end the response without it.
        """
        values = self.connHeaders.getRawHeaders(b"Transfer-Encoding") or []
        names = [name.strip().lower() for name in b",".join(values).split(b",")]
        others = [name for name in names if name not in {b"", b"identity", b"chunked"}]
        if b"chunked" in names:
            self.connHeaders.setRawHeaders(b"Transfer-Encoding", [b"chunked"])
        else:
            self.connHeaders.removeHeader(b"Transfer-Encoding")
            if others:
                self.connHeaders.removeHeader(b"Content-Length")  # the body ends with the connection (section 6.3)
        for name in others:
            self.response.headers.addRawHeader(b"Content-Encoding", name)

    def connectionLost(self, reason: Failure | None = None) -> None:
        lost = getattr(reason, "value", reason)  # Twisted passes some exceptions as they are
        closed = isinstance(lost, (ConnectionDone, ConnectionLost))
        if closed and self.state == STATUS and self._everReceivedData:  # HTTP/0.9, or no HTTP at all
            reason = _failure(NoStatusLineError())
        super().connectionLost(reason)

    def lineLengthExceeded(self, _: bytes) -> None:
        raise HeadLineTooLongError

    def rawDataReceived(self, data: bytes) -> None:
        untyped: Any = super()
        try:
            untyped.rawDataReceived(data)
        except _MalformedChunkedDataError:
            vars(self.response)[CHUNKS_DAMAGED] = True  # Twisted tells the reader only that the body is not whole
            raise


class _LimitedProtocol(_LenientHTTP11ClientProtocol):
    def request(self, request: Any) -> Deferred[Any]:
        deferred = super().request(request)
        if self._parser is not None:
            self._parser.__class__ = _LimitedParser  # as Scrapy's own protocol does it: the class is not a parameter
        return deferred


class _LimitedFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, _: object) -> _LimitedProtocol:
        protocol: Any = _LimitedProtocol
        return protocol(self._quiescentCallback)  # type: ignore[no-any-return]  # Twisted's client has no types


class LimitedPool(HTTPConnectionPool):
    """Twisted's pool of connections whose responses are read by this parser."""

    _factory = _LimitedFactory
