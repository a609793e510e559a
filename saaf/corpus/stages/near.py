"""The stages that find near-duplicates: equal texts, candidates band by band, components, and each compared by itself.

Only the documents of a component of the candidate graph (`saaf.dedupe.candidate_graph`) are looked at again: all others
have no near-duplicate.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from saaf.corpus.near_duplicates import check_near_duplicates, describe_duplicates
from saaf.corpus.stages.captures import OUTCOMES
from saaf.corpus.stages.near_tables import write_near_tables
from saaf.corpus.stages.partition_rows import PartitionRows, Summaries
from saaf.dedupe.candidate_graph import band_edges, batch_components, components, exact_edges
from saaf.dedupe.index_find import find_in_sketches
from saaf.dedupe.index_sketches import shingle_sizes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.run import Run
    from saaf.corpus.stages.tasks import Result, Task, TaskFiles
    from saaf.dedupe import Linkage, Settings

FIRSTS, EDGES, MEMBERS = "firsts.npy", "edges.npy", "members.arrow"
_BANDS_PER_TASK = 5
_TEXTS_PER_SLICE = 4_000_000  # whose keys of a band are sorted at a time: 8 bytes each, and as much for the sort
_BYTES_PER_BATCH = 1 << 25  # of texts that are compared by one task, more where a component has more
_BYTES_PER_TEXT = 1_000  # that a text takes beside its own bytes: its signatures


@dataclass(frozen=True, slots=True, kw_only=True)
class NearArguments:
    """The arguments of the stages: the tasks with the rows of all partitions, and those with outcomes.

    Documents that have an outcome are not compared.
    """

    rows: tuple[TaskFiles, ...]
    excluded: tuple[TaskFiles, ...]
    settings: Settings
    linkage: Linkage


def compare_documents(run: Run, arguments: NearArguments) -> tuple[tuple[TaskFiles, ...], int]:
    """Find the near-duplicates of documents, and return the tasks that wrote them, and the number of documents."""
    step = "comparing documents"
    inputs = [task.key for task in (*arguments.rows, *arguments.excluded)]
    exact = run.task(exact_task, inputs, arguments)
    compared = run.one(step, exact)
    slices = max(1, -(-compared["texts"] // _TEXTS_PER_SLICE))
    bands = run.settings.dedupe.bands.count
    band_tasks = [
        run.task(
            band_task,
            [exact.key, table, first, number, slices],
            BandArguments(
                near=arguments,
                exact=exact.files,
                table=table,
                bands=(first, min(first + _BANDS_PER_TASK, bands)),
                part=number,
                parts=slices,
            ),
        )
        for table in range(len(shingle_sizes(arguments.settings)))
        for first in range(0, bands, _BANDS_PER_TASK)
        for number in range(slices)
    ]
    run.all(step, band_tasks)
    edges = tuple(task.files for task in (exact, *band_tasks))
    component = run.task(component_task, [task.key for task in edges], ComponentArguments(near=arguments, edges=edges))
    found = run.one(step, component)
    batch_tasks = [
        run.task(
            batch_task,
            [component.key, number, arguments.linkage],
            BatchArguments(near=arguments, component=component.files, batch=number),
        )
        for number in range(found["batches"])
    ]
    run.all(step, batch_tasks)
    return tuple(task.files for task in batch_tasks), compared["documents"]


def excluded_rows(count: int, tasks: Sequence[TaskFiles]) -> NDArray[np.bool_]:
    """Return which of the rows of all partitions have an outcome in one of the tasks, bool[n]."""
    found = np.zeros(count, np.bool_)
    for task in tasks:
        found[pq.read_table(task.path(OUTCOMES), columns=["number"])["number"].to_numpy()] = True
    return found


def exact_task(task: Task, _guard: PageGuard) -> Result:
    """Write one document of each content, and the edges from it to the others."""
    arguments: NearArguments = task.arguments
    rows = PartitionRows(arguments.rows)
    sketches = rows.sketches(arguments.settings)
    compared = ~excluded_rows(rows.count, arguments.excluded)
    texts = np.flatnonzero(compared & (sketches.tokens() > 0))
    firsts, edges = exact_edges(sketches.content()[texts], texts)
    np.save(task.path(FIRSTS), firsts)
    np.save(task.path(EDGES), edges)
    return {"texts": len(firsts), "documents": int(compared.sum())}


@dataclass(frozen=True, slots=True, kw_only=True)
class BandArguments:
    """The arguments of the candidates of some bands: the signatures' table, the bands, half-open, and which of how many
    parts of the keys.
    """

    near: NearArguments
    exact: TaskFiles
    table: int
    bands: tuple[int, int]
    part: int
    parts: int


def band_task(task: Task, _guard: PageGuard) -> Result:
    """Write the edges of the candidate graph by some bands."""
    arguments: BandArguments = task.arguments
    near, table = arguments.near, arguments.table
    rows = PartitionRows(near.rows)
    sketches = rows.sketches(near.settings)
    chosen = np.zeros(rows.count, np.bool_)
    chosen[np.load(arguments.exact.path(FIRSTS))] = True

    def keys_of(band: int) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
        texts, keys = sketches.band(table, band, chosen)
        if arguments.parts == 1:
            return texts, keys
        inside = keys % np.uint64(arguments.parts) == np.uint64(arguments.part)
        return texts[inside], keys[inside]

    bands = (keys_of(band) for band in range(*arguments.bands))
    edges = band_edges(bands, lambda numbers: sketches.signatures(table, numbers), near.settings)
    np.save(task.path(EDGES), edges)
    return {"edges": len(edges)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentArguments:
    """The arguments of the components: the tasks with the edges of the candidate graph."""

    near: NearArguments
    edges: tuple[TaskFiles, ...]


def component_task(task: Task, _guard: PageGuard) -> Result:
    """Write the summaries of the documents of components of several, one record batch for each task that compares them.

    `rank` is the place of a document among all of these, by URL, id and key.
    """
    arguments: ComponentArguments = task.arguments
    rows = PartitionRows(arguments.near.rows)
    roots = components(rows.count, (np.load(edges.path(EDGES)) for edges in arguments.edges))
    sizes = np.concatenate([np.zeros(0, np.int64), *(t["bytes"].to_numpy() for t in rows.summary_parts(["bytes"]))])
    batches = batch_components(roots, sizes + _BYTES_PER_TEXT, _BYTES_PER_BATCH)
    members = np.sort(np.concatenate([np.zeros(0, np.int64), *batches]))
    table = rows.summaries_of(members)
    batch_of = np.zeros(len(members), np.int64)
    for number, batch in enumerate(batches):
        batch_of[np.searchsorted(members, batch)] = number
    keys = pa.table({"url": table["url"].fill_null(""), "id": table["id"], "key": table["key"]})
    order = pc.sort_indices(keys, [(name, "ascending") for name in keys.column_names]).to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    table = table.append_column("rank", pa.array(rank)).take(pa.array(order))
    own = batch_of[order]
    with pa.OSFile(str(task.path(MEMBERS)), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        for number in range(len(batches)):
            writer.write_batch(table.filter(pa.array(own == number)).combine_chunks().to_batches()[0])
    return {"batches": len(batches), "documents": len(members)}


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchArguments:
    """The arguments of the comparison of a batch: the task with its members, and its number."""

    near: NearArguments
    component: TaskFiles
    batch: int


def batch_task(task: Task, _guard: PageGuard) -> Result:
    """Find the near-duplicates in a batch of components, and write outcomes, clusters and pairs."""
    arguments: BatchArguments = task.arguments
    near = arguments.near
    with pa.memory_map(str(arguments.component.path(MEMBERS))) as source:
        table = pa.Table.from_batches([pa.ipc.open_file(source).get_batch(arguments.batch)])
        summaries = Summaries(table.drop_columns("rank"))
        rank = table["rank"].to_numpy()
        rows = PartitionRows(near.rows)
        texts = rows.texts(summaries.numbers)
        found = find_in_sketches(
            rows.sketches(near.settings).select(summaries.numbers),
            lambda wanted: texts.take(np.array(wanted, np.int64)),
            quality=summaries.qualities()[:],
            settings=near.settings,
            linkage=near.linkage,
        )
        described = describe_duplicates(found, summaries, texts, near.settings)
        check_near_duplicates(described, summaries)
        write_near_tables(task, described, rank)
    return {"set_aside": len(described.outcomes), "omitted": asdict(described.omitted)}
