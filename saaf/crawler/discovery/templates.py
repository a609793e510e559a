"""Templates of addresses: what the addresses of pages of one kind have in common."""

from __future__ import annotations

import re
from collections import OrderedDict
from functools import lru_cache
from typing import Final
from urllib.parse import unquote, urlsplit

MOST_NAMES: Final = 32
"""Different names at one place of a path; those that are met later are of the same template."""
MOST_QUERIES: Final = 8
"""Different sets of parameters of one path; those that are met later are of the same template."""
DEEP: Final = 3
"""Segments without a number from which on a path is deep: all deep paths below one first segment are of a family."""

_HEX: Final = re.compile(r"(?=[0-9-]*[a-f])(?=[a-f-]*[0-9])[0-9a-f-]{8,}|[0-9a-f-]{12,}", re.IGNORECASE)
_TOKEN: Final = re.compile(r"(?=[^0-9]*\d)(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])[0-9A-Za-z_-]{12,}|[0-9a-z]{20,}")
_DIGITS: Final = re.compile(r"\d+")
_WORDS: Final = re.compile(r"[^\W_]{3,}")
_MOST_PLACES: Final = 4_000  # whose names are counted
_MOST_WORDS: Final = 40  # of an address


@lru_cache(maxsize=4096)
def template_of(url: str) -> tuple[str, str]:
    """Return an address's template, and the group of templates that it belongs to.

    Of the template, numbers are N, hexadecimal numbers H, other ids T and long names S; parameters are their names. A
    group has all parameters of one path, or all last segments of one directory.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, url
    return _named(parts.netloc.lower(), [_normalize(segment) for segment in parts.path.split("/")[1:]], parts.query)


@lru_cache(maxsize=1024)
def words_of(url: str) -> tuple[str, ...]:
    """Return the words and numbers of an address, from three letters on, the longest first: a page may repeat them."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ()
    words = set(_WORDS.findall(unquote(f"{parts.path} {parts.query}")))
    return tuple(sorted(words, key=lambda word: (-len(word), word))[:_MOST_WORDS])


class Templates:
    """The templates of one crawl; what is endlessly many names at one place of a path becomes "*" there.

    Random names have no form by which one could tell them: that there are ever more of them does. Memory is bounded:
    places that were not seen for longest are forgotten, and counted anew.
    """

    def __init__(self) -> None:
        self._names: OrderedDict[str, set[str]] = OrderedDict()

    def of(self, url: str) -> tuple[str, str]:
        """Return template and group of an address, as `template_of` has them, with "*" where names have no end."""
        name, _ = template_of(url)
        address, mark, query = name.partition("?")
        host, *segments = address.split("/")
        known = host
        for place, segment in enumerate(segments):
            segments[place] = self._collapse(known, segment, MOST_NAMES)
            known = f"{known}/{segments[place]}"
        if mark:
            query = self._collapse(f"{known}?", query, MOST_QUERIES)
        return _joined(host, segments, mark + query)

    def family_of(self, url: str) -> str | None:
        """Return the family of a deep path: its host and first segment; None for a path that is not deep."""
        host, *segments = template_of(url)[1].partition("?")[0].split("/")
        deep = sum(segment not in ("N", "*", "") for segment in segments) >= DEEP
        return f"{host}/{segments[0]}/**" if deep else None

    def _collapse(self, place: str, name: str, most: int) -> str:
        names = self._names.get(place)
        if names is None:
            names = self._names[place] = set()
            if len(self._names) > _MOST_PLACES:
                self._names.popitem(last=False)
        else:
            self._names.move_to_end(place)
        if len(names) < most:
            names.add(name)  # what is met first is what the front page names: that stays itself
        return name if name in names or not name else "*"


def _named(host: str, segments: list[str], query: str) -> tuple[str, str]:
    if query:
        names = sorted({_normalize(pair.partition("=")[0]) for pair in re.split("[&;]", query) if pair})
        query = f"?{'&'.join(names)}"
    return _joined(host, segments, query)


def _joined(host: str, segments: list[str], query: str) -> tuple[str, str]:
    path = "/".join(segments)
    group = f"{host}/{path}?*" if query else f"{host}/{'/'.join([*segments[:-1], '*'])}"
    return f"{host}/{path}{query}", group


def _normalize(segment: str) -> str:
    if _HEX.fullmatch(segment):
        return "H"
    if _TOKEN.fullmatch(segment):
        return "T"
    if segment.count("-") + segment.count("_") + segment.count("+") >= 2 or len(segment) > 24 or "%" in segment:
        return "S"
    return _DIGITS.sub("N", segment.lower())
