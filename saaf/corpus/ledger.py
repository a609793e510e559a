"""The ledger has every input with its state and a reason, so that none is lost silently: its states and errors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_REASONS_SHOWN = 3


class State(StrEnum):
    """The state an input ends in.

    `kept`, `duplicate` and `contained` passed every filter; `joined` is in the text of another; `repeated`,
    `too_short`, `wrong_language`, `low_quality`, `no_own_content` and `empty` were left out; the rest could not be
    read, or are no documents.
    """

    KEPT = "kept"
    DUPLICATE = "duplicate"  # near-duplicate of a kept document, which `duplicate_of` names
    CONTAINED = "contained"  # stands inside a longer kept document, which `duplicate_of` names
    JOINED = "joined"  # a later page of an article, whose text stands in the document of the first
    REPEATED = "repeated"  # another capture of the same URL was taken
    TOO_SHORT = "too_short"
    WRONG_LANGUAGE = "wrong_language"
    LOW_QUALITY = "low_quality"  # fails a threshold of the quality filter
    NO_OWN_CONTENT = "no_own_content"  # a list of other pages, an error, a form to sign in, a request for consent
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


def first_reasons(reasons: Iterable[tuple[str, str]]) -> str:
    """Return the first three of (key, reason), by key, as a line for a message, and how many more there are."""
    count, least = 0, list[tuple[str, str]]()
    for each in reasons:
        count += 1
        least = sorted([*least, each])[:_REASONS_SHOWN]
    first = "; ".join(f"{key}: {reason}" for key, reason in least)
    more = count - _REASONS_SHOWN
    return f"{first}; and {more} more" if more > 0 else first or "no input"
