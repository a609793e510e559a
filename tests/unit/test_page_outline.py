"""The outline of a page: links, head, prose and text from one parse, on hostile pages too."""

from __future__ import annotations

import time

import pytest

from saaf.cleaning.html.outline import PROSE, PROSE_LINE, TEXT_BYTES, Outline, read_outline

SENTENCE = "The harbour wall was repaired by forty people over three weekends, and the gauge was put back."


def outline(body: str = "", head: str = "") -> Outline:
    return read_outline(f"<html><head>{head}</head><body>{body}</body></html>".encode())


def test_links_are_those_of_anchors_and_areas_each_once_in_order() -> None:
    body = "<a href='/1'>1</a><map><area href='/2'></map><a href=' /1 '>again</a><a name=x>none</a><a href=''>e</a>"
    assert outline(body).links == ("/1", "/2")


def test_links_marked_nofollow_are_left_out() -> None:
    body = (
        "<a href=/1 rel='NoFollow ugc'>1</a><a href=/2 rel=nofollower>2</a><area href=/3 rel=nofollow><a href=/4>4</a>"
    )
    assert outline(body).links == ("/2", "/4")
    assert outline(head="<meta name=robots content='noindex, NOFOLLOW'>").nofollow
    assert outline(head="<meta name=robots content=none>").nofollow
    assert not outline(head="<meta name=robots content='noindex, follow'>").nofollow


def test_the_head_is_read() -> None:
    head = """<base href="/b/"><base href="/c/"><link rel="canonical" href="/1"><meta property="og:url" content="/2">
    <link rel=amphtml href=/amp><link rel="next" href="?page=2">
    <link rel=alternate type="application/rss+xml" href=/rss><link rel="alternate" type="application/feed+json" href=/j>
    <link rel=alternate type="text/html" hreflang=de href=/de>"""
    found = outline(head=head)
    assert (found.base, found.canonical, found.og_url, found.amp, found.next_page) == (
        "/b/",
        "/1",
        "/2",
        "/amp",
        "?page=2",
    )
    assert found.feeds == ("/rss", "/j")


@pytest.mark.parametrize(
    ("content", "refresh"),
    [
        ("0;url=/x", (0, "/x")),
        ("0; URL='/x'", (0, "/x")),
        ("5, /x", (5, "/x")),
        ("60", (60, "")),
        (".5;url=/x", (0, "/x")),
        ("0;url=", (0, "")),
        ("soon;url=/x", None),
        ("", None),
        ("9" * 400, (999_999_999, "")),
    ],
)
def test_a_refresh_is_read_as_browsers_do(content: str, refresh: tuple[int, str] | None) -> None:
    assert outline(head=f'<meta http-equiv="Refresh" content="{content}">').refresh == refresh


def test_a_refresh_for_readers_without_scripts_is_none() -> None:
    head = "<noscript><meta http-equiv=refresh content='0;url=/no-scripts'></noscript>"
    assert outline(head=head).refresh is None


@pytest.mark.parametrize(
    ("head", "published"),
    [
        ('<meta property="article:published_time" content="2026-01-02T10:00Z">', "2026-01-02T10:00Z"),
        ('<script type="application/ld+json">{"@type":"X","datePublished":"2026-01-02"}</script>', "2026-01-02"),
        ('<meta itemprop="datePublished" content="2026-01-02">', "2026-01-02"),
        (
            (
                '<script type="application/ld+json">[{"datePublished":"2026-01-02"},{"datePublished":"2025-01-02"}]'
                "</script>"
            ),
            None,
        ),
        ("", None),
    ],
)
def test_a_date_is_taken_where_there_is_one_alone(head: str, published: str | None) -> None:
    assert outline(head=head).published == published


def test_prose_begins_at_a_threshold() -> None:
    short, long = "x" * (PROSE_LINE - 1), "x" * PROSE_LINE
    assert outline(f"<p>{short}</p>").prose == 0
    assert outline(f"<p>{long}</p>").prose == PROSE_LINE
    assert outline(f"<p>{long}</p>" * 5).prose == PROSE


def test_text_is_that_of_links_and_pictures_too_and_not_of_scripts() -> None:
    page = outline(f"<p>{SENTENCE}</p><a href=/1>A link</a><img alt='The mill'><script>var t</script><style>p</style>")
    assert page.text.decode().split("\n") == [SENTENCE, "A link", "The mill"]
    assert len(outline("<p>पुल</p>" * 50_000).text) <= TEXT_BYTES


HOSTILE = {
    "empty": b"",
    "spaces": b" \n\t",
    "binary": bytes(range(256)) * 400,
    "no element": b"just text",
    "deep": b"<div>" * 100_000,
    "deep and closed": b"<div>" * 20_000 + b"</div>" * 20_000,
    "attributes": b"<a " + b"".join(b"a%d=1 " % number for number in range(15_000)) + b">",
    "open tags": b"<a href=x>" * 12_000,
    "unclosed table": b"<table><tr><td>" * 8_000,
    "bold": b"<b><i><font>" * 9_000,
    "forms": b"<form><select><option>" * 5_000,
    "comments": b"<!--" * 30_000,
    "entities": b"&amp" * 30_000,
    "bad json": b"<script type=application/ld+json>" + b'{"a":' * 20_000,
    "one line": b"<p>" + b"word " * 25_000,
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_no_page_that_is_read_in_the_reactor_holds_it_for_long(source: bytes) -> None:
    started = time.process_time()
    read_outline(source[: 128 * 1024])
    assert time.process_time() - started < 1.0


def test_links_below_the_parser_s_depth_are_found() -> None:
    body = "<a href='/first'>x</a>" + "<div>" * 5_000 + "</div>" * 5_000 + '<a class=x href="/last">y</a>'
    found = outline(body)
    assert found.links == ("/first", "/last")
    assert "deeper" in (found.problem or "")
    assert outline("<div>" * 50 + "<a href=/x>y</a>").problem is None


def test_links_beyond_the_limit_are_counted() -> None:
    for count, left_out in ((20_000, 0), (20_001, 1)):
        outline = read_outline("".join(f"<a href=/{number}>x</a>" for number in range(count)).encode())
        assert len(outline.links) == 20_000
        assert outline.links_left_out == left_out
