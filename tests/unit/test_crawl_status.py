"""`saaf status`: hosts, states, reasons, and what is said of a directory without a crawl."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from saaf.cli.commands import CommandError
from saaf.cli.commands.status import format_totals, print_status, run_status
from saaf.corpus.exit_codes import Exit
from saaf.crawler.frontier.crawl_status import add_shards, status_of
from saaf.crawler.frontier.status import HostStatus, most_frequent

if TYPE_CHECKING:
    from pathlib import Path

    from saaf.crawler.frontier.status import CrawlStatus

LINES = [
    {"url": "https://a.example/", "role": "discovery", "state": "not_content", "reason": "a list"},
    {"url": "https://a.example/1", "role": "document", "state": None, "reason": None},
    {"url": "https://a.example/2", "role": "failure", "state": "http_error", "reason": "HTTP status 404"},
    {"url": "https://b.example/3", "role": "failure", "state": "http_error", "reason": "HTTP status 404"},
    {"url": "https://[bad/", "role": "failure", "state": "fetch_failed", "reason": "not a URL \x1b[2J"},
]


def replayed(output: Path, *lines: object, number: str = "") -> Path:
    """Write the list of URLs that a replay leaves, with a line that is none."""
    directory = output / "capture" / number
    directory.mkdir(parents=True)
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (directory / "urls.jsonl").write_text(text + "not json\n", encoding="utf-8")
    return output


def shown(status: CrawlStatus, width: int = 120) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False, markup=False)
    with console.capture() as text:
        print_status(console, status)
    return text.get()


def assert_sums(data: Any) -> None:
    """Check that states, hosts, reasons and totals of `saaf status --json` are of the same URLs."""
    states = Counter(data["states"])
    assert sum((Counter(host["states"]) for host in data["hosts"]), Counter[str]()) == states
    reasons: Counter[str] = Counter()
    for state, _, number, _ in data["reasons"]:
        reasons[state] += number
    assert reasons == {state: states[state] for state in states if state not in ("document", "queued", "under_way")}
    assert data["queued"] + data["under_way"] + data["done"] == sum(states.values())
    assert (data["queued"], data["under_way"]) == (states["queued"], states["under_way"])


def test_many_reasons_are_summed_up(tmp_path: Path) -> None:
    lines = [
        {"url": f"https://a.example/{n}", "role": "failure", "state": "fetch_failed", "reason": f"reason {n}"}
        for n in range(12)
    ]
    status = status_of(replayed(tmp_path, *lines))
    assert_sums(json.loads(json.dumps(status.to_json())))
    assert "and 2 URLs with other reasons; --json has all" in shown(status)
    assert most_frequent(status.reasons, 10)[-1] == ("fetch_failed", "other reasons", 2, "https://a.example/8")


def test_hosts_states_and_reasons_are_counted(tmp_path: Path) -> None:
    status = status_of(replayed(tmp_path, *LINES))
    assert {host.host: host.states for host in status.hosts} == {
        "a.example": {"not_content": 1, "document": 1, "http_error": 1},
        "": {"fetch_failed": 1},
        "b.example": {"http_error": 1},
    }
    text = shown(status)
    assert "2  http error    HTTP status 404 (https://a.example/2)" in text, "one line for both hosts"
    assert "1 document; 1 read for links; 3 left out; 0 queued" in text
    assert "\x1b" not in text, "no control character of a page reaches the terminal"


def test_of_two_captures_the_later_one_counts(tmp_path: Path) -> None:
    replayed(tmp_path, LINES[2])
    later = {"url": "https://a.example/2", "role": "document", "state": None, "reason": None}
    replayed(tmp_path, later, number="2")
    assert status_of(tmp_path).states == {"document": 1}


def test_the_status_of_shards_is_their_sum(tmp_path: Path) -> None:
    replayed(tmp_path / "shard-00-of-03", *LINES)
    replayed(tmp_path / "shard-02-of-03", LINES[1], LINES[2])
    (tmp_path / "shard-of-nothing").mkdir()
    status = status_of(tmp_path)
    assert [shard.shard for shard in status.shards] == ["0/3", "2/3"]
    assert status.states == {"document": 2, "fetch_failed": 1, "http_error": 3, "not_content": 1}
    assert {host.host: sum(host.states.values()) for host in status.hosts} == {"a.example": 5, "": 1, "b.example": 1}
    assert status.reasons[0] == ("http_error", "HTTP status 404", 3, "https://a.example/2")
    running = replace(status.shards[0], is_running=True, rate=2.0, eta=60.0)
    both = add_shards(tmp_path, [running, replace(running, eta=90.0), status.shards[1]])
    assert (both.rate, both.eta, both.is_running) == (4.0, 90.0, True)
    assert "2 of 3 shards running; 3 documents" in shown(both)
    assert "about 2 min" not in format_totals(status)
    assert add_shards(tmp_path, [running, replace(running, eta=None)]).eta is None, "one does not know"


def test_json_has_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_status(replayed(tmp_path, *LINES), as_json=True)
    data = json.loads(capsys.readouterr().out)
    assert data["states"] == {"not_content": 1, "document": 1, "http_error": 2, "fetch_failed": 1}
    assert data["is_running"] is False
    assert data["reasons"][0] == ["http_error", "HTTP status 404", 2, "https://a.example/2"]
    assert_sums(data)


def test_no_crawl_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="holds neither a crawl nor a build") as caught:
        run_status(tmp_path, as_json=False)
    assert caught.value.code == Exit.INPUT


@pytest.mark.parametrize("width", [60, 120])
def test_a_running_crawl_shows_rate_time_and_hosts_that_are_left_alone(width: int, tmp_path: Path) -> None:
    waits = HostStatus(host="b.example", domain="b.example", states={"queued": 5}, delayed=600.0)
    status = replace(
        status_of(replayed(tmp_path, *LINES)),
        is_running=True,
        rate=2.5,
        queued=905,
        under_way=2,
        eta=362.0,
        hosts=(waits,),
    )
    assert "10 min" in " ".join(shown(status, width).split())
    assert format_totals(status).startswith("running; 1 document;")
    assert format_totals(status).endswith("905 queued; 2 under way; 2.5 responses a second; about 6 min to go")
    ended = replace(status, is_running=False, finish_reason="shutdown")
    assert format_totals(ended).startswith("not running (interrupted)")
    assert "to go" not in format_totals(ended)
