"""Budget of bodies: large bodies wait for room, in a file, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request

from saaf.crawler.guards import body_budget
from saaf.crawler.guards.body_budget import SMALL_BYTES, BodyBudget, SpooledBody
from saaf.crawler.guards.refusals import RequestNotSent

if TYPE_CHECKING:
    from pathlib import Path

LARGE = SMALL_BYTES * 4


def requests(count: int) -> list[Request]:
    return [Request(f"https://www.example.org/{number}") for number in range(count)]


async def settled(*tasks: asyncio.Task[Any]) -> list[bool]:
    """Return which tasks are done once nothing moves any more."""
    await asyncio.sleep(0.1)
    return [task.done() for task in tasks]


def test_bodies_wait_until_others_have_left() -> None:
    async def check() -> None:
        first, second, third = requests(3)
        under_way = {first, second, third}
        budget = BodyBudget(under_way.__contains__, limit=2 * LARGE)
        await budget.acquire(first, LARGE)
        await budget.acquire(second, LARGE)
        assert budget.used == 2 * LARGE
        waiting = asyncio.create_task(budget.acquire(third, LARGE))
        assert await settled(waiting) == [False]
        under_way.remove(first)
        assert await settled(waiting) == [True]
        assert budget.used == 2 * LARGE

    asyncio.run(check())


def test_a_small_body_never_waits_and_a_huge_one_waits_for_an_empty_room() -> None:
    async def check() -> None:
        small, large, huge = requests(3)
        under_way = {small, large, huge}
        budget = BodyBudget(under_way.__contains__, limit=LARGE)
        await budget.acquire(large, LARGE)
        await budget.acquire(small, SMALL_BYTES)
        assert budget.used == LARGE
        waiting = asyncio.create_task(budget.acquire(huge, 9 * LARGE))
        one_more = asyncio.create_task(budget.acquire(small, SMALL_BYTES + 1))
        assert await settled(waiting, one_more) == [False, False]
        under_way.remove(large)
        assert await settled(waiting, one_more) == [True, False]
        under_way.remove(huge)
        assert await settled(one_more) == [True]

    asyncio.run(check())


def test_who_holds_a_packed_body_gets_room_to_unpack_it_before_others_come() -> None:
    async def check() -> None:
        first, second, third = requests(3)
        under_way = {first, second, third}
        budget = BodyBudget(under_way.__contains__, limit=2 * LARGE)
        made: list[str] = []

        def unpack(name: str) -> bytes:
            made.append(name)
            return bytes(LARGE)

        await budget.acquire(first, LARGE)
        await budget.acquire(second, LARGE)
        newcomer = asyncio.create_task(budget.acquire(third, LARGE))
        unpacking = [
            asyncio.create_task(budget.load(request, partial(unpack, name), len))
            for request, name in ((first, "first"), (second, "second"))
        ]
        # All that hold a body wait: one of them goes on, over the limit, and no other.
        assert sum(await settled(*unpacking)) == 1
        assert not newcomer.done()
        under_way.remove(first if unpacking[0].done() else second)
        assert await settled(*unpacking) == [True, True]
        assert set(made) == {"first", "second"}
        under_way.clear()
        assert await settled(newcomer) == [True]

    asyncio.run(check())


def test_the_first_gets_room_where_nobody_ever_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_budget, "PATIENCE", 0.2)

    async def check() -> None:
        first, second = requests(2)
        budget = BodyBudget(lambda _: True, limit=LARGE)
        await budget.acquire(first, LARGE)
        await asyncio.wait_for(budget.acquire(second, LARGE), 5)

    asyncio.run(check())


def test_a_crawl_that_ends_lets_nobody_wait() -> None:
    async def check() -> None:
        first, second = requests(2)
        budget = BodyBudget(lambda _: True, limit=LARGE)
        await budget.acquire(first, LARGE)
        waiting = asyncio.create_task(budget.acquire(second, LARGE))
        await asyncio.sleep(0)
        budget.end()
        with pytest.raises(RequestNotSent):
            await waiting
        with pytest.raises(RequestNotSent):
            await budget.acquire(second, LARGE)

    asyncio.run(check())


@pytest.mark.parametrize(("size", "spooled"), [(SMALL_BYTES, False), (SMALL_BYTES + 1, True), (LARGE, True)])
def test_a_body_goes_to_a_file_once_it_is_large(size: int, spooled: bool, tmp_path: Path) -> None:
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    body = SpooledBody(tmp_path)
    for start in range(0, size, 60_000):
        body.write(content[start : start + 60_000])
    assert body.size == size
    assert body.is_spooled is spooled
    assert body.load() == content
    assert content.startswith(body.getvalue())
    assert len(body.getvalue()) <= SMALL_BYTES
    assert list(tmp_path.iterdir()) == []  # it has no name: a kill leaves nothing
    body.close()


def test_a_body_stays_in_memory_where_no_file_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(body_budget, "TemporaryFile", full)
    body = SpooledBody()
    for _ in range(4):
        body.write(bytes(SMALL_BYTES))
    assert not body.is_spooled
    assert len(body.load()) == 4 * SMALL_BYTES


def test_a_disk_that_fills_up_loses_nothing_of_a_body() -> None:
    body = SpooledBody()
    body.write(b"a" * LARGE)
    assert body.is_spooled
    vars(body)["_file"] = _Full(vars(body)["_file"])
    body.write(b"b" * 10)
    body.write(b"c" * 10)
    assert body.load() == b"a" * LARGE + b"b" * 10 + b"c" * 10


class _Full:
    """A file on a disk without room."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
