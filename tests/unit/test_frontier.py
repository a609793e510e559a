"""The frontier: order of requests, turns of hosts, delays, and what a killed process leaves."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from saaf.corpus.crawl_frontier import FRONTIER, Status, listing_lines, open_read_only
from saaf.crawler.frontier.database import NewUrl
from saaf.crawler.frontier.frontier import Frontier
from saaf.crawler.frontier.host_ring import HostRing, Readiness
from saaf.crawler.frontier.recovery import begin_round, take_back
from saaf.crawler.frontier.revisits import DAY, MAX_INTERVAL, Revisit, next_interval
from saaf.crawler.hosts import host_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def add(frontier: Frontier, url: str, *, priority: int = 0, depth: int = 0) -> int | None:
    new = NewUrl(fingerprint=url.encode(), url=url, host=host_of(url), priority=priority, depth=depth)
    return frontier.insert(new)


def ready(_: int) -> Readiness:
    return Readiness.READY


def taken(frontier: Frontier, readiness: Callable[[int], Readiness] = ready) -> list[str]:
    urls = []
    while row := frontier.lease_queued(readiness):
        urls.append(row.url.removeprefix("http://"))
    return urls


def test_priority_then_depth_then_the_order_of_discovery() -> None:
    frontier = Frontier(None)
    add(frontier, "http://a/deep", depth=2)
    add(frontier, "http://a/1", depth=1)
    add(frontier, "http://a/2", depth=1)
    add(frontier, "http://a/first", priority=1, depth=9)
    assert add(frontier, "http://a/1") is None, "known"
    assert taken(frontier) == ["a/first", "a/1", "a/2", "a/deep"]
    assert frontier.queued == 0


def test_hosts_take_turns_and_a_busy_one_is_passed_over() -> None:
    frontier = Frontier(None)
    for number in range(3):
        add(frontier, f"http://slow/{number}")
    for number in range(2):
        add(frontier, f"http://a/{number}")
        add(frontier, f"http://b/{number}")
    slow = frontier.host_id("slow")
    assert sorted(taken(frontier, lambda host: Readiness.BUSY if host == slow else Readiness.READY)) == [
        "a/0", "a/1", "b/0", "b/1",
    ]  # fmt: skip
    assert frontier.queued == 3
    assert taken(frontier, lambda _: Readiness.RESTING) == ["slow/0", "slow/1", "slow/2"], "the downloader waits"


def test_turns_go_on_beyond_the_window_of_hosts_in_memory() -> None:
    queued = set(range(1, 50))
    ring = HostRing(lambda after: min((host for host in queued if host > after), default=None), window=4)
    served = []
    while hosts := ring.hosts(0.0, ready):
        served.append(hosts[0])
        queued.discard(hosts[0])
        ring.remove(hosts[0])
        if len(served) == 10:
            queued.add(2)  # found again when its turn has passed
            ring.add(2)
    assert sorted(served) == sorted([*range(1, 50), 2])


def test_a_host_and_a_url_are_left_alone_until_their_time() -> None:
    frontier = Frontier(None)
    add(frontier, "http://a/1")
    add(frontier, "http://b/1")
    frontier.delay_host("a", 0.2)
    assert taken(frontier) == ["b/1"]
    assert 0.0 < (frontier.seconds_to_next() or 0.0) <= 0.2
    time.sleep(0.25)
    assert frontier.seconds_to_next() == 0.0
    (row,) = [frontier.lease_queued(ready)]
    assert row is not None
    frontier.update(row.id, status=int(Status.WAITING), due=time.time() + 0.2)
    frontier.waiting += 1
    frontier.wake_waiting()
    assert frontier.queued == 0
    time.sleep(0.25)
    frontier.wake_waiting()
    assert taken(frontier) == ["a/1"]
    assert frontier.seconds_to_next() is None


def test_what_is_not_committed_is_not_there_and_leases_are_taken_back(tmp_path: Path) -> None:
    frontier = Frontier(tmp_path / FRONTIER)
    for name in ("queued", "leased", "answered"):
        add(frontier, f"http://a/{name}", priority=["queued", "leased", "answered"].index(name))
    first, second = frontier.lease_queued(ready), frontier.lease_queued(ready)
    assert first is not None
    assert second is not None
    frontier.update(first.id, status=int(Status.ANSWERED))
    frontier.commit()
    add(frontier, "http://a/lost")
    with open_read_only(tmp_path / FRONTIER) as connection:
        states = [line.decode() for line in listing_lines(connection)]
    assert len(states) == 3, "another process reads what is committed"
    frontier.close()  # as a kill does
    frontier = Frontier(tmp_path / FRONTIER)
    take_back(frontier)
    assert (frontier.queued, frontier.stored) == (2, 1)
    assert (frontier.lease_stored() or second).url == "http://a/answered"
    assert taken(frontier) == ["a/leased", "a/queued"]


def test_a_file_that_is_no_frontier_is_named(tmp_path: Path) -> None:
    (tmp_path / FRONTIER).write_bytes(b"not a database at all" * 100)
    with pytest.raises(OSError, match="not a frontier that can be opened") as failed:
        Frontier(tmp_path / FRONTIER)
    assert failed.value.filename == str(tmp_path / FRONTIER)
    with pytest.raises(OSError, match="cannot be read as a frontier"), open_read_only(tmp_path / FRONTIER):
        pass


def test_a_round_begins_when_the_last_one_is_over() -> None:
    frontier = Frontier(None)
    now = time.time()
    for name, due, role in (
        ("list", now - 1, "discovery"),
        ("later", now + 60, "discovery"),
        ("text", now, "document"),
    ):
        row_id = add(frontier, f"http://a/{name}")
        assert row_id is not None
        frontier.update(row_id, status=int(Status.DONE), due=due, role=role, depth=1)  # no start URL
    frontier.recount()
    frontier.run, frontier.round = 2, 1
    assert begin_round(frontier, Revisit.LISTS) == 0, "the last run was killed in its end"
    frontier.set_meta(settled=1)
    assert begin_round(frontier, Revisit.NOTHING) == 0
    assert begin_round(frontier, Revisit.LISTS) == 1
    assert frontier.round == 2
    assert begin_round(frontier, Revisit.ARTICLES) == 0, "the round goes on: only what was due a day ago"
    assert taken(frontier) == ["a/list"]
    assert begin_round(frontier, Revisit.ARTICLES) == 1
    assert taken(frontier) == ["a/text"]


@pytest.mark.parametrize(
    ("interval", "unchanged", "changed", "expected"),
    [
        (0.0, 0, False, (0.0, 1)),
        (0.0, 1, False, (3600.0, 2)),
        (DAY, 5, False, (2 * DAY, 6)),
        (DAY, 5, True, (DAY / 2, 0)),
        (3600.0, 2, True, (0.0, 0)),
        (MAX_INTERVAL, 9, False, (MAX_INTERVAL, 10)),
    ],
)
def test_an_interval_halves_with_a_change_and_doubles_without(
    interval: float, unchanged: int, changed: bool, expected: tuple[float, int]
) -> None:
    assert next_interval(interval, unchanged, changed=changed) == expected
