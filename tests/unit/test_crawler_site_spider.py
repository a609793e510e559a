"""What a `SiteSpider` makes of a response: pages, requests, and refusals."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError

from saaf.cleaning.types import Page
from saaf.crawler.discovery.planning import Link
from saaf.crawler.spiders.news import NewsSpider
from saaf.crawler.spiders.site import SiteSpider

BASE = "https://www.example.org"
PROSE = "<p>The harbour wall was repaired by forty people over three weekends, and the gauge was put back.</p>" * 5


class Site(SiteSpider):
    name = "site"


def answer(body: str, path: str = "/a/story", head: str = "", **meta: Any) -> HtmlResponse:
    url = BASE + path
    request = Request(url, meta={"saaf_fetched_at": datetime.now(UTC), "depth": 1, **meta})
    content = f"<html><head>{head}</head><body>{body}</body></html>"
    return HtmlResponse(url, body=content.encode(), encoding="utf-8", request=request)


def found(spider: SiteSpider, response: Response) -> tuple[list[str], list[str]]:
    """Return the paths of the pages and of the requests that a response gives."""
    results = list(spider.parse(response))
    pages = [(one.url or "").removeprefix(BASE) for one in results if isinstance(one, Page)]
    return pages, [one.url.removeprefix(BASE) for one in results if isinstance(one, Request)]


def not_found(request: Request) -> Any:
    """Return the failure that Scrapy passes to an errback for an answer with status 404."""
    error = HttpError(Response(request.url, status=404), "Ignoring non-200 response")
    return SimpleNamespace(request=request, value=error)


def test_requests_can_be_stored_and_made_again() -> None:
    spider = Site()
    response = answer(PROSE + "<a href=/b>b</a>", head="<link rel=alternate type='application/rss+xml' href=/rss>")
    for request in (one for one in spider.parse(response) if isinstance(one, Request)):
        stored = request.to_dict(spider=spider)
        assert stored["errback"] == "handle_failure"
        assert json.loads(json.dumps(stored["meta"])) == request.meta


@pytest.mark.parametrize(
    ("refresh", "followed"),
    [("0;url=/b", True), ("1;url=/b", True), ("2;url=/b", False), ("0;url=/a/story", False), ("0", False),
     ("0;url=https://elsewhere.example/b", False)],
)  # fmt: skip
def test_only_an_immediate_refresh_to_the_same_site_is_followed(refresh: str, followed: bool) -> None:
    head = f"<meta http-equiv=refresh content='{refresh}'>"
    assert found(Site(), answer("<p>Please wait.</p>", head=head)) == (([], ["/b"]) if followed else (["/a/story"], []))
    assert found(Site(), answer(PROSE, head=head))[0] == ["/a/story"], "a page to read stays, whatever it says"


def test_the_next_part_of_an_article_is_first_and_says_whose_it_is() -> None:
    response = answer(PROSE + "<a href=/b>b</a>", head="<link rel=next href='/a/story?page=2'>")
    part, other = (one for one in Site().parse(response) if isinstance(one, Request))
    assert part.url == f"{BASE}/a/story?page=2"
    assert (part.meta["saaf_part_of"], part.meta["saaf_part"]) == (f"{BASE}/a/story", 2)
    assert part.priority > other.priority


def test_a_list_leads_to_its_next_page_though_no_link_does() -> None:
    menu = "".join(f"<a href=/n/{number}>{number}</a>" for number in range(4))
    response = answer(menu, path="/news", head="<link rel=next href='/news?page=2'>")
    assert found(Site(), response) == ([], ["/news?page=2", "/n/0", "/n/1", "/n/2", "/n/3"])


def test_feeds_are_announced_once_and_those_of_comments_left_out() -> None:
    spider = Site()
    hrefs = ("/feed/", "/comments/feed/", "/a/story/feed/")
    head = "".join(f"<link rel=alternate type='application/rss+xml' href='{href}'>" for href in hrefs)
    assert found(spider, answer(PROSE, head=head)) == (["/a/story"], ["/feed/"])
    assert found(spider, answer(PROSE, path="/a/other", head=head)) == (["/a/other"], [])


def test_a_page_for_phones_gives_way_to_the_page_and_comes_back_where_that_fails() -> None:
    spider = Site()
    request = Request("https://m.example.org/n/1", meta={"saaf_fetched_at": datetime.now(UTC)})
    body = f"<link rel=canonical href='{BASE}/n/1'>{PROSE}".encode()
    response = HtmlResponse(request.url, body=body, encoding="utf-8", request=request)
    (main,) = spider.parse(response)
    assert isinstance(main, Request)
    assert main.url == f"{BASE}/n/1"
    (again,) = spider.handle_failure(not_found(main))
    assert again.url == "https://m.example.org/n/1"
    again.meta["saaf_fetched_at"] = datetime.now(UTC)
    assert [type(one) for one in spider.parse(response.replace(request=again))] == [Page]


def test_usual_paths_are_tried_where_a_site_names_none() -> None:
    spider = NewsSpider(sites=f"{BASE}/")
    robots = Request(f"{BASE}/robots.txt", meta={"saaf_kind": "robots"})
    empty = TextResponse(robots.url, body=b"User-agent: *", request=robots)
    assert found(spider, empty)[1][0] == "/sitemap.xml"
    named = TextResponse(robots.url, body=b"Sitemap: /own.xml", request=robots)
    assert found(spider, named)[1] == ["/own.xml"]
    assert next(spider.handle_failure(not_found(robots))).url == f"{BASE}/sitemap.xml"
    start: dict[str, Any] = {"saaf_start": True, "saaf_kind": "list"}
    assert "/feed" in found(spider, answer("<p>x</p>", path="/", **start))[1]
    head = "<link rel=alternate type='application/atom+xml' href=/own>"
    assert found(spider, answer("<p>x</p>", path="/", head=head, **start))[1] == ["/own"]
    assert found(Site(), answer("<p>x</p>", path="/", **start))[1] == []


def test_lists_may_be_arguments() -> None:
    spider = Site(start_urls=f"{BASE}/, {BASE}/b", sitemaps=f"{BASE}/s.xml")
    assert [link.url.removeprefix(BASE) for link in spider.start_links()] == ["/robots.txt", "/s.xml", "/", "/b"]


def test_a_spider_of_ones_own_may_yield_addresses() -> None:
    class Own(SiteSpider):
        name = "own"

        def extract(self, response: Response) -> Any:
            yield f"{BASE}/tag/x"
            yield Link(url=f"{BASE}/n/1")

    requests = [one for one in Own().parse(answer("")) if isinstance(one, Request)]
    assert [request.meta["saaf_kind"] for request in requests] == ["list", "page"]
