"""Arguments of spiders: names and values are checked, with the valid ones in the message."""

from __future__ import annotations

from typing import Any

import pytest
from scrapy.utils.test import get_crawler

from saaf.crawler.spiders.arguments import argument_names
from saaf.crawler.spiders.news import NewsSpider, site_urls
from saaf.crawler.spiders.site import SiteSpider
from saaf.crawler.spiders.web import WebSpider


class Own(SiteSpider):
    name = "own"
    category = ""

    def __init__(self, region: str = "", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.region = region


class Closed(SiteSpider):
    name = "closed"

    def __init__(self, region: str = "") -> None:
        super().__init__()


def test_the_arguments_of_the_shipped_spiders() -> None:
    assert set(argument_names(WebSpider)) >= {"start", "domains", "article", "follow", "since", "until"}
    assert set(argument_names(NewsSpider)) >= {"sites", "since", "until", "article", "follow"}
    assert "name" not in argument_names(NewsSpider)


def test_a_user_s_own_arguments_are_known_by_their_signature() -> None:
    Own.check_arguments({"region": "north", "category": "x", "since": "2026-01-01", "follow": "/page/"})
    Closed.check_arguments({"region": "north"})
    assert argument_names(Closed) == ["region"]
    spider = Own.from_crawler(get_crawler(Own), region="north", since="2026-01-01")
    assert spider.region == "north"


@pytest.mark.parametrize(
    ("spider", "arguments", "message"),
    [
        (WebSpider, {"sart": "https://a.example/"}, "has no argument sart; did you mean start?"),
        (WebSpider, {}, "for example -a start=https://www.example.org/"),
        (WebSpider, {"start": "a.example/x"}, "is not a whole URL: did you mean https://a.example/x\\?"),
        (WebSpider, {"start": "example"}, "is not a whole URL: write it like https://www.example.org/"),
        (WebSpider, {"start": "https://a.example/,http://[bad"}, "http://\\[bad is not a whole URL"),
        (
            WebSpider,
            {"start": "https://a.example/", "since": "31.1.2026"},
            "is not a day: write it like 2026-01-31",
        ),
        (WebSpider, {"start": "https://a.example/", "article": "("}, "not a regular expression"),
        (NewsSpider, {"site": "a.example"}, "did you mean sites?"),
        (NewsSpider, {}, "for example -a sites=example.com"),
        (NewsSpider, {"sites": "a.example", "since": "2026-02-01", "until": "2026-01-01"}, "since=2026-02-01 is after"),
        (NewsSpider, {"sites": "nonsense"}, "neither a host nor a URL"),
        (NewsSpider, {"sites": "ftp://a.example"}, "neither a host nor a URL"),
        (Own, {"reigon": "x"}, "did you mean region?"),
        (Closed, {"since": "2026-01-01"}, "its arguments: region"),
    ],
)
def test_a_wrong_argument_says_what_is_right(spider: type[SiteSpider], arguments: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spider.check_arguments(arguments)


def test_sites_are_hosts_or_addresses() -> None:
    assert site_urls("example.com, http://b.example:8000/x ,www.c.example/news/") == [
        "https://example.com/",
        "http://b.example:8000/x",
        "https://www.c.example/news/",
    ]
    spider = NewsSpider(sites="www.example.com,http://b.example/")
    assert spider.allowed_domains == ["example.com", "b.example"]
    robots, page, *others = spider.start_links()
    assert (robots.url, robots.meta) == (
        "https://www.example.com/robots.txt",
        {"saaf_fallback": "http://www.example.com/robots.txt"},
    )
    assert page.meta["saaf_fallback"] == "http://www.example.com/"
    assert all("saaf_fallback" not in link.meta for link in others), "a URL says itself which it is"
