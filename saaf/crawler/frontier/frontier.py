"""The frontier of a crawl: a row for each URL in one SQLite database, which holds the queue and the ledger."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from saaf.corpus.crawl_frontier import Status, meta_value
from saaf.corpus.warc_segments import Position
from saaf.crawler.frontier.database import Row, open_database
from saaf.crawler.frontier.host_ring import HostRing
from saaf.crawler.hosts import registered_domain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from saaf.crawler.frontier.database import NewUrl
    from saaf.crawler.frontier.host_ring import Readiness

_COLUMNS = ", ".join(Row._fields)
_FIND = " ".join(("SELECT", _COLUMNS, ", status FROM urls WHERE fingerprint = ?"))
_LEASE = "UPDATE urls SET status = {}, run = ?, attempts = attempts + 1 WHERE id = ({}) RETURNING {}"
_LEASE_QUEUED = _LEASE.format(
    int(Status.LEASED),
    "SELECT id FROM urls WHERE status = 0 AND host = ? ORDER BY priority DESC, depth, id LIMIT 1",
    _COLUMNS,
)
_LEASE_STORED = _LEASE.format(
    int(Status.ANSWERED),
    "SELECT id FROM urls WHERE status BETWEEN 1 AND 6 AND status = 4 ORDER BY id LIMIT 1",
    _COLUMNS,
)


class Frontier:
    """The queue and ledger of URLs, in a database at `path`, or in memory where that is None.

    All changes are in one transaction until `commit`. Methods raise sqlite3.Error where the database cannot be written.
    `queued`, `stored`, `waiting` and `recovered` are numbers of URLs by status. `run` is the number of this run, from
    1; `round` that of the pass over the site, which may take several runs.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._connection = open_database(path)
        self.run = int(self.meta("run") or 0) + 1
        self.round = int(self.meta("round") or 1)
        self._hosts = lru_cache(maxsize=8192)(self._find_host)
        self._names = lru_cache(maxsize=8192)(self._find_name)
        self.ring = HostRing(self._next_host_id)
        self.recount()
        now = time.time()
        for host, until in self.execute("SELECT id, not_before FROM hosts WHERE not_before > ?", (now,)):
            self.ring.delay(host, until)

    def recount(self) -> None:
        """Count the URLs by status."""
        counts: dict[int, int] = dict(
            self.execute("SELECT status, count(*) FROM urls WHERE status BETWEEN 1 AND 6 GROUP BY status")
        )
        (self.queued,) = self.execute("SELECT count(*) FROM urls WHERE status = 0").fetchone()
        self.waiting = counts.get(Status.WAITING, 0)
        self.recovered = counts.get(Status.RECOVERED, 0)
        self.stored = counts.get(Status.STORED, 0)

    def execute(self, statement: str, values: tuple[object, ...] | Mapping[str, object] = ()) -> sqlite3.Cursor:
        """Run a statement in the transaction that is open."""
        return self._connection.execute(statement, values)

    @property
    def connection(self) -> sqlite3.Connection:
        """The database, for reading."""
        return self._connection

    def meta(self, key: str) -> str | int | float | None:
        """Return a value that was set by `set_meta`, None where there is none."""
        return meta_value(self._connection, key)

    def set_meta(self, **values: str | float | None) -> None:
        """Set values of the crawl as a whole."""
        for item in values.items():
            self.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", item)

    def commit(self, position: Position | None = None) -> None:
        """End the transaction; `position` is the end of the WARC records that its rows are of, None for no change."""
        if position is not None:
            self.set_meta(segment=position.segment, offset=position.offset)
        if self._connection.in_transaction:
            self._connection.commit()

    def position(self) -> Position:
        """Return the end of the WARC records that the rows stand for."""
        return Position(segment=int(self.meta("segment") or 0), offset=int(self.meta("offset") or 0))

    def close(self) -> None:
        """Close the database; what was not committed is undone."""
        with suppress(sqlite3.Error):
            self._connection.rollback()
        with suppress(sqlite3.Error):
            self._connection.close()

    def insert(self, new: NewUrl) -> int | None:
        """Insert a URL; return its id, None where its fingerprint is known."""
        host = self._hosts(new.host)
        cursor = self.execute(
            "INSERT OR IGNORE INTO urls (fingerprint, url, host, status, kind, priority, depth, parent, request,"
            " lastmod, first_seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                new.fingerprint,
                new.url,
                host,
                int(new.status),
                new.kind,
                new.priority,
                new.depth,
                new.parent,
                new.request,
                new.lastmod,
                now_us(),
            ),
        )
        if not cursor.rowcount:
            return None
        if new.status is Status.QUEUED:
            self.queued += 1
            self.ring.add(host)
        return cursor.lastrowid

    def find(self, fingerprint: bytes) -> tuple[Row, Status] | None:
        """Return the row of a fingerprint and its status, None where it is unknown."""
        found = self.execute(_FIND, (fingerprint,)).fetchone()
        return (Row(*found[:-1]), Status(found[-1])) if found else None

    def url_of(self, row_id: int) -> str | None:
        """Return the URL of a row, None where there is no such row."""
        found = self.execute("SELECT url FROM urls WHERE id = ?", (row_id,)).fetchone()
        return found[0] if found else None

    def lease_stored(self) -> Row | None:
        """Lease the first URL whose response is in the WARC and is to be parsed, None where there is none."""
        if not self.stored:
            return None
        row = self._lease(_LEASE_STORED, (self.run,))
        self.stored = self.stored - 1 if row else 0
        return row

    def lease_queued(self, readiness: Callable[[int], Readiness]) -> Row | None:
        """Lease the queued URL of highest priority, then lowest depth, then first found, of a host that may get one.

        `readiness` is called with a host's id. Returns None where no host may get a request now.
        """
        while self.queued:
            hosts = self.ring.hosts(time.time(), readiness)
            if not hosts:
                return None
            row = self._lease(_LEASE_QUEUED, (self.run, hosts[0]))
            if row is not None:
                self.queued -= 1
                return row
            self.ring.remove(hosts[0])
        return None

    def _lease(self, statement: str, values: tuple[int, ...]) -> Row | None:
        found = self.execute(statement, values).fetchone()
        return Row(*found) if found else None

    def update(self, row_id: int, **columns: str | float | bytes | None) -> None:
        """Set columns of a row."""
        self.execute(_update_statement(tuple(columns)), (*columns.values(), row_id))

    def requeue(self, row_id: int, host: int, *, request: str | None, priority: int | None = None) -> None:
        """Queue a URL again that is leased or done, with another request."""
        self.execute(
            "UPDATE urls SET status = 0, request = ?, priority = ifnull(?, priority) WHERE id = ?",
            (request, priority, row_id),
        )
        self.queued += 1
        self.ring.add(host)

    def store(self, row_id: int, new: NewUrl) -> None:
        """Let a URL be parsed whose response was found in the WARC, with the request that it was now asked for by."""
        columns = (new.kind, new.priority, new.depth, new.parent, new.request, new.lastmod, row_id)
        self.execute(
            "UPDATE urls SET status = 4, kind = ?, priority = ?, depth = ?, parent = ?, request = ?, lastmod = ?"
            " WHERE id = ?",
            columns,
        )
        self.recovered -= 1
        self.stored += 1

    def store_recovered(self) -> None:
        """Let all URLs be parsed whose response was found in the WARC, as plain requests."""
        self.execute("UPDATE urls SET status = 4 WHERE status BETWEEN 1 AND 6 AND status = 3")
        self.stored += self.recovered
        self.recovered = 0

    def has_document(self) -> bool:
        """Return whether any URL is a document."""
        return self.execute("SELECT 1 FROM urls WHERE role = 'document' LIMIT 1").fetchone() is not None

    def left_out(self, run: int, role: str) -> list[tuple[str, str]]:
        """Return URL and reason of the first URLs, by URL, that this run, and what is done of it, left in a role."""
        query = (
            "SELECT url, ifnull(reason, role) FROM urls WHERE run = ? AND role = ? AND status <> 0"
            " ORDER BY url LIMIT 1000"
        )
        return self.execute(query, (run, role)).fetchall()

    def wake_waiting(self) -> None:
        """Queue the URLs again whose time has come."""
        if not self.waiting:
            return
        woken = self.execute(
            "UPDATE urls SET status = 0 WHERE status BETWEEN 1 AND 6 AND status = 2 AND due <= ? RETURNING host",
            (time.time(),),
        ).fetchall()
        self.waiting -= len(woken)
        self.queued += len(woken)
        for (host,) in woken:
            self.ring.add(host)

    def delay_host(self, host: str, seconds: float) -> None:
        """Request nothing from a host for a number of seconds; a later time that was set before stays."""
        until = time.time() + seconds
        self.execute(
            "UPDATE hosts SET not_before = max(not_before, ?) WHERE id = ?", (until, host_id := self._hosts(host))
        )
        self.ring.delay(host_id, until)

    def seconds_to_next(self) -> float | None:
        """Return the seconds until a queued or waiting URL may be requested, 0.0 for now, None where there is none."""
        now = time.time()
        times = []
        if self.queued and (wake := self.ring.next_wake(now)) is not None:
            times.append(wake)
        if self.waiting:
            query = "SELECT min(due) FROM urls WHERE status BETWEEN 1 AND 6 AND status = 2"
            times.append(self.execute(query).fetchone()[0] or now)
        return max(0.0, min(times) - now) if times else None

    def host_id(self, host: str) -> int:
        """Return the id of a host, which is inserted where it is new."""
        return self._hosts(host)

    def host_name(self, host: int) -> str:
        """Return the name of a host."""
        return self._names(host)

    def _find_host(self, host: str) -> int:
        self.execute("INSERT OR IGNORE INTO hosts (host, domain) VALUES (?, ?)", (host, registered_domain(host)))
        return int(self.execute("SELECT id FROM hosts WHERE host = ?", (host,)).fetchone()[0])

    def _find_name(self, host: int) -> str:
        return str(self.execute("SELECT host FROM hosts WHERE id = ?", (host,)).fetchone()[0])

    def _next_host_id(self, after: int) -> int | None:
        query = "SELECT host FROM urls WHERE status = 0 AND host > ? ORDER BY host LIMIT 1"
        found = self.execute(query, (after,)).fetchone()
        return found[0] if found else None


@lru_cache(maxsize=64)
def _update_statement(names: tuple[str, ...]) -> str:
    return " ".join(("UPDATE urls SET", ", ".join(f"{name} = ?" for name in names), "WHERE id = ?"))


def now_us() -> int:
    """Return the time in microseconds since 1970."""
    return time.time_ns() // 1000
