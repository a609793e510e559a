"""The tables of near-duplicates, as the tasks that compare documents write them, and put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from saaf.corpus import schema
from saaf.corpus.ledger import State
from saaf.corpus.near_duplicates import NearDuplicates
from saaf.corpus.outcomes import Outcome
from saaf.corpus.parquet import write_row_groups
from saaf.corpus.stages.captures import OUTCOME_SCHEMA, OUTCOMES, outcome_table
from saaf.dedupe import Omitted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from saaf.corpus.stages.tasks import Task, TaskFiles

CLUSTERS, PAIRS, SIZES = "clusters.parquet", "pairs.parquet", "sizes.parquet"
SIZE_SCHEMA = pa.schema([("number", pa.int64()), ("size", pa.int32())])
_ORDER = ("rank", "place")
_RANKS = [pa.field(name, pa.int64()) for name in _ORDER]  # what the rows of several tasks are sorted by
_SCHEMAS = {
    OUTCOMES: OUTCOME_SCHEMA,
    SIZES: SIZE_SCHEMA,
    CLUSTERS: pa.schema([*schema.CLUSTERS, *_RANKS]),
    PAIRS: pa.schema([*schema.PAIRS, *_RANKS]),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NearTables:
    """Near-duplicates as tables: outcomes and cluster sizes by number, clusters and pairs in the order of their files.

    `omitted` says what was not compared.
    """

    outcomes: pa.Table
    sizes: pa.Table
    clusters: pa.Table
    pairs: pa.Table
    omitted: Omitted

    def objects(self) -> NearDuplicates:
        """Return the near-duplicates as objects."""
        return NearDuplicates(
            outcomes={
                row["number"]: Outcome(
                    state=State(row["state"]), reason=row["reason"], duplicate_of=row["duplicate_of"]
                )
                for row in self.outcomes.to_pylist()
            },
            cluster_sizes=dict(zip(self.sizes["number"].to_pylist(), self.sizes["size"].to_pylist(), strict=True)),
            clusters=self.clusters.to_pylist(),
            pairs=self.pairs.to_pylist(),
            omitted=self.omitted,
        )


def tables_of(found: NearDuplicates) -> NearTables:
    """Return near-duplicates as tables."""
    numbers = sorted(found.cluster_sizes)
    sizes = {"number": numbers, "size": [found.cluster_sizes[number] for number in numbers]}
    return NearTables(
        outcomes=outcome_table(found.outcomes),
        sizes=pa.table(sizes, schema=SIZE_SCHEMA),
        clusters=pa.Table.from_pylist(found.clusters, schema=schema.CLUSTERS),
        pairs=pa.Table.from_pylist(found.pairs, schema=schema.PAIRS),
        omitted=found.omitted,
    )


def write_near_tables(task: Task, found: NearDuplicates, rank: NDArray[np.int64]) -> None:
    """Write near-duplicates of some documents; `rank` int64[n] are their places among all documents, ascending."""
    tables = tables_of(found)
    heads = np.array([position for position, _ in found.cluster_places], np.int64)
    places = np.array([place for _, place in found.cluster_places], np.int64)
    left, right = np.array(found.pair_places, np.int64).reshape(-1, 2).T
    written = {
        OUTCOMES: tables.outcomes,
        SIZES: tables.sizes,
        CLUSTERS: _with_ranks(tables.clusters, rank[heads], places),
        PAIRS: _with_ranks(tables.pairs, rank[left], rank[right]),
    }
    for name, table in written.items():
        write_row_groups(task.path(name), [table], _SCHEMAS[name])


def _with_ranks(table: pa.Table, *ranks: NDArray[np.int64]) -> pa.Table:
    for name, values in zip(_ORDER, ranks, strict=True):
        table = table.append_column(name, pa.array(values))
    return table


def read_near_tables(tasks: Sequence[TaskFiles]) -> NearTables:
    """Return what the tasks wrote as one."""
    omitted = Omitted()
    for task in tasks:
        omitted += Omitted(**(task.result() or {})["omitted"])

    def read(name: str, order: Sequence[str]) -> pa.Table:
        none = _SCHEMAS[name].empty_table()
        table = pa.concat_tables([none, *(pq.read_table(task.path(name)).cast(_SCHEMAS[name]) for task in tasks)])
        return table.sort_by([(column, "ascending") for column in order])

    return NearTables(
        outcomes=read(OUTCOMES, ["number"]),
        sizes=read(SIZES, ["number"]),
        clusters=read(CLUSTERS, _ORDER).drop_columns(list(_ORDER)),
        pairs=read(PAIRS, _ORDER).drop_columns(list(_ORDER)),
        omitted=omitted,
    )
