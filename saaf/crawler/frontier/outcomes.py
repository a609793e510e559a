"""Outcomes of URLs: how far each came, and what the ledger of URLs says of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from saaf.cleaning.rights.tdmrep import TDMREP_PATH
from saaf.cleaning.text.urls import path_of, without_fragment
from saaf.corpus.ledger import State
from saaf.corpus.warc_segments import Location

if TYPE_CHECKING:
    from scrapy import Request

    from saaf.corpus.warc_records import Headers
    from saaf.crawler.frontier.database import Row

Columns = dict[str, str | int | float | bytes | None]
"""Columns of the frontier by name."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_REDIRECTS = (301, 302, 303, 307, 308)
_VALIDATOR_LIMIT = 1024  # characters: more than any server sends
NOT_PARSED_REASON = (
    "captured, but it never reached the spider: its Content-Encoding could not be undone, or the crawl ended first"
)
UNASKED_304_REASON = "HTTP status 304 (not modified), but the request asked for no comparison: there is no earlier copy"
"""The reason of a 304 to a request without a validator (RFC 9110, section 15.4.5)."""


class Role(StrEnum):
    """The role of a URL in the crawl; a value is what the ledger holds."""

    DOCUMENT = "document"
    """The spider yielded a document from its response."""
    DISCOVERY = "discovery"
    """Its response was used for its links, or is a redirect or robots.txt."""
    FAILURE = "failure"
    """It gave no usable response."""


class Stage(IntEnum):
    """The last stage of processing that a URL reached.

    An outcome of an earlier stage does not replace one of a later stage: a retry that fails after a success, say.
    """

    FAILED = 0
    """No response."""
    RESPONDED = 1
    """A response was captured."""
    PARSED = 2
    """The response was passed to the spider."""
    DOCUMENT = 3
    """The spider yielded a document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of one URL.

    `state` and `reason` are None for documents. `target` is the URL it redirects to, None where it does not.
    """

    stage: Stage
    role: Role
    state: State | None = None
    reason: str | None = None
    target: str | None = None


@dataclass(slots=True, kw_only=True)
class Lease:
    """A URL under way: its row as it was, its request, and what has come of it so far.

    `is_stored` says that its response comes from the WARC. `outcome` is None until there is one. `columns` are those of
    the response that came, {} until it did; `saved` says that they are in the database. `is_unchanged` says that the
    response confirmed the earlier one, `is_followed` that its links were read, so that it is worth another visit.
    `retry_after` is seconds after which the URL may be requested again, None for never. `offsite` are the URLs of its
    links to hosts that are not crawled. `is_once` says that it is not visited again: its request cannot be
    made again, or was for a URL that has a row of its own.
    """

    row: Row
    request: Request
    is_stored: bool = False
    outcome: Outcome | None = None
    columns: Columns = field(default_factory=dict)
    saved: bool = False
    is_unchanged: bool = False
    is_followed: bool = False
    retry_after: float | None = None
    offsite: list[str] = field(default_factory=list)
    is_once: bool = False

    @property
    def is_parsed(self) -> bool:
        """Whether the response reached the spider."""
        return self.outcome is not None and self.outcome.stage >= Stage.PARSED

    @property
    def is_read_again(self) -> bool:
        """Whether it is no visit: the response was judged before, and comes from the WARC once more."""
        row = self.row
        judged = row.stage is not None and row.due is not None and row.visited is not None
        return self.is_stored and judged and (row.due or 0.0) * 1e6 >= (row.visited or 0)

    @property
    def http_status(self) -> int | None:
        """The status of its response, None where none came."""
        status = self.columns.get("http_status", self.row.http_status if self.is_stored else None)
        return status if isinstance(status, int) else None

    @property
    def succeeded(self) -> bool:
        """Whether a usable response came."""
        return self.is_unchanged or (self.outcome is not None and self.outcome.role is not Role.FAILURE)

    def record(self, outcome: Outcome) -> None:
        """Set the outcome unless a later stage was reached."""
        known = self.outcome
        if known is not None and known.target is not None and outcome.role is Role.FAILURE:
            return  # the same redirect again: Scrapy follows a circle until it gives up
        if known is None or outcome.stage >= known.stage:
            self.outcome = outcome


def failed(state: State, reason: str) -> Outcome:
    """Return the outcome of a URL that gave no response."""
    return Outcome(stage=Stage.FAILED, role=Role.FAILURE, state=state, reason=reason)


def says_what_robots_allow(status: int) -> bool:
    """Return whether an answer of this HTTP status says what robots.txt allows, or leads to one that does."""
    return (200 <= status < 300 and status != 206) or status in _REDIRECTS or (400 <= status < 500 and status != 429)


def robots_note(status: int) -> str:
    """Return what the HTTP status of a robots.txt means for its host (RFC 9309, section 2.3.1), in words."""
    known = {
        206: "a part of the file, which was not asked for",
        304: "not modified, although the crawl has no earlier copy and asked for none",
        429: "the host asks for fewer requests",
    }
    if says_what_robots_allow(status):
        return "everything is allowed" if status >= 400 else "a redirect" if status >= 300 else "it was read"
    return known.get(status, "it could not be read")


def _robots_responded(status: int) -> Outcome:
    """Return the outcome of a robots.txt: the request for it never reaches the spider."""
    if not says_what_robots_allow(status):
        reason = f"robots.txt (HTTP status {status}: {robots_note(status)}); without it nothing of the host is fetched"
        return Outcome(stage=Stage.RESPONDED, role=Role.FAILURE, state=State.HTTP_ERROR, reason=reason)
    reason = "robots.txt" if status < 300 else f"robots.txt (HTTP status {status}: {robots_note(status)})"
    return discovery(reason, stage=Stage.RESPONDED)


def responded(url: str, status: int, *, is_robots: bool = False) -> Outcome:
    """Return the outcome of a captured response that has not reached the spider.

    `is_robots` says that it was asked for as a robots.txt: a redirect may lead to another address.
    """
    if is_robots or path_of(url) == "/robots.txt":
        return _robots_responded(status)
    if path_of(url) == TDMREP_PATH:
        absent = "" if status < 300 else f" (HTTP status {status}: it reserves nothing)"
        return discovery(f"tdmrep.json{absent}")
    state, reason = State.UNREADABLE, NOT_PARSED_REASON
    if status == 304:
        state, reason = State.HTTP_ERROR, UNASKED_304_REASON
    elif not 200 <= status < 300:
        state, reason = State.HTTP_ERROR, f"HTTP status {status}"
    return Outcome(stage=Stage.RESPONDED, role=Role.FAILURE, state=state, reason=reason)


def redirected(target: str) -> Outcome:
    """Return the outcome of a response that was a redirect to `target`."""
    target = without_fragment(target)
    return Outcome(
        stage=Stage.RESPONDED,
        role=Role.DISCOVERY,
        state=State.NOT_CONTENT,
        reason=f"redirects to {target}",
        target=target,
    )


def discovery(reason: str, *, stage: Stage = Stage.PARSED) -> Outcome:
    """Return the outcome of a response that was fetched for its links, not for its text."""
    return Outcome(stage=stage, role=Role.DISCOVERY, state=State.NOT_CONTENT, reason=reason)


def callback_failed(error: str) -> Outcome:
    """Return the outcome of a page on which the spider's callback raised before it yielded a document."""
    reason = f"the spider's callback raised {error}: mend the spider and crawl again"
    return Outcome(stage=Stage.PARSED, role=Role.FAILURE, state=State.UNREADABLE, reason=reason)


DOCUMENT = Outcome(stage=Stage.DOCUMENT, role=Role.DOCUMENT)
"""The outcome of a page from which the spider yielded a document."""


def known_outcome(row: Row) -> Outcome | None:
    """Return the outcome that a row had before, None where it had none."""
    if row.role is None or row.stage is None:
        return None
    if row.role == Role.DOCUMENT:
        return DOCUMENT
    return Outcome(
        stage=Stage(row.stage),
        role=Role(row.role),
        state=State(row.state) if row.state else None,
        reason=row.reason,
        target=row.target,
    )


def outcome_columns(outcome: Outcome) -> Columns:
    """Return the columns of an outcome."""
    return {
        "stage": int(outcome.stage),
        "role": outcome.role.value,
        "state": outcome.state.value if outcome.state else None,
        "reason": storable(outcome.reason) if outcome.reason else None,
        "target": storable(outcome.target) if outcome.target else None,
    }


def response_columns(headers: Headers, status: int, fetched_at: datetime, digest: bytes, location: Location) -> Columns:
    """Return the columns of a response that is in the WARC."""
    fields = {name.lower(): value for name, value in headers}
    return {
        "fetched": microseconds(fetched_at),
        "visited": microseconds(fetched_at),
        "http_status": status,
        "digest": digest,
        "etag": validator(fields.get(b"etag")),
        "last_modified": validator(fields.get(b"last-modified")),
        "segment": location.segment,
        "offset": location.offset,
        "length": location.length,
    }


def stored_location(row: Row) -> Location | None:
    """Return where the response of a row is in the WARC, None where it has none."""
    if row.segment is None or row.offset is None or row.length is None:
        return None
    return Location(segment=row.segment, offset=row.offset, length=row.length)


def validator(value: bytes | None) -> str | None:
    """Return a validator (ETag, Last-Modified) as it is sent back, None where it is missing or no plain text."""
    if value is None:
        return None
    text = value.strip().decode("latin-1")
    return text if text.isascii() and text.isprintable() and len(text) <= _VALIDATOR_LIMIT else None


def microseconds(moment: datetime) -> int:
    """Return a time in microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    """Return the time of microseconds since 1970, in UTC."""
    return _EPOCH + value * _MICROSECOND


def storable(text: str) -> str:
    """Return a text that a database holds: half a surrogate pair, as in a name that is no UTF-8, with a backslash."""
    return text.encode("utf-8", "backslashreplace").decode()
