"""The ledger is checked before a corpus is published: no input is lost, and every copy leads to a kept document."""

from __future__ import annotations

from dataclasses import replace

import pytest

from saaf.corpus.ledger import LedgerEntry, LedgerError, State, check_clusters, check_ledger

KEPT = LedgerEntry(
    key="a", url="https://x.example/a", site="x.example", state=State.KEPT, reason="", language="hi", document_id="1"
)
COPY = replace(KEPT, key="b", state=State.DUPLICATE, reason="near-duplicate", document_id="2", duplicate_of="1")
INSIDE = replace(COPY, key="e", state=State.CONTAINED, reason="contained", document_id="3")
UNREADABLE = LedgerEntry(key="c", url=None, site="", state=State.UNREADABLE, reason="binary")
AGAIN = replace(KEPT, key="d", state=State.REPEATED, reason="captured again", duplicate_of="1")


def keys(*entries: LedgerEntry) -> list[str]:
    return [entry.key for entry in entries]


def test_a_ledger_that_adds_up() -> None:
    check_ledger([KEPT, COPY, UNREADABLE, AGAIN], ["a", "b", "c", "d"])
    check_ledger([KEPT, INSIDE, replace(AGAIN, document_id="3", duplicate_of="3")], ["a", "e", "d"])
    check_ledger([], [])


def test_a_copy_of_a_capture_leads_to_the_kept_document_by_way_of_the_other_capture() -> None:
    again = replace(AGAIN, document_id="2", duplicate_of="2")
    check_ledger([KEPT, COPY, again], ["a", "b", "d"])


def test_a_near_duplicate_may_be_one_of_an_older_document_of_the_index() -> None:
    check_ledger([replace(COPY, duplicate_of="9")], ["b"], indexed={"9"})
    with pytest.raises(LedgerError, match="duplicate of 9, which is not kept"):
        check_ledger([replace(COPY, duplicate_of="9")], ["b"], indexed={"8"})


@pytest.mark.parametrize(
    ("entries", "inputs", "problem"),
    [
        ([KEPT, COPY], ["a", "b", "x#7"], "not in the ledger: x#7"),
        ([KEPT, COPY], ["a"], "entries of no input: b"),
        ([KEPT, KEPT], ["a", "a"], "counted twice: a"),
        ([KEPT], ["a", "a"], "counted twice: a"),
        ([KEPT, KEPT], ["a"], "counted twice: a"),
        ([COPY], ["b"], r"b \(duplicate\): duplicate of 1, which is not kept"),
        ([KEPT, replace(COPY, duplicate_of=None)], ["a", "b"], "which is not kept"),
        ([KEPT, COPY, replace(COPY, key="e", document_id="3", duplicate_of="2")], ["a", "b", "e"], "e .* not kept"),
        ([replace(KEPT, state=State.TOO_SHORT, reason="2 words"), COPY], ["a", "b"], "which is not kept"),
        ([replace(KEPT, state=State.TOO_SHORT, reason="2 words"), AGAIN], ["a", "d"], "d .* points at 1"),
        ([AGAIN], ["d"], "points at 1"),
        ([replace(COPY, duplicate_of="2")], ["b"], "which is not kept"),
        ([KEPT, COPY, replace(INSIDE, duplicate_of="2")], ["a", "b", "e"], r"e \(contained\): in 2, which is not kept"),
        ([KEPT, COPY, replace(INSIDE, document_id="2")], ["a", "b", "e"], "have the id 2"),
        ([KEPT, COPY, replace(COPY, key="e")], ["a", "b", "e"], "have the id 2"),
        ([KEPT, replace(COPY, document_id="1")], ["a", "b"], "have the id 1"),
        ([KEPT, replace(COPY, document_id=None)], ["a", "b"], "b .* no document id"),
        ([replace(KEPT, document_id=None)], ["a"], r"a \(kept\): no document id"),
        ([replace(KEPT, duplicate_of="1")], ["a"], "a kept document has neither"),
        ([KEPT, replace(KEPT, key="d")], ["a", "d"], "a .* have the id 1; d .* have the id 1"),
        ([replace(UNREADABLE, reason="")], ["c"], r"c \(unreadable\): no reason"),
        ([replace(UNREADABLE, duplicate_of="9")], ["c"], "points at 9"),
    ],
)
def test_a_ledger_that_contradicts_itself_names_the_rows(
    entries: list[LedgerEntry], inputs: list[str], problem: str
) -> None:
    with pytest.raises(LedgerError, match=problem):
        check_ledger(entries, inputs)


def test_of_many_bad_rows_the_first_are_named_and_the_others_counted() -> None:
    entries = [replace(UNREADABLE, key=f"{number:02}", reason="") for number in range(12)]
    with pytest.raises(LedgerError, match=r"00 .*; 04 \(unreadable\): no reason; and 7 more$"):
        check_ledger(entries, keys(*entries))


def row(document: str, kept: str) -> dict[str, object]:
    return {"document_id": document, "cluster_id": kept}


def test_clusters_that_agree_with_the_ledger() -> None:
    check_clusters([KEPT, COPY, UNREADABLE, AGAIN], [row("1", "1"), row("2", "1")])


@pytest.mark.parametrize(
    ("entries", "rows", "problem"),
    [
        ([KEPT, COPY], [], "b: a duplicate in no cluster"),
        ([KEPT, COPY], [row("1", "1"), row("2", "2")], "2: its cluster 2 is no kept document"),
        ([KEPT], [row("1", "1"), row("2", "1")], "2: the ledger does not have it"),
        ([KEPT, replace(KEPT, key="e", document_id="5")], [row("1", "1"), row("5", "1")], "5: the ledger does not"),
    ],
)
def test_clusters_that_contradict_the_ledger_are_named(
    entries: list[LedgerEntry], rows: list[dict[str, object]], problem: str
) -> None:
    with pytest.raises(LedgerError, match=problem):
        check_clusters(entries, rows)
