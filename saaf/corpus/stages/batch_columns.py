"""The columns of the inputs of a batch beside text, URL and date: what they state, and what is carried through."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from saaf.corpus.records import RowColumns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from saaf.corpus.records import Record, RowBatch

STATED: Final = ("id", "dump", "language", "language_script")
SCORE: Final = "language_score"
_NOTHING: Final = RowColumns()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchColumns:
    """The columns of inputs: `stated` has texts by the names of `STATED`, and numbers in [0, 1] by that of `SCORE`.

    Columns that no input states are not in it. What is carried through is `carried`, a batch with the types of
    `plain_schema`, or `rows`, each by itself; where both are None, nothing is.
    """

    stated: Mapping[str, pa.Array]
    carried: pa.RecordBatch | None = None
    rows: tuple[RowColumns, ...] | None = None

    def take(self, positions: NDArray[np.int64]) -> BatchColumns:
        """Return those of the inputs at some positions."""
        wanted = pa.array(positions)
        stated = {name: values.take(wanted) for name, values in self.stated.items()}
        carried = self.carried.take(wanted) if self.carried is not None else None
        rows = tuple(self.rows[place] for place in positions.tolist()) if self.rows is not None else None
        return replace(self, stated=stated, carried=carried, rows=rows)


def columns_of_rows(batch: RowBatch) -> BatchColumns:
    """Return the columns of a batch of rows of a table."""
    stated = {name: batch.rows[name] for name in STATED if name in batch.rows.schema.names}
    none = pa.scalar(None, pa.string())
    stated = {name: pc.if_else(pc.equal(values, ""), none, values) for name, values in stated.items()}
    if SCORE in batch.rows.schema.names:
        scores = batch.rows[SCORE]
        in_range = pc.and_(pc.greater_equal(scores, 0.0), pc.less_equal(scores, 1.0))
        stated[SCORE] = pc.if_else(in_range, scores, pa.scalar(None, pa.float64()))
    return BatchColumns(
        stated=_given(stated),
        carried=batch.carried,
    )


def columns_of_records(records: Sequence[Record]) -> BatchColumns:
    """Return the columns of records, each of which is of a table or of none."""
    rows = tuple(record.row or _NOTHING for record in records)
    stated = {
        "id": [row.id for row in rows],
        "dump": [row.dump for row in rows],
        "language": [row.language for row in rows],
        "language_script": [row.script for row in rows],
    }
    return BatchColumns(
        stated=_given(
            {name: pa.array(values, pa.string()) for name, values in stated.items()}
            | {SCORE: pa.array([row.score for row in rows], pa.float64())}
        ),
        rows=rows if any(row.carried for row in rows) else None,
    )


def _given(stated: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
    """Return the columns in which something is stated."""
    return {name: values for name, values in stated.items() if values.null_count < len(values)}
