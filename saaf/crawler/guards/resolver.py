"""Name resolution with the address policy: a connection gets no address but those that the policy allows.

The check is made at connect time. Twisted's endpoints, of HTTP/1.1 and HTTP/2, connect to the very addresses that the
reactor's resolver gives them, so that an answer which changes between check and connection (DNS rebinding) cannot pass.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import twisted.internet
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer

from saaf.crawler.guards.addresses import Address, AddressPolicy, host_name

_MAX_REFUSALS = 10_000


@implementer(IHostnameResolver)
class GuardedResolver:
    """Resolver around the reactor's own that leaves out the addresses which a policy refuses.

    `policies` are those of the crawls that run in this process: an address must pass all of them. `proxies` are the
    hosts of proxies, which the user configured and which may be anywhere.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._refusals: dict[tuple[str, int], str] = {}
        self.policies: list[AddressPolicy] = []
        self.proxies: set[str] = set()

    def refusal(self, host: str, port: int) -> str | None:
        """Return why the last resolution of a host gave no address, None where a policy was not the reason."""
        return self._refusals.get((host_name(host), port))

    def resolveHostName(self, receiver: Any, host: str, portNumber: int = 0, *others: Any, **options: Any) -> Any:
        """Resolve a host; see `twisted.internet.interfaces.IHostnameResolver`."""
        return self._inner.resolveHostName(
            _Filter(self, receiver, host, portNumber), host, portNumber, *others, **options
        )

    def check(self, host: str, address: str, port: int) -> str | None:
        """Return why a connection to an address that a host resolved to is refused, None where it is not."""
        if host_name(host) in self.proxies:
            return None
        parsed = ip_address(address.partition("%")[0])
        return next(filter(None, (policy.refusal_of_address(host, parsed, port) for policy in self.policies)), None)

    def record(self, host: str, port: int, refusal: str | None) -> None:
        """Remember why a host gave no address, or forget it."""
        self._refusals.pop((host_name(host), port), None)
        if refusal is not None:
            if len(self._refusals) >= _MAX_REFUSALS:
                self._refusals.pop(next(iter(self._refusals)))
            self._refusals[host_name(host), port] = refusal


@implementer(IResolutionReceiver)
class _Filter:
    """Receiver of addresses that passes on those which are allowed."""

    def __init__(self, resolver: GuardedResolver, receiver: Any, host: str, port: int) -> None:
        self._resolver = resolver
        self._receiver = receiver
        self._host = host
        self._port = port
        self._passed = False
        self._refusal: str | None = None

    def resolutionBegan(self, resolution: Any) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        refusal = self._resolver.check(self._host, address.host, self._port)
        if refusal is None:
            self._passed = True
            self._receiver.addressResolved(address)
        else:
            self._refusal = self._refusal or refusal

    def resolutionComplete(self) -> None:
        self._resolver.record(self._host, self._port, None if self._passed else self._refusal)
        self._receiver.resolutionComplete()


@implementer(IResolutionReceiver)
class _Collector:
    """Receiver of addresses that keeps them; `done` fires once there are no more."""

    def __init__(self) -> None:
        self.addresses: list[Address] = []
        self.done: Deferred[None] = Deferred()

    def resolutionBegan(self, resolution: Any) -> None:
        pass

    def addressResolved(self, address: Any) -> None:
        self.addresses.append(ip_address(address.host.partition("%")[0]))

    def resolutionComplete(self) -> None:
        self.done.callback(None)


def guard_reactor(policy: AddressPolicy) -> GuardedResolver:
    """Return the reactor's resolver with the policy in it, installed around the one that is there.

    Cheap enough for each request: whoever installs another resolver later does not get around the guard.
    """
    reactor: Any = vars(twisted.internet)["reactor"]  # the one that Scrapy installed
    current = reactor.nameResolver
    if not isinstance(current, GuardedResolver):
        current = GuardedResolver(current)
        reactor.installNameResolver(current)
    if policy not in current.policies:
        current.policies.append(policy)
    return current


def unguard_reactor(policy: AddressPolicy) -> None:
    """Take the policy of a crawl that has ended out of the reactor's resolver."""
    current = guard_reactor(policy)
    current.policies.remove(policy)


async def resolve(resolver: GuardedResolver, host: str, port: int) -> list[Address]:
    """Return the allowed addresses of a host, sorted; none where it does not resolve to any."""
    collector = _Collector()
    resolver.resolveHostName(collector, host, port)
    await maybe_deferred_to_future(collector.done)
    return sorted(collector.addresses, key=lambda address: (address.version, int(address)))
