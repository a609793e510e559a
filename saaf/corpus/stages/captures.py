"""The stage that filters: the documents of a bucket of ids, each left out for one reason, or taken for its URL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from saaf.cleaning.quality.thresholds import first_failed, thresholds_for
from saaf.cleaning.text.language_codes import is_wanted
from saaf.corpus.no_content import REMNANT_TOKENS
from saaf.corpus.parquet import write_row_groups
from saaf.corpus.rights import RightsPolicy
from saaf.corpus.row_tables import text_column
from saaf.corpus.selection import filter_documents
from saaf.corpus.stages.partition_rows import PartitionRows, Summaries
from saaf.corpus.text_columns import QUALITY_PREFIX
from saaf.dedupe.hashing import segment_hashes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

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

ROWS_PER_BUCKET = 1_000_000
"""Documents of a bucket: 20 bytes each in memory, and 1 KB each where a filter has to look at them."""


_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureArguments:
    """The arguments of the stage: the tasks with the rows of all partitions, and which of how many buckets of ids.

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
    found = _select_bucket(rows, arguments)
    low_quality = _low_quality(rows, found.documents, arguments.thresholds)
    numbers = np.union1d(found.candidates, np.array(sorted(low_quality), np.int64))
    summaries = Summaries(rows.summaries_of(numbers))
    outcomes = filter_documents(list(summaries), arguments.settings, low_quality)
    return {"left_out": write_outcomes(task.path(OUTCOMES), outcomes)}


def _low_quality(
    rows: PartitionRows, numbers: NDArray[np.int64], thresholds: Mapping[str, Thresholds]
) -> dict[int, str]:
    """Return the reasons, by number, of the documents among these that fail a threshold of their language."""
    signals = sorted({one.signal for of_language in thresholds.values() for one in of_language})
    if not signals:
        return {}
    failed = {}
    table = rows.summaries_of(numbers, ["language", "script"])
    names = [QUALITY_PREFIX + signal for signal in signals]
    for start in range(0, table.num_rows, _ROWS_AT_ONCE):
        part = table.slice(start, _ROWS_AT_ONCE).select(["number", "language", "script"])
        measured = rows.take(part["number"].to_numpy(), names).rename_columns(signals)
        for document, values in zip(part.to_pylist(), measured.to_pylist(), strict=True):
            of_language = thresholds_for(thresholds, document["language"], document["script"])
            if reason := first_failed(values, of_language):
                failed[document["number"]] = reason
    return failed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bucket:
    """Numbers of documents, ascending, int64[n]: all of a bucket, and the candidates, which a filter may leave out."""

    documents: NDArray[np.int64]
    candidates: NDArray[np.int64]


def _select_bucket(rows: PartitionRows, arguments: CaptureArguments) -> _Bucket:
    """Return the documents of the bucket, and those of them that a filter may leave out.

    All others have words enough, a wanted language and no reservation, and no other document is a capture of their URL.
    """
    numbers, hashes, candidates = [], [], []
    for table in rows.summary_parts(["id", "capture", "tokens", "language", "script", "reservation", "page_type"]):
        id_hashes = _hash_ids(pc.coalesce(table["capture"], table["id"]))
        inside = id_hashes % np.uint64(arguments.buckets) == np.uint64(arguments.bucket)
        numbers.append(table["number"].to_numpy()[inside])
        hashes.append(id_hashes[inside])
        candidates.append(_may_be_left_out(table, arguments.settings)[inside])
    number, candidate = np.concatenate(numbers), np.concatenate(candidates)
    _, group, counts = np.unique(np.concatenate(hashes), return_inverse=True, return_counts=True)
    return _Bucket(documents=number, candidates=number[candidate | (counts[group] > 1)])


def _hash_ids(column: pa.ChunkedArray) -> NDArray[np.uint64]:
    """Return a hash of each id, uint64[n]."""
    texts = column.combine_chunks()
    ids = text_column(texts.chunk(0) if isinstance(texts, pa.ChunkedArray) else texts)
    found = np.zeros(len(ids), np.uint64)
    long = np.flatnonzero(np.diff(ids.offsets))
    found[long] = segment_hashes(ids.data.astype(np.uint32), ids.offsets[long], ids.offsets[long + 1])
    return found


def _may_be_left_out(table: pa.Table, settings: BuildSettings) -> NDArray[np.bool_]:
    shortest = max(settings.min_tokens, REMNANT_TOKENS) if settings.min_tokens else 0
    candidate = table["tokens"].to_numpy() < max(1, 2 * shortest)  # twice in scripts without spaces
    if settings.skip_types:
        candidate |= pc.is_in(table["page_type"], pa.array(settings.skip_types, pa.string())).to_numpy()
    if settings.rights is RightsPolicy.SKIP:
        candidate |= table["reservation"].is_valid().to_numpy()
    if settings.languages:
        kinds = pc.dictionary_encode(pc.binary_join_element_wise(table["language"], table["script"], " "))
        kinds = kinds.combine_chunks()
        pairs = [kind.partition(" ") for kind in kinds.dictionary.to_pylist()]
        wanted = [is_wanted(language, script, settings.languages) for language, _, script in pairs]
        candidate |= ~np.array(wanted, np.bool_)[kinds.indices.to_numpy()]
    return np.asarray(candidate, np.bool_)


def write_outcomes(path: Path, outcomes: Mapping[int, Outcome]) -> int:
    """Write outcomes, by number, and return how many there are."""
    return write_row_groups(path, [outcome_table(outcomes)], OUTCOME_SCHEMA)


def outcome_table(outcomes: Mapping[int, Outcome]) -> pa.Table:
    """Return outcomes as a table, by number."""
    numbers = sorted(outcomes)
    columns = {
        "number": numbers,
        "state": [outcomes[number].state.value for number in numbers],
        "reason": [outcomes[number].reason for number in numbers],
        "duplicate_of": [outcomes[number].duplicate_of for number in numbers],
    }
    return pa.table(columns, schema=OUTCOME_SCHEMA)
