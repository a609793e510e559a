"""Writing the five tables of a corpus, in an order that does not depend on the order of arrival."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from saaf.corpus import schema
from saaf.corpus.file_names import CLUSTERS, DOCUMENTS, LEDGER, ORIGINALS, PAIRS, TABLES
from saaf.corpus.ledger import LedgerEntry, LedgerError, State, first_reasons
from saaf.corpus.near_duplicates import check_kept_pairs
from saaf.corpus.parquet import ROW_GROUP_ROWS, read_rows, row_groups, write_row_groups, write_table
from saaf.corpus.row_store import with_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from saaf.corpus.near_duplicates import NearDuplicates
    from saaf.corpus.outcomes import DocumentSummary, Outcome
    from saaf.corpus.row_store import RowSource
    from saaf.corpus.settings import Progress

_CHARACTERS_PER_TAKE = 1 << 25  # up to 100 MB of text: 90,000 short texts


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
    documents = write_row_groups(
        directory / DOCUMENTS, _document_groups(rows, kept, duplicates.cluster_sizes), schema.DOCUMENTS
    )
    report_progress("writing tables", 1, len(TABLES))
    write_row_groups(directory / ORIGINALS, _original_groups(rows, summaries, outcomes), schema.ORIGINALS)
    report_progress("writing tables", 2, len(TABLES))
    write_table(directory / CLUSTERS, duplicates.clusters, schema.CLUSTERS)
    write_table(directory / PAIRS, duplicates.pairs, schema.PAIRS)
    write_row_groups(directory / LEDGER, _ledger_groups(entries), schema.LEDGER)
    expected = sum(entry.state is State.KEPT for entry in entries)
    if documents != expected:
        raise LedgerError(f"{DOCUMENTS} has {documents} rows, and the ledger {expected} kept documents")
    report_progress("writing tables", len(TABLES), len(TABLES))


def _document_groups(
    rows: RowSource, kept: Sequence[DocumentSummary], cluster_sizes: Mapping[str, int]
) -> Iterator[pa.Table]:
    for group, table in _take_groups(rows, kept, [summary.characters - summary.removed for summary in kept]):
        sizes = pa.array([cluster_sizes.get(summary.id, 1) for summary in kept[group]], pa.int32())
        yield with_column(table, "minhash_cluster_size", sizes)


def _original_groups(
    rows: RowSource, summaries: Sequence[DocumentSummary], outcomes: Mapping[int, Outcome]
) -> Iterator[pa.Table]:
    for group, taken in _take_groups(rows, summaries, [summary.characters for summary in summaries]):
        states = pa.array([outcomes[summary.number].state.value for summary in summaries[group]])
        table = with_column(taken, "text", pc.coalesce(taken["original"], taken["text"]))
        table = table.append_column("key", pa.array([summary.key for summary in summaries[group]]))
        yield table.append_column("state", states)


def _take_groups(
    rows: RowSource, summaries: Sequence[DocumentSummary], characters: Sequence[int]
) -> Iterator[tuple[slice, pa.Table]]:
    """Yield the ranges of the row groups with their rows. Rows of many short texts are taken together: in the order of
    the tables they come from all over the store.
    """
    together: list[slice] = []
    held = 0
    for group in (*row_groups(characters), None):
        if together and (group is None or held >= _CHARACTERS_PER_TAKE):
            start = together[0].start
            table = rows.take([summary.number for summary in summaries[start : together[-1].stop]])
            for each in together:
                yield each, table.slice(each.start - start, each.stop - each.start)
            together, held = [], 0
        if group is not None:
            together.append(group)
            held += sum(characters[group])


def _ledger_groups(entries: Iterable[LedgerEntry]) -> Iterator[pa.Table]:
    ordered = sorted(entries, key=lambda entry: entry.key)
    for start in range(0, len(ordered), ROW_GROUP_ROWS):
        group = ordered[start : start + ROW_GROUP_ROWS]
        columns = {field.name: [getattr(entry, field.name) for entry in group] for field in schema.LEDGER}
        yield pa.table(columns, schema=schema.LEDGER)


def ledger_reasons(ledger: Path) -> str:
    """Return the first three inputs of the file of a ledger, each with its reason, as one line for an error message."""
    reasons = first_reasons((str(row["key"]), str(row["reason"])) for row in read_rows(ledger, ["key", "reason"]))
    return f"{reasons}; all are in {ledger}"
