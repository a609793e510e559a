"""The totals of languages and hosts: inputs and documents at each step of the build, and characters."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from saaf.corpus.corpus_tables import ledger_inputs
from saaf.corpus.ledger import State
from saaf.corpus.report.group_sums import GroupSums, first_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MAX_GROUPS = 1_000
"""Languages, hosts and rights of hosts that report.json names; the others are summed."""
MAX_RATES = 12
"""Groups with most duplicates that the report shows."""

UNIQUE = (State.KEPT, State.CONTAINED)
PASSED_FILTERS = (*UNIQUE, State.DUPLICATE, State.REPEATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The totals of a language or a host; of a language, only what was read as a document is an input.

    `documents` of the `inputs` could be read as documents; `passed` the filters; are `unique`, neither another capture
    of a URL nor a near-duplicate; are in the corpus (`kept_documents`). `duplicates` are near-duplicates set aside.
    Characters are code points: `read` = `removed` by rules + `dropped` with their document, which is not in the corpus
    + kept.
    """

    name: str
    inputs: int
    documents: int
    passed: int
    unique: int
    kept_documents: int
    duplicates: int
    read: int
    removed: int
    dropped: int

    @property
    def kept(self) -> int:
        """Characters that are in the corpus."""
        return self.read - self.removed - self.dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """The totals of all languages, or of all hosts.

    `count` is how many there are, named ones alone; `top` are the first 1,000 by characters read, then by documents,
    inputs and name; `others` is the sum of those beyond, None for none; `most_duplicates` are those with most
    near-duplicates.
    """

    count: int
    top: tuple[Group, ...]
    others: Group | None
    most_duplicates: tuple[Group, ...]


SUMS = [field.name for field in fields(Group) if field.name != "name"]
_BY_SIZE = [*((name, "descending") for name in ("read", "documents", "inputs")), ("name", "ascending")]
_BY_DUPLICATES = [("duplicates", "descending"), ("documents", "descending"), ("name", "ascending")]


class GroupCounter:
    """Counts the totals of each value of a column of ledger and originals, such as `language`.

    `directory` is where temporary files go. `only_documents` leaves out inputs that are no documents.
    """

    def __init__(self, column: str, directory: Path | None, *, only_documents: bool = False) -> None:
        self._column = column
        self._only_documents = only_documents
        self._sums = GroupSums(["name"], SUMS, directory=directory)

    def add_ledger(self, batch: pa.RecordBatch) -> None:
        """Add rows of the ledger: its column, `state` and `document_id`."""
        document = is_document(batch)
        if self._only_documents:
            batch = batch.filter(document)
            document = is_document(batch)
        state = batch["state"]
        self._add(
            batch,
            inputs=ledger_inputs(batch),
            documents=document,
            passed=pc.and_(document, pc.is_in(state, _states(PASSED_FILTERS))),
            unique=pc.and_(document, pc.is_in(state, _states(UNIQUE))),
            kept_documents=pc.equal(state, State.KEPT.value),
            duplicates=pc.equal(state, State.DUPLICATE.value),
        )

    def add_originals(self, batch: pa.RecordBatch, read: pa.Array, removed: pa.Array) -> None:
        """Add rows of originals, its column and `state`, with the characters read and removed of each."""
        left = pc.subtract(read, removed)
        kept = pc.equal(batch["state"], State.KEPT.value)
        self._add(batch, read=read, removed=removed, dropped=pc.if_else(kept, pa.scalar(0, pa.int64()), left))

    def _add(self, batch: pa.RecordBatch, **sums: object) -> None:
        none = np.zeros(batch.num_rows, np.int64)
        columns = {name: pa.array(sums.get(name, none)).cast(pa.int64()) for name in SUMS}
        self._sums.add(pa.table({"name": pc.fill_null(batch[self._column], "")} | columns))

    def total(self) -> Groups:
        """Return the totals; nothing is added afterwards."""
        top: pa.Table | None = None
        rates: pa.Table | None = None
        count = 0
        everything = dict.fromkeys(SUMS, 0)
        for table in self._sums.tables():
            count += pc.sum(pc.not_equal(table["name"], "")).as_py() or 0
            for name in SUMS:
                everything[name] += pc.sum(table[name]).as_py() or 0
            top = first_rows([*([top] if top is not None else []), table], _BY_SIZE, MAX_GROUPS)
            rates = first_rows([*([rates] if rates is not None else []), table], _BY_DUPLICATES, MAX_RATES)
        shown = _groups(top)
        rest = {name: total - sum(getattr(group, name) for group in shown) for name, total in everything.items()}
        return Groups(
            count=count,
            top=shown,
            others=Group(name="", **rest) if any(rest.values()) else None,
            most_duplicates=tuple(group for group in _groups(rates) if group.duplicates),
        )


def is_document(ledger: pa.RecordBatch) -> pa.BooleanArray:
    """Return which rows of the ledger are documents of their own: those in originals/.

    A later page of an article has an id too, but is a part of the document of the first.
    """
    return pc.and_(pc.is_valid(ledger["document_id"]), pc.not_equal(ledger["state"], State.JOINED.value))


def _groups(table: pa.Table | None) -> tuple[Group, ...]:
    return tuple(Group(**row) for row in table.to_pylist()) if table is not None else ()


def _states(states: Sequence[State]) -> pa.Array:
    return pa.array([state.value for state in states])


def sum_groups(groups: Sequence[Group], name: str) -> Group:
    """Return the sum of `groups` under one name."""
    return Group(name=name, **{each: sum(getattr(group, each) for group in groups) for each in SUMS})
