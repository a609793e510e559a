"""Download handler for http and https that no server can lead astray: addresses, certificates, sizes.

It is Scrapy's handler for HTTP/1.1, with the address policy at connect time, verified certificates, a limit on the head
of a response, and bodies that end at the limit instead of being lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import twisted.internet
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _ScrapyAgent,
)
from scrapy.exceptions import CannotResolveHostError, DownloadFailedError
from scrapy.http import TextResponse
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future

from saaf.corpus.ledger import State
from saaf.crawler.capture.exchanges import DAMAGED_FLAG
from saaf.crawler.config import config_of
from saaf.crawler.guards.addresses import port_of
from saaf.crawler.guards.body_budget import SpooledBody
from saaf.crawler.guards.body_limits import TRUNCATED_FLAG, BodyLimits
from saaf.crawler.guards.refusals import CUT_SHORT, RefusedRequest, RequestNotSent
from saaf.crawler.guards.resolver import guard_reactor
from saaf.crawler.guards.response_parser import CHUNKS_DAMAGED, LimitedPool
from saaf.crawler.guards.tls import VerifyingContextFactory
from saaf.crawler.guards.tls_mode import TlsMode

if TYPE_CHECKING:
    from asyncio import Future
    from pathlib import Path

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.defer import Deferred
    from twisted.web.iweb import IPolicyForHTTPS

_ENDED = "the crawl ended before the answer was there"
CERTIFICATE_FLAG = "certificate-not-verified"
"""Scrapy flag of a response whose certificate could not be verified, where SAAF_TLS=record."""


class GuardedDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's handler for HTTP/1.1 with the guards of this package.

    A proxy (`http_proxy` and its like, or `meta["proxy"]`) is the user's own: its address is not checked. It resolves
    names itself, so that addresses behind it are checked only where a URL spells them.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        config = config_of(crawler)
        self._policy = config.addresses
        self._mode = config.tls
        self._stats = crawler.stats
        self._directory = config.capture_path if config.capture else None
        self._limits = crawler.get_extension(BodyLimits)
        self._under_way: set[Deferred[Response] | Future[Any]] = set()
        self._is_cut_short = False
        crawler.signals.connect(self.cut_short, signal=CUT_SHORT)
        if self._limits is not None:
            self._default_maxsize = 0  # Scrapy would throw the body away at the limit; BodyLimits stops it there
        untyped: Any = LimitedPool
        pool = untyped(vars(twisted.internet)["reactor"], persistent=True)
        pool.maxPersistentPerHost = self._pool.maxPersistentPerHost
        self._pool = pool
        self._certificates = VerifyingContextFactory.from_crawler(crawler, mode=config.tls)
        self._contextFactory = cast("IPolicyForHTTPS", self._certificates)

    def cut_short(self) -> None:
        """End all downloads: their requests are put back, and the next run sends them again."""
        self._is_cut_short = True
        for download in list(self._under_way):
            download.cancel()

    async def download_request(self, request: Request) -> Response:
        """Download a request; raise `RefusedRequest` where its address or its certificate forbids that."""
        resolver = guard_reactor(self._policy)
        proxy = request.meta.get("proxy")
        if proxy:
            resolver.proxies.add(urlsplit(proxy if "://" in proxy else f"http://{proxy}").hostname or "")
        parts = urlsplit(request.url)
        host, port = (parts.hostname or "").rstrip("."), port_of(parts)
        try:
            response = await self._download(request)
        except CannotResolveHostError as error:
            reason = resolver.refusal(host, port)
            if reason is None:
                raise
            raise RefusedRequest(State.REFUSED, reason) from error
        except DownloadFailedError as error:
            problem = self._certificates.problems.get((host, port)) if parts.scheme == "https" else None
            if problem is None or self._mode is TlsMode.RECORD:
                raise
            reason = f"the certificate of {host} {problem}: the page is not fetched (SAAF_TLS=record fetches it)"
            raise RefusedRequest(State.FETCH_FAILED, reason) from error
        return self._flagged(response, request, self._certificates.problems.get((host, port)))

    async def _download(self, request: Request) -> Response:
        """Return the response, with its body once there is room for that; see `saaf.crawler.guards.body_budget`."""
        if self._limits is None:
            return await super().download_request(request)
        agent = _SpoolingAgent(
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
            tls_verbose_logging=self._tls_verbose_logging,
        )
        agent.directory = self._directory
        try:
            with wrap_twisted_exceptions():
                response = await self._unless_cut_short(agent.download_request(request))
            if agent.is_damaged:
                response.flags.append(DAMAGED_FLAG)
            if agent.body is None or not agent.body.is_spooled:
                return response
            await self._limits.budget.acquire(request, agent.body.size)
            # Its class was found by the beginning of the body, as Scrapy does it; the encoding is by the whole.
            encoding = {"encoding": None} if isinstance(response, TextResponse) else {}
            return response.replace(body=agent.body.load(), **encoding)
        finally:
            if agent.body is not None:
                agent.body.close()

    async def _unless_cut_short(self, download: Deferred[Response]) -> Response:
        """Return the response of a download; raise `RequestNotSent` where the crawl ends before it is there."""
        self._under_way.add(download)
        try:
            if self.is_cut_short:
                download.cancel()
            response = await maybe_deferred_to_future(download)
        except Exception as error:
            if self.is_cut_short:
                raise RequestNotSent(_ENDED) from error
            raise
        finally:
            self._under_way.discard(download)
        if self.is_cut_short and "dataloss" in response.flags:
            raise RequestNotSent(_ENDED)
        return response

    @property
    def is_cut_short(self) -> bool:
        """Whether the crawl was asked to end, and waits no longer for downloads."""
        return self._is_cut_short

    def _flagged(self, response: Response, request: Request, problem: str | None) -> Response:
        """Return a response with the flags of what happened to it, and count them."""
        if self._limits is not None and self._limits.was_stopped(request):
            response.flags.append(TRUNCATED_FLAG)
        if problem is not None and response.url.startswith("https:"):
            response.flags.append(CERTIFICATE_FLAG)
            self._stats.inc_value(f"saaf/tls/certificate {problem}")
        return response


class _SpoolingAgent(_ScrapyAgent):
    """Scrapy's agent, which writes a large body to a file: `body` is that of the response, None where it has none.

    `is_damaged` says that the chunks of the body did not fit together.

    The response that it returns has the beginning of such a body.
    """

    directory: Path | None = None
    body: SpooledBody | None = None
    is_damaged: bool = False

    def _cb_bodydone(self, result: Any, url: str) -> Response:
        self.is_damaged = CHUNKS_DAMAGED in vars(result["txresponse"])
        return super()._cb_bodydone(result, url)

    def _cb_bodyready(self, txresponse: Any, request: Request) -> Any:
        deliver = txresponse.deliverBody

        def deliver_spooled(reader: Any) -> None:
            del txresponse.deliverBody
            self.body = SpooledBody(self.directory)
            vars(reader)["_bodybuf"] = self.body
            deliver(reader)

        txresponse.deliverBody = deliver_spooled  # the class of the reader is not a parameter
        return super()._cb_bodyready(txresponse, request)
