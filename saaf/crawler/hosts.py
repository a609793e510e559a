"""Host names of URLs and the domains that they are registered under."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

import tldextract

from saaf.crawler.guards.addresses import DEFAULT_PORTS

# The list that comes with the package: no crawl begins with a request for another one.
_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


@lru_cache(maxsize=8192)
def registered_domain(host: str) -> str:
    """Return the domain under which a host is registered, by the public suffix list; the host itself where it has none.

    >>> registered_domain("news.example.co.uk"), registered_domain("127.0.0.1"), registered_domain("localhost")
    ('example.co.uk', '127.0.0.1', 'localhost')
    """
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return _suffixes(host).top_domain_under_public_suffix or host
    return host


def host_of(url: str) -> str:
    """Return the host of a URL in lower case, with its port where that is not the scheme's own; "" where it has none.

    >>> host_of("https://News.example.org:443/a"), host_of("http://127.0.0.1:8080/")
    ('news.example.org', '127.0.0.1:8080')
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    return host if port in (None, DEFAULT_PORTS.get(parts.scheme)) or not host else f"{host}:{port}"


def host_of_authority(authority: str) -> str:
    """Return a host and port ("example.org:443") as `host_of` has them."""
    host, _, port = authority.rpartition(":")
    return host.strip("[]") if host and port in map(str, DEFAULT_PORTS.values()) else authority
