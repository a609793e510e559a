"""Spider that replays the fixtures in `seeds/`: the five seed texts and the small sites built around them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.parse import urlsplit

from saaf.crawler.config import config_of
from saaf.crawler.replay.fixtures import load_fixtures
from saaf.crawler.spiders.site import SiteSpider

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

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

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **arguments: Any) -> Self:
        """Return the spider with the start URLs of the manifests."""
        spider = super().from_crawler(crawler, *args, **arguments)
        spider.start_urls = list(load_fixtures(config_of(crawler).fixtures).start_urls)
        hosts = {urlsplit(url).hostname or "" for url in spider.start_urls}
        spider.allowed_domains = sorted(hosts)  # type: ignore[attr-defined]  # Scrapy reads it where a spider has it
        return spider

    @classmethod
    def check_settings(cls, settings: BaseSettings) -> None:
        """Raise ValueError where the fixtures are those of the project and not installed with the package."""
        if settings.getlist("SAAF_FIXTURES") == [str(SEEDS)] and not SEEDS.is_dir():
            raise ValueError(
                "the seeds are in saaf's source repository and are not installed with the package: run it there, or "
                "name saved pages of your own with -s SAAF_FIXTURES=DIRECTORY"
            )
