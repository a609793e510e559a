"""HTTP exchanges as WARC records have them, made of Scrapy's requests and responses; and bodies that are cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from saaf.cleaning.text.urls import without_fragment
from saaf.corpus.ledger import State
from saaf.corpus.warc_records import Exchange
from saaf.crawler.frontier.recovery import FINGERPRINT
from saaf.crawler.frontier.stored_requests import CUT, KIND, PART, PART_OF
from saaf.crawler.guards.refusals import RefusedRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from scrapy import Request
    from scrapy.http import Headers, Response

    from saaf.corpus.warc_records import Revisit

_SECRET = {b"authorization", b"proxy-authorization", b"cookie"}  # not for an archive
DAMAGED_FLAG = "chunks-damaged"
"""Scrapy flag of a response whose chunks do not fit together (RFC 9112, section 7.1)."""
CUT_LIMIT = "saaf_cut_limit"
"""Key of request.meta: the limit of bytes at which a body was cut off."""


def make_exchange(
    request: Request, response: Response, fetched_at: datetime, fingerprint: bytes, *, revisit: Revisit | None = None
) -> Exchange:
    """Return the exchange of a response as it came; credentials and cookies of the request are left out."""
    headers = tuple(_header_lines(response.headers))
    metadata = [(FINGERPRINT, fingerprint.hex())]
    if (latency := request.meta.get("download_latency")) is not None:
        metadata.append(("fetchTimeMs", str(round(latency * 1000))))
    for name, value in (("via", request.headers.get("Referer")), ("kind", request.meta.get(KIND))):
        if value:
            metadata.append((name, value.decode("latin-1") if isinstance(value, bytes) else str(value)))
    for name, key in (("partOf", PART_OF), ("part", PART)):
        if key in request.meta:
            metadata.append((name, str(request.meta[key])))
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
    lines += [name + b": " + value for name, value in _header_lines(request.headers) if name.lower() not in _SECRET]
    return b"\r\n".join(lines) + b"\r\n\r\n" + request.body


def _header_lines(headers: Headers) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and value of each header line; Scrapy's own iterators look each name up, at 3 µs each."""
    return ((name, value) for name, values in dict.items(headers) for value in values)


def cut_of(request: Request, response: Response) -> str | None:
    """Return why a body was cut off, as WARC-Truncated has it: "length", "time" or "disconnect", "unspecified" where
    its chunks are damaged; None for a whole one.

    A body without a stated length ends with its connection, and is whole ("partial" in Scrapy's flags).
    """
    if "download_stopped" in response.flags:
        return str(request.meta.get(CUT, "unspecified"))
    if DAMAGED_FLAG in response.flags:
        return "unspecified"
    return "disconnect" if "dataloss" in response.flags else None


def keeps_beginning(request: Request, cut: str | None = "length") -> bool:
    """Return whether the beginning of a body is enough: RFC 9309 (2.5) reads the first 512 KiB of a robots.txt.

    One that came too slowly, or whose connection broke, is none (`cut` is as `cut_of` has it).
    """
    return request.meta.get(KIND) == "robots" and cut in (None, "length")


class CutBodyError(RefusedRequest):
    """A response whose body was cut off: another request may bring the whole of it."""


def cut_refusal(cut: str, request: Request) -> CutBodyError:
    """Return the refusal of a response whose body was cut off: what there is of it is in the WARC."""
    kept = "the WARC has its beginning"
    if cut == "length":
        limit = request.meta.get(CUT_LIMIT)
        stated = f"the limit of {limit} bytes (DOWNLOAD_MAXSIZE)" if limit else "DOWNLOAD_MAXSIZE"
        return CutBodyError(State.OVER_BUDGET, f"its body is larger than {stated}; {kept}")
    if cut == "time":
        reason = f"its body did not come to its end in time (DOWNLOAD_TIMEOUT); {kept}"
        return CutBodyError(State.FETCH_FAILED, reason)
    ended = "the connection ended before the whole body had come"
    damaged = "the chunks of its body do not fit together: the answer is damaged"
    return CutBodyError(State.FETCH_FAILED, f"{damaged if cut == 'unspecified' else ended}; {kept}")
