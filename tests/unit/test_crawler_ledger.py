"""The crawl's ledger of URLs."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from saaf.corpus.crawl_frontier import Status
from saaf.corpus.ledger import State
from saaf.crawler.frontier.ledger import UrlLedger

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
