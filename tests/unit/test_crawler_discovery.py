"""What responses are and where they lead."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response, TextResponse, XmlResponse

from saaf.cleaning.html.outline import PROSE_LINE
from saaf.cleaning.types import Page
from saaf.corpus.ledger import Failure, State
from saaf.crawler.discovery import kinds as discovery
from saaf.crawler.discovery.planning import Link
from saaf.crawler.spiders.site import SiteSpider

BASE = "https://www.example.org"
HINDI = "नगर के पुराने पुल की मरम्मत का काम तीन सप्ताह में पूरा हो गया और यातायात फिर से शुरू कर दिया गया है।"
CHINESE = "老桥的修缮工程历时三周终于完工，市民今天早上重新走上桥面，许多人带着孩子前来参观并合影留念。"
MENU = "".join(f"<li><a href='/section/{number}'>अनुभाग {number}</a></li>" for number in range(12))


class Site(SiteSpider):
    name = "site"
    article = r"/n/\d+$"
    follow = r"/page/\d+$"


def page(body: str, *, path: str = "/a/b", head: str = "") -> HtmlResponse:
    content = f"<html><head>{head}</head><body><ul>{MENU}</ul>{body}</body></html>"
    return HtmlResponse(BASE + path, body=content.encode(), encoding="utf-8")


def paragraphs(sentence: str, count: int = 5) -> str:
    return "".join(f"<p>{sentence}</p>" for _ in range(count))


@pytest.mark.parametrize("sentence", [HINDI, CHINESE], ids=["hi", "zh"])
def test_a_page_of_prose_is_a_document_in_any_script(sentence: str) -> None:
    assert discovery.is_document(page(paragraphs(sentence)))


def test_a_poem_is_a_document_though_no_line_of_it_is_long() -> None:
    lines = [f"बादल {word} आए, आँगन में पानी भर गया" for word in ("काले", "नीले", "भूरे", "धीरे", "पास", "दूर") * 2]
    assert max(map(len, lines)) < PROSE_LINE
    assert discovery.is_document(page(f"<div class='verse'>{'<br>'.join(lines)}</div>"))


def test_a_wrapper_named_after_its_footer_is_not_one() -> None:
    assert discovery.is_document(page(f"<div class='has-footer'><h1>पुल</h1>{paragraphs(HINDI)}</div>"))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "".join(f"<h3><a href='/n/{number}'>{HINDI}</a></h3>" for number in range(9)),
        "".join(f"<h3><a href='/n/{number}'>{number}</a></h3><p>{HINDI[:-8]}…</p>" for number in range(9)),
        "".join(f"<h3><a href='/n/{number}'>{number}</a></h3><p>{HINDI[:-8]} [...]</p>" for number in range(9)),
        f"<footer>{paragraphs(HINDI)}</footer><div class='cookie-bar'>{paragraphs(HINDI)}</div>",
    ],
    ids=["menu only", "headlines", "teasers cut off", "teasers cut off with dots", "footer and cookie bar"],
)
def test_a_list_of_other_pages_is_not(body: str) -> None:
    assert not discovery.is_document(page(body))


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="og:type" content="Article">',
        '<script type="application/ld+json">{"@type": "NewsArticle"}</script>',
        '<script type="application/ld+json">{"@graph": [{"@type": "WebSite"}, {"@type": ["BlogPosting"]}]}</script>',
        '<script type="application/ld+json">{broken</script><script type="application/ld+json">[{"@type":"Report"}]',
        (
            '<script type="application/ld+json">/* by the theme */\n'
            '{"@type": ["https://schema.org/NewsArticle"], "headline": "पुल", }</script>'
        ),
    ],
)
def test_a_page_that_says_it_is_an_article_is_one_however_short(head: str) -> None:
    assert discovery.is_document(page("<p>छोटा समाचार।</p>", head=head))


def test_a_list_that_describes_its_articles_is_still_a_list() -> None:
    items = '{"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle"}]}'
    assert not discovery.is_document(page("", head=f'<script type="application/ld+json">{items}</script>'))


def test_a_front_page_is_a_list_whatever_it_shows() -> None:
    assert not discovery.is_document(page(paragraphs(HINDI), path="/"))
    assert discovery.is_document(HtmlResponse(BASE + "/", body=paragraphs(HINDI).encode(), encoding="utf-8"))


@pytest.mark.parametrize("body", [b"", bytes(range(256)) * 4, "<p>मरम्मत</p>".encode()])
def test_in_doubt_a_page_is_read(body: bytes) -> None:
    response = HtmlResponse(BASE + "/x", body=body, encoding="utf-8")
    assert discovery.is_document(response), (
        "what is no text is found out when it is cleaned; a page passed over is lost"
    )


def test_links_are_tidied() -> None:
    body = """<a href='/n/1?utm_source=x&id=7#c'>1</a><a href='/n/1?id=7'>again</a>
    <a href='/n/1?id=7&replytocom=3'>reply</a> <a href='/n/2' rel='nofollow'>2</a><a href='mailto:x@example.org'>m</a>
    <a href='javascript:void(0)'>j</a>
    <a href='/pic.jpg'>p</a><a href='/list?tag=a&tag=b'>t</a>"""
    response = HtmlResponse(BASE + "/", body=body.encode(), encoding="utf-8", request=Request(BASE + "/"))
    spider = SiteSpider("lists")
    spider.article = lambda _: False
    found = {link.url: None for link in spider.extract(response) if isinstance(link, Link)}
    assert list(found) == [f"{BASE}/n/1?id=7", f"{BASE}/list?tag=a&tag=b"]


SITEMAP = f"<urlset><url><loc>{BASE}/n/1</loc></url><url><loc>http://[bad</loc></url></urlset>"
FEED = f"<rss><channel><item><link>{BASE}/n/1</link></item></channel></rss>"


@pytest.mark.parametrize(("text", "kind"), [(SITEMAP, discovery.Kind.SITEMAP), (FEED, discovery.Kind.FEED)])
def test_mislabelled_sitemaps_and_feeds_are_told_by_their_first_element(text: str, kind: discovery.Kind) -> None:
    responses = (
        XmlResponse(f"{BASE}/x", body=text.encode()),
        TextResponse(f"{BASE}/x", body=text.encode(), encoding="utf-8"),
        Response(f"{BASE}/x", body=gzip.compress(text.encode())),
        Response(f"{BASE}/x", body=text.encode("utf-16")),
    )
    assert [discovery.kind_of(response) for response in responses] == [kind] * 4
    damaged = Response(f"{BASE}/sitemap.xml.gz", body=b"\x1f\x8b\x08 damaged")
    assert discovery.kind_of(damaged) is discovery.Kind.OTHER


@pytest.mark.parametrize("asked", ["sitemap", "feed", "robots"])
@pytest.mark.parametrize("body", [paragraphs(HINDI), f"{BASE}/n/1", "{}", ""], ids=["html", "text", "json", "nothing"])
def test_what_was_asked_for_as_a_list_is_no_page_whatever_comes_back(asked: str, body: str) -> None:
    request = Request(f"{BASE}/x", meta={"saaf_kind": asked, "saaf_fetched_at": datetime.now(UTC)})
    for kind in (HtmlResponse, TextResponse, Response):
        response = kind(f"{BASE}/x", body=body.encode("utf-16"), request=request)
        assert discovery.kind_of(response) is discovery._ASKED[asked]
        assert not [found for found in Site().extract(response) if isinstance(found, Page)]


def test_the_reason_in_the_ledger_counts_what_was_skipped() -> None:
    response = XmlResponse(f"{BASE}/sitemap.xml", body=SITEMAP.encode())
    assert discovery.purpose(response) == "sitemap; 1 entries without a usable address were skipped"
    asked = Request(f"{BASE}/sitemap.xml", meta={"saaf_kind": "sitemap"})
    page = HtmlResponse(f"{BASE}/sitemap.xml", body=b"<html><p>404", request=asked)
    assert discovery.purpose(page) == "sitemap; not a sitemap: its first element is <html>"
    discovery.keep_reading(page, Failure(state=State.OVER_BUDGET, reason="reading it took too long", url=page.url))
    assert discovery.purpose(page) == "sitemap; its links could not be read: reading it took too long"


def test_robots_txt_names_sitemaps() -> None:
    body = (
        b"\xef\xbb\xbfUser-agent: *\nDisallow: /x\nsitemap: /one.xml # main\nSITEMAP : https://cdn.example.org/two.xml\n"
        b"Sitemap: http://[bad\nSitemap:\nSitemap: /one.xml\n\xff\xfe"
    )
    response = TextResponse(BASE + "/robots.txt", body=body)
    assert list(discovery.robots_sitemaps(response)) == [f"{BASE}/one.xml", "https://cdn.example.org/two.xml"]


def test_a_site_s_patterns_decide_what_is_asked_for() -> None:
    spider = Site()
    wanted = [url for url in ("/n/1", "/n/x", "/page/2", "/about") if spider.should_follow(BASE + url)]
    assert wanted == ["/n/1", "/page/2"]


def test_an_article_may_be_a_function_of_the_response() -> None:
    class ByClass(SiteSpider):
        name = "by_class"

        def article(self, response: TextResponse) -> bool:
            return bool(response.css("article.story"))

    spider = ByClass()
    assert spider.is_article(page("<article class=story>x</article>"))
    assert not spider.is_article(page("<article class=ad>x</article>"))
    assert spider.should_follow(BASE + "/anything")
