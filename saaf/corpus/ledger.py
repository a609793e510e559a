"""The ledger: one entry for every input, with its state and a reason, so that no input is lost silently."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class State(StrEnum):
    """The state an input ends in.

    `kept` and `duplicate` passed every filter; `repeated`, `too_short`, `wrong_language` and `empty` were left out; the
    rest could not be read, or are no documents.
    """

    KEPT = "kept"
    DUPLICATE = "duplicate"  # near-duplicate of a kept document, which `duplicate_of` names
    REPEATED = "repeated"  # another capture of the same URL was taken
    TOO_SHORT = "too_short"
    WRONG_LANGUAGE = "wrong_language"
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    OVER_BUDGET = "over_budget"  # time, memory or size
    NOT_CONTENT = "not_content"  # robots.txt, sitemaps, feeds, pictures: taken for another purpose
    BLOCKED_BY_ROBOTS = "blocked_by_robots"
    OFFSITE = "offsite"
    FETCH_FAILED = "fetch_failed"
    HTTP_ERROR = "http_error"
    UNLISTED = "unlisted"  # a fixture its manifest does not name, or the reverse


class LedgerError(Exception):
    """The ledger does not add up: an input was lost or counted twice, or two near-duplicates are kept; it is a bug."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An input that did not become a document.

    `reason` is one sentence: what was wrong and, where something can be done, what to do. `url` is None where
    unknown.
    """

    state: State
    reason: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One input in the ledger, a row of ledger.parquet.

    `key` names the input: the file, relative to what was given, and for a file of many records "#" and the record's
    number from 1; for an article split off its page, the page's key, "+" and its number from 1. `site` is "" where
    there is no URL. `reason` is "" for kept documents only. `language` is the ISO 639 code of a page that was read.
    `document_id` is set for a page that was read, `duplicate_of` (the id of a kept document) for duplicates and for
    repeated captures.
    """

    key: str
    url: str | None
    site: str
    state: State
    reason: str
    language: str | None = None
    document_id: str | None = None
    duplicate_of: str | None = None


def check_ledger(entries: Sequence[LedgerEntry], inputs: int) -> None:
    """Raise `LedgerError` unless `entries` account for `inputs` inputs, each once and without contradiction."""
    keys = Counter(entry.key for entry in entries)
    if len(entries) != inputs:
        raise LedgerError(f"{inputs} inputs were read but {len(entries)} are in the ledger")
    repeated_keys = sorted(key for key, count in keys.items() if count > 1)
    if repeated_keys:
        raise LedgerError(f"inputs counted twice: {', '.join(repeated_keys[:5])}")
    ids = {entry.document_id for entry in entries if entry.document_id is not None}
    kept = Counter(entry.document_id for entry in entries if entry.state is State.KEPT)
    for entry in entries:
        problem = _contradiction(entry, ids, kept)
        if problem:
            raise LedgerError(f"{entry.key}: state {entry.state}: {problem}")


def _contradiction(entry: LedgerEntry, ids: set[str], kept: Counter[str | None]) -> str | None:
    """Return what contradicts an entry, None where nothing does."""
    if entry.state is State.KEPT:
        if entry.document_id is None:
            return "no document id"
        return "two kept documents have this id" if kept[entry.document_id] > 1 else None
    if not entry.reason:
        return "no reason"
    if entry.state is State.DUPLICATE and entry.duplicate_of not in kept:
        return f"duplicate of {entry.duplicate_of}, which is not kept"
    if entry.duplicate_of is not None and entry.duplicate_of not in ids:
        return f"points at {entry.duplicate_of}, which is not in the ledger"
    return None
