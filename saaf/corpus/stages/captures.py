"""The stage that filters: the documents of a bucket of ids, each left out for one reason, or taken for its URL."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from saaf.corpus.parquet import write_row_groups
from saaf.corpus.selection import filter_documents
from saaf.corpus.stages.partition_rows import PartitionRows, Summaries

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

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


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureArguments:
    """What the stage is told: the tasks with the rows of all partitions, and which of how many buckets of ids."""

    rows: tuple[TaskFiles, ...]
    bucket: int
    buckets: int
    settings: BuildSettings


def capture_task(task: Task, _guard: PageGuard) -> Result:
    """Write the outcomes of the documents of a bucket that are left out before near-duplicates are searched for."""
    arguments: CaptureArguments = task.arguments
    table = PartitionRows(arguments.rows).summaries()
    if arguments.buckets > 1:
        hashes = np.array(
            [zlib.crc32(value.encode()) for value in pc.coalesce(table["capture"], table["id"]).to_pylist()], np.int64
        )
        table = table.filter(pa.array(hashes % arguments.buckets == arguments.bucket))
    outcomes = filter_documents(list(Summaries(table)), arguments.settings)
    return {"left_out": write_outcomes(task.path(OUTCOMES), outcomes)}


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
