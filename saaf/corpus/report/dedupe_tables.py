"""The tables that only `saaf dedupe` writes: repeated paragraphs, and matches with older documents of an index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

MAX_PARAGRAPHS = 15  # shown on the page
MAX_MATCHES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedTotals:
    """Counts of the tables that only `saaf dedupe` writes; all 0 for a corpus without them.

    `paragraphs` stand in two documents or more, and `paragraphs_removed` of their occurrences were removed. `matched`
    documents were set aside for a verified match with an older one of the index; `estimated` ones have only matches
    that are not verified.
    """

    paragraphs: int
    paragraphs_removed: int
    matched: int
    estimated: int


def count_repeated(output: Path) -> RepeatedTotals:
    """Return the counts of the corpus in `output`."""
    paragraphs = _read(output / "paragraphs.parquet", ["removed"])
    matches = _read(output / "matches.parquet", ["document_id", "verified"])
    verified = set() if matches is None else _ids(matches, verified=True)
    estimated = set() if matches is None else _ids(matches, verified=False) - verified
    return RepeatedTotals(
        paragraphs=len(paragraphs) if paragraphs is not None else 0,
        paragraphs_removed=(pc.sum(paragraphs["removed"]).as_py() or 0) if paragraphs is not None else 0,
        matched=len(verified),
        estimated=len(estimated),
    )


def top_paragraphs(output: Path) -> list[dict[str, Any]]:
    """Return the first 15 rows of paragraphs.parquet, which are those on most hosts."""
    table = _read(output / "paragraphs.parquet", ["text", "documents", "hosts", "removed"])
    return table.slice(0, MAX_PARAGRAPHS).to_pylist() if table is not None else []


def sample_matches(output: Path) -> list[dict[str, Any]]:
    """Return ten rows of matches.parquet, the least similar of the verified first: those that need a check."""
    table = _read(output / "matches.parquet", None)
    if table is None:
        return []
    order = [(name, "ascending") for name in ("jaccard", "document_id", "matched_crawl", "matched_id")]
    table = table.sort_by([("verified", "descending"), *order])
    return table.slice(0, MAX_MATCHES).to_pylist()  # type: ignore[no-any-return]  # a list of rows


def _ids(table: Any, *, verified: bool) -> set[str]:
    return set(table.filter(pc.equal(table["verified"], verified))["document_id"].to_pylist())


def _read(path: Path, columns: list[str] | None) -> Any:
    """Return a table, None where there is no such file."""
    return pq.read_table(path, columns=columns) if path.is_file() else None
