"""Paragraphs that several documents of a corpus have: the table of them, and their removal where it is asked for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from saaf import dedupe
from saaf.cleaning import Removal, apply_removals
from saaf.corpus.schema import column, removal_row
from saaf.dedupe.paragraphs import (
    extract_paragraphs,
    on_more_hosts_than,
    repeated_paragraphs,
    repeats_of_earlier_documents,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from saaf.corpus.outcomes import DocumentSummary
    from saaf.corpus.spool import Spool
    from saaf.dedupe.paragraphs import Paragraphs

    Row = dict[str, Any]

RULE = "dedupe.paragraph"
"""The rule of the removals."""

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
class ParagraphChoice:
    """What becomes of repeated paragraphs: `keep_first` leaves each in the first document that has it, `over_hosts`
    leaves none that stands on more hosts than that; where neither is given they are only reported.
    """

    keep_first: bool = False
    over_hosts: int | None = None

    @classmethod
    def parse(cls, text: str) -> ParagraphChoice:
        """Return the choice of a command line: report, keep-first or over-hosts=N. Raises ValueError for others."""
        name, _, number = text.partition("=")
        if text == "report":
            return cls()
        if text == "keep-first":
            return cls(keep_first=True)
        if name == "over-hosts" and number.isdecimal() and int(number) > 0:
            return cls(over_hosts=int(number))
        raise ValueError(f"{text!r} is no choice for paragraphs: say report, keep-first or over-hosts=N with N from 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The rows of `PARAGRAPHS`, and the removals in the text of each document that has any, by its number."""

    rows: list[Row]
    removals: dict[int, tuple[Removal, ...]]


def find_paragraphs(
    drafts: Sequence[DocumentSummary], texts: Sequence[str], choice: ParagraphChoice, settings: dedupe.Settings
) -> Cut:
    """Return the repeated paragraphs of documents in the order of the tables, and what is to be removed of them.

    A document of which no word would be left stays whole: what it says is said nowhere else at that address.
    """
    found = extract_paragraphs((texts[place] for place in range(len(drafts))), folded=settings.fold)
    hosts = [one.site for one in drafts]
    chosen = np.zeros(len(found.content), np.bool_)
    if choice.keep_first:
        chosen = repeats_of_earlier_documents(found)
    elif choice.over_hosts is not None:
        chosen = on_more_hosts_than(found, hosts, choice.over_hosts)
    removals: dict[int, tuple[Removal, ...]] = {}
    for place, spans in _spans(found, chosen).items():
        text = texts[place]
        cut = _lines(text, spans)
        if dedupe.tokens(apply_removals(text, cut)):
            removals[drafts[place].number] = cut
        else:
            chosen[found.document == place] = False
    return Cut(rows=list(_rows(found, chosen, drafts, texts, hosts)), removals=removals)


class Edited:
    """A spool some of whose texts are cut: rows as `write_tables` reads them."""

    def __init__(self, spool: Spool, removals: Mapping[int, tuple[Removal, ...]]) -> None:
        self._spool = spool
        self._removals = removals

    def row(self, number: int) -> dict[str, Any]:
        """Return a row, its clean text and removals as they are after the cut; it had no removals before."""
        row = self._spool.row(number)
        if cut := self._removals.get(number):
            row |= {"text": apply_removals(row["text"], cut), "removals": [removal_row(one) for one in cut]}
        return row


def _spans(found: Paragraphs, chosen: Any) -> dict[int, list[tuple[int, int]]]:
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in np.flatnonzero(chosen).tolist():
        spans[int(found.document[row])].append((int(found.start[row]), int(found.end[row])))
    return spans


def _lines(text: str, spans: Sequence[tuple[int, int]]) -> tuple[Removal, ...]:
    """Return removals of whole lines, each with the break before it, or the one after where nothing stands before."""
    removals: list[Removal] = []
    taken = 0
    for start, end in spans:
        first, after = (start, min(end + 1, len(text))) if start == taken else (start - 1, end)
        removals.append(Removal(start=first, end=after, rule=RULE, score=1.0))
        taken = after
    return tuple(removals)


def _rows(
    found: Paragraphs, chosen: Any, drafts: Sequence[DocumentSummary], texts: Sequence[str], hosts: Sequence[str]
) -> Iterator[Row]:
    content, counts = np.unique(found.content[chosen], return_counts=True)
    removed = dict(zip(content.tolist(), counts.tolist(), strict=True))
    for one in repeated_paragraphs(found, hosts):
        yield {
            "paragraph_id": f"{one.content:016x}",
            "text": texts[one.document][one.start : one.end],
            "document_id": drafts[one.document].id,
            "documents": one.documents,
            "hosts": one.hosts,
            "occurrences": one.occurrences,
            "removed": removed.get(one.content, 0),
        }
