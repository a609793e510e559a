"""The progress of a crawl as a line, as a line under the log, and as a panel under it."""

from __future__ import annotations

import io
import logging
import sys
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from saaf.cli.panel import live_panel, render_panel
from saaf.corpus.ledger import State
from saaf.corpus.progress import format_duration
from saaf.crawler.frontier.ledger import UrlLedger
from saaf.crawler.run.progress import Progress, format_progress
from saaf.crawler.run.status_line import StatusLine

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRESS = Progress(
    elapsed=754.0,
    responses=3400,
    rate=12.34,
    documents=2800,
    left_out={"http_error": 12, "offsite": 4, "empty": 0},
    hosts=3,
    under_way=5,
    backing_off=1,
    queued=880,
    remaining=71.3,
)


def test_the_line_has_what_one_asks_first() -> None:
    assert format_progress(PROGRESS) == (
        "3,400 responses (12.3/s); 2,800 documents; 16 left out (12 http error, 4 offsite); 3 hosts active, "
        "1 backing off; 880 in the queue; about 71 s to go"
    )
    assert "to go" not in format_progress(Progress(elapsed=1, responses=0, rate=0, documents=0, queued=5))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (89, "89 s"), (90, "2 min"), (5399, "90 min"), (5400, "2 h"), (172799, "48 h"), (172800, "2 days")],
)
def test_a_length_of_time_is_in_its_largest_unit(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    monkeypatch.setenv("COLUMNS", "40")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.root.addHandler(handler)
    yield stream
    logging.root.removeHandler(handler)


def test_the_log_goes_above_the_line_and_the_line_is_taken_away_at_the_end(terminal: io.StringIO) -> None:
    line = StatusLine(terminal)
    line.show("x" * 100)
    assert terminal.getvalue() == "\r\x1b[K" + "x" * 37, "no wider than the terminal, with room for ^C"
    logging.getLogger("test").warning("something happened")
    assert terminal.getvalue().endswith("\r\x1b[Ksomething happened\n\r\x1b[K" + "x" * 37)
    line.end()
    assert terminal.getvalue().endswith("\r\x1b[K")
    logging.getLogger("test").warning("and more")
    assert terminal.getvalue().endswith("\r\x1b[Kand more\n")


@pytest.mark.parametrize("width", [30, 50, 120])
def test_the_panel_fits_the_terminal(width: int) -> None:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    with console.capture() as shown:
        console.print(render_panel(PROGRESS))
    lines = shown.get().splitlines()
    assert max(map(len, lines)) <= width
    words = " ".join(" ".join(lines).replace("│", " ").split())
    assert "2,800" in words
    assert "1 backing off" in words
    assert "about 71 s to go" in words


def test_what_is_written_to_standard_error_goes_above_the_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal)
    with live_panel() as draw:
        draw(PROGRESS)
        sys.stderr.write("half a li")
        assert "half" not in terminal.getvalue()
        sys.stderr.write("ne\x1b[31m\n")
    assert "half a line\\x1b[31m" in terminal.getvalue(), "the log moves no cursor"
    assert sys.stderr is terminal


def test_the_ledger_counts_each_url_once_in_its_last_state() -> None:
    ledger = UrlLedger()
    ledger.failed("https://a.example/2", State.FETCH_FAILED, "no answer")
    ledger.document("https://a.example/1")
    ledger.discovery("https://a.example/", "a list")
    ledger.offsite("https://b.example/")
    counts = ledger.counts()
    assert (counts["document"], counts["fetch_failed"], counts["discovery"], counts["offsite"]) == (1, 1, 1, 1)
