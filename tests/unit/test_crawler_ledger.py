"""The crawl's ledger of URLs."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy import Request

from saaf.corpus.crawl_frontier import Status
from saaf.corpus.ledger import State
from saaf.crawler.frontier.ledger import UrlLedger
from saaf.crawler.frontier.outcomes import Lease

URLS = ["https://a.example/", "https://a.example/x", "https://a.example/x#top", "https://b.example/"]
EVENTS = {
    "queued": lambda ledger, url: ledger.insert(url, Status.QUEUED),
    "offsite": lambda ledger, url: ledger.offsite(url),
    "failed": lambda ledger, url: ledger.failed(url, State.FETCH_FAILED, "no answer"),
    "gone": lambda ledger, url: ledger.responded(url, 404),
    "responded": lambda ledger, url: ledger.responded(url, 200),
    "redirected": lambda ledger, url: ledger.redirected(url, "https://a.example/x"),
    "discovery": lambda ledger, url: ledger.discovery(url, "feed"),
    "document": lambda ledger, url: ledger.document(url),
}


def lines(ledger: UrlLedger) -> list[dict[str, str | None]]:
    return [json.loads(line) for line in ledger.lines("finished")]


def played(*events: tuple[str, str]) -> dict[str | None, tuple[str | None, str | None]]:
    ledger = UrlLedger()
    for name, url in events:
        EVENTS[name](ledger, url)
    return {line["url"]: (line["state"] or line["role"], line["reason"]) for line in lines(ledger)}


@settings(derandomize=True, max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(sorted(EVENTS)), st.sampled_from(URLS))))
def test_each_url_has_one_line_and_all_but_documents_a_reason(events: list[tuple[str, str]]) -> None:
    ledger = UrlLedger()
    for name, url in events:
        EVENTS[name](ledger, url)
    found = lines(ledger)
    urls = [line["url"] for line in found]
    assert urls == sorted(set(urls), key=str)
    for line in found:
        if line["role"] == "document":
            assert (line["state"], line["reason"]) == (None, None)
        else:
            assert State(str(line["state"]))
            assert line["reason"]
    documents = {url.partition("#")[0] for name, url in events if name == "document"}
    assert {line["url"] for line in found if line["role"] == "document"} == documents, "nothing undoes a document"


def test_a_later_success_replaces_a_failure_and_not_the_reverse() -> None:
    url = "https://a.example/x"
    assert played(("failed", url), ("responded", url), ("discovery", url))[url] == ("not_content", "feed")
    assert played(("discovery", url), ("failed", url))[url] == ("not_content", "feed")


def test_what_was_asked_for_and_never_came_is_pending() -> None:
    url = "https://a.example/x"
    state, reason = played(("queued", url))[url]
    assert state == "pending"
    assert "finished" in (reason or "")
    assert played(("queued", url), ("discovery", url))[url][0] == "not_content"


def test_a_captured_response_that_never_reached_the_spider_is_no_document() -> None:
    url = "https://a.example/x"
    state, reason = played(("queued", url), ("responded", url))[url]
    assert state == "unreadable"
    assert "never reached the spider" in (reason or "")


def test_offsite_links_are_one_line_for_each_host() -> None:
    found = played(
        ("offsite", "https://b.example/2"), ("offsite", "https://b.example/1"), ("offsite", "https://c.example/")
    )
    assert sorted(map(str, found)) == ["https://b.example/1", "https://c.example/"]
    assert "2 links to b.example" in (found["https://b.example/1"][1] or "")


def test_a_circle_of_redirects_is_a_failure_and_a_chain_is_not() -> None:
    ledger = UrlLedger()
    ledger.responded("https://a.example/1", 301)
    ledger.redirected("https://a.example/1", "https://a.example/2")
    ledger.responded("https://a.example/2", 302)
    ledger.redirected("https://a.example/2", "https://a.example/3")
    assert {line["state"] for line in lines(ledger)} == {"not_content"}
    ledger.redirected("https://a.example/3", "https://a.example/1")
    ledger.responded("https://a.example/1", 301)
    assert {line["state"] for line in lines(ledger)} == {"fetch_failed"}


def test_a_site_without_robots_txt_has_done_nothing_wrong() -> None:
    ledger = UrlLedger()
    ledger.responded("https://a.example/robots.txt", 404)
    ledger.responded("https://b.example/robots.txt", 503)
    assert [line["state"] for line in lines(ledger)] == ["not_content", "http_error"]


def test_a_spider_s_error_is_kept_unless_the_page_was_taken_before_it() -> None:
    ledger = UrlLedger()
    for url in ("https://a.example/1", "https://a.example/2"):
        ledger.discovery(url, "listing")
    ledger.document("https://a.example/2")
    for url in ("https://a.example/1", "https://a.example/2"):
        ledger.callback_failed(url, "KeyError ('date')")
    assert [line["role"] for line in lines(ledger)] == ["failure", "document"]


def test_the_status_of_a_robots_txt_says_what_it_means() -> None:
    url = "https://a.example/robots.txt"
    expected = {
        200: ("not_content", "robots.txt"),
        301: ("not_content", "robots.txt (HTTP status 301: a redirect)"),
        404: ("not_content", "robots.txt (HTTP status 404: everything is allowed)"),
        429: ("http_error", "the host asks for fewer requests); without it nothing of the host is fetched"),
        206: ("http_error", "a part of the file, which was not asked for); without it"),
        304: ("http_error", "not modified, although the crawl has no earlier copy"),
        503: ("http_error", "robots.txt (HTTP status 503: it could not be read); without it"),
    }
    for status, (state, part) in expected.items():
        ledger = UrlLedger()
        ledger.responded(url, status)
        (line,) = lines(ledger)
        assert line["state"] == state, status
        assert part in str(line["reason"]), status


def test_a_robots_txt_at_another_address_is_one_too() -> None:
    ledger = UrlLedger()
    asked = Request("https://a.example/r2.txt", meta={"saaf_kind": "robots"})
    ledger.responded(asked.url, 200, asked)
    ledger.responded("https://a.example/r3.txt", 200)
    first, second = lines(ledger)
    assert (first["state"], first["reason"]) == ("not_content", "robots.txt")
    assert second["state"] == "unreadable"


def test_a_page_that_is_put_back_is_parsed_from_the_warc_where_it_is_there() -> None:
    ledger = UrlLedger()
    for path, columns in (("captured", {"segment": 0, "offset": 1, "length": 2}), ("asked", {})):
        url = f"https://a.example/{path}"
        ledger.insert(url, Status.QUEUED)
        row, _ = ledger.find(url) or (None, None)
        assert row is not None
        lease = Lease(row=row, request=Request(url), columns=dict(columns))
        ledger.open(lease)
        ledger.requeue(lease.request)
        assert ledger.leases == {}
    statuses = dict(ledger.frontier.execute("SELECT url, status FROM urls").fetchall())
    assert statuses == {"https://a.example/captured": Status.STORED, "https://a.example/asked": Status.QUEUED}
    assert ledger.frontier.stored == 1


def test_a_document_may_have_a_note() -> None:
    ledger = UrlLedger()
    ledger.document("https://a.example/x", "5 links beyond the 20,000th were left out")
    assert lines(ledger)[0] | {"url": None} == {
        "url": None, "role": "document", "state": None, "reason": "5 links beyond the 20,000th were left out"
    }  # fmt: skip
