"""Scrapy add-on that enables all components of this package: `ADDONS = {"saaf.crawler.addon.Saaf": 100}`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware

from .capture import CaptureExtension
from .logformatter import ShortLogFormatter
from .middlewares import CaptureDownloaderMiddleware, CaptureSpiderMiddleware, RecordingOffsiteMiddleware
from .pipeline import CleaningPipeline
from .replay import ReplayMiddleware, ReplayStartMiddleware
from .rights import RightsMiddleware, RightsSpiderMiddleware
from .shard_middlewares import ShardDownloaderMiddleware, ShardSpiderMiddleware

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import Settings


class Saaf:
    """Add-on with capture to WARC, replay of fixtures, cleaning of items, and a log without whole texts."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Remember the crawler, whose spider has arguments."""
        return cls(crawler)

    def update_settings(self, settings: Settings) -> None:
        """Enable each component at its priority; what the project sets itself takes precedence."""
        shard = getattr(self._crawler.spider, "shard", None)  # -a shard=3/16, which no setting has
        if shard:
            settings.set("SAAF_SHARD", str(shard), "cmdline")
        settings.set("LOG_FORMATTER", ShortLogFormatter, "addon")
        settings.set_in_component_priority_dict("EXTENSIONS", CaptureExtension, 500)
        # The innermost of all: it gets the raw response, before anything decodes, retries or redirects it.
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", CaptureDownloaderMiddleware, 950)
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", ReplayMiddleware, 940)
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", OffsiteMiddleware, None)
        # Before robots.txt is asked for: a redirect may lead to a host of another shard.
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", ShardDownloaderMiddleware, 60)
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", RecordingOffsiteMiddleware, 50)
        # Just behind the check of robots.txt (100), whose answer it reads too.
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", RightsMiddleware, 110)
        settings.set_in_component_priority_dict("SPIDER_MIDDLEWARES", ReplayStartMiddleware, 90)
        settings.set_in_component_priority_dict("SPIDER_MIDDLEWARES", ShardSpiderMiddleware, 80)
        # Nearer to the spider than CaptureSpiderMiddleware: what it drops is no document.
        settings.set_in_component_priority_dict("SPIDER_MIDDLEWARES", RightsSpiderMiddleware, 70)
        # Just inside HttpErrorMiddleware (50): a response that reaches it reaches the spider.
        settings.set_in_component_priority_dict("SPIDER_MIDDLEWARES", CaptureSpiderMiddleware, 60)
        settings.set_in_component_priority_dict("ITEM_PIPELINES", CleaningPipeline, 100)
