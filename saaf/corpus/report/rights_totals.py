"""Counts of rights by host: documents that are in the corpus with a preference, and those left out for one."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from saaf.corpus.corpus_tables import column_names, iter_batches
from saaf.corpus.file_names import DATA, LEDGER
from saaf.corpus.ledger import State
from saaf.corpus.report.group_sums import GroupSums, first_rows

if TYPE_CHECKING:
    from pathlib import Path

MAX_SITES = 1_000
"""Hosts that report.json names; the others are counted."""

_ROWS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRightsTotal:
    """The counts of one host. `skipped` are inputs in state rights_reserved; the others are documents of the corpus:
    with training reserved, allowed, and unstated, with search reserved, and with a licence.
    """

    name: str
    skipped: int
    train_reserved: int
    train_allowed: int
    train_unstated: int
    search_reserved: int
    licensed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsTotals:
    """How many hosts state something, and the first 1,000 of them: most reserved and skipped first, then by name."""

    count: int
    top: tuple[SiteRightsTotal, ...]


_SUMS = [field.name for field in fields(SiteRightsTotal) if field.name != "name"]
_STATED = [name for name in _SUMS if name != "train_unstated"]
_COLUMNS = ["site", "rights_train", "rights_search", "rights_licence"]


def count_rights(corpus: Path, directory: Path | None = None) -> RightsTotals:
    """Return the counts of a corpus; `directory` is where temporary files go, None for that of the system.

    Hosts where nothing is stated and nothing was skipped are left out.
    """
    sums = GroupSums(["name"], _SUMS, directory=directory)
    if set(_COLUMNS) <= set(column_names(corpus, DATA)):
        for batch in iter_batches(corpus, DATA, _COLUMNS, rows=_ROWS):
            train = batch["rights_train"]
            _add(
                sums,
                batch["site"],
                train_reserved=pc.equal(train, "reserved"),
                train_allowed=pc.equal(train, "allowed"),
                train_unstated=pc.is_null(train),
                search_reserved=pc.equal(batch["rights_search"], "reserved"),
                licensed=pc.is_valid(batch["rights_licence"]),
            )
    for batch in iter_batches(corpus, LEDGER, ["site", "state"], rows=_ROWS):
        reserved = batch.filter(pc.equal(batch["state"], State.RIGHTS_RESERVED.value))
        _add(sums, reserved["site"], skipped=pc.is_valid(reserved["state"]))
    return _totals(sums)


def _add(sums: GroupSums, sites: pa.Array, **given: pa.Array) -> None:
    nothing = pa.repeat(pa.scalar(0, pa.int64()), len(sites))
    columns = {name: pc.fill_null(given[name].cast(pa.int64()), 0) if name in given else nothing for name in _SUMS}
    if len(sites):
        sums.add(pa.table({"name": pc.fill_null(sites, "")} | columns))


def _totals(sums: GroupSums) -> RightsTotals:
    count = 0
    top: pa.Table | None = None
    order = [("reserved", "descending"), ("name", "ascending")]
    for table in sums.tables():
        stated = table.filter(pc.greater(_sum_of(table, _STATED), 0))
        stated = stated.append_column("reserved", _sum_of(stated, ["train_reserved", "skipped"]))
        count += stated.num_rows
        top = first_rows([*([top] if top is not None else []), stated], order, MAX_SITES)
    rows = top.select(["name", *_SUMS]).to_pylist() if top is not None else []
    return RightsTotals(count=count, top=tuple(SiteRightsTotal(**row) for row in rows))


def _sum_of(table: pa.Table, names: list[str]) -> pa.ChunkedArray:
    total = table[names[0]]
    for name in names[1:]:
        total = pc.add(total, table[name])
    return total
