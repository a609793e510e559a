"""The time window of a crawl, and the order of its requests."""

from __future__ import annotations

from datetime import date

import pytest

from saaf.corpus.ledger import State
from saaf.crawler.discovery import planning
from saaf.crawler.discovery.planning import Link, Plan, Planner, guess_kind, priority_of
from saaf.crawler.discovery.traps import Traps
from saaf.crawler.discovery.window import Window, date_in_url, parse_day, read_date
from saaf.crawler.frontier.stored_requests import PART, PART_OF

SINCE = Window(since=date(2026, 1, 10))
UNTIL = Window(until=date(2026, 1, 20))
HOST = "https://a.example"


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2026-01-31", "2026-01-31", "2026-01-31"),
        ("20260131", "2026-01-31", "2026-01-31"),
        ("2026-01", "2026-01-01", "2026-01-31"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-01-31T23:30:00-05:00", "2026-01-31", "2026-02-01"),
        ("2026-01-31T00:30+05:30", "2026-01-30", "2026-01-31"),
        ("2026-01-31T10:00:00.123Z", "2026-01-31", "2026-01-31"),
        ("Sat, 31 Jan 2026 23:30:00 -0500", "2026-01-31", "2026-02-01"),
        ("Sat, 31 Jan 2026 10:00:00 GMT", "2026-01-31", "2026-01-31"),
    ],
)
def test_dates_are_read_in_the_forms_of_sitemaps_and_feeds(value: str, first: str, last: str) -> None:
    span = read_date(value)
    assert span is not None
    assert (span.first.isoformat(), span.last.isoformat()) == (first, last)


@pytest.mark.parametrize("value", [None, "", "soon", "2026-13-01", "2026-02-31", "0000-00-00", "31.1.2026", "9" * 500])
def test_what_is_no_date_is_none(value: str | None) -> None:
    assert read_date(value) is None


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/2026/01/31/story", "2026-01-31"),
        ("/news/20260131/story", "2026-01-31"),
        ("/news/2026-01-31-story.html", "2026-01-31"),
        ("/2026/1/story", "2026-01-31"),
        ("/sitemap-2026-01.xml", "2026-01-31"),
        ("/2025/12/31/copy-of-2026-01-31", "2026-01-31"),
    ],
)
def test_a_date_in_an_address_is_read(path: str, day: str) -> None:
    span = date_in_url(HOST + path)
    assert span is not None
    assert span.last.isoformat() == day


@pytest.mark.parametrize(
    "path", ["/2026/story", "/story-2026", "/n/202601315", "/n/1202601", "/2026/13/01", "/a?d=2026-01-31", "/v2026.01x"]
)
def test_other_numbers_are_no_date(path: str) -> None:
    assert date_in_url(HOST + path) is None


def test_since_is_the_first_day_and_until_the_last() -> None:
    assert SINCE.outside(modified="2026-01-09") == "last changed 2026-01-09, before 2026-01-10 (since)"
    assert SINCE.outside(modified="2026-01-10") is None
    assert UNTIL.outside(published="2026-01-21") == "published 2026-01-21, after 2026-01-20 (until)"
    assert UNTIL.outside(published="2026-01-20") is None
    assert SINCE.outside(published="2026-01-09") is not None
    assert SINCE.outside(url=f"{HOST}/2026/01/09/story") is not None
    assert SINCE.outside(url=f"{HOST}/2026/01/10/story") is None
    assert SINCE.outside(url=f"{HOST}/2026/01/") is None, "the month has days inside"
    assert SINCE.outside(url=f"{HOST}/2025/12/") is not None


def test_a_change_after_until_says_nothing_of_publication() -> None:
    assert UNTIL.outside(modified="2026-06-01") is None
    assert UNTIL.outside(modified="2026-06-01", published="2026-01-05") is None
    assert SINCE.outside(modified="2026-06-01", published="2025-01-05") is not None


def test_in_doubt_a_date_is_inside() -> None:
    assert SINCE.outside(modified="2026-01-09T23:30:00-05:00") is None, "the 10th in UTC"
    assert SINCE.outside(modified="yesterday", published="unknown") is None
    assert SINCE.outside() is None
    assert Window().outside(modified="1999-01-01") is None


def test_an_argument_that_is_no_day_shows_one() -> None:
    assert parse_day("since", " 2026-01-31 ") == date(2026, 1, 31)
    assert parse_day("since", "") is None
    for value in ("31.1.2026", "2026-02-31", "yesterday", "2026"):
        with pytest.raises(ValueError, match=f"since={value} is not a day: write it like 2026-01-31"):
            parse_day("since", value)


def planned(*links: Link, window: Window | None = None, index_depth: int = 0) -> tuple[list[Plan], dict[str, State]]:
    refused: dict[str, State] = {}
    planner = Planner(
        window=window or Window(), traps=Traps(), refuse=lambda url, state, reason: refused.update({url: state})
    )
    plans = (planner.plan(link, index_depth=index_depth) for link in links)
    return [plan for plan in plans if plan is not None], refused


def test_the_order_of_a_site() -> None:
    links = [
        Link(url=f"{HOST}/robots.txt", kind="robots"),
        Link(url=f"{HOST}/news-sitemap.xml", kind="sitemap"),
        Link(url=f"{HOST}/feed", kind="feed"),
        Link(url=f"{HOST}/sitemap-2026-02.xml", kind="sitemap"),
        Link(url=f"{HOST}/sitemap-2.xml", kind="sitemap", modified="2026-01-01"),
        Link(url=f"{HOST}/sitemap.xml", kind="sitemap"),
        Link(
            url=f"{HOST}/story?page=2",
            kind="page",
            meta={PART_OF: f"{HOST}/story", PART: 2},
        ),
        Link(url=f"{HOST}/section/world", kind="list"),
        Link(url=f"{HOST}/1", modified="2026-01-02", listed=True),
        Link(url=f"{HOST}/2", published="2026-01-01", listed=True),
        Link(url=f"{HOST}/2025/12/31/3", listed=True),
        Link(url=f"{HOST}/4"),
    ]
    priorities = [priority_of(link) for link in links]
    assert priorities == sorted(priorities, reverse=True)
    assert len(set(priorities)) == len(priorities)
    assert max(priorities[7:]) < planning.DEPTH_PRIORITY, "one step of depth weighs more than kind and date"


def test_kinds_and_dates_travel_with_the_request() -> None:
    plans, _ = planned(Link(url=f"{HOST}/1", published="2026-01-02T10:00:00Z", listed=True), Link(url=f"{HOST}/2"))
    assert plans[0].meta == {"saaf_kind": "page", "saaf_lastmod": "2026-01-02", "depth_reset": True}
    assert plans[1].meta == {"saaf_kind": "page"}


def test_what_is_outside_the_window_is_not_requested() -> None:
    inside, refused = planned(
        Link(url=f"{HOST}/1", modified="2026-01-09", listed=True),
        Link(url=f"{HOST}/2", modified="2026-01-10", listed=True),
        Link(url=f"{HOST}/2025/12/31/3"),
        Link(url=f"{HOST}/s1.xml", kind="sitemap", modified="2026-01-09"),
        Link(url=f"{HOST}/s2.xml", kind="sitemap", modified="2026-02-09"),
        Link(url=f"{HOST}/sitemap-2025-12.xml", kind="sitemap"),
        Link(url=f"{HOST}/2025/12/31/", kind="list", listed=True, meta={planning.START: True}),
        window=SINCE,
    )
    assert [plan.url.removeprefix(HOST) for plan in inside] == ["/2", "/s2.xml", "/2025/12/31/"]
    assert set(refused.values()) == {State.OUTSIDE_WINDOW}


def test_indexes_of_sitemaps_end() -> None:
    link = Link(url=f"{HOST}/s.xml", kind="sitemap")
    assert len(planned(link, index_depth=planning.MAX_INDEX_DEPTH)[0]) == 1
    assert planned(link, index_depth=planning.MAX_INDEX_DEPTH + 1)[1] == {f"{HOST}/s.xml": State.OVER_BUDGET}


def test_another_version_of_a_page_is_replaced_by_the_page() -> None:
    plans, refused = planned(Link(url=f"{HOST}/n/1/amp/"))
    assert [(plan.url, plan.meta[planning.ALTERNATE]) for plan in plans] == [(f"{HOST}/n/1/", f"{HOST}/n/1/amp/")]
    assert refused == {f"{HOST}/n/1/amp/": State.ALTERNATE}


@pytest.mark.parametrize(
    "path", ["/category/x", "/tag/a-b", "/archive", "/x/page/2", "/2026/01/", "/x?page=2", "/?cat=3"]
)
def test_archives_and_sections_are_told_by_their_form(path: str) -> None:
    assert guess_kind(HOST + path) == "list"


@pytest.mark.parametrize("path", ["/2026/01/31/story", "/news/story", "/homepage", "/tagged", "/a?id=2"])
def test_other_addresses_are_pages(path: str) -> None:
    assert guess_kind(HOST + path) == "page"
