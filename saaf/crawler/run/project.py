"""What the add-on needs in a project's settings before Scrapy loads add-ons; imports nothing but Scrapy's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.settings import SETTINGS_PRIORITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.settings import BaseSettings

ADDON = "saaf.crawler.addon.Saaf"
_EXPORTERS = {"parquet": "saaf.crawler.items.parquet.ParquetItemExporter"}
_CONTRACTS = {
    "saaf.crawler.run.contracts.StartContract": 20,
    "saaf.crawler.run.contracts.ArticleContract": 21,
}


def has_addon(settings: BaseSettings) -> bool:
    """Return whether a project's settings enable this package's add-on, by its path or as a class."""
    addons = settings.getdict("ADDONS")
    return any(_path(addon) == ADDON and order is not None for addon, order in addons.items())


def add_components(settings: BaseSettings) -> None:
    """Add the Parquet exporter and the contracts, unless the project has others under these names."""
    _add(settings, "FEED_EXPORTERS", _EXPORTERS)
    _add(settings, "SPIDER_CONTRACTS", _CONTRACTS)


def mend_feeds(settings: BaseSettings) -> None:
    """Take `overwrite`, which `-O -:jsonl` sets, from a feed on standard output: Scrapy would warn of it."""
    feeds = settings.getdict("FEEDS")
    if feeds.get("stdout:", {}).pop("overwrite", False):
        settings.set("FEEDS", feeds, settings.getpriority("FEEDS") or 0)


def _add(settings: BaseSettings, name: str, components: Mapping[str, object]) -> None:
    settings.set(
        name,
        {**components, **settings.getdict(name)},
        max(settings.getpriority(name) or 0, SETTINGS_PRIORITIES["addon"]),
    )


def _path(addon: object) -> str:
    if isinstance(addon, str):
        return addon
    return f"{getattr(addon, '__module__', '')}.{getattr(addon, '__qualname__', '')}"
