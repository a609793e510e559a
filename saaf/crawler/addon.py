"""Scrapy add-on that enables all components of this package: `ADDONS = {"saaf.crawler.addon.Saaf": 100}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware

from .capture import CaptureExtension
from .logformatter import ShortLogFormatter
from .middlewares import CaptureDownloaderMiddleware, CaptureSpiderMiddleware, RecordingOffsiteMiddleware
from .pipeline import CleaningPipeline
from .planning import DEPTH_PRIORITY
from .reading import PacingMiddleware, ReadingMiddleware, TrapMiddleware
from .replay import ReplayMiddleware

if TYPE_CHECKING:
    from scrapy.settings import Settings


class Saaf:
    """Add-on with capture to WARC, replay of fixtures, cleaning of items, and a log without whole texts."""

    def update_settings(self, settings: Settings) -> None:
        """Enable each component at its priority; what the project sets itself takes precedence."""
        settings.set("LOG_FORMATTER", ShortLogFormatter, "addon")
        settings.set_in_component_priority_dict("EXTENSIONS", CaptureExtension, 500)
        # The innermost of all: it gets the raw response, before anything decodes, retries or redirects it.
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", CaptureDownloaderMiddleware, 950)
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", ReplayMiddleware, 940)
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", OffsiteMiddleware, None)
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", RecordingOffsiteMiddleware, 50)
        # The outermost: it reads what the spider gets, which no other changes afterwards.
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", ReadingMiddleware, 20)
        # Just inside the offsite rule: a queue may hold addresses of a template that was abandoned since.
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", TrapMiddleware, 60)
        # Breadth first: see saaf.crawler.planning.
        settings.set("DEPTH_PRIORITY", DEPTH_PRIORITY, "addon")
        settings.set("SCHEDULER_MEMORY_QUEUE", "scrapy.squeues.FifoMemoryQueue", "addon")
        settings.set("SCHEDULER_DISK_QUEUE", "scrapy.squeues.PickleFifoDiskQueue", "addon")
        settings.set_in_component_priority_dict("SPIDER_MIDDLEWARES", PacingMiddleware, 1000)
        # Just inside HttpErrorMiddleware (50): a response that reaches it reaches the spider.
        settings.set_in_component_priority_dict("SPIDER_MIDDLEWARES", CaptureSpiderMiddleware, 60)
        settings.set_in_component_priority_dict("ITEM_PIPELINES", CleaningPipeline, 100)
