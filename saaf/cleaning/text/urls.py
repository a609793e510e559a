"""What a document is called: its id and its site."""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

# Parameters that name the reader's way to the page, not the page.
_TRACKING = ("utm_", "fbclid", "gclid", "dclid", "msclkid", "yclid", "mc_cid", "mc_eid", "igshid", "_ga")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def document_id(url: str | None, content: str) -> str:
    """Return 16 lower-case hex digits: of the canonical URL, or of `content` where there is no URL."""
    return digest_of(canonical_url(url) if url else content, 16)


def digest_of(text: str, length: int) -> str:
    """Return the first `length` hexadecimal digits of the SHA-256 of a text, which may hold lone surrogates."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def canonical_url(url: str) -> str:
    """Return `url` as one address per page: host in lower case, no default port, fragment or tracking parameters, and
    its query in order. A URL that cannot be parsed comes back unchanged.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return url
    if not host:
        return url
    if ":" in host:
        host = f"[{host}]"
    netloc = host if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{port}"
    query = sorted(pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not pair[0].startswith(_TRACKING))
    return urlunsplit((parts.scheme, netloc, parts.path or "/", urlencode(query), ""))


def site_of(url: str | None) -> str:
    """Return the host name of `url` in lower case without "www.", "" where there is none."""
    try:
        return (urlsplit(url or "").hostname or "").rstrip(".").removeprefix("www.")
    except ValueError:
        return ""
