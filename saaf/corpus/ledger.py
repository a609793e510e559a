"""The ledger: one entry for every input, with its state and a reason, so that no input is lost silently."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

_REASONS_SHOWN = 3
_ROWS_NAMED = 5


class State(StrEnum):
    """The state an input ends in.

    `kept`, `duplicate` and `contained` passed every filter; `joined` is in the text of another; `repeated`,
    `too_short`, `wrong_language`, `low_quality` and `empty` were left out; the rest could not be read, or are no
    documents.
    """

    KEPT = "kept"
    DUPLICATE = "duplicate"  # near-duplicate of a kept document, which `duplicate_of` names
    CONTAINED = "contained"  # stands inside a longer kept document, which `duplicate_of` names
    JOINED = "joined"  # a later page of an article, whose text stands in the document of the first
    REPEATED = "repeated"  # another capture of the same URL was taken
    TOO_SHORT = "too_short"
    WRONG_LANGUAGE = "wrong_language"
    LOW_QUALITY = "low_quality"  # fails a threshold of the quality filter
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    OVER_BUDGET = "over_budget"  # time, memory or size
    PENDING = "pending"  # not fetched or not parsed yet: the crawl still runs, or goes on with the same command
    NOT_CONTENT = "not_content"  # robots.txt, sitemaps, feeds, pictures: taken for another purpose
    BLOCKED_BY_ROBOTS = "blocked_by_robots"
    OFFSITE = "offsite"
    OUTSIDE_WINDOW = "outside_window"  # dated before `since` or after `until`
    ALTERNATE = "alternate"  # another address (AMP, print, a later page) of a document that is crawled
    REFUSED = "refused"  # an address, port or scheme that the crawl may not request
    RIGHTS_RESERVED = "rights_reserved"  # its publisher reserves it from training, and the crawl is set to skip that
    CHALLENGE = "challenge"  # a page that asks to prove that the reader is human, whatever its status
    TRAP = "trap"  # one of endlessly many addresses that brought no new text
    FETCH_FAILED = "fetch_failed"
    HTTP_ERROR = "http_error"
    UNLISTED = "unlisted"  # a fixture its manifest does not name, or the reverse


PASSED = (State.KEPT, State.DUPLICATE, State.CONTAINED)
"""The states of documents that passed every filter."""


class LedgerError(Exception):
    """The ledger contradicts itself: an input was lost, a duplicate has no original, or two near-duplicates are kept.

    This is a bug.
    """


class LossError(Exception):
    """A language or host, or a build as a whole, lost more than its settings allow; nothing is published.

    The message is a sentence that says what was lost, where, and what to do.
    """


class UnreadableError(LossError):
    """More of the inputs is unreadable than the settings of a build allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An input that did not become a document.

    `reason` is one sentence: what was wrong and, where something can be done, what to do. `url` is None where
    unknown. `rows` is the number of inputs that it stands for, from 1: the rows of a damaged part of a table, say.
    """

    state: State
    reason: str
    url: str | None = None
    rows: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One input in the ledger, a row of ledger.parquet.

    `key` names the input: the file, relative to what was given, and for a file of many records "#" and the record's
    number from 1; for an article split off its page, the page's key, "+" and its number from 1. `site` is "" where
    there is no URL. `reason` is "" for kept documents only. `language` is the ISO 639 code of a page that was read.
    `document_id` is set for a page that was read. `duplicate_of` is set for duplicates (the id of a kept document, or
    of a document of the index), for contained documents (the id of the kept document they stand in) and for repeated
    captures (their own id, under which another capture is kept, a duplicate or contained).
    """

    key: str
    url: str | None
    site: str
    state: State
    reason: str
    language: str | None = None
    document_id: str | None = None
    duplicate_of: str | None = None


def check_ledger(entries: Sequence[LedgerEntry], inputs: Sequence[str], indexed: Collection[str] = ()) -> None:
    """Raise `LedgerError`, which names the rows, unless each input has one entry and no entry contradicts another.

    `inputs` are the keys of all inputs that were read. `indexed` are ids of documents of an index: a duplicate may be
    one of these instead of a kept document.
    """
    keys = Counter(entry.key for entry in entries)
    known = Counter(inputs)
    _raise_for("inputs counted twice", (key for key, count in (keys | known).items() if count > 1))
    _raise_for("inputs that are not in the ledger", known.keys() - keys.keys())
    _raise_for("entries of no input", keys.keys() - known.keys())
    ids = _DocumentIds.of(entries, indexed)
    problems = ((entry, ids.contradiction(entry)) for entry in entries)
    _raise_for("entries", (f"{entry.key} ({entry.state}): {problem}" for entry, problem in problems if problem))


def check_clusters(entries: Sequence[LedgerEntry], clusters: Iterable[Mapping[str, object]]) -> None:
    """Raise `LedgerError` unless the rows of clusters.parquet name the kept document of each near-duplicate.

    Near-duplicates of a document of an index are in no cluster: `entries` are those of the corpus itself.
    """
    states = {entry.document_id: entry for entry in entries if entry.state in (State.KEPT, State.DUPLICATE)}
    problems = []
    members = set()
    for row in clusters:
        member, kept = states.get(str(row["document_id"])), states.get(str(row["cluster_id"]))
        members.add(row["document_id"])
        if kept is None or kept.state is not State.KEPT:
            problems.append(f"{row['document_id']}: its cluster {row['cluster_id']} is no kept document")
        elif member is None or (member is not kept and member.duplicate_of != kept.document_id):
            problems.append(f"{row['document_id']}: the ledger does not have it as a duplicate of {row['cluster_id']}")
    alone = (entry for entry in states.values() if entry.state is State.DUPLICATE and entry.document_id not in members)
    _raise_for("clusters", [*problems, *(f"{entry.key}: a duplicate in no cluster" for entry in alone)])


def first_reasons(reasons: Iterable[tuple[str, str]]) -> str:
    """Return the first three of (key, reason), by key, as a line for a message, and how many more there are."""
    count, least = 0, list[tuple[str, str]]()
    for each in reasons:
        count += 1
        least = sorted([*least, each])[:_REASONS_SHOWN]
    first = "; ".join(f"{key}: {reason}" for key, reason in least)
    more = count - _REASONS_SHOWN
    return f"{first}; and {more} more" if more > 0 else first or "no input"


def _raise_for(what: str, rows: Iterable[str]) -> None:
    """Raise `LedgerError` that names the first rows, where there are any."""
    found = sorted(rows)
    if found:
        more = f"; and {len(found) - _ROWS_NAMED} more" if len(found) > _ROWS_NAMED else ""
        raise LedgerError(f"{what}: {'; '.join(found[:_ROWS_NAMED])}{more}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _DocumentIds:
    """Ids of documents: how often each is kept, how often each passed every filter, and those of an index."""

    kept: Counter[str | None]
    passed: Counter[str | None]
    indexed: Collection[str]

    @classmethod
    def of(cls, entries: Iterable[LedgerEntry], indexed: Collection[str]) -> _DocumentIds:
        ids = [(entry.document_id, entry.state) for entry in entries if entry.state in PASSED]
        kept = Counter(document_id for document_id, state in ids if state is State.KEPT)
        return cls(kept=kept, passed=Counter(document_id for document_id, _ in ids), indexed=indexed)

    def contradiction(self, entry: LedgerEntry) -> str | None:
        """Return what contradicts an entry, None where nothing does."""
        if entry.state is State.KEPT:
            return self._kept_contradiction(entry)
        if not entry.reason:
            return "no reason"
        if entry.state in (State.DUPLICATE, State.CONTAINED):
            if entry.document_id is None:
                return "no document id"
            if self.passed[entry.document_id] > 1:
                return f"two documents that passed every filter have the id {entry.document_id}"
            allowed = entry.state is State.DUPLICATE and entry.duplicate_of in self.indexed
            if entry.duplicate_of not in self.kept and not allowed:
                relation = "duplicate of" if entry.state is State.DUPLICATE else "in"
                return f"{relation} {entry.duplicate_of}, which is not kept"
        elif entry.duplicate_of is not None and entry.duplicate_of not in self.passed:
            return f"points at {entry.duplicate_of}, which is neither kept nor a copy of a kept document"
        return None

    def _kept_contradiction(self, entry: LedgerEntry) -> str | None:
        if entry.document_id is None:
            return "no document id"
        if entry.reason or entry.duplicate_of:
            return "a kept document has neither a reason nor an original"
        return f"two kept documents have the id {entry.document_id}" if self.kept[entry.document_id] > 1 else None
