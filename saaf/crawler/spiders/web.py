"""Spider for any site: `scrapy crawl web -a start=https://www.example.org/`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from .site import SiteSpider

if TYPE_CHECKING:
    from collections.abc import Mapping


class WebSpider(SiteSpider):
    """Spider that crawls the hosts of the start URLs, for sites that have no spider of their own.

    Arguments: `start`, URLs separated by commas, which only a replay of an archive can do without (SAAF_SOURCE);
    `domains`, further domains that may be followed; `article` and `follow`, regular expressions as in `SiteSpider`.
    Limits: links up to five steps from a start URL, 1,000 responses (`-s DEPTH_LIMIT=`, `-s CLOSESPIDER_PAGECOUNT=`),
    no JavaScript, no forms, no log-in.
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
        if start:  # without it, a crawl begins at the pages of SAAF_SOURCE; the command asks for one of the two
            self.check_arguments({"start": start})
        self.start_urls = _split_urls(start)
        self.allowed_domains = [*(urlsplit(url).hostname or "" for url in self.start_urls), *_split_commas(domains)]
        self.article = article
        self.follow = follow

    @classmethod
    def check_arguments(cls, arguments: Mapping[str, str]) -> None:
        """Raise ValueError unless `start` has URLs, each of them absolute."""
        urls = _split_urls(arguments.get("start", ""))
        example = "for example -a start=https://www.example.org/"
        if not urls:
            raise ValueError(f"where should the crawl start? Say so, {example}")
        for url in urls:
            if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
                raise ValueError(f"start={url} is not a whole URL; {example}")


def _split_urls(urls: str) -> list[str]:
    # A URL may have commas of its own: one that divides is followed by the scheme of the next.
    return [url.strip() for url in re.split(r",(?=\s*[a-z]+://)", urls) if url.strip()]


def _split_commas(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]
