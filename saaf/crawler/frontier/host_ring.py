"""Hosts with queued URLs, served in turn: no host fills the downloader, and one that asked to wait is left alone."""

from __future__ import annotations

from collections import deque
from enum import IntEnum
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

WINDOW = 4096
"""Hosts that are served in turn at a time; the others wait on disk until one of these has no URL left."""
_SCANNED = 256  # hosts looked at for one request: those that waited longest come first
_LOADED = 64  # hosts read from disk for one request


class Readiness(IntEnum):
    """Whether a host may get a request now."""

    READY = 0
    RESTING = 1
    """Nothing is under way, and the delay between its requests is not over: the downloader waits for that."""
    BUSY = 2
    """As many requests are under way as it may get at a time."""


class HostRing:
    """The hosts that have queued URLs, in the order in which they are served.

    `next_host_id` is a function that returns the least id above the given one of a host with queued URLs, None where
    there is none; it reads the disk. Ids are at least 1.
    """

    def __init__(self, next_host_id: Callable[[int], int | None], *, window: int = WINDOW) -> None:
        self._next_host_id = next_host_id
        self._size = window
        self._ring: deque[int] = deque()
        self._window: set[int] = set()  # those in the ring, and those of it that wait
        self._waiting: list[tuple[float, int]] = []
        self._not_before: dict[int, float] = {}
        self._cursor = 0
        self._complete = False  # whether every host with queued URLs is in the window

    def add(self, host: int) -> None:
        """Note that a host has queued URLs."""
        if host in self._window:
            return
        if len(self._window) < self._size:
            self._window.add(host)
            self._ring.append(host)
        elif self._complete:
            self.rescan()

    def rescan(self) -> None:
        """Note that many hosts may have got queued URLs: they are read from disk again."""
        self._complete, self._cursor = False, 0

    def remove(self, host: int) -> None:
        """Note that a host has no queued URL left."""
        if host in self._window:
            self._window.discard(host)
            if self._ring and self._ring[-1] == host:
                self._ring.pop()  # the one that was just looked at
            else:
                self._ring = deque(other for other in self._ring if other != host)

    def delay(self, host: int, until: float) -> None:
        """Leave a host alone until a time, in seconds since 1970; an earlier time than one given before is ignored."""
        self._not_before[host] = max(until, self._not_before.get(host, 0.0))

    def hosts(self, now: float, readiness: Callable[[int], Readiness]) -> list[int]:
        """Return hosts to take a URL from, the best first: one that is ready, else those that rest; [] where all are
        busy or wait.
        """
        self._wake(now)
        self._load()
        resting: list[int] = []
        for _ in range(min(len(self._ring), _SCANNED)):
            host = self._ring[0]
            until = self._not_before.get(host)
            if until is not None:
                if until > now:
                    self._ring.popleft()
                    heappush(self._waiting, (until, host))
                    continue
                del self._not_before[host]
            self._ring.rotate(-1)
            ready = readiness(host)
            if ready is Readiness.READY:
                return [host]
            if ready is Readiness.RESTING:
                resting.append(host)
        return resting[:1]

    def next_wake(self, now: float) -> float | None:
        """Return the time at which a host may be served: now where one may be, None where there is no host."""
        self._wake(now)
        self._load()
        if self._ring:
            return min((max(now, self._not_before.get(host, now)) for host in self._ring), default=None)
        return max(now, self._waiting[0][0]) if self._waiting else None

    def _wake(self, now: float) -> None:
        while self._waiting and self._waiting[0][0] <= now:
            _, host = heappop(self._waiting)
            if host in self._window:
                self._ring.append(host)

    def _load(self) -> None:
        """Read hosts from disk, a few at a time, while the window has room."""
        for _ in range(_LOADED):
            if self._complete or len(self._window) >= self._size:
                return
            host = self._next_host_id(self._cursor)
            if host is None:
                self._complete, self._cursor = True, 0
            else:
                self._cursor = host
                self.add(host)
