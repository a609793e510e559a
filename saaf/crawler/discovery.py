"""URL discovery: links read from sitemaps, feeds and pages, and which pages are documents; it makes no requests."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.http import HtmlResponse, TextResponse
from scrapy.linkextractors import LinkExtractor
from scrapy.selector import Selector

from saaf.cleaning.html.jsonld import top_level_nodes, type_names
from saaf.cleaning.text.urls import path_of, without_tracking
from saaf.corpus.decompression import GZIP_MAGIC, gunzip, unpack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import Response

# A comment's "reply" link and a share button lead to the page they stand on.
COPIES = ("replytocom", "share", "like_comment")
MAX_SITEMAP_BYTES = 50 * 1024 * 1024  # the protocol's own limit for one unpacked sitemap (sitemaps.org)
PROSE_LINE = 60  # letters: menu entries and headlines are rarely longer, paragraphs rarely shorter
PROSE = 300  # letters of such paragraphs that make a page a document; docs/decisions/0007 has the measurement
_ROOT = re.compile(rb"<(?:\w+:)?(urlset|sitemapindex|rss|feed|RDF)[\s>]")
_ARTICLE_TYPES = re.compile(r"(?:[A-Za-z]*Article|BlogPosting|Report|LiveBlogPosting)$")
_CUT_OFF = re.compile(r"(?:…|\.\.\.)[\s\])»]*$")
# What says "footer" or "cookie" of itself and holds a headline is no footer: wrappers and <body> do ("has-footer").
_NAMES = " or ".join(f"contains(@{name}, '{word}')" for name in ("class", "id") for word in ("footer", "cookie"))
_ASIDE = "self::a or self::script or self::style or self::noscript or self::footer"
_WITH_TEXT = f"//body//*[text()][not(ancestor-or-self::*[{_ASIDE} or (({_NAMES}) and not(.//h1) and not(self::body))])]"
_links = LinkExtractor(tags=("a", "area"), attrs=("href",), unique=True)


class Kind(StrEnum):
    """The kind of a response; a value is the ledger's reason why it is no document."""

    ROBOTS = "robots.txt"
    SITEMAP = "sitemap"
    FEED = "feed"
    PAGE = "listing page, looked at for links"
    OTHER = "no text"


def kind_of(response: Response) -> Kind:
    """Return the kind of a response, by its URL's path and its first bytes: servers mislabel feeds and sitemaps."""
    if path_of(response.url) == "/robots.txt":
        return Kind.ROBOTS
    if isinstance(response, HtmlResponse):
        return Kind.PAGE
    root = _ROOT.search(_unpacked(response, 2048))
    if root:
        return Kind.SITEMAP if root[1] in (b"urlset", b"sitemapindex") else Kind.FEED
    return Kind.PAGE if isinstance(response, TextResponse) else Kind.OTHER


def purpose(response: Response) -> str:
    """Return the ledger's reason for a response that is no document."""
    kind = kind_of(response)
    if kind is Kind.OTHER:
        content_type = response.headers.get("Content-Type") or b"of no stated type"
        return f"{content_type.decode('latin-1')}: not a text"
    return kind.value


def robots_sitemaps(response: Response) -> Iterator[str]:
    """Yield the URLs of the sitemaps that a robots.txt names."""
    for line in response.body.splitlines():
        name, _, value = line.decode("utf-8", "replace").partition(":")
        if name.strip().lower() == "sitemap" and value.strip():
            yield response.urljoin(value.strip())


def sitemap_links(response: Response) -> Iterator[tuple[str, bool]]:
    """Yield (URL, whether it is of another sitemap) for each link of a sitemap or sitemap index."""
    for location in _xml(response).xpath("//*[local-name()='loc'][not(ancestor::*[local-name()='image'])]"):
        is_sitemap = bool(location.xpath("boolean(parent::*[local-name()='sitemap'])").get() == "1")
        link = "".join(location.xpath("text()").getall()).strip()
        if link:
            yield without_tracking(response.urljoin(link)), is_sitemap


def feed_links(response: Response) -> Iterator[str]:
    """Yield the URLs of the articles that an RSS, RDF or Atom feed links to."""
    for entry in _xml(response).xpath("//*[local-name()='item' or local-name()='entry']"):
        link = entry.xpath("*[local-name()='link'][not(@rel) or @rel='alternate']")
        text = (link.xpath("@href").get() or link.xpath("text()").get() or "").strip()
        if text:
            yield without_tracking(response.urljoin(text))


def feeds(response: HtmlResponse) -> Iterator[str]:
    """Yield the URLs of the feeds that a page announces in its head."""
    types = "@type='application/rss+xml' or @type='application/atom+xml'"
    for href in response.xpath(f"//link[contains(@rel, 'alternate')][{types}]/@href").getall():
        yield response.urljoin(href.strip())


def page_links(response: HtmlResponse) -> list[str]:
    """Return the URLs of a page's links, tidied, each once, in order; links marked rel=nofollow are left out."""
    urls = (without_tracking(link.url) for link in _links.extract_links(response) if not link.nofollow)
    web = (url for url in urls if url.startswith(("http://", "https://")) and not _is_copy(url))
    return list(dict.fromkeys(web))


def is_document(response: TextResponse) -> bool:
    """Return whether a page is a document rather than a list of links to other pages.

    In doubt it is a document: a page without text is rejected when it is cleaned, but a page that is rejected here is
    lost. A front page is a list whatever it shows of its articles.
    """
    if not isinstance(response, HtmlResponse):
        return True
    if _is_declared_article(response):
        return True
    if path_of(response.url) in ("", "/") and len(page_links(response)) >= 3:
        return False
    return _prose(response) >= PROSE or len(page_links(response)) < 3


def _is_declared_article(response: HtmlResponse) -> bool:
    if response.xpath("//meta[@property='og:type']/@content").get(default="").strip().lower() == "article":
        return True
    scripts = response.xpath("//script[contains(@type, 'ld+json')]/text()").getall()
    # Of what stands deeper nothing is said of the page: a list describes the articles that it links to.
    return any(_ARTICLE_TYPES.match(name) for node in top_level_nodes(scripts) for name in type_names(node))


def _prose(response: HtmlResponse) -> int:
    """Return the number of letters of prose outside links and footers; short lines that end in an ellipsis are teasers.

    The lines of one element count together, so a poem is prose here.
    """
    texts = (" ".join(" ".join(element.xpath("text()").getall()).split()) for element in response.xpath(_WITH_TEXT))
    sizes = ((_letters(text), _CUT_OFF.search(text) is not None) for text in texts)
    return sum(size for size, cut_off in sizes if size >= PROSE_LINE and (size >= PROSE or not cut_off))


def _letters(line: str) -> int:
    # A text in Chinese or Japanese has about a third of the characters of its English translation.
    return len(line) + 2 * sum(character >= "\u2e80" for character in line)


def _is_copy(url: str) -> bool:
    names = {pair.partition("=")[0] for pair in urlsplit(url).query.split("&")}
    return not names.isdisjoint(COPIES)


def _unpacked(response: Response, limit: int = MAX_SITEMAP_BYTES) -> bytes:
    """Return the first `limit` bytes of the body, unpacked where it is a gzip file (sitemap.xml.gz), whole or not: the
    links that can be read lead on.
    """
    if not response.body.startswith(GZIP_MAGIC):
        return response.body[:limit]
    return unpack(response.body, gunzip, limit).body


def _xml(response: Response) -> Selector:
    return Selector(text=_unpacked(response).decode("utf-8", "replace"), type="xml")
