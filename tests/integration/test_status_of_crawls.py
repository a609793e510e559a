"""`saaf status` of a crawl that was killed: hosts, reasons, states and totals are of the same URLs."""

from __future__ import annotations

import io
import os
import re
import signal
import time
from typing import TYPE_CHECKING

from rich.console import Console

from saaf.cli.commands.status import print_status
from saaf.crawler.frontier.crawl_status import status_of
from tests.integration.server import Answer, article, html, links, serving, start_crawl
from tests.unit.test_crawl_status import assert_sums

if TYPE_CHECKING:
    from pathlib import Path

    from saaf.crawler.frontier.status import CrawlStatus

OUTSIDE = ("https://one.example/a", "https://one.example/b", "https://two.example/")


def check_sums(status: CrawlStatus) -> None:
    assert_sums(status.to_json())
    console = Console(file=io.StringIO(), width=120, highlight=False, markup=False)
    with console.capture() as shown:
        print_status(console, status)
    text = shown.get()
    totals = {
        name: int(number) for number, name in re.findall(r"(\d+) (left out|queued|under way)", text.splitlines()[-1])
    }
    left_out = {state: count for state, count in status.states.items() if state in ("offsite", "blocked_by_robots")}
    assert left_out == {"offsite": 2, "blocked_by_robots": 2}
    assert totals["left out"] == sum(left_out.values())
    host = next(line.split() for line in text.splitlines() if line.startswith("127.0.0.1"))
    assert int(host[3]) == totals["queued"] == status.queued
    assert int(host[4]) == totals.get("under way", 0) == status.under_way
    rows = re.findall(r"^ *(\d+) +(offsite|blocked by robots) ", text, re.MULTILINE)
    assert sum(int(number) for number, _ in rows) == totals["left out"]
    assert "(hosts outside the crawl)" in text


def test_all_figures_of_a_killed_crawl_agree(tmp_path: Path) -> None:
    names = [f"/page/{number}" for number in range(30)]
    body = "<p>The gauge of page {} has a paragraph of its own.</p>"
    slow = {name: html(article("tide", body=body.format(name)), wait=0.5) for name in names}
    robots = Answer(body=b"User-agent: *\nDisallow: /private\n", headers={"Content-Type": "text/plain"})
    front = html(links(*OUTSIDE, "/private/1", "/private/2", *names))
    with serving(lambda _: {"/": front, "/robots.txt": robots, **slow}) as server:
        process = start_crawl("web", "-a", f"start={server.base}/", output=tmp_path, SAAF_BUILD=0)
        deadline = time.monotonic() + 60
        while sum(path in names for path in server.asked) < 4 and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.6)  # the frontier is written twice a second
        check_sums(status_of(tmp_path))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    status = status_of(tmp_path)
    assert not status.is_running
    assert (status.under_way, status.queued > 10) == (0, True)
    check_sums(status)
