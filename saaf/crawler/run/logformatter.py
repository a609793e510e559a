"""Log formatter that logs the URL of an item instead of its whole text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.logformatter import LogFormatter, LogFormatterResult

from saaf.cleaning.types import Page

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.http import Response
    from twisted.python.failure import Failure


class ShortLogFormatter(LogFormatter):
    """Formatter that replaces items by their URL; Scrapy's own prints each item with its text."""

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> LogFormatterResult:
        """Return the log line of a scraped item."""
        return _short(super().scraped(item, response, spider), "Scraped %(item)s", item)

    def dropped(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        """Return the log line of a dropped item, with the reason."""
        return _short(super().dropped(item, exception, response, spider), "Dropped %(item)s: %(exception)s", item)

    def item_error(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        """Return the log line of an item that could not be processed; the traceback follows."""
        return _short(super().item_error(item, exception, response, spider), "Error processing %(item)s", item)


def _short(line: LogFormatterResult, message: str, item: object) -> LogFormatterResult:
    url = item.url if isinstance(item, Page) else item.get("url") if isinstance(item, dict) else None
    name = str(url or f"an item of type {type(item).__name__}")
    args = line["args"] if isinstance(line["args"], dict) else {}
    return {"level": line["level"], "msg": message, "args": {**args, "item": name}}
