"""The crawl's ledger of URLs: what became of each one, whatever the order in which things happened."""

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

UNSEEN = "captured, but it never reached the spider: its Content-Encoding could not be undone, or the crawl ended first"


class Role(StrEnum):
    """What a URL was to the crawl."""

    DOCUMENT = "document"
    DISCOVERY = "discovery"
    FAILURE = "failure"


class Stage(IntEnum):
    """How far a URL came. A later stage is never undone by an earlier one: a retry that failed after a success, say."""

    FAILED = 0
    ANSWERED = 1
    SEEN = 2
    DOCUMENT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is known of one URL; `target` is where it redirects to, None where it does not."""

    stage: Stage
    role: Role
    state: State | None = None
    reason: str | None = None
    target: str | None = None


class UrlLedger:
    """One outcome for each URL that was asked for, refused, or found unusable."""

    def __init__(self) -> None:
        self._outcomes: dict[str, Outcome] = {}
        self._waiting: Counter[str] = Counter()
        self._offsite: Counter[str] = Counter()
        self._offsite_url: dict[str, str] = {}

    def scheduled(self, url: str) -> None:
        """Note that a request for the URL was scheduled."""
        self._waiting[without_fragment(url)] += 1

    def dropped(self, url: str) -> None:
        """Note that a scheduled request was dropped as a duplicate of an earlier one."""
        self._waiting[without_fragment(url)] -= 1

    def offsite(self, url: str) -> None:
        """Note a request that was refused because of its host."""
        host = urlsplit(url).hostname or ""
        self._waiting[without_fragment(url)] -= 1
        self._offsite[host] += 1
        self._offsite_url[host] = min(without_fragment(url), self._offsite_url.get(host, without_fragment(url)))

    def failed(self, url: str, state: State, reason: str) -> None:
        """Note that nothing came of a URL; a later success replaces it."""
        self._note(url, Outcome(stage=Stage.FAILED, role=Role.FAILURE, state=state, reason=reason))

    def answered(self, url: str, status: int) -> None:
        """Note a captured response that has not reached the spider."""
        known = self._outcomes.get(without_fragment(url))
        if 300 <= status < 400 and known is not None and known.target is not None:
            return  # the same redirect again: Scrapy follows a circle until it gives up
        if path_of(url) == "/robots.txt" and status < 500:
            # Scrapy's own request for it never reaches the spider; a site that has none allows everything.
            reason = "robots.txt" if status < 400 else f"robots.txt (HTTP status {status}: everything is allowed)"
            self.looked_at(url, reason, stage=Stage.ANSWERED)
            return
        state, reason = State.UNREADABLE, UNSEEN
        if not 200 <= status < 300:
            state, reason = State.HTTP_ERROR, f"HTTP status {status}"
        self._note(url, Outcome(stage=Stage.ANSWERED, role=Role.FAILURE, state=state, reason=reason))

    def knows(self, url: str) -> bool:
        """Return whether anything came of the URL so far."""
        return without_fragment(url) in self._outcomes

    def redirected(self, url: str, target: str) -> None:
        """Note that the answer was a redirect."""
        reason = f"redirects to {without_fragment(target)}"
        outcome = Outcome(
            stage=Stage.ANSWERED,
            role=Role.DISCOVERY,
            state=State.NOT_CONTENT,
            reason=reason,
            target=without_fragment(target),
        )
        self._note(url, outcome)

    def looked_at(self, url: str, reason: str, *, stage: Stage = Stage.SEEN) -> None:
        """Note a response that was fetched for what it leads to, not for its text."""
        self._note(url, Outcome(stage=stage, role=Role.DISCOVERY, state=State.NOT_CONTENT, reason=reason))

    def spider_failed(self, url: str, error: str) -> None:
        """Note that the spider's callback raised before it made a document of the response."""
        reason = f"the spider's callback raised {error}: mend the spider and crawl again"
        self._note(url, Outcome(stage=Stage.SEEN, role=Role.FAILURE, state=State.UNREADABLE, reason=reason))

    def document(self, url: str) -> None:
        """Note that the spider took the response for a document."""
        self._note(url, Outcome(stage=Stage.DOCUMENT, role=Role.DOCUMENT))

    def lines(self, ended: str) -> Iterator[str]:
        """Yield the ledger as JSON lines sorted by URL; `ended` is why the crawl ended, in Scrapy's word for it."""
        outcomes = dict(self._outcomes)
        for host, count in self._offsite.items():
            reason = f"outside the spider's allowed_domains; {count} links to {host} were not followed"
            outcome = Outcome(stage=Stage.FAILED, role=Role.FAILURE, state=State.OFFSITE, reason=reason)
            outcomes.setdefault(self._offsite_url[host], outcome)
        reason = f"asked for, but the crawl ended first ({ended}): raise its limits, or crawl again"
        for url, count in self._waiting.items():
            if count > 0:
                outcome = Outcome(stage=Stage.FAILED, role=Role.FAILURE, state=State.OVER_BUDGET, reason=reason)
                outcomes.setdefault(url, outcome)
        for url, outcome in sorted(outcomes.items()):
            line = self._without_loop(url, outcome)
            fields = {"url": url, "role": line.role, "state": line.state, "reason": line.reason}
            yield json.dumps(fields, ensure_ascii=False) + "\n"

    def _note(self, url: str, outcome: Outcome) -> None:
        known = self._outcomes.get(without_fragment(url))
        if known is None or outcome.stage >= known.stage:
            self._outcomes[without_fragment(url)] = outcome

    def _without_loop(self, url: str, outcome: Outcome) -> Outcome:
        """Return the outcome, or a failure where its redirects lead back to where they have been."""
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
