"""Scrapy add-on that enables all components of this package: `ADDONS = {"saaf.crawler.addon.Saaf": 100}`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.extensions.closespider import CloseSpider
from scrapy.spidermiddlewares.depth import DepthMiddleware

from saaf.crawler.browser.setup import set_browser
from saaf.crawler.capture.extension import CaptureExtension
from saaf.crawler.capture.middlewares import (
    CaptureDownloaderMiddleware,
    CaptureSpiderMiddleware,
    RecordingOffsiteMiddleware,
)
from saaf.crawler.discovery.depth import ListDepthMiddleware
from saaf.crawler.discovery.planning import DEPTH_PRIORITY
from saaf.crawler.discovery.reading import PacingMiddleware, ReadingMiddleware, TrapMiddleware
from saaf.crawler.frontier.scheduler import FrontierScheduler
from saaf.crawler.guards.body_limits import BodyLimits, DecompressionMiddleware
from saaf.crawler.guards.download_handler import GuardedDownloadHandler
from saaf.crawler.guards.redirects import SafeRedirectMiddleware
from saaf.crawler.guards.request_guard import RequestGuard, UserInfoMiddleware
from saaf.crawler.guards.response_guard import ResponseGuard
from saaf.crawler.items.pipeline import CleaningPipeline
from saaf.crawler.politeness.downloader import PoliteDownloader
from saaf.crawler.politeness.robots import RobotsMiddleware
from saaf.crawler.politeness.robots_rules import Rfc9309Parser
from saaf.crawler.replay.middlewares import ReplayMiddleware, ReplayStartMiddleware
from saaf.crawler.rights.middlewares import RightsMiddleware, RightsSpiderMiddleware
from saaf.crawler.run.event_loop_lag import EventLoopLag
from saaf.crawler.run.logformatter import ShortLogFormatter
from saaf.crawler.run.page_limit import PageLimit
from saaf.crawler.run.progress import ProgressExtension
from saaf.crawler.run.project import add_components
from saaf.crawler.shards.middlewares import ShardDownloaderMiddleware, ShardSpiderMiddleware

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings, Settings


class Saaf:
    """Add-on with capture to WARC, replay of fixtures, guards, politeness, cleaning of items, and a short log."""

    @classmethod
    def update_pre_crawler_settings(cls, settings: BaseSettings) -> None:
        """Add what Scrapy reads before it makes a crawler: the Parquet exporter, and the contracts."""
        add_components(settings)

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Remember the crawler, whose spider has arguments."""
        return cls(crawler)

    def update_settings(self, settings: Settings) -> None:
        """Enable each component at its priority; what the project sets itself takes precedence."""
        settings.set("SCHEDULER", FrontierScheduler, "addon")
        shard = getattr(self._crawler.spider, "shard", None)  # -a shard=3/16, which no setting has
        if shard:
            settings.set("SAAF_SHARD", str(shard), "cmdline")
        settings.set("LOG_FORMATTER", ShortLogFormatter, "addon")
        settings.setdefault_in_component_priority_dict("EXTENSIONS", CaptureExtension, 500)
        settings.setdefault_in_component_priority_dict("EXTENSIONS", ProgressExtension, 510)
        settings.setdefault_in_component_priority_dict("EXTENSIONS", EventLoopLag, 520)
        settings.setdefault_in_component_priority_dict("EXTENSIONS", CloseSpider, None)
        settings.setdefault_in_component_priority_dict("EXTENSIONS", PageLimit, 0)
        # The innermost of all: it gets the raw response, before anything decodes, retries or redirects it.
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", CaptureDownloaderMiddleware, 950)
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", ReplayMiddleware, 940)
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", OffsiteMiddleware, None)
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", RecordingOffsiteMiddleware, 50)
        # Just behind the check of robots.txt (100), whose answer it reads too.
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", RightsMiddleware, 110)
        settings.setdefault_in_component_priority_dict("SPIDER_MIDDLEWARES", ReplayStartMiddleware, 90)
        # Before robots.txt is asked for: a redirect may lead to a host of another shard.
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", ShardDownloaderMiddleware, 62)
        settings.setdefault_in_component_priority_dict("SPIDER_MIDDLEWARES", ShardSpiderMiddleware, 80)
        # Nearer to the spider than CaptureSpiderMiddleware: what it drops is no document.
        settings.setdefault_in_component_priority_dict("SPIDER_MIDDLEWARES", RightsSpiderMiddleware, 70)
        # The outermost: it reads what the spider gets, which no other changes afterwards.
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", ReadingMiddleware, 20)
        # Just inside the offsite rule: a queue may hold addresses of a template that was abandoned since.
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", TrapMiddleware, 65)
        # Breadth first: see saaf.crawler.discovery.planning.
        settings.set("DEPTH_PRIORITY", DEPTH_PRIORITY, "addon")
        settings.set("SCHEDULER_MEMORY_QUEUE", "scrapy.squeues.FifoMemoryQueue", "addon")
        settings.set("SCHEDULER_DISK_QUEUE", "scrapy.squeues.PickleFifoDiskQueue", "addon")
        settings.setdefault_in_component_priority_dict("SPIDER_MIDDLEWARES", DepthMiddleware, None)
        settings.setdefault_in_component_priority_dict("SPIDER_MIDDLEWARES", ListDepthMiddleware, 900)
        settings.setdefault_in_component_priority_dict("SPIDER_MIDDLEWARES", PacingMiddleware, 1000)
        # Just inside HttpErrorMiddleware (50): a response that reaches it reaches the spider.
        settings.setdefault_in_component_priority_dict("SPIDER_MIDDLEWARES", CaptureSpiderMiddleware, 60)
        settings.setdefault_in_component_priority_dict("ITEM_PIPELINES", CleaningPipeline, 100)
        _set_safety(settings)
        set_browser(settings)


def _set_safety(settings: Settings) -> None:
    """Enable the guards of requests and responses, robots.txt by RFC 9309, and politeness."""
    settings.set("DOWNLOADER", PoliteDownloader, "addon")
    settings.set("DOWNLOAD_VERIFY_CERTIFICATES", True, "addon")
    settings.set("ROBOTSTXT_PARSER", Rfc9309Parser, "addon")
    handlers = {"http": GuardedDownloadHandler, "https": GuardedDownloadHandler}
    nothing_else = dict.fromkeys(("data", "file", "ftp", "s3"))
    settings.set("DOWNLOAD_HANDLERS", {**handlers, **nothing_else, **settings.getdict("DOWNLOAD_HANDLERS")}, "addon")
    settings.setdefault_in_component_priority_dict("EXTENSIONS", BodyLimits, 400)
    middlewares = {
        RequestGuard: 60,
        RobotsTxtMiddleware: None,
        RobotsMiddleware: 100,
        ResponseGuard: 570,
        HttpCompressionMiddleware: None,
        DecompressionMiddleware: 590,
        RedirectMiddleware: None,
        SafeRedirectMiddleware: 600,
    }
    for middleware, priority in middlewares.items():
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", middleware, priority)
    # Nearest to the spider: no other component sees a password.
    settings.setdefault_in_component_priority_dict("SPIDER_MIDDLEWARES", UserInfoMiddleware, 1100)
