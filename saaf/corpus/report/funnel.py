"""The funnel of a build: how many inputs are left after each step, and in which state the others ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from saaf.corpus.corpus_tables import iter_batches, ledger_inputs
from saaf.corpus.file_names import LEDGER
from saaf.corpus.ledger import State
from saaf.corpus.report.group_sums import GroupSums
from saaf.corpus.report.groups import is_document

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from saaf.corpus.report.groups import GroupCounter

MAX_REASONS = 20
"""Reasons of a state in report.json, the most frequent; the others are counted."""

_LEDGER_ROWS = 20_000
_COLUMNS = ("site", "state", "reason", "language", "document_id", "rows")
# The reason of a copy names the one document it is a copy of: there are as many reasons as copies.
_COPIES = (State.DUPLICATE, State.CONTAINED, State.REPEATED, State.JOINED)
# The reason names a value and the limit that it fails: what is counted is how many fail the same limit.
_FIRST_NUMBER = r"^([^0-9]*)[0-9][0-9,.]*"
# In these states an input was read, and held no document; in all others it was not read, unless it has a document.
_READ_WITHOUT_DOCUMENT = (State.NOT_CONTENT, State.EMPTY, State.JOINED)
_NOT_UNIQUE = (State.DUPLICATE, State.REPEATED)

STEPS = {
    "read": "could be fetched and read",
    "documents": "are documents",
    "passed": "passed the filters",
    "unique": "are no copies",
    "kept": "are in the corpus",
}
"""The steps by name, each with what is left after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTotal:
    """How many inputs ended in a state, the most frequent reasons given, and how many other reasons there are."""

    name: State
    inputs: int
    reasons: tuple[tuple[str, int], ...]
    other_reasons: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the build: `left` inputs passed it; `lost` counts by state those that ended at it."""

    name: str
    left: int
    lost: tuple[tuple[State, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerTotals:
    """What is counted over the ledger: its rows, those with a document, the states and the steps."""

    inputs: int
    documents: int
    states: tuple[StateTotal, ...]
    steps: tuple[Step, ...]


def count_ledger(corpus: Path, counters: tuple[GroupCounter, ...], directory: Path | None = None) -> LedgerTotals:
    """Return the totals of the ledger of a corpus, and add its rows to `counters`.

    `directory` is where temporary files go, None for that of the system. Raises pyarrow's ArrowInvalid for an
    unknown state.
    """
    sums = GroupSums(["state", "document", "reason"], ["inputs"], directory=directory)
    copies = pa.array([state.value for state in _COPIES])
    for batch in iter_batches(corpus, LEDGER, _COLUMNS, rows=_LEDGER_ROWS):
        for counter in counters:
            counter.add_ledger(batch)
        reasons = pc.if_else(pc.is_in(batch["state"], copies), "", pc.fill_null(batch["reason"], ""))
        limits = pc.replace_substring_regex(reasons, _FIRST_NUMBER, r"\1N")
        reasons = pc.if_else(pc.equal(batch["state"], State.LOW_QUALITY.value), limits, reasons)
        document = pc.if_else(is_document(batch), "1", "")
        inputs = ledger_inputs(batch)
        sums.add(pa.table({"state": batch["state"], "document": document, "reason": reasons, "inputs": inputs}))
    return _ledger_totals(sums)


def _ledger_totals(sums: GroupSums) -> LedgerTotals:
    counts: dict[tuple[State, bool], int] = {}
    reasons: dict[State, list[tuple[str, int]]] = {}
    others: dict[State, int] = {}
    for table in sums.tables():
        for row in table.to_pylist():
            state = _known_state(row["state"])
            place = (state, bool(row["document"]))
            counts[place] = counts.get(place, 0) + row["inputs"]
            if row["reason"]:
                # A reason may come with and without a document: two rows, and one list is short.
                reasons.setdefault(state, []).append((row["reason"], row["inputs"]))
        for state, given in reasons.items():
            merged: dict[str, int] = {}
            for reason, inputs in given:
                merged[reason] = merged.get(reason, 0) + inputs
            ordered = sorted(merged.items(), key=lambda item: (-item[1], item[0]))
            reasons[state] = ordered[:MAX_REASONS]
            others[state] = others.get(state, 0) + len(ordered[MAX_REASONS:])
    by_state = {state: counts.get((state, True), 0) + counts.get((state, False), 0) for state, _ in counts}
    totals = (
        StateTotal(name=state, inputs=inputs, reasons=tuple(reasons.get(state, ())), other_reasons=others.get(state, 0))
        for state, inputs in by_state.items()
    )
    return LedgerTotals(
        inputs=sum(counts.values()),
        documents=sum(inputs for (_, document), inputs in counts.items() if document),
        states=tuple(sorted(totals, key=lambda total: (total.name is not State.KEPT, -total.inputs, total.name))),
        steps=_steps(counts),
    )


def _known_state(name: str) -> State:
    try:
        return State(name)
    except ValueError:
        raise pa.ArrowInvalid(f"the ledger has the state {name!r}, which this version does not know") from None


def step_of(state: State, *, document: bool) -> str | None:
    """Return the step at which an input ended, None for one that is kept; `document`: it was read as a document."""
    if state is State.KEPT:
        return None
    if not document:
        return "documents" if state in _READ_WITHOUT_DOCUMENT else "read"
    if state is State.CONTAINED:
        return "kept"
    return "unique" if state in _NOT_UNIQUE else "passed"


def _steps(counts: Mapping[tuple[State, bool], int]) -> tuple[Step, ...]:
    left = sum(counts.values())
    steps = []
    for name in STEPS:
        lost: dict[State, int] = {}
        for (state, document), inputs in counts.items():
            if step_of(state, document=document) == name:
                lost[state] = lost.get(state, 0) + inputs
        left -= sum(lost.values())
        ordered = sorted(lost.items(), key=lambda item: (-item[1], item[0]))
        steps.append(Step(name=name, left=left, lost=tuple(ordered)))
    return tuple(steps)
