"""The totals of clusters and of verified pairs, counted in batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from saaf.corpus.corpus_tables import iter_batches
from saaf.corpus.file_names import CLUSTERS, PAIRS
from saaf.corpus.report.group_sums import GroupSums, first_rows

if TYPE_CHECKING:
    from pathlib import Path

MAX_CLUSTERS = 8
"""Clusters that the report shows."""

_ROWS = 20_000
_FIRST_BIN, _BINS, _WIDTH = 20, 40, 0.025  # of similarities: from 0.5 to 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateTotals:
    """Clusters by size and verified pairs by similarity.

    `sizes` are (documents in the cluster, clusters) pairs; `similarities` are (lower bound, pairs) pairs of bins that
    are 0.025 wide, from 0.5 to 1.0; a pair below 0.5 counts in the first bin.
    """

    clusters: int
    members: int
    pairs: int
    sizes: tuple[tuple[int, int], ...]
    similarities: tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedDuplicates:
    """The totals, and the ids of the clusters to show: half of them the largest, the others the least similar."""

    totals: DuplicateTotals
    shown: tuple[str, ...]


def count_duplicates(corpus: Path, directory: Path | None = None) -> CountedDuplicates:
    """Return the totals of a corpus; `directory` is where temporary files go, None for that of the system."""
    sums = GroupSums(["cluster_id"], ["size"], least=["jaccard"], directory=directory)
    members = 0
    for batch in iter_batches(corpus, CLUSTERS, ["cluster_id", "jaccard"], rows=_ROWS):
        members += batch.num_rows
        ones = np.ones(batch.num_rows, np.int64)
        sums.add(pa.table({"cluster_id": batch["cluster_id"], "size": ones, "jaccard": batch["jaccard"]}))
    sizes: dict[int, int] = {}
    largest: pa.Table | None = None
    least: pa.Table | None = None
    last = [("cluster_id", "ascending")]
    for table in sums.tables():
        for row in pc.value_counts(table["size"]).to_pylist():
            sizes[row["values"]] = sizes.get(row["values"], 0) + row["counts"]
        by_size = [("size", "descending"), ("jaccard", "ascending"), *last]
        largest = first_rows([*_given(largest), table], by_size, MAX_CLUSTERS)
        by_jaccard = [("jaccard", "ascending"), ("size", "descending"), *last]
        least = first_rows([*_given(least), table], by_jaccard, MAX_CLUSTERS)
    pairs, similarities = _similarities(corpus)
    totals = DuplicateTotals(
        clusters=sum(sizes.values()),
        members=members,
        pairs=pairs,
        sizes=tuple(sorted(sizes.items())),
        similarities=similarities,
    )
    first, second = (list(table["cluster_id"].to_pylist()) if table else [] for table in (largest, least))
    shown = dict.fromkeys([*first[: MAX_CLUSTERS // 2], *second, *first])
    return CountedDuplicates(totals=totals, shown=tuple(shown)[:MAX_CLUSTERS])


def _given(table: pa.Table | None) -> list[pa.Table]:
    return [] if table is None else [table]


def _similarities(corpus: Path) -> tuple[int, tuple[tuple[float, int], ...]]:
    """Return the number of pairs, and the pairs by bin."""
    counts = np.zeros(_BINS, np.int64)
    for batch in iter_batches(corpus, PAIRS, ["jaccard"], rows=_ROWS):
        # The 1e-9 keeps 0.7, which is 27.999… bins of 0.025 in binary, out of the bin below it.
        bins = np.floor(batch["jaccard"].to_numpy() / _WIDTH + 1e-9).astype(np.int64)
        counts += np.bincount(np.clip(bins, _FIRST_BIN, _BINS - 1), minlength=_BINS)
    shown = enumerate(counts[_FIRST_BIN:].tolist(), start=_FIRST_BIN)
    return int(counts.sum()), tuple((round(_WIDTH * index, 3), pairs) for index, pairs in shown)
