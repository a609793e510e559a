"""The ledger of URLs: what became of each URL that was requested, refused or unusable, as rows of the frontier."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from hashlib import sha1
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.utils.request import fingerprint as scrapy_fingerprint

from saaf.cleaning.rights.sites import rights_file_path
from saaf.cleaning.text.urls import path_of, without_fragment
from saaf.corpus.crawl_frontier import Status, listing_lines
from saaf.corpus.ledger import State
from saaf.crawler.frontier import outcomes
from saaf.crawler.frontier.database import NewUrl
from saaf.crawler.frontier.frontier import Frontier
from saaf.crawler.frontier.outcomes import DOCUMENT, Role, Stage, known_outcome, outcome_columns, storable
from saaf.crawler.frontier.revisits import schedule_visit
from saaf.crawler.frontier.stored_requests import KIND
from saaf.crawler.hosts import host_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from saaf.crawler.frontier.database import Row
    from saaf.crawler.frontier.outcomes import Columns, Lease, Outcome

_JUDGEMENTS = (
    State.OUTSIDE_WINDOW,
    State.ALTERNATE,
    State.REFUSED,
    State.RIGHTS_RESERVED,
    State.CHALLENGE,
    State.TRAP,
    State.OVER_BUDGET,
)  # of a response, by what it holds
_MAX_ATTEMPTS = 10  # of a URL that may be requested again later
_UNANSWERED = outcomes.failed(State.FETCH_FAILED, "no answer came: another component of the crawl took the request")


class UrlLedger:
    """One outcome for each URL; each method that takes a URL records an event.

    `frontier` is one in memory where None is given. `fingerprint` is the function that identifies requests. The
    outcomes of URLs under way (`leases`, by id) are in memory until `finish`; those of others are written at once.
    `documents`, `successes` and `failures` are the numbers of URLs that this run found to be documents, got a usable
    response for, and got none for.
    """

    def __init__(
        self, frontier: Frontier | None = None, fingerprint: Callable[[Request], bytes] = scrapy_fingerprint
    ) -> None:
        self.frontier = frontier or Frontier(None)
        self.leases: dict[int, Lease] = {}
        self.documents = 0
        self.successes = 0
        self.failures = 0
        self._fingerprint = fingerprint
        self._by_url: dict[str, Lease] = {}
        self._counts: Counter[str] = Counter()  # outcomes of this run by state, or by role where they have another
        self._by_request: dict[Request, Lease] = {}
        self._offsite: Counter[str] = Counter()  # requests filtered since the last flush, by host
        self._offsite_url: dict[str, str] = {}

    def fingerprint(self, request: Request) -> bytes:
        """Return what identifies a request."""
        return self._fingerprint(request)

    def open(self, lease: Lease) -> None:
        """Note that a URL is under way."""
        self.leases[lease.row.id] = lease
        self._by_url[without_fragment(lease.request.url)] = lease
        self._by_request[lease.request] = lease

    def lease(self, url: str, request: Request | None = None) -> Lease | None:
        """Return what is known of a URL under way, None where it is not.

        Several requests of one URL may be under way: that of `request` is meant where it is one, else the last.
        """
        found = self._by_request.get(request) if request is not None else None
        return found or self._by_url.get(without_fragment(url))

    def release(self, lease: Lease) -> None:
        """Note that a URL is not under way any more, whatever came of it."""
        self.leases.pop(lease.row.id, None)
        self._by_request.pop(lease.request, None)
        url = without_fragment(lease.request.url)
        if self._by_url.get(url) is lease:
            del self._by_url[url]

    def failed(
        self, url: str, state: State, reason: str, *, retry_after: float | None = None, request: Request | None = None
    ) -> None:
        """Record that a URL gave no response; a later success replaces this.

        A URL under way is requested again after `retry_after` seconds, None for never.
        """
        lease, outcome = self.lease(url, request), outcomes.failed(state, reason)
        if lease is not None:
            lease.retry_after = retry_after
            known = lease.outcome
            if known is not None and (known.stage is Stage.RESPONDED or state in _JUDGEMENTS):
                outcome = replace(outcome, stage=min(known.stage, Stage.PARSED))  # what it answered was looked at
        self._record(url, outcome, request)

    def captured(self, url: str, columns: Columns, request: Request | None = None) -> None:
        """Record the columns of a response that is in the WARC."""
        lease = self.lease(url, request)
        if lease is not None:
            lease.columns = columns
            if path_of(url) == "/robots.txt":  # asked for by several components at once, and answered from the WARC
                self.frontier.update(lease.row.id, **columns)
            return
        found = self.find(url)
        row_id = found[0].id if found else self.insert(url, Status.DONE)
        if row_id is not None:
            self.frontier.update(row_id, run=self.frontier.run, **columns)

    def responded(self, url: str, status: int, request: Request | None = None) -> None:
        """Record a captured response, with its HTTP status, that has not reached the spider."""
        asked_as_robots = request is not None and request.meta.get(KIND) == "robots"
        is_robots = asked_as_robots and not rights_file_path(url)
        self._record(url, outcomes.responded(url, status, is_robots=is_robots), request)

    def redirected(self, url: str, target: str) -> None:
        """Record that the response was a redirect to `target`."""
        self._record(url, outcomes.redirected(target))

    def discovery(self, url: str, reason: str, *, stage: Stage = Stage.PARSED) -> None:
        """Record a response that was fetched for its links, not for its text."""
        self._record(url, outcomes.discovery(reason, stage=stage))

    def parsed(self, url: str, reason: str, *, followed: bool, request: Request | None = None) -> None:
        """Record a response that is passed to the spider; `followed` says that its links are worth another visit."""
        lease = self.lease(url, request)
        if lease is not None:
            lease.is_followed = followed
        self._record(url, outcomes.discovery(reason), request)

    def refused(self, url: str, state: State, reason: str) -> None:
        """Record that a captured response is refused: it does not reach the spider, or is no document."""
        self._record(url, replace(outcomes.failed(state, reason), stage=Stage.PARSED))

    def callback_failed(self, url: str, error: str) -> None:
        """Record that the spider's callback raised before it yielded a document."""
        self._record(url, outcomes.callback_failed(error))

    def document(self, url: str, note: str | None = None) -> None:
        """Record that the spider yielded a document; `note` is what there is to say of its page beside, if anything."""
        self._record(url, replace(DOCUMENT, reason=note))

    def offsite(self, url: str, *, parent: int | None = None) -> None:
        """Record a request that was filtered because of its host, found on the page of the URL with the id `parent`."""
        lease = self.leases.get(parent) if parent is not None else None
        if lease is not None:
            lease.offsite.append(without_fragment(url))  # counted with its page, so that no page is counted twice
        else:
            self._count_offsite(url)

    def _count_offsite(self, url: str) -> None:
        host, url = host_of(url), without_fragment(url)
        # Each address once: how many pages with the same link are read at the same time depends on the machine.
        key = int.from_bytes(
            sha1(url.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()[:8], signed=True
        )
        self._offsite[host] += self.frontier.execute("INSERT OR IGNORE INTO offsite_links VALUES (?)", (key,)).rowcount
        self._offsite_url[host] = min(url, self._offsite_url.get(host, url))

    def first_offsite(self) -> str | None:
        """Return the first URL, by URL, that was filtered because of its host in this run, None where none was."""
        return min(self._offsite_url.values(), default=None)

    def counts(self) -> dict[str, int]:
        """Return the number of URLs of this run by state; documents and URLs of discovery are counted by their role."""
        return {**self._counts, State.OFFSITE: len(self._offsite_url)}

    def leave(self, lease: Lease) -> None:
        """End a URL under way that is outside the spider's domains, as one of an earlier run may be, which had others:
        what is known of it stays.
        """
        known = known_outcome(lease.row)
        reason = "outside the spider's allowed_domains in this run: an earlier one, with others, had found it"
        lease.outcome = known or outcomes.failed(State.OFFSITE, reason)

    def requeue(self, request: Request) -> None:
        """Put a URL under way back: its request was not sent, or its response, which is in the WARC, not parsed."""
        lease = self.lease(request.url, request)
        if lease is None:
            return
        self.release(lease)
        if lease.columns.get("segment") is not None or lease.is_stored:
            self.frontier.update(lease.row.id, status=int(Status.STORED), **lease.columns)
            self.frontier.stored += 1
        else:
            self.frontier.requeue(lease.row.id, lease.row.host, request=lease.row.request)

    def forget(self, url: str) -> None:
        """Take a URL out of the ledger: there is no such input."""
        lease = self.lease(url)
        if lease is not None:
            self.release(lease)
            self.frontier.execute("DELETE FROM urls WHERE id = ?", (lease.row.id,))

    def has(self, url: str) -> bool:
        """Return whether the URL has an outcome so far."""
        lease = self.lease(url)
        if lease is not None and lease.outcome is not None:
            return True
        found = self.find(url)
        return found is not None and found[0].stage is not None

    def find(self, url: str) -> tuple[Row, Status] | None:
        """Return the row of a plain request for a URL and its status, None where there is none."""
        return self.frontier.find(self.fingerprint_of_url(url))

    def fingerprint_of_url(self, url: str) -> bytes:
        """Return what identifies a plain request for a URL, or for the name of a file that has none."""
        try:
            return self._fingerprint(Request(url))
        except ValueError:
            return sha1(url.encode("utf-8", "backslashreplace"), usedforsecurity=False).digest()

    def insert(self, url: str, status: Status, *, fingerprint: bytes | None = None) -> int | None:
        """Insert a row for a URL; return its id, None where there is one. `fingerprint` is None for a plain request."""
        identity = fingerprint or self.fingerprint_of_url(url)
        new = NewUrl(fingerprint=identity, url=storable(without_fragment(url)), host=host_of(url), status=status)
        return self.frontier.insert(new)

    def _record(self, url: str, outcome: Outcome, request: Request | None = None) -> None:
        """Set the outcome of a URL unless it has reached a later stage."""
        lease = self.lease(url, request)
        if lease is not None:
            lease.record(outcome)
            return
        row, status = self.find(url) or (None, Status.DONE)
        row_id = row.id if row else self.insert(url, Status.DONE)
        if row is not None and row.target is not None and outcome.role is Role.FAILURE:
            return  # the same redirect again
        if row_id is not None and (row is None or row.stage is None or outcome.stage >= row.stage):
            self._count(outcome)
            columns = outcome_columns(outcome) | {"run": self.frontier.run}
            if status is Status.RECOVERED:
                columns["status"] = int(Status.DONE)
                self.frontier.recovered -= 1
            self.frontier.update(row_id, **columns)

    def flush(self) -> None:
        """Write what is in memory and must not be lost: where responses under way are in the WARC, offsite counts."""
        for lease in self.leases.values():
            if lease.columns and not lease.saved:
                lease.saved = True
                columns = outcome_columns(lease.outcome) if lease.outcome and lease.row.role is None else {}
                self.frontier.update(lease.row.id, status=int(Status.ANSWERED), **lease.columns, **columns)
        for host, count in self._offsite.items():
            self.frontier.execute(
                "INSERT INTO offsite VALUES (?, ?, ?) ON CONFLICT (host) DO UPDATE"
                " SET count = count + excluded.count, url = min(url, excluded.url)",
                (host, count, storable(self._offsite_url[host])),
            )
        self._offsite.clear()

    def finish(self, lease: Lease, *, closing: bool = False) -> None:
        """Write what came of a URL that is not under way any more; `closing` queues one without an outcome again."""
        self.release(lease)
        row, outcome = lease.row, lease.outcome
        if outcome is None and not lease.is_unchanged:
            if closing:
                self.frontier.requeue(row.id, row.host, request=row.request)
                return
            outcome = _UNANSWERED
        if lease.retry_after is not None and row.attempts < _MAX_ATTEMPTS and not lease.succeeded:
            self._wait(lease, outcome, lease.retry_after)
            return
        known = known_outcome(row)
        if lease.is_unchanged or outcome is None:
            outcome = known or outcome or _UNANSWERED
            self.successes += 1
        else:
            self._count(outcome)
        for url in lease.offsite:
            self._count_offsite(url)
        followed = lease.is_followed or (lease.is_unchanged and row.due is not None)
        due, interval, unchanged = schedule_visit(
            row, outcome, lease.http_status, time.time(), changed=not lease.is_unchanged, followed=followed
        )
        if lease.is_read_again and outcome.role is not Role.DOCUMENT:
            due, interval, unchanged = row.due, row.interval, row.unchanged  # nobody visited it
        if known is DOCUMENT and outcome.role is not Role.DOCUMENT:
            outcome = DOCUMENT  # its capture is there: a page that is gone takes no document away
        self.frontier.update(
            row.id,
            status=int(Status.DONE),
            due=None if lease.is_once else due,
            interval=interval,
            unchanged=unchanged,
            **lease.columns,
            **outcome_columns(outcome),
        )

    def _wait(self, lease: Lease, outcome: Outcome | None, seconds: float) -> None:
        columns = outcome_columns(outcome) if outcome is not None and lease.row.role is None else {}
        self.frontier.update(lease.row.id, status=int(Status.WAITING), due=time.time() + seconds, **columns)
        self.frontier.waiting += 1

    def lines(self, finish_reason: str) -> Iterator[bytes]:
        """Yield the ledger as urls.jsonl has it; `finish_reason` is Scrapy's reason why the crawl ended."""
        self.flush()
        return listing_lines(self.frontier.connection, finish_reason)

    def _count(self, outcome: Outcome) -> None:
        self.documents += outcome.role is Role.DOCUMENT
        failed = outcome.role is Role.FAILURE and outcome.state is not None
        self._counts[str(outcome.state if failed else outcome.role)] += 1
        self.successes += outcome.role is not Role.FAILURE and outcome.stage >= Stage.PARSED
        self.failures += outcome.role is Role.FAILURE
