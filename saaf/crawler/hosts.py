"""Host names of URLs and the domains that they are registered under."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

import tldextract

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
    """Return the host name of a URL in lower case, "" where it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
