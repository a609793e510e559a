"""Counts over the rows of a ledger, each of which may stand for several inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.compute as pc

from saaf.corpus.ledger import State

if TYPE_CHECKING:
    import pyarrow as pa


def count_states(ledger: pa.Table) -> dict[str, int]:
    """Return the number of inputs by state: a row may stand for several."""
    counted = ledger.select(["state", "rows"]).group_by("state").aggregate([("rows", "sum")])
    pairs = zip(counted["state"].to_pylist(), counted["rows_sum"].to_pylist(), strict=True)
    return dict(sorted(pairs))


def first_reasons_of(ledger: pa.Table) -> list[list[str]]:
    """Return key and reason of the first three inputs that are not kept."""
    left_out = ledger.filter(pc.not_equal(ledger["state"], State.KEPT.value)).slice(0, 3)
    return [[row["key"], row["reason"]] for row in left_out.select(["key", "reason"]).to_pylist()]
