"""Limits of bodies: a download ends at its limit of size or time with what came; what is compressed is unpacked up to
it.

Scrapy's own limits throw the body away.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self
from weakref import WeakKeyDictionary

from scrapy import signals
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import StopDownload
from scrapy.http import TextResponse
from scrapy.responsetypes import responsetypes

from saaf.cleaning.html.file_signatures import control_share
from saaf.corpus.content_codings import CODINGS, decode_body
from saaf.corpus.decompression import Problem, Unpacked
from saaf.corpus.ledger import State
from saaf.crawler.capture.exchanges import CUT_LIMIT, cut_refusal, keeps_beginning
from saaf.crawler.frontier.stored_requests import CUT, KIND
from saaf.crawler.guards.body_budget import BodyBudget
from saaf.crawler.guards.refusals import CUT_SHORT
from saaf.crawler.guards.refused_responses import refuse_response

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Headers, Response

TRUNCATED_FLAG = "truncated"
"""Scrapy flag of a response whose body was cut off at a limit of size or time."""
BODY_LIMIT = "saaf_body_limit"
"""Key of request.meta: the most bytes of the response's body, where DOWNLOAD_MAXSIZE is not what counts."""
SITEMAP_BYTES = 50 * 1024 * 1024
"""The most bytes of a sitemap, unpacked (sitemaps.org)."""
_MARGIN, _MARGIN_SHARE = 1.0, 0.05  # seconds, share: so much before DOWNLOAD_TIMEOUT a body that still comes is cut off
_NO_LIMIT = 1 << 62
_NOT_PACKED_SHARE = 0.02  # of control characters: packed bytes have 10 %


def body_limit(request: Request, default: int) -> int:
    """Return the most bytes of the body of a request's response, as it comes and unpacked; 0 is no limit."""
    limit = request.meta.get(BODY_LIMIT, request.meta.get("download_maxsize"))
    if isinstance(limit, int):
        return limit
    return max(default, SITEMAP_BYTES) if default and request.meta.get(KIND) == "sitemap" else default


def is_under_way(crawler: Crawler, request: Request) -> bool:
    """Return whether a request is with the downloader or with the spider: so long its response is held."""
    engine = crawler.engine
    if engine is None or request in engine.downloader.active:
        return True
    slot = engine.scraper.slot
    return slot is not None and (request in slot.active or any(request is queued for _, queued, _ in slot.queue))


def is_closing(crawler: Crawler) -> bool:
    """Return whether a crawl is ending: its engine takes no more requests, and waits for what is under way."""
    engine = crawler.engine
    slot = getattr(engine, "_slot", None)  # no public name tells it from an engine that has enough for the moment
    if engine is None or slot is None or engine.scraper.slot is None:
        return False
    return not engine.running or slot.closing is not None


class BodyLimits:
    """Scrapy extension that ends a download at its limit and keeps what came.

    The limit of size is `DOWNLOAD_MAXSIZE`, or `BODY_LIMIT`; that of time is DOWNLOAD_TIMEOUT, from the request on.
    `budget` is that of the bodies of all responses together.
    """

    def __init__(self, limit: int, timeout: float, budget: BodyBudget) -> None:
        self._limit = limit
        self._timeout = timeout
        self.budget = budget
        self._bodies: WeakKeyDictionary[Request, list[float]] = WeakKeyDictionary()  # size so far, deadline
        self._stopped: WeakKeyDictionary[Request, bool] = WeakKeyDictionary()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to the signals of a crawl's downloads."""
        budget = BodyBudget(lambda request: is_under_way(crawler, request))
        settings = crawler.settings
        limits = cls(settings.getint("DOWNLOAD_MAXSIZE"), settings.getfloat("DOWNLOAD_TIMEOUT"), budget)
        crawler.signals.connect(limits.headers_received, signal=signals.headers_received)
        crawler.signals.connect(budget.end, signal=CUT_SHORT)
        crawler.signals.connect(limits.bytes_received, signal=signals.bytes_received)
        return limits

    def was_stopped(self, request: Request) -> bool:
        """Return whether the download of a request was ended at its limit."""
        return request in self._stopped

    def headers_received(self, headers: Headers, body_length: object, request: Request) -> None:
        """Begin to count, for each download; raise StopDownload where the stated length is too large."""
        del headers
        meta = request.meta
        timeout = meta.get("download_timeout", self._timeout)
        deadline = (
            time.monotonic() - meta.get("download_latency", 0.0) + timeout - min(_MARGIN, timeout * _MARGIN_SHARE)
        )
        self._bodies[request] = [0.0, deadline]
        self._stopped.pop(request, None)
        meta.pop(CUT, None)
        limit = body_limit(request, self._limit)
        if isinstance(body_length, int) and 0 < limit < body_length and not keeps_beginning(request):
            self._cut(request, "length", limit)

    def bytes_received(self, data: bytes, request: Request) -> None:
        """Raise StopDownload, which keeps the response, where a body is over its limit of size or time."""
        body = self._bodies.get(request)
        if body is None:
            return
        body[0] += len(data)
        limit = body_limit(request, self._limit)
        if 0 < limit < body[0]:
            self._cut(request, "length", limit)
        if time.monotonic() > body[1]:
            self._cut(request, "time", limit)

    def _cut(self, request: Request, why: str, limit: int) -> None:
        self._stopped[request] = True
        request.meta[CUT], request.meta[CUT_LIMIT] = why, limit
        raise StopDownload(fail=False)


class DecompressionMiddleware(HttpCompressionMiddleware):
    """Scrapy's middleware for Content-Encoding, with the bounded decoders of `saaf.corpus.content_codings`.

    It takes its place (590). What cannot be unpacked, or only to more than the limit, is refused with a reason; the
    raw response is in the WARC already. Answers other than 200 pass: their status is what counts.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler=crawler)
        self._crawler = crawler
        self._limit = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        limits = crawler.get_extension(BodyLimits) if crawler.extensions else None
        self._budget = limits.budget if limits is not None else None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware of a crawl."""
        return cls(crawler)

    async def process_response(  # type: ignore[override]  # Scrapy awaits what a middleware returns
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Response:
        """Return the response with its body unpacked; raise `RefusedRequest` where it is too large or damaged."""
        del spider
        limit = body_limit(request, self._limit)
        cut_is_enough = keeps_beginning(request, request.meta.get(CUT))
        if TRUNCATED_FLAG in response.flags and response.status == 200 and not cut_is_enough:
            refusal = cut_refusal(str(request.meta.get(CUT)), request)  # where there is no capture, which does the same
            raise refuse_response(self._crawler, response, refusal.state, refusal.reason)
        codings = _names(response)
        if not codings or request.method == "HEAD":
            return response
        headers = (("content-encoding", ", ".join(codings)),)

        def unpack() -> Unpacked:
            return decode_body(headers, response.body, limit=limit or _NO_LIMIT)

        def added(found: Unpacked) -> int:
            return 0 if found.body is response.body or found.problem is Problem.OVER_LIMIT else len(found.body)

        unpacked = await self._budget.load(request, unpack, added) if self._budget is not None else unpack()
        problem = None
        if response.status == 200 and not cut_is_enough:
            problem = _problem(codings, unpacked, limit, decoded=unpacked.body is not response.body)
        if problem is not None:
            state, reason = problem
            del unpacked  # the exception's traceback would keep it until the spider has seen the exception
            raise refuse_response(self._crawler, response, state, f"{reason}; the WARC has it as it came")
        plain = response.replace(body=unpacked.body)
        del plain.headers["Content-Encoding"]
        kind = responsetypes.from_args(headers=plain.headers, url=plain.url, body=plain.body)
        return plain.replace(cls=kind, encoding=None) if issubclass(kind, TextResponse) else plain.replace(cls=kind)


def _problem(codings: list[str], unpacked: Unpacked, limit: int, *, decoded: bool) -> tuple[State, str] | None:
    """Return state and reason of a body that is over the limit, or still packed; None where it can be read."""
    named = ", ".join(codings)
    if unpacked.problem is Problem.OVER_LIMIT:
        return (
            State.OVER_BUDGET,
            f"its body ({named}) unpacks to more than the limit of {limit} bytes (DOWNLOAD_MAXSIZE)",
        )
    unknown = ", ".join(name for name in codings if name not in CODINGS)
    nothing = unpacked.problem is Problem.TRUNCATED and not unpacked.body.strip()
    if not nothing and ((decoded and not unknown) or control_share(unpacked.body[:4096]) <= _NOT_PACKED_SHARE):
        return None  # or text that was never packed, whatever its header says
    if unknown:
        return State.UNREADABLE, f"its Content-Encoding ({unknown}) is none that the crawl can undo"
    return State.UNREADABLE, f"its Content-Encoding ({named}) could not be undone: the body is damaged"


def _names(response: Response) -> list[str]:
    """Return the codings that a response names, those that stand for none left out."""
    values = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1").lower()
    return [name.strip() for name in values.split(",") if name.strip() not in ("", "identity", "none")]
