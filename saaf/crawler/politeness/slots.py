"""Download slots: which hosts share the turns of one site, by their registered domain and by their address."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from saaf.crawler.guards.addresses import DEFAULT_PORTS, Address, AddressPolicy, host_name, literal_address, port_of
from saaf.crawler.guards.resolver import guard_reactor, resolve
from saaf.crawler.hosts import registered_domain

if TYPE_CHECKING:
    from scrapy import Request


MAX_SITES = 100_000
"""Sites whose keys are known; then all are forgotten and found again, by names that are resolved again."""


class SlotKeys:
    """Keys of slots: the registered domain, or that of the first host that was met on the same address.

    A domain keeps its key for the crawl. Hosts that the allow-list has, of an intranet or of tests, are told apart by
    their port; on the public internet ports 80 and 443 are one server.
    """

    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy
        self._of_site: dict[str, str] = {}
        self._of_address: dict[str, str] = {}

    async def key_of(self, request: Request) -> str:
        """Return the key of a request's slot; a host that does not resolve has its domain's."""
        parts = urlsplit(request.url)
        host, port = host_name(parts.hostname or ""), port_of(parts)
        site = self._site_of(host, port)
        if len(self._of_site) >= MAX_SITES:
            self._of_site.clear()
            self._of_address.clear()
        if site not in self._of_site:
            addresses = await self._addresses(request, host, port)
            keys = [f"{address}{'' if port in DEFAULT_PORTS.values() else f':{port}'}" for address in addresses]
            known = next((self._of_address[key] for key in keys if key in self._of_address), site)
            self._of_site.setdefault(site, known)
            for key in keys:
                self._of_address.setdefault(key, self._of_site[site])
        return self._of_site[site]

    def _site_of(self, host: str, port: int) -> str:
        site = host if literal_address(host) else registered_domain(host)
        return site if port in DEFAULT_PORTS.values() else f"{site}:{port}"

    async def _addresses(self, request: Request, host: str, port: int) -> list[Address]:
        address = literal_address(host)
        if address is not None:
            return [address]
        if request.meta.get("proxy"):
            return []  # the proxy resolves it
        return await resolve(guard_reactor(self._policy), host, port)
