"""The add-on that puts this room's parts into a Scrapy project: `ADDONS = {"saaf.crawler.addon.Saaf": 100}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware

from .capture import Capture
from .logformatter import ShortLogFormatter
from .middlewares import CaptureDownloads, CaptureItems, RecordedOffsite
from .pipeline import CleanPages
from .replay import Replay

if TYPE_CHECKING:
    from scrapy.settings import Settings


class Saaf:
    """Capture to WARC, replay of fixtures, clean items, and a log without whole texts in it."""

    def update_settings(self, settings: Settings) -> None:
        """Put each part in its place; what the project sets itself keeps its priority."""
        settings.set("LOG_FORMATTER", ShortLogFormatter, "addon")
        settings.set_in_component_priority_dict("EXTENSIONS", Capture, 500)
        # The innermost of all: it sees what came, before anything decodes, retries or redirects it.
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", CaptureDownloads, 950)
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", Replay, 940)
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", OffsiteMiddleware, None)
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", RecordedOffsite, 50)
        # Just inside HttpErrorMiddleware (50): what reaches it has reached the spider.
        settings.set_in_component_priority_dict("SPIDER_MIDDLEWARES", CaptureItems, 60)
        settings.set_in_component_priority_dict("ITEM_PIPELINES", CleanPages, 100)
