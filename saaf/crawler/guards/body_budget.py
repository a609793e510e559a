"""Budget of bodies in memory: what all responses under way take together, however many hosts send at once.

Large bodies come to a temporary file, and are loaded when there is room for them. So no server can hold the budget: a
body takes of it only once it is whole, and what it then waits for is this crawl's own work.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections import deque
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Final, TypeVar
from weakref import WeakKeyDictionary

from saaf.crawler.guards.refusals import RequestNotSent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scrapy import Request

Loaded = TypeVar("Loaded")

SMALL_BYTES: Final = 128 * 1024
"""Bytes of the largest body that needs no room: CONCURRENT_REQUESTS limits how many of these there are."""
BUDGET_BYTES: Final = 24 << 20
"""Bytes that large bodies take together; one that is larger is loaded when no other is."""
PATIENCE: Final = 60.0
"""Seconds after which the first that waits gets room although nobody has left: a component may wait for it."""
_COLLECT: Final = 5.0  # seconds after which bodies that only cycles of references keep are looked for
_TICK: Final = 0.02  # seconds between two looks at who has left


@dataclass(slots=True, eq=False)
class _Waiter:
    request: Request
    size: int
    turn: asyncio.Future[None]


class BodyBudget:
    """Room for the large bodies of one crawl, first come, first served; who has some and needs more comes before all.

    `limit` is in bytes. `is_under_way` says whether a request is with the downloader or with the spider: one that is
    not has left, and its room is free.
    """

    def __init__(self, is_under_way: Callable[[Request], bool], limit: int = BUDGET_BYTES) -> None:
        self._is_under_way = is_under_way
        self._limit = limit
        self._held: WeakKeyDictionary[Request, int] = WeakKeyDictionary()
        self._waiting: deque[_Waiter] = deque()
        self._ticking: asyncio.TimerHandle | None = None
        self._moved = self._collected = 0.0
        self._has_ended = False

    @property
    def used(self) -> int:
        """The bytes of the large bodies that are loaded."""
        self._forget_done()
        return sum(self._held.values())

    async def acquire(self, request: Request, size: int) -> None:
        """Wait until there is room for `size` more bytes of a request's response, and take it.

        Raises `RequestNotSent` where the crawl ends meanwhile.
        """
        if size <= SMALL_BYTES or self._try(request, size):
            return
        waiter = _Waiter(request=request, size=size, turn=asyncio.get_running_loop().create_future())
        if not self._waiting:
            self._moved = time.monotonic()
        if request in self._held:
            self._waiting.appendleft(waiter)  # others would only add to what is held until it may go on
        else:
            self._waiting.append(waiter)
        self._tick()
        try:
            await waiter.turn
        finally:
            with suppress(ValueError):
                self._waiting.remove(waiter)

    async def load(self, request: Request, make: Callable[[], Loaded], size: Callable[[Loaded], int]) -> Loaded:
        """Return what `make` makes of a request's response, made again where it had to wait for room.

        `size` gives its bytes, which nobody knows before.
        """
        found = make()
        needed = size(found)
        if needed <= SMALL_BYTES or self._try(request, needed):
            return found
        del found
        await self.acquire(request, needed)
        return make()

    def end(self) -> None:
        """Let nobody wait any longer: those who do, and all who come, end with `RequestNotSent`."""
        self._has_ended = True
        self._tick()

    def _try(self, request: Request, size: int) -> bool:
        others_first = self._waiting and request not in self._held
        if others_first or not self._has_room(request, size):
            return False
        self._take(request, size)
        return True

    def _has_room(self, request: Request, size: int) -> bool:
        """Return whether there is room, or nobody else that has some will ever leave before: all of them wait."""
        if self.used + size <= self._limit:
            return True
        waiting = {waiter.request for waiter in self._waiting} | {request}
        return waiting.issuperset(self._held)

    def _take(self, request: Request, size: int) -> None:
        self._held[request] = self._held.get(request, 0) + size
        self._moved = time.monotonic()

    def _forget_done(self) -> None:
        for request in [one for one in self._held if not self._is_under_way(one)]:
            self._moved = time.monotonic()
            del self._held[request]

    def _tick(self) -> None:
        """Give room to those that wait, in order, and look again soon while there are any."""
        if self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None
        while self._waiting:
            first = self._waiting[0]
            if self._has_ended and not first.turn.done():
                first.turn.set_exception(RequestNotSent("the crawl ended before there was room for the body"))
            if not first.turn.done() and not self._has_room(first.request, first.size) and not self._is_stuck():
                self._ticking = asyncio.get_running_loop().call_later(_TICK, self._tick)
                return
            self._waiting.popleft()
            if not first.turn.done():
                self._take(first.request, first.size)
                first.turn.set_result(None)

    def _is_stuck(self) -> bool:
        now = time.monotonic()
        if now - max(self._moved, self._collected) > _COLLECT:
            self._collected = now
            gc.collect()
        return now - self._moved > PATIENCE


class SpooledBody:
    """A body as it comes: in memory while it is small, in a temporary file without a name from then on.

    `directory` is where that file is; where it cannot be made there, the system's own place. `size` is the number of
    bytes so far. Where no file can be written, the body stays in memory.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._memory = BytesIO()
        self._file: IO[bytes] | None = None
        self.size = 0

    @property
    def is_spooled(self) -> bool:
        """Whether the body is in a file."""
        return self._file is not None

    def write(self, data: bytes) -> None:
        """Append bytes."""
        if self._file is None and self.size <= SMALL_BYTES < self.size + len(data):
            self._file = self._open()
        if self._file is None:
            self._memory.write(data)
        elif not _write_all(self._file, data):
            self._memory = BytesIO()
            self._memory.write(self.load() + data)
            self.close()
        self.size += len(data)

    def getvalue(self) -> bytes:
        """Return the body, or only its beginning where it is in a file: see `load`."""
        return self._memory.getvalue()

    def load(self) -> bytes:
        """Return the whole body."""
        if self._file is None:
            return self._memory.getvalue()
        self._file.seek(0)
        return self._file.read(self.size)

    def close(self) -> None:
        """Remove the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def truncate(self, size: int) -> None:
        """Cut off what is in memory; Scrapy does that where it gives a body up."""
        self._memory.truncate(size)

    def _open(self) -> IO[bytes] | None:
        """Return a file with what came so far, None where there can be none."""
        for directory in (self._directory, None):
            with suppress(OSError), ExitStack() as stack:
                file = stack.enter_context(TemporaryFile(dir=directory, buffering=0))
                if _write_all(file, self._memory.getvalue()):
                    stack.pop_all()  # it stays open, until `close`
                    return file
        return None


def _write_all(file: IO[bytes], data: bytes) -> bool:
    """Return whether a file took all of the data."""
    try:
        return file.write(data) == len(data)
    except OSError:
        return False
