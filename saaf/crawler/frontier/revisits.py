"""When a URL is visited again: list pages by how often they change, failures in the next run, articles once."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from saaf.corpus.ledger import State
from saaf.crawler.frontier.outcomes import Role, Stage

if TYPE_CHECKING:
    from saaf.crawler.frontier.database import Row
    from saaf.crawler.frontier.outcomes import Outcome

DAY = 86_400.0
MIN_INTERVAL = 3_600.0
"""The interval in seconds after the first visits that brought no change."""
MAX_INTERVAL = 30 * DAY
UNCHANGED_VISITS = 2
"""Visits in a row without a change after which a URL is not visited in every run."""
_TRANSIENT = (State.FETCH_FAILED, State.UNREADABLE, State.BLOCKED_BY_ROBOTS, State.REFUSED)


class Revisit(StrEnum):
    """What a run visits again, the values of SAAF_REVISIT."""

    NOTHING = "nothing"
    LISTS = "lists"
    """Pages, sitemaps and feeds that list others, start URLs, and URLs that failed."""
    ARTICLES = "articles"
    """The same, and documents."""


def next_interval(interval: float, unchanged: int, *, changed: bool) -> tuple[float, int]:
    """Return the seconds to the next visit, and the number of last visits without a change.

    The interval is halved where the content changed, and doubled from the second visit on that brought no change. Below
    `MIN_INTERVAL` it is 0: every run visits the URL.

    >>> next_interval(7200.0, 2, changed=True), next_interval(3600.0, 2, changed=False)
    ((3600.0, 0), (7200.0, 3))
    >>> next_interval(0.0, 0, changed=False), next_interval(0.0, 1, changed=False)
    ((0.0, 1), (3600.0, 2))
    """
    if changed:
        halved = interval / 2
        return (halved if halved >= MIN_INTERVAL else 0.0), 0
    if unchanged + 1 < UNCHANGED_VISITS:
        return interval, unchanged + 1
    return min(MAX_INTERVAL, max(MIN_INTERVAL, 2 * interval)), unchanged + 1


def schedule_visit(
    row: Row, outcome: Outcome, http_status: int | None, now: float, *, changed: bool, followed: bool
) -> tuple[float | None, float, int]:
    """Return when a URL is to be visited again, in seconds since 1970, the interval, and visits without a change.

    The time is None for never. `followed` says that its links were read. A start URL is visited in every run, and a
    URL that failed for a while in the next one; one that the server does not have is tried again after a day, then
    after two, four ….
    """
    if outcome.role is Role.FAILURE:
        if outcome.state in _TRANSIENT or (http_status or 500) >= 500 or _is_start(row):
            return now, row.interval, row.unchanged
        if outcome.state is State.HTTP_ERROR:
            interval = min(MAX_INTERVAL, max(DAY, 2 * row.interval))
            return now + interval, interval, row.unchanged
        return None, row.interval, row.unchanged
    if not followed and outcome.role is not Role.DOCUMENT:
        return (now, 0.0, 0) if _is_start(row) and outcome.stage is not Stage.DOCUMENT else (None, 0.0, 0)
    interval, unchanged = (
        (0.0, 0) if row.fetched is None else next_interval(row.interval, row.unchanged, changed=changed)
    )
    return now + (0.0 if _is_start(row) else interval), interval, unchanged


def _is_start(row: Row) -> bool:
    return row.parent is None and row.depth == 0
