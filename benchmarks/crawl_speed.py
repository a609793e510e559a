"""Cost of a capture: CPU time of a crawl process for each page, beside a bare Scrapy spider.

Run `python -m benchmarks.crawl_speed`. A server in another process gives pages of 41 KB with a menu of 100 links. Three
kinds of crawl take turns: a bare Scrapy spider, the same spider with scheduler, frontier and WARC ("capture"), and the
spider `web`, which reads the links of each page too. The figure is the CPU time between the crawl's start and its end,
imports left out; the least of the rounds counts.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import shutil
import socket
import subprocess
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZE = 41_000
KINDS = ("bare", "capture", "web")
WORDS = ("harbour", "wall", "tide", "gauge", "miller", "market", "choir", "ferry", "bridge", "repair", "letter")

CRAWL = """
import json, sys, time
from scrapy import Request, Spider, signals
from scrapy.crawler import CrawlerProcess
from scrapy.utils.project import get_project_settings

kind, base, count, output = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
common = {"LOG_LEVEL": "ERROR", "DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False, "TELNETCONSOLE_ENABLED": False,
          "CONCURRENT_REQUESTS": 16, "CONCURRENT_REQUESTS_PER_DOMAIN": 16, "ROBOTSTXT_OBEY": False,
          "CLOSESPIDER_PAGECOUNT": 0, "COOKIES_ENABLED": False, "SAAF_ALLOW_ADDRESSES": "127.0.0.1:*",
          "USER_AGENT": "saaf-benchmark/1.0 (+https://example.org/benchmark)"}

class Bare(Spider):
    name = "bare"
    async def start(self):
        for number in range(count):
            yield Request(f"{base}/news/{number}")
    def parse(self, response):
        pass

began = []
if kind == "bare":
    settings = common
else:
    settings = get_project_settings()
    settings.setdict({**common, "SAAF_CAPTURE": True, "SAAF_OUTPUT": output}, "cmdline")
process = CrawlerProcess(settings)
crawler = process.create_crawler("web" if kind == "web" else Bare)
crawler.signals.connect(lambda: began.append(time.process_time()), signals.spider_opened, weak=False)
process.crawl(crawler, **({"start": f"{base}/"} if kind == "web" else {}))
process.start()
print(json.dumps({"cpu": time.process_time() - began[0],
                  "pages": crawler.stats.get_value("downloader/response_status_count/200")}))
"""


def serve(port: int, count: int) -> None:
    """Serve a front page that leads to `count` pages, and those."""
    draw = random.Random(17)
    menu = "".join(f"<li><a href='/topic/{number}'>{draw.choice(WORDS)} {number}</a></li>" for number in range(100))
    frame = f"<html><head><title>News</title><meta property='og:type' content='article'></head><body><ul>{menu}</ul>"
    text = " ".join(draw.choice(WORDS) for _ in range(SIZE))
    page = (frame + "".join(f"<p>{text[at : at + 400]}</p>" for at in range(0, SIZE - len(frame), 407))).encode()
    links = "".join(f"<li><a href='/news/{number}'>{number}</a></li>" for number in range(count))
    front = f"<html><body><ul>{links}</ul></body></html>".encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 17

        def do_GET(self) -> None:
            found = self.path == "/" or self.path.startswith("/news/")
            body = front if self.path == "/" else page % self.path.encode() if b"%s" in page else page
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body) if found else 0))
            self.end_headers()
            if found:
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the standard library's name)
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    server.serve_forever()


def measure(kind: str, base: str, count: int) -> float:
    """Return the CPU time of a crawl in milliseconds a page."""
    output = tempfile.mkdtemp(prefix="saaf-speed-")
    try:
        done = subprocess.run(
            [sys.executable, "-c", CRAWL, kind, base, str(count), output],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout.strip().splitlines()[-1])
        assert found["pages"] >= count, found
        return float(found["cpu"] / found["pages"] * 1000)
    finally:
        shutil.rmtree(output)


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def main() -> None:
    """Measure, and print a line for each kind of crawl."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    port = free_port()
    server = multiprocessing.Process(target=serve, args=(port, options.pages), daemon=True)
    server.start()
    try:
        rounds = [
            {kind: measure(kind, f"http://127.0.0.1:{port}", options.pages) for kind in KINDS}
            for _ in range(options.rounds)
        ]
    finally:
        server.terminate()
    least = {kind: min(each[kind] for each in rounds) for kind in KINDS}
    for kind, cost in least.items():
        print(f"{kind:8} {cost:6.2f} ms of CPU time a page, {least['bare'] / cost:.2f} of a bare spider's rate")


if __name__ == "__main__":
    main()
