"""Scrapy add-on that enables all components of this package: `ADDONS = {"saaf.crawler.addon.Saaf": 100}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware

from .capture import CaptureExtension
from .logformatter import ShortLogFormatter
from .middlewares import CaptureDownloaderMiddleware, CaptureSpiderMiddleware, RecordingOffsiteMiddleware
from .pipeline import CleaningPipeline
from .progress import ProgressExtension
from .project import add_components
from .replay import ReplayMiddleware

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings, Settings


class Saaf:
    """Add-on with capture to WARC, replay of fixtures, cleaning of items, and a log without whole texts."""

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
