"""The status of a crawl, live or after the fact: URLs by host and state, reasons, rate, and the time that is left."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from saaf.corpus.crawl_frontier import FRONTIER, Status, is_running, meta_value, open_read_only
from saaf.crawler.capture.directory import live_directory

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from pathlib import Path

REASONS = 1_000
"""How many reasons a status has; rarer ones are one for each state."""
OTHER_REASONS = "other reasons"
_WAITING = (Status.QUEUED, Status.WAITING, Status.RECOVERED, Status.STORED, Status.MEMORY)
_UNDER_WAY = (Status.LEASED, Status.ANSWERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostStatus:
    """The URLs of one host. `states` has their numbers by state: "queued", "under_way", "document", "not_content" ….

    `delayed` is the number of seconds for which nothing is requested from it, 0.0 where it may be.
    """

    host: str
    domain: str
    states: dict[str, int]
    delayed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlStatus:
    """The status of a crawl.

    `states` are those of all hosts together; `queued`, `under_way` and `done` are their sum. Links to a host outside
    the crawl are one entry, of state offsite and of that host, as in the list of URLs. `reasons` has the reasons of all
    URLs that are done and no documents, the most frequent first, as (state, reason, number, one URL). `is_running` says
    whether a process is crawling now. `finish_reason` is Scrapy's reason why the last run ended, "replay" for a replay,
    None where it runs or was killed; what was under way when it was killed is queued. `run` and `round` count from
    1. `rendered` is the number of pages that a browser rendered, in all runs. `responses` is the number that this run
    got, in `seconds`; `rate` that of a second. `eta` is the number of
    seconds in which the URLs that are queued now would be done at this rate, None where that is not known.

    `shard` is "3/16" where this is one of several processes. The status of them all has theirs in `shards`; its rate is
    that of those that run, its `eta` that of the last to end, and its `finish_reason` the one that they have in common.
    """

    directory: str
    is_running: bool
    finish_reason: str | None
    run: int
    round: int
    queued: int
    under_way: int
    done: int
    states: dict[str, int]
    hosts: tuple[HostStatus, ...]
    reasons: tuple[tuple[str, str, int, str], ...]
    responses: int
    seconds: float
    rate: float
    eta: float | None
    updated: float | None
    rendered: int = 0
    shard: str | None = None
    shards: tuple[CrawlStatus, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the status as plain data for JSON; times are seconds since 1970."""
        return asdict(self)


def read_status(output: Path, *, most_reasons: int = REASONS) -> CrawlStatus:
    """Return the status of the crawl in an output directory, or in its capture; the crawl is not held up.

    It has up to `most_reasons` reasons; the rarer ones are `OTHER_REASONS`, one for each state. Raises OSError where
    there is no frontier, or one that cannot be read.
    """
    capture = output / "capture" if (output / "capture").is_dir() else output
    path = live_directory(capture) / FRONTIER
    if not path.is_file():
        raise FileNotFoundError(2, "no crawl has been here: name the output of one (SAAF_OUTPUT)", str(output))
    with open_read_only(path) as connection:
        connection.execute("BEGIN")  # all figures are of one moment
        return _status(connection, path.parent, most_reasons)


def _status(connection: sqlite3.Connection, directory: Path, most_reasons: int) -> CrawlStatus:
    running = is_running(connection)
    hosts: dict[int, dict[str, int]] = {}
    totals: dict[str, int] = {}
    counts = {"queued": 0, "under_way": 0, "done": 0}
    grouped = connection.execute("SELECT host, status, role, state, count(*) FROM urls GROUP BY 1, 2, 3, 4")
    for host, status, role, state, number in grouped:
        name = _state_name(status, role, state)
        if name == "under_way" and not running:
            name = "queued"  # of a crawl that was killed: the next run asks for it again
        states = hosts.setdefault(host, {})
        states[name] = states.get(name, 0) + number
        totals[name] = totals.get(name, 0) + number
        counts[name if name in counts else "done"] += number
    # By host, as in the list of URLs.
    offsite = [str(host) for (host,) in connection.execute("SELECT host FROM offsite")]
    if offsite:
        totals["offsite"] = totals.get("offsite", 0) + len(offsite)
        counts["done"] += len(offsite)
    started, updated = meta_value(connection, "started"), meta_value(connection, "updated")
    seconds = max(0.0, float(updated or 0) - float(started or 0))
    responses = int(meta_value(connection, "responses") or 0)
    rate = responses / seconds if seconds else 0.0
    left = counts["queued"] + counts["under_way"]
    reason = meta_value(connection, "finish_reason")
    return CrawlStatus(
        directory=str(directory),
        is_running=running,
        finish_reason=str(reason) if reason is not None else None,
        run=int(meta_value(connection, "run") or 0),
        round=int(meta_value(connection, "round") or 1),
        queued=counts["queued"],
        under_way=counts["under_way"],
        done=counts["done"],
        states=dict(sorted(totals.items())),
        hosts=_hosts(connection, hosts, offsite),
        reasons=_reasons(connection, most_reasons),
        responses=responses,
        seconds=seconds,
        rate=rate,
        eta=left / rate if rate else None,
        updated=float(updated) if updated is not None else None,
        rendered=int(meta_value(connection, "rendered") or 0),
    )


def _state_name(status: int, role: str | None, state: str | None) -> str:
    if status in _WAITING:
        return "queued"
    if status in _UNDER_WAY:
        return "under_way"
    return state or role or "queued"


def _hosts(
    connection: sqlite3.Connection, states: dict[int, dict[str, int]], offsite: list[str]
) -> tuple[HostStatus, ...]:
    """Return the hosts, those with most URLs first; `offsite` are those whose links were not followed."""
    now = time.time()
    found: dict[str, HostStatus] = {}
    for host_id, host, domain, not_before in connection.execute("SELECT id, host, domain, not_before FROM hosts"):
        if host_id in states:
            own = dict(sorted(states[host_id].items()))
            found[host] = HostStatus(host=host, domain=domain, states=own, delayed=max(0.0, not_before - now))
    for host in offsite:
        known = found.get(host, HostStatus(host=host, domain=host, states={}, delayed=0.0))
        own = dict(sorted((known.states | {"offsite": known.states.get("offsite", 0) + 1}).items()))
        found[host] = replace(known, states=own)
    return tuple(sorted(found.values(), key=lambda host: (-sum(host.states.values()), host.host)))


def _reasons(connection: sqlite3.Connection, limit: int) -> tuple[tuple[str, str, int, str], ...]:
    query = """
        SELECT state, reason, sum(number) AS number, min(url) FROM (
            SELECT state, CASE WHEN target IS NULL THEN ifnull(reason, '') ELSE 'a redirect' END AS reason, 1 AS number,
                url
            FROM urls WHERE status = 9 AND state IS NOT NULL
            UNION ALL SELECT 'offsite', 'links to a host outside the spider''s allowed_domains', 1, url FROM offsite
        ) GROUP BY 1, 2 ORDER BY number DESC, 1, 2
    """
    return most_frequent(connection.execute(query), limit)


def most_frequent(reasons: Iterable[tuple[str, str, int, str]], limit: int) -> tuple[tuple[str, str, int, str], ...]:
    """Return the first `limit` reasons, and behind them one for the others of each state."""
    first: list[tuple[str, str, int, str]] = []
    others: dict[str, tuple[int, str]] = {}
    for state, reason, number, url in reasons:
        if len(first) < limit:
            first.append((state, reason, number, url))
        else:
            known, example = others.get(state, (0, url))
            others[state] = known + number, min(example, url)
    return (*first, *((state, OTHER_REASONS, *rest) for state, rest in sorted(others.items())))
