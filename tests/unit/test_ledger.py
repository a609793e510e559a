from __future__ import annotations

from dataclasses import replace

import pytest

from saaf.corpus.ledger import LedgerEntry, LedgerError, State, check_ledger

KEPT = LedgerEntry(
    key="a", url="https://x.example/a", site="x.example", state=State.KEPT, reason="", language="hi", document_id="1"
)
COPY = replace(KEPT, key="b", state=State.DUPLICATE, reason="near-duplicate", document_id="2", duplicate_of="1")
UNREADABLE = LedgerEntry(key="c", url=None, site="", state=State.UNREADABLE, reason="binary")


def test_a_ledger_that_adds_up() -> None:
    check_ledger([KEPT, COPY, UNREADABLE], 3)
    check_ledger([], 0)


@pytest.mark.parametrize(
    ("entries", "inputs", "problem"),
    [
        ([KEPT, COPY], 3, "3 inputs were read but 2 are in the ledger"),
        ([KEPT, KEPT], 2, "counted twice: a"),
        ([COPY], 1, "b: state duplicate: duplicate of 1, which is not kept"),
        ([KEPT, replace(COPY, duplicate_of=None)], 2, "which is not kept"),
        ([replace(KEPT, document_id=None)], 1, "a: state kept: no document id"),
        ([KEPT, replace(KEPT, key="d")], 2, "two kept documents have this id"),
        ([replace(UNREADABLE, reason="")], 1, "c: state unreadable: no reason"),
        ([replace(UNREADABLE, duplicate_of="9")], 1, "points at 9"),
    ],
)
def test_a_ledger_that_does_not_add_up_is_an_error(entries: list[LedgerEntry], inputs: int, problem: str) -> None:
    with pytest.raises(LedgerError, match=problem):
        check_ledger(entries, inputs)
