"""Discovery in live crawls: what sitemaps, feeds and links lead to, in which order, and what is left out of a trap."""

from __future__ import annotations

import gzip
import json
import random
import re
from typing import TYPE_CHECKING, Any

import pytest

from saaf.corpus.exit_codes import Exit
from tests.integration.server import SENTENCES, Answer, Crawl, Server, article, crawl, html, links, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

XML = {"Content-Type": "application/xml"}
OLD, NEW = "2025-11-05", "2026-01-15"


def urlset(base: str, *entries: tuple[str, str]) -> str:
    rows = (f"<url><loc>{base}{path}</loc><lastmod>{day}</lastmod></url>" for path, day in entries)
    return f"<?xml version='1.0' encoding='UTF-8'?><urlset>{''.join(rows)}</urlset>"


def dated(day: str, name: str = "tide") -> Answer:
    return html(article(name, head=f"<meta property='article:published_time' content='{day}T08:00:00Z'>"))


def newspaper(base: str) -> dict[str, Answer]:
    """Return a site whose sitemaps and feeds have everything that can be wrong with them."""
    index = "".join(
        f"<sitemap><loc>{location}</loc><lastmod>{day}</lastmod></sitemap>"
        for location, day in (
            (f"{base}/s/bad.xml", NEW), (f"{base}/s/utf16.xml", NEW), (f"{base}/s/list.txt", NEW),
            (f"{base}/s/old.xml", OLD), (f"{base}/s/html.xml", NEW), (f"{base}/sitemap-index.xml", NEW),
            ("http://elsewhere.invalid/s.xml", NEW), ("http://[bad", NEW), (f"{base}/s/cut.xml.gz", NEW),
        )
    )  # fmt: skip
    bad = urlset(
        base, ("/n/1", NEW), ("/n/old-by-sitemap", OLD), ("/2025/11/30/old-by-address", NEW), ("/n/old-inside", NEW)
    )
    bad = bad.replace("<url>", "<url><loc>http://[bad</loc></url><url><loc>javascript:x</loc></url><url>", 1)
    packed = gzip.compress(
        urlset(base, ("/n/3", NEW), *((f"/filler/{number * 7919}", OLD) for number in range(900))).encode()
    )
    items = [{"id": "1", "url": "/n/4", "date_published": NEW}, {"url": "/n/old-by-feed", "date_published": OLD}]
    rss = f"<rss><channel><item><guid>{base}/n/5</guid><pubDate>Thu, 15 Jan 2026 08:00:00 GMT</pubDate></item>"
    long = "<p>" + f"{SENTENCES['mill']} " * 4_000 + "</p>"
    types = {"application/feed+json": "/j", "application/rss+xml": "/r"}
    announced = "".join(f"<link rel=alternate type='{name}' href='{path}'>" for name, path in types.items())
    front = links("/section/a", "/blog", "/hop", "/n/6/amp/", "/n/7?print=1", "/deep", "/big")
    return {
        "/robots.txt": Answer(body=f"User-agent: *\nSitemap: {base}/sitemap-index.xml\n".encode()),
        "/": html(front.replace("<body>", f"<body>{announced}")),
        "/sitemap-index.xml": Answer(body=f"<sitemapindex>{index}</sitemapindex>".encode(), headers=XML),
        "/s/bad.xml": Answer(body=bad.encode(), headers=XML),
        "/s/utf16.xml": Answer(body=urlset(base, ("/n/2", NEW)).encode("utf-16"), headers=XML),
        "/s/list.txt": Answer(body=f"{base}/n/8\nnothing\n".encode("utf-8-sig")),
        "/s/html.xml": html(article("choir")),
        "/s/cut.xml.gz": Answer(body=packed[:-300], headers={"Content-Type": "application/gzip"}),
        "/j": Answer(body=json.dumps({"items": items}).encode(), headers={"Content-Type": "application/feed+json"}),
        "/r": Answer(body=rss.encode(), headers={"Content-Type": "text/html"}),
        **{f"/n/{number}": dated(NEW) for number in (1, 2, 3, 4, 5, 6, 8)},
        "/n/6/": dated(NEW),
        "/n/7": Answer(status=404),
        "/n/old-inside": dated(OLD),
        "/section/a": html(links(*(f"/n/{number}" for number in range(1, 6)))),
        "/blog": html(article("ferry", head="<meta http-equiv=refresh content='60;url=/blog'>")),
        "/hop": html("<meta http-equiv=refresh content='0;url=/n/9'><p>Please wait.</p>"),
        "/n/9": dated(NEW, "choir"),
        "/deep": html("<div>" * 5_000 + article("mill").decode() + "</div>" * 5_000 + "<a href='/n/10'>on</a>"),
        "/n/10": dated(NEW),
        "/big": html(f"<html><body>{long}<a href='/n/11'>on</a></body></html>"),
        "/n/11": dated(NEW),
    }  # fmt: skip


def small(base: str) -> dict[str, Answer]:
    """Return a site that says nothing of its sitemaps and feeds, and has both at the usual paths."""
    return {
        "/": html(links("/about", "/contact", "/imprint")),
        "/about": html(article("mill")),
        "/sitemap.xml": Answer(body=urlset(base, ("/n/1", NEW)).encode(), headers=XML),
        "/rss.xml": Answer(body=f"<rss><channel><item><link>{base}/n/2</link></item></channel></rss>".encode()),
        "/feed": html(article("choir")),
        **{f"/n/{number}": dated(NEW) for number in (1, 2)},
    }


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server, Crawl]]:
    """One crawl of both sites; the second is given by its host, and does not answer by https."""
    with serving(newspaper) as server, serving(small) as other:
        arguments = ("-a", f"sites={server.base},{other.base.removeprefix('http://')}", "-a", "since=2026-01-01")
        # One request at a time: the server sees them in the order in which they were sent.
        settings = {"SAAF_BUILD": 0, "METAREFRESH_ENABLED": 0, "RETRY_TIMES": 0, "CONCURRENT_REQUESTS_PER_DOMAIN": 1}
        yield server, other, crawl("news", *arguments, output=tmp_path_factory.mktemp("news"), **settings)  # type: ignore[arg-type]  # settings


@pytest.fixture
def news(both: tuple[Server, Server, Crawl]) -> tuple[Server, Crawl]:
    return both[0], both[2]


def test_a_host_is_tried_by_https_then_by_http_and_at_the_usual_paths(both: tuple[Server, Server, Crawl]) -> None:
    _, other, done = both
    states = {url.removeprefix(other.base): state for url, state in done.states().items() if url.startswith(other.base)}
    assert {path for path, state in states.items() if state == "document"} == {"/about", "/n/1", "/n/2"}
    assert states["/feed"] == states["/sitemap.xml"] == states["/rss.xml"] == "not_content"
    assert states["/atom.xml"] == "http_error"
    assert done.states()[f"{other.base.replace('http:', 'https:')}/"] == "fetch_failed"


def test_every_article_inside_the_window_is_found_beside_all_that_is_wrong(news: tuple[Server, Crawl]) -> None:
    server, done = news
    assert done.code == 0, done.stderr
    states = {url.removeprefix(server.base): state for url, state in done.states().items()}
    documents = {path for path, state in states.items() if state == "document" and path.startswith("/")}
    # Of the address with ?print=1 the page itself is gone: what there is of it is better than nothing.
    assert documents == {
        *(f"/n/{number}" for number in (1, 2, 3, 4, 5, 8, 9, 10, 11)), "/n/6/", "/blog", "/deep", "/big"
    }  # fmt: skip
    assert states["/n/6/amp/"] == "alternate"
    assert {path for path, state in states.items() if state == "outside_window" and "filler" not in path} == {
        "/n/old-by-sitemap", "/2025/11/30/old-by-address", "/n/old-inside", "/n/old-by-feed", "/s/old.xml"
    }  # fmt: skip
    assert states["http://elsewhere.invalid/s.xml"] == "offsite"


def test_what_is_outside_the_window_is_not_asked_for(news: tuple[Server, Crawl]) -> None:
    server, _ = news
    assert not [path for path in server.asked if "old" in path and path != "/n/old-inside"]
    assert not [path for path in server.asked if "filler" in path]
    assert "/n/6/amp/" not in server.asked
    assert "/n/7?print=1" in server.asked, "the page it is a version of does not answer"
    assert server.asked.count("/sitemap-index.xml") == 1


def test_reasons_count_what_was_skipped(news: tuple[Server, Crawl]) -> None:
    server, done = news
    reasons = {url.removeprefix(server.base): reason or "" for url, (_, _, reason) in done.ledger().items()}
    assert reasons["/s/bad.xml"] == "sitemap; 2 entries without a usable address were skipped"
    assert reasons["/sitemap-index.xml"] == "sitemap; 1 entries without a usable address were skipped"
    assert reasons["/s/html.xml"] == "sitemap; not a sitemap: its first element is <html>"
    assert "cut off" in reasons["/s/cut.xml.gz"]
    assert reasons["/n/old-by-sitemap"] == "last changed 2025-11-05, before 2026-01-01 (since)"
    assert reasons["/hop"] == f"a refresh leads at once to {server.base}/n/9"


def test_sitemaps_and_feeds_come_before_links(news: tuple[Server, Crawl]) -> None:
    server, _ = news
    assert server.asked.index("/sitemap-index.xml") < server.asked.index("/section/a")
    assert server.asked.index("/j") < server.asked.index("/blog")


WORDS = ("harbour", "bridge", "market", "choir", "ferry", "lantern", "orchard", "school", "window", "river", "garden")


class TrapSite(dict[str, Answer]):
    """A site of articles, in sections of many pages, beside a calendar with its days, a filter, sessions, paths without
    an end and stories that a machine writes.
    """

    def __init__(self, articles: int) -> None:
        super().__init__()
        self.articles = articles

    def get(self, path: str, default: object = None) -> Answer:
        parts = path.strip("/").split("/")
        session, month = f"{random.getrandbits(64):016x}", random.randrange(1, 13)
        menu = [
            "/calendar/2026/1",
            f"/loop/{session}/home",
            "/shop?color=1",
            "/deep/a/",
            "/tale/the-first-of-all",
            *(f"/section/{number}" for number in range(5)),
        ]
        body = ""
        if parts[0] == "section":
            number = int(parts[3]) if len(parts) > 2 else 1
            listed = range(int(parts[1]), self.articles, 5)
            menu += [f"/article/{each}" for each in listed[number * 2 - 2 : number * 2]]
            menu += [f"/section/{parts[1]}/page/{number + 1}"] if number * 2 < len(listed) else []
        elif parts[0] == "article":
            drawn = random.Random(parts[1])
            body = "".join(f"<p>{' '.join(drawn.choice(WORDS) for _ in range(40))}.</p>" for _ in range(4))
        elif parts[0] == "calendar":
            year = int(parts[1])
            menu += [f"/calendar/{year + 1}/{month}", f"/calendar/{year - 1}/{month}"]
            if len(parts) == 3:
                menu += [f"/calendar/{year}/{parts[2]}/{day}" for day in range(1, 29)]
            body = f"<h1>Month {month} of {year}</h1><p>There are no events in this month; choose another one.</p>"
        elif parts[0] == "deep":
            menu += [f"{path.rstrip('/')}/{name}/" for name in random.sample("abcdefghijklm", 4)]
            body = "<p>Everything about this and that, and about much more below.</p>"
        elif parts[0] == "tale":
            menu += [f"/tale/{'-'.join(random.choices(WORDS, k=4))}" for _ in range(5)]
            body = "".join(f"<p>{' '.join(random.choices(WORDS, k=40))}.</p>" for _ in range(4))
        elif parts[0] == "loop":
            menu += [f"/loop/{session}/cart", f"/loop/{session}/home?sid={session}", "deeper/on/"]
            body = f"<p>Your session is {session}; it ends in an hour, and all that is in it goes.</p>"
        elif parts[0] == "shop":
            names = random.sample(["color", "size", "sort", "brand"], 3)
            menu += [f"/shop?{name}={random.randrange(99)}&{names[0]}={random.randrange(99)}" for name in names[1:]]
            body = "<p>Boots, shoes and coats for every weather, and for the whole family.</p>"
        elif path == "/robots.txt":
            return Answer(status=404)
        return html(links(*menu).replace("</body>", f"{body}</body>"))


def test_all_articles_of_a_site_full_of_traps_are_found(tmp_path: Path) -> None:
    with serving(lambda _: {}) as server:
        server.answers = TrapSite(articles=40)
        limits: dict[str, Any] = {"DEPTH_LIMIT": 0, "CLOSESPIDER_PAGECOUNT": 400, "SAAF_BUILD": 0}
        done = crawl("web", "-a", f"start={server.base}/", output=tmp_path, **limits)
    assert done.code == Exit.LIMIT, "the tales have no end, and each is new"
    found = {path for path in server.asked if re.fullmatch(r"/article/\d+", path)}
    assert len(found) == 40
    states = done.states()
    assert {states[f"{server.base}{path}"] for path in found} == {"document"}
    assert max(map(server.asked.index, found)) < 330
    traps = [reason or "" for _, state, reason in done.ledger().values() if state == "trap"]
    assert any("/calendar/N/N" in reason and "brought no new text" in reason for reason in traps)


def test_the_pages_of_a_long_list_are_one_step_and_a_long_way_is_many(tmp_path: Path) -> None:
    """`web` follows links five steps: the twelfth page of a section is two, the sixth of a chain is six."""

    def site(_: str) -> dict[str, Answer]:
        pages = {"/": html(links("/section", "/archive/page/1", "/way/b"))}
        for number in range(1, 13):
            query, path = f"/section?page={number + 1}", f"/archive/page/{number + 1}"
            pages["/section" + (f"?page={number}" if number > 1 else "")] = html(links(f"/news/q{number}", query))
            pages[f"/archive/page/{number}"] = html(links(f"/news/p{number}", path))
            pages |= {f"/news/{kind}{number}": html(article("tide", body=f"<p>{kind}{number}")) for kind in "qp"}
        for name in "bcdefg":
            pages[f"/way/{name}"] = html(links(f"/way/{chr(ord(name) + 1)}"))
        return pages

    with serving(site) as server:
        crawl("web", "-a", f"start={server.base}/", output=tmp_path, SAAF_BUILD=0, SAAF_TDMREP=0)
        asked = set(server.asked)
    assert {f"/news/{kind}{number}" for kind in "qp" for number in range(1, 13)} <= asked
    assert {"/section?page=13", "/archive/page/13", "/way/f"} <= asked
    assert "/way/g" not in asked
