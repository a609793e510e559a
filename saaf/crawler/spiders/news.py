"""Spider for news sites: `scrapy crawl news -a sites=example.com,other.org -a since=2026-01-01`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urljoin, urlsplit

from saaf.crawler.discovery.planning import START, Link
from saaf.crawler.frontier.stored_requests import FALLBACK
from saaf.crawler.spiders.arguments import split_commas
from saaf.crawler.spiders.site import SiteSpider

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class NewsSpider(SiteSpider):
    """Spider that crawls sites by their sitemaps and feeds first, newest articles first, then by their sections and
    links, breadth first.

    Arguments: `sites`, hosts or URLs separated by commas; of a host, https is tried first, then http. `since` and
    `until`, the first and last day of publication that is wanted (2026-01-31). `article` and `follow`, regular
    expressions as in `SiteSpider`. Where robots.txt names no sitemap and the start page no feed, the usual paths are
    tried. Links are followed up to eight steps, of which all pages of a list are one (`-s DEPTH_LIMIT=`).
    """

    name = "news"
    usual_sitemaps = ("/sitemap.xml", "/sitemap_index.xml", "/news-sitemap.xml", "/sitemap-news.xml", "/sitemap.txt")
    usual_feeds = ("/feed", "/rss", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml", "/feed.json")
    custom_settings: ClassVar[dict[str, Any] | None] = {"DEPTH_LIMIT": 8}  # type: ignore[misc]  # Scrapy annotates it as an instance's

    def __init__(
        self, sites: str = "", article: str | None = None, follow: str | None = None, **arguments: Any
    ) -> None:
        super().__init__(**arguments)
        self.start_urls = site_urls(sites)
        self._fallbacks = {
            url: f"http{url.removeprefix('https')}"
            for site, url in zip(split_commas(sites), self.start_urls, strict=True)
            if "://" not in site
        }
        hosts = (urlsplit(url).hostname or "" for url in self.start_urls)
        self.allowed_domains = list(dict.fromkeys(host.removeprefix("www.") for host in hosts))
        self.article = article
        self.follow = follow

    @classmethod
    def check_arguments(cls, arguments: Mapping[str, str]) -> None:
        """Raise ValueError unless `sites` names hosts or URLs and the other arguments can be used."""
        super().check_arguments(arguments)
        site_urls(arguments.get("sites", ""))

    def start_links(self) -> Iterator[Link]:
        """Yield the robots.txt and the start page of each site, with http for those that do not answer by https."""
        for url in self.start_urls:
            fallback = self._fallbacks.get(url)
            robots = {FALLBACK: urljoin(fallback, "/robots.txt")} if fallback else {}
            yield Link(url=urljoin(url, "/robots.txt"), kind="robots", meta=robots)
            page = {FALLBACK: fallback} if fallback else {}
            yield Link(url=url, kind="list", listed=True, meta={START: True, **page})


def site_urls(sites: str) -> list[str]:
    """Return the start URLs of hosts and URLs separated by commas; raise ValueError, with an example, where one is
    neither.
    """
    example = "for example -a sites=example.com,https://www.example.org/news/"
    names = split_commas(sites)
    if not names:
        raise ValueError(f"which sites should be crawled? Say so, {example}")
    return [_site_url(name, example) for name in names]


def _site_url(name: str, example: str) -> str:
    url = name if "://" in name else f"https://{name}"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    known = host == "localhost" or "." in host.strip(".") or ":" in host
    if (
        url.partition("://")[0].lower() not in ("http", "https")
        or not known
        or any(letter in host for letter in " <>\"'")
    ):
        raise ValueError(f"sites={name} is neither a host nor a URL; {example}")
    return url if parts.path else f"{url}/"
