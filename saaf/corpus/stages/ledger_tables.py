"""The ledger of a partition as a table, each of whose rows may stand for several inputs, and counts over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from saaf.corpus import schema
from saaf.corpus.ledger import State
from saaf.corpus.parquet import ROW_GROUP_ROWS, write_row_groups

if TYPE_CHECKING:
    from pathlib import Path


def count_states(ledger: pa.Table) -> dict[str, int]:
    """Return the number of inputs by state: a row may stand for several."""
    counted = ledger.select(["state", "rows"]).group_by("state").aggregate([("rows", "sum")])
    pairs = zip(counted["state"].to_pylist(), counted["rows_sum"].to_pylist(), strict=True)
    return dict(sorted(pairs))


def first_reasons_of(ledger: pa.Table) -> list[list[str]]:
    """Return key and reason of the first three inputs that are not kept."""
    left_out = ledger.filter(pc.not_equal(ledger["state"], State.KEPT.value)).slice(0, 3)
    return [[row["key"], row["reason"]] for row in left_out.select(["key", "reason"]).to_pylist()]


def ledger_of(table: pa.Table, failures: pa.Table) -> pa.Table:
    """Return the ledger's rows of documents and failures, sorted by key."""
    own = pa.table(
        {
            "key": table["key"],
            "url": table["url"],
            "site": table["site"],
            "state": table["state"],
            "reason": table["reason"],
            "language": table["language"],
            "document_id": table["id"],
            "duplicate_of": table["duplicate_of"],
            "rows": pa.repeat(pa.scalar(1, pa.int64()), table.num_rows),
        },
        schema=schema.LEDGER,
    )
    return pa.concat_tables([own, failures.cast(schema.LEDGER)]).sort_by("key")


def write_ledger(path: Path, ledger: pa.Table) -> None:
    """Write a ledger, in row groups of equal length."""
    groups = (ledger.slice(first, ROW_GROUP_ROWS) for first in range(0, ledger.num_rows, ROW_GROUP_ROWS))
    write_row_groups(path, groups, schema.LEDGER)
