"""A hostile web: servers on loopback addresses that do everything a server should not, each with what must come of it.

All of 127/8 is loopback on Linux: a host is an address, all at one port. `MAIN` has the endpoints, the hosts from
`FIRST_ROBOTS` on have one fault of robots.txt each, `FORBIDDEN` and the second port must never be asked.
"""

from __future__ import annotations

import gzip
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING

import brotli
from backports import zstd

from tests.integration.server import article, links

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

MAIN = "127.0.0.1"
OTHER = "127.0.0.2"
FORBIDDEN = "127.0.0.66"
FIRST_ROBOTS = 101
MEGABYTE = 1 << 20
ZEROS = bytes(MEGABYTE)
PLAY = Callable[[socket.socket], None]
SUBJECTS = ("tide", "mill", "ferry", "choir")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A path of the main host: what it does, and the state and a part of the reason that must come of it."""

    path: str
    play: PLAY
    state: str
    reason: str = ""
    linked: bool = True
    """Whether the front page leads to it."""


@dataclass(slots=True)
class Web:
    """The servers that are running: their port, the forbidden port, and what each address was asked for, in order."""

    port: int
    forbidden_port: int
    asked: dict[str, list[str]] = field(default_factory=dict)
    log: list[tuple[float, str, str]] = field(default_factory=list)
    """Time, address and path of all requests, in order."""
    sent: list[str] = field(default_factory=list)
    """The heads of all requests, as they came."""

    def url(self, address: str, path: str = "/") -> str:
        return f"http://{address}:{self.port}{path}"


def good(name: str = "tide", *, extra: str = "") -> bytes:
    return article(name, body=extra)


def head(status: str = "200 OK", **headers: object) -> bytes:
    """Return the head of an answer; a name's "_" stands for "-"."""
    fields = {"Content_Type": "text/html; charset=utf-8", "Connection": "close", **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode()


def whole(body: bytes, status: str = "200 OK", **headers: object) -> bytes:
    return head(status, Content_Length=len(body), **headers) + body


def says(*parts: bytes, pause: float = 0.0) -> PLAY:
    """Return a behaviour that sends some bytes and closes."""

    def play(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)

    return play


def drips(first: bytes, text: bytes) -> PLAY:
    def play(connection: socket.socket) -> None:
        connection.sendall(first)
        for byte in text * 1000:
            connection.sendall(bytes([byte]))
            time.sleep(0.2)

    return play


def repeats(first: bytes, block: bytes) -> PLAY:
    """Return a behaviour that sends a block again and again, without end."""

    def play(connection: socket.socket) -> None:
        connection.sendall(first)
        while True:
            connection.sendall(block)

    return play


def silent(connection: socket.socket) -> None:
    time.sleep(30)


def late(connection: socket.socket) -> None:
    time.sleep(1)
    connection.sendall(whole(good("ferry")))


def stalls(first: bytes) -> PLAY:
    def play(connection: socket.socket) -> None:
        connection.sendall(first)
        time.sleep(30)

    return play


def resets(first: bytes = b"") -> PLAY:
    def play(connection: socket.socket) -> None:
        if first:
            connection.sendall(first)
            time.sleep(0.1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return play


def redirects(location: str | None, status: str = "302 Found") -> PLAY:
    return says(whole(b"", status, Location=location))


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def coded(coding: str | None, body: bytes, status: str = "200 OK") -> PLAY:
    return says(whole(body, status, Content_Encoding=coding))


def bombs() -> list[Endpoint]:
    """Return bombs of 200 MB and more in all codings."""
    gz = gzip.compress(ZEROS * 10, 9, mtime=0) * 20  # a file of many members
    deflated = zlib.compress(ZEROS * 200, 9)
    br = brotli.compress(ZEROS * 64, quality=5)
    zst = zstd.compress(ZEROS * 200)
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(gz), gz)
    deep = gz
    for _ in range(3):
        deep = gzip.compress(deep, mtime=0)
    plays = {
        "gzip": coded("gzip", gz),
        "x-gzip": coded("x-gzip", gz),
        "deflate": coded("deflate", deflated),
        "deflate-raw": coded("deflate", raw_deflate(ZEROS * 200)),
        "br": coded("br", br),
        "zstd": coded("zstd", zst),
        "gzip-gzip": coded("gzip, gzip", gzip.compress(gz, mtime=0)),
        "br-gzip": coded("br, gzip", gzip.compress(br, mtime=0)),
        "four-deep": coded("gzip, gzip, gzip, gzip", deep),
        "chunked-gzip": says(head(Content_Encoding="gzip", Transfer_Encoding="chunked") + chunked),
    }
    found = [
        Endpoint(path=f"/bomb/{name}", play=play, state="over_budget", reason="unpacks to more than the limit")
        for name, play in plays.items()
    ]
    return [*found, Endpoint(path="/bomb/of-an-error", play=coded("gzip", gz, "404 Not Found"), state="http_error")]


def codings() -> list[Endpoint]:
    page = good("mill")
    noise = bytes(range(256)) * 40
    unreadable = {
        "unknown": (coded("zopfli", noise), "(zopfli) is none that the crawl can undo"),
        "unknown-in-gzip": (coded("zopfli, gzip", gzip.compress(noise)), "is none that the crawl can undo"),
        "damaged-gzip": (coded("gzip", b"\x1f\x8b\x08\0" + noise[::-1]), "could not be undone"),
        "damaged-br": (coded("br", noise), "could not be undone"),
        "damaged-zstd": (coded("zstd", b"\x28\xb5\x2f\xfd" + noise), "could not be undone"),
        "damaged-deflate": (coded("deflate", noise), "could not be undone"),
    }
    documents = {
        "gzip": coded("gzip", gzip.compress(page)),
        "deflate": coded("deflate", zlib.compress(page)),
        "deflate-raw": coded("deflate", raw_deflate(page)),
        "br": coded("br", brotli.compress(page)),
        "zstd": coded("zstd", zstd.compress(page)),
        "gzip-gzip": coded("gzip, gzip", gzip.compress(gzip.compress(page))),
        "identity": coded("identity", page),
        "unknown-but-plain": coded("utf-8", page),
        "gzip-but-plain": coded("gzip", page),
    }
    return [
        *(
            Endpoint(path=f"/coding/{name}", play=play, state="unreadable", reason=reason)
            for name, (play, reason) in unreadable.items()
        ),
        *(Endpoint(path=f"/coding/{name}", play=play, state="document") for name, play in documents.items()),
    ]


def slow() -> list[Endpoint]:
    in_time, over = "no answer in time", "larger than the limit"
    chunk = b"100000\r\n" + ZEROS + b"\r\n"
    plays = {
        "silent": (silent, "fetch_failed", in_time),
        "silent-2": (silent, "fetch_failed", in_time),
        "silent-3": (silent, "fetch_failed", in_time),
        "head-drips": (drips(b"HTTP/1.1 200 OK\r\n", b"X-Drip: 1\r\n"), "fetch_failed", in_time),
        "body-drips": (drips(head(), b"<p>drop"), "fetch_failed", "in time"),
        "body-stalls": (stalls(head(Content_Length=9000) + good()[:500]), "fetch_failed", in_time),
        "endless": (repeats(head(), ZEROS), "over_budget", over),
        "endless-chunked": (repeats(head(Transfer_Encoding="chunked"), chunk), "over_budget", over),
        "endless-headers": (repeats(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n" * 99), "fetch_failed", "no end"),
        "endless-header": (repeats(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * 9999), "fetch_failed", "64 kilobytes"),
        "endless-continue": (repeats(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 99), "fetch_failed", "no end"),
        "huge-length": (repeats(head(Content_Length=1 << 40), ZEROS), "over_budget", over),
        "late": (late, "document", ""),
    }
    return [
        Endpoint(path=f"/slow/{name}", play=play, state=state, reason=reason)
        for name, (play, state, reason) in plays.items()
    ]


def chunks(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def framing() -> list[Endpoint]:
    page = good("choir")
    ended, no_http = "before the whole body had come", "no HTTP"
    chunked = head(Transfer_Encoding="chunked")
    plays = {
        "length-too-long": (says(head(Content_Length=len(page) + 99) + page), "fetch_failed", ended),
        "length-negative": (says(head(Content_Length=-5) + page), "fetch_failed", "cannot"),
        "length-word": (says(head(Content_Length="many") + page), "fetch_failed", "cannot"),
        "two-lengths": (
            says(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n" + page),
            "fetch_failed",
            "cannot",
        ),
        "chunk-size-word": (says(chunked + b"zzz\r\n" + page), "fetch_failed", "do not fit together"),
        "chunk-size-negative": (says(chunked + b"-5\r\n" + page), "fetch_failed", "do not fit together"),
        "chunks-end-early": (says(chunked + b"%x\r\n%s\r\n" % (len(page), page)), "fetch_failed", ended),
        "chunk-ends-early": (says(chunked + b"ffff\r\n" + page), "fetch_failed", ended),
        "gzip-in-chunks": (says(head(Transfer_Encoding="gzip, chunked") + chunks(gzip.compress(page))), "document", ""),
        "gzip-without-chunks": (says(head(Transfer_Encoding="gzip") + gzip.compress(page)), "document", ""),
        "chunked-twice": (says(head(Transfer_Encoding="chunked, Chunked") + chunks(page)), "document", ""),
        "coding-identity": (says(head(Transfer_Encoding="identity") + page), "document", ""),
        "coding-unknown": (says(head(Transfer_Encoding="rot13, chunked") + chunks(page)), "document", ""),
        "garbage": (says(b"\x00\x01\x02 garbage\r\n\r\n"), "fetch_failed", no_http),
        "http-0.9": (says(page), "fetch_failed", no_http),
        "http-2": (says(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" * 9 + b"\r\n\r\n"), "fetch_failed", no_http),
        "tls-alert": (says(b"\x15\x03\x01\x00\x02\x02\x46"), "fetch_failed", ""),
        "status-word": (says(b"HTTP/1.1 OK fine\r\n\r\n" + page), "fetch_failed", no_http),
        "closes": (says(b""), "fetch_failed", "closed the connection"),
        "resets": (resets(), "fetch_failed", ""),
        "resets-in-headers": (resets(b"HTTP/1.1 200 OK\r\nContent-"), "fetch_failed", ""),
        "resets-in-body": (resets(head(Content_Length=90000) + page), "fetch_failed", ended),
        "no-headers": (says(b"HTTP/1.1 200 OK\r\n\r\n" + page), "document", ""),
        "line-feeds": (says(b"HTTP/1.1 200 OK\nContent-Type: text/html\nConnection: close\n\n" + page), "document", ""),
        "header-without-colon": (
            says(b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Type: text/html\r\n\r\n" + page),
            "document",
            "",
        ),
        "http-1.0": (says(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + page), "document", ""),
        "length-too-short": (says(head(Content_Length=len(page) - 99) + page), "document", ""),
    }
    return [
        Endpoint(path=f"/frame/{name}", play=play, state=state, reason=reason)
        for name, (play, state, reason) in plays.items()
    ]


def statuses() -> list[Endpoint]:
    page = good("mill")
    plain = {
        "201 Created": "201", "202 Accepted": "not ready", "203 Changed": "proxy", "206 Partial Content": "a part",
        "226 IM Used": "226", "300 Multiple Choices": "300", "400 Bad Request": "400", "401 Unauthorized": "401",
        "403 Forbidden": "403", "404 Not Found": "404", "410 Gone": "410", "418 I am a teapot": "418",
        "451 Unavailable": "451", "500 Oops": "500", "502 Bad Gateway": "502", "999 Denied": "999",
    }  # fmt: skip
    waits = {"1": "1", "later": "soon", "day": "86400", "date": formatdate(time.time() + 1, usegmt=True), "past": "-3"}
    return [
        *(
            Endpoint(path=f"/status/{status[:3]}", play=says(whole(page, status)), state="http_error", reason=reason)
            for status, reason in plain.items()
        ),
        Endpoint(path="/status/204", play=says(head("204 No Content")), state="http_error", reason="there is no page"),
        Endpoint(path="/status/304", play=says(head("304 Not Modified")), state="http_error", reason="no earlier copy"),
        *(
            Endpoint(
                path=f"/status/429-{name}", play=says(whole(b"wait", "429 Slow", Retry_After=value)), state="http_error"
            )
            for name, value in waits.items()
        ),
        Endpoint(path="/status/503", play=says(whole(b"wait", "503 Later", Retry_After="1")), state="http_error"),
    ]


def redirections(port: int, forbidden_port: int) -> list[Endpoint]:
    here = f"http://{MAIN}:{port}"
    refused = {
        "file": "file:///etc/passwd", "ftp": "ftp://127.0.0.66/x", "data": "data:text/html,hello",
        "javascript": "javascript:alert(1)", "gopher": "gopher://127.0.0.66/",
    }  # fmt: skip
    lead_on = {
        "good": "/good/1", "forbidden": f"http://{FORBIDDEN}:{port}/secret",
        "forbidden-port": f"http://{MAIN}:{forbidden_port}/secret", "private": "http://10.0.0.1/secret",
        "metadata": "http://169.254.169.254/latest/meta-data/", "offsite": "http://elsewhere.invalid/",
        "user-info": f"http://user:hunter2@{MAIN}:{port}/good/2",
        "decimal": f"http://{int.from_bytes(socket.inet_aton(FORBIDDEN), 'big')}:{port}/secret",
    }  # fmt: skip
    return [
        *(
            Endpoint(path=f"/redirect/{name}", play=redirects(location), state="refused", reason="only http and https")
            for name, location in refused.items()
        ),
        *(
            Endpoint(path=f"/redirect/{name}", play=redirects(location), state="not_content", reason="redirects to")
            for name, location in lead_on.items()
        ),
        *(
            Endpoint(
                path=f"/redirect/{one}", play=redirects(f"{here}/redirect/{other}"), state="fetch_failed",
                reason="circle",
            )
            for one, other in (("self", "self"), ("there", "back"), ("back", "there"))
        ),
        *(
            Endpoint(
                path=f"/redirect/chain-{step}", play=redirects(f"/redirect/chain-{step + 1}"),
                state="not_content" if step < 20 else "fetch_failed",
                reason="redirects to" if step < 20 else "redirects in a row",
                linked=step == 0,
            )
            for step in range(21)
        ),
        Endpoint(path="/redirect/bad", play=redirects("http://[bad/"), state="fetch_failed", reason="no address"),
        Endpoint(path="/redirect/nowhere", play=redirects(None), state="http_error", reason="no Location"),
        Endpoint(path="/redirect/long", play=redirects("/" + "x" * 9000), state="fetch_failed", reason="characters"),
    ]  # fmt: skip


def challenges() -> list[Endpoint]:
    def short(markup: str, title: str = "Security") -> bytes:
        return f"<html><head><title>{title}</title></head><body>{markup}</body></html>".encode()

    script = "<script src='https://www.google.com/recaptcha/api.js'></script>"
    widget = f"<div class='g-recaptcha' data-sitekey='x'></div>{script}"
    comment = f"<form><textarea name=comment></textarea>{widget}<button>Send</button></form>"
    mention = "<p>Checking your browser, just a moment... is a page whose script sets _cf_chl_opt, says Cloudflare.</p>"
    plays = {
        "header": whole(short("<p>wait"), "403 Forbidden", cf_mitigated="challenge"),
        "aws": whole(b"", "202 Accepted", x_amzn_waf_action="challenge"),
        "cloudflare": whole(short("<script>window._cf_chl_opt={}</script>", "Just a moment..."), "503 Later"),
        "hcaptcha": whole(
            short("<div class='h-captcha'></div><script src='https://js.hcaptcha.com/1/api.js'></script>")
        ),
        "recaptcha": whole(short(f"<p>Please show that you are human</p><form>{widget}</form>")),
        "datadome": whole(short("<script src='https://ct.captcha-delivery.com/c.js'></script>"), "403 Forbidden"),
        "perimeterx": whole(
            short("<div id='px-captcha'></div>", "Access to this page has been denied"), "403 Forbidden"
        ),
        "says-so": whole(short("<h1>Checking your browser before accessing example.org</h1><script>go()</script>")),
    }
    articles = {"article-with-captcha": good("tide", extra=comment), "article-about-it": good("mill", extra=mention)}
    return [
        *(
            Endpoint(path=f"/challenge/{name}", play=says(answer), state="challenge", reason="a challenge page")
            for name, answer in plays.items()
        ),
        *(
            Endpoint(path=f"/challenge/{name}", play=says(whole(page)), state="document")
            for name, page in articles.items()
        ),
    ]


def main_endpoints(port: int, forbidden_port: int) -> list[Endpoint]:
    pages = [
        Endpoint(path=f"/good/{number}", play=says(whole(good(SUBJECTS[number % 4]))), state="document")
        for number in range(12)
    ]
    bad = [
        *slow(), *bombs(), *codings(), *framing(), *statuses(), *redirections(port, forbidden_port), *challenges()
    ]  # fmt: skip
    return [*pages[:6], *bad, *pages[6:]]


def robots_hosts(port: int) -> dict[str, tuple[PLAY, str, str]]:
    """Return what robots.txt does by fault, and state and reason of the host's page."""
    unread, blocked = "robots.txt could not be read", "blocked_by_robots"
    text = {"Content_Type": "text/plain"}
    forbids = b"User-agent: *\nDisallow: /\n"
    allows = b"User-agent: *\nDisallow: /private\n"
    late_rule = b"# padding\n" * 60_000 + forbids
    return {
        "500": (says(whole(b"", "500 Oops")), blocked, unread),
        "503": (says(whole(b"", "503 Later")), blocked, unread),
        "429": (says(whole(b"", "429 Slow")), blocked, unread),
        "206": (says(whole(allows, "206 Partial Content")), blocked, unread),
        "304": (says(head("304 Not Modified")), blocked, unread),
        "silent": (silent, blocked, unread),
        "drips": (drips(head(**text), allows), blocked, unread),
        "resets": (resets(), blocked, unread),
        "closes": (says(b""), blocked, unread),
        "garbage": (says(b"\x00garbage\r\n\r\n"), blocked, unread),
        "cut": (says(head(Content_Length=999, **text) + allows), blocked, unread),
        "redirect-forbidden": (redirects(f"http://{FORBIDDEN}:{port}/robots.txt"), "refused", unread),
        "redirect-loop": (redirects("/robots.txt"), "document", ""),
        "redirect-host": (redirects(f"http://{OTHER}:{port}/shared-robots.txt"), blocked, "does not allow"),
        "404": (says(whole(b"", "404 Not Found")), "document", ""),
        "403": (says(whole(b"", "403 Forbidden")), "document", ""),
        "410": (says(whole(b"", "410 Gone")), "document", ""),
        "empty": (says(whole(b"", **text)), "document", ""),
        "html": (says(whole(good())), "document", ""),
        "forbids": (says(whole(forbids, **text)), blocked, "does not allow"),
        "utf-16": (says(whole(forbids.decode().encode("utf-16"), **text)), blocked, "does not allow"),
        "bom": (says(whole(b"\xef\xbb\xbf" + forbids, **text)), blocked, "does not allow"),
        "carriage-returns": (says(whole(forbids.replace(b"\n", b"\r"), **text)), blocked, "does not allow"),
        "nul": (says(whole(b"\0".join((b"", forbids, b"")), **text)), blocked, "does not allow"),
        "gzip": (says(whole(gzip.compress(forbids), Content_Encoding="gzip", **text)), blocked, "does not allow"),
        "bomb": (says(whole(gzip.compress(ZEROS * 10) * 20, Content_Encoding="gzip", **text)), "document", ""),
        "rule-after-512k": (says(whole(late_rule, **text)), "document", ""),
        "endless-comments": (repeats(head(**text) + forbids, b"# more\n" * 999), blocked, "does not allow"),
        "other-token": (says(whole(b"User-agent: a\nUser-agent: sa\nDisallow: /\n", **text)), "document", ""),
        "our-token": (says(whole(b"User-agent: *\nAllow: /\n\nUser-agent: SAAF\nDisallow: /\n", **text)), blocked, ""),
        "slow-pattern": (says(whole(b"User-agent: *\nDisallow: /" + b"*a" * 40 + b"$\n", **text)), "document", ""),
        "absurd-delay": (says(whole(b"User-agent: *\nCrawl-delay: nan\nCrawl-delay: -7\n", **text)), "document", ""),
    }


@contextmanager
def hostile_web() -> Iterator[tuple[Web, list[Endpoint], dict[str, tuple[str, str, str]]]]:
    """Run all servers until the block ends.

    Yields what is running, the endpoints of the main host, and by the URL of each host with a fault of robots.txt its
    name, state and reason.
    """
    first, second = listen(MAIN, 0), listen(MAIN, 0)
    port, forbidden_port = first.getsockname()[1], second.getsockname()[1]
    endpoints = main_endpoints(port, forbidden_port)
    listing = says(whole(links(*(endpoint.path for endpoint in endpoints if endpoint.linked)).encode()))
    plays: dict[str, dict[str, PLAY]] = {
        MAIN: {"/": listing, **{endpoint.path: endpoint.play for endpoint in endpoints}},
        OTHER: {"/": says(whole(good())), "/shared-robots.txt": says(whole(b"User-agent: *\nDisallow: /\n"))},
        FORBIDDEN: {},
    }
    robots: dict[str, tuple[str, str, str]] = {}
    for number, (name, (play, state, reason)) in enumerate(robots_hosts(port).items(), start=FIRST_ROBOTS):
        plays[f"127.0.0.{number}"] = {"/robots.txt": play, "/aaaa": says(whole(good("ferry")))}
        robots[f"http://127.0.0.{number}:{port}/aaaa"] = (name, state, reason)
    with serving_plays(plays, port=port, forbidden_port=forbidden_port, listeners={MAIN: first}) as web:
        stop = _serve(second, f"{MAIN}:forbidden", {}, web)
        yield web, endpoints, robots
        stop()


@contextmanager
def serving_plays(
    plays: dict[str, dict[str, PLAY]],
    *,
    port: int = 0,
    forbidden_port: int = 0,
    listeners: dict[str, socket.socket] | None = None,
    tls: dict[str, ssl.SSLContext] | None = None,
) -> Iterator[Web]:
    """Run a server on each address of `plays`, all at one port; with a context of `tls`, its server speaks TLS."""
    ready = dict(listeners or {})
    for address in plays:
        if address not in ready:
            ready[address] = listen(address, port)
            port = port or ready[address].getsockname()[1]
    web = Web(port=port, forbidden_port=forbidden_port)
    stops = [
        _serve(ready[address], address, behaviours, web, (tls or {}).get(address))
        for address, behaviours in plays.items()
    ]
    try:
        yield web
    finally:
        for stop in stops:
            stop()


def listen(address: str, port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(128)
    return listener


def _serve(
    listener: socket.socket, name: str, plays: dict[str, PLAY], web: Web, tls: ssl.SSLContext | None = None
) -> Callable[[], None]:
    """Answer connections in threads; return the function that ends that."""
    asked = web.asked.setdefault(name, [])

    def answer(plain: socket.socket) -> None:
        plain.settimeout(30)
        with plain, suppress(OSError):
            if tls is None:
                converse(plain)
            else:
                with tls.wrap_socket(plain, server_side=True) as connection:
                    converse(connection)

    def converse(connection: socket.socket) -> None:
        request = b""
        # What is no GET, a TLS handshake say, is answered at once.
        while b"\r\n\r\n" not in request and b"GET".startswith(request[:3]) and (more := connection.recv(65536)):
            request += more
        path = request.split(b" ", 2)[1].decode("latin-1") if request.startswith(b"GET ") else ""
        asked.append(path)
        web.log.append((time.monotonic(), name, path))
        web.sent.append(request.decode("latin-1"))
        plays.get(path, says(whole(b"none", "404 Not Found")))(connection)
        connection.shutdown(socket.SHUT_WR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()

    def stop() -> None:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()

    return stop
