"""HTTP exchanges as WARC records have them, made of Scrapy's requests and responses; and bodies that are cut off."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from scrapy import signals
from scrapy.exceptions import StopDownload

from saaf.cleaning.text.urls import without_fragment
from saaf.corpus.ledger import State
from saaf.corpus.warc_records import Exchange

from .frontier_recovery import FINGERPRINT
from .frontier_requests import CUT, KIND
from .refusals import RefusedRequest

if TYPE_CHECKING:
    from datetime import datetime

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Headers, Response

    from saaf.corpus.warc_records import Revisit

_SECRET = {b"authorization", b"proxy-authorization", b"cookie"}  # not for an archive
_MARGIN = 1.0  # seconds before DOWNLOAD_TIMEOUT at which a body that still comes is cut off, and kept


def make_exchange(
    request: Request, response: Response, fetched_at: datetime, fingerprint: bytes, *, revisit: Revisit | None = None
) -> Exchange:
    """Return the exchange of a response as it came; credentials and cookies of the request are left out."""
    headers = tuple((name, value) for name in response.headers for value in response.headers.getlist(name))
    metadata = [(FINGERPRINT, fingerprint.hex())]
    if (latency := request.meta.get("download_latency")) is not None:
        metadata.append(("fetchTimeMs", str(round(latency * 1000))))
    for name, value in (("via", request.headers.get("Referer")), ("kind", request.meta.get(KIND))):
        if value:
            metadata.append((name, value.decode("latin-1") if isinstance(value, bytes) else str(value)))
    metadata.append(("depth", str(request.meta.get("depth", 0))))
    return Exchange(
        url=without_fragment(response.url),
        fetched_at=fetched_at,
        status=response.status,
        headers=headers,
        body=response.body,
        truncated=cut_of(request, response),
        request=_request_message(request),
        ip_address=str(response.ip_address) if response.ip_address else None,
        metadata=tuple(metadata),
        revisit=revisit,
    )


def _request_message(request: Request) -> bytes:
    parts = urlsplit(request.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{request.method} {path} HTTP/1.1".encode(), b"Host: " + parts.netloc.rpartition("@")[2].encode()]
    lines += [
        name + b": " + value
        for name in request.headers
        if name.lower() not in _SECRET
        for value in request.headers.getlist(name)
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + request.body


def cut_of(request: Request, response: Response) -> str | None:
    """Return why a body was cut off, as WARC-Truncated has it: "length", "time" or "disconnect"; None for a whole one.

    A body without a stated length ends with its connection, and is whole ("partial" in Scrapy's flags).
    """
    if "download_stopped" in response.flags:
        return str(request.meta.get(CUT, "unspecified"))
    return "disconnect" if "dataloss" in response.flags else None


def cut_refusal(cut: str, request: Request) -> RefusedRequest:
    """Return the refusal of a response whose body was cut off: what there is of it is in the WARC."""
    kept = "what came of it is in the WARC"
    if cut == "length":
        limit = request.meta.get("download_maxsize")
        stated = f"{limit} bytes" if limit else "DOWNLOAD_MAXSIZE"
        return RefusedRequest(State.OVER_BUDGET, f"the body is larger than {stated}; {kept}")
    if cut == "time":
        return RefusedRequest(
            State.FETCH_FAILED, f"the body did not come to its end in time (DOWNLOAD_TIMEOUT); {kept}"
        )
    return RefusedRequest(State.FETCH_FAILED, f"the connection ended before the whole body had come; {kept}")


class BodyLimits:
    """Limits of bodies while they come: one that is too large or too slow is cut off, and what there is of it is kept.

    Scrapy's own limits throw it away.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._max_size = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._timeout = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._bodies: WeakKeyDictionary[Request, list[float]] = WeakKeyDictionary()  # size so far, deadline

    def connect(self) -> None:
        """Connect to the signals of downloads."""
        self._crawler.signals.connect(self.headers_received, signal=signals.headers_received)
        self._crawler.signals.connect(self.bytes_received, signal=signals.bytes_received)

    def headers_received(self, headers: Headers, body_length: object, request: Request) -> None:  # noqa: ARG002
        """Raise StopDownload where the stated length is over the limit."""
        latency, timeout = (
            request.meta.get("download_latency", 0.0),
            request.meta.get("download_timeout", self._timeout),
        )
        self._bodies[request] = [0.0, time.monotonic() - latency + max(timeout - _MARGIN, timeout / 2)]
        if isinstance(body_length, int) and self._is_over(request, body_length):
            self._cut(request, "length")

    def bytes_received(self, data: bytes, request: Request) -> None:
        """Raise StopDownload where a body is over the limit of size or time."""
        body = self._bodies.get(request)
        if body is None:
            return
        body[0] += len(data)
        if self._is_over(request, body[0]):
            self._cut(request, "length")
        if time.monotonic() > body[1]:
            self._cut(request, "time")

    def _is_over(self, request: Request, size: float) -> bool:
        limit = request.meta.get("download_maxsize", self._max_size)
        return bool(limit) and size > limit

    def _cut(self, request: Request, why: str) -> None:
        request.meta[CUT] = why
        raise StopDownload(fail=False)
