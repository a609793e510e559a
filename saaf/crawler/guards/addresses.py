"""Address policy: which hosts, addresses and ports a crawl may connect to; pure functions, no network.

The guard against server-side request forgery: no page, redirect or DNS answer may lead the crawl into the network that
it runs in. Ranges are those of the IANA special-purpose registries (RFC 6890), beside the metadata services of clouds.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import TYPE_CHECKING
from unicodedata import normalize
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

SETTING = "SAAF_ALLOW_ADDRESSES"
DEFAULT_PORTS = {"http": 80, "https": 443}

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# The more special range first: the first that holds an address names it.
_SPECIAL: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("a cloud's metadata service", ("169.254.169.254/32", "168.63.129.16/32", "100.100.100.200/32")),
    ("a cloud's metadata service", ("fd00:ec2::254/128",)),
    ("an unspecified address", ("0.0.0.0/8", "::/128")),
    ("a loopback address", ("127.0.0.0/8", "::1/128")),
    ("a link-local address", ("169.254.0.0/16", "fe80::/10")),
    ("a private address", ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10", "64:ff9b:1::/48")),
    ("an address that a provider shares between its customers", ("100.64.0.0/10",)),
    ("a multicast address", ("224.0.0.0/4", "ff00::/8")),
    ("a relay's address", ("192.88.99.0/24", "2001::/32", "::/96")),
)  # fmt: skip
_NETWORKS = [(what, ip_network(network)) for what, networks in _SPECIAL for network in networks]
_NAT64 = IPv6Network("64:ff9b::/96")
_DOTS = str.maketrans("。．｡", "...")  # read as full stops in host names (UTS 46)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedHost:
    """An entry of the allow-list: a host name or a network, and a port; a port of None stands for 80 and 443.

    A port of 0 stands for every port. `name` is in lower case, "" where the entry is a network.
    """

    name: str = ""
    network: Network | None = None
    port: int | None = None

    def allows_port(self, port: int) -> bool:
        """Return whether the entry is about the port."""
        return port in DEFAULT_PORTS.values() if self.port is None else self.port in (0, port)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPolicy:
    """What a crawl may connect to: public addresses at ports 80 and 443, and what the allow-list adds."""

    allowed: tuple[AllowedHost, ...] = ()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> AddressPolicy:
        """Return the policy of an allow-list: host names, addresses and networks, with ":PORT" or ":*" if wanted.

        Raises ValueError, which says how an entry is written.
        """
        return cls(allowed=tuple(_parse_entry(entry.strip()) for entry in entries if entry.strip()))

    def refusal_of_url(self, url: str) -> str | None:
        """Return why a URL may not be requested, as far as its text tells; None where it may.

        A host name is checked again with the addresses that it resolves to: see `refusal_of_address`.
        """
        try:
            parts = urlsplit(url)
            port = port_of(parts)
        except ValueError:
            return "the URL has no host and port that can be read: mend the link"
        if parts.scheme not in DEFAULT_PORTS:
            return f"only http and https are crawled, not {parts.scheme or 'a URL without a scheme'}"
        if not parts.hostname:
            return "the URL names no host: mend the link"
        address = literal_address(parts.hostname)
        if address is not None:
            return self.refusal_of_address(parts.hostname, address, port)
        host = host_name(parts.hostname)
        if port in DEFAULT_PORTS.values() or any(entry.allows_port(port) for entry in self.allowed if entry.network):
            return None  # whether an entry of a network is about it is known once the name is resolved
        return None if self._allows_name(host, port) else _port_reason(host, port)

    def refusal_of_address(self, host: str, address: Address, port: int) -> str | None:
        """Return why the crawl may not connect to an address at a port, None where it may.

        `host` is the name that resolved to the address, or the address as the URL has it. A port of 0 is not checked.
        """
        name, address = host_name(host), _plain(address)
        if self._allows_name(name, port) or any(
            entry.network is not None
            and address.version == entry.network.version
            and address in entry.network
            and (port == 0 or entry.allows_port(port))
            for entry in self.allowed
        ):
            return None
        if self.is_listed(address):
            return _port_reason(name, port)
        what = special_range(address)
        if what is not None:
            shown = name if literal_address(host) == address and name == str(address) else f"{name} ({address})"
            entry = f"[{name}]" if ":" in name else name
            entry = entry if not port or port in DEFAULT_PORTS.values() else f"{entry}:{port}"
            return f"{shown} is {what}: add {entry} to {SETTING} if the crawl may connect to it"
        if port and port not in DEFAULT_PORTS.values():
            return _port_reason(name, port)
        return None

    def is_listed(self, address: Address) -> bool:
        """Return whether the allow-list has a network with the address."""
        networks = (entry.network for entry in self.allowed if entry.network is not None)
        return any(address.version == network.version and address in network for network in networks)

    def _allows_name(self, name: str, port: int) -> bool:
        return any(
            entry.name == name and (port == 0 or entry.allows_port(port)) for entry in self.allowed if entry.name
        )


def special_range(address: Address) -> str | None:
    """Return what an address is where it is none of the public internet's, such as "a private address".

    An IPv4 address inside an IPv6 one (mapped, 6to4, NAT64) is looked at too.
    """
    address = _plain(address)
    for what, network in _NETWORKS:
        if address.version == network.version and address in network:
            return what
    inner = _embedded(address)
    if inner is not None:
        what_inner = special_range(inner)
        return what_inner and f"{what_inner} inside an IPv6 address"
    if not address.is_global or address.is_reserved:
        return "a reserved address"
    return None


def literal_address(host: str) -> Address | None:
    """Return the address that a host is written as, None where it is a name.

    All spellings of IPv4 count that the C library's inet_aton takes: decimal, octal, hexadecimal, fewer than four
    parts ("127.1", "0x7f000001", "2130706433"); so do digits of other scripts and a dot at the end.
    """
    host = normalize("NFKC", host.translate(_DOTS)).strip("[]").rstrip(".")
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host)) if host and not host[-1].isspace() and " " not in host else None
    except (OSError, UnicodeError, ValueError):
        return None


def host_name(host: str) -> str:
    """Return a host in lower case, without a dot at its end and the brackets of an IPv6 address."""
    return normalize("NFKC", host.translate(_DOTS)).strip("[]").rstrip(".").lower()


def port_of(parts: SplitResult) -> int:
    """Return the port of a URL, its scheme's where it states none, 0 where neither is known.

    Raises ValueError where the port is no number up to 65535.
    """
    return parts.port if parts.port is not None else DEFAULT_PORTS.get(parts.scheme, 0)


def authority(url: str) -> str:
    """Return "host:port" of a URL, in lower case, with the scheme's port where it states none; "" where it has no host.

    Ports 80 and 443 of one host are two authorities (RFC 3986, section 3.2). User info is left out.
    """
    try:
        parts = urlsplit(url)
        host = host_name(parts.hostname or "")
        return f"{f'[{host}]' if ':' in host else host}:{port_of(parts)}" if host else ""
    except ValueError:
        return ""


def without_user_info(url: str) -> str:
    """Return a URL without "user:password@"."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    return f"{scheme}://{rest[:end].rpartition('@')[2]}{rest[end:]}" if "@" in rest[:end] else url


def _plain(address: Address) -> Address:
    """Return the IPv4 address of an IPv6 address that maps one, another as it is: the system connects to the former."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _embedded(address: Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address leads to: 6to4 (RFC 3056) or NAT64 (RFC 6052)."""
    if not isinstance(address, IPv6Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.sixtofour


def _port_reason(host: str, port: int) -> str:
    return f"port {port} of {host} is neither 80 nor 443: add {host}:{port} to {SETTING} if the crawl may connect to it"


def _parse_entry(entry: str) -> AllowedHost:
    host, port = _split_port(entry)
    if port is not None and not 0 <= port <= 65535:
        raise ValueError(f"{entry!r} has a port above 65535")
    try:
        return AllowedHost(network=ip_network(host, strict=False), port=port)
    except ValueError:
        pass
    if not host or any(letter in host for letter in "/:@?# \t*"):
        raise ValueError(
            f"{entry!r} is neither a host name, an address nor a network: write example.org, 10.0.0.0/8 or [fd00::/8], "
            "each with :8080 for a port or :* for all ports, if wanted"
        )
    return AllowedHost(name=host_name(host), port=port)


def _split_port(entry: str) -> tuple[str, int | None]:
    """Return the host and the port of an entry: 0 for ":*", None where it states none."""
    if entry.count(":") > 1 and not entry.startswith("["):
        return entry, None  # an IPv6 address without brackets
    host, colon, port = entry.rpartition(":")
    if not colon or entry.endswith("]"):
        return entry.strip("[]"), None
    if port != "*" and not (port.isascii() and port.isdigit()):
        raise ValueError(f"{entry!r} has a port that is neither a number nor *")
    return host.strip("[]"), 0 if port == "*" else int(port) or 65536
