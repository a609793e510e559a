"""What a response leads to: its links, where they may be followed, and whether its page is outside the time window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from scrapy.http import HtmlResponse

from saaf.cleaning.html.outline import PROSE
from saaf.cleaning.text.urls import site_of
from saaf.crawler.discovery.alternates import mobile_main_address, next_part
from saaf.crawler.discovery.feeds import Feed
from saaf.crawler.discovery.kinds import base_of, meta_of, outline_of, reading_of
from saaf.crawler.discovery.lineage import Lineage
from saaf.crawler.discovery.links import LinkMemory, absolute_url, may_be_page, tidy
from saaf.crawler.discovery.planning import Link, Planner
from saaf.crawler.discovery.sitemaps import Sitemap
from saaf.crawler.frontier.stored_requests import PART, PART_OF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from scrapy.http import Response

IMMEDIATE_SECONDS: Final = 1
"""Seconds up to which a refresh is a redirect: nobody reads a page that is gone within a second. One that takes longer
is of a page to read: live blogs and front pages load themselves again."""


class Extractor:
    """The links of a crawl's responses; it remembers those that it gave.

    `wanted` says whether a spider wants a URL, `planner` what is outside the window or a trap. `guess` gives the kind
    of a link by its URL. `depth_limit` is the depth of pages whose links are not followed (DEPTH_LIMIT), 0 for none.
    """

    def __init__(self, planner: Planner, wanted: Callable[[str], bool], guess: Callable[[str], str]) -> None:
        self._planner = planner
        self._wanted = wanted
        self._guess = guess
        self._memory = LinkMemory()
        self._feeds = LinkMemory(limit=20_000)
        self.depth_limit = 0

    def listed(self, response: Response) -> Iterator[Link]:
        """Yield the links of a sitemap or feed."""
        reading = reading_of(response)
        if isinstance(reading, Sitemap):
            yield from (Link.of_entry(entry, entry.url, "sitemap") for entry in reading.sitemaps)
        if isinstance(reading, Sitemap | Feed):
            for entry in reading.entries:
                url = tidy(entry.url)
                if self._wanted(url):
                    yield Link.of_entry(entry, url, "page")

    def count(self, response: Response) -> bool:
        """Count a page for the traps, by the address that was asked for and the one that answered.

        Returns whether it has something new.
        """
        if not isinstance(response, HtmlResponse):
            return False
        text, lineage = outline_of(response).text, Lineage.of_meta(meta_of(response))
        urls = dict.fromkeys((response.url, *meta_of(response).get("redirect_urls", ())[:1]))
        news = [self._planner.traps.add(url, text, lineage) for url in urls]  # each is counted
        return any(news)

    def praise(self, response: Response) -> None:
        """Note that a page had something new; called once all that it leads to was planned."""
        self._planner.traps.order.praise(response.url, Lineage.of_meta(meta_of(response)))

    def refresh(self, response: Response) -> str | None:
        """Return where a page leads by an immediate refresh to the same site, None where it has none or is a page to
        read.
        """
        outline = outline_of(response)
        if outline.refresh is None or outline.refresh[0] > IMMEDIATE_SECONDS or outline.prose >= PROSE:
            return None
        target = absolute_url(base_of(response, outline), outline.refresh[1])
        if target is None or site_of(target) != site_of(response.url):
            return None
        return target if target.partition("#")[0] != response.url.partition("#")[0] else None

    def outside_window(self, response: Response) -> str | None:
        """Return why the page of a response is outside the time window by the dates that it declares, None where it is
        inside, or declares none.
        """
        outline = outline_of(response)
        return self._planner.window.outside(modified=outline.modified, published=outline.published, url=response.url)

    def main_address(self, response: Response) -> str | None:
        """Return the address of the page whose version for phones a response is, None where it is none."""
        main = mobile_main_address(response.url, outline_of(response))
        return main if main is not None and self._wanted(main) else None

    def next_page(self, response: Response, *, is_article: bool) -> Iterator[Link]:
        """Yield the link to the next part of an article, or to the next page of a list (`<link rel=next>`)."""
        outline = outline_of(response)
        part = next_part(response.url, outline) if is_article else None
        if part:
            url, first, number = part
            yield Link(url=url, kind="page", meta={PART_OF: first, PART: number})
        elif outline.next_page and (following := absolute_url(base_of(response, outline), outline.next_page)):
            url = tidy(following)
            if self._wanted(url) and not outline.nofollow:
                yield Link(url=url, kind=self._guess(url))

    def feeds(self, response: Response) -> Iterator[Link]:
        """Yield the links of the feeds that a page announces in its head, and no page of its host did before.

        That of the comments on the page alone is left out.
        """
        outline = outline_of(response)
        base = base_of(response, outline)
        fresh = self._feeds.unseen(base, outline.feeds)
        for href in fresh.values():
            url = absolute_url(base, href)
            if url and not _is_of_comments(url, response.url):
                yield Link(url=url, kind="feed")
        self._feeds.add(base, fresh)

    def links(self, response: Response) -> Iterator[Link]:
        """Yield the links of a page that no page of its host gave before, as far as they are wanted."""
        outline = outline_of(response)
        if outline.amp and (amp := absolute_url(base_of(response, outline), outline.amp)):
            self._planner.add_amp_page(tidy(amp), response.url)
        too_deep = self.depth_limit and meta_of(response).get("depth", 0) >= self.depth_limit
        if outline.nofollow or too_deep:
            return  # what is too deep here is not remembered: a page nearer to the start may have it, too
        base, encoding = base_of(response, outline), getattr(response, "encoding", "utf-8")
        fresh = self._memory.unseen(base, outline.links)
        for href in fresh.values():
            url = None if href[:1] == "#" and href[:2] != "#!" else absolute_url(base, href, encoding)
            if url is None or not may_be_page(url):
                continue
            url = tidy(url)
            if self._wanted(url):
                yield Link(url=url, kind=self._guess(url))
        # Not before: where a callback fails on the way, the next page gives the rest.
        self._memory.add(base, fresh)


def _is_of_comments(feed: str, page: str) -> bool:
    """Return whether a feed is that of the comments on a page, as WordPress announces one below each article."""
    own = page.partition("?")[0].partition("#")[0].rstrip("/")
    below_page = feed.startswith(f"{own}/") and own.count("/") > 2
    return "/comments/" in feed or "/comment/" in feed or (below_page and feed.count("/") > own.count("/"))


def usual_links(url: str, kind: str, paths: Sequence[str]) -> Iterator[Link]:
    """Yield the links of the usual paths of a kind on the host of a URL."""
    yield from (Link(url=urljoin(url, path), kind=kind) for path in paths)
