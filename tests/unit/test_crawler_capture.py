"""What a capture writes: each response once, of a page that was asked for again the last answer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.settings import Settings

from saaf.cleaning.types import Page
from saaf.corpus.ledger import State
from saaf.crawler import settings as project
from saaf.crawler.capture import CaptureExtension
from saaf.crawler.capture_directory import RECORDS
from saaf.crawler.config import Config
from saaf.crawler.fixtures import Fixture, FixtureError
from saaf.crawler.ledger import UrlLedger
from saaf.crawler.middlewares import CaptureDownloaderMiddleware, CaptureSpiderMiddleware
from saaf.crawler.refusals import RefusedRequest

if TYPE_CHECKING:
    from pathlib import Path

    from scrapy.crawler import Crawler

URL = "https://a.example/नाव"


def response(body: bytes, status: int = 200) -> Page:
    return Page(url=URL, body=body, status=status, fetched_at=datetime(2025, 3, 16, tzinfo=UTC))


def captured(directory: Path, *pages: Page, made: tuple[Page, ...] = ()) -> list[tuple[int, bytes]]:
    """Return status and body of each record of a capture of these responses, which came in this order, and of pages
    that the spider `made` itself before.
    """
    settings = Settings()
    settings.setmodule(project)
    settings.set("SAAF_OUTPUT", str(directory))
    config = Config.from_settings(settings, "site")
    crawler = SimpleNamespace(settings=settings, get_downloader_middleware=lambda _: None)
    capture = CaptureExtension(cast("Crawler", crawler), config)
    capture.spider_opened()
    spider = CaptureSpiderMiddleware(cast("Crawler", SimpleNamespace(get_extension=lambda _: capture)))
    for page in made:
        assert spider.get_processed_item(page, None) is page
    for page in pages:
        capture.write(page)
    capture.close("finished")
    assert capture.error is None
    with (config.capture_path / RECORDS).open("rb") as file:
        records = [
            (record.http_headers.status_code or 0, bytes(record.reader.read()))
            for record in ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=True)
        ]
    assert capture.record_count == len(records)
    return records


def test_the_same_bytes_are_captured_once_and_other_ones_again(tmp_path: Path) -> None:
    one, other = response(b"<p>one"), response(b"<p>two")
    assert captured(tmp_path, one, one, other) == [(200, b"<p>one"), (200, b"<p>two")]


def test_an_error_that_is_retried_is_captured_only_where_no_retry_succeeds(tmp_path: Path) -> None:
    busy = response(b"busy", 503)
    assert captured(tmp_path / "mended", busy, busy, response(b"<p>one")) == [(200, b"<p>one")]
    assert captured(tmp_path / "not", busy, busy) == [(503, b"busy")]


def test_a_page_that_the_spider_made_is_captured_once(tmp_path: Path) -> None:
    assert captured(tmp_path, made=(response(b"made"), response(b"made again"))) == [(200, b"made")]


@pytest.mark.parametrize(
    ("refusal", "state"),
    [
        (RefusedRequest(State.BLOCKED_BY_ROBOTS, "the site's robots.txt does not allow it"), "blocked_by_robots"),
        (IgnoreRequest("refused by a middleware"), "fetch_failed"),
    ],
)
def test_what_robots_txt_forbids_did_not_fail(refusal: IgnoreRequest, state: str) -> None:
    ledger = UrlLedger()
    capture = cast("CaptureExtension", SimpleNamespace(ledger=ledger))
    CaptureDownloaderMiddleware(capture).process_exception(Request("https://a.example/1"), refusal)
    (line,) = ledger.lines("finished")
    assert json.loads(line)["state"] == state


def test_a_refusal_has_its_state_and_reason_in_the_ledger() -> None:
    ledger = UrlLedger()
    capture = cast("CaptureExtension", SimpleNamespace(ledger=ledger))
    refusal = RefusedRequest(State.REFUSED, "10.0.0.1 is a private address: SAAF_ALLOWED_ADDRESSES allows it")
    CaptureDownloaderMiddleware(capture).process_exception(Request("http://a.example/1"), refusal)
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
