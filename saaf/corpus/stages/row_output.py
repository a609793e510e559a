"""What the stage that makes rows writes of a partition: rows, summaries, sketches, carried columns, and failures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from saaf.cleaning.quality.histograms import Histograms
from saaf.cleaning.text.urls import site_of
from saaf.corpus import schema
from saaf.corpus.ledger import Failure, State
from saaf.corpus.parquet import ROW_GROUP_ROWS, write_row_groups
from saaf.corpus.row_tables import record_batch, text_column, text_sizes
from saaf.corpus.selection import filter_by_itself
from saaf.corpus.stated_columns import keep_in_batch, keep_in_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from saaf.corpus.batch_reading import BatchRead
    from saaf.corpus.outcomes import DocumentSummary
    from saaf.corpus.records import RowColumns
    from saaf.corpus.settings import BuildSettings
    from saaf.corpus.stages.batch_columns import BatchColumns
    from saaf.corpus.stages.carried import CarriedWriter
    from saaf.corpus.stages.page_rows import PageRow
    from saaf.corpus.stages.read import BatchHeader
    from saaf.corpus.stages.sketch_files import SketchWriter
    from saaf.corpus.stated_columns import KeptColumns

ROW_FILE, SUMMARY, FAILURES = "rows.arrow", "summary.parquet", "failures.parquet"
HISTOGRAMS = "histograms.json"
_ROWS_PER_BATCH = 1_000
_CHARACTERS_PER_BATCH = 1 << 23  # of rows that wait as objects

SUMMARY_SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("key", pa.string()),
        ("file_path", pa.string()),
        ("id", pa.string()),
        ("url", pa.string()),
        ("site", pa.string()),
        ("language", pa.string()),
        ("script", pa.string()),
        ("fetched_at", pa.timestamp("us", "UTC")),
        ("tokens", pa.int64()),
        ("characters", pa.int64()),
        ("removed", pa.int64()),
        ("quality", pa.list_(pa.float64())),
        ("reservation", pa.string()),
        ("capture", pa.string()),
        ("page_type", pa.string()),
        ("page_type_score", pa.float64()),
        ("states_article", pa.bool_()),
        ("is_dated", pa.bool_()),
        ("bytes", pa.int64()),
    ]
)
"""What is known of each row of a partition; `tokens` and `bytes` are those of its clean text."""
FAILURE_SCHEMA = schema.LEDGER.append(pa.field("is_revisit", pa.bool_()))
_WHEN_WRITTEN = ("row", "tokens", "bytes")
_OF_DOCUMENT = pa.schema([column for column in SUMMARY_SCHEMA if column.name not in _WHEN_WRITTEN])


@dataclass(slots=True)
class RowOutput:
    """The rows that wait, and what has been written of a partition; `carried` are the columns of tables."""

    writer: pa.ipc.RecordBatchFileWriter
    sketches: SketchWriter
    carried: CarriedWriter
    kept: KeptColumns
    histograms: Histograms = field(default_factory=Histograms)
    waiting: list[dict[str, object]] = field(default_factory=list)
    waiting_summaries: list[dict[str, object]] = field(default_factory=list)
    characters: int = 0
    rows: int = 0
    bytes: int = 0
    summaries: list[pa.RecordBatch] = field(default_factory=list)
    articles: int = 0
    failures: list[dict[str, object]] = field(default_factory=list)
    unreadable: int = 0
    first_unreadable: tuple[object, str] | None = None

    def fail(self, row: dict[str, object], failure: Failure) -> None:
        """Add the entry of the ledger for an input that became no document."""
        self.failures.append(row)
        if failure.state is State.UNREADABLE:
            self.unreadable += failure.rows
            self.first_unreadable = self.first_unreadable or (row["key"], failure.reason)

    def add_page(self, rows: list[PageRow], columns: RowColumns | None, settings: BuildSettings) -> None:
        """Add the rows of a page; what thresholds are derived from is counted where that is wanted.

        `columns` are those of the row of a table that the page is.
        """
        derives = settings.quality_filter is not None and settings.quality_filter.derives
        for part, each in enumerate(rows):
            row, summary, more = keep_in_row(each.row, each.summary, columns, self.kept, part=part)
            self.carried.add({**(columns.carried if columns else {}), **more}, columns.schema if columns else None)
            self._add(row, summary)
            if derives and filter_by_itself(summary, settings) is None:
                self.histograms.add(summary.language, summary.script, each.signals)
        self.articles += len(rows) - 1

    def add_batch(self, read: BatchRead, columns: BatchColumns, header: BatchHeader, keys: Sequence[str]) -> None:
        """Add the documents of a batch; `keys` are those of its inputs in the ledger."""
        self.flush()
        rows, more = keep_in_batch(read.rows, columns.stated, self.kept)
        self._write(rows, _summaries_of_batch(read, rows, header, keys))
        self.carried.add_columns(columns, more, rows.num_rows)

    def flush(self) -> None:
        """Write the rows that wait."""
        rows, self.waiting, self.characters = self.waiting, [], 0
        if rows:
            summaries = pa.RecordBatch.from_pylist(self.waiting_summaries, schema=_OF_DOCUMENT)
            self.waiting_summaries = []
            self._write(record_batch(rows), {name: summaries[name] for name in _OF_DOCUMENT.names})

    def write_summaries(self, path: Path) -> None:
        """Write the summaries of all rows."""
        table = pa.Table.from_batches(self.summaries, SUMMARY_SCHEMA)
        groups = (table.slice(start, ROW_GROUP_ROWS) for start in range(0, table.num_rows, ROW_GROUP_ROWS))
        write_row_groups(path, groups, SUMMARY_SCHEMA)

    def write_failures(self, path: Path) -> None:
        """Write the entries of the ledger for what became no document."""
        groups = (
            self.failures[start : start + ROW_GROUP_ROWS] for start in range(0, len(self.failures), ROW_GROUP_ROWS)
        )
        write_row_groups(path, (pa.Table.from_pylist(group, schema=FAILURE_SCHEMA) for group in groups), FAILURE_SCHEMA)

    def _add(self, row: dict[str, object], summary: DocumentSummary) -> None:
        text, original = row["text"], row["original"]
        self.waiting.append({**row, "original": None} if original == text else row)
        self.waiting_summaries.append({name: getattr(summary, name) for name in _OF_DOCUMENT.names})
        self.characters += len(str(text)) + len(str(original))
        if len(self.waiting) == _ROWS_PER_BATCH or self.characters >= _CHARACTERS_PER_BATCH:
            self.flush()

    def _write(self, batch: pa.RecordBatch, summaries: Mapping[str, pa.Array]) -> None:
        """Write rows; `summaries` has the columns of `SUMMARY_SCHEMA` but what is known when they are written."""
        self.writer.write_batch(batch)
        tokens = self.sketches.add(text_column(batch["text"]))
        sizes = text_sizes(batch["text"])
        written = {
            "row": pa.array(np.arange(self.rows, self.rows + batch.num_rows)),
            "tokens": pa.array(tokens),
            "bytes": pa.array(sizes),
        }
        columns = {**summaries, **written}
        arrays = [columns[name] for name in SUMMARY_SCHEMA.names]
        self.summaries.append(pa.RecordBatch.from_arrays(arrays, schema=SUMMARY_SCHEMA))
        self.rows += batch.num_rows
        self.bytes += int(sizes.sum())


def _summaries_of_batch(
    read: BatchRead, rows: pa.RecordBatch, header: BatchHeader, keys: Sequence[str]
) -> dict[str, pa.Array]:
    """Return the summaries of the documents of a batch; `rows` are those of `read`, with what was kept of tables."""
    positions, count = pa.array(read.positions), rows.num_rows
    none, no = pa.nulls(count, pa.string()), pa.array(np.zeros(count, np.bool_))
    return {
        "key": pa.array(keys, pa.string()).take(positions),
        "file_path": pa.array([file_path for file_path, _ in header.places], pa.string()).take(positions),
        "id": rows["id"],
        "url": rows["url"],
        "site": rows["site"],
        "language": rows["language"],
        "script": rows["language_script"],
        **{name: read.measures[name] for name in read.measures.schema.names},
        "removed": pa.array(np.zeros(count, np.int64)),
        "reservation": none,
        "page_type": none,
        "page_type_score": pa.nulls(count, pa.float64()),
        "states_article": no,
        "is_dated": no,
        "capture": none
        if rows is read.rows
        else pc.if_else(pc.equal(rows["id"], read.rows["id"]), none, read.rows["id"]),
    }


def failure_entry(key: str, failure: Failure) -> dict[str, object]:
    """Return what the ledger says of an input that became no document."""
    return {
        "key": key,
        "url": failure.url,
        "site": site_of(failure.url),
        "state": failure.state.value,
        "reason": failure.reason,
        "rows": failure.rows,
    }
