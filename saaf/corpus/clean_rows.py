"""The rows that `saaf clean` writes: the columns of documents, then those of tables that are carried through."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from saaf.corpus.capture_settings import document_agent
from saaf.corpus.parquet import RowWriter, replace_surrogates, write_row_groups
from saaf.corpus.rights import document_rights
from saaf.corpus.schema import DOCUMENTS, to_row
from saaf.corpus.settings import DEFAULT_DUMP
from saaf.corpus.stages.carried import CarriedWriter
from saaf.corpus.stages.carried_rows import CarriedRows, beside, merged_schema, published_fields
from saaf.corpus.stages.tasks import TaskFiles
from saaf.corpus.stated_columns import KeptColumns, kept_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from saaf.cleaning.types import CleanDocument
    from saaf.corpus.records import Record

_KEPT = KeptColumns(id=True, dump=True, language=True)


def clean_row(record: Record, document: CleanDocument, part: int) -> tuple[dict[str, object], Mapping[str, object]]:
    """Return the row of a clean document, and the columns of its table; `part` numbers articles that were split off."""
    date = record.page.fetched_at if record.page else None
    rights = document_rights(document.document, record.page, agent=document_agent("", record.crawl))
    row = to_row(document, dump=record.crawl.name or DEFAULT_DUMP, file_path=record.file_path, date=date, rights=rights)
    changed, more = kept_values(row, record.row, _KEPT, part=part)
    older = {name: value for name, value in record.columns.items() if name in row}
    filled = {name: value for name, value in older.items() if row[name] is None or row[name] == []}
    mended: dict[str, object] = replace_surrogates({**row, **filled, **changed})
    return mended, {name: value for name, value in record.columns.items() if name not in older} | more


def write_clean_rows(path: Path, documents: Iterable[tuple[Record, CleanDocument, int]]) -> None:
    """Write a Parquet file of documents atomically; columns of tables have one type each throughout."""
    with TemporaryDirectory(dir=path.parent, prefix=".") as directory:
        files = TaskFiles(key="clean", directory=Path(directory))
        rows = files.path("rows.parquet")
        count = 0
        with RowWriter(rows, DOCUMENTS) as writer, CarriedWriter(files) as carried:
            for record, document, part in documents:
                row, columns = clean_row(record, document, part)
                writer.write(row)
                carried.add(columns, record.row.schema if record.row else None)
                count += 1
        columns_of_tables = merged_schema([files])
        taken = CarriedRows([files], np.array([0, count], np.int64), columns_of_tables)
        schema = pa.schema([*DOCUMENTS, *published_fields(columns_of_tables)])
        write_row_groups(path, _groups(rows, taken), schema)


def _groups(rows: Path, carried: CarriedRows) -> Iterator[pa.Table]:
    start = 0
    with pq.ParquetFile(rows) as file:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group)
            columns = carried.take(np.arange(start, start + table.num_rows))
            start += table.num_rows
            yield beside(table, columns)
