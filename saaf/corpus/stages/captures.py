"""The stage that filters: the documents of a bucket of ids, each left out for one reason, or taken for its URL."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from saaf.cleaning.quality.thresholds import first_failed, thresholds_for
from saaf.corpus.parquet import write_row_groups
from saaf.corpus.selection import filter_documents
from saaf.corpus.stages.partition_rows import PartitionRows, Summaries
from saaf.corpus.text_columns import QUALITY_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from saaf.cleaning.quality.thresholds import Thresholds
    from saaf.corpus.outcomes import Outcome
    from saaf.corpus.settings import BuildSettings
    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.tasks import Result, Task, TaskFiles

OUTCOMES = "outcomes.parquet"
OUTCOME_SCHEMA = pa.schema(
    [("number", pa.int64()), ("state", pa.string()), ("reason", pa.string()), ("duplicate_of", pa.string())]
)
"""What became of documents that are not kept, by the number of their row, ascending."""

ROWS_PER_BUCKET = 100_000
"""Documents whose summaries are in memory as objects, 1 KB each."""


_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureArguments:
    """What the stage is told: the tasks with the rows of all partitions, and which of how many buckets of ids.

    `thresholds` are those of quality, by language key, that documents must pass.
    """

    rows: tuple[TaskFiles, ...]
    bucket: int
    buckets: int
    settings: BuildSettings
    thresholds: Mapping[str, Thresholds]


def capture_task(task: Task, _guard: PageGuard) -> Result:
    """Write the outcomes of the documents of a bucket that are left out before near-duplicates are searched for."""
    arguments: CaptureArguments = task.arguments
    rows = PartitionRows(arguments.rows)
    table = rows.summaries()
    if arguments.buckets > 1:
        hashes = np.array([zlib.crc32(value.encode()) for value in table["id"].to_pylist()], np.int64)
        table = table.filter(pa.array(hashes % arguments.buckets == arguments.bucket))
    low_quality = _low_quality(rows, table, arguments.thresholds)
    outcomes = filter_documents(list(Summaries(table)), arguments.settings, low_quality)
    return {"left_out": write_outcomes(task.path(OUTCOMES), outcomes)}


def _low_quality(rows: PartitionRows, table: pa.Table, thresholds: Mapping[str, Thresholds]) -> dict[int, str]:
    """Return the reasons, by number, of the documents of `table` that fail a threshold of their language."""
    signals = sorted({one.signal for of_language in thresholds.values() for one in of_language})
    if not signals:
        return {}
    failed = {}
    names = [QUALITY_PREFIX + signal for signal in signals]
    for start in range(0, table.num_rows, _ROWS_AT_ONCE):
        part = table.slice(start, _ROWS_AT_ONCE).select(["number", "language", "script"])
        measured = rows.take(part["number"].to_numpy(), names).rename_columns(signals)
        for document, values in zip(part.to_pylist(), measured.to_pylist(), strict=True):
            of_language = thresholds_for(thresholds, document["language"], document["script"])
            if reason := first_failed(values, of_language):
                failed[document["number"]] = reason
    return failed


def write_outcomes(path: Path, outcomes: Mapping[int, Outcome]) -> int:
    """Write outcomes, by number, and return how many there are."""
    numbers = sorted(outcomes)
    columns = {
        "number": numbers,
        "state": [outcomes[number].state.value for number in numbers],
        "reason": [outcomes[number].reason for number in numbers],
        "duplicate_of": [outcomes[number].duplicate_of for number in numbers],
    }
    return write_row_groups(path, [pa.table(columns, schema=OUTCOME_SCHEMA)], OUTCOME_SCHEMA)
