"""Characters read and removed, in all and by each rule, counted over originals/ in batches."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from saaf.corpus.corpus_tables import iter_batches
from saaf.corpus.file_names import ORIGINALS
from saaf.corpus.ledger import PASSED

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from saaf.corpus.report.groups import GroupCounter
    from saaf.corpus.report.profiles import ProfileCounter

MAX_CANDIDATES = 400
"""Languages, hosts and rules of which a first document is known: few of those beyond could be among the samples."""

_COLUMNS = ("state", "language", "site", "text", "removals")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTotal:
    """What one rule removed; `first` is the row, in originals/, of the first document from which it did."""

    rule: str
    spans: int
    documents: int
    characters: int
    first: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurements:
    """What is counted over the originals: `documents` is the number of rows.

    The rules are sorted by characters removed, most first, then by id. `candidates` are rows of documents that may be
    shown, sorted: the first of each language, host and rule that passed the filters, and the first in each state.
    """

    documents: int
    rules: tuple[RuleTotal, ...]
    candidates: tuple[int, ...]


def measure(
    corpus: Path, counters: tuple[GroupCounter, ...] = (), profiles: ProfileCounter | None = None
) -> Measurements:
    """Return the measurements of a corpus; add the characters of its documents to `counters`, and what the profiles of
    sites removed to `profiles`.
    """
    counted = _Counted()
    for batch in iter_batches(corpus, ORIGINALS, _COLUMNS):
        parents = pc.list_parent_indices(batch["removals"]).to_numpy()
        spans = pc.list_flatten(batch["removals"])
        widths = pc.subtract(spans.field("end"), spans.field("start")).to_numpy()
        removed = pa.array(np.bincount(parents, weights=widths, minlength=batch.num_rows).astype(np.int64))
        read = pc.cast(pc.utf8_length(batch["text"]), pa.int64())
        for counter in counters:
            counter.add_originals(batch, read, removed)
        removals = pa.table({"rule": spans.field("rule"), "row": parents, "width": widths})
        if profiles is not None:
            profiles.add(batch["site"], removals, counted.rows)
        counted.add(batch, removals)
    return counted.measurements()


@dataclass(slots=True, kw_only=True)
class _Counted:
    """The counts of the batches so far. Rows are counted from the first of all."""

    rows: int = 0
    rules: dict[str, RuleTotal] = field(default_factory=dict)
    seen: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    candidates: set[int] = field(default_factory=set)

    def add(self, batch: pa.RecordBatch, spans: pa.Table) -> None:
        """Add a batch of rows, and the spans that were removed from them."""
        passed = pc.is_in(batch["state"], pa.array([state.value for state in PASSED])).to_numpy(zero_copy_only=False)
        for column in ("language", "site"):
            self._note_first(column, batch[column].filter(pa.array(passed)), np.flatnonzero(passed))
        self._note_first("state", batch["state"], np.arange(batch.num_rows))
        parents = spans["row"].to_numpy()
        self._note_first("rule", spans["rule"].filter(pa.array(passed[parents])), parents[passed[parents]])
        self._add_rules(spans)
        self.rows += batch.num_rows

    def _note_first(self, kind: str, values: pa.Array | pa.ChunkedArray, rows: NDArray[np.int64]) -> None:
        """Note the rows of values that were not seen before; `rows` are those of the values."""
        seen = self.seen[kind]
        if not len(values) or len(seen) >= MAX_CANDIDATES:
            return
        unique = pc.unique(values)
        for value, first in zip(unique.to_pylist(), pc.index_in(unique, values).to_pylist(), strict=True):
            if value is not None and value not in seen:
                seen.add(value)
                self.candidates.add(self.rows + int(rows[first]))

    def _add_rules(self, spans: pa.Table) -> None:
        measures = [("width", "sum"), ("width", "count"), ("row", "count_distinct"), ("row", "min")]
        for row in spans.group_by("rule", use_threads=False).aggregate(measures).to_pylist():
            before = self.rules.get(row["rule"])
            self.rules[row["rule"]] = RuleTotal(
                rule=row["rule"],
                spans=row["width_count"] + (before.spans if before else 0),
                documents=row["row_count_distinct"] + (before.documents if before else 0),
                characters=row["width_sum"] + (before.characters if before else 0),
                first=before.first if before else row["row_min"] + self.rows,
            )

    def measurements(self) -> Measurements:
        """Return what was counted."""
        ordered = sorted(self.rules.values(), key=lambda total: (-total.characters, total.rule))
        return Measurements(documents=self.rows, rules=tuple(ordered), candidates=tuple(sorted(self.candidates)))


def count_characters(corpus: Path, name: str) -> int:
    """Return how many code points the column `text` of a table holds."""
    return sum(pc.sum(pc.utf8_length(batch["text"])).as_py() or 0 for batch in iter_batches(corpus, name, ["text"]))
