"""The status of any crawl: that of its frontier, or of the list of URLs that a replay leaves. Imports no Scrapy."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from saaf.corpus.byte_blocks import read_lines
from saaf.corpus.crawl_listing import LISTING
from saaf.crawler.frontier.status import REASONS, CrawlStatus, HostStatus, most_frequent, read_status
from saaf.crawler.shards.directories import shard_directories

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

REPLAY = "replay"
"""The finish reason of a replay, which leaves no other."""
_LINE_LIMIT = 1 << 20  # bytes


class NoCrawlError(Exception):
    """A directory holds no crawl; the message says which and what to do."""


def status_of(output: Path) -> CrawlStatus:
    """Return how the crawl or replay in an output directory stands; of a crawl in shards, the sum, with each of them.

    Raises `NoCrawlError` where there is none, OSError where its files cannot be read.
    """
    found = _status_of(output)
    if found is not None:
        return found
    shards = [
        replace(status, shard=f"{index}/{count}")
        for index, count, directory in shard_directories(output)
        if (status := _status_of(directory)) is not None
    ]
    if not shards:
        if not output.exists():
            raise NoCrawlError(f"there is no directory {output}")
        raise NoCrawlError(
            f"{output} holds neither a crawl nor a build: name the directory that `saaf crawl` or `saaf build` wrote to"
        )
    return add_shards(output, shards)


def _status_of(output: Path) -> CrawlStatus | None:
    """Return how one crawl or replay stands, None where there is none."""
    try:
        return read_status(output)
    except FileNotFoundError:
        listings = sorted((output / "capture").rglob(LISTING), key=lambda path: path.stat().st_mtime)
    if not listings:
        return None
    return _listed_status(output, {url: entry for path in listings for url, *entry in _entries(path)})


def add_shards(output: Path, shards: Sequence[CrawlStatus]) -> CrawlStatus:
    """Return the status of a crawl as a whole, by those of its shards, at least one."""
    hosts: dict[str, HostStatus] = {}
    reasons: dict[tuple[str, str], tuple[int, str]] = {}
    for shard in shards:
        for host in shard.hosts:
            hosts[host.host] = _add_host(hosts[host.host], host) if host.host in hosts else host
        for state, reason, count, url in shard.reasons:
            known, example = reasons.get((state, reason), (0, url))
            reasons[state, reason] = (known + count, min(example, url))
    common = sorted(reasons.items(), key=lambda one: (-one[1][0], one[0]))
    running = [shard for shard in shards if shard.is_running]
    ends = {shard.finish_reason for shard in shards}
    etas = [shard.eta for shard in running]
    updated = [shard.updated for shard in shards if shard.updated is not None]
    return CrawlStatus(
        directory=str(output),
        is_running=bool(running),
        finish_reason=ends.pop() if len(ends) == 1 else None,
        run=max(shard.run for shard in shards),
        round=max(shard.round for shard in shards),
        queued=sum(shard.queued for shard in shards),
        under_way=sum(shard.under_way for shard in shards),
        done=sum(shard.done for shard in shards),
        states=_add_states(*(shard.states for shard in shards)),
        hosts=_sorted_hosts(hosts.values()),
        reasons=most_frequent(((*outcome, count, url) for outcome, (count, url) in common), REASONS),
        responses=sum(shard.responses for shard in shards),
        seconds=max(shard.seconds for shard in shards),
        rate=sum(shard.rate for shard in running or shards),
        eta=max(eta for eta in etas if eta is not None) if etas and None not in etas else None,
        updated=max(updated, default=None),
        rendered=sum(shard.rendered for shard in shards),
        shards=tuple(shards),
    )


def _add_host(one: HostStatus, other: HostStatus) -> HostStatus:
    states, delayed = _add_states(one.states, other.states), max(one.delayed, other.delayed)
    return replace(one, states=states, delayed=delayed)


def _add_states(*states: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(sum(map(Counter, states), Counter[str]()).items()))


def _sorted_hosts(hosts: Iterable[HostStatus]) -> tuple[HostStatus, ...]:
    """Return hosts, those with most URLs first."""
    return tuple(sorted(hosts, key=lambda host: (-sum(host.states.values()), host.host)))


def _listed_status(output: Path, urls: Mapping[str, list[str]]) -> CrawlStatus:
    """Return the status of a replay by the states, roles and reasons of its URLs; of a URL in several the last."""
    by_host: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], str] = {}
    for url, (state, role, reason) in urls.items():
        by_host[_host(url)][state] += 1
        if role != "document":
            reasons[state, reason] += 1
            examples.setdefault((state, reason), url)
    hosts = (HostStatus(host=host, domain=host, states=dict(states), delayed=0.0) for host, states in by_host.items())
    common = sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
    return CrawlStatus(
        directory=str(output / "capture"),
        is_running=False,
        finish_reason=REPLAY,
        run=1,
        round=1,
        queued=0,
        under_way=0,
        done=len(urls),
        states=dict(Counter(state for state, _, _ in urls.values())),
        hosts=_sorted_hosts(hosts),
        reasons=most_frequent(((*outcome, count, examples[outcome]) for outcome, count in common), REASONS),
        responses=0,
        seconds=0.0,
        rate=0.0,
        eta=None,
        updated=None,
    )


def _entries(path: Path) -> Iterator[tuple[str, str, str, str]]:
    """Yield URL, state, role and reason of each line of a listing that can be read."""
    for line in read_lines(path, _LINE_LIMIT):
        if isinstance(line, int) or not line.strip():
            continue
        try:
            entry = json.loads(line)
            url, role = str(entry["url"]), str(entry["role"])
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        yield url, str(entry.get("state") or role), role, str(entry.get("reason") or "")


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
