"""Which pages a browser renders, its settings, and the proxy that it has to go through."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response
from scrapy.settings import Settings

from saaf.crawler.browser.guarded_proxy import GuardedProxy
from saaf.crawler.browser.middleware import EMPTY_LETTERS, is_renderable, looks_empty
from saaf.crawler.browser.options import BrowserMode, browser_options
from saaf.crawler.guards.addresses import AddressPolicy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SHELL = "<html><head><title>{title}</title></head><body><div id=root>{text}</div><script>var x = '{script}'</script>"


def page(body: str, status: int = 200) -> HtmlResponse:
    return HtmlResponse("https://example.org/", status=status, body=body.encode(), encoding="utf-8")


@pytest.mark.parametrize(("letters", "empty"), [(0, True), (EMPTY_LETTERS - 1, True), (EMPTY_LETTERS, False)])
def test_a_page_with_scripts_and_few_letters_is_empty(letters: int, empty: bool) -> None:
    shell = SHELL.format(title="t" * 300, text="क" * letters, script="y" * 5000)
    assert looks_empty(page(shell)) is empty


def test_what_is_hidden_is_no_text() -> None:
    hidden = f"<noscript>{'Turn on JavaScript. ' * 50}</noscript><style>{'a{b:c}' * 100}</style><svg>{'x' * 300}</svg>"
    assert looks_empty(page(SHELL.format(title="", text=hidden, script="")))


@pytest.mark.parametrize(
    "response",
    [
        page("<html><body><p>Hardly anything.</p></body></html>"),
        page(SHELL.format(title="", text="", script=""), status=404),
        Response("https://example.org/a.js", body=b"<script>"),
    ],
    ids=["no scripts", "an error", "no HTML"],
)
def test_other_pages_are_not_rendered(response: Response) -> None:
    assert not looks_empty(response)


@pytest.mark.parametrize("part", ["<script>", "<noscript ", "<", "<a", "</script", "<!--"])
def test_no_page_makes_the_look_long(part: str) -> None:
    body = "<script></script>" + part * (2_000_000 // len(part))
    before = time.process_time()
    looks_empty(page(body))
    assert time.process_time() - before < 3


@pytest.mark.parametrize(
    ("request_", "renderable"),
    [
        (Request("https://example.org/story"), True),
        (Request("https://example.org/search", method="POST"), False),
        (Request("https://example.org/robots.txt"), False),
        (Request("https://example.org/map", meta={"saaf_kind": "sitemap"}), False),
        (Request("https://example.org/story", meta={"saaf_browser": False}), False),
    ],
)
def test_only_pages_are_rendered(request_: Request, renderable: bool) -> None:
    assert is_renderable(request_) is renderable


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"SAAF_BROWSER": "sometimes"}, "SAAF_BROWSER is never, empty, always, not 'sometimes'"),
        ({"SAAF_BROWSER_PAGES": "-1"}, "SAAF_BROWSER_PAGES is a whole number from 0 on"),
        ({"SAAF_BROWSER_TABS": "0"}, "SAAF_BROWSER_TABS is a whole number from 1 on"),
        ({"SAAF_BROWSER_TABS": "17"}, "up to 16"),
        ({"SAAF_BROWSER_RESTART": "many"}, "SAAF_BROWSER_RESTART is a whole number from 1 on"),
    ],
)
def test_a_wrong_setting_is_named(values: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        browser_options(Settings(values))


def test_no_browser_is_the_default() -> None:
    assert browser_options(Settings()).mode is BrowserMode.NEVER


def with_proxy(
    policy: AddressPolicy, ask: Callable[[GuardedProxy, int], Awaitable[bytes]], size: int = 1 << 20
) -> tuple[bytes, GuardedProxy, list[bytes]]:
    """Return what `ask` gets from a proxy in front of a server that says what it was asked."""

    async def run() -> tuple[bytes, GuardedProxy, list[bytes]]:
        asked: list[bytes] = []

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1000)
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        proxy = GuardedProxy(policy, size=size, seconds=5)
        await proxy.start()
        try:
            return await ask(proxy, server.sockets[0].getsockname()[1]), proxy, asked
        finally:
            await proxy.close()
            server.close()

    return asyncio.run(run())


async def send(proxy: GuardedProxy, message: bytes) -> bytes:
    host, _, port = proxy.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(message)
    received = await reader.read()
    writer.close()
    return received


def test_the_proxy_passes_what_the_policy_allows() -> None:
    async def ask(proxy: GuardedProxy, port: int) -> bytes:
        head = f"GET http://127.0.0.1:{port}/a?b=c#d HTTP/1.1\r\nHost: x\r\nProxy-Connection: keep-alive\r\n\r\n"
        return await send(proxy, head.encode())

    received, _, asked = with_proxy(AddressPolicy.parse(["127.0.0.1:*"]), ask)
    assert received.endswith(b"x" * 1000)
    assert asked == [b"GET /a?b=c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"])
@pytest.mark.parametrize("method", ["GET", "CONNECT"])
def test_the_proxy_connects_to_no_address_that_is_refused(host: str, method: str) -> None:
    async def ask(proxy: GuardedProxy, port: int) -> bytes:
        target = f"{host}:{port}" if method == "CONNECT" else f"http://{host}:{port}/"
        received = await send(proxy, f"{method} {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert proxy.refusal(f"http{'s' * (method == 'CONNECT')}://{host}:{port}/") is not None
        return received

    received, _, asked = with_proxy(AddressPolicy(), ask)
    assert received.startswith(b"HTTP/1.1 403 ")
    assert asked == []


@pytest.mark.parametrize(
    "message", [b"", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\xff\xfe \r\n\r\n", b"x" * 70_000]
)
def test_the_proxy_survives_nonsense(message: bytes) -> None:
    async def ask(proxy: GuardedProxy, port: int) -> bytes:
        if message:
            await send(proxy, message)
        return await send(proxy, f"GET http://127.0.0.1:{port}/ HTTP/1.1\r\n\r\n".encode())

    received, _, _ = with_proxy(AddressPolicy.parse(["127.0.0.1:*"]), ask)
    assert received.endswith(b"x" * 1000)


def test_the_proxy_ends_at_the_limit_of_bytes() -> None:
    async def ask(proxy: GuardedProxy, port: int) -> bytes:
        return await send(proxy, f"GET http://127.0.0.1:{port}/ HTTP/1.1\r\n\r\n".encode())

    received, _, _ = with_proxy(AddressPolicy.parse(["127.0.0.1:*"]), ask, size=100)
    assert len(received) == 100
