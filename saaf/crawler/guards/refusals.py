"""Requests that the crawl refuses: one exception that carries the ledger's state and reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest

if TYPE_CHECKING:
    from saaf.corpus.ledger import State


class RefusedRequest(IgnoreRequest):
    """A request or response that a component refuses.

    `state` and `reason` go to the ledger of URLs; the reason is one sentence: what was wrong and, where something can
    be done, what to do. `retry_after` is the number of seconds after which the URL may be requested again (a
    robots.txt that could not be read, say), None where the refusal is final for this crawl.
    """

    def __init__(self, state: State, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.state = state
        self.reason = reason
        self.retry_after = retry_after


class RequestNotSent(IgnoreRequest):
    """The crawl ended before a request was sent, or its answer was there: it is as if it had never left the
    scheduler. Where its response is in the WARC already, the next run parses that.
    """


CUT_SHORT = object()
"""Scrapy signal of a crawl that was asked to end, and waits no longer for what is under way."""
