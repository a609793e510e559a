"""Distributions of the quality signals and counts of personal data, over the kept documents.

Quantiles are those of a sample: every document where there are fewer than 65,536, else every second, fourth and so on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from saaf.corpus.corpus_tables import iter_batches, table_paths
from saaf.corpus.file_names import DATA

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SAMPLED = 1 << 16
MAX_LANGUAGES = 25
"""Languages, those of most documents in the sample, of which there are distributions beside that of all."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

_PREFIX, _PERSONAL, _EXTRACTION = "quality_", "pii_", "extraction_quality"
_ROWS = 20_000
_BIN_WIDTH = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """The distribution of a signal (a column of data/) in one language, "" for all.

    `documents` of the sample have a value; `quantiles` are the values at 5, 25, 50, 75 and 95 % of these.
    """

    signal: str
    language: str
    documents: int
    quantiles: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityTotals:
    """`sampled` documents of the corpus; distributions by signal and language; finds of personal data by kind.

    `extraction_quality` are (lower bound, documents of the sample) pairs of bins that are 0.05 wide, () where the
    column is missing. `meanings` are the comments of the columns.
    """

    sampled: int
    distributions: tuple[Distribution, ...]
    extraction_quality: tuple[tuple[float, int], ...]
    personal_data: dict[str, int]
    meanings: dict[str, str]


def count_quality(corpus: Path) -> QualityTotals:
    """Return the totals of a corpus; nothing is sampled where nobody computed such columns."""
    fields = _numeric_fields(corpus)
    signals = [name for name in fields if not name.startswith(_PERSONAL)]
    personal: dict[str, int] = {}
    sample = Sample()
    for batch in iter_batches(corpus, DATA, ["language", *fields], rows=_ROWS) if fields else ():
        sample.add(pa.Table.from_batches([batch]).select(["language", *signals]))
        for name in fields:
            if name.startswith(_PERSONAL) and (found := pc.sum(batch[name]).as_py()) is not None:
                personal[name] = personal.get(name, 0) + found
    table = sample.table()
    signals = [name for name in signals if table is not None and table[name].null_count < table.num_rows]
    table = table if signals else None
    return QualityTotals(
        sampled=table.num_rows if table is not None else 0,
        distributions=tuple(_distributions(table, signals)) if table is not None else (),
        extraction_quality=_bins(table) if table is not None and _EXTRACTION in signals else (),
        personal_data={name.removeprefix(_PERSONAL): count for name, count in personal.items()},
        meanings={name: fields[name] for name in signals},
    )


def _numeric_fields(corpus: Path) -> dict[str, str]:
    """Return the columns of signals and personal data that all files have, each with its comment."""
    found: dict[str, str] | None = None
    for path in table_paths(corpus, DATA):
        own = {
            each.name: (each.metadata or {}).get(b"comment", b"").decode("utf-8", "replace")
            for each in pq.read_schema(path)
            if each.name.startswith((_PREFIX, _PERSONAL)) or each.name == _EXTRACTION
            if pa.types.is_integer(each.type) or pa.types.is_floating(each.type)
        }
        found = own if found is None else {name: comment for name, comment in found.items() if name in own}
    return found or {}


@dataclass(slots=True)
class Sample:
    """Every n-th row, n a power of two that is doubled when there are too many rows: the same rows in every run."""

    parts: list[pa.Table] = field(default_factory=list)
    seen: int = 0
    step: int = 1
    held: int = 0

    def add(self, table: pa.Table) -> None:
        """Add rows."""
        first = -self.seen % self.step
        part = table.take(pa.array(np.arange(first, table.num_rows, self.step)))
        self.seen += table.num_rows
        self.parts.append(part)
        self.held += part.num_rows
        while self.held > SAMPLED:
            whole = pa.concat_tables(self.parts)
            self.step *= 2
            self.parts = [whole.take(pa.array(np.arange(0, whole.num_rows, 2)))]
            self.held = self.parts[0].num_rows

    def table(self) -> pa.Table | None:
        """Return the sampled rows, None where there are none."""
        return pa.concat_tables(self.parts) if self.held else None


def _distributions(table: pa.Table, signals: list[str]) -> list[Distribution]:
    counts = pc.value_counts(table["language"]).to_pylist()
    common = sorted(counts, key=lambda row: (-row["counts"], row["values"]))[:MAX_LANGUAGES]
    languages = [row["values"] for row in common]
    # One language is all of them.
    groups = [("", table), *((name, table.filter(pc.equal(table["language"], name))) for name in languages)]
    found = []
    for signal in signals:
        for language, rows in groups if len(languages) > 1 else groups[:1]:
            values = _values(rows, signal)
            if len(values):
                quantiles = tuple(round(float(value), 4) for value in np.quantile(values, QUANTILES))
                found.append(Distribution(signal=signal, language=language, documents=len(values), quantiles=quantiles))
    return found


def _values(table: Any, signal: str) -> NDArray[np.float64]:
    """Return the finite values of a signal."""
    values: NDArray[np.float64] = table[signal].drop_null().cast(pa.float64()).to_numpy()
    return values[np.isfinite(values)]


def _bins(table: pa.Table) -> tuple[tuple[float, int], ...]:
    count = round(1 / _BIN_WIDTH)
    places = np.floor(_values(table, _EXTRACTION) / _BIN_WIDTH + 1e-9).astype(np.int64)
    counts = np.bincount(np.clip(places, 0, count - 1), minlength=count).tolist()
    return tuple((round(_BIN_WIDTH * place, 2), documents) for place, documents in enumerate(counts))
