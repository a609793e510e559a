"""CPU time of reading links: `python -m benchmarks.link_reading`.

Generated pages of 41 KB with a menu of 200 links, as a newspaper has them, served on loopback by another process. A
bare Scrapy spider requests them and does nothing; beside its time stands what discovery takes for each page: one parse,
the test for documents, the new links, the traps, and the requests for them. LinkExtractor stands beside it.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import HtmlResponse
from scrapy.linkextractors import LinkExtractor

from saaf.crawler.discovery.kinds import is_document
from saaf.crawler.spiders.site import SiteSpider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scrapy.http import Response

HOST = "https://www.example.org"
PAGE_BYTES = 41_000
LINKS_PER_PAGE = 10
WORDS = ("harbour", "bridge", "market", "choir", "ferry", "lantern", "orchard", "school", "window", "river", "boat")


def page(number: int) -> bytes:
    """Return page `number`: the menu of all pages, an article, links to ten other articles, and a footer."""
    drawn = random.Random(number)
    menu = "".join(
        f'<li class="menu-item menu-item-{each}"><a href="/section/{each % 20}/part-{each}" title="Part {each}">'
        f"Part number {each}</a></li>\n"
        for each in range(150)
    )
    footer = "".join(f'<li><a href="{HOST}/about/{each}">About {each}</a></li>' for each in range(50))
    head = f'<title>Story {number}</title><meta charset="utf-8"><link rel="canonical" href="/n/{number}">'
    start = f'<html lang="en"><head>{head}</head><body><nav><ul>{menu}</ul></nav><article><h1>Story {number}</h1>\n'
    others = (number * LINKS_PER_PAGE + each for each in range(LINKS_PER_PAGE))
    related = "".join(f'<li><a href="/n/{other}">The story of {other}</a></li>' for other in others)
    end = f"<ul>{related}</ul></article><footer><ul>{footer}</ul></footer></body></html>"
    paragraphs: list[str] = []
    left = PAGE_BYTES - len(start) - len(end)
    while left > 0:
        text = " ".join(drawn.choice(WORDS) for _ in range(40))
        paragraphs.append(f'<p class="paragraph">{text}, {len(paragraphs)}.</p>\n')
        left -= len(paragraphs[-1])
    return f"{start}{''.join(paragraphs)}{end}".encode()


class _Site(SiteSpider):
    name = "links"


def microseconds(pages: list[bytes], read: Callable[[Response], object]) -> float:
    """Return the CPU time of `read` for one page, in microseconds, the response itself made beforehand."""
    headers = {"Content-Type": "text/html; charset=utf-8"}
    total = 0.0
    for number, body in enumerate(pages):
        response = HtmlResponse(f"{HOST}/n/{number}", body=body, headers=headers)
        response.request = Request(response.url, meta={"depth": 1})
        started = time.process_time()
        read(response)
        total += time.process_time() - started
    return total / len(pages) * 1e6


def _links(spider: SiteSpider) -> Callable[[Response], object]:
    def read(response: Response) -> object:
        assert isinstance(response, HtmlResponse)
        return is_document(response), list(spider.extractor.links(response))

    return read


def _requests(spider: SiteSpider) -> Callable[[Response], object]:
    def read(response: Response) -> object:
        assert isinstance(response, HtmlResponse)
        spider.extractor.count(response)
        document = is_document(response)
        return document, [spider.request_for(link, response) for link in spider.extractor.links(response)]

    return read


def _extract(extractor: LinkExtractor) -> Callable[[Response], object]:
    def read(response: Response) -> object:
        assert isinstance(response, HtmlResponse)
        return extractor.extract_links(response)

    return read


class _Bare(Spider):
    """A spider that requests pages and does nothing with them; `spent` is the CPU time after the first hundred."""

    name = "bare"
    custom_settings: ClassVar[dict[str, Any] | None] = {  # type: ignore[misc]  # Scrapy annotates it as an instance's
        "LOG_LEVEL": "ERROR",
        "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
        "DOWNLOAD_DELAY": 0,
    }
    count = 0
    started = 0.0
    spent = 0.0

    def parse(self, response: Response, **_: Any) -> Iterator[Any]:
        """Count a page."""
        type(self).count += 1
        if self.count == 100:
            type(self).started = time.process_time()
        type(self).spent = time.process_time() - self.started
        assert response.status == 200
        yield from ()


def bare_spider(port: int, count: int) -> float:
    """Return the CPU time of a bare spider for one request and response, in microseconds."""
    process = AsyncCrawlerProcess()
    _Bare.start_urls = [f"http://127.0.0.1:{port}/n/{number}" for number in range(count + 100)]
    process.crawl(_Bare)
    process.start()
    return _Bare.spent / count * 1e6


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    body = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the standard library's name)
        """Say nothing."""


def serve() -> None:
    """Serve one page under all addresses, for ever; the port goes to standard output."""
    _Handler.body = page(3)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
        return
    pages = [page(number) for number in range(options.pages)]
    extractor = LinkExtractor(tags=("a", "area"), attrs=("href",), unique=True)
    times = {
        "saaf: parse, is_document, new links": microseconds(pages, _links(_Site())),
        "saaf: the same, traps, requests for new links": microseconds(pages, _requests(_Site())),
        "scrapy LinkExtractor alone": microseconds(pages[: max(options.pages // 10, 1)], _extract(extractor)),
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.link_reading", "--serve"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        bare = bare_spider(int(server.stdout.readline()), options.pages)
    finally:
        server.kill()
        server.wait()
    print(f"{options.pages} pages of {len(pages[0]):,} bytes with {pages[0].count(b'<a '):,} links\n")
    print(f"{'CPU time of one page':50} {'µs':>8} {'of bare':>8}")
    print(f"{'bare Scrapy spider: request and response':50} {bare:8.0f} {1:8.2f}")
    for name, spent in times.items():
        print(f"{name:50} {spent:8.0f} {spent / bare:8.2f}")


if __name__ == "__main__":
    main()
