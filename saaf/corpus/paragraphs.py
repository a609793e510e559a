"""Repeated paragraphs: the table of those that several documents have, and their removal where it is asked for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from saaf import dedupe
from saaf.cleaning import Removal, apply_removals
from saaf.corpus.row_tables import with_column
from saaf.corpus.schema import removal_row
from saaf.corpus.table_fields import column
from saaf.dedupe.paragraphs import (
    on_more_hosts_than,
    repeated_paragraphs,
    repeats_of_earlier_documents,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from saaf.corpus.outcomes import DocumentSummary
    from saaf.corpus.row_tables import RowSource
    from saaf.corpus.stages.partition_rows import Summaries
    from saaf.dedupe.paragraphs import Paragraphs

    Row = dict[str, Any]

PARAGRAPH_RULE = "dedupe.paragraph"
"""The rule id of a removed paragraph."""

PARAGRAPHS = pa.schema(
    [
        column("paragraph_id", pa.string(), "16 hex digits: hash of its folded words"),
        column("text", pa.string(), "the paragraph as the first document has it"),
        column("document_id", pa.string(), "id of that document"),
        column("documents", pa.int64(), "documents that have it"),
        column("hosts", pa.int64(), "hosts that have it; documents without a URL count as one each"),
        column("occurrences", pa.int64(), "how often it stands in all of them"),
        column("removed", pa.int64(), "how many of these were taken out"),
    ]
)
"""paragraphs.parquet: the paragraphs that two kept documents or more have, on most hosts first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphOptions:
    """What becomes of repeated paragraphs.

    `keep_first` removes each from all documents but the first that has it; `over_hosts` removes those that stand on
    more hosts than that from all; where neither is given, they are only reported.
    """

    keep_first: bool = False
    over_hosts: int | None = None

    @classmethod
    def parse(cls, text: str) -> ParagraphOptions:
        """Return the options of a command line: report, keep-first or over-hosts=N. Raises ValueError for others."""
        name, _, number = text.partition("=")
        if text == "report":
            return cls()
        if text == "keep-first":
            return cls(keep_first=True)
        if name == "over-hosts" and number.isdecimal() and int(number) > 0:
            return cls(over_hosts=int(number))
        raise ValueError(f"{text!r} is no choice for paragraphs: say report, keep-first or over-hosts=N with N from 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedParagraphs:
    """The rows of `PARAGRAPHS`, and the removals in the text of each document that has any, by its number."""

    rows: list[Row]
    removals: dict[int, tuple[Removal, ...]]


def find_repeated_paragraphs(
    found: Paragraphs, summaries: Summaries, texts: Sequence[str], options: ParagraphOptions
) -> RepeatedParagraphs:
    """Return the repeated paragraphs of documents in the order of the tables, and what is to be removed of them.

    `found` has all that may be repeated, by position of the document, `texts` are those of the documents.
    A document of which no word would be left stays whole: what it says is said nowhere else at that address.
    """
    hosts: list[str] = summaries.column("site")
    removed = np.zeros(len(found.content), np.bool_)
    if options.keep_first:
        removed = repeats_of_earlier_documents(found)
    elif options.over_hosts is not None:
        removed = on_more_hosts_than(found, hosts, options.over_hosts)
    removals: dict[int, tuple[Removal, ...]] = {}
    for position, spans in _spans_by_document(found, removed).items():
        text = texts[position]
        of_document = _line_removals(text, spans)
        if dedupe.tokens(apply_removals(text, of_document)):
            removals[summaries[position].number] = of_document
        else:
            removed[found.document == position] = False
    return RepeatedParagraphs(rows=list(_rows(found, removed, summaries, texts, hosts)), removals=removals)


class EditedRows:
    """The rows of a store with repeated paragraphs removed from some of their texts: a `RowSource`."""

    def __init__(self, rows: RowSource, removals: Mapping[int, tuple[Removal, ...]]) -> None:
        self._rows = rows
        self._removals = removals

    def take(self, numbers: Sequence[int], columns: Sequence[str] | None = None) -> pa.Table:
        """Return rows, their clean texts and removals as they are after the edit; they had no removals before.

        `columns`, all where None, have "text", "original" and "removals".
        """
        table = self._rows.take(numbers, columns)
        edited = [place for place, number in enumerate(numbers) if number in self._removals]
        if not edited:
            return table
        texts, removals = table["text"].to_pylist(), table["removals"].to_pylist()
        for place in edited:
            removed = self._removals[numbers[place]]
            texts[place] = apply_removals(texts[place], removed)
            removals[place] = [removal_row(one) for one in removed]
        originals = pc.coalesce(table["original"], table["text"])
        for name, values in (("original", originals), ("text", texts), ("removals", removals)):
            column_type = table.schema.field(name).type
            table = with_column(table, name, values if name == "original" else pa.array(values, column_type))
        return table


def _spans_by_document(found: Paragraphs, removed: NDArray[np.bool_]) -> dict[int, list[tuple[int, int]]]:
    """Return the spans [start, end) of the removed paragraphs by the position of their document."""
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in np.flatnonzero(removed).tolist():
        spans[int(found.document[row])].append((int(found.start[row]), int(found.end[row])))
    return spans


def _line_removals(text: str, spans: Sequence[tuple[int, int]]) -> tuple[Removal, ...]:
    """Return removals of whole lines, each with the break before it, or the one after where nothing stands before."""
    removals: list[Removal] = []
    removed_to = 0
    for start, end in spans:
        first, after = (start, min(end + 1, len(text))) if start == removed_to else (start - 1, end)
        removals.append(Removal(start=first, end=after, rule=PARAGRAPH_RULE, score=1.0))
        removed_to = after
    return tuple(removals)


def _rows(
    found: Paragraphs,
    removed: NDArray[np.bool_],
    summaries: Sequence[DocumentSummary],
    texts: Sequence[str],
    hosts: Sequence[str],
) -> Iterator[Row]:
    content, counts = np.unique(found.content[removed], return_counts=True)
    removed_counts = dict(zip(content.tolist(), counts.tolist(), strict=True))
    for paragraph in repeated_paragraphs(found, hosts):
        yield {
            "paragraph_id": f"{paragraph.content:016x}",
            "text": texts[paragraph.document][paragraph.start : paragraph.end],
            "document_id": summaries[paragraph.document].id,
            "documents": paragraph.documents,
            "hosts": paragraph.hosts,
            "occurrences": paragraph.occurrences,
            "removed": removed_counts.get(paragraph.content, 0),
        }
