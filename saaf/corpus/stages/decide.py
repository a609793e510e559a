"""The stage that decides: what became of the documents that passed the filters, by what comparing them found."""

from __future__ import annotations

import pickle
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from saaf.corpus import schema
from saaf.corpus.parquet import ROW_GROUP_ROWS, write_row_groups
from saaf.corpus.stages.captures import OUTCOME_SCHEMA, OUTCOMES
from saaf.corpus.stages.near import excluded_rows
from saaf.corpus.stages.near_tables import CLUSTERS, PAIRS, SIZE_SCHEMA, SIZES, read_near_tables
from saaf.corpus.stages.partition_rows import PartitionRows
from saaf.corpus.stages.row_output import FAILURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.near_tables import NearTables
    from saaf.corpus.stages.sequence import Passed
    from saaf.corpus.stages.tasks import Result, Task, TaskFiles

EDITS = "edits.pickle"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideArguments:
    """What the stage is told: the tasks that compared documents, and how many documents passed the filters."""

    near: tuple[TaskFiles, ...]
    passed: int


def decide_task(task: Task, _guard: PageGuard) -> Result:
    """Write the outcomes, clusters and pairs that the comparison of documents found, as one."""
    arguments: DecideArguments = task.arguments
    return write_decisions(task, read_near_tables(arguments.near)) | {"passed": arguments.passed}


def passed_summaries(rows: PartitionRows, captures: Sequence[TaskFiles]) -> pa.Table:
    """Return the summaries of the documents that passed the filters."""
    return rows.summaries_of(np.flatnonzero(~excluded_rows(rows.count, captures)))


def left_out(passed: Passed) -> Iterator[tuple[str, str]]:
    """Yield key and reason of each input that is no document, and of each document that was filtered out."""
    for task in passed.rows:
        table = pq.read_table(task.path(FAILURES), columns=["key", "reason"])
        yield from zip(table["key"].to_pylist(), table["reason"].to_pylist(), strict=True)
    keys = PartitionRows(passed.rows).summaries(["key"])["key"]
    for task in passed.captures:
        for outcome in pq.read_table(task.path(OUTCOMES), columns=["number", "reason"]).to_pylist():
            yield keys[outcome["number"]].as_py(), outcome["reason"]


def write_decisions(task: Task, found: NearTables, *, more: pa.Table | None = None) -> Result:
    """Write what became of documents, the clusters and the pairs; `more` are outcomes of documents not compared."""
    outcomes = pa.concat_tables([found.outcomes, *([] if more is None else [more])]).sort_by("number")
    write_row_groups(task.path(OUTCOMES), [outcomes], OUTCOME_SCHEMA)
    for name, table, columns in (
        (CLUSTERS, found.clusters, schema.CLUSTERS),
        (PAIRS, found.pairs, schema.PAIRS),
        (SIZES, found.sizes, SIZE_SCHEMA),
    ):
        groups = (table.slice(start, ROW_GROUP_ROWS) for start in range(0, table.num_rows, ROW_GROUP_ROWS))
        write_row_groups(task.path(name), groups, columns)
    return {"set_aside": found.outcomes.num_rows, "omitted": asdict(found.omitted)}


def read_edits(task: TaskFiles) -> dict[int, Any]:
    """Return the removals of repeated paragraphs, by the number of the document; none where nothing was removed."""
    path = task.path(EDITS)
    return pickle.loads(path.read_bytes()) if path.exists() else {}  # noqa: S301  # our own
