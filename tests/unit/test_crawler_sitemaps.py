"""Sitemaps and feeds: every good entry is kept, whatever stands beside it."""

from __future__ import annotations

import gzip
import time

import pytest

from saaf.crawler.discovery import feeds, sitemaps
from saaf.crawler.discovery.feeds import read_feed
from saaf.crawler.discovery.readers import As, Task, read, sniff
from saaf.crawler.discovery.sitemaps import Found, read_sitemap

BASE = "https://www.example.org"
URL = f"{BASE}/sitemap.xml"
NAMESPACE = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"


def urlset(*entries: str) -> str:
    return f"<?xml version='1.0' encoding='UTF-8'?><urlset {NAMESPACE}>{''.join(entries)}</urlset>"


def entry(location: str, more: str = "") -> str:
    return f"<url><loc>{location}</loc>{more}</url>"


def urls(body: bytes | str, content_type: str | None = None) -> list[str]:
    data = body.encode() if isinstance(body, str) else body
    return [found.url for found in read_sitemap(data, URL, content_type).entries]


BAD = ("http://[bad", "javascript:alert(1)", "mailto:x@example.org", "", "http://", "https://:80/", "http://a b.de/",
       "data:text/html,x", "ftp://example.org/1", "http://example.org:99999/", "n/a")  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_one_bad_entry_costs_itself_alone(bad: str) -> None:
    read = read_sitemap(urlset(entry(f"{BASE}/1"), entry(bad), entry(f"{BASE}/2")).encode(), URL)
    assert [found.url for found in read.entries] == [f"{BASE}/1", f"{BASE}/2"]
    assert read.bad == 1


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/n/2", f"{BASE}/n/2"),
        (f"\n   {BASE}/n/2\n  ", f"{BASE}/n/2"),
        (f"{BASE}/n\n   /2", f"{BASE}/n/2"),
        (f"<![CDATA[{BASE}/n/2?a=1&b=2]]>", f"{BASE}/n/2?a=1&b=2"),
        (f"<!-- no --><![CDATA[{BASE}/n/]]>2", f"{BASE}/n/2"),
        (f"{BASE}/n?a=1&amp;b=2&#38;c&#x3D;3", f"{BASE}/n?a=1&b=2&c=3"),
        (f"{BASE}/n?a=1&b=2&copy=3", f"{BASE}/n?a=1&b=2&copy=3"),
        ("https://user:secret@www.example.org/n/2", f"{BASE}/n/2"),
        (f"{BASE}/मेला", f"{BASE}/%E0%A4%AE%E0%A5%87%E0%A4%B2%E0%A4%BE"),
    ],
)
def test_a_location_is_read_as_browsers_would(location: str, expected: str) -> None:
    assert urls(urlset(entry(location))) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        urlset(entry(f"{BASE}/1"), entry(f"{BASE}/2")),
        f"<urlset>{entry(f'{BASE}/1')}{entry(f'{BASE}/2')}",
        f"<urlset><url><loc>{BASE}/1</url><url><loc>{BASE}/2</url></urlset>",
        f"<urlset><url><loc>{BASE}/1<lastmod>2026</lastmod></url><url><loc>{BASE}/2</loc><url></urlset>",
        f"<urlset><loc>{BASE}/1</loc><loc>{BASE}/2</loc></urlset>",
        f"<s:urlset xmlns:s='x'><s:url><s:loc>{BASE}/1</s:loc></s:url><s:url><s:loc>{BASE}/2</s:loc></s:url>",
        f"<!DOCTYPE x [<!ENTITY a 'b'>]><urlset>{entry(f'{BASE}/1')}&a;{entry(f'{BASE}/2')}</urlset>",
        f"junk before <urlset>{entry(f'{BASE}/1')}</b></i>& <>{entry(f'{BASE}/2')}</urlset>".removeprefix(
            "junk before "
        ),
        f"<urlset><!-- <url><loc>{BASE}/no</loc></url> -->{entry(f'{BASE}/1')}<!-- never closed {entry(f'{BASE}/2')}",
        f"<urlset>{entry(f'{BASE}/1')}{entry(f'{BASE}/1')}{entry(f'{BASE}/2')}<url><loc>{BASE}/cut-o",
        f"{BASE}/1\r\n\r\n  {BASE}/2  \nnot an address here: [\n".replace("not an address here: [", "javascript:x"),
    ],
    ids=[
        "whole",
        "no end",
        "no end of loc",
        "nested",
        "no url",
        "prefix",
        "entities",
        "damaged",
        "comments",
        "cut",
        "text",
    ],
)
def test_whatever_the_form_the_good_entries_are_read(text: str) -> None:
    assert urls(text) == [f"{BASE}/1", f"{BASE}/2"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_whatever_the_encoding_they_are_read(encoding: str) -> None:
    assert urls(urlset(entry(f"{BASE}/1")).encode(encoding)) == [f"{BASE}/1"]
    assert urls(f"{BASE}/1\n{BASE}/2\n".encode(encoding)) == [f"{BASE}/1", f"{BASE}/2"]


def test_a_declared_encoding_that_is_wrong_is_not_believed() -> None:
    body = urlset(entry(f"{BASE}/мост")).replace("UTF-8", "UTF-16")
    assert urls(body, "text/xml; charset=utf-16") == urls(urlset(entry(f"{BASE}/мост")))


def test_extensions_have_locations_of_their_own() -> None:
    image = f"<image:image><image:loc>{BASE}/pic</image:loc><loc>{BASE}/pic2</loc></image:image>"
    video = f"<video:video><video:content_loc>{BASE}/v</video:content_loc></video:video>"
    link = f"<xhtml:link rel='alternate' hreflang='de' href='{BASE}/de'/>"
    assert urls(urlset(entry(f"{BASE}/1", image + video + link), f"<url>{image}<loc>{BASE}/2</loc></url>")) == [
        f"{BASE}/1",
        f"{BASE}/2",
    ]


def test_news_sitemaps_give_the_date_of_publication() -> None:
    news = (
        "<lastmod>2026-02-01</lastmod><news:news><news:publication><news:name>N</news:name></news:publication>"
        "<news:publication_date>2026-01-31T08:00:00Z</news:publication_date><news:title>A &amp; B</news:title>"
    )
    (found,) = read_sitemap(urlset(entry(f"{BASE}/1", news)).encode(), URL).entries
    assert (found.modified, found.published, found.title) == ("2026-02-01", "2026-01-31T08:00:00Z", "A & B")


def test_an_index_leads_to_sitemaps() -> None:
    index = f"<sitemapindex><sitemap><loc>{BASE}/a.xml.gz</loc><lastmod>2026-01-01</lastmod></sitemap></sitemapindex>"
    read = read_sitemap(index.encode(), URL)
    assert read.found is Found.INDEX
    assert [(found.url, found.modified) for found in read.sitemaps] == [(f"{BASE}/a.xml.gz", "2026-01-01")]
    assert read.entries == ()


def test_gzip_is_unpacked_whole_or_not_and_twice() -> None:
    text = urlset(*(entry(f"{BASE}/{number * 7919}") for number in range(3000))).encode()
    packed = gzip.compress(text, mtime=0)
    assert len(urls(packed)) == len(urls(gzip.compress(packed))) == 3000
    cut = read_sitemap(packed[:-2000], URL)
    assert 1000 < len(cut.entries) < 3000
    assert cut.problem is not None
    assert "cut off" in cut.problem


def test_a_bomb_is_read_to_the_limit() -> None:
    bomb = gzip.compress(urlset(entry(f"{BASE}/1")).encode() + b" " * (sitemaps.MAX_BYTES + 1), mtime=0)
    read = read_sitemap(bomb, URL)
    assert [found.url for found in read.entries] == [f"{BASE}/1"]
    assert "unpacks to more than" in (read.problem or "")


def test_entries_beyond_the_protocol_s_limit_are_counted() -> None:
    read = read_sitemap(urlset(*(entry(f"{BASE}/{number}") for number in range(sitemaps.MAX_URLS + 2))).encode(), URL)
    assert (len(read.entries), read.over) == (sitemaps.MAX_URLS, 2)


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00\x00", b"\x1f\x8b\x08 damaged", bytes(range(256)) * 20, b"<html><body>404</body></html>", b"not found"],
)
def test_what_is_no_sitemap_gives_nothing_and_says_so(body: bytes) -> None:
    read = read_sitemap(body, URL)
    assert read.entries == read.sitemaps == ()
    assert read.problem or read.bad


@pytest.mark.parametrize("piece", ["<!--", "<![CDATA[", "<", "<a ", "&#", "<loc>", "<url>", "<a b='", "<image:image>"])
def test_hostile_markup_is_read_in_linear_time(piece: str) -> None:
    body = f"<urlset>{piece * (1_000_000 // len(piece))}".encode()
    started = time.process_time()
    read_sitemap(body, URL)
    assert time.process_time() - started < 5


FEEDS = {
    "rss": f"<rss><channel><link>{BASE}/</link><item><link>{BASE}/n/1</link></item></channel></rss>",
    "atom": (
        f"<feed xmlns='http://www.w3.org/2005/Atom'><link href='{BASE}/'/><entry><link rel='self' href='{BASE}/s'/>"
        f"<link rel='alternate' href='{BASE}/n/1'/></entry></feed>"
    ),
    "rdf": (
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>"
        f"<item><link>{BASE}/n/1</link></item></rdf:RDF>"
    ),
    "guid": f"<rss><channel><item><guid>{BASE}/n/1</guid></item><item><guid isPermaLink='false'>x</guid>",
    "xml:base": f"<feed xmlns='http://www.w3.org/2005/Atom' xml:base='{BASE}/n/'><entry><link href='1'/></entry>",
    "relative": "<rss><channel><item><link>/n/1</link></item></channel></rss>",
    "feedburner": (
        "<rss xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0'><channel><item><link>http://proxy.example/</link>"
        f"<feedburner:origLink>{BASE}/n/1</feedburner:origLink></item></channel></rss>"
    ),
    "cut off": f"<rss><channel><item><link>{BASE}/n/1</link></item><item><lin",
    "beside bad ones": (
        "<rss><channel><item><link>http://[bad</link></item><item><link>javascript:x</link></item>"
        f"<item><link>{BASE}/n/1</link></item></channel></rss>"
    ),
    "entities": f"<!DOCTYPE r [<!ENTITY a 'b'>]><rss><channel><item><title>&a;&nbsp;</title><link>{BASE}/n/1</link>",
    "json": '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "7", "url": "/n/1"}, 3, {"id": "x"}]}',
    "json by id": f'{{"items": [{{"id": "{BASE}/n/1"}}]}}',
}


@pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_feeds_lead_to_their_articles(feed: str, encoding: str) -> None:
    found = read_feed(feed.encode(encoding), f"{BASE}/feed").entries
    assert [entry.url for entry in found] == [f"{BASE}/n/1"]


def test_feeds_give_dates() -> None:
    rss = f"<rss><channel><item><link>{BASE}/1</link><pubDate>Thu, 01 Jan 2026 10:00:00 GMT</pubDate>"
    assert read_feed(rss.encode(), BASE).entries[0].published == "Thu, 01 Jan 2026 10:00:00 GMT"
    feed = '{"items": [{"url": "/1", "date_published": "2026-01-01", "date_modified": "2026-01-02"}]}'
    (found,) = read_feed(feed.encode(), BASE).entries
    assert (found.published, found.modified) == ("2026-01-01", "2026-01-02")


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'{"items": 3}', b"<html><p>404</p></html>", b"\xff\x00\x01" * 90])
def test_what_is_no_feed_gives_nothing_and_says_so(body: bytes) -> None:
    found = read_feed(body, f"{BASE}/feed")
    assert found.entries == ()
    assert found.problem


def test_a_feed_is_neither_a_file_nor_an_address_to_ask() -> None:
    for body in (b"/etc/passwd", b"http://127.0.0.1:9/feed", b"file:///etc/passwd"):
        assert read_feed(body, BASE).entries == ()


def test_a_feed_has_a_limit_of_entries() -> None:
    items = "".join(f"<item><link>{BASE}/{number}</link></item>" for number in range(feeds.MAX_ENTRIES + 10))
    assert len(read_feed(f"<rss><channel>{items}</channel></rss>".encode(), BASE).entries) == feeds.MAX_ENTRIES


def test_a_feed_named_as_sitemap_is_read_as_a_feed_and_the_reverse() -> None:
    feed, sitemap = FEEDS["rss"].encode(), urlset(entry(f"{BASE}/n/1")).encode("utf-16")
    for kind, body in ((As.SITEMAP, feed), (As.FEED, sitemap)):
        found = read(Task(kind=kind, url=URL, body=body))
        assert [one.url for one in found.entries] == [f"{BASE}/n/1"]  # type: ignore[union-attr]  # not of a page
    assert (sniff(feed), sniff(sitemap), sniff(gzip.compress(feed))) == (As.FEED, As.SITEMAP, As.FEED)
