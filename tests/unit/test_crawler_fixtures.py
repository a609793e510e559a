"""Manifests and fixtures, and the middleware that answers from them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse

from saaf.crawler.pages import FETCHED_AT, page_from_response
from saaf.crawler.replay.fixtures import FixtureError, Fixtures, load_fixtures
from saaf.crawler.replay.middlewares import FixtureMiss, ReplayMiddleware
from saaf.crawler.replay.sources import FixtureSource

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
[[response]]
url = "https://example.org/خبر?b=2&a=1"
file = "good.html"
content_type = "text/html; charset=utf-8"
headers = { Location = "/x", "X-Cache" = "hit" }
fetched_at = 2025-03-16T12:00:00+02:00
"""


def write(directory: Path, manifest: str, **files: str) -> Fixtures:
    for name, content in files.items():
        (directory / name.replace("_", ".")).write_text(content, encoding="utf-8")
    (directory / "manifest.toml").write_text(manifest, encoding="utf-8")
    return load_fixtures([directory])


def test_a_fixture_is_found_under_every_spelling_of_its_url(tmp_path: Path) -> None:
    replay = ReplayMiddleware(FixtureSource(write(tmp_path, GOOD, good_html="<p>x</p>")))
    for url in (
        "https://example.org/خبر?b=2&a=1",
        "https://example.org/%D8%AE%D8%A8%D8%B1?a=1&b=2",
        "https://example.org/%d8%ae%d8%a8%d8%b1?b=2&a=1#top",
        "https://EXAMPLE.org:443/%D8%AE%D8%A8%D8%B1?b=2&a=1&utm_source=feed",
    ):
        response = replay.process_request(Request(url))
        assert response.body == b"<p>x</p>"
        assert response.url == Request(url).url, "the URL that was asked for, not the manifest's spelling"


def test_a_replayed_response_has_the_manifest_s_headers_and_time(tmp_path: Path) -> None:
    replay = ReplayMiddleware(FixtureSource(write(tmp_path, GOOD, good_html="<p>x</p>")))
    request = Request("https://example.org/خبر?b=2&a=1#top")
    response = replay.process_request(request)
    assert isinstance(response, HtmlResponse)
    page = page_from_response(response)
    assert page.url == "https://example.org/%D8%AE%D8%A8%D8%B1?b=2&a=1"
    assert page.header("x-cache") == "hit"
    assert page.fetched_at == datetime(2025, 3, 16, 10, tzinfo=UTC)
    assert request.meta[FETCHED_AT] == page.fetched_at


def test_a_miss_never_goes_to_the_network(tmp_path: Path) -> None:
    replay = ReplayMiddleware(FixtureSource(write(tmp_path, GOOD, good_html="")))
    with pytest.raises(FixtureMiss, match="no fixture has this URL"):
        replay.process_request(Request("https://example.org/other"))


def test_a_site_without_a_robots_txt_allows_everything(tmp_path: Path) -> None:
    replay = ReplayMiddleware(FixtureSource(write(tmp_path, GOOD, good_html="")))
    assert replay.process_request(Request("https://example.org/robots.txt")).status == 404


def test_what_was_never_asked_for_is_known(tmp_path: Path) -> None:
    replay = ReplayMiddleware(FixtureSource(write(tmp_path, GOOD, good_html="")))
    assert list(replay.unrequested_urls()) == ["https://example.org/خبر?b=2&a=1"]
    replay.process_request(Request("https://example.org/خبر?b=2&a=1"))
    assert list(replay.unrequested_urls()) == []


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ('url = "example.org"\nfile = "a"\nfetched_at = 2025-03-16T10:00:00Z', 'url = "https://…"'),
        ('url = "https://example.org/a"\nfetched_at = 2025-03-16T10:00:00Z', 'file = "…"'),
        ('url = "https://example.org/a"\nfile = "a"', "fetched_at"),
        ('url = "https://example.org/a"\nfile = "a"\nfetched_at = 2025-03-16T10:00:00', "its offset"),
        ('url = "https://example.org/a"\nfile = "a"\nfetched_at = 2025-03-16T10:00:00Z\nstatus = 7', "HTTP status"),
        ('url = "https://example.org/a"\nfile = "a"\nfetched_at = 2025-03-16T10:00:00Z\nheaders = "x"', "a table"),
        ('url = "https://example.org/a"\nfile = "a"\nfetched_at = 2025-03-16T10:00:00Z\nbytes = "9"', "length"),
    ],
)
def test_a_wrong_entry_says_what_it_needs_and_costs_no_other(tmp_path: Path, entry: str, reason: str) -> None:
    fixtures = write(tmp_path, f"{GOOD}\n[[response]]\n{entry}\n", good_html="")
    assert len(fixtures.responses) == 1
    assert fixtures.failures[0].state == "unreadable"
    assert reason in fixtures.failures[0].reason
    assert "response 2" in fixtures.failures[0].reason


def test_a_url_listed_twice_is_a_failure(tmp_path: Path) -> None:
    fixtures = write(tmp_path, GOOD + GOOD.replace("good.html", "other.html"), good_html="1", other_html="2")
    assert [failure.state for failure in fixtures.failures] == ["repeated"]
    assert next(iter(fixtures.responses.values())).read() == b"1"


def test_names_in_the_ledger_do_not_depend_on_where_the_fixtures_lie(tmp_path: Path) -> None:
    names = []
    for place in ("here", "there"):
        (tmp_path / place / "seeds").mkdir(parents=True)
        failures = write(tmp_path / place / "seeds", GOOD, stray_html="").failures
        names.append([failure.url for failure in failures])
    assert names == [["seeds/stray.html"]] * 2


def test_hidden_files_and_readmes_need_no_entry(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").touch()
    (tmp_path / "README.md").touch()
    assert write(tmp_path, GOOD, good_html="").failures == ()


def test_a_directory_cannot_be_read_as_a_page(tmp_path: Path) -> None:
    (tmp_path / "good.html").mkdir()
    fixture = next(iter(write(tmp_path, GOOD).responses.values()))
    with pytest.raises(FixtureError, match=r"good\.html cannot be read"):
        fixture.read()


def test_without_a_site_every_page_is_a_beginning(tmp_path: Path) -> None:
    assert write(tmp_path, GOOD, good_html="").start_urls == ("https://example.org/خبر?b=2&a=1",)
    assert write(tmp_path, f'[site]\nstart = ["https://example.org/"]\n{GOOD}').start_urls == ("https://example.org/",)


def test_a_misspelt_key_of_an_entry_is_refused_with_the_near_one(tmp_path: Path) -> None:
    fixtures = write(tmp_path, GOOD.replace("content_type", "contenttype"), good_html="<p>x</p>")
    (failure,) = fixtures.failures
    assert "there is no key 'contenttype': did you mean content_type?" in failure.reason
