"""The tables that only `saaf dedupe` writes: repeated paragraphs, and matches with older documents of an index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from saaf.corpus.corpus_tables import count_rows, iter_batches
from saaf.corpus.file_names import MATCHES, PARAGRAPHS
from saaf.corpus.index_tables import MATCHES as MATCHES_SCHEMA
from saaf.corpus.report.group_sums import first_rows

if TYPE_CHECKING:
    from pathlib import Path

MAX_PARAGRAPHS = 15  # shown on the page
MAX_MATCHES = 10
_ROWS = 20_000


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


def count_repeated(corpus: Path) -> RepeatedTotals:
    """Return the counts of a corpus."""
    removed = 0
    for batch in iter_batches(corpus, PARAGRAPHS, ["removed"], rows=_ROWS):
        removed += pc.sum(batch["removed"]).as_py() or 0
    verified: set[str] = set()
    others: set[str] = set()
    for batch in iter_batches(corpus, MATCHES, ["document_id", "verified"], rows=_ROWS):
        verified.update(batch.filter(batch["verified"])["document_id"].to_pylist())
        others.update(batch["document_id"].to_pylist())
    return RepeatedTotals(
        paragraphs=count_rows(corpus, PARAGRAPHS),
        paragraphs_removed=removed,
        matched=len(verified),
        estimated=len(others - verified),
    )


def top_paragraphs(corpus: Path) -> list[dict[str, Any]]:
    """Return the first 15 rows of paragraphs.parquet, which are those on most hosts."""
    columns = ["text", "documents", "hosts", "removed"]
    batch = next(iter_batches(corpus, PARAGRAPHS, columns, rows=MAX_PARAGRAPHS), None)
    return batch.to_pylist() if batch is not None else []


def sample_matches(corpus: Path) -> list[dict[str, Any]]:
    """Return ten rows of matches.parquet, the least similar of the verified first: those that need a check."""
    order = [(name, "ascending") for name in ("jaccard", "document_id", "matched_crawl", "matched_id")]
    batches = iter_batches(corpus, MATCHES, MATCHES_SCHEMA.names, rows=_ROWS)
    tables = (
        pa.Table.from_batches([batch]).append_column("unverified", pc.invert(batch["verified"]).cast(pa.int8()))
        for batch in batches
    )
    found = first_rows(tables, [("unverified", "ascending"), *order], MAX_MATCHES)
    return found.to_pylist() if found is not None else []
