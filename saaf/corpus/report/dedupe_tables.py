"""What `saaf dedupe` adds to a corpus: paragraphs that several documents have, and older documents of an index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

MOST_PARAGRAPHS = 15
MOST_MATCHES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedTotals:
    """Counts of the tables that only `saaf dedupe` writes; all 0 for a corpus without them.

    `paragraphs` stand in two documents or more, `paragraphs_removed` counts what was taken out of them; `matched`
    documents were set aside because an older one of the index is like them, `estimated` ones only seem like one.
    """

    paragraphs: int
    paragraphs_removed: int
    matched: int
    estimated: int


def count_repeated(output: Path) -> RepeatedTotals:
    """Return the counts of a corpus."""
    paragraphs = _read(output / "paragraphs.parquet", ["removed"])
    matches = _read(output / "matches.parquet", ["document_id", "verified"])
    sure = set() if matches is None else _ids(matches, verified=True)
    unsure = set() if matches is None else _ids(matches, verified=False) - sure
    return RepeatedTotals(
        paragraphs=len(paragraphs) if paragraphs is not None else 0,
        paragraphs_removed=(pc.sum(paragraphs["removed"]).as_py() or 0) if paragraphs is not None else 0,
        matched=len(sure),
        estimated=len(unsure),
    )


def most_repeated(output: Path) -> list[dict[str, Any]]:
    """Return the first rows of paragraphs.parquet, which are those on most hosts."""
    table = _read(output / "paragraphs.parquet", ["text", "documents", "hosts", "removed"])
    return table.slice(0, MOST_PARAGRAPHS).to_pylist() if table is not None else []


def matches(output: Path) -> list[dict[str, Any]]:
    """Return rows of matches.parquet, the least similar of the verified first: those a reader may doubt."""
    table = _read(output / "matches.parquet", None)
    if table is None:
        return []
    order = [(name, "ascending") for name in ("jaccard", "document_id", "matched_crawl", "matched_id")]
    table = table.sort_by([("verified", "descending"), *order])
    return table.slice(0, MOST_MATCHES).to_pylist()  # type: ignore[no-any-return]  # a list of rows


def _ids(table: Any, *, verified: bool) -> set[str]:
    return set(table.filter(pc.equal(table["verified"], verified))["document_id"].to_pylist())


def _read(path: Path, columns: list[str] | None) -> Any:
    return pq.read_table(path, columns=columns) if path.is_file() else None
