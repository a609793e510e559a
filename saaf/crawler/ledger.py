"""Ledger of URLs of a crawl: the outcome of each URL, independent of the order of events."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from saaf.cleaning.text.urls import path_of, without_fragment
from saaf.corpus.ledger import State

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_PARSED_REASON = (
    "captured, but it never reached the spider: its Content-Encoding could not be undone, or the crawl ended first"
)


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


class UrlLedger:
    """One outcome for each URL that was requested, refused, or found unusable; each method records an event."""

    def __init__(self) -> None:
        self._outcomes: dict[str, Outcome] = {}
        self._counts: Counter[str] = Counter()  # outcomes by state, or by role where they have another
        self._pending: Counter[str] = Counter()  # requests scheduled and not dropped, by URL
        self._offsite: Counter[str] = Counter()  # requests filtered, by host
        self._offsite_url: dict[str, str] = {}

    def scheduled(self, url: str) -> None:
        """Record that a request for the URL was scheduled."""
        self._pending[without_fragment(url)] += 1

    def dropped(self, url: str) -> None:
        """Record that a scheduled request was dropped as a duplicate of an earlier one."""
        self._pending[without_fragment(url)] -= 1

    def offsite(self, url: str) -> None:
        """Record a request that was filtered because of its host."""
        host = urlsplit(url).hostname or ""
        self._pending[without_fragment(url)] -= 1
        self._offsite[host] += 1
        self._offsite_url[host] = min(without_fragment(url), self._offsite_url.get(host, without_fragment(url)))

    def failed(self, url: str, state: State, reason: str) -> None:
        """Record that a URL gave no response; a later success replaces this."""
        self._record(url, Outcome(stage=Stage.FAILED, role=Role.FAILURE, state=state, reason=reason))

    def refused(self, url: str, state: State, reason: str) -> None:
        """Record that a captured response is refused: it does not reach the spider."""
        self._record(url, Outcome(stage=Stage.PARSED, role=Role.FAILURE, state=state, reason=reason))

    def responded(self, url: str, status: int) -> None:
        """Record a captured response, with its HTTP status, that has not reached the spider."""
        known = self._outcomes.get(without_fragment(url))
        if 300 <= status < 400 and known is not None and known.target is not None:
            return  # the same redirect again: Scrapy follows a circle until it gives up
        if path_of(url) == "/robots.txt" and status < 500:
            # Scrapy's own request for it never reaches the spider; a site that has none allows everything.
            reason = "robots.txt" if status < 400 else f"robots.txt (HTTP status {status}: everything is allowed)"
            self.discovery(url, reason, stage=Stage.RESPONDED)
            return
        state, reason = State.UNREADABLE, NOT_PARSED_REASON
        if not 200 <= status < 300:
            state, reason = State.HTTP_ERROR, f"HTTP status {status}"
        self._record(url, Outcome(stage=Stage.RESPONDED, role=Role.FAILURE, state=state, reason=reason))

    def has(self, url: str) -> bool:
        """Return whether the URL has an outcome so far."""
        return without_fragment(url) in self._outcomes

    def redirected(self, url: str, target: str) -> None:
        """Record that the response was a redirect to `target`."""
        reason = f"redirects to {without_fragment(target)}"
        outcome = Outcome(
            stage=Stage.RESPONDED,
            role=Role.DISCOVERY,
            state=State.NOT_CONTENT,
            reason=reason,
            target=without_fragment(target),
        )
        self._record(url, outcome)

    def discovery(self, url: str, reason: str, *, stage: Stage = Stage.PARSED) -> None:
        """Record a response that was fetched for its links, not for its text."""
        self._record(url, Outcome(stage=stage, role=Role.DISCOVERY, state=State.NOT_CONTENT, reason=reason))

    def callback_failed(self, url: str, error: str) -> None:
        """Record that the spider's callback raised before it yielded a document."""
        reason = f"the spider's callback raised {error}: mend the spider and crawl again"
        self._record(url, Outcome(stage=Stage.PARSED, role=Role.FAILURE, state=State.UNREADABLE, reason=reason))

    def document(self, url: str) -> None:
        """Record that the spider yielded a document."""
        self._record(url, Outcome(stage=Stage.DOCUMENT, role=Role.DOCUMENT))

    def counts(self) -> dict[str, int]:
        """Return the number of URLs so far by state; documents and URLs of discovery are counted by their role."""
        return {**self._counts, State.OFFSITE: len(self._offsite)}

    def outcomes(self, finish_reason: str) -> dict[str, Outcome]:
        """Return the outcomes by URL, sorted; `finish_reason` is Scrapy's reason why the crawl ended.

        Requests still pending are over budget, and requests to one foreign host are one outcome.
        """
        outcomes = dict(self._outcomes)
        for host, count in self._offsite.items():
            reason = f"outside the spider's allowed_domains; {count} links to {host} were not followed"
            outcome = Outcome(stage=Stage.FAILED, role=Role.FAILURE, state=State.OFFSITE, reason=reason)
            outcomes.setdefault(self._offsite_url[host], outcome)
        reason = f"asked for, but the crawl ended first ({finish_reason}): raise its limits, or crawl again"
        for url, count in self._pending.items():
            if count > 0:
                outcome = Outcome(stage=Stage.FAILED, role=Role.FAILURE, state=State.OVER_BUDGET, reason=reason)
                outcomes.setdefault(url, outcome)
        return {url: self._redirect_loop_failure(url, outcome) for url, outcome in sorted(outcomes.items())}

    def lines(self, finish_reason: str) -> Iterator[bytes]:
        """Yield the ledger as JSON lines in UTF-8, sorted by URL, with the fields `url`, `role`, `state`, `reason`."""
        for url, line in self.outcomes(finish_reason).items():
            fields = {"url": url, "role": line.role, "state": line.state, "reason": line.reason}
            # A reason may quote half a surrogate pair; with a backslash it is JSON's own escape.
            yield json.dumps(fields, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"

    def _record(self, url: str, outcome: Outcome) -> None:
        """Set the outcome of a URL unless it has reached a later stage."""
        known = self._outcomes.get(without_fragment(url))
        if known is None or outcome.stage >= known.stage:
            self._outcomes[without_fragment(url)] = outcome
            self._counts[_counted_as(outcome)] += 1
            if known is not None:
                self._counts[_counted_as(known)] -= 1

    def _redirect_loop_failure(self, url: str, outcome: Outcome) -> Outcome:
        """Return the outcome, or a failure where its redirects form a loop."""
        chain = [url]
        target = outcome.target
        while target is not None and target not in chain:
            chain.append(target)
            following = self._outcomes.get(target)
            target = following.target if following else None
        if target is None:
            return outcome
        reason = f"the redirects go in a circle: {' → '.join([*chain, target])}"
        return Outcome(stage=outcome.stage, role=Role.FAILURE, state=State.FETCH_FAILED, reason=reason)


def _counted_as(outcome: Outcome) -> str:
    return outcome.state if outcome.role is Role.FAILURE and outcome.state is not None else outcome.role
