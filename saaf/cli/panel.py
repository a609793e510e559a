"""A live panel of a crawl at the bottom of the terminal; what is logged goes above it."""

# rich is imported where something is drawn, as in `saaf.cli.terminal`.
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
import termios
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from saaf.cli.terminal import escape_controls
from saaf.corpus.progress import format_duration
from saaf.crawler.run.units import most_common

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console, RenderableType

    from saaf.crawler.run.progress import Progress


@contextmanager
def live_panel() -> Iterator[Callable[[Progress], None]]:
    """Show a panel on standard error while the block runs, and yield the function that draws it anew.

    Nothing draws but that function, so that no thread writes to the terminal. Meanwhile `sys.stderr` is a stream whose
    lines go above the panel, and at the end the panel is erased.
    """
    from rich.console import Console
    from rich.live import Live

    terminal = sys.stderr
    console = Console(file=terminal, highlight=False, emoji=False, markup=False)
    live = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False)

    def draw(progress: Progress) -> None:
        live.update(render_panel(progress), refresh=True)

    with _no_echo_of_controls(), live:
        sys.stderr = _AbovePanel(console, terminal)
        try:
            yield draw
        finally:
            sys.stderr = terminal


@contextmanager
def _no_echo_of_controls() -> Iterator[None]:
    """Let the terminal not write ^C while the block runs: it would move the panel."""
    if not sys.stdin.isatty():
        yield
        return
    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)
    quiet = list(before)
    quiet[3] &= ~termios.ECHOCTL
    termios.tcsetattr(number, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(number, termios.TCSANOW, before)


def render_panel(progress: Progress) -> RenderableType:
    """Return the panel of a crawl: rate, documents, URLs left out by reason, hosts, queue and time to go."""
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    time = format_duration(progress.elapsed)
    left_out = sum(progress.left_out.values())
    table.add_row("responses", f"{progress.responses:,} in {time}, {progress.rate:.1f} a second")
    table.add_row("documents", Text(f"{progress.documents:,}", style="green"))
    reasons = ", ".join(f"{count:,} {state.replace('_', ' ')}" for state, count in most_common(progress.left_out))
    table.add_row("left out", f"{left_out:,}" + (f": {reasons}" if reasons else ""))
    backing_off = f", {progress.backing_off:,} backing off" if progress.backing_off else ""
    table.add_row("hosts", f"{progress.hosts:,} active{backing_off}; {progress.under_way:,} requests under way")
    to_go = ""
    if progress.remaining is not None and progress.queued:
        to_go = f", about {format_duration(progress.remaining)} to go"
    table.add_row("queue", f"{progress.queued:,}{to_go}")
    return Panel(table, title="saaf crawl", title_align="left", border_style="dim", expand=False)


class _AbovePanel:
    """A text stream on the terminal of a panel: whole lines go above it, the rest waits for its end."""

    def __init__(self, console: Console, terminal: TextIO) -> None:
        self._console = console
        self._terminal = terminal
        self._rest = ""

    def write(self, text: str) -> int:
        """Print the lines that are whole."""
        lines, newline, self._rest = (self._rest + text).rpartition("\n")
        if newline:
            # Not `soft_wrap`, which would hold for the panel below too.
            self._console.print(escape_controls(lines), overflow="fold")
        return len(text)

    def flush(self) -> None:
        """Flush the terminal; a line that is not whole still waits."""
        self._terminal.flush()

    def __getattr__(self, name: str) -> object:
        return getattr(self._terminal, name)
