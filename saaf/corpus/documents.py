"""Documents of a corpus as explanations: what was read, what was removed, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saaf.cleaning import Removal
from saaf.corpus.corpus_tables import find_rows, rows_by_key
from saaf.corpus.explain import Explanation
from saaf.corpus.file_names import LEDGER, ORIGINALS
from saaf.corpus.ledger import PASSED, State

if TYPE_CHECKING:
    from pathlib import Path

EXPLANATION_COLUMNS = ["key", "id", "url", "title", "language", "state", "text", "removals"]


def removals_of(row: dict[str, Any]) -> tuple[Removal, ...]:
    """Return the removals of a row of `documents` or `originals`."""
    return tuple(Removal(**span) for span in row["removals"] or ())


def to_explanation(row: dict[str, Any], reason: str) -> Explanation:
    """Return a row of `originals` (its `EXPLANATION_COLUMNS`) as an explanation; `reason` is that of the ledger."""
    return Explanation(
        id=row["id"],
        key=row["key"],
        url=row["url"],
        title=row["title"],
        language=row["language"],
        text=row["text"],
        removals=removals_of(row),
        state=row["state"],
        reason=reason,
    )


def find_document(corpus: Path, name: str) -> Explanation | None:
    """Return the document with that id or URL, the kept one where there are several; None where there is none."""
    rows = [
        row for column in ("id", "url") for row in find_rows(corpus, ORIGINALS, column, [name], EXPLANATION_COLUMNS)
    ]
    if not rows:
        return None
    row = min(rows, key=lambda row: (row["state"] != State.KEPT, row["key"]))
    return to_explanation(row, reasons_of(corpus, [row["key"]]).get(row["key"], ""))


def reasons_of(corpus: Path, keys: list[str]) -> dict[str, str]:
    """Return the reasons of inputs in the ledger, by key."""
    rows = rows_by_key(corpus, LEDGER, "key", keys, ["reason"])
    return {key: row["reason"] or "" for key, row in rows.items()}


def compared_rows(corpus: Path, ids: list[str], columns: list[str]) -> dict[str, dict[str, Any]]:
    """Return the rows of originals/ with these ids, by id: of several captures the one that was compared."""
    found: dict[str, dict[str, Any]] = {}
    for row in find_rows(corpus, ORIGINALS, "id", ids, list(dict.fromkeys(["id", "state", *columns]))):
        if row["id"] not in found or (row["state"] in PASSED and found[row["id"]]["state"] not in PASSED):
            found[row["id"]] = row
    return found
