"""The columns of the inputs of a batch beside text, URL and date: what they state, and what is carried through."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from saaf.corpus.records import RowColumns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from saaf.corpus.records import Record, RowBatch

STATED: Final = ("id", "dump", "language", "language_script")
_NOTHING: Final = RowColumns()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchColumns:
    """The columns of inputs: `stated` has lists for the names of `STATED`, None where an input states nothing.

    What is carried through is `carried`, a batch with the types of `plain_schema`, or `rows`, each by itself; where
    both are None, nothing is.
    """

    stated: Mapping[str, Sequence[str | None]]
    carried: pa.RecordBatch | None = None
    rows: tuple[RowColumns, ...] | None = None

    def take(self, positions: Sequence[int]) -> BatchColumns:
        """Return those of the inputs at some positions."""
        stated = {name: [values[place] for place in positions] for name, values in self.stated.items()}
        carried = self.carried.take(pa.array(positions, pa.int64())) if self.carried is not None else None
        rows = tuple(self.rows[place] for place in positions) if self.rows is not None else None
        return replace(self, stated=stated, carried=carried, rows=rows)


def columns_of_rows(batch: RowBatch) -> BatchColumns:
    """Return the columns of a batch of rows of a table."""
    rows = batch.rows
    none: list[str | None] = [None] * rows.num_rows
    stated = {name: rows.column(name).to_pylist() if name in rows.schema.names else none for name in STATED}
    return BatchColumns(stated=stated, carried=batch.carried)


def columns_of_records(records: Sequence[Record]) -> BatchColumns:
    """Return the columns of records, each of which is of a table or of none."""
    rows = tuple(record.row or _NOTHING for record in records)
    stated = {
        "id": [row.id for row in rows],
        "dump": [row.dump for row in rows],
        "language": [row.language for row in rows],
        "language_script": [row.script for row in rows],
    }
    return BatchColumns(stated=stated, rows=rows if any(row.carried for row in rows) else None)
