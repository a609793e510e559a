"""The stage that compares documents with each other: near-duplicates, and what else `saaf dedupe` can be asked for."""

from __future__ import annotations

import pickle
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from saaf.corpus import schema
from saaf.corpus.ledger import LedgerError, State
from saaf.corpus.near_duplicates import check_kept_pairs, find_near_duplicates
from saaf.corpus.parquet import write_table
from saaf.corpus.stages.captures import OUTCOMES, write_outcomes
from saaf.corpus.stages.partition_rows import PartitionRows, Summaries
from saaf.corpus.stages.rows import FAILURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from saaf.corpus.near_duplicates import NearDuplicates
    from saaf.corpus.outcomes import Outcome
    from saaf.corpus.settings import BuildSettings
    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.sequence import Passed
    from saaf.corpus.stages.tasks import Result, Task, TaskFiles

CLUSTERS, PAIRS, SIZES, EDITS = "clusters.parquet", "pairs.parquet", "sizes.parquet", "edits.pickle"
_SIZE_SCHEMA = pa.schema([("number", pa.int64()), ("size", pa.int32())])


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideArguments:
    """What the stage is told: the tasks with the rows of all partitions, and those with the outcomes so far."""

    rows: tuple[TaskFiles, ...]
    captures: tuple[TaskFiles, ...]
    settings: BuildSettings


def decide_task(task: Task, _guard: PageGuard) -> Result:
    """Find near-duplicates among the documents that passed the filters, and write outcomes, clusters and pairs."""
    arguments: DecideArguments = task.arguments
    rows = PartitionRows(arguments.rows)
    summaries = Summaries(passed_summaries(rows, arguments.captures))
    duplicates = find_near_duplicates(
        summaries, rows.texts(summaries.numbers), summaries.qualities(), arguments.settings.dedupe
    )
    return write_decisions(task, summaries, duplicates) | {"omitted": asdict(duplicates.omitted)}


def passed_summaries(rows: PartitionRows, captures: Sequence[TaskFiles]) -> pa.Table:
    """Return the summaries of the documents that passed the filters."""
    table = rows.summaries()
    keep = np.ones(table.num_rows, np.bool_)
    for capture in captures:
        keep[pq.read_table(capture.path(OUTCOMES), columns=["number"])["number"].to_numpy()] = False
    return table.filter(pa.array(keep))


def left_out(passed: Passed) -> Iterator[tuple[str, str]]:
    """Yield key and reason of each input that is no document, and of each document that was filtered out."""
    for task in passed.rows:
        table = pq.read_table(task.path(FAILURES), columns=["key", "reason"])
        yield from zip(table["key"].to_pylist(), table["reason"].to_pylist(), strict=True)
    keys = PartitionRows(passed.rows).summaries(["key"])["key"]
    for task in passed.captures:
        for outcome in pq.read_table(task.path(OUTCOMES), columns=["number", "reason"]).to_pylist():
            yield keys[outcome["number"]].as_py(), outcome["reason"]


def write_decisions(
    task: Task, summaries: Summaries, duplicates: NearDuplicates, *, more: Mapping[int, Outcome] | None = None
) -> Result:
    """Write what became of documents, the clusters and the pairs; `more` are outcomes of documents not compared.

    Raises `LedgerError` where these contradict one another.
    """
    _check(summaries, duplicates)
    write_outcomes(task.path(OUTCOMES), {**(more or {}), **duplicates.outcomes})
    write_table(task.path(CLUSTERS), duplicates.clusters, schema.CLUSTERS)
    write_table(task.path(PAIRS), duplicates.pairs, schema.PAIRS)
    write_table(
        task.path(SIZES),
        ({"number": number, "size": size} for number, size in sorted(duplicates.cluster_sizes.items())),
        _SIZE_SCHEMA,
    )
    return {"set_aside": len(duplicates.outcomes), "passed": len(summaries)}


def _check(summaries: Summaries, duplicates: NearDuplicates) -> None:
    """Raise `LedgerError` unless each document that is set aside has a kept one, in a cluster of its own."""
    aside = {summaries.id_of(number): outcome for number, outcome in duplicates.outcomes.items()}
    check_kept_pairs(aside, duplicates.pairs, summaries.name_of)
    members = {str(row["document_id"]): str(row["cluster_id"]) for row in duplicates.clusters}
    for document_id, outcome in aside.items():
        if outcome.duplicate_of in aside or outcome.duplicate_of is None:
            raise LedgerError(f"{document_id} is set aside for {outcome.duplicate_of}, which is not kept")
        if outcome.state is State.DUPLICATE and members.get(document_id) != outcome.duplicate_of:
            raise LedgerError(f"{document_id}: a duplicate of {outcome.duplicate_of} in no cluster of it")


def read_edits(task: TaskFiles) -> dict[int, Any]:
    """Return the removals of repeated paragraphs, by the number of the document; none where nothing was removed."""
    path = task.path(EDITS)
    return pickle.loads(path.read_bytes()) if path.exists() else {}  # noqa: S301  # our own
