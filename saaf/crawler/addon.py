"""Scrapy add-on that enables all components of this package: `ADDONS = {"saaf.crawler.addon.Saaf": 100}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware

from .body_limits import BodyLimits, DecompressionMiddleware
from .browser_setup import set_browser
from .capture import CaptureExtension
from .download_handler import GuardedDownloadHandler
from .logformatter import ShortLogFormatter
from .middlewares import CaptureDownloaderMiddleware, CaptureSpiderMiddleware, RecordingOffsiteMiddleware
from .pipeline import CleaningPipeline
from .polite_downloader import PoliteDownloader
from .progress import ProgressExtension
from .project import add_components
from .redirects import SafeRedirectMiddleware
from .replay import ReplayMiddleware
from .request_guard import RequestGuard, UserInfoMiddleware
from .response_guard import ResponseGuard
from .robots import RobotsMiddleware
from .robots_rules import Rfc9309Parser

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings, Settings


class Saaf:
    """Add-on with capture to WARC, replay of fixtures, guards, politeness, cleaning of items, and a short log."""

    @classmethod
    def update_pre_crawler_settings(cls, settings: BaseSettings) -> None:
        """Add what Scrapy reads before it makes a crawler: the Parquet exporter, and the contracts."""
        add_components(settings)

    def update_settings(self, settings: Settings) -> None:
        """Enable each component at its priority; what the project sets itself takes precedence."""
        settings.set("LOG_FORMATTER", ShortLogFormatter, "addon")
        settings.setdefault_in_component_priority_dict("EXTENSIONS", CaptureExtension, 500)
        settings.setdefault_in_component_priority_dict("EXTENSIONS", ProgressExtension, 510)
        # The innermost of all: it gets the raw response, before anything decodes, retries or redirects it.
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", CaptureDownloaderMiddleware, 950)
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", ReplayMiddleware, 940)
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", OffsiteMiddleware, None)
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", RecordingOffsiteMiddleware, 50)
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
