"""Reconciliation: what goes into each stage comes out of it, kept or with a reason; else the build ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saaf.corpus.ledger import LedgerError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.corpus.records import Partition
    from saaf.corpus.settings import BuildSettings
    from saaf.corpus.stages.tasks import Result, TaskFiles

MAX_UNREADABLE = 0.5
"""Share of unreadable inputs from which a build is not published where its settings say nothing."""
LEAST_INPUTS = 20
"""Inputs from which `MAX_UNREADABLE` holds: of three files two may well be broken."""


def check_rows(partitions: Sequence[Partition], reads: Sequence[Result], rows: Sequence[Result]) -> None:
    """Raise `LedgerError` unless each input that was read is a row or a failure; articles of pages are rows too."""
    for partition, read, made in zip(partitions, reads, rows, strict=True):
        became = made["rows"] - made["articles"] + made["failures"]
        if read["inputs"] != became:
            name = partition.parts[0].name
            raise LedgerError(f"{read['inputs']} inputs were read from {name} on, and {became} are accounted for")


def check_filtered(rows: Sequence[Result], left_out: int, decide: Result) -> None:
    """Raise `LedgerError` unless each row was left out by a filter, or compared with the others."""
    documents, compared = sum(made["rows"] for made in rows), decide["passed"] + decide.get("matched", 0)
    if documents != left_out + compared:
        raise LedgerError(f"{documents} documents were filtered: {left_out} were left out, and {compared} compared")


def check_parts(rows: Sequence[TaskFiles], parts: Sequence[Result]) -> None:
    """Raise `LedgerError` unless the ledger of each partition has its rows and failures.

    Records that only confirm an earlier capture of a crawl are left out of it.
    """
    for number, (task, part) in enumerate(zip(rows, parts, strict=True)):
        made = task.result() or {}
        expected = made["rows"] + made["failures"] - part["revisits"]
        written = part["entries"]
        if written != expected:
            raise LedgerError(f"the ledger of part {number} has {written} inputs, and {expected} were read")


def check_unreadable(rows: Sequence[Result], settings: BuildSettings) -> None:
    """Raise `UnreadableError` where a larger share of the inputs is unreadable than the settings allow."""
    unreadable = sum(made["unreadable"] for made in rows)
    total = unreadable + sum(made["rows"] for made in rows)
    limit = settings.max_unreadable
    if limit is None:
        limit = MAX_UNREADABLE if total >= LEAST_INPUTS else 1.0
    if unreadable <= limit * total:
        return
    others = sum(made["failures"] for made in rows) - unreadable
    besides = f" (without {others} that are no documents)" if others > 0 else ""
    first = next(made["first_unreadable"] for made in rows if made["unreadable"])
    raise UnreadableError(
        f"{unreadable} of {total} inputs are unreadable{besides}, and --max-unreadable allows a share of {limit:g}; "
        f"nothing is published. The first is {first[0]}: {first[1]}. The work is kept: mend the inputs, or allow more, "
        "such as --max-unreadable 1, to publish what could be read"
    )
