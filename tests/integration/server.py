"""A real HTTP server on 127.0.0.1 with the pages, faults and oddities that a crawl meets, and crawls to meet them."""

from __future__ import annotations

import gzip
import json
import os
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from tests.integration import preloaded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SENTENCES = {
    "tide": "The harbour wall was repaired by forty people over three weekends, and the tide gauge was put back.",
    "mill": "The old mill has turned again since Sunday; the miller's granddaughter keeps its books by hand.",
    "ferry": "From May the ferry will leave twice an hour, and bicycles will travel without a ticket of their own.",
    "choir": "A choir that lost its hall now sings in the market, where the echo is better than anyone expected.",
}


def article(name: str, *, head: str = "", body: str = "") -> bytes:
    """Return a page of eight paragraphs about the subject `name`."""
    sentence = SENTENCES[name]
    paragraphs = "".join(f"<p>{sentence} Paragraph {number} of the report on the {name}.</p>" for number in range(8))
    title = f"<head><title>The {name}</title>{head}</head>"
    return f"<html lang=en>{title}<body><h1>The {name}</h1>{paragraphs}{body}</body></html>".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server says to one path; `wait` is seconds, `cut` closes the connection before the body is whole."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    cut: bool = False


def html(body: bytes | str, **options: object) -> Answer:
    """Return a page of HTML in UTF-8."""
    content = body.encode() if isinstance(body, str) else body
    return Answer(body=content, headers={"Content-Type": "text/html; charset=utf-8"}, **options)  # type: ignore[arg-type]  # the options are Answer's


def links(*urls: str) -> str:
    return "<html><body><ul>" + "".join(f"<li><a href='{url}'>{url}</a></li>" for url in urls) + "</ul></body></html>"


def site(base: str) -> dict[str, Answer]:
    """Return a small site with everything that can go wrong in it."""
    html_type = {"Content-Type": "text/html; charset=utf-8"}
    gzipped = {**html_type, "Content-Encoding": "gzip"}
    return {
        "/robots.txt": Answer(
            body=f"User-agent: *\nDisallow: /private/\nSitemap: {base}/sitemap.xml\n".encode(),
            headers={"Content-Type": "text/plain"},
        ),
        "/": html(
            links(
                "/news/tide?utm_source=home",
                "/news/tide#comments",
                "/private/diary",
                "/gone",
                "/broken",
                "/circle/one",
                "/slow",
                "/cut",
                "/binary.html",
                "/empty",
                "/wrong-charset",
                "/damaged-gzip",
                "/moved",
                "/refresh",
                "/flyer",
                "http://elsewhere.invalid/page-1",
                "http://elsewhere.invalid/page-2",
                "mailto:desk@example.org",
            ).replace("<body>", "<body><link rel=alternate type='application/rss+xml' href='/feed'>")
        ),
        "/sitemap.xml": Answer(
            body=gzip.compress(
                f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>{base}/news/mill</loc></url></urlset>".encode()
            ),
            headers={"Content-Type": "application/octet-stream"},
        ),
        "/feed": Answer(
            body=f"<rss version='2.0'><channel><item><link>{base}/news/ferry</link></item></channel></rss>".encode(),
            headers={"Content-Type": "application/rss+xml"},
        ),
        "/news/tide": html(article("tide")),
        "/news/mill": Answer(body=gzip.compress(article("mill"), mtime=0), headers=gzipped),
        "/news/ferry": html(article("ferry")),
        "/news/choir": html(article("choir")),
        "/private/diary": html(article("choir")),
        "/gone": html("<p>gone</p>", status=404),
        "/broken": html("<p>broken</p>", status=500),
        "/circle/one": Answer(status=302, headers={"Location": "/circle/two"}),
        "/circle/two": Answer(status=302, headers={"Location": "/circle/one"}),
        "/moved": Answer(status=301, headers={"Location": "/news/choir"}),
        "/refresh": html("<html><head><meta http-equiv=refresh content='0; url=/news/choir'></head></html>"),
        "/slow": html(article("choir"), wait=600.0),
        "/cut": html(article("choir"), cut=True),
        "/binary.html": html(bytes(range(256)) * 8),
        "/empty": html(b""),
        "/wrong-charset": Answer(
            body="<html><body><p>".encode("cp1251") + ("Старый мост открыли после ремонта. " * 20).encode("cp1251"),
            headers={"Content-Type": "text/html; charset=utf-8"},
        ),
        "/damaged-gzip": Answer(body=b"\x1f\x8b\x08 not gzip at all", headers=gzipped),
        "/flyer": Answer(body=b"%PDF-1.7\n\x00\x01", headers={"Content-Type": "application/pdf"}),
    }


@dataclass(slots=True)
class Server:
    """A server that is running: its address, its answers by path, and the paths it was asked for, in order.

    `conditional` are those of requests with a validator. Where an answer has an ETag, a request with the same one is
    answered 304.
    """

    base: str
    answers: dict[str, Answer]
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)  # the user agents that asked
    conditional: list[str] = field(default_factory=list)


@contextmanager
def serving(pages: Callable[[str], dict[str, Answer]], address: str = "127.0.0.1") -> Iterator[Server]:
    """Run a server of `pages(base)` on a loopback address until the block ends."""
    stopping = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path if self.path in server.answers else self.path.partition("?")[0]
            server.asked.append(self.path)
            server.agents.add(self.headers.get("User-Agent", ""))
            answer = server.answers.get(path, Answer(status=404, headers={"Content-Type": "text/html"}))
            if any(name in self.headers for name in ("If-None-Match", "If-Modified-Since")):
                server.conditional.append(self.path)
            if self.headers.get("If-None-Match", "") == answer.headers.get("ETag"):
                answer = Answer(status=304)
            stopping.wait(answer.wait)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) + (1000 if answer.cut else 0)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the standard library's name)
            """Say nothing: what was asked is in `asked`."""

    class QuietServer(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing: a client that left before the answer is what some tests are about."""

    http = QuietServer((address, 0), Handler)
    server = Server(base=f"http://{address}:{http.server_port}", answers={})
    server.answers = pages(server.base)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        stopping.set()
        http.shutdown()
        thread.join()
        http.server_close()


ROOT = Path(__file__).resolve().parent.parent.parent
# A crawl asks each host for a tdmrep.json; tests that count requests do without, and those of rights turn it on.
QUICK = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": 0,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "SAAF_WORKERS": 1,
    "SAAF_ALLOW_ADDRESSES": "127.0.0.0/8:*",
    "SAAF_BACKOFF": 0.2,
    "USER_AGENT": "saaf-tests/1.0 (+https://example.org/tests)",
    "SAAF_TDMREP": 0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """A finished `scrapy crawl`: its output and what it left in its output directory."""

    code: int
    stdout: str
    stderr: str
    output: Path

    def ledger(self) -> dict[str, tuple[str, str | None, str | None]]:
        """Return role, state and reason by URL."""
        lines = (self.output / "capture" / "urls.jsonl").read_text(encoding="utf-8").splitlines()
        entries = [json.loads(line) for line in lines]
        assert [entry["url"] for entry in entries] == sorted({entry["url"] for entry in entries})
        return {entry["url"]: (entry["role"], entry["state"], entry["reason"]) for entry in entries}

    def states(self) -> dict[str, str | None]:
        """Return the state, or the role where there is no state, by URL."""
        return {url: state or role for url, (role, state, _) in self.ledger().items()}


def command(*arguments: str, output: Path, **settings: object) -> list[str]:
    """Return the command line of a crawl; `settings` go on it as they are."""
    options = {**QUICK, "SAAF_OUTPUT": output, **settings}
    chosen = [word for name, value in options.items() for word in ("-s", f"{name}={value}")]
    return [sys.executable, "-m", "scrapy", "crawl", *arguments, *chosen]


def environment(directory: Path | None = None) -> dict[str, str]:
    """Return the environment of a crawl; a `directory` may hold a settings module `project` and spiders of its own."""
    paths = [str(ROOT), *([str(directory)] if directory else [])]
    settings = {"SCRAPY_SETTINGS_MODULE": "project"} if directory else {}
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONWARNINGS": "default", **settings}


def start_crawl(*arguments: str, output: Path, project: Path | None = None, **settings: object) -> preloaded.Command:
    """Start `scrapy crawl` as a user does."""
    _, _, *words = command(*arguments, output=output, **settings)
    return preloaded.Command(*words, cwd=project or ROOT, environment=environment(project))


def crawl(*arguments: str, output: Path, project: Path | None = None, **settings: object) -> Crawl:
    """Run `scrapy crawl` as a user does and wait for it."""
    done = start_crawl(*arguments, output=output, project=project, **settings)
    stdout, stderr = done.communicate()
    assert done.returncode is not None
    assert "Deprecat" not in stderr, stderr
    return Crawl(code=done.returncode, stdout=stdout, stderr=stderr, output=output)
