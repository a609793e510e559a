"""Spider that replays the fixtures in `seeds/`: the five seed texts and the small sites built around them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from ..config import Config
from ..fixtures import load_fixtures
from .site import SiteSpider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SEEDS = Path(__file__).resolve().parents[3] / "seeds"


class SeedsSpider(SiteSpider):
    """Crawl the fixtures as a live crawl would: robots.txt, then sitemaps, feeds and links. No network is used.

    `-s SAAF_FIXTURES=DIRECTORY` replays other fixtures the same way.
    """

    name = "seeds"
    custom_settings: ClassVar[dict[str, Any] | None] = {  # type: ignore[misc]  # Scrapy annotates it as an instance's
        "SAAF_FIXTURES": [str(SEEDS)],
        "LOG_LEVEL": "WARNING",  # it takes seconds, and the summary says enough
    }

    async def start(self) -> AsyncIterator[Any]:
        """Yield the first requests: the start URLs of the manifests, as `SiteSpider.start` asks for them."""
        self.start_urls = list(load_fixtures(Config.from_settings(self.settings, self.name).fixtures).start_urls)
        self.allowed_domains = sorted({urlsplit(url).hostname or "" for url in self.start_urls})
        async for request in super().start():
            yield request
