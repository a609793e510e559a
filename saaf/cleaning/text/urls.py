"""URLs: the one canonical form, links without tracking parameters, and the id and the site of a document."""

from __future__ import annotations

import re
from hashlib import sha256
from ipaddress import IPv6Address
from unicodedata import normalize
from urllib.parse import quote, quote_plus, unquote_plus, unquote_to_bytes, urldefrag, urlsplit, urlunsplit

# Parameters that say how a reader came, never what the page is. Names are whole: "_ga" is not "_gallery".
_TRACKING_NAMES = frozenset(
    (
        *("_ga", "_gl", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "srsltid"),  # Google
        *(
            "fbclid",
            "igsh",
            "igshid",
            "msclkid",
            "ttclid",
            "twclid",
            "yclid",
            "ysclid",
        ),  # social media and search
        *("mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi"),  # newsletters: Mailchimp, Marketo, HubSpot
    )
)
# Names that servers give to a session, and nobody to a page; "sid" and "session" may name one.
_SESSION = r"(?:jsessionid|phpsessid|aspsessionid[a-z]*)"
_SESSION_NAME = re.compile(_SESSION, re.IGNORECASE)
_SESSION_SEGMENT = re.compile(rf";{_SESSION}=[^;]*", re.IGNORECASE)
_TRACKING_PREFIX = "utm_"
_DEFAULT_PORTS = {"http": 80, "https": 443}
# URLs that are in canonical form already, as most are: no escapes, port, query, fragment or dot segments.
_CANONICAL = re.compile(
    r"https?://([a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)(?:/(?!\.\.?(?:/|$))[A-Za-z0-9_~.-]*)+",
    re.ASCII,
)
_PATH_DELIMITERS = "!$&'()*+,;=:@"  # RFC 3986: may stand in a segment of a path as they are
# Fragments that choose the page: "#!article/7" and "#/news/7". All others are places on one page.
_PAGE_FRAGMENTS = ("!", "/")


def document_id(url: str | None, content: str) -> str:
    """Return 16 lower-case hex digits: of the canonical URL, or of `content` where there is no URL."""
    return digest_of(canonical_url(url) if url else content, 16)


def digest_of(text: str, length: int) -> str:
    """Return the first `length` hexadecimal digits of the SHA-256 of a text, which may hold lone surrogates."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def canonical_url(url: str) -> str:
    """Return the canonical form of `url`: two URLs are of the same page where their canonical forms are equal.

    Scheme and host in lower case, an internationalised host in its ASCII form, no credentials, default port or
    tracking parameters. Path and query are percent-encoded in one way, byte for byte in whatever encoding they are
    (UTF-8 in NFC), so that an encoded "/" or "&" stays apart from a plain one. Dot segments ("/a/../b") are resolved,
    ids of sessions (";jsessionid=…", "PHPSESSID=…") left out. Parameters are sorted by name; values of one name keep
    their order. A fragment stays only where it chooses the page ("#!…", "#/…"). A URL that cannot be parsed, or has no
    host, comes back unchanged.
    """
    if _CANONICAL.fullmatch(url):
        return url
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        host = _ascii_host(parts.hostname or "")
    except ValueError:
        return url
    if not host:
        return url
    if ":" in host:
        host = f"[{_short_ipv6(host)}]"
    netloc = host if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{port}"
    path = _canonical_path(parts.path)
    fragment = parts.fragment if parts.fragment.startswith(_PAGE_FRAGMENTS) else ""
    return urlunsplit((parts.scheme, netloc, path or "/", _canonical_query(parts.query), fragment))


def _ascii_host(host: str) -> str:
    """Return a host name, in lower case, with each label that is not ASCII as Punycode ("xn--…")."""
    # Not Python's codec "idna", which is of 2003: it drops the joiners of Persian and Hindi names.
    labels = normalize("NFC", host).rstrip(".").split(".")
    return ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode', 'replace').decode()}" for label in labels
    )


def _short_ipv6(host: str) -> str:
    """Return an IPv6 address in its shortest form ("::1"), what is none as it is."""
    try:
        return str(IPv6Address(host))
    except ValueError:
        return host


def _canonical_path(path: str) -> str:
    """Return a path without dot segments (RFC 3986, 5.2.4) and ids of sessions."""
    kept: list[str] = []
    segments = path.split("/")
    for number, written in enumerate(segments):
        segment = _decode_escapes(_SESSION_SEGMENT.sub("", written))
        if segment == b".." and len(kept) > 1:
            kept.pop()
        if segment not in (b".", b".."):
            kept.append(quote(segment, safe=_PATH_DELIMITERS))
        elif number == len(segments) - 1:
            kept.append("")  # "/a/." and "/b/.." are directories
    return "/".join(kept)


def _canonical_query(query: str) -> str:
    """Return a query without tracking parameters, sorted by name; "name" and "name=" are the same."""
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    kept = [(_decode_escapes(name, plus=" "), _decode_escapes(value, plus=" ")) for name, _, value in pairs]
    kept.sort(key=lambda pair: pair[0])  # a stable sort: of "id=1&id=2" the order may choose the page
    encoded = ((quote_plus(name), quote_plus(value)) for name, value in kept)
    return "&".join(
        f"{name}={value}" for name, value in encoded if not (_is_tracking(name) or _SESSION_NAME.fullmatch(name))
    )


def _decode_escapes(text: str, *, plus: str = "+") -> bytes:
    """Return the bytes that a part of a URL stands for, with "+" read as `plus`; of UTF-8 in NFC."""
    found = unquote_to_bytes(text.replace("+", plus).encode("utf-8", "surrogatepass"))
    try:
        return found if found.isascii() else normalize("NFC", found.decode()).encode()
    except UnicodeDecodeError:
        return found


def without_tracking(url: str) -> str:
    """Return a link without its fragment and its tracking parameters; the others stay as they are spelled, in order."""
    address, _, query = url.partition("#")[0].partition("?")
    kept = [pair for pair in query.split("&") if pair and not _is_tracking(unquote_plus(pair.partition("=")[0]))]
    return f"{address}?{'&'.join(kept)}" if kept else address


def without_fragment(url: str) -> str:
    """Return a URL as a server is asked for it: the key of requests and responses, where spelling counts."""
    return urldefrag(url).url


def site_of(url: str | None) -> str:
    """Return the host name of `url` in lower case without "www.", "" where there is none."""
    if known := _CANONICAL.fullmatch(url or ""):
        return known[1].removeprefix("www.")
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
    return name.lower() in _TRACKING_NAMES or name.lower().startswith(_TRACKING_PREFIX)
