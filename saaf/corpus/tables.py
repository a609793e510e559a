"""Writing the five tables of a corpus, in an order that does not depend on the order of arrival."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from saaf.corpus import schema
from saaf.corpus.file_names import CLUSTERS, DOCUMENTS, LEDGER, ORIGINALS, PAIRS, TABLES
from saaf.corpus.ledger import LedgerEntry, LedgerError, State, first_reasons
from saaf.corpus.near_duplicates import check_kept_pairs
from saaf.corpus.parquet import read_rows, write_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from saaf.corpus.near_duplicates import NearDuplicates
    from saaf.corpus.outcomes import DocumentSummary, Outcome
    from saaf.corpus.row_store import RowSource
    from saaf.corpus.settings import Progress


Row = dict[str, object]


def write_tables(
    directory: Path,
    rows: RowSource,
    summaries: Sequence[DocumentSummary],
    outcomes: Mapping[int, Outcome],
    duplicates: NearDuplicates,
    entries: Sequence[LedgerEntry],
    report_progress: Progress,
) -> None:
    """Write the five tables into `directory`, each sorted so that the order of arrival leaves no trace.

    `outcomes` are by the number of the document, which is its row in `rows` too. Raises `LedgerError`: before anything
    is written where two documents of a near-duplicate pair are both kept, and where the tables and `entries` have
    different numbers of rows.
    """
    check_kept_pairs(summaries, outcomes, duplicates.pairs)
    summaries = sorted(summaries, key=lambda summary: summary.sort_key)
    kept = [summary for summary in summaries if outcomes[summary.number].state is State.KEPT]
    report_progress("writing tables", 0, len(TABLES))
    documents = write_table(
        directory / DOCUMENTS, _document_rows(rows, kept, duplicates.cluster_sizes), schema.DOCUMENTS
    )
    report_progress("writing tables", 1, len(TABLES))
    write_table(directory / ORIGINALS, _original_rows(rows, summaries, outcomes), schema.ORIGINALS)
    report_progress("writing tables", 2, len(TABLES))
    write_table(directory / CLUSTERS, duplicates.clusters, schema.CLUSTERS)
    write_table(directory / PAIRS, duplicates.pairs, schema.PAIRS)
    ledger = (asdict(entry) for entry in sorted(entries, key=lambda entry: entry.key))
    write_table(directory / LEDGER, ledger, schema.LEDGER)
    expected = sum(entry.state is State.KEPT for entry in entries)
    if documents != expected:
        raise LedgerError(f"{DOCUMENTS} has {documents} rows, and the ledger {expected} kept documents")
    report_progress("writing tables", len(TABLES), len(TABLES))


def _document_rows(rows: RowSource, kept: Iterable[DocumentSummary], cluster_sizes: Mapping[str, int]) -> Iterator[Row]:
    for summary in kept:
        row = rows.load(summary.number)
        size = cluster_sizes.get(summary.id, 1)
        yield {name: row[name] for name in schema.DOCUMENTS.names} | {"minhash_cluster_size": size}


def _original_rows(
    rows: RowSource, summaries: Iterable[DocumentSummary], outcomes: Mapping[int, Outcome]
) -> Iterator[Row]:
    for summary in summaries:
        row = rows.load(summary.number)
        more = {"key": summary.key, "state": outcomes[summary.number].state.value, "text": row["original"]}
        yield {name: (row | more)[name] for name in schema.ORIGINALS.names}


def ledger_reasons(ledger: Path) -> str:
    """Return the first three inputs of the file of a ledger, each with its reason, as one line for an error message."""
    reasons = first_reasons((str(row["key"]), str(row["reason"])) for row in read_rows(ledger, ["key", "reason"]))
    return f"{reasons}; all are in {ledger}"
