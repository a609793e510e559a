"""Pages that were saved as files: their address, from what stands beside them, in them, or in their path."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from saaf.cleaning.metadata.page_address import PageAddress, page_addresses
from saaf.corpus.capture_times import parse_capture_time
from saaf.corpus.formats import Format, known_format
from saaf.corpus.input_paths import RemotePath

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from saaf.cleaning.types import Page
    from saaf.corpus.input_paths import InputPath
    from saaf.corpus.records import InputPart

SIDECARS = (".url", ".meta.json", ".json")
"""Endings of a file beside a page, after the page's whole name, that states its address."""
_SIDECAR_BYTES = 1 << 16
_MARKUP_BYTES = 1 << 12
_SIDECAR_URLS = ("url", "URL", "final_url", "source_url", "uri")
_SIDECAR_DATES = ("fetched_at", "date", "timestamp", "saved_at")
_ATTRIBUTES = ("user.xdg.origin.url",)  # of `wget --xattr` and `curl --xattr`
_SHORTCUT = re.compile(rb"(?im)^[ \t]*(?:URL=)?(https?://\S+)[ \t\r]*$")
_URL_START = re.compile(r"https?://[^\s/?#\\<>\"]+(?:[/?#]\S*)?\Z", re.IGNORECASE)
_HOST = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+([a-z]{2,}|xn--[a-z0-9-]+)(?:[:+]\d{2,5})?", re.IGNORECASE
)
# Top-level domains of three letters and more: a directory "site.backup" is no host. All of two letters are countries.
_DOMAINS = """
com org net edu gov mil int info biz name pro aero asia coop jobs mobi museum post tel travel cat arpa app
blog club cloud dev digital email expert global group guru life live media network news ngo one online page
press radio report review science shop site social space store studio systems team tech technology today tube
video wiki win work world xyz zone africa art bank berlin eco family film fm foundation fun games health house
institute law link london love market moscow nyc paris party photo plus pub red school show support sport
style taipei tips tokyo top tours town training university vote wales wien academy agency center community
company education international example test
"""
# Names of files that look like hosts of a country: "page.md", "mail.py".
_FILE_ENDINGS = ("md", "py", "sh", "pl", "rs", "cc", "so", "ps", "ai")
_LONG_DOMAINS = frozenset(_DOMAINS.split())
_INDEX = re.compile(r"index\.(?:html?|php|aspx?|jsp)\Z", re.IGNORECASE)


def with_address(page: Page, part: InputPart) -> Page:
    """Return a page that was saved as a file with its address, as it is where none is known.

    The flag "url_from:ORIGIN" says where the address is from: a file or an extended attribute beside the page, a
    comment of the program that saved it, its canonical link, og:url, or its path below a directory named like a host.
    """
    path_url = url_of_path(part)
    is_markup = page.body[:_MARKUP_BYTES].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<")
    stated = page_addresses(page.body) if is_markup else ()
    for found in (*_beside(part.path), *stated, *_in_path(path_url)):
        url = urljoin(path_url or "", found.url) if found.origin in ("canonical", "og:url") else found.url
        if _URL_START.match(url) and not (found.origin in ("canonical", "og:url") and _is_home(url, part)):
            flags = (*page.flags, f"url_from:{found.origin}")
            return replace(page, url=url, flags=flags, fetched_at=page.fetched_at or found.saved_at)
    return page


def _is_home(url: str, part: InputPart) -> bool:
    """Return whether a page that is no home page calls a site's home page canonical: many themes do on every page."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return True
    is_root = parts.path in ("", "/") and not parts.query
    return is_root and not re.match(r"(?:index|default|home|main)\b", part.path.name, re.IGNORECASE)


def _in_path(url: str | None) -> Iterator[PageAddress]:
    if url is not None:
        yield PageAddress(url=url, origin="path")


def _beside(path: InputPath) -> Iterator[PageAddress]:
    """Yield the address in a file beside a page, and in its extended attributes; of a remote page, none."""
    if isinstance(path, RemotePath):
        return
    for ending in SIDECARS:
        sidecar = path.with_name(path.name + ending)
        try:
            if not sidecar.is_file():
                continue
            with sidecar.open("rb") as stream:
                found = _sidecar_address(stream.read(_SIDECAR_BYTES))
        except OSError:
            continue
        if found is not None:
            yield found
    for name in _ATTRIBUTES:
        try:
            url = os.getxattr(path, name).decode("utf-8", "replace")
        except (OSError, AttributeError):  # no such attribute; a system without them
            continue
        yield PageAddress(url=url, origin="attribute")


def _sidecar_address(content: bytes) -> PageAddress | None:
    """Return the address that a sidecar states: JSON with "url", a shortcut of Windows, or a line with a URL."""
    try:
        stated = json.loads(content)
    except (ValueError, RecursionError):
        found = _SHORTCUT.search(content)
        return PageAddress(url=found[1].decode("utf-8", "replace"), origin="sidecar") if found else None
    if not isinstance(stated, dict):
        return None
    url = next((value for name in _SIDECAR_URLS if isinstance(value := stated.get(name), str)), None)
    date = next((value for name in _SIDECAR_DATES if isinstance(value := stated.get(name), str)), "")
    return PageAddress(url=url, origin="sidecar", saved_at=parse_capture_time(date)) if url else None


def sidecar_of(name: str, names: Collection[str]) -> str | None:
    """Return the name of the page whose address a file states, None where it is no sidecar; `names` are siblings."""
    for ending in SIDECARS:
        page = name.removesuffix(ending)
        if page != name and page in names and known_format(page) in (None, Format.HTML, Format.TEXT):
            return page
    return None


def url_of_path(part: InputPart) -> str | None:
    """Return the URL of a file below a directory that is named like a host, as wget and HTTrack make them, None where
    there is none; "http" or "https" above it is its scheme, which is else taken for https.
    """
    names = part.path.parts[-(part.name.count("/") + 1) :]
    for number, name in enumerate(names[:-1]):
        found = _HOST.fullmatch(name)
        if found is None or not _is_domain(found[1].lower()):
            continue
        scheme = names[number - 1].lower() if number and names[number - 1].lower() in ("http", "https") else "https"
        *folders, last = names[number + 1 :]
        path, mark, query = _INDEX.sub("", _without_added_ending(last)).partition("?")
        escaped = "/".join(_escaped(each) for each in (*folders, path))
        return f"{scheme}://{name.replace('+', ':').lower()}/{escaped}{mark}{_escaped(query, '=&;+/?')}"
    return None


def _is_domain(top: str) -> bool:
    return top in _LONG_DOMAINS or top.startswith("xn--") or (len(top) == 2 and top not in _FILE_ENDINGS)


def _without_added_ending(name: str) -> str:
    """Return a name without the ".html" that `wget --adjust-extension` adds to pages of other endings."""
    stem = name[: -len(".html")]
    is_added = "?" in stem or re.search(r"(?i)\.(?:php|aspx?|jsp|cgi)\Z", stem) is not None
    return stem if is_added and name.lower().endswith(".html") else name


def _escaped(name: str, safe: str = "") -> str:
    """Return a name as a URL has it; what is an escape already stays."""
    return quote(os.fsencode(name), safe="%!$&'()*+,;=:@" + safe)
