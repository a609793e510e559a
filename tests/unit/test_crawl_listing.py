"""Which responses of a crawl are documents, and what becomes of a listed URL that has no record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from saaf.cleaning.types import Page
from saaf.corpus.crawl_listing import CrawlListing, response_failure, url_hash
from saaf.corpus.ledger import Failure, State

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("status", "content_type", "path", "state"),
    [
        (200, "text/html; charset=utf-8", "/खबर", None),
        (299, "application/xhtml+xml", "/a", None),
        (200, "", "/a", None),
        (400, "text/html", "/a", State.HTTP_ERROR),
        (404, "text/html", "/a", State.HTTP_ERROR),
        (301, "text/html", "/a", State.NOT_CONTENT),
        (399, "text/html", "/a", State.NOT_CONTENT),
        (199, "text/html", "/a", State.NOT_CONTENT),
        (200, "text/plain", "/robots.txt", State.NOT_CONTENT),
        (200, "IMAGE/png", "/a", State.NOT_CONTENT),
        (200, "application/pdf", "/a", State.NOT_CONTENT),
    ],
)
def test_a_response_is_a_document_by_status_type_and_address(
    status: int, content_type: str, path: str, state: State | None
) -> None:
    headers = (("Content-Type", content_type),)
    found = response_failure(Page(url=f"https://a.example{path}", body=b"x", headers=headers, status=status))
    assert (found and found.state) == state


def test_a_listed_url_without_a_record_is_in_the_ledger_by_its_role(tmp_path: Path) -> None:
    lines = [
        {"url": "https://a.example/1", "role": "document"},
        {"url": "https://a.example/2", "role": "document"},
        {"url": "https://a.example/3", "role": "discovery"},
        {"url": "https://a.example/4", "role": "failure"},
        {"url": "https://a.example/5", "role": "failure", "state": "offsite", "reason": "elsewhere"},
    ]
    (tmp_path / "urls.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\nno JSON\n", encoding="utf-8")
    with CrawlListing(tmp_path, tmp_path / "work") as listing:
        assert listing.check(Page(url="https://a.example/1#top", body=b"x")) is None
        unmatched = listing.unmatched({url_hash("https://a.example/1#top")})
        found = {number: failure.state for number, failure in unmatched}
    assert found == {
        2: State.FETCH_FAILED,
        3: State.NOT_CONTENT,
        4: State.FETCH_FAILED,
        5: State.OFFSITE,
        6: State.UNREADABLE,
    }


def test_a_record_that_cannot_be_read_and_its_line_are_one_input(tmp_path: Path) -> None:
    lines = [
        {
            "url": "https://a.example/bomb",
            "role": "failure",
            "state": "over_budget",
            "reason": "it unpacks to more",
        },
        {"url": "https://a.example/page", "role": "document"},
    ]
    (tmp_path / "urls.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    broken = [
        Failure(state=State.OVER_BUDGET, reason="the body, unpacked", url="https://a.example/bomb"),
        Failure(state=State.UNREADABLE, reason="without a status line", url="https://a.example/page"),
        Failure(state=State.UNREADABLE, reason="broken", url="https://b.example/"),
        Failure(state=State.UNREADABLE, reason="broken"),
    ]
    with CrawlListing(tmp_path, tmp_path / "work") as listing:
        found = [listing.check_failure(failure) for failure in broken]
        assert [one and one.reason for one in found] == ["it unpacks to more", "without a status line", None, None]
        captured = {url_hash(failure.url or "") for failure in broken[:2]}
        assert list(listing.unmatched(captured)) == []
