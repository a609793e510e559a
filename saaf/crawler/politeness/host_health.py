"""Health of hosts: back-off, circuit breaker and budgets, as pure state without clock or network.

A host is "host:port" without its scheme (`addresses.authority`). All times are seconds of a monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from saaf.corpus.ledger import State

FAILURES_TO_OPEN = 5
"""Failures in a row, without any answer between, after which the circuit breaker opens."""
PROBES_TO_GIVE_UP = 3
"""Failed probes of an open circuit breaker after which the host is given up for this crawl."""
SETBACKS_TO_GIVE_UP = 12
"""Pages in a row that were answered with 429 or 503 after which the host is given up for this crawl."""
CHALLENGES_TO_GIVE_UP = 5
"""Challenge pages in a row after which a host that gave no page so far is given up for this crawl."""
MAX_PATIENCE = 15
"""The most challenge pages more for a host that gave pages before, one for each: a part of it may be guarded, the rest
open."""
ANSWERS_PER_REPRIEVE = 5
"""Answers that a host must have given for each time that it is asked whether it lives, before it is given up."""
MAX_CRAWL_DELAY = 120.0
"""The longest Crawl-delay that is honoured, in seconds: a longer one asks for a page now and then, not for a crawl."""
_NEXT_CRAWL = "the next crawl tries it again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of what a crawl does to one host; 0 is no limit.

    `backoff` is the first pause after an answer 429 or 503 in seconds; each further one in a row is twice as long, up
    to `max_backoff`. `pages`, `size` (bytes of bodies) and `seconds` (since the first request) are the host's budget.
    """

    backoff: float = 2.0
    max_backoff: float = 120.0
    pages: int = 0
    size: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a host gets no more requests in this crawl."""

    state: State
    reason: str


@dataclass(slots=True)
class HostHealth:
    """What is known of one host in this crawl.

    `blocked_until` is the time before which it gets no request. `is_open` says that the circuit breaker is open: after
    `blocked_until` one request at a time probes the host. `gone` is set once the host is given up, `suspicion` while it
    may be that it should be.
    """

    name: str
    limits: Limits
    blocked_until: float = 0.0
    is_open: bool = False
    gone: Refusal | None = None
    suspicion: Refusal | None = None
    crawl_delay: float = 0.0
    pages: int = 0
    size: int = 0
    first_request: float | None = None
    _failures: int = 0
    _failed_probes: int = 0
    _setbacks: int = 0
    _challenges: int = 0
    _let_in: int = 0
    _reprieves: int = 0

    def requested(self, now: float) -> None:
        """Record that a request is sent."""
        if self.first_request is None:
            self.first_request = now

    def answered(self) -> None:
        """Record that the host answered, whatever it answered: the circuit breaker closes."""
        self._failures = 0
        self._failed_probes = 0
        self.is_open = False
        self.suspicion = None

    def succeeded(self, size: int) -> None:
        """Record an answer of `size` bytes that asks for no pause; whether it is a challenge is another question."""
        self.answered()
        self._setbacks = 0
        self.pages += 1
        self.size += size

    def let_in(self) -> None:
        """Record an answer that is no challenge page."""
        self._challenges = 0
        self._let_in += 1

    def failed(self, reason: str, now: float, *, probe: bool = False) -> float:
        """Record that a request got no answer; return the seconds that the host is left alone from now on.

        `probe` says that the request was sent to find out whether the host is back. After the last failed probe a host
        that gave few answers is given up; of another, `suspicion` is set, and `give_up` or `answered` settles it.
        """
        self._failures += 1
        if self.is_open:
            if not probe:
                return 0.0  # sent before the circuit breaker opened
            self._failed_probes += 1
        elif self._failures < FAILURES_TO_OPEN:
            return 0.0
        self.is_open = True
        if self._failed_probes >= PROBES_TO_GIVE_UP:
            text = f"the host failed {self._failures} times in a row: {reason}; {_NEXT_CRAWL}"
            self.suspicion = Refusal(state=State.FETCH_FAILED, reason=text)
            self._reprieves += 1
            if self.pages < self._reprieves * ANSWERS_PER_REPRIEVE:
                self.give_up()
                return 0.0
        return self._pause(self._failed_probes, now)

    def give_up(self) -> None:
        """Ask the host for nothing more in this crawl, for the reason of the suspicion."""
        self.gone = self.suspicion

    def pushed_back(self, status: int, wait: float | None, now: float, *, again: bool = False) -> float:
        """Record an answer 429 or 503, with its Retry-After in seconds; return the seconds that the host is left alone.

        `again` says that the same page was answered so before. A Retry-After above the longest back-off is not waited
        for: the host gets the usual pause, and one that means it says it again. RFC 9110, section 10.2.3, and RFC 6585,
        section 4.
        """
        self.answered()
        self._setbacks += not again
        if self._setbacks >= SETBACKS_TO_GIVE_UP:
            text = f"the host answered {self._setbacks} pages in a row with HTTP status {status}; {_NEXT_CRAWL}"
            self.gone = Refusal(state=State.FETCH_FAILED, reason=text)
            return 0.0
        if wait is not None and wait <= self.limits.max_backoff:
            return self._block(max(wait, self.limits.backoff), now)
        return self._pause(max(self._setbacks - 1, 0), now)

    def challenged(self, reason: str, now: float) -> float:
        """Record a challenge page; return the seconds that the host is left alone from now on."""
        self.answered()
        self._challenges += 1
        if self._challenges >= CHALLENGES_TO_GIVE_UP + min(self._let_in, MAX_PATIENCE):
            text = f"the host answered {self._challenges} times in a row with a challenge ({reason}); {_NEXT_CRAWL}"
            self.gone = Refusal(state=State.CHALLENGE, reason=text)
            return 0.0
        earlier = self._challenges - (CHALLENGES_TO_GIVE_UP if self._let_in >= CHALLENGES_TO_GIVE_UP else 2)
        return self._pause(earlier, now) if earlier >= 0 else 0.0

    @property
    def in_trouble(self) -> bool:
        """Whether the last answer was none, a refusal or a challenge."""
        return bool(self._failures or self._setbacks or self._challenges)

    @property
    def is_worth_keeping(self) -> bool:
        """Whether anything is known of the host that a new request should heed."""
        counts = self.limits.pages or self.limits.size or self.limits.seconds
        return bool(counts or self.in_trouble or self.is_open or self.gone or self.crawl_delay or self.blocked_until)

    def refusal(self, now: float, under_way: int) -> Refusal | None:
        """Return why the host gets no request, None where it may get one; `under_way` are its unanswered requests."""
        if self.gone is not None:
            return self.gone
        for name, spent, budget in self._budgets(now, under_way):
            if budget and spent >= budget:
                text = f"the budget of its host is spent ({name}={budget:g}): raise it, or crawl again"
                return Refusal(state=State.OVER_BUDGET, reason=text)
        return None

    def _budgets(self, now: float, under_way: int) -> tuple[tuple[str, float, float], ...]:
        seconds = now - self.first_request if self.first_request is not None else 0.0
        return (
            ("SAAF_HOST_PAGES", self.pages + under_way, self.limits.pages),
            ("SAAF_HOST_BYTES", self.size, self.limits.size),
            ("SAAF_HOST_SECONDS", seconds, self.limits.seconds),
        )

    def _pause(self, earlier: int, now: float) -> float:
        """Leave the host alone for the back-off, doubled for each earlier one in a row."""
        return self._block(min(self.limits.backoff * 2**earlier, self.limits.max_backoff), now)

    def _block(self, seconds: float, now: float) -> float:
        self.blocked_until = max(self.blocked_until, now + seconds)
        return self.blocked_until - now


def parse_retry_after(value: str, now: float) -> float | None:
    """Return the seconds that a Retry-After header asks to wait from `now` (POSIX time), None where it cannot be read.

    The header has seconds or an HTTP date (RFC 9110, section 10.2.3); a date that has passed gives 0.
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (TypeError, ValueError, OverflowError):
        return None
