"""Bodies of many hosts at once, and crawls that are ended: memory is bounded, nothing is lost, and it is quick."""

from __future__ import annotations

import signal
import subprocess
import time
from typing import TYPE_CHECKING

from saaf.corpus.exit_codes import Exit
from saaf.corpus.readers import read_inputs
from saaf.corpus.records import Record
from tests.integration.hostile import ZEROS, good, head, repeats, says, serving_plays, whole
from tests.integration.server import ROOT, Answer, Crawl, article, command, environment, html, links, serving
from tests.integration.test_crawl_hostile import peak_memory

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.server import Server

HOSTS = [f"127.0.0.{number}" for number in range(141, 157)]
LARGE = good("mill", extra="<p>" + "The miller counted the sacks again, and there were as many. " * 20_000)
MEMORY = 300 << 20
"""Bytes: three times what a crawl takes without such bodies; those of all hosts are more than that."""


def run(*arguments: str, output: Path, **settings: object) -> tuple[Crawl, int]:
    """Run a crawl; return it and the peak of its memory in bytes."""
    stdout, stderr = output.with_suffix(".stdout"), output.with_suffix(".stderr")
    memory = 0
    with stdout.open("wb") as out, stderr.open("wb") as err:
        words = command(*arguments, output=output, **settings)
        process = subprocess.Popen(words, cwd=ROOT, env=environment(), stdout=out, stderr=err)
        while process.poll() is None:
            memory = max(memory, peak_memory(process.pid))
            time.sleep(0.05)
    texts = [path.read_text(encoding="utf-8") for path in (stdout, stderr)]
    return Crawl(code=process.returncode, stdout=texts[0], stderr=texts[1], output=output), memory


def test_large_bodies_of_many_hosts_take_little_memory_and_no_page_is_lost(tmp_path: Path) -> None:
    front = whole(links("/endless", "/odd", "/large", "/good").encode())
    odd = whole(good("choir"), "99999 Odd")
    paths = {
        "/": says(front), "/endless": repeats(head(), ZEROS), "/odd": says(odd), "/large": says(whole(LARGE)),
        "/good": says(whole(good("tide"))),
    }  # fmt: skip
    with serving_plays({address: dict(paths) for address in HOSTS}) as web:
        starts = ",".join(web.url(address) for address in HOSTS)
        done, memory = run("web", "-a", f"start={starts}", output=tmp_path / "out", SAAF_BUILD=0)
    assert done.code == 0, done.stderr
    states = done.states()
    for address in HOSTS:
        assert states[web.url(address, "/endless")] == "over_budget"
        assert states[web.url(address, "/odd")] == "http_error"
        assert states[web.url(address, "/large")] == states[web.url(address, "/good")] == "document"
    assert memory < MEMORY
    inputs = [record for record in read_inputs([done.output / "capture"]) if isinstance(record, Record)]
    urls = [each.url for record in inputs if (each := record.failure or record.page) is not None]
    assert sorted(filter(None, urls)) == sorted(done.ledger()), "one row for each URL, whether it can be read or not"


def interrupted(server: Server, output: Path, *, after: str, **settings: object) -> tuple[int, float, str]:
    """Send SIGINT to a crawl once a path was asked for; return its exit code, the seconds to its end, and its log."""
    process = subprocess.Popen(
        command("web", "-a", f"start={server.base}/", output=output, **settings),
        cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while after not in server.asked and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, log = process.communicate(timeout=60)
    return process.returncode, time.monotonic() - began, log


def test_an_interrupt_does_not_wait_for_a_silent_page_which_is_asked_for_again(tmp_path: Path) -> None:
    answers = {f"/news/{name}": html(article(name)) for name in ("tide", "mill")}
    pages = {"/": html(links(*answers, "/silent")), **answers, "/silent": html(article("ferry"), wait=600.0)}
    settings = {"CONCURRENT_REQUESTS_PER_DOMAIN": 1, "DOWNLOAD_TIMEOUT": 60, "SAAF_BUILD": 0}
    with serving(lambda _: pages) as server:
        code, seconds, log = interrupted(server, tmp_path / "out", after="/silent", **settings)
        assert code == Exit.INTERRUPTED, log
        assert seconds < 10
        assert "Traceback" not in log
        server.answers = {**server.answers, "/silent": Answer(status=404)}
        server.asked.clear()
        done, _ = run("web", "-a", f"start={server.base}/", output=tmp_path / "out", **settings)
    assert server.asked == ["/silent"]
    assert done.states()[f"{server.base}/silent"] == "http_error"
    assert sorted(done.states().values(), key=str).count("document") == 2
    assert done.code == 0, "the documents of the round came in its first run"
