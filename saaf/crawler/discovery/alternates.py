"""Alternate addresses of pages: AMP and print versions, canonical addresses, later parts of an article."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from saaf.cleaning.text.urls import canonical_url as normal_form
from saaf.cleaning.text.urls import path_of, site_of
from saaf.crawler.discovery.links import absolute_url, tidy

if TYPE_CHECKING:
    from saaf.cleaning.html.outline import Outline

_AMP_PATH: Final = re.compile(r"(?<=[^/])/amp/?$|\.amp(?=\.html?$)|\.amp$|(?<=[^/])/amp(?=\.html?$)", re.IGNORECASE)
_PRINT_PATH: Final = re.compile(
    r"(?<=[^/])/print/?$|(?<=[^/])/(?:print|printversion|printview)\.\w{3,5}$", re.IGNORECASE
)
_AMP_VALUES: Final = re.compile(r"amp(?:=(?:1|true|yes)?)?|(?:output_?type|format|type|view|mode)=amp", re.IGNORECASE)
_PRINT_VALUES: Final = re.compile(
    r"(?:print|printer|printable|printer_friendly|print_version)(?:=(?:1|true|yes|y|on)?)?"
    r"|(?:view|format|mode|layout|action|do|version|type|op)=print(?:able|er|view|_?version)?",
    re.IGNORECASE,
)
_MOBILE: Final = re.compile(r"^(?:m|mobile|amp|wap|touch)\.", re.IGNORECASE)
_PART_QUERY: Final = re.compile(r"(?:^|&)(?:page|p|pg|pagina|seite|paged|pageno|part)=(\d{1,3})(?=&|$)", re.IGNORECASE)
_MOST_NUMBERED: Final = 100  # links with the number of a page that are looked at
_PART_PATH: Final = re.compile(r"^(.*?)/(?:(?:page|seite|p)[/-]?)?(\d{1,3})/?$", re.IGNORECASE)


def main_address(url: str) -> tuple[str, str] | None:
    """Return the address of the page that `url` is the AMP or print version of by its form, and the word for it; None
    where it has no such form.

    A section of that name ("/print/2026/…") is none: only the end of a path, or a parameter, says it.
    """
    lower = url.lower()
    if "amp" not in lower and "print" not in lower:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    for word, path_pattern, value_pattern in (
        ("AMP", _AMP_PATH, _AMP_VALUES),
        ("print", _PRINT_PATH, _PRINT_VALUES),
    ):
        path = path_pattern.sub("", parts.path)
        if path != parts.path:
            slash = "/" if parts.path.endswith("/") else ""
            return urlunsplit(parts._replace(path=path + slash if path else "/")), word
        pairs = parts.query.split("&") if parts.query else []
        kept = [pair for pair in pairs if not value_pattern.fullmatch(pair)]
        # Without any other parameter and below no path the address says nothing of the page.
        if len(kept) < len(pairs) and (kept or parts.path not in ("", "/")):
            return urlunsplit(parts._replace(query="&".join(kept))), word
    return None


def canonical_url(url: str, outline: Outline) -> str | None:
    """Return the canonical address that a page at `url` declares (`<link rel=canonical>`, else `og:url`), absolute,
    without tracking; None where it declares none that can be used.

    One of another site is used, as syndicated articles have it. A front page is the canonical address of no other
    page: that is a template's mistake.
    """
    for declared in (outline.canonical, outline.og_url):
        found = absolute_url(url, declared) if declared else None
        if found and (path_of(found) not in ("", "/") or path_of(url) in ("", "/") or urlsplit(found).query):
            return tidy(found)
    return None


def mobile_main_address(url: str, outline: Outline) -> str | None:
    """Return the canonical address of a page on a host for phones ("m.example.org"), None where the page is on no such
    host or is its own canonical address.
    """
    canonical = canonical_url(url, outline)
    host = urlsplit(url).hostname or ""
    if canonical is None or not _MOBILE.match(host) or not _is_same_site(host, canonical):
        return None
    return canonical if normal_form(canonical) != normal_form(url) else None


def _is_same_site(mobile_host: str, url: str) -> bool:
    own = _MOBILE.sub("", mobile_host)
    return site_of(url) == own or site_of(url).endswith(f".{own}")


def is_same_address(one: str, other: str) -> bool:
    """Return whether two URLs have the same canonical form, with or without a slash at the end."""
    return normal_form(one).rstrip("/") == normal_form(other).rstrip("/")


def part_of(url: str) -> tuple[str, int] | None:
    """Return the first address of an article of several pages, and the number of the page at `url`, from 2; None where
    it has no such form ("?page=2", "/2/", "/page/2").
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if found := _PART_QUERY.search(parts.query):
        query = _PART_QUERY.sub("", parts.query).lstrip("&")
        first, number = urlunsplit(parts._replace(query=query)), int(found[1])
    elif (found := _PART_PATH.match(parts.path)) and found[1]:
        slash = "/" if parts.path.endswith("/") else ""
        first, number = urlunsplit(parts._replace(path=found[1] + slash)), int(found[2])
    else:
        return None
    return (first, number) if number >= 2 else None


def next_part(url: str, outline: Outline) -> tuple[str, str, int] | None:
    """Return the address of the next part of the article at `url`, its first part's, and its number.

    None where the page names none, or one of another article. It is named by rel=next, or by a link with the number of
    the next page as a parameter ("?page=2").
    """
    first, number = part_of(url) or (url, 1)
    named = [outline.next_page] if outline.next_page else []
    numbered = (link for link in outline.links if _PART_QUERY.search(link.partition("?")[2]))
    for link in (*named, *islice(numbered, _MOST_NUMBERED)):
        following = absolute_url(url, link)
        part = part_of(following) if following else None
        if following is None or part is None or part[1] != number + 1:
            continue
        if is_same_address(part[0], first):
            return following, first, part[1]
    return None
