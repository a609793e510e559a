"""Items of a feed that are no documents: JSON Lines beside its Parquet file, and counts in the stats."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from scrapy.exporters import JsonLinesItemExporter

if TYPE_CHECKING:
    from io import BytesIO

    from scrapy.statscollectors import StatsCollector

logger = logging.getLogger(__name__)

ENDING = ".other.jsonl"
_STANDARD_STREAMS = 3  # numbers of files below this one are standard input, output and error


class OtherItems:
    """The items that a feed of documents cannot hold.

    They are written to a file beside the feed's, which is made for the first of them: out.other.jsonl beside
    out.parquet. What has no file beside it (standard output, a store in the network) or cannot be written as JSON is
    refused: one error for each type of item, and its number in the stats.
    """

    def __init__(self, feed: BinaryIO, stats: StatsCollector | None = None) -> None:
        self._path = _path_beside(feed)
        self._stats = stats
        self._file: BinaryIO | None = None
        self._refused: set[str] = set()

    def write(self, item: Any) -> None:
        """Write an item beside the feed, or refuse it."""
        if self._path is None:
            self.refuse(item, "give it a feed of its own, or use a feed of JSON Lines for all")
            return
        try:
            if self._file is None:
                self._file = self._path.open("wb")
                logger.warning("Items that are no documents are written to %s", self._path)
            JsonLinesItemExporter(cast("BytesIO", self._file), encoding="utf-8").export_item(item)
        except (TypeError, ValueError, OSError) as error:
            self.refuse(item, str(error))
            return
        self._count("other", item)

    def refuse(self, item: Any, why: str | None = None) -> None:
        """Count an item that is not written; where `why` is given, say so once for its type."""
        name = type(item).__name__
        if why is not None and name not in self._refused:
            self._refused.add(name)
            logger.error("Items of the type %s are not written to the Parquet feed: %s", name, why)
        self._count("refused", item)

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _count(self, what: str, item: Any) -> None:
        if self._stats is not None:
            self._stats.inc_value(f"saaf/feeds/{what}/{type(item).__name__}")


def _path_beside(feed: BinaryIO) -> Path | None:
    """Return the path of the file beside a feed's, None where the feed is no file that stays under its name."""
    name = getattr(feed, "name", None)
    if not isinstance(name, str) or not feed.seekable() or feed.fileno() < _STANDARD_STREAMS:
        return None
    if hasattr(feed, "delete"):  # a temporary file, which is stored elsewhere under another name
        return None
    return Path(name).with_suffix(ENDING)
