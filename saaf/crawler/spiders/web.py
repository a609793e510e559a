"""Spider for any site: `scrapy crawl web -a start=https://www.example.org/`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from saaf.crawler.spiders.arguments import split_commas
from saaf.crawler.spiders.site import SiteSpider

if TYPE_CHECKING:
    from collections.abc import Mapping


class WebSpider(SiteSpider):
    """Spider that crawls the hosts of the start URLs, for sites that have no spider of their own.

    Arguments: `start`, URLs separated by commas, which only a replay of an archive can do without (SAAF_SOURCE);
    `domains`, further domains that may be followed; `article` and `follow`, regular expressions, `since` and `until`,
    days, as in `SiteSpider`.
    Limits: links up to five steps from a start URL, of which all pages of a list are one, 1,000 pages
    (`-s DEPTH_LIMIT=`, `-s CLOSESPIDER_PAGECOUNT=`), no JavaScript, no forms, no log-in.
    """

    name = "web"
    custom_settings: ClassVar[dict[str, Any] | None] = {  # type: ignore[misc]  # Scrapy annotates it as an instance's
        "DEPTH_LIMIT": 5,
        "CLOSESPIDER_PAGECOUNT": 1000,
    }

    def __init__(
        self,
        start: str = "",
        domains: str = "",
        article: str | None = None,
        follow: str | None = None,
        **arguments: Any,
    ) -> None:
        super().__init__(**arguments)
        # Without a start, a crawl begins at the pages of SAAF_SOURCE; the command asks for one of the two.
        self.start_urls = check_start_urls(start) if start else []
        self.allowed_domains = [*(urlsplit(url).hostname or "" for url in self.start_urls), *split_commas(domains)]
        self.article = article
        self.follow = follow

    @classmethod
    def check_arguments(cls, arguments: Mapping[str, str]) -> None:
        """Raise ValueError unless `start` has URLs, each of them absolute, and the others can be used."""
        super().check_arguments(arguments)
        check_start_urls(arguments.get("start", ""))


def check_start_urls(start: str) -> list[str]:
    """Return the URLs of a list separated by commas; raise ValueError, with an example, where one is not whole."""
    urls = split_urls(start)
    example = "for example -a start=https://www.example.org/"
    if not urls:
        raise ValueError(f"where should the crawl start? Say so, {example}")
    for url in urls:
        try:
            parts = urlsplit(url)
            whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            whole = False
        if not whole:
            raise ValueError(f"start={url} is not a whole URL: {_whole_url_hint(url)}")
    return urls


def _whole_url_hint(url: str) -> str:
    """Return the URL that was probably meant, where the scheme alone is missing, or else an example.

    >>> _whole_url_hint("www.example.org/news")
    'did you mean https://www.example.org/news?'
    """
    host = re.match(r"[\w-]+(\.[\w-]+)+(:\d+)?(?=/|$)", url)
    return f"did you mean https://{url}?" if host else "write it like https://www.example.org/"


def split_urls(urls: str) -> list[str]:
    """Return the URLs of a list, divided by white space, or by a comma where the scheme of the next follows: a URL may
    have commas of its own.
    """
    return [part for url in urls.split() for part in re.split(r",(?=[A-Za-z]+://)|,$", url) if part]
