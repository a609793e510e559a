"""The files of a corpus, and the writing of its tables."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from saaf.corpus import schema
from saaf.corpus.file_names import CLUSTERS, DOCUMENTS, LEDGER, ORIGINALS, PAIRS, TABLES
from saaf.corpus.ledger import Entry, State
from saaf.corpus.parquet import read_rows, write_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from saaf.corpus.near_duplicates import Found
    from saaf.corpus.outcomes import DocumentSummary, Outcome
    from saaf.corpus.row_store import Spool
    from saaf.corpus.settings import Progress


Row = dict[str, object]
_REASONS_SHOWN = 3


def write_tables(
    directory: Path,
    spool: Spool,
    drafts: Sequence[DocumentSummary],
    verdicts: Mapping[int, Outcome],
    found: Found,
    entries: Iterable[Entry],
    tell: Progress,
) -> None:
    """Write the five tables into `directory`, each sorted so that the order of arrival leaves no trace."""
    drafts = sorted(drafts, key=lambda one: one.order)
    kept = [one for one in drafts if verdicts[one.number].state is State.KEPT]
    tell("writing tables", 0, len(TABLES))
    write_table(directory / DOCUMENTS, _documents(spool, kept, found.sizes), schema.DOCUMENTS)
    tell("writing tables", 1, len(TABLES))
    write_table(directory / ORIGINALS, _originals(spool, drafts, verdicts), schema.ORIGINALS)
    tell("writing tables", 2, len(TABLES))
    write_table(directory / CLUSTERS, found.clusters, schema.CLUSTERS)
    write_table(directory / PAIRS, found.pairs, schema.PAIRS)
    ledger = (asdict(entry) for entry in sorted(entries, key=lambda entry: entry.key))
    write_table(directory / LEDGER, ledger, schema.LEDGER)
    tell("writing tables", len(TABLES), len(TABLES))


def _documents(spool: Spool, kept: Iterable[DocumentSummary], sizes: Mapping[str, int]) -> Iterator[Row]:
    for one in kept:
        row = spool.row(one.number)
        yield {name: row[name] for name in schema.DOCUMENTS.names} | {"minhash_cluster_size": sizes.get(one.id, 1)}


def _originals(spool: Spool, drafts: Iterable[DocumentSummary], verdicts: Mapping[int, Outcome]) -> Iterator[Row]:
    for one in drafts:
        row = spool.row(one.number)
        more = {"key": one.key, "state": verdicts[one.number].state.value, "text": row["original"]}
        yield {name: (row | more)[name] for name in schema.ORIGINALS.names}


def first_reasons(ledger: Path) -> str:
    """Return the first three inputs of a ledger with what was wrong with them, as one line."""
    rows = list(read_rows(ledger, ["key", "reason"]))
    first = "; ".join(f"{row['key']}: {row['reason']}" for row in rows[:_REASONS_SHOWN])
    more = len(rows) - _REASONS_SHOWN
    return f"{first}; and {more} more, in {ledger}" if more > 0 else first or "no input"
