"""Crawl any site: `scrapy crawl web -a start=https://www.example.org/`."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit

from .site import SiteSpider


class WebSpider(SiteSpider):
    """Crawl the hosts of the start URLs, for sites that have no spider of their own.

    Arguments: `start`, URLs separated by commas; `domains`, further domains that may be followed; `article` and
    `follow`, regular expressions as in `SiteSpider`. Limits: links up to five steps from a start URL, 1,000 responses
    (`-s DEPTH_LIMIT=`, `-s CLOSESPIDER_PAGECOUNT=`), no JavaScript, no forms, no log-in.
    """

    name = "web"
    custom_settings: ClassVar[dict[str, Any] | None] = {"DEPTH_LIMIT": 5, "CLOSESPIDER_PAGECOUNT": 1000}  # type: ignore[misc]

    def __init__(
        self,
        start: str = "",
        domains: str = "",
        article: str | None = None,
        follow: str | None = None,
        **arguments: Any,
    ) -> None:
        super().__init__(**arguments)
        self.start_urls = [url.strip() for url in start.split(",") if url.strip()]
        for url in self.start_urls:
            if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
                raise ValueError(f"start={url} is not a URL: give it whole, as in -a start=https://www.example.org/")
        if not self.start_urls:
            raise ValueError("where to start? For example: scrapy crawl web -a start=https://www.example.org/")
        hosts = [urlsplit(url).hostname or "" for url in self.start_urls]
        self.allowed_domains = [*hosts, *(name.strip() for name in domains.split(",") if name.strip())]
        self.article = article
        self.follow = follow
