"""Hosts that are asked by https first, and speak http alone: refused, answered in another protocol, or silent."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.integration.server import article, crawl, html, links, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TLS_HANDSHAKE = b"\x16"  # the first byte of a TLS record that begins a connection (RFC 8446, section 5.1)


@contextmanager
def silent_over_tls(page: bytes) -> Iterator[str]:
    """Run a server that has one page for those who speak http, and never answers those who speak TLS."""
    stopping = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def handle(self) -> None:
            if self.connection.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE:
                stopping.wait()
            else:
                super().handle()

        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the standard library's name)
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

    server = Quiet(("127.0.0.3", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"127.0.0.3:{server.server_port}"
    finally:
        stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()


def test_http_is_tried_at_once_where_https_is_not_spoken_or_silent(tmp_path: Path) -> None:
    answers = {"/": html(links("/a", "/b", "/c")), "/a": html(article("tide"))}
    with serving(lambda _: answers) as plain, silent_over_tls(article("mill")) as silent:
        host = plain.base.removeprefix("http://")
        began = time.monotonic()
        # With these defaults a robots.txt that gives no answer is asked for again after 10 and 20 seconds.
        done = crawl(
            "news", "-a", f"sites={host},{silent}", output=tmp_path, SAAF_BUILD=0, SAAF_BACKOFF=2, DOWNLOAD_TIMEOUT=4
        )
        seconds = time.monotonic() - began
    states = done.states()
    assert states[f"{plain.base}/a"] == "document"
    assert states[f"http://{silent}/"] == "document", "a front page that leads nowhere is a page to read"
    assert states[f"https://{host}/"] == "fetch_failed"
    assert states[f"https://{silent}/"] == "blocked_by_robots", "as robots.txt that gives no answer in time does"
    for name in (host, silent):
        assert done.stderr.count(f"https://{name}/ gives no answer: http://{name}/ is tried") == 1
    assert seconds < 25
