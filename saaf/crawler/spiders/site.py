"""Base class of spiders for one site: a subclass gives start URLs and patterns of article URLs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from scrapy import Request, Spider
from scrapy.http import HtmlResponse, Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError

from saaf.cleaning.types import Page
from saaf.corpus.ledger import State
from saaf.crawler.capture.extension import CaptureExtension
from saaf.crawler.config import config_of
from saaf.crawler.discovery import kinds as discovery
from saaf.crawler.discovery.extraction import Extractor, usual_links
from saaf.crawler.discovery.kinds import Kind, kind_of, meta_of, outline_of, robots_sitemaps
from saaf.crawler.discovery.planning import ALTERNATE, INDEX_DEPTH, START, Link, Planner, guess_kind
from saaf.crawler.discovery.traps import Traps
from saaf.crawler.discovery.window import Window, parse_day
from saaf.crawler.frontier.stored_requests import FALLBACK, KIND
from saaf.crawler.pages import page_from_response
from saaf.crawler.spiders.arguments import check_names, split_commas

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from saaf.crawler.frontier.ledger import UrlLedger

_PAUSE = 50  # links that are refused in a millisecond or two
_LISTS = ("start_urls", "allowed_domains", "sitemaps", "feeds", "usual_sitemaps", "usual_feeds")
_INSTEAD = "saaf_instead_of"  # key of request.meta: the URL that failed, in whose place this one is requested


class SiteSpider(Spider):
    """Spider that finds a site's articles by its sitemaps, feeds and links, and yields each as a `Page`.

    A subclass needs `name`, `allowed_domains`, `start_urls`, and as a rule `article`. Each takes the arguments `since`
    and `until`, the first and last day of publication that is wanted (2026-01-31).
    """

    article: str | Callable[[TextResponse], bool] | None = None
    """Test for articles: a regular expression searched in the URL, a function of the response, or None for
    `saaf.crawler.discovery.kinds.is_document`."""
    follow: str | None = None
    """A regular expression searched in the URLs of links: those of listing pages to crawl beside the start URLs. Where
    `article` is no expression, None follows every link."""
    sitemaps: Sequence[str] = ()
    """URLs of sitemaps beside those that robots.txt names."""
    feeds: Sequence[str] = ()
    """URLs of feeds beside those that pages announce."""
    shard: str = ""
    """The part of the crawl that this process does ("3/16"), all where empty; see docs/how-to/crawl-in-shards.md."""
    usual_sitemaps: Sequence[str] = ()
    """Paths of sitemaps that are tried on each host whose robots.txt names none."""
    usual_feeds: Sequence[str] = ()
    """Paths of feeds that are tried on each host whose start page announces none."""

    def __init__(self, *args: Any, since: str = "", until: str = "", **arguments: Any) -> None:
        lists = {name: split_commas(value) for name, value in arguments.items() if name in _LISTS}
        super().__init__(*args, **{**arguments, **lists})
        window = Window(since=parse_day("since", since), until=parse_day("until", until))
        self.planner = Planner(window=window, traps=Traps(), refuse=self.record_refusal, may_follow=self.should_follow)
        self.extractor = Extractor(self.planner, self.should_follow, self.kind_of_link)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Return the spider of a crawl, with the limit of traps that its settings give."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.planner.traps = Traps(config_of(crawler).trap_pages)
        spider.extractor.depth_limit = crawler.settings.getint("DEPTH_LIMIT")
        return spider

    @classmethod
    def check_arguments(cls, arguments: Mapping[str, str]) -> None:
        """Raise ValueError where the spider cannot start with these arguments (`-a`); called before the crawl.

        Names are those of parameters of `__init__` and of public attributes of the class.
        """
        check_names(cls, arguments)
        since, until = (parse_day(name, arguments.get(name, "")) for name in ("since", "until"))
        if since and until and since > until:
            raise ValueError(f"since={since} is after until={until}: give the earlier day as since")
        for name in ("article", "follow"):
            try:
                re.compile(arguments.get(name, ""))
            except re.error as error:
                raise ValueError(f"{name}={arguments[name]} is not a regular expression: {error}") from None

    @classmethod
    def check_settings(cls, settings: BaseSettings) -> None:
        """Raise ValueError where the spider cannot start with these settings; called before the crawl."""

    async def start(self) -> AsyncIterator[Any]:
        """Yield the requests for the robots.txt of each host, the sitemaps, the feeds, and the start URLs."""
        for link in self.start_links():
            if request := self.request_for(link):
                yield request

    def start_links(self) -> Iterator[Link]:
        """Yield the links that the crawl begins with."""
        hosts = dict.fromkeys(urljoin(url, "/robots.txt") for url in self.start_urls)
        yield from (Link(url=url, kind="robots") for url in hosts)
        yield from (Link(url=url, kind="sitemap") for url in self.sitemaps)
        yield from (Link(url=url, kind="feed") for url in self.feeds)
        yield from (Link(url=url, kind="list", listed=True, meta={START: True}) for url in self.start_urls)

    def parse(self, response: Response, **_: Any) -> Iterator[Request | Page | None]:
        """Yield the page of a response, if it is an article, and requests for its links.

        None comes now and then where very many links are not requested, which lets the crawl go on
        (`saaf.crawler.discovery.reading.PacingMiddleware`).

        @saaf_start
        """
        refused = 0
        for found in self.extract(response):
            if isinstance(found, Page):
                yield found
                continue
            link = found if isinstance(found, Link) else Link(url=found, kind=self.kind_of_link(found))
            request = self.request_for(link, response)
            refused += request is None
            if request is not None or refused % _PAUSE == 0:
                yield request

    def request_for(self, link: Link, response: Response | None = None) -> Request | None:
        """Return the request for a link that `response` gave, None where it is not requested; the ledger has why."""
        index_depth = 0
        if link.kind == "sitemap" and response is not None and kind_of(response) is Kind.SITEMAP:
            index_depth = response.meta.get(INDEX_DEPTH, 0) + 1
        page, meta = (response.url, meta_of(response)) if response is not None else (None, None)
        plan = self.planner.plan(link, index_depth=index_depth, page=page, meta=meta)
        if plan is None:
            return None
        if link.kind == "robots":
            plan.meta["dont_obey_robotstxt"] = True  # it may always be requested
        return Request(plan.url, errback=self.handle_failure, priority=plan.priority, meta=plan.meta)

    def handle_failure(self, failure: Failure) -> Iterator[Request]:
        """Log that a request failed, and yield those for what may stand in its place."""
        self.log_failure(failure)
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy adds it
        has_answer = isinstance(failure.value, HttpError)
        fallback = None if has_answer else request.meta.get(FALLBACK)
        # Its place is empty: the AMP or print version that it was requested for is better than nothing.
        for url in filter(None, (request.meta.get(ALTERNATE), fallback)):
            kept = (KIND, START, "depth", "dont_obey_robotstxt")
            meta: dict[str, Any] = {name: request.meta[name] for name in kept if name in request.meta}
            meta[_INSTEAD] = request.url
            if url == fallback and request.meta.get(KIND) != "robots":
                self.logger.info("%s gives no answer: %s is tried", request.url, url)
            # It may have been requested before: the phone's version of a page, which named this one.
            yield Request(url, errback=self.handle_failure, priority=request.priority, meta=meta, dont_filter=True)
        if has_answer and request.meta.get(KIND) == "robots":
            links = usual_links(request.url, "sitemap", self.usual_sitemaps)
            yield from filter(None, map(self.request_for, links))

    def log_failure(self, failure: Failure) -> None:
        """Log in one line, without a traceback, that a request failed; the ledger of URLs has the reason."""
        self.logger.debug("%s: %s", failure.request.url, failure.value)  # type: ignore[attr-defined]  # Scrapy adds it

    def extract(self, response: Response) -> Iterator[str | Link | Page]:
        """Yield the links to follow from a response, and its page if it is an article."""
        kind = kind_of(response)
        if kind is Kind.ROBOTS:
            named = list(robots_sitemaps(response))
            yield from (Link(url=url, kind="sitemap") for url in named)
            yield from () if named else usual_links(response.url, "sitemap", self.usual_sitemaps)
        elif kind in (Kind.SITEMAP, Kind.FEED):
            yield from self.extractor.listed(response)
        elif isinstance(response, TextResponse):
            yield from self._extract_page(response)

    def _extract_page(self, response: TextResponse) -> Iterator[Link | Page]:
        extractor, is_document = self.extractor, False
        is_new = extractor.count(response)
        if target := extractor.refresh(response):
            self._record_discovery(response.url, f"a refresh leads at once to {target}")
            yield Link(url=target, kind="page")
        elif self.is_article(response):
            rejected = extractor.outside_window(response)
            main = None if _INSTEAD in meta_of(response) else extractor.main_address(response)
            if rejected is not None:
                self._record_rejection(response.url, State.OUTSIDE_WINDOW, rejected)
            elif main is not None:
                reason = f"the version for phones of {main}, which is requested"
                self._record_rejection(response.url, State.ALTERNATE, reason)
                yield Link(url=main, kind="page", meta={ALTERNATE: response.url})
            else:
                yield page_from_response(response)
                is_document = True
        if not isinstance(response, HtmlResponse):
            return
        yield from extractor.next_page(response, is_article=is_document)
        yield from extractor.feeds(response)
        if meta_of(response).get(START) and not outline_of(response).feeds:
            yield from usual_links(response.url, "feed", self.usual_feeds)
        yield from extractor.links(response)
        if is_new:
            extractor.praise(response)

    def is_article(self, response: TextResponse) -> bool:
        """Return whether a response is a document of the corpus."""
        if self.article is None:
            return discovery.is_document(response)
        if isinstance(self.article, str):
            return re.search(self.article, response.url) is not None
        return self.article(response)

    def should_follow(self, url: str) -> bool:
        """Return whether a link is requested; links to other hosts are filtered and counted later."""
        patterns = [pattern for pattern in (self.article, self.follow) if isinstance(pattern, str)]
        if not isinstance(self.article, str) and self.follow is None:
            return True
        return any(re.search(pattern, url) for pattern in patterns)

    def kind_of_link(self, url: str) -> str:
        """Return "list" for a link that looks like an archive or section page, which is requested first, or "page"."""
        if isinstance(self.article, str) and re.search(self.article, url):
            return "page"
        return "list" if self.follow is not None and re.search(self.follow, url) else guess_kind(url)

    def record_refusal(self, url: str, state: State, reason: str) -> None:
        """Record in the ledger a URL that is not requested."""
        if ledger := self._ledger():
            ledger.failed(url, state, reason)

    def _record_rejection(self, url: str, state: State, reason: str) -> None:
        if ledger := self._ledger():
            ledger.refused(url, state, reason)

    def _record_discovery(self, url: str, reason: str) -> None:
        if ledger := self._ledger():
            ledger.discovery(url, reason)

    def _ledger(self) -> UrlLedger | None:
        """Return the ledger of URLs, None where nothing is captured: in `scrapy shell`, or without a crawl."""
        crawler = getattr(self, "crawler", None)
        capture = crawler.get_extension(CaptureExtension) if crawler is not None and crawler.extensions else None
        return capture.ledger if capture is not None else None
