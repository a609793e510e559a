"""A page goes to the right reading and gets a stable name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saaf.cleaning import Page, Track, Unreadable, read
from saaf.cleaning.readers.detect import detect_track
from saaf.cleaning.text.urls import canonical_url, document_id, site_of, without_tracking


@pytest.mark.parametrize(
    ("content_type", "url", "body", "track"),
    [
        ("text/html; charset=utf-8", None, b"no tag at all", Track.HTML),
        ("application/xhtml+xml", None, b"x", Track.HTML),
        ("text/plain", "https://a.example/x.html", b"about the <p> tag", Track.TEXT),
        ("text/plain", None, b"\n <!DOCTYPE html><p>x", Track.HTML),
        (None, "https://a.example/x.txt", b"about the <p> tag", Track.TEXT),
        (None, "https://a.example/x.html?y", b"x", Track.HTML),
        ("application/octet-stream", None, b"<div>x</div>", Track.HTML),
        (None, None, "<p>x</p>".encode("utf-16"), Track.HTML),
        (None, None, b"1 < 2 and 3 > 2", Track.TEXT),
    ],
)
def test_track(content_type: str | None, url: str | None, body: bytes, track: Track) -> None:
    headers = (("Content-Type", content_type),) if content_type else ()
    assert detect_track(Page(url=url, body=body, headers=headers)) is track


def test_read_yields_both_tracks() -> None:
    assert read(Page(url=None, body=b"<p>Hello there</p>")).track is Track.HTML
    assert read(Page(url=None, body=b"Hello there\nyou")).track is Track.TEXT


def test_a_binary_file_named_html_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="PDF"):
        read(Page(url="https://a.example/x.html", body=b"%PDF-1.4\n<p>"))


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://WWW.Example.org:443/A?b=2&a=1&utm_source=x#top", "https://www.example.org/A?a=1&b=2"),
        ("http://example.org", "http://example.org/"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("http://example.org:bad/", "http://example.org:bad/"),
        ("http://example.org/?tag=%f4%EE", "http://example.org/?tag=%F4%EE"),
        ("http://example.org/?_gallery=2&_ga=1.2", "http://example.org/?_gallery=2"),
    ],
)
def test_canonical_url(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


_PARTS = st.sampled_from(
    ["a", "B", "0", ".", "..", "-", "_", "~", "%41", "?", "=", "&", ";", ":", "@", "é", "/", "//", "www."]
)


@given(st.lists(_PARTS, max_size=4).map("".join), st.lists(_PARTS, max_size=8).map("".join))
def test_a_url_in_canonical_form_is_known_at_once_and_means_the_same(host: str, path: str) -> None:
    url = f"http://{host}/{path}"
    spelled = url.replace("http", "HTTP", 1)  # no canonical form: it goes the long way
    assert canonical_url(url) in (canonical_url(spelled), url)
    if canonical_url(spelled) != spelled:  # else it cannot be parsed
        assert canonical_url(url) == canonical_url(spelled)
    assert site_of(url) == site_of(spelled)


@pytest.mark.parametrize(
    ("link", "followed"),
    [
        ("http://example.org/a?b=2&utm_agent=web&a=%e0#top", "http://example.org/a?b=2&a=%e0"),
        ("http://example.org/a?tag=x&tag=y&&fbclid=1", "http://example.org/a?tag=x&tag=y"),
        ("/a?gclid=1", "/a"),
        ("/a?_gallery=2", "/a?_gallery=2"),
    ],
)
def test_a_link_is_followed_without_tracking_parameters(link: str, followed: str) -> None:
    assert without_tracking(link) == followed


def test_ids_name_pages_not_visits() -> None:
    assert document_id("https://a.example/x?utm_source=y", "one") == document_id("https://a.example/x", "two")
    assert document_id(None, "one") != document_id(None, "two")
    assert len(document_id(None, "\ud800")) == 16


def test_site() -> None:
    assert site_of("https://www.Example.org/a") == "example.org"
    assert site_of("http://[bad") == site_of(None) == ""
