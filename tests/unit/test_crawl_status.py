"""`saaf status`: hosts, states, reasons, and what is said of a directory without a crawl."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from saaf.cli.commands import CommandError
from saaf.cli.commands.status import format_totals, print_status, run_status
from saaf.corpus.exit_codes import Exit
from saaf.crawler.crawl_status import CrawlStatus, HostStatus, Reason, read_status

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LINES = [
    {"url": "https://a.example/", "role": "discovery", "state": "not_content", "reason": "a list"},
    {"url": "https://a.example/1", "role": "document", "state": None, "reason": None},
    {"url": "https://a.example/2", "role": "failure", "state": "http_error", "reason": "HTTP status 404"},
    {"url": "https://b.example/3", "role": "failure", "state": "http_error", "reason": "HTTP status 404"},
    {"url": "https://[bad/", "role": "failure", "state": "fetch_failed", "reason": "not a URL"},
]


def capture(output: Path, *lines: object, number: str = "") -> Path:
    directory = output / "capture" / number
    directory.mkdir(parents=True)
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (directory / "urls.jsonl").write_text(text + "not json\n", encoding="utf-8")
    return output


def shown(status: CrawlStatus, width: int = 120) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False, markup=False)
    with console.capture() as text:
        print_status(console, status, now=NOW)
    return text.get()


def test_hosts_states_and_reasons_are_counted(tmp_path: Path) -> None:
    status = read_status(capture(tmp_path, *LINES))
    assert {host.name: dict(host.counts) for host in status.hosts} == {
        "": {"fetch_failed": 1},
        "a.example": {"discovery": 1, "document": 1, "http_error": 1},
        "b.example": {"http_error": 1},
    }
    text = shown(status)
    assert "2  http error    HTTP status 404 (https://a.example/2)" in text, "one line for both hosts"
    assert "not running; 1 documents; 1 read for links; 3 left out; 0 waiting" in text


def test_of_two_captures_the_later_one_counts(tmp_path: Path) -> None:
    capture(tmp_path, LINES[2])
    later = {"url": "https://a.example/2", "role": "document", "state": None, "reason": None}
    capture(tmp_path, later, number="2")
    assert dict(read_status(tmp_path).totals) == {"document": 1}


def test_json_has_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_status(capture(tmp_path, *LINES), as_json=True)
    data = json.loads(capsys.readouterr().out)
    assert data["totals"] == {"discovery": 1, "document": 1, "http_error": 2, "fetch_failed": 1}
    assert data["running"] is False
    assert data["hosts"][1]["reasons"][0]["reason"] == "HTTP status 404"


def test_no_crawl_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="holds no crawl") as caught:
        run_status(tmp_path, as_json=False)
    assert caught.value.code == Exit.INPUT


@pytest.mark.parametrize("width", [60, 120])
def test_a_running_crawl_shows_rate_time_and_hosts_that_back_off(width: int) -> None:
    hosts = (
        HostStatus(
            name="a.example",
            counts={"waiting": 900, "document": 100, "challenge": 2},
            reasons=(Reason(state="challenge", reason="asks for a proof", count=2, url="https://a.example/x"),),
            last_fetch=NOW - timedelta(seconds=70),
        ),
        HostStatus(name="b.example", counts={"waiting": 5}, backing_off_until=NOW + timedelta(minutes=10)),
    )
    status = CrawlStatus(hosts=hosts, totals={"waiting": 905}, rate=2.5, remaining=362.0, running=True)
    text = " ".join(shown(status, width).split())
    assert "70 s ago" in text
    assert "backs off for 10 min" in text
    assert format_totals(status).endswith("905 waiting; 2.5 responses a second; about 6 min to go")
    assert format_totals(status).startswith("running")


def test_control_characters_of_a_url_do_not_reach_the_terminal() -> None:
    reason = Reason(state="http_error", reason="bad", count=1, url="https://a.example/\x1b[2J")
    assert "\x1b[2J" not in shown(
        CrawlStatus(hosts=(HostStatus(name="a", counts={"http_error": 1}, reasons=(reason,)),))
    )
