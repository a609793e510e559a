"""The stage that makes rows: each document of a partition, cleaned again with its site's profile, as a row of tables.

It writes the rows with their texts as an Arrow file that is mapped into memory, a summary of each row by which the
later stages decide, the sketches of the texts, and the entries of the ledger for what became no document.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from saaf.cleaning.quality.histograms import Histograms
from saaf.cleaning.text.fasttext_identifier import load_identifier
from saaf.cleaning.text.urls import site_of
from saaf.corpus import schema
from saaf.corpus.joined_pages import JoinedPart
from saaf.corpus.ledger import Failure, State
from saaf.corpus.parquet import ROW_GROUP_ROWS, write_row_groups
from saaf.corpus.row_store import ROWS, UNMEASURED_ROWS, record_batch, text_column, text_sizes
from saaf.corpus.selection import filter_by_itself
from saaf.corpus.stages.frames import read_body, read_frames
from saaf.corpus.stages.joins import load_joins
from saaf.corpus.stages.page_rows import page_rows
from saaf.corpus.stages.read import FRAMES, BatchHeader
from saaf.corpus.stages.site_knowledge import PROFILE_NOT_APPLIED, SiteKnowledge
from saaf.corpus.stages.sketch_files import SketchWriter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from saaf.cleaning.types import CleanDocument
    from saaf.corpus.batch_reading import BatchRead
    from saaf.corpus.outcomes import DocumentSummary
    from saaf.corpus.settings import BuildSettings
    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.joins import PartitionJoins
    from saaf.corpus.stages.page_rows import PageRow
    from saaf.corpus.stages.read import RecordHeader
    from saaf.corpus.stages.site_knowledge import PartitionSites
    from saaf.corpus.stages.tasks import Result, Task, TaskFiles

ROW_FILE, SUMMARY, FAILURES = "rows.arrow", "summary.parquet", "failures.parquet"
HISTOGRAMS = "histograms.json"
_ROWS_PER_BATCH = 1_000
_OTHERS = 1 << 40  # numbers, for the guard, of pages of other partitions: more than a partition has records
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
        ("bytes", pa.int64()),
    ]
)
"""What is known of each row of a partition; `tokens` and `bytes` are those of its clean text."""
_WHEN_WRITTEN = ("row", "tokens", "bytes")
_OF_DOCUMENT = pa.schema([column for column in SUMMARY_SCHEMA if column.name not in _WHEN_WRITTEN])


@dataclass(frozen=True, slots=True, kw_only=True)
class RowArguments:
    """What the stage is told.

    `reads` are the read tasks of all partitions, of which this one is number `partition`; `bases` has, for a file that
    was cut, the number of the last record before this part. `sites` knows where the profiles are, None where nothing is
    cleaned; `joins` where the pages of articles are, None where there are none. `paragraphs` says whether paragraphs
    are compared later.
    """

    reads: tuple[TaskFiles, ...]
    partition: int
    bases: Mapping[str, int]
    sites: SiteKnowledge | None
    joins: TaskFiles | None
    settings: BuildSettings
    paragraphs: bool = False


@dataclass(slots=True)
class _Output:
    """The rows that wait, and what has been written of a partition."""

    writer: pa.ipc.RecordBatchFileWriter
    sketches: SketchWriter
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

    def add_page(self, rows: list[PageRow], settings: BuildSettings) -> None:
        """Add the rows of a page; what thresholds are derived from is counted where that is wanted."""
        derives = settings.quality_filter is not None and settings.quality_filter.derives
        for each in rows:
            self.add(each.row, each.summary)
            if derives and filter_by_itself(each.summary, settings) is None:
                self.histograms.add(each.summary.language, each.summary.script, each.signals)
        self.articles += len(rows) - 1

    def add(self, row: dict[str, object], summary: DocumentSummary) -> None:
        text, original = row["text"], row["original"]
        self.waiting.append({**row, "original": None} if original == text else row)
        self.waiting_summaries.append({name: getattr(summary, name) for name in _OF_DOCUMENT.names})
        self.characters += len(str(text)) + len(str(original))
        if len(self.waiting) == _ROWS_PER_BATCH or self.characters >= _CHARACTERS_PER_BATCH:
            self.flush()

    def flush(self) -> None:
        rows, self.waiting, self.characters = self.waiting, [], 0
        if rows:
            summaries = pa.RecordBatch.from_pylist(self.waiting_summaries, schema=_OF_DOCUMENT)
            self.waiting_summaries = []
            self.write(record_batch(rows), {name: summaries[name] for name in _OF_DOCUMENT.names})

    def write(self, batch: pa.RecordBatch, summaries: Mapping[str, pa.Array]) -> None:
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


def row_task(task: Task, guard: PageGuard) -> Result:
    """Write the rows, summaries and failures of a partition."""
    arguments: RowArguments = task.arguments
    problems: Counter[str] = Counter()
    columns = ROWS if arguments.settings.clean else UNMEASURED_ROWS
    with (
        pa.OSFile(str(task.path(ROW_FILE)), "wb") as sink,
        pa.ipc.new_file(sink, columns) as writer,
        SketchWriter(task, arguments.settings.dedupe, paragraphs=arguments.paragraphs) as sketches,
    ):
        output = _Output(writer, sketches)
        _add_documents(output, problems, arguments, guard)
        output.flush()
    _write_summaries(task.path(SUMMARY), output.summaries)
    _write_failures(task.path(FAILURES), output.failures)
    task.path(HISTOGRAMS).write_text(json.dumps(output.histograms.to_json()), encoding="utf-8")
    return {
        "rows": output.rows,
        "bytes": output.bytes,
        "articles": output.articles,
        "failures": len(output.failures),
        "unreadable": output.unreadable,
        "first_unreadable": output.first_unreadable,
        "profile_failures": dict(sorted(problems.items())),
    }


def _add_documents(
    output: _Output,
    problems: Counter[str],
    arguments: RowArguments,
    guard: PageGuard,
) -> None:
    settings, frames = arguments.settings, arguments.reads[arguments.partition].path(FRAMES)
    sites = arguments.sites.load(arguments.reads, arguments.partition) if arguments.sites else None
    joins = _load_joins(arguments, guard) if arguments.joins else None
    if settings.lid:
        load_identifier(settings.lid)  # now: a model may be larger than the memory that a page may have
    with frames.open("rb") as stream:
        for number, (header, offset) in enumerate(read_frames(frames), start=1):
            if isinstance(header, BatchHeader):
                _add_batch(output, header, read_body(stream, offset), arguments)
                continue
            key = _key(arguments.bases, header.file_path, header.number)
            if header.failure is not None:
                output.fail(_failure_row(key, header, header.failure), header.failure)
                continue
            record, clean = read_body(stream, offset)
            if sites is not None:
                clean, problem = sites.clean_again(clean, offset, guard, number)
                if problem:
                    problems[problem] += 1
                    clean = replace(clean, flags=(*clean.flags, PROFILE_NOT_APPLIED))
            joined = joins.result(offset) if joins is not None else None
            if isinstance(joined, JoinedPart):
                output.failures.append(_joined_row(key, joined))
                continue
            rights = sites.rights if sites is not None else None
            make_rows = partial(page_rows, key, record, joined or clean, settings, rights)
            # The number is another one: a page that can be cleaned may fail here.
            rows = guard.call(-number, make_rows, clean.document.url)
            if isinstance(rows, Failure):
                output.fail(_failure_row(key, header, rows), rows)
            else:
                output.add_page(rows, settings)


def _load_joins(arguments: RowArguments, guard: PageGuard) -> PartitionJoins:
    """Return the articles of several pages, whose pages of other partitions are cleaned with their site's profile."""
    assert arguments.joins is not None  # noqa: S101
    known: dict[int, PartitionSites] = {}

    def clean_again(partition: int, offset: int, clean: CleanDocument) -> CleanDocument:
        if arguments.sites is None:
            return clean
        if partition not in known:
            known[partition] = arguments.sites.load(arguments.reads, partition)
        again, problem = known[partition].clean_again(clean, offset, guard, _OTHERS + offset)
        return replace(again, flags=(*again.flags, PROFILE_NOT_APPLIED)) if problem else again

    return load_joins(arguments.joins, arguments.reads, arguments.partition, clean_again)


def _joined_row(key: str, part: JoinedPart) -> dict[str, object]:
    """Return the ledger's row of a page that became a part of another one's document."""
    document = part.document
    failure = Failure(state=State.JOINED, reason=part.reason, url=document.url)
    return failure_entry(key, failure) | {"language": document.language.code, "document_id": document.id}


def _key(bases: Mapping[str, int], file_path: str, number: int) -> str:
    """Return the key of an input in the ledger."""
    return f"{file_path}#{bases.get(file_path, 0) + number}" if number else file_path


def _failure_row(key: str, header: RecordHeader, failure: Failure) -> dict[str, object]:
    row = failure_entry(key, failure)
    return row | {"is_revisit": header.is_revisit}


def failure_entry(key: str, failure: Failure) -> dict[str, object]:
    """Return what the ledger says of an input that became no document."""
    return {
        "key": key,
        "url": failure.url,
        "site": site_of(failure.url),
        "state": failure.state.value,
        "reason": failure.reason,
    }


def _add_batch(
    output: _Output,
    header: BatchHeader,
    reads: list[BatchRead],
    arguments: RowArguments,
) -> None:
    """Add the rows of a batch that was not cleaned."""
    keys = [_key(arguments.bases, *place) for place in header.places]
    for position, failure in header.failures.items():
        output.fail(failure_entry(keys[position], failure), failure)
    output.flush()
    for read in reads:
        if read.rows.num_rows:
            output.write(read.rows, _summaries_of_batch(read, pa.array(keys, pa.string()), header))


def _summaries_of_batch(read: BatchRead, keys: pa.StringArray, header: BatchHeader) -> dict[str, pa.Array]:
    """Return the summaries of the documents of a batch; `keys` are those of its inputs."""
    positions = pa.array(read.positions)
    rows, count = read.rows, read.rows.num_rows
    return {
        "key": keys.take(positions),
        "file_path": pa.array([file_path for file_path, _ in header.places], pa.string()).take(positions),
        "id": rows["id"],
        "url": rows["url"],
        "site": rows["site"],
        "language": rows["language"],
        "script": rows["language_script"],
        **{name: read.measures[name] for name in read.measures.schema.names},
        "removed": pa.array(np.zeros(count, np.int64)),
        "reservation": pa.nulls(count, pa.string()),
    }


def _write_summaries(path: Path, batches: list[pa.RecordBatch]) -> None:
    table = pa.Table.from_batches(batches, SUMMARY_SCHEMA)
    groups = (table.slice(start, ROW_GROUP_ROWS) for start in range(0, table.num_rows, ROW_GROUP_ROWS))
    write_row_groups(path, groups, SUMMARY_SCHEMA)


FAILURE_SCHEMA = schema.LEDGER.append(pa.field("is_revisit", pa.bool_()))


def _write_failures(path: Path, rows: list[dict[str, object]]) -> None:
    groups = (rows[start : start + ROW_GROUP_ROWS] for start in range(0, len(rows), ROW_GROUP_ROWS))
    write_row_groups(path, (pa.Table.from_pylist(group, schema=FAILURE_SCHEMA) for group in groups), FAILURE_SCHEMA)
