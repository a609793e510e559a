"""The stages that write a corpus: the order of its documents, one file for each shard, and one part for each partition.

The files are complete, in the directory of their task, with their checksums in its result; the build only links them
to their names.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise, starmap
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from saaf.cleaning.quality.language_keys import language_key
from saaf.cleaning.text.iso_639 import language_directory
from saaf.cleaning.text.language import UNKNOWN
from saaf.corpus import schema
from saaf.corpus.crawl_listing import listing_failures, url_hash
from saaf.corpus.file_names import SPLIT, shard_name
from saaf.corpus.ledger import State
from saaf.corpus.manifest_entries import file_entry
from saaf.corpus.paragraphs import EditedRows
from saaf.corpus.parquet import row_groups, write_row_groups, write_table
from saaf.corpus.publication.shards import write_shard
from saaf.corpus.row_tables import ROWS, with_column
from saaf.corpus.stages.captures import OUTCOMES
from saaf.corpus.stages.carried_rows import CarriedRows, beside, merged_schema, published_fields
from saaf.corpus.stages.decide import read_edits
from saaf.corpus.stages.ledger_tables import count_states, first_reasons_of, ledger_of, write_ledger
from saaf.corpus.stages.near_tables import SIZES
from saaf.corpus.stages.partition_rows import PartitionRows, row_groups_of, taken_row_groups
from saaf.corpus.stages.read import CAPTURED
from saaf.corpus.stages.row_output import FAILURES, failure_entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from saaf.corpus.input_walk import CrawlDirectory
    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.tasks import Result, Task, TaskFiles

ORDER, SHARD, CARRIED = "order.npy", "documents.parquet", "carried.schema"
ORIGINALS, REJECTED, LEDGER, LISTED = "originals.parquet", "rejected.parquet", "ledger.parquet", "listed.parquet"
SHARD_BYTES = 1 << 28
"""Bytes of clean text in a shard: what a loader reads as a unit, 100 MB compressed."""

_OF_ORIGINALS = [name for name in ROWS.names if name in {*schema.ORIGINALS.names, "original"}]
_NO_LANGUAGE = (UNKNOWN.code, UNKNOWN.script)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The tasks by which the fate of each document is known: rows of all partitions, filters, comparisons."""

    rows: tuple[TaskFiles, ...]
    captures: tuple[TaskFiles, ...]
    decide: TaskFiles

    def outcomes(self, start: int = 0, end: int | None = None) -> pa.Table:
        """Return the outcomes of the rows numbered from `start` up to and without `end`, by number."""
        filters = [("number", ">=", start), *([("number", "<", end)] if end is not None else [])]
        tables = [pq.read_table(task.path(OUTCOMES), filters=filters) for task in (*self.captures, self.decide)]
        return pa.concat_tables(tables).sort_by("number")


def order_task(task: Task, _guard: PageGuard) -> Result:
    """Write the numbers of the kept documents by language, URL and id, and return where they are cut into shards."""
    decided: Decided = task.arguments
    rows = PartitionRows(decided.rows)
    table = rows.summaries(["key", "id", "url", "language", "script", "bytes"])
    keep = np.ones(table.num_rows, np.bool_)
    keep[decided.outcomes()["number"].to_numpy()] = False
    kept = table.filter(pa.array(keep))
    directories = _directories(kept)
    keys = pa.table({"directory": directories, "url": kept["url"].fill_null(""), "id": kept["id"], "key": kept["key"]})
    order = pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in keys.column_names])
    with task.path(ORDER).open("wb") as stream:
        numbers, sizes = (kept[name].to_numpy()[order.to_numpy()] for name in ("number", "bytes"))
        np.save(stream, np.stack([numbers, sizes]))
    carried = merged_schema(decided.rows)
    task.path(CARRIED).write_bytes(carried.serialize().to_pybytes())
    shards = _shards(directories.take(order), sizes)
    return {"shards": shards, "documents": len(order), "carried": {each.name: str(each.type) for each in carried}}


def _shards(directories: pa.Array, sizes: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Return directory, name and half-open range of each shard; `directories` is sorted, `sizes` are bytes of texts.

    Where there is no document, one shard without rows: a loader finds a table, not nothing.
    """
    if not len(directories):
        directory = language_directory(*_NO_LANGUAGE)
        return [{"directory": directory, "name": shard_name(SPLIT, 0, 1), "start": 0, "end": 0}]
    shards = []
    first = 0
    for directory, count in _runs(directories):
        cuts = _cuts(sizes[first : first + count])
        for number, (start, end) in enumerate(cuts):
            name = shard_name(SPLIT, number, len(cuts))
            shards.append({"directory": directory, "name": name, "start": first + start, "end": first + end})
        first += count
    return shards


def _directories(kept: pa.Table) -> pa.Array:
    """Return the directory of each document by its language and script; a million are never Python objects."""
    pairs = pc.binary_join_element_wise(kept["language"], kept["script"], " ").combine_chunks().dictionary_encode()
    names = [language_directory(*pair.split(" ")) for pair in pairs.dictionary.to_pylist()]
    return pa.array(names, pa.string()).take(pairs.indices)


def _runs(values: pa.Array) -> Iterator[tuple[str, int]]:
    """Yield each value of a sorted array and how often it is there."""
    runs = pc.run_end_encode(values)
    start = 0
    for value, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        yield value, end - start
        start = end


def _cuts(sizes: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return the half-open ranges of the shards of documents with texts of these sizes, in bytes; all about equal."""
    total = int(sizes.sum())
    count = max(1, -(-total // SHARD_BYTES))
    ends = np.searchsorted(np.cumsum(sizes), np.arange(1, count) * total / count)
    borders = [0, *np.unique(ends[ends > 0]).tolist(), len(sizes)]
    return [(start, end) for start, end in pairwise(borders) if end > start]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardArguments:
    """The arguments of a shard: `order` is the task with the order of the documents, of which it has [start, end)."""

    decided: Decided
    order: TaskFiles
    start: int
    end: int


def shard_task(task: Task, _guard: PageGuard) -> Result:
    """Write the kept documents of a shard."""
    arguments: ShardArguments = task.arguments
    numbers, text_bytes = np.load(arguments.order.path(ORDER), mmap_mode="r")[:, arguments.start : arguments.end]
    rows = _edited(arguments.decided)
    sizes = pq.read_table(arguments.decided.decide.path(SIZES))
    size_of = dict(zip(sizes["number"].to_pylist(), sizes["size"].to_pylist(), strict=True))
    carried = _carried(arguments.decided, arguments.order)
    groups = _document_groups(rows, carried, numbers, text_bytes, size_of)
    write_shard(task.path(SHARD), groups, pa.schema([*schema.DOCUMENTS, *published_fields(carried.schema)]))
    return {"file": file_entry(task.path(SHARD))}


def _edited(decided: Decided) -> EditedRows:
    return EditedRows(PartitionRows(decided.rows), read_edits(decided.decide))


def _carried(decided: Decided, order: TaskFiles) -> CarriedRows:
    columns = pa.ipc.read_schema(pa.py_buffer(order.path(CARRIED).read_bytes()))
    return CarriedRows(decided.rows, PartitionRows(decided.rows).starts, columns)


def _document_groups(
    rows: EditedRows,
    carried: CarriedRows,
    numbers: NDArray[np.int64],
    text_bytes: NDArray[np.int64],
    size_of: Mapping[int, int],
) -> Iterator[pa.Table]:
    for group in row_groups_of(np.asarray(numbers), text_bytes):
        table = rows.take(group.tolist())
        sizes = pa.array([size_of.get(number, 1) for number in group.tolist()], pa.int32())
        yield from _with_carried(with_column(table, "minhash_cluster_size", sizes), carried, group)


def _with_carried(table: pa.Table, carried: CarriedRows, numbers: NDArray[np.int64]) -> Iterator[pa.Table]:
    """Yield rows with their carried columns beside them, fewer together where those are wide."""
    if not len(carried.schema):
        yield table
        return
    for start in range(0, len(numbers), carried.rows_at_once):
        part = table.slice(start, carried.rows_at_once)
        columns = carried.take(numbers[start : start + carried.rows_at_once])
        yield beside(part, columns)


def _split(table: pa.Table) -> Iterator[pa.Table]:
    """Yield the row groups of a table."""
    for rows in row_groups(pc.utf8_length(table["text"]).to_pylist()):
        yield table.slice(rows.start, rows.stop - rows.start)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartArguments:
    """The arguments of the part of a partition.

    `listed` are the read tasks of the same crawl: a revisit record of what one of them captured is no input. `order` is
    the task that knows which columns are carried through.
    """

    decided: Decided
    partition: int
    listed: tuple[TaskFiles, ...]
    order: TaskFiles


def part_task(task: Task, _guard: PageGuard) -> Result:
    """Write the originals, the rejected documents and the ledger of a partition, and return their counts."""
    arguments: PartArguments = task.arguments
    decided, partition = arguments.decided, arguments.partition
    rows = _edited(decided)
    starts = PartitionRows(decided.rows).starts
    start, end = int(starts[partition]), int(starts[partition + 1])
    summaries = PartitionRows(decided.rows[partition : partition + 1]).summaries()
    table = _with_outcomes(summaries, decided.outcomes(start, end), start)
    keys = pa.table({"url": table["url"].fill_null(""), "id": table["id"], "key": table["key"]})
    table = table.take(pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in keys.column_names]))
    write_row_groups(task.path(ORIGINALS), _original_groups(rows, table, start), schema.ORIGINALS)
    rejected = table.filter(pc.not_equal(table["state"], State.KEPT.value))
    carried = _carried(decided, arguments.order)
    own = len(schema.DOCUMENTS)
    columns = pa.schema([*schema.DOCUMENTS, *published_fields(carried.schema), *list(schema.REJECTED)[own:]])
    write_row_groups(task.path(REJECTED), _rejected_groups(rows, carried, rejected, start), columns)
    failures, revisits = _failures(decided.rows[partition], arguments.listed)
    ledger = ledger_of(table, failures)
    write_ledger(task.path(LEDGER), ledger)
    kept = table.filter(pc.equal(table["state"], State.KEPT.value))
    return {
        "files": {name: file_entry(task.path(name)) for name in (ORIGINALS, REJECTED, LEDGER)},
        "states": count_states(ledger),
        "entries": ledger.num_rows,
        "revisits": revisits,
        "languages": dict(sorted(Counter(kept["language"].to_pylist()).items())),
        "language_keys": dict(sorted(Counter(starmap(language_key, _scripts(kept))).items())),
        "characters": pc.sum(kept["characters"]).as_py() or 0,
        "removed": pc.sum(kept["removed"]).as_py() or 0,
        "reasons": first_reasons_of(ledger),
    }


def _scripts(kept: pa.Table) -> Iterator[tuple[str, str]]:
    """Yield language and script of each document."""
    return zip(kept["language"].to_pylist(), kept["script"].to_pylist(), strict=True)


def _with_outcomes(summaries: pa.Table, outcomes: pa.Table, start: int) -> pa.Table:
    """Return the summaries with the columns state, reason and duplicate_of; `start` is the first row's number."""
    columns: dict[str, list[Any]] = {
        "state": [State.KEPT.value] * summaries.num_rows,
        "reason": [""] * summaries.num_rows,
        "duplicate_of": [None] * summaries.num_rows,
    }
    for outcome in outcomes.to_pylist():
        for name, values in columns.items():
            values[outcome["number"] - start] = outcome[name]
    for name, values in columns.items():
        summaries = summaries.append_column(name, pa.array(values, pa.string()))
    return summaries


def _original_groups(rows: EditedRows, table: pa.Table, start: int) -> Iterator[pa.Table]:
    for chosen, taken in taken_row_groups(rows, table, start, _OF_ORIGINALS):
        texts = with_column(taken, "text", pc.coalesce(taken["original"], taken["text"]))
        yield from _split(texts.append_column("key", chosen["key"]).append_column("state", chosen["state"]))


def _rejected_groups(rows: EditedRows, carried: CarriedRows, table: pa.Table, start: int) -> Iterator[pa.Table]:
    for chosen, taken in taken_row_groups(rows, table, start):
        columns = {name: chosen[name] for name in ("key", "state", "reason", "duplicate_of")}
        given = pa.table({name: taken[name] for name in taken.column_names} | columns)
        for part in _with_carried(given, carried, chosen["number"].to_numpy() + start):
            yield from _split(part)


def _failures(task: TaskFiles, listed: Sequence[TaskFiles]) -> tuple[pa.Table, int]:
    """Return the failures of a partition, without the revisit records of what the crawl captured, and count these."""
    table = pq.read_table(task.path(FAILURES))
    total = table.num_rows
    if listed and pc.any(table["is_revisit"].fill_null(fill_value=False)).as_py():
        captured = captured_urls(listed)
        stays = [
            not (row["is_revisit"] and url_hash(row["url"] or "") in captured)
            for row in table.select(["url", "is_revisit"]).to_pylist()
        ]
        table = table.filter(pa.array(stays))
    return table.select(schema.LEDGER.names), total - table.num_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingArguments:
    """The arguments of the part of a crawl's listing: the crawl, its read tasks, and the directory of the index."""

    crawl: CrawlDirectory
    reads: tuple[TaskFiles, ...]
    work: Path


def listing_task(task: Task, _guard: PageGuard) -> Result:
    """Write the ledger of what a crawl listed and did not capture."""
    arguments: ListingArguments = task.arguments
    crawl = arguments.crawl
    found = listing_failures(crawl.path, captured_urls(arguments.reads), arguments.work)
    rows = (_EMPTY_ROW | failure_entry(f"{crawl.name}#{line}", failure) for line, failure in found)
    write_table(task.path(LISTED), rows, schema.LEDGER)  # in the order of the listing
    ledger = pq.read_table(task.path(LISTED)).sort_by("key")
    write_ledger(task.path(LEDGER), ledger)
    return {
        "files": {LEDGER: file_entry(task.path(LEDGER))},
        "states": count_states(ledger),
        "languages": {},
        "language_keys": {},
        "characters": 0,
        "removed": 0,
        "reasons": first_reasons_of(ledger),
    }


_EMPTY_ROW = dict.fromkeys(schema.LEDGER.names)


def captured_urls(reads: Sequence[TaskFiles]) -> set[bytes]:
    """Return the hashes, 8 bytes each, of the URLs that a crawl captured, by the read tasks of its partitions."""
    content = b"".join(path.read_bytes() for read in reads if (path := read.path(CAPTURED)).exists())
    return {content[start : start + 8] for start in range(0, len(content), 8)}
