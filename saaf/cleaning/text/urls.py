"""URLs: the one canonical form, links without tracking parameters, and the id and the site of a document."""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import parse_qsl, urldefrag, urlencode, urlsplit, urlunsplit

# Parameters that say how a reader came, never what the page is.
_TRACKING_NAMES = frozenset(("fbclid", "gclid", "dclid", "msclkid", "yclid", "mc_cid", "mc_eid", "igshid", "_ga"))
_TRACKING_PREFIX = "utm_"
_DEFAULT_PORTS = {"http": 80, "https": 443}


def document_id(url: str | None, content: str) -> str:
    """Return 16 lower-case hex digits: of the canonical URL, or of `content` where there is no URL."""
    return digest_of(canonical_url(url) if url else content, 16)


def digest_of(text: str, length: int) -> str:
    """Return the first `length` hexadecimal digits of the SHA-256 of a text, which may hold lone surrogates."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def canonical_url(url: str) -> str:
    """Return the canonical form of `url`: two URLs are of the same page where their canonical forms are equal.

    Scheme and host in lower case, no credentials, default port, fragment or tracking parameters, the query sorted. A
    URL that cannot be parsed, or has no host, comes back unchanged.
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
    # Escapes need not be UTF-8: those of other encodings must stay apart.
    pairs = parse_qsl(parts.query, keep_blank_values=True, errors="surrogateescape")
    query = urlencode(sorted(pair for pair in pairs if not _is_tracking(pair[0])), errors="surrogateescape")
    return urlunsplit((parts.scheme, netloc, parts.path or "/", query, ""))


def without_tracking(url: str) -> str:
    """Return a link without its fragment and its tracking parameters; the others stay as they are spelled, in order."""
    address, _, query = url.partition("#")[0].partition("?")
    kept = [pair for pair in query.split("&") if pair and not _is_tracking(pair.partition("=")[0])]
    return f"{address}?{'&'.join(kept)}" if kept else address


def without_fragment(url: str) -> str:
    """Return a URL as a server is asked for it: the key of requests and responses, where spelling counts."""
    return urldefrag(url).url


def site_of(url: str | None) -> str:
    """Return the host name of `url` in lower case without "www.", "" where there is none."""
    try:
        return (urlsplit(url or "").hostname or "").rstrip(".").removeprefix("www.")
    except ValueError:
        return ""


def path_of(url: str | None) -> str:
    """Return the path of `url`, "" where there is none."""
    try:
        return urlsplit(url or "").path
    except ValueError:
        return ""


def _is_tracking(name: str) -> bool:
    return name in _TRACKING_NAMES or name.startswith(_TRACKING_PREFIX)
