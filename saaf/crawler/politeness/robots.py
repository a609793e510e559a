"""Downloader middleware for robots.txt (RFC 9309): read once for each origin; without an answer, nothing is fetched.

An origin is scheme, host and port. A file that exists is obeyed; one that does not (4xx) allows everything; where it
cannot be read (5xx, 429, time-out, broken connection) nothing is fetched, and it is asked for again a few times.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http.request import NO_CALLBACK

from saaf.cleaning.text.urls import path_of
from saaf.corpus.ledger import State
from saaf.crawler.capture.exchanges import CutBodyError
from saaf.crawler.config import config_of
from saaf.crawler.frontier.outcomes import robots_note, says_what_robots_allow
from saaf.crawler.frontier.stored_requests import FALLBACK, KIND
from saaf.crawler.guards.addresses import DEFAULT_PORTS, authority
from saaf.crawler.guards.body_limits import BODY_LIMIT
from saaf.crawler.guards.failure_reasons import failure_of, is_unreachable
from saaf.crawler.guards.redirects import REDIRECTS_LEFT, TooManyRedirectsError
from saaf.crawler.guards.refusals import RefusedRequest, RequestNotSent
from saaf.crawler.pages import FETCHED_AT
from saaf.crawler.politeness.downloader import PoliteDownloader, is_http
from saaf.crawler.politeness.robots_rules import MAX_BYTES, Rfc9309Parser

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from scrapy.crawler import Crawler
    from scrapy.http import Response

SHARED_FLAG = "robots-shared"
"""Scrapy flag of a robots.txt that is given to a spider from memory: it is in the WARC already."""
MAX_AGE = 24 * 3600.0
"""Seconds after which a robots.txt is read again (RFC 9309, section 2.4)."""
MAX_FILES = 10_000
"""Files in memory; with more, the one that was read first is read again when it is needed (from the capture's WARC)."""
MAX_MEMORY = 48 << 20
"""Bytes that those in memory take at most, all together; one file of 512 KiB can have rules of 6 MB."""
MAX_REDIRECTS = 5
"""Redirects that are followed; behind more of them the file counts as one that does not exist (section 2.3.1.2)."""
RETRY_FACTOR = 5
"""The first pause before another attempt, in back-offs (SAAF_BACKOFF)."""
FALLBACK_SECONDS = 10.0
"""The longest wait for a robots.txt whose request has another URL to fall back to (http where https is silent)."""
_FILE_BYTES = 2_000  # of the objects of a file without its body and rules
_TICK = 0.2  # seconds between two looks at whether the crawl is ending
_FETCH = "saaf_robots_fetch"  # key of request.meta of the middleware's own requests


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsFile:
    """The robots.txt of an origin as it was read.

    `rules` are None where it could not be read: then nothing of the origin is fetched, `reason` says why, and `state`
    is the ledger's. `response` is what the server said, with its body unpacked; None where it said nothing.
    `read_at` is seconds of the monotonic clock.
    """

    rules: Rfc9309Parser | None
    response: Response | None = field(default=None, repr=False)
    fetch: Request | None = field(default=None, repr=False)
    state: State = State.BLOCKED_BY_ROBOTS
    reason: str = ""
    is_final: bool = True
    read_at: float = 0.0

    @property
    def size(self) -> int:
        """About how many bytes of memory the file takes."""
        body = len(self.response.body) if self.response is not None else 0
        return _FILE_BYTES + body + (self.rules.size if self.rules is not None else 0)


class RobotsFiles:
    """The files in memory by origin, at most `MAX_FILES` and `MAX_MEMORY`: the oldest are forgotten first."""

    def __init__(self) -> None:
        self._files: dict[str, RobotsFile] = {}
        self.size = 0  # bytes

    def get(self, origin: str) -> RobotsFile | None:
        """Return the file of an origin, None where there is none in memory."""
        return self._files.get(origin)

    def put(self, origin: str, file: RobotsFile) -> None:
        """Keep a file instead of the one that the origin had."""
        known = self._files.pop(origin, None)
        self.size += file.size - (known.size if known is not None else 0)
        self._files[origin] = file
        while len(self._files) > 1 and (len(self._files) > MAX_FILES or self.size > MAX_MEMORY):
            self.size -= self._files.pop(next(iter(self._files))).size


class RobotsMiddleware:
    """Downloader middleware in the place of Scrapy's `RobotsTxtMiddleware` (100).

    A request of a spider for /robots.txt is answered with the same response: a server is asked once. The signal
    `robots_parsed` is sent as Scrapy does. The product tokens are that of USER_AGENT and ROBOTSTXT_USER_AGENT.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        if not settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        config = config_of(crawler)
        self._tokens = config.agent
        self._attempts = 1 + (settings.getint("RETRY_TIMES") if config.live else 0)
        self._backoff = config.host_limits.backoff * RETRY_FACTOR
        self._crawler = crawler
        self._files = RobotsFiles()
        self._unanswered: dict[str, RobotsFile] = {}  # of origins that a request with another URL gave up
        self._fetches: dict[str, asyncio.Task[RobotsFile]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware; raise NotConfigured where ROBOTSTXT_OBEY is off."""
        return cls(crawler)

    def file(self, url: str) -> RobotsFile | None:
        """Return the robots.txt of a URL's origin as it was read, None where it was not read so far."""
        return self._files.get(_origin(url))

    async def process_request(self, request: Request) -> Response | None:
        """Raise `RefusedRequest` where robots.txt, or the lack of an answer for it, forbids a request."""
        if request.meta.get(_FETCH) or not is_http(request):
            return None
        asks_for_it = path_of(request.url) == "/robots.txt"
        if request.meta.get("dont_obey_robotstxt") and not asks_for_it:
            return None
        known = await self._file(request)
        if asks_for_it:
            return _shared(known, request)
        if known.rules is None:
            raise RefusedRequest(known.state, known.reason)
        if not known.rules.allowed(request.url, self._tokens):
            self._crawler.stats.inc_value("robotstxt/forbidden")
            raise RefusedRequest(State.BLOCKED_BY_ROBOTS, "the site's robots.txt does not allow it")
        return None

    async def _file(self, request: Request) -> RobotsFile:
        """Return the robots.txt of a request's origin, read where that was not done in the last 24 hours."""
        origin = _origin(request.url)
        known = self._files.get(origin)
        if known is not None and time.monotonic() - known.read_at < MAX_AGE:
            return known
        if FALLBACK in request.meta and origin in self._unanswered:
            return self._unanswered[origin]
        task = self._fetches.get(origin)
        if task is None:
            task = self._fetches[origin] = asyncio.ensure_future(self._read(origin, request))
            task.add_done_callback(lambda _: self._fetches.pop(origin, None))
        with self._held(request):
            return await asyncio.shield(task)

    async def _read(self, origin: str, request: Request) -> RobotsFile:
        """Ask for a robots.txt, again after a pause while it cannot be read, and remember what came of it.

        Where the request has another URL to fall back to, and no answer comes, it is asked for once: that URL is next.
        """
        has_fallback = FALLBACK in request.meta
        for attempt in range(self._attempts):
            if attempt:
                await self._pause(origin, self._backoff * 2 ** (attempt - 1))
            found = await self._ask(origin, seconds=FALLBACK_SECONDS if has_fallback else None)
            if found.rules is not None or found.is_final:
                break
            if has_fallback and found.response is None:
                self._unanswered[origin] = found
                return found
        known = self._files.get(origin)
        if found.rules is None and known is not None and known.rules is not None:
            found = known  # section 2.4: an old one is used while the server does not give it
        found = replace(found, read_at=time.monotonic())
        self._files.put(origin, found)
        if found.rules is not None:
            await self._announce(found.rules, origin, request)
        return found

    async def _ask(self, origin: str, *, seconds: float | None = None) -> RobotsFile:
        """Return what one request for a robots.txt gives, in so many seconds at most; None is DOWNLOAD_TIMEOUT."""
        meta: dict[str, Any] = {
            "dont_obey_robotstxt": True, "dont_retry": True, "allow_offsite": True, "handle_httpstatus_all": False,
            _FETCH: True, KIND: "robots", BODY_LIMIT: MAX_BYTES + 1, REDIRECTS_LEFT: MAX_REDIRECTS,
        }  # fmt: skip
        if seconds is not None:
            meta["download_timeout"] = min(seconds, self._crawler.settings.getfloat("DOWNLOAD_TIMEOUT") or seconds)
        fetch = Request(f"{origin}/robots.txt", priority=1000, meta=meta, callback=NO_CALLBACK, dont_filter=True)
        self._crawler.stats.inc_value("robotstxt/request_count")
        try:
            response = await self._crawler.engine.download_async(fetch)
        except RequestNotSent:
            raise
        except TooManyRedirectsError as error:
            return RobotsFile(rules=Rfc9309Parser(b""), state=error.state, reason=error.reason)
        except Exception as error:
            return _unreadable(error)
        self._crawler.stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        return _read_response(response)

    async def _announce(self, rules: Rfc9309Parser, origin: str, request: Request) -> None:
        """Tell the downloader the Crawl-delay, and whoever listens that a robots.txt was read."""
        downloader = self._downloader
        if downloader is not None:
            downloader.set_crawl_delay(origin, rules.crawl_delay(self._tokens))
        await self._crawler.signals.send_catch_log_async(
            signal=signals.robots_parsed, robotparser=rules, request=request
        )

    async def _pause(self, origin: str, seconds: float) -> None:
        """Wait before another attempt; raise `RequestNotSent` where the crawl ends meanwhile."""
        downloader = self._downloader
        if downloader is not None:
            downloader.delay_host(authority(origin), seconds)
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if downloader is not None and downloader.is_closing:
                raise RequestNotSent("the crawl ended before robots.txt was read")
            await asyncio.sleep(min(left, _TICK))

    def _held(self, request: Request) -> AbstractContextManager[None]:
        downloader = self._downloader
        return nullcontext() if downloader is None else downloader.held(request)

    @property
    def _downloader(self) -> PoliteDownloader | None:
        downloader: Any = self._crawler.engine.downloader if self._crawler.engine else None
        return downloader if isinstance(downloader, PoliteDownloader) else None


def _read_response(response: Response) -> RobotsFile:
    """Return the file that a response is (RFC 9309, section 2.3.1)."""
    status = response.status
    if 200 <= status < 300 and status != 206:
        return RobotsFile(rules=Rfc9309Parser(response.body), response=response, fetch=response.request)
    if status >= 400 and says_what_robots_allow(status):
        return RobotsFile(rules=Rfc9309Parser(b""), response=response, fetch=response.request)
    note = f", {robots_note(status)}" if status < 500 else ""
    # 429 is not "there is none" but "not now": to take it for leave to fetch everything would answer a plea for less
    # with more.
    return RobotsFile(
        rules=None,
        response=response,
        fetch=response.request,
        is_final=False,
        reason=_reason(f"HTTP status {status}{note}"),
    )


def _unreadable(error: Exception) -> RobotsFile:
    """Return the file of an origin that gave no answer for it."""
    state, reason = failure_of(error)
    is_final = isinstance(error, IgnoreRequest) and not isinstance(error, CutBodyError)
    if not is_final and not is_unreachable(error):
        state = State.BLOCKED_BY_ROBOTS
    return RobotsFile(rules=None, state=state, reason=_reason(reason), is_final=is_final)


def _reason(what: str) -> str:
    return (
        f"robots.txt could not be read ({what}): nothing of the host is fetched without it (RFC 9309); "
        "the next crawl asks again"
    )


def _shared(known: RobotsFile, request: Request) -> Response:
    """Return the response for a spider that asks for a robots.txt; raise `RefusedRequest` where there is none."""
    if known.response is None:
        raise RefusedRequest(known.state, known.reason)
    if known.rules is None and known.response.status < 300:  # of others a spider knows that they are no file
        raise RefusedRequest(State.HTTP_ERROR, known.reason)
    fetched_at = known.fetch.meta.get(FETCHED_AT) if known.fetch else None
    if fetched_at is not None:
        request.meta[FETCHED_AT] = fetched_at
    flags = [*known.response.flags, SHARED_FLAG]
    return known.response.replace(flags=flags, request=request)


def _origin(url: str) -> str:
    """Return scheme, host and port of a URL, without the scheme's own port: the beginning of its robots.txt's URL."""
    scheme = urlsplit(url).scheme
    return f"{scheme}://{authority(url).removesuffix(f':{DEFAULT_PORTS.get(scheme)}')}"
