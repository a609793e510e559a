"""Item exporter for Parquet feeds: `scrapy crawl NAME -O out.parquet`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from itemadapter import ItemAdapter
from scrapy.exporters import BaseItemExporter

from saaf.corpus.parquet import RowWriter, row_problem
from saaf.corpus.schema import DOCUMENTS, select_columns
from saaf.crawler.items.other_items import OtherItems

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

logger = logging.getLogger(__name__)

_REQUIRED = frozenset(field.name for field in DOCUMENTS if not field.nullable)


class ParquetItemExporter(BaseItemExporter):
    """Exporter of clean documents with the columns and types of `saaf.corpus.schema.DOCUMENTS`.

    FEED_EXPORT_FIELDS chooses columns, and names them where it is a dict. Items that are no documents go to a file of
    JSON Lines beside: out.other.jsonl. A Parquet file ends in a footer, so a feed cannot be appended to one: with `-o`
    and a file that is there already, the items are refused, with one error, and the file is left as it was.
    """

    def __init__(self, file: BinaryIO, *, stats: StatsCollector | None = None, **options: Any) -> None:
        super().__init__(dont_fail=True, **options)
        fields = self.fields_to_export or DOCUMENTS.names
        self._columns = dict(fields) if isinstance(fields, Mapping) else {name: name for name in fields}
        self._schema = select_columns(DOCUMENTS, self._columns)
        self._others = OtherItems(file, stats)
        self._unknown_fields: set[str] = set()
        self._writer: RowWriter | None = None
        if file.seekable() and file.tell() > 0:
            logger.error("A Parquet file cannot be appended to: use -O to write it anew, or another name")
        else:
            self._writer = RowWriter(file, self._schema)

    @classmethod
    def from_crawler(cls, crawler: Crawler, file: BinaryIO, **options: Any) -> Self:
        """Return the exporter of a feed, which counts in the crawl's stats what is no document."""
        return cls(file, stats=crawler.stats, **options)

    def export_item(self, item: Any) -> None:
        """Write the row of a document, or another item to the file beside."""
        if self._writer is None:
            self._others.refuse(item)
            return
        row = self._row(item)
        if row is None:
            self._others.write(item)
        else:
            self._writer.write(row)

    def finish_exporting(self) -> None:
        """Write the footer of the file, and close the one beside."""
        self._others.close()
        if self._writer is not None:
            self._writer.close()

    def _row(self, item: Any) -> dict[str, object] | None:
        """Return the row of an item, None where it is no document or a value is not of its column's type."""
        if not ItemAdapter.is_item(item):
            return None
        fields = ItemAdapter(item).asdict()
        if _REQUIRED - fields.keys():
            return None
        row = {name: fields.get(column) for column, name in self._columns.items() if name in self._schema.names}
        if row_problem(row, self._schema) is not None:
            return None
        self._warn_of(fields.keys() - set(DOCUMENTS.names))
        return row

    def _warn_of(self, unknown: set[str]) -> None:
        if new := unknown - self._unknown_fields:
            self._unknown_fields |= new
            logger.warning(
                "Fields of documents that are no columns are not in the Parquet file: %s; a feed of JSON Lines has all",
                ", ".join(sorted(new)),
            )
