"""The tables of a corpus that a test built: all files of a table as one, in an order that no partition changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_FILES = {
    "documents": ("data/*/*.parquet", ("url", "id")),
    "originals": ("originals/*.parquet", ("url", "id", "key")),
    "rejected": ("rejected/*.parquet", ("url", "id", "key")),
    "ledger": ("ledger/*.parquet", ("key",)),
}


def corpus_table(corpus: Path, name: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Return a table of a corpus: documents, originals, rejected and ledger sorted, others as they are."""
    if name not in _FILES:
        return pq.read_table(corpus / "dedup" / f"{name}.parquet", columns=columns)
    pattern, keys = _FILES[name]
    paths = sorted(corpus.glob(pattern))
    if name != "documents":
        assert paths, f"{corpus} has no {pattern}"
    if not paths:
        return pa.table({column: [] for column in columns or keys})
    table = pa.concat_tables([pq.read_table(path) for path in paths])
    order = table.sort_by([(key, "ascending") for key in keys])
    return order if columns is None else order.select(columns)


def corpus_rows(corpus: Path, name: str, columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Return the rows of a table of a corpus."""
    rows: list[dict[str, Any]] = corpus_table(corpus, name, columns).to_pylist()
    return rows


def corpus_frame(corpus: Path, name: str) -> pl.DataFrame:
    """Return a table of a corpus as a data frame."""
    frame = pl.from_arrow(corpus_table(corpus, name))
    assert isinstance(frame, pl.DataFrame)
    return frame


def corpus_bytes(corpus: Path) -> dict[str, bytes]:
    """Return the content of every file of a corpus by its name, those of hidden directories left out."""
    files = (path for path in sorted(corpus.rglob("*")) if path.is_file())
    names = {path.relative_to(corpus).as_posix(): path for path in files}
    return {name: path.read_bytes() for name, path in names.items() if not name.startswith(".")}
