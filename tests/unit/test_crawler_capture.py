"""What a capture writes: each response once, of a page that was asked for again the last answer."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from saaf.cleaning.types import Page
from saaf.corpus.ledger import State
from saaf.corpus.warc_segments import segment_path
from saaf.crawler.capture.extension import CaptureExtension
from saaf.crawler.capture.middlewares import CaptureDownloaderMiddleware, CaptureSpiderMiddleware
from saaf.crawler.config import Config
from saaf.crawler.frontier.ledger import UrlLedger
from saaf.crawler.guards.refusals import RefusedRequest
from saaf.crawler.replay.fixtures import Fixture, FixtureError

if TYPE_CHECKING:
    from pathlib import Path

    from scrapy.crawler import Crawler

URL = "https://a.example/नाव"


def response(body: bytes, status: int = 200) -> Page:
    return Page(url=URL, body=body, status=status, fetched_at=datetime(2025, 3, 16, tzinfo=UTC))


class Site(Spider):
    name = "site"


def crawler_of(directory: Path, **settings: object) -> Crawler:
    """Return a crawler of this project that captures to a directory, without an engine."""
    crawler = get_crawler(Site, {"SAAF_OUTPUT": str(directory), "SAAF_CAPTURE": True, **settings})
    crawler.spider = Site()
    crawler.spider.crawler = crawler
    return crawler


def opened(directory: Path, **settings: object) -> tuple[Crawler, CaptureExtension]:
    """Return a crawler and its capture, which is open, and has no timer that runs."""
    crawler = crawler_of(directory, **settings)
    capture = CaptureExtension(crawler, Config.from_settings(crawler.settings, "site"))
    assert capture.live is not None
    capture.ledger = capture.live.open(crawler.request_fingerprinter.fingerprint)
    return crawler, capture


def closed(capture: CaptureExtension) -> list[tuple[str, int, bytes]]:
    """Close a capture; return type, HTTP status and body of its response and revisit records."""
    assert capture.live is not None
    capture.live.close("finished")
    kinds = WarcRecordType.response | WarcRecordType.revisit
    with segment_path(capture.live.directory, 0).open("rb") as file:
        return [
            (record.headers["WARC-Type"], record.http_headers.status_code or 0, bytes(record.reader.read()))
            for record in ArchiveIterator(file, record_types=kinds, parse_http=True)
        ]


def test_the_same_bytes_are_captured_once_and_other_ones_again(tmp_path: Path) -> None:
    _, capture = opened(tmp_path)
    for body in (b"<p>one", b"<p>one", b"<p>two"):
        capture.write(response(body))
    assert closed(capture) == [("response", 200, b"<p>one"), ("revisit", 200, b""), ("response", 200, b"<p>two")]


def answered(crawler: Crawler, capture: CaptureExtension, retries: int, *statuses: int) -> None:
    """Let the middleware see answers to one request, which was retried so many times before the first."""
    middleware = CaptureDownloaderMiddleware(crawler, capture)
    for number, status in enumerate(statuses, start=retries):
        request = Request(URL, meta={"retry_times": number} if number else None)
        middleware.process_response(request, Response(URL, status=status, body=b"%d" % status))


def test_an_error_that_is_retried_is_captured_only_where_no_retry_succeeds(tmp_path: Path) -> None:
    for name, statuses, expected in (
        ("mended", (503, 503, 200), [("response", 200, b"200")]),
        ("not", (503, 503, 503), [("response", 503, b"503")]),
    ):
        crawler, capture = opened(tmp_path / name, RETRY_TIMES=2)
        answered(crawler, capture, 0, *statuses)
        assert closed(capture) == expected


def test_a_page_that_the_spider_made_is_captured_once(tmp_path: Path) -> None:
    _, capture = opened(tmp_path)
    spider = CaptureSpiderMiddleware(cast("Crawler", SimpleNamespace(get_extension=lambda _: capture)))
    for page in (response(b"made"), response(b"made again")):
        assert spider.get_processed_item(page, None) is page
    assert closed(capture) == [("response", 200, b"made")]


def bodiless(ledger: UrlLedger) -> tuple[Crawler, CaptureExtension]:
    """Return a crawler, and a capture that has nothing but a ledger."""
    capture = SimpleNamespace(ledger=ledger, live=None, guard=nullcontext)
    return get_crawler(Site), cast("CaptureExtension", capture)


@pytest.mark.parametrize(
    ("refusal", "state"),
    [
        (RefusedRequest(State.BLOCKED_BY_ROBOTS, "the site's robots.txt does not allow it"), "blocked_by_robots"),
        (IgnoreRequest("refused by a middleware"), "fetch_failed"),
    ],
)
def test_what_robots_txt_forbids_did_not_fail(refusal: IgnoreRequest, state: str) -> None:
    ledger = UrlLedger()
    CaptureDownloaderMiddleware(*bodiless(ledger)).process_exception(Request("https://a.example/1"), refusal)
    (line,) = ledger.lines("finished")
    assert json.loads(line)["state"] == state


def test_a_refusal_has_its_state_and_reason_in_the_ledger() -> None:
    ledger = UrlLedger()
    refusal = RefusedRequest(State.REFUSED, "10.0.0.1 is a private address: SAAF_ALLOWED_ADDRESSES allows it")
    CaptureDownloaderMiddleware(*bodiless(ledger)).process_exception(Request("http://a.example/1"), refusal)
    (line,) = ledger.lines("finished")
    assert (json.loads(line)["state"], json.loads(line)["reason"]) == ("refused", str(refusal))


@pytest.mark.parametrize("stated", [4, 6])
def test_a_fixture_of_another_length_than_its_manifest_states_is_no_page(tmp_path: Path, stated: int) -> None:
    (tmp_path / "a.html").write_bytes(b"<p>xy")
    fixture = Fixture(
        url=URL,
        path=tmp_path / "a.html",
        name="a.html",
        status=200,
        headers=(),
        fetched_at=datetime(2025, 3, 16, tzinfo=UTC),
        size=stated,
    )
    with pytest.raises(FixtureError, match=f"5 bytes where the manifest says {stated}"):
        fixture.read()
    assert replace(fixture, size=5).read() == b"<p>xy"
