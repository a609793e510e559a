"""Turns of requests: which request is sent next, so that no host gets too many and none keeps others from being asked.

A request that has to wait does so here, outside Scrapy's count of concurrent requests: one host that is slow, silent or
backing off cannot fill the downloader.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from saaf.crawler.guards.refusals import RefusedRequest, RequestNotSent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from scrapy import Request

    from saaf.crawler.politeness.host_health import HostHealth, Refusal

LAST_FAILURE = "saaf_last_failure"
"""Key of request.meta: why the last attempt of a request failed, in words."""
TICK = 0.25
"""The most seconds between two looks at the requests that wait: then those of a crawl that ends are let go."""
_LEAST_TICK = 0.005


@dataclass(slots=True, eq=False)
class _Waiter:
    """A request that waits; the result of `turn` is whether it is a probe of a host whose circuit breaker is open."""

    request: Request
    number: int
    host: HostHealth
    turn: asyncio.Future[bool]


@dataclass(slots=True)
class _Slot:
    """Requests that share their turns: those that wait, and how many are under way, by host.

    `not_before` is the time of the next turn.
    """

    waiting: list[_Waiter] = field(default_factory=list)
    under_way: dict[str, int] = field(default_factory=dict)
    not_before: float = 0.0


class Turns:
    """Turns of the requests of one crawl.

    `total` is the most requests under way, 0 for no limit. `concurrency` gives the same for a slot, and `pace` the
    seconds from one turn in it to the next, by the slot's key and the host's health. `is_closing` says whether the
    crawl is ending: then no request gets a turn, and those that wait end with `RequestNotSent`.
    """

    def __init__(
        self,
        *,
        total: int,
        concurrency: Callable[[str], int],
        pace: Callable[[str, HostHealth], float],
        clock: Callable[[], float],
        is_closing: Callable[[], bool],
    ) -> None:
        self._total = total
        self._concurrency = concurrency
        self._pace = pace
        self._clock = clock
        self._is_closing = is_closing
        self._slots: dict[str, _Slot] = {}
        self._numbers = count()
        self._ticking: asyncio.TimerHandle | None = None
        self._soon: asyncio.Handle | None = None
        self.under_way = 0

    @property
    def waiting(self) -> int:
        """The number of requests that wait."""
        return sum(len(slot.waiting) for slot in self._slots.values())

    @asynccontextmanager
    async def turn(self, key: str, host: HostHealth, request: Request) -> AsyncIterator[bool]:
        """Wait for a turn in the slot `key`, and hold it; yield whether the request is a probe of its host.

        Of the requests that wait, one with a higher priority is sent first. Raises `RefusedRequest` where the host
        gets no more requests, and `RequestNotSent` where the crawl is ending.
        """
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        waiter = _Waiter(request=request, number=next(self._numbers), host=host, turn=turn)
        self._slots.setdefault(key, _Slot()).waiting.append(waiter)
        self._grant()
        try:
            probe = await waiter.turn
        except asyncio.CancelledError:
            self._abandon(key, waiter)
            raise
        try:
            yield probe
        finally:
            self._end(key, host)

    def wake(self) -> None:
        """Look at the requests that wait, soon: something has changed."""
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_soon(self._grant_soon)

    def _grant_soon(self) -> None:
        self._soon = None
        self._grant()

    def _abandon(self, key: str, waiter: _Waiter) -> None:
        """Undo a request that was cancelled while it waited, or just when its turn had come."""
        slot = self._slots[key]
        if waiter in slot.waiting:
            slot.waiting.remove(waiter)
        elif waiter.turn.done() and not waiter.turn.cancelled() and waiter.turn.exception() is None:
            self._end(key, waiter.host)

    def _end(self, key: str, host: HostHealth) -> None:
        slot = self._slots[key]
        self.under_way -= 1
        slot.under_way[host.name] -= 1
        if not slot.under_way[host.name]:
            del slot.under_way[host.name]
        self.wake()

    def _grant(self) -> None:
        """Give turns to all that may have one now; look again after a tick while others wait."""
        now = self._clock()
        for key, slot in list(self._slots.items()):
            self._refuse(slot, now)
            while slot.waiting and now >= slot.not_before and self._has_room(key, slot):
                waiter = min((one for one in slot.waiting if _may_go(one, slot, now)), key=_rank, default=None)
                if waiter is None:
                    break
                slot.waiting.remove(waiter)
                self._start(slot, waiter, now)
                slot.not_before = now + self._pace(key, waiter.host)
                self._refuse(slot, now)
            if not slot.waiting and not slot.under_way and now >= slot.not_before:
                del self._slots[key]
            elif slot.waiting:
                self._slots[key] = self._slots.pop(key)  # to the end: with a limit for all, each slot has its turn
        if self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None
        times = [_next_time(slot, now) for slot in self._slots.values() if slot.waiting]
        if times:
            seconds = max(min(min(times) - now, TICK), _LEAST_TICK)
            self._ticking = asyncio.get_running_loop().call_later(seconds, self._tick)

    def _tick(self) -> None:
        self._ticking = None
        self._grant()

    def _has_room(self, key: str, slot: _Slot) -> bool:
        concurrency = self._concurrency(key)
        in_slot = sum(slot.under_way.values())
        return not (0 < self._total <= self.under_way) and not (0 < concurrency <= in_slot)

    def _start(self, slot: _Slot, waiter: _Waiter, now: float) -> None:
        self.under_way += 1
        slot.under_way[waiter.host.name] = slot.under_way.get(waiter.host.name, 0) + 1
        waiter.host.requested(now)
        waiter.turn.set_result(waiter.host.is_open)

    def _refuse(self, slot: _Slot, now: float) -> None:
        """End the waiting of requests that will get no turn."""
        closing = self._is_closing()
        for waiter in list(slot.waiting):
            refusal = None if closing else waiter.host.refusal(now, slot.under_way.get(waiter.host.name, 0))
            if closing or refusal is not None or waiter.turn.cancelled():
                slot.waiting.remove(waiter)
            if refusal is not None and not waiter.turn.done():
                waiter.turn.set_exception(refuse(waiter.request, refusal))
            elif closing and not waiter.turn.done():
                waiter.turn.set_exception(RequestNotSent("the crawl ended before the request was sent"))


def refuse(request: Request, refusal: Refusal) -> RefusedRequest:
    """Return the exception for a request whose host gets no more; one that failed before keeps its own reason."""
    own = request.meta.get(LAST_FAILURE)
    return RefusedRequest(refusal.state, f"{own}; {refusal.reason}" if own else refusal.reason)


def _rank(waiter: _Waiter) -> tuple[int, int]:
    """Return the rank of a request, the lowest of which is sent first.

    To a host in trouble the last goes first: pages that stand together may fail together, without the host being down.
    """
    return -waiter.request.priority, -waiter.number if waiter.host.in_trouble else waiter.number


def _next_time(slot: _Slot, now: float) -> float:
    """Return the next time at which a request that waits may get its turn, as far as times are what it waits for."""
    times = (max(slot.not_before, waiter.host.blocked_until) for waiter in slot.waiting)
    return min((moment for moment in times if moment > now), default=now + TICK)


def _may_go(waiter: _Waiter, slot: _Slot, now: float) -> bool:
    """Return whether a host gets a request now: it is not left alone, and where it is probed, that is the only one."""
    host = waiter.host
    return now >= host.blocked_until and not (host.is_open and slot.under_way.get(host.name, 0))
