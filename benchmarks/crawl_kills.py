"""Kills of a crawl: SIGKILL at random instants, the same command again, and what was lost or done twice.

Run `python -m benchmarks.crawl_kills`. It crawls a site of 400 pages on this machine, kills the process at 30 seeded
instants of its start, its crawl and its end, and compares ledger, WARC and corpus with a crawl that nobody disturbed.
It prints what is lost and what is there twice (both 0), and how many requests came for each page (at most 1.1).
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from saaf.cleaning.types import Page
from saaf.corpus.warc_reader import read_warc
from saaf.corpus.warc_segments import segment_numbers, segment_path

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": 0,
    "CLOSESPIDER_PAGECOUNT": 0,
    "SAAF_WORKERS": 1,
    "LOG_LEVEL": "WARNING",
    "SAAF_ALLOW_ADDRESSES": "127.0.0.1:*",
    "SAAF_TDMREP": 0,
    "USER_AGENT": "saaf-benchmark/1.0 (+https://example.org/benchmark)",
}
WORDS = ("harbour", "wall", "tide", "gauge", "miller", "market", "choir", "ferry", "bridge", "repair", "letter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a crawl left: the lines of urls.jsonl by URL, and the number of response records of each URL."""

    ledger: dict[str, tuple[str, str | None]]
    records: Counter[str]
    digests: dict[str, bytes]


class Site:
    """A site on this machine of a front page, sections, and articles; `asked` counts the requests for each path."""

    def __init__(self, pages: int, *, wait: float = 0.005) -> None:
        self.asked: Counter[str] = Counter()
        self.first = 0.0  # when the first request came
        self.pages = _pages(pages)
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1 << 16  # head and body in one segment: no answer waits for an acknowledgement

            def do_GET(self) -> None:
                site.first = site.first or time.monotonic()
                site.asked[self.path] += 1
                body = site.pages.get(self.path)
                time.sleep(wait)
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the standard library's name)
                """Say nothing."""

        class QuietServer(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """Say nothing: a client that was killed leaves in the middle."""

        self._http = QuietServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        """Stop the server."""
        self._http.shutdown()
        self._http.server_close()


def _pages(count: int) -> dict[str, bytes]:
    """Return that many pages by path: the front page leads to sections of 20 pages, and those to articles."""
    draw = random.Random(17)
    sections = [f"/section/{number}" for number in range(max(1, count // 20))]
    articles = [f"/section/{number % len(sections)}/article-{number}" for number in range(count - 1 - len(sections))]
    pages = {"/": _links(sections)}
    for section in sections:
        pages[section] = _links([path for path in articles if path.startswith(f"{section}/")])
    for path in articles:
        text = "".join(f"<p>{' '.join(draw.choice(WORDS) for _ in range(60))}.</p>" for _ in range(6))
        pages[path] = f"<html><head><title>{path}</title></head><body><h1>{path}</h1>{text}</body></html>".encode()
    return pages


def _links(paths: list[str]) -> bytes:
    items = "".join(f"<li><a href='{path}'>{path}</a></li>" for path in paths)
    return f"<html><body><ul>{items}</ul></body></html>".encode()


def command(site: Site, output: Path, **more: object) -> list[str]:
    """Return the command line of the crawl; `more` are settings."""
    settings = {**SETTINGS, "SAAF_OUTPUT": output, "SAAF_BUILD": 0, **more}
    options = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    return [sys.executable, "-m", "scrapy", "crawl", "web", "-a", f"start={site.base}/", *options]


class Process(Protocol):
    """What is killed: a process of `subprocess`, or what has its methods."""

    def poll(self) -> int | None:
        """Return the exit code, None where it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end."""

    def kill(self) -> None:
        """Send SIGKILL."""


def start(arguments: list[str]) -> Process:
    """Start a command whose output nobody reads."""
    return subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def run_killed(
    arguments: list[str],
    seconds: float,
    site: Site | None = None,
    start: Callable[[list[str]], Process] = start,
) -> bool:
    """Run a command and kill it after some seconds, of its life or since its first request where `site` is given.

    Returns whether it had ended before.
    """
    asked = sum(site.asked.values()) if site is not None else 0
    process = start(arguments)
    while site is not None and sum(site.asked.values()) == asked and process.poll() is None:
        time.sleep(0.001)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True


def run_whole(arguments: list[str], start: Callable[[list[str]], Process] = start) -> None:
    """Run a command to its end."""
    code = start(arguments).wait()
    assert code == 0, f"exit code {code} of {arguments}"


def read_result(output: Path, base: str) -> Result:
    """Return what a crawl left in its output."""
    capture = output / "capture"
    lines = [json.loads(line) for line in (capture / "urls.jsonl").read_text(encoding="utf-8").splitlines()]
    pages = [page for number in segment_numbers(capture) for page in read_warc(segment_path(capture, number))]
    assert all(isinstance(page, Page) for page in pages), [page for page in pages if not isinstance(page, Page)]
    found = [page for page in pages if isinstance(page, Page)]
    return Result(
        ledger={line["url"].removeprefix(base): (line["role"], line["reason"]) for line in lines},
        records=Counter((page.url or "").removeprefix(base) for page in found),
        digests={(page.url or "").removeprefix(base): page.body for page in found},
    )


def main() -> None:
    """Measure, and print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--concurrency", type=int, default=1, help="requests at a time")
    parser.add_argument("--segment", type=int, default=100_000, help="bytes of a WARC segment")
    options = parser.parse_args()
    draw = random.Random(options.seed)
    directory = Path(tempfile.mkdtemp(prefix="saaf-kills-"))
    site = Site(options.pages)
    try:
        more = {"CONCURRENT_REQUESTS_PER_DOMAIN": options.concurrency, "SAAF_WARC_SEGMENT": options.segment}
        start = time.monotonic()
        run_whole(command(site, directory / "whole", **more))
        seconds, to_start = time.monotonic() - start, site.first - start
        crawl_time = seconds - to_start
        whole = read_result(directory / "whole", site.base)
        undisturbed, site.asked = site.asked, Counter()
        arguments, kills, early = command(site, directory / "killed", **more), 0, 0
        crawled = 0
        while kills < options.kills:
            before = sum(site.asked.values())
            # A third anywhere in the start; the others while it crawls, so that they all fall into one crawl.
            starting = kills % 3 == 0
            seconds_left = draw.uniform(0.2, to_start) if starting else draw.uniform(0, 2 * crawl_time / options.kills)
            if run_killed(arguments, seconds_left, None if starting else site):
                early += 1
                shutil.rmtree(directory / "killed")  # it had come to its end: begin again
                site.asked.clear()
            else:
                kills += 1
                crawled += sum(site.asked.values()) > before
        run_whole(arguments)
        killed = read_result(directory / "killed", site.base)
        lost = whole.ledger.keys() - killed.ledger.keys()
        lost |= {url for url, body in whole.digests.items() if killed.digests.get(url) != body}
        twice = [url for url, number in killed.records.items() if number > 1]
        other = {
            url: (killed.ledger.get(url), line) for url, line in whole.ledger.items() if killed.ledger.get(url) != line
        }
        requests, expected = sum(site.asked.values()), sum(undisturbed.values())
        print(f"undisturbed  {expected} requests, {seconds:.1f} s")
        print(f"kills        {kills}, {crawled} of them while it crawled; {early} crawls had ended before their kill")
        print(f"lost         {len(lost)} {sorted(lost)[:5]}")
        print(f"twice        {len(twice)} {sorted(twice)[:5]}")
        print(f"other        {len(other)} {list(other.items())[:3]}")
        print(f"requests     {requests} for {expected} ({requests / expected - 1:+.1%})")
    finally:
        site.close()
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
