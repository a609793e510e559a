"""Plans of requests: from links to requests with a kind and a priority, or to the reason why there is none.

Breadth first: priority falls with rank (`saaf.crawler.discovery.lineage`), which is depth (DEPTH_PRIORITY) unless
addresses of one template have no end, so that of two pages the nearer one is first. At one rank, lists come before
pages, because they lead on, and newer pages before older ones. Sitemaps and feeds come before all pages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from saaf.corpus.ledger import State
from saaf.crawler.discovery.alternates import main_address
from saaf.crawler.discovery.depth import SAME_LIST, is_same_list
from saaf.crawler.discovery.lineage import LINEAGE, STEP, Lineage
from saaf.crawler.discovery.sitemaps import MAX_BYTES
from saaf.crawler.discovery.window import Window, date_in_url, read_date
from saaf.crawler.frontier.stored_requests import KIND, LASTMOD, PART

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from saaf.crawler.discovery.sitemaps import Entry
    from saaf.crawler.discovery.traps import Traps

DEPTH_PRIORITY: Final = 100_000
"""What one step of depth takes from the priority of a request: more than kind and date can add."""
MAX_INDEX_DEPTH: Final = 4
"""Sitemap indexes that may stand one in another; the protocol allows one."""
INDEX_DEPTH: Final = "saaf_index_depth"
"""Key of request.meta: the number of sitemap indexes that led to a sitemap."""
START: Final = "saaf_start"
"""Key of request.meta: True for a start URL, which is requested whatever its address looks like."""
ALTERNATE: Final = "saaf_alternate"
"""Key of request.meta: the AMP or print version in whose place a URL is requested; asked for should that fail."""

_STEP: Final = 10_000_000
_PRIORITIES: Final = {"robots": 9, "news": 8, "feed": 7, "dated": 6, "sitemap": 5, "part": 4}
_LIST_BONUS: Final = 50_000
_RECENT_DAYS: Final = 40_000
_EPOCH: Final = date(2000, 1, 1).toordinal()
_NEWS: Final = re.compile(r"(?<![a-z])news(?![a-z])", re.IGNORECASE)
_LISTS: Final = re.compile(
    r"/(?:archives?|categor(?:y|ies)|categoria|kategorie|rubri[ck]\w*|sections?|topics?|themen?|tags?|authors?|seccion"
    r"|channels?|page)(?:/|$)|/page[-_/]?\d+/?$|/(?:19|20)\d\d/(?:\d\d?/)?$",
    re.IGNORECASE,
)
_LIST_QUERY: Final = re.compile(r"(?:^|[?&])(?:page|paged|p|offset|start|cat|category|tag)=", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A URL that a crawl found, and what is known of it before it is requested.

    `kind` is "robots", "sitemap", "feed", "list" or "page". `modified` and `published` are dates as a sitemap or feed
    has them, None where it has none. `listed` is True for what a sitemap, feed or robots.txt names: it is as near to
    the start as a start URL. `meta` goes into the request.
    """

    url: str
    kind: str = "page"
    modified: str | None = None
    published: str | None = None
    listed: bool = False
    meta: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of_entry(cls, entry: Entry, url: str, kind: str) -> Link:
        """Return the link of an entry of a sitemap or feed, whose URL was tidied to `url`."""
        return cls(url=url, kind=kind, modified=entry.modified, published=entry.published, listed=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be requested: URL, priority without that of its depth, and meta."""

    url: str
    priority: int
    meta: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Planner:
    """Decides which links are requested, and in which order.

    `refuse` is called with the URL, state and reason of each link that is not. `may_follow` says whether a spider wants
    a URL.
    """

    window: Window
    traps: Traps
    refuse: Callable[[str, State, str], None]
    may_follow: Callable[[str], bool] = bool
    amp_pages: dict[str, str] = field(default_factory=dict)

    def plan(
        self, link: Link, *, index_depth: int = 0, page: str | None = None, meta: Mapping[str, Any] | None = None
    ) -> Plan | None:
        """Return what to request for a link, None where nothing is.

        `index_depth` is the number of sitemap indexes that led to it. `page` is the address of the page that names it,
        None for a start URL, and `meta` the meta of that page's request.
        """
        plan = self._plan(link, index_depth)
        if plan is None or page is None or "depth_reset" in plan.meta or plan.meta[KIND] not in ("list", "page"):
            return plan
        lineage = self.traps.order.lineage(plan.url, page, Lineage.of_meta(meta or {}))
        same_list = {SAME_LIST: True} if is_same_list(plan.url, page) else {}
        depth = (meta or {}).get("depth", 0) + (not same_list)  # what the depth takes off, for which the rank stands in
        priority = plan.priority + (depth - lineage.rank // STEP) * DEPTH_PRIORITY
        return replace(plan, priority=priority, meta={**plan.meta, **same_list, LINEAGE: lineage.to_meta()})

    def _plan(self, link: Link, index_depth: int) -> Plan | None:
        if link.kind == "sitemap" and index_depth > MAX_INDEX_DEPTH:
            reason = f"a sitemap index that stands in {MAX_INDEX_DEPTH} others is not followed"
            self.refuse(link.url, State.OVER_BUDGET, reason)
            return None
        is_page = link.kind in ("list", "page") and START not in link.meta
        if (is_page or link.kind == "sitemap") and (outside := self._outside(link)):
            self.refuse(link.url, State.OUTSIDE_WINDOW, outside)
            return None
        meta = {**link.meta, KIND: link.kind}
        if span := read_date(link.modified or link.published):
            meta[LASTMOD] = span.last.isoformat()
        if link.kind == "sitemap":
            meta |= {INDEX_DEPTH: index_depth, "download_maxsize": MAX_BYTES}
        if link.listed or link.kind in ("sitemap", "feed"):
            meta["depth_reset"] = True
        if is_page:
            return self._plan_page(link, meta)
        return Plan(url=link.url, priority=priority_of(link), meta=meta)

    def _outside(self, link: Link) -> str | None:
        published = link.published if link.kind == "page" else None
        return self.window.outside(modified=link.modified, published=published, url=link.url)

    def _plan_page(self, link: Link, meta: dict[str, Any]) -> Plan | None:
        """Return the plan for a link of a page: not in a trap, and not to another version of a page."""
        if not link.listed and (trap := self.traps.refusal(link.url)):
            self.refuse(link.url, State.TRAP, trap)
            return None
        if link.url in self.amp_pages:
            self.refuse(link.url, State.ALTERNATE, f"the AMP version of {self.amp_pages[link.url]}")
            return None
        main = main_address(link.url)
        if main is None or not self.may_follow(main[0]):
            return Plan(url=link.url, priority=priority_of(link), meta=meta)
        self.refuse(link.url, State.ALTERNATE, f"by its form the {main[1]} version of {main[0]}, which is requested")
        return Plan(url=main[0], priority=priority_of(link), meta={**meta, ALTERNATE: link.url})

    def add_amp_page(self, amp: str, url: str) -> None:
        """Remember that `amp` is the AMP version of the page at `url`."""
        if len(self.amp_pages) >= 20_000:
            self.amp_pages.clear()  # they cost a request each from here on, and nothing is lost
        self.amp_pages[amp] = url


def priority_of(link: Link) -> int:
    """Return the priority of a link's request, without what its depth takes from it."""
    name = link.kind
    if name == "sitemap":
        dated = link.modified is not None or date_in_url(link.url) is not None
        name = "news" if _NEWS.search(link.url.rpartition("/")[2]) else "dated" if dated else name
    elif PART in link.meta:
        name = "part"
    recent = _recency(link)
    if name in _PRIORITIES:
        return _PRIORITIES[name] * _STEP + recent
    if link.listed and not recent:
        recent -= DEPTH_PRIORITY  # without a date it is worth no more than a link of the front page
    return _LIST_BONUS if name == "list" else recent


def _recency(link: Link) -> int:
    span = read_date(link.modified) or read_date(link.published) or date_in_url(link.url)
    return min(max(span.last.toordinal() - _EPOCH, 0), _RECENT_DAYS) if span else 0


def guess_kind(url: str) -> str:
    """Return "list" for a URL that looks like an archive or section page, "page" for any other."""
    address, _, query = url.partition("?")
    return "list" if _LISTS.search(address) or (query and _LIST_QUERY.search(query)) else "page"
