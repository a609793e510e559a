"""HTTP proxy on the loopback interface for a browser: it connects to what the address policy allows, and to no more.

A browser resolves names and follows redirects by itself; what leaves it through this proxy (RFC 9110, section 9.3.6:
CONNECT) is checked at connect time, with the very address that is connected to. Sizes and times are bounded.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from saaf.crawler.guards.addresses import DEFAULT_PORTS, authority, port_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from saaf.crawler.guards.addresses import AddressPolicy

_HEAD_BYTES = 64 * 1024
_HEAD_SECONDS = 10.0
_CONNECT_SECONDS = 10.0
_BLOCK = 64 * 1024
_MAX_CONNECTIONS = 256
_HOP_BY_HOP = (b"proxy-connection", b"proxy-authorization", b"connection", b"keep-alive")


class GuardedProxy:
    """Proxy with an address policy. `url` is its address once it has started.

    A connection ends after `seconds`, or when `size` bytes have come through it. `refusals` has the reason why the last
    connection to a host was refused, by "host:port".
    """

    def __init__(self, policy: AddressPolicy, *, size: int, seconds: float) -> None:
        self._policy = policy
        self._size = size
        self._seconds = seconds
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.refusals: dict[str, str] = {}

    @property
    def url(self) -> str:
        """The address of the proxy; it has one only between `start` and `close`."""
        if self._server is None:
            raise RuntimeError("the proxy has not started")
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> None:
        """Listen on a free port of the loopback interface; raise OSError where there is none."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=_HEAD_BYTES)

    async def close(self) -> None:
        """End all connections, and listen no more."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def refusal(self, url: str) -> str | None:
        """Return why the proxy refused the last connection to the host of a URL, None where it did not."""
        return self.refusals.get(authority(url))

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._tasks) >= _MAX_CONNECTIONS:
            writer.close()
            return
        self._tasks.add(task)
        try:
            async with asyncio.timeout(self._seconds):
                await self._serve(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass  # the browser sees a connection that ended
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one request: a tunnel for CONNECT, else one plain request and its response."""
        async with asyncio.timeout(_HEAD_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.partition(b"\r\n")[0].decode("ascii").split(" ", 2)
        is_tunnel = method == "CONNECT"
        url = f"https://{target}" if is_tunnel else target
        addresses, reason = await self._addresses(url, is_tunnel=is_tunnel)
        if not addresses:
            body = (reason or "the host has no address").encode()
            writer.write(
                b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body
            )
            await writer.drain()
            return
        far_reader, far_writer = await _connect(addresses, port_of(urlsplit(url)))
        try:
            if is_tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await writer.drain()
            else:
                far_writer.write(_origin_form(head, url))
            await self._exchange((reader, far_writer), (far_reader, writer))
        finally:
            far_writer.close()

    async def _addresses(self, url: str, *, is_tunnel: bool) -> tuple[list[str], str | None]:
        """Return the addresses that may be connected to for a URL, and why not where there are none."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", port_of(parts)
        # What goes through a tunnel to port 80 is a WebSocket without TLS; the scheme is the tunnel's own.
        scheme = "http" if is_tunnel and port == DEFAULT_PORTS["http"] else parts.scheme
        reason = self._policy.refusal_of_url(parts._replace(scheme=scheme).geturl())
        allowed: list[str] = []
        if reason is None:
            answers = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
            for address in dict.fromkeys(str(answer[4][0]) for answer in answers):
                refusal = self._policy.refusal_of_address(host, ip_address(address.partition("%")[0]), port)
                allowed += [address] if refusal is None else []
                reason = reason or refusal
        self.refusals.pop(authority(url), None)
        if not allowed and reason is not None:
            self.refusals[authority(url)] = reason
        return allowed, reason

    async def _exchange(self, *ways: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        """Copy bytes both ways until either side ends, or the limit of bytes is reached."""
        copies = [asyncio.create_task(self._copy(*way)) for way in ways]
        try:
            await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for copy in copies:
                copy.cancel()
            await asyncio.gather(*copies, return_exceptions=True)

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        left = self._size
        with suppress(OSError):
            while left > 0 and (block := await reader.read(min(_BLOCK, left))):
                left -= len(block)
                writer.write(block)
                await writer.drain()


async def _connect(addresses: Iterable[str], port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return a connection to the first of the addresses that answers; raise OSError where none does."""
    for address in addresses:
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(_CONNECT_SECONDS):
                return await asyncio.open_connection(address, port)
    raise ConnectionError("no address of the host answers")


def _origin_form(head: bytes, url: str) -> bytes:
    """Return the head of a request to a proxy as the head of one to a server (RFC 9112, section 3.2.1)."""
    line, _, fields = head.partition(b"\r\n")
    method, _, version = line.split(b" ", 2)
    parts = urlsplit(url)
    target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    kept = [one for one in fields.split(b"\r\n") if one and one.partition(b":")[0].strip().lower() not in _HOP_BY_HOP]
    first = b"%s %s %s" % (method, target.encode("ascii"), version)
    return b"\r\n".join([first, *kept, b"Connection: close", b"", b""])
