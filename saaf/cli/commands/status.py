"""`saaf status`: how a crawl stands, as a table or as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from saaf.cli.commands import CommandError
from saaf.cli.terminal import one_line, output_console
from saaf.corpus.exit_codes import Exit
from saaf.crawler.crawl_status import DOCUMENT, LISTS, WAITING, NoCrawlError, read_status
from saaf.crawler.units import format_duration, most_common

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from saaf.crawler.crawl_status import CrawlStatus, HostStatus, Reason

_HOSTS_SHOWN = 25
_REASONS_SHOWN = 10
_PIPE_WIDTH = 120
_NOT_LEFT_OUT = (DOCUMENT, LISTS, WAITING)


def run_status(output: Path, *, as_json: bool) -> None:
    """Print how the crawl in a directory stands."""
    try:
        status = read_status(output)
    except NoCrawlError as error:
        raise CommandError(str(error), Exit.INPUT) from error
    if as_json:
        sys.stdout.write(json.dumps(asdict(status), ensure_ascii=False, default=_as_text, indent=1) + "\n")
        return
    console = output_console()
    if not console.is_terminal:
        console = Console(width=_PIPE_WIDTH, highlight=False, emoji=False, markup=False)
    print_status(console, status)


def print_status(console: Console, status: CrawlStatus, *, now: datetime | None = None) -> None:
    """Print a table of the hosts with the most URLs, the commonest reasons, and the totals with rate and time to go.

    `now` is the time that the table reckons from, None for the present.
    """
    console.print(_hosts(status.hosts, now or datetime.now(UTC)))
    if len(status.hosts) > _HOSTS_SHOWN:
        console.print(f"and {len(status.hosts) - _HOSTS_SHOWN:,} hosts more; --json has all")
    reasons = _common_reasons(status.hosts)
    if reasons:
        console.print(_reasons(reasons))
    console.print(format_totals(status))


def format_totals(status: CrawlStatus) -> str:
    """Return the line of all hosts together."""
    counts = status.totals
    parts = [
        "running" if status.running else "not running",
        f"{counts.get(DOCUMENT, 0):,} documents",
        f"{counts.get(LISTS, 0):,} read for links",
        f"{_left_out(counts):,} left out",
        f"{counts.get(WAITING, 0):,} waiting",
    ]
    if status.rate is not None:
        parts.append(f"{status.rate:.1f} responses a second")
    if status.remaining is not None:
        parts.append(f"about {format_duration(status.remaining)} to go")
    return "; ".join(parts)


def _hosts(hosts: Iterable[HostStatus], now: datetime) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("host", overflow="fold")
    for name in ("documents", "lists", "waiting"):
        table.add_column(name, justify="right")
    table.add_column("left out", overflow="fold")
    table.add_column("last fetch")
    for host in sorted(hosts, key=lambda one: (-sum(one.counts.values()), one.name))[:_HOSTS_SHOWN]:
        numbers = (f"{host.counts.get(state, 0):,}" for state in _NOT_LEFT_OUT)
        table.add_row(Text(one_line(host.name) or "(no host)"), *numbers, _left_out_cell(host.counts), _when(host, now))
    return table


def _left_out_cell(counts: Mapping[str, int]) -> str:
    left_out = {state: count for state, count in counts.items() if state not in _NOT_LEFT_OUT}
    return ", ".join(f"{count:,} {state.replace('_', ' ')}" for state, count in most_common(left_out))


def _when(host: HostStatus, now: datetime) -> str:
    if host.backing_off_until is not None and host.backing_off_until > now:
        return f"backs off for {format_duration((host.backing_off_until - now).total_seconds())}"
    if host.last_fetch is None:
        return ""
    return f"{format_duration(max((now - host.last_fetch).total_seconds(), 0))} ago"


def _reasons(reasons: Iterable[Reason]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("URLs", justify="right")
    table.add_column("state", no_wrap=True)
    table.add_column("reason, and one of them", overflow="fold")
    for one in reasons:
        table.add_row(f"{one.count:,}", one.state.replace("_", " "), Text(one_line(f"{one.reason} ({one.url})")))
    return table


def _common_reasons(hosts: Iterable[HostStatus]) -> list[Reason]:
    """Return the commonest reasons of all hosts; the same reason of several hosts is one."""
    merged: dict[tuple[str, str], Reason] = {}
    for found in (reason for host in hosts for reason in host.reasons):
        known = merged.setdefault((found.state, found.reason), found)
        if known is not found:
            merged[found.state, found.reason] = replace(known, count=known.count + found.count)
    return sorted(merged.values(), key=lambda one: (-one.count, one.state, one.url))[:_REASONS_SHOWN]


def _left_out(counts: Mapping[str, int]) -> int:
    return sum(count for state, count in counts.items() if state not in _NOT_LEFT_OUT)


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
