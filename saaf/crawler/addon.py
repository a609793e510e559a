"""Scrapy add-on that enables all components of this package: `ADDONS = {"saaf.crawler.addon.Saaf": 100}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware

from .capture import CaptureExtension
from .logformatter import ShortLogFormatter
from .middlewares import CaptureDownloaderMiddleware, CaptureSpiderMiddleware, RecordingOffsiteMiddleware
from .pipeline import CleaningPipeline
from .replay import ReplayMiddleware
from .scheduler import FrontierScheduler

if TYPE_CHECKING:
    from scrapy.settings import Settings


class Saaf:
    """Add-on with capture to WARC, replay of fixtures, cleaning of items, and a log without whole texts."""

    def update_settings(self, settings: Settings) -> None:
        """Enable each component at its priority; what the project sets itself takes precedence."""
        settings.set("SCHEDULER", FrontierScheduler, "addon")
        settings.set("LOG_FORMATTER", ShortLogFormatter, "addon")
        settings.set_in_component_priority_dict("EXTENSIONS", CaptureExtension, 500)
        # The innermost of all: it gets the raw response, before anything decodes, retries or redirects it.
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", CaptureDownloaderMiddleware, 950)
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", ReplayMiddleware, 940)
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", OffsiteMiddleware, None)
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", RecordingOffsiteMiddleware, 50)
        # Just inside HttpErrorMiddleware (50): a response that reaches it reaches the spider.
        settings.set_in_component_priority_dict("SPIDER_MIDDLEWARES", CaptureSpiderMiddleware, 60)
        settings.set_in_component_priority_dict("ITEM_PIPELINES", CleaningPipeline, 100)
