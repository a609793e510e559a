"""Links and images of a page: safe absolute addresses, and the address of an image whose loading scripts put off."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urljoin, urlsplit

if TYPE_CHECKING:
    from lxml.html import HtmlElement

SAFE_SCHEMES: Final = frozenset(("http", "https", "mailto", "tel", "ftp"))
"""Schemes of links that run no script and open no file."""
_IMAGE_SCHEMES: Final = frozenset(("http", "https"))
_DELAYED: Final = ("data-src", "data-original", "data-lazy-src", "data-lazy", "data-url", "data-hi-res-src")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_UNSAFE: Final = re.compile(r"""[\s<>"{}|\\^`]|[\ud800-\udfff]""")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_MAX_LENGTH: Final = 4_000  # characters; longer ones are data
_MIN_SIZE: Final = 3  # pixels: smaller images count readers


def base_of(root: HtmlElement, url: str | None) -> str | None:
    """Return the URL that the links of a page are relative to: that of its `base` element, or its own; None if unknown.

    RFC 3986, 5.1; the `base` element may be relative itself.
    """
    stated = next((base.get("href") for base in root.iter("base") if base.get("href")), None)
    return (safe_url(stated, url, _IMAGE_SCHEMES) if stated else None) or url


def safe_url(written: str, base: str | None, schemes: frozenset[str] = SAFE_SCHEMES) -> str | None:
    """Return a link as an absolute URL without unsafe characters; None where its scheme is not one of `schemes`.

    It stays relative where `base` is None. None for a place on a page that has no address, and for what is no URL.

    >>> safe_url("../b c", "https://www.example.org/a/d/")
    'https://www.example.org/a/b%20c'
    >>> safe_url("javascript:alert(1)", "https://www.example.org/")
    """
    address = _CONTROLS.sub("", written).strip()
    if not address or len(address) > _MAX_LENGTH or (base is None and address.startswith("#")):
        return None
    try:
        resolved = urljoin(base, address) if base else address
        scheme = urlsplit(resolved).scheme
    except ValueError:
        return None
    # What the parser takes for a path may be a scheme to a browser.
    stated = _SCHEME.match(resolved)
    if (scheme or stated or base) and (scheme or (stated[1].lower() if stated else "")) not in schemes:
        return None
    return _UNSAFE.sub(lambda found: quote(found[0], errors="replace"), resolved)


def image_url(image: HtmlElement, base: str | None) -> str | None:
    """Return the address of an image; None where it has none of its own, or is only there to count readers."""
    for side in ("width", "height"):
        size = (image.get(side) or "").strip().removesuffix("px")
        if size.isdecimal() and int(size[:6]) < _MIN_SIZE:
            return None
    delayed = (image.get(name) or "" for name in _DELAYED)
    sets = ((image.get(name) or "").split(maxsplit=1)[:1] for name in ("data-srcset", "srcset"))
    candidates = [*delayed, image.get("src") or "", *(one.rstrip(",") for found in sets for one in found)]
    for candidate in candidates:
        if candidate.strip() and (url := safe_url(candidate, base, _IMAGE_SCHEMES)):
            return url
    return None
