"""A crawl of local pages with its build, beside a spider that calls trafilatura on each page and writes JSON lines.

Run `python -m benchmarks.crawl_and_build`. A server in another process gives a front page that leads to 400 pages of
41 KB, each with a menu of 100 links and its own text. Both crawls are commands of their own, in alternating rounds; the
figure is the CPU time of all their processes, starts and imports included. Ours ends with a corpus: language, rights,
near-duplicates, quality signals, report.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import shutil
import sys
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

from benchmarks.build_speed import build_environment
from benchmarks.crawl_speed import SIZE, WORDS, free_port
from benchmarks.process_tree import run_measured

INLINE = """
import json, sys
import trafilatura
from scrapy import Spider
from scrapy.crawler import CrawlerProcess

class Inline(Spider):
    name = "inline"
    start_urls = [sys.argv[1]]
    def parse(self, response):
        return [response.follow(href, self.parse_page) for href in response.css("a::attr(href)").getall()]
    def parse_page(self, response):
        return {"url": response.url, "text": trafilatura.extract(response.body, url=response.url)}

process = CrawlerProcess({"LOG_LEVEL": "ERROR", "DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16, "TELNETCONSOLE_ENABLED": False, "ROBOTSTXT_OBEY": False,
    "FEEDS": {sys.argv[2]: {"format": "jsonlines"}}})
process.crawl(Inline)
process.start()
"""
OURS = {
    "LOG_LEVEL": "ERROR",
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": 0,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    "CLOSESPIDER_PAGECOUNT": 0,
    "SAAF_ALLOW_ADDRESSES": "127.0.0.1:*",
    "SAAF_WORKERS": 2,
    "USER_AGENT": "saaf-benchmark/1.0 (+https://example.org/benchmark)",
}


def page(path: str) -> bytes:
    """Return the page at a path: the same menu on all, and sentences of random words."""
    menu = "".join(
        f"<li><a href='/topic/{number}'>{WORDS[number % len(WORDS)]} {number}</a></li>" for number in range(100)
    )
    draw = random.Random(path)
    parts = [f"<html><head><title>{path}</title></head><body><ul>{menu}</ul><h1>About {path}</h1>"]
    size = len(parts[0])
    while size < SIZE:
        sentences = (" ".join(draw.choices(WORDS, k=12)).capitalize() for _ in range(5))
        parts.append(f"<p>{'. '.join(sentences)}.</p>")
        size += len(parts[-1])
    return "".join(parts).encode()


def serve(port: int, count: int) -> None:
    """Serve the front page and the pages, and 404 for all else."""
    links = "".join(f"<li><a href='/news/{number}'>{number}</a></li>" for number in range(count))
    pages = {f"/news/{number}": page(f"/news/{number}") for number in range(count)}
    pages["/"] = f"<html><body><ul>{links}</ul></body></html>".encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 17

        def do_GET(self) -> None:
            body = pages.get(self.path, b"")
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the standard library's name)
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    server.serve_forever()


def main() -> None:
    """Measure in alternating rounds, and print a line for each round and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    port = free_port()
    server = multiprocessing.Process(target=serve, args=(port, options.pages), daemon=True)
    server.start()
    base, ratios = f"http://127.0.0.1:{port}/", []
    work = Path(tempfile.mkdtemp(prefix="saaf-crawl-build-"))
    try:
        time.sleep(5)
        for number in range(options.rounds):
            settings = {**OURS, "SAAF_OUTPUT": work / str(number)}
            arguments = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
            crawl = [sys.executable, "-m", "scrapy", "crawl", "web", "-a", f"start={base}", *arguments]
            root = Path(__file__).resolve().parent.parent
            ours = run_measured(crawl, cwd=root, env=build_environment(), memory=False)
            lines = work / f"{number}.jsonl"
            theirs = run_measured([sys.executable, "-c", INLINE, base, str(lines)], cwd=work, memory=False)
            found = len(lines.read_text(encoding="utf-8").splitlines())
            assert found == options.pages, found
            ratios.append(ours.cpu / theirs.cpu)
            print(
                f"saaf {ours.cpu:.1f} s, inline {theirs.cpu:.1f} s for {found} pages, ratio {ratios[-1]:.2f}",
                flush=True,
            )
        print(f"median ratio {median(ratios):.2f}")
    finally:
        server.terminate()
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
