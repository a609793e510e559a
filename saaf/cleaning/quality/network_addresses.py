"""E-mail and IP addresses in a text, found in linear time."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Address, IPv6Network
from typing import TYPE_CHECKING, Final

from saaf.cleaning.quality.spans import EMAIL, IPV4, IPV6, LOCAL_IPV4, LOCAL_IPV6, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

# The search goes from @ sign to @ sign, so that no run of letters is read twice. A label of a domain has at most 63
# characters (RFC 1035), the part before the @ at most 64 (RFC 5321).
_DOMAIN: Final = re.compile(
    r"(?<=[A-Za-z0-9_+%-])@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}"
    r"(?:xn--[A-Za-z0-9-]{2,59}|[A-Za-z]{2,24}))(?![A-Za-z0-9_@-])"
)
_LOCAL_BACKWARDS: Final = re.compile(r"[A-Za-z0-9._%+&'~-]{1,64}")
_MAX_LOCAL: Final = 64
# Names that RFC 2606 and RFC 6761 reserve for examples are nobody's; "image@2x.png" is a file.
_NOBODYS: Final = re.compile(
    r"(?:^|\.)(?:example\.(?:com|net|org|edu)|example|invalid|test|localhost|png|jpe?g|gif|webp|svg|avif)$",
    re.IGNORECASE,
)

_IPV4: Final = re.compile(r"\d(?<![\w.].)\d{0,2}(?:\.\d{1,3}){3}(?![\w]|\.\d)", re.ASCII)
_IPV6: Final = re.compile(r"[0-9A-Fa-f:](?<![\w:.].)[0-9A-Fa-f:]{1,38}(?:\.\d{1,3}){0,3}(?![\w:])", re.ASCII)
_VERSION: Final = re.compile(r"(?:version|release|build|\bver|\bv)\.?:?\s?$", re.IGNORECASE)
_VERSION_REACH: Final = 12  # characters before four numbers in which a word says that they are a version's
_MIN_COLONS: Final = 2
_MAX_OCTET: Final = 255
_SINGLE_DIGIT: Final = 9
# IANA's registries of special-purpose addresses (RFC 6890) and multicast: no person's. As a table, because
# `ipaddress.is_global` differs between versions of Python.
_LOCAL_IPV4_NETWORKS: Final = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
    *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
    "224.0.0.0/3",
)
_LOCAL_IPV4_RANGES: Final = tuple(
    (int(network.network_address), int(network.broadcast_address)) for network in map(IPv4Network, _LOCAL_IPV4_NETWORKS)
)
_GLOBAL_IPV6: Final = IPv6Network("2000::/3")
_LOCAL_IPV6_NETWORKS: Final = tuple(
    IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)


def find_emails(text: str) -> Iterator[Span]:
    """Yield the e-mail addresses of a text; those of domains that are reserved for examples are left out.

    Addresses of ASCII characters only: after other letters an address begins, before them it ends. Two that nothing
    parts are one.
    """
    if "@" not in text:
        return
    start = free = -1
    for match in _DOMAIN.finditer(text):
        at = match.start()
        before = _LOCAL_BACKWARDS.match(text[max(free, at - _MAX_LOCAL, 0) : at][::-1])
        local = before[0][::-1] if before else ""
        name = local.lstrip("._%+&'~-")
        if not name or name.endswith(".") or ".." in name or _NOBODYS.search(match[1]):
            continue
        if at - len(local) > free:
            if free > 0:
                yield Span(start=start, end=free, kind=EMAIL)
            start = at - len(name)
        free = match.end()
    if free > 0:
        yield Span(start=start, end=free, kind=EMAIL)


def find_ipv4(text: str) -> Iterator[Span]:
    """Yield the IPv4 addresses of a text: kind "ipv4" where they are public, else "local_ipv4".

    Four numbers of one digit each, or after the word "version", are a version or a section, not an address.
    """
    for match in _IPV4.finditer(text):
        parts = match[0].split(".")
        octets = [int(part) for part in parts]
        written = all(len(part) == 1 or part[0] != "0" for part in parts)
        if _VERSION.search(text, max(0, match.start() - _VERSION_REACH), match.start()):
            continue
        if written and _SINGLE_DIGIT < max(octets) <= _MAX_OCTET:
            number = int.from_bytes(octets)
            is_local = any(first <= number <= last for first, last in _LOCAL_IPV4_RANGES)
            yield Span(start=match.start(), end=match.end(), kind=LOCAL_IPV4 if is_local else IPV4)


def find_ipv6(text: str) -> Iterator[Span]:
    """Yield the IPv6 addresses of a text: kind "ipv6" where they are public, else "local_ipv6"."""
    if "::" not in text and text.count(":") < _MIN_COLONS:
        return
    for match in _IPV6.finditer(text):
        if match[0].count(":") < _MIN_COLONS:
            continue
        written = match[0].rstrip(":") if not match[0].endswith("::") else match[0]
        try:
            address = IPv6Address(written)
        except ValueError:
            continue
        is_public = address in _GLOBAL_IPV6 and not any(address in network for network in _LOCAL_IPV6_NETWORKS)
        kind = IPV6 if is_public else LOCAL_IPV6
        yield Span(start=match.start(), end=match.start() + len(written), kind=kind)
