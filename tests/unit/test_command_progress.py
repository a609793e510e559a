"""The progress of a command: rate and time to go, as a bar, or a line now and then where there is no terminal."""

import io
import sys
import time

import pytest

from saaf.cli.terminal import progress
from saaf.corpus.progress import StepMeter


def test_a_step_has_its_rate_and_the_time_to_go() -> None:
    meter = StepMeter("starting", 100.0)
    assert meter.line(100.0) == "starting"
    meter.update("reading", 0, 64, 100.0)
    assert meter.line(160.0) == "reading 0 of 64 parts of the inputs, 60 s so far"
    meter.update("reading", 16, 64, 220.0)
    assert meter.line(220.0) == "reading 16 of 64 parts of the inputs, 8.0 a minute, about 6 min to go"
    meter.update("reading", 64, 64, 228.0)
    assert meter.line(228.0) == "reading 64 of 64 parts of the inputs, 30.0 a minute"
    meter.update("filtering", 10, None, 230.0)
    meter.update("filtering", 30, None, 232.0)
    assert meter.line(232.0) == "filtering 30 documents, 10.0 a second"


def test_what_an_earlier_build_did_is_no_part_of_the_rate() -> None:
    meter = StepMeter("starting", 0.0)
    meter.update("reading", 60, 64, 0.0)
    meter.update("reading", 62, 64, 60.0)
    assert meter.line(60.0) == "reading 62 of 64 parts of the inputs, 2.0 a minute, about 60 s to go"


def test_a_line_comes_now_and_then_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("starting", interval=0.05) as report_progress:
        report_progress("reading", 1, 4)
        time.sleep(0.3)
    lines = capsys.readouterr().err.splitlines()
    assert 2 <= len(lines) <= 6
    assert all(line.startswith("saaf: reading 1 of 4") for line in lines)
    time.sleep(0.1)
    assert capsys.readouterr().err == ""


def test_a_quick_command_writes_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("starting") as report_progress:
        report_progress("reading", 1, 4)
    assert capsys.readouterr().err == ""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_has_a_bar_that_is_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with progress("starting") as report_progress:
        report_progress("reading", 0, 4)
        time.sleep(1.2)
        report_progress("reading", 2, 4)
        time.sleep(0.6)
        report_progress("writing", 1, 1)
        time.sleep(0.3)
    shown = stream.getvalue()
    assert "reading" in shown
    assert "2/4" in shown
    assert "to go" in shown
    assert "writing" in shown
    assert "\x1b[2K" in shown
