"""`saaf status`: how a crawl or a build stands, as a table or as JSON."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from saaf.cli.commands import CommandError
from saaf.cli.terminal import one_line, output_console, write_lines
from saaf.corpus.exit_codes import Exit
from saaf.corpus.progress import counted, format_duration
from saaf.corpus.stages.work import build_status
from saaf.crawler.frontier.crawl_status import REPLAY, NoCrawlError, status_of
from saaf.crawler.frontier.status import HostStatus
from saaf.crawler.run.units import most_common

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from saaf.corpus.corpus_status import CorpusStatus
    from saaf.corpus.stages.work import BuildStatus
    from saaf.crawler.frontier.status import CrawlStatus

_HOSTS_SHOWN = 25
_REASONS_SHOWN = 10
_PIPE_WIDTH = 120
_DOCUMENT, _LISTS, _QUEUED, _UNDER_WAY = "document", "not_content", "queued", "under_way"
_OFFSITE = "offsite"
_NOT_LEFT_OUT = (_DOCUMENT, _LISTS, _QUEUED, _UNDER_WAY)
_END_WORDS = {"finished": "finished", None: "killed", "shutdown": "interrupted", REPLAY: "a replay"}


def run_status(output: Path, *, as_json: bool) -> None:
    """Print how the crawl in a directory stands, and the build that has not ended."""
    build = build_status(output)
    try:
        status = status_of(output)
    except NoCrawlError as error:
        if build is not None:
            _print_build(build, as_json=as_json)
            return
        from saaf.corpus.corpus_status import corpus_status  # noqa: PLC0415  # loads pyarrow: the status of a crawl needs none

        corpus = corpus_status(output)
        if corpus is None:
            raise CommandError(str(error), Exit.INPUT) from error
        _print_corpus(output, corpus, as_json=as_json)
        return
    except OSError as error:
        raise CommandError(f"{output}: {error.strerror or error}", Exit.INPUT) from error
    if as_json:
        more = {} if build is None else {"build": build.to_json()}
        sys.stdout.write(json.dumps(status.to_json() | more, ensure_ascii=False, indent=1) + "\n")
        return
    console = output_console()
    if not console.is_terminal:
        console = Console(width=_PIPE_WIDTH, highlight=False, emoji=False, markup=False)
    print_status(console, status)
    if build is not None:
        write_lines([build.line()])


def _print_build(build: BuildStatus, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps({"build": build.to_json()}, ensure_ascii=False, indent=1) + "\n")
    else:
        write_lines([build.line()])


def _print_corpus(output: Path, corpus: CorpusStatus, *, as_json: bool) -> None:
    """Print the figures of a corpus whose build has ended."""
    if as_json:
        sys.stdout.write(json.dumps({"corpus": corpus.to_json()}, ensure_ascii=False, indent=1) + "\n")
        return
    subsets = ", ".join(f"{name} {count:,}" for name, count in corpus.languages.items()) or "none"
    write_lines(
        [
            f"build       finished; `saaf report {output}` and `saaf verify {output}` read the corpus",
            f"documents   {corpus.documents:,} of {corpus.documents + corpus.rejected:,} that were read",
            f"languages   {subsets}",
        ]
    )


def print_status(console: Console, status: CrawlStatus) -> None:
    """Print a table of the hosts with the most URLs, the commonest reasons, and the totals with rate and time to go.

    Of a crawl in shards, a table of these comes first.
    """
    if status.shards:
        console.print(_shards(status.shards))
    hosts = _with_offsite_in_one(status.hosts)
    console.print(_hosts(hosts[:_HOSTS_SHOWN]))
    if len(hosts) > _HOSTS_SHOWN:
        urls = sum(sum(host.states.values()) for host in hosts[_HOSTS_SHOWN:])
        console.print(f"and {counted(len(hosts) - _HOSTS_SHOWN, 'host')} more, with {urls:,} URLs; --json has all")
    reasons = [reason for reason in status.reasons if reason[0] not in _NOT_LEFT_OUT]
    if reasons:
        console.print(_reasons(reasons[:_REASONS_SHOWN]))
    if len(reasons) > _REASONS_SHOWN:
        rest = sum(number for _, _, number, _ in reasons[_REASONS_SHOWN:])
        console.print(f"and {counted(rest, 'URL')} with other reasons; --json has all")
    console.print(format_totals(status))


def _with_offsite_in_one(hosts: Iterable[HostStatus]) -> list[HostStatus]:
    """Return the hosts of a crawl, and behind them those that it was only led to as one."""
    within, outside = [], 0
    for host in hosts:
        if set(host.states) == {_OFFSITE}:
            outside += host.states[_OFFSITE]
        else:
            within.append(host)
    if outside:
        name = "(hosts outside the crawl)"
        within.append(HostStatus(host=name, domain=name, states={_OFFSITE: outside}, delayed=0.0))
    return within


def format_totals(status: CrawlStatus) -> str:
    """Return the line of all hosts together."""
    counts = status.states
    parts = [
        _running_words(status),
        counted(counts.get(_DOCUMENT, 0), "document"),
        *([f"{status.rendered:,} rendered by the browser"] if status.rendered else []),
        f"{counts.get(_LISTS, 0):,} read for links",
        f"{sum(_left_out(counts).values()):,} left out",
        f"{status.queued:,} queued",
    ]
    if status.is_running:
        parts += [f"{status.under_way:,} under way", f"{status.rate:.1f} responses a second"]
    if status.is_running and status.eta is not None and status.queued:
        parts.append(f"about {format_duration(status.eta)} to go")
    return "; ".join(parts)


def _running_words(status: CrawlStatus) -> str:
    if status.shards:
        return f"{sum(shard.is_running for shard in status.shards)} of {len(status.shards)} shards running"
    return "running" if status.is_running else f"not running ({_end_words(status)})"


def _end_words(status: CrawlStatus) -> str:
    return _END_WORDS.get(status.finish_reason, status.finish_reason or "")


def _shards(shards: Iterable[CrawlStatus]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("shard", no_wrap=True)
    table.add_column("process", overflow="fold")
    for name in ("documents", "lists", "left out", "queued", "under way"):
        table.add_column(name, justify="right")
    for shard in shards:
        counts = shard.states
        left = sum(_left_out(counts).values())
        waiting = (shard.queued, shard.under_way)
        numbers = (f"{count:,}" for count in (counts.get(_DOCUMENT, 0), counts.get(_LISTS, 0), left, *waiting))
        table.add_row(shard.shard or "", "running" if shard.is_running else _end_words(shard), *numbers)
    return table


def _hosts(hosts: Iterable[HostStatus]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("host", overflow="fold")
    for name in ("documents", "lists", "queued", "under way"):
        table.add_column(name, justify="right")
    table.add_column("left out", overflow="fold")
    table.add_column("pauses", no_wrap=True)
    for host in hosts:
        numbers = (f"{host.states.get(state, 0):,}" for state in (_DOCUMENT, _LISTS, _QUEUED, _UNDER_WAY))
        reasons = ", ".join(f"{count:,} {_words(state)}" for state, count in most_common(_left_out(host.states)))
        pause = format_duration(host.delayed) if host.delayed else ""
        table.add_row(Text(one_line(host.host) or "(no host)"), *numbers, reasons, pause)
    return table


def _reasons(reasons: Iterable[tuple[str, str, int, str]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("URLs", justify="right")
    table.add_column("state", no_wrap=True)
    table.add_column("reason, and one of them", overflow="fold")
    for state, reason, count, url in reasons:
        table.add_row(f"{count:,}", _words(state), Text(one_line(f"{reason} ({url})")))
    return table


def _left_out(counts: Mapping[str, int]) -> dict[str, int]:
    return {state: count for state, count in counts.items() if state not in _NOT_LEFT_OUT}


def _words(state: str) -> str:
    return state.replace("_", " ")
