"""The status of any crawl: that of its frontier, or of the list of URLs that a replay leaves. Imports no Scrapy."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from saaf.corpus.byte_blocks import read_lines
from saaf.corpus.crawl_listing import LISTING
from saaf.crawler.frontier.status import CrawlStatus, HostStatus, read_status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_LINE_LIMIT = 1 << 20  # bytes
_REASONS = 10
_NO_FAILURES = ("document", "discovery")


class NoCrawlError(Exception):
    """A directory holds no crawl; the message says which and what to do."""


def status_of(output: Path) -> CrawlStatus:
    """Return how the crawl or replay in an output directory stands.

    Raises `NoCrawlError` where there is none, OSError where its files cannot be read.
    """
    try:
        return read_status(output)
    except FileNotFoundError:
        listings = sorted((output / "capture").rglob(LISTING), key=lambda path: path.stat().st_mtime)
    if not listings:
        raise NoCrawlError(f"{output} holds no crawl: name the directory that `saaf crawl … -o` was given")
    return _listed_status(output, {url: entry for path in listings for url, *entry in _entries(path)})


def _listed_status(output: Path, urls: Mapping[str, list[str]]) -> CrawlStatus:
    """Return the status of a replay by the states, roles and reasons of its URLs; of a URL in several the last."""
    by_host: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], str] = {}
    for url, (state, role, reason) in urls.items():
        by_host[_host(url)][state] += 1
        if role not in _NO_FAILURES:
            reasons[state, reason] += 1
            examples.setdefault((state, reason), url)
    hosts = (HostStatus(host=host, domain=host, states=dict(states), delayed=0.0) for host, states in by_host.items())
    common = sorted(reasons.items(), key=lambda one: (-one[1], one[0]))[:_REASONS]
    return CrawlStatus(
        directory=str(output / "capture"),
        is_running=False,
        finish_reason=None,
        run=1,
        round=1,
        queued=0,
        under_way=0,
        done=len(urls),
        states=dict(Counter(state for state, _, _ in urls.values())),
        hosts=tuple(sorted(hosts, key=lambda host: (-sum(host.states.values()), host.host))),
        reasons=tuple((*outcome, count, examples[outcome]) for outcome, count in common),
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
