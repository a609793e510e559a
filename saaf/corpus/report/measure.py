"""Characters read and removed of each document, and removed by each rule, counted over the tables in batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

BATCH_ROWS = 4096  # about 40 MB of text at 10 kB a page
_EMPTY = pa.schema(
    [
        *((name, pa.string()) for name in ("state", "language", "site")),
        *((name, pa.int64()) for name in ("row", "read", "removed")),
    ]
).empty_table()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTotal:
    """What one rule removed; `first` is the row, in `originals.parquet`, of the first document from which it did."""

    rule: str
    spans: int
    documents: int
    characters: int
    first: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurements:
    """The documents of a corpus as an Arrow table, row for row as in `originals.parquet`, and the totals of the rules.

    Columns: row, state, language, site, read and removed (characters). The rules are sorted by characters removed,
    most first, then by id.
    """

    documents: Any
    rules: tuple[RuleTotal, ...]


def measure(output: Path) -> Measurements:
    """Return the measurements of the corpus in `output`."""
    tables, offset = [], 0
    rules: dict[str, RuleTotal] = {}
    with pq.ParquetFile(output / "originals.parquet") as file:
        for batch in file.iter_batches(BATCH_ROWS, columns=["state", "language", "site", "text", "removals"]):
            parent_rows = pc.list_parent_indices(batch["removals"]).to_numpy()
            spans = pc.list_flatten(batch["removals"])
            widths = pc.subtract(spans.field("end"), spans.field("start")).to_numpy()
            removed = np.bincount(parent_rows, weights=widths, minlength=batch.num_rows).astype(np.int64)
            columns = {
                "row": np.arange(offset, offset + batch.num_rows),
                "state": batch["state"],
                "language": batch["language"],
                "site": batch["site"],
                "read": pc.cast(pc.utf8_length(batch["text"]), pa.int64()),
                "removed": removed,
            }
            tables.append(pa.table(columns))
            _add_rules(rules, pa.table({"rule": spans.field("rule"), "row": parent_rows + offset, "width": widths}))
            offset += batch.num_rows
    ordered = sorted(rules.values(), key=lambda total: (-total.characters, total.rule))
    return Measurements(documents=pa.concat_tables(tables) if tables else _EMPTY, rules=tuple(ordered))


def count_characters(path: Path) -> int:
    """Return how many code points the column `text` of a Parquet file holds."""
    with pq.ParquetFile(path) as file:
        batches = file.iter_batches(BATCH_ROWS, columns=["text"])
        return sum(pc.sum(pc.utf8_length(batch["text"])).as_py() or 0 for batch in batches)


def _add_rules(rules: dict[str, RuleTotal], spans: Any) -> None:
    measures = [("width", "sum"), ("width", "count"), ("row", "count_distinct"), ("row", "min")]
    for row in spans.group_by("rule").aggregate(measures).to_pylist():
        before = rules.get(row["rule"])
        rules[row["rule"]] = RuleTotal(
            rule=row["rule"],
            spans=row["width_count"] + (before.spans if before else 0),
            documents=row["row_count_distinct"] + (before.documents if before else 0),
            characters=row["width_sum"] + (before.characters if before else 0),
            first=before.first if before else row["row_min"],
        )
