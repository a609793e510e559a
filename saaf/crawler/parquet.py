"""Item exporter for Parquet feeds: `scrapy crawl NAME -O out.parquet`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, BinaryIO

from scrapy.exporters import BaseItemExporter

from saaf.corpus.parquet import RowWriter
from saaf.corpus.schema import DOCUMENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)


class ParquetItemExporter(BaseItemExporter):
    """Exporter of clean documents with the columns and types of `saaf.corpus.schema.DOCUMENTS`.

    FEED_EXPORT_FIELDS chooses columns. A Parquet file ends in a footer, so a feed cannot be appended to one: with `-o`
    and a file that is there already, the items are refused, with one error, and the file is left as it was.
    """

    def __init__(self, file: BinaryIO, **options: Any) -> None:
        super().__init__(dont_fail=True, **options)
        schema = DOCUMENTS
        fields: Mapping[str, str] | Any = self.fields_to_export or DOCUMENTS.names
        for name in set(DOCUMENTS.names) - set(fields):
            schema = schema.remove(schema.get_field_index(name))
        self._writer: RowWriter | None = None
        if file.seekable() and file.tell() > 0:
            logger.error("A Parquet file cannot be appended to: use -O to write it anew, or another name")
        else:
            self._writer = RowWriter(file, schema)

    def export_item(self, item: Any) -> None:
        """Write the row of a document; raise ValueError where the item is no such row."""
        if self._writer is not None:
            self._writer.write(dict(self.get_serialized_fields(item)))

    def finish_exporting(self) -> None:
        """Write the footer of the file."""
        if self._writer is not None:
            self._writer.close()
