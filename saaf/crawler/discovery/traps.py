"""Crawler traps: addresses without end that bring no new text (session ids, calendars, facets, growing paths).

Two tests. An address alone shows some traps: segments that repeat, too many segments or parameters, too long. The rest
is told by what comes back: addresses are grouped by template, and one whose last pages brought no new text is
abandoned. Text is compared with that of earlier pages of the same group only: a list that prints its articles in full
takes nothing from them. A page counts against its template only where a page of the same template led to it: a trap
leads on to itself. What lists, sitemaps and feeds name are pages, even where they differ in little (prices, weather).
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

CHAINED: Final = "saaf_chained"
"""Key of request.meta: whether a page of the same template led to the URL."""
PAGES: Final = 20
"""Pages in a row without new text after which their template is abandoned."""
NEW_BYTES: Final = 60
"""Least bytes of text, without digits and the letters a to f, that make a page new: a sentence, or two headlines."""
MAX_URL: Final = 2_048
"""Characters of the longest address that is requested."""
MAX_SEGMENTS: Final = 24
MAX_PARAMETERS: Final = 16

_PLAIN_URL, _PLAIN_SLASHES = 200, 5  # characters and slashes of addresses that need no second look
_GROUP_FACTOR: Final = 2  # a group of templates has more kinds of pages than one template
_REPEATED: Final = re.compile(r"((?:/[^/]+){1,4}?)\1\1(?=/|$)")
_MAX_SAME: Final = 4  # times that one segment may stand in a path
_HEX: Final = re.compile(r"(?=[0-9-]*[a-f])(?=[a-f-]*[0-9])[0-9a-f-]{8,}|[0-9a-f-]{12,}", re.IGNORECASE)
_TOKEN: Final = re.compile(r"(?=[^0-9]*\d)(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])[0-9A-Za-z_-]{12,}|[0-9a-z]{20,}")
_DIGITS: Final = re.compile(r"\d+")
_HAS_IDS: Final = re.compile(r"/[HT](?![a-z])|\?")  # in a template
_ID_WORD: Final = re.compile(rb"\b(?=[A-Za-z_-]*[0-9])[0-9A-Za-z_-]{8,}")
_TO_PIECES: Final = bytes.maketrans(b".,:;!?()[]{}\"'|/\\\t\r\x0b\x0c", b"\n" * 21)
_NUMBERS: Final = b"0123456789abcdefABCDEF"
_LEAST_PIECE: Final = 12  # bytes; shorter pieces of text are menus, names of months and numbers
_MAX_PIECES: Final = 1_000  # of a page
_REMEMBERED: Final = 2_000  # pieces of a group; as many again from before
_MAX_GROUPS: Final = 512


def trap_in_url(url: str) -> str | None:
    """Return why an address alone is a trap, in one sentence, None where it is none."""
    if len(url) < _PLAIN_URL and url.count("/") < _PLAIN_SLASHES and "?" not in url:
        return None
    if len(url) > MAX_URL:
        return f"the address has {len(url)} characters; more than {MAX_URL} are a sign of a trap"
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    segments = [segment for segment in parts.path.split("/") if segment]
    if len(segments) > MAX_SEGMENTS:
        return f"the path has {len(segments)} segments; more than {MAX_SEGMENTS} are a sign of a trap"
    words = [segment for segment in segments if not segment.isdigit()]
    repeated = _REPEATED.search("".join(f"/{segment}" for segment in segments))
    if repeated and not repeated[1].replace("/", "").isdigit():
        return f"the path repeats {repeated[1]} three times: relative links that lead ever deeper"
    if any(words.count(word) > _MAX_SAME for word in set(words)):
        return f"one segment stands more than {_MAX_SAME} times in the path: relative links that lead ever deeper"
    count = len([pair for pair in re.split("[&;]", parts.query) if pair])
    if count > MAX_PARAMETERS:
        return f"the query has {count} parameters; more than {MAX_PARAMETERS} are a sign of a trap"
    return None


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
    host = parts.netloc.lower()
    segments = [_normalize(segment) for segment in parts.path.split("/")[1:]]
    path = "/".join(segments)
    if parts.query:
        names = sorted({_normalize(pair.partition("=")[0]) for pair in re.split("[&;]", parts.query) if pair})
        return f"{host}/{path}?{'&'.join(names)}", f"{host}/{path}?*"
    return f"{host}/{path}", f"{host}/{'/'.join([*segments[:-1], '*'])}"


def leads_on(page: str, link: str) -> bool:
    """Return whether a link of a page is of the page's own template, or of its group, or adds parameters to it."""
    name, group = template_of(page)
    own, own_group = template_of(link)
    return name == own or group == own_group or name.partition("?")[0] == own.partition("?")[0]


def _normalize(segment: str) -> str:
    if _HEX.fullmatch(segment):
        return "H"
    if _TOKEN.fullmatch(segment):
        return "T"
    if segment.count("-") + segment.count("_") + segment.count("+") >= 2 or len(segment) > 24 or "%" in segment:
        return "S"
    return _DIGITS.sub("N", segment.lower())


def pieces_of(text: bytes, *, ids: bool) -> dict[int, int]:
    """Return the sizes of the pieces of a text by their hash, without what differs where nothing new is said.

    Lines are the pieces. Digits and the letters of hexadecimal numbers go, so that counters, dates and most ids of
    sessions leave nothing. With `ids` all words go that have digits in them, and marks part the pieces, too: that takes
    longer, and is only done where an address has ids, which the page may repeat.
    """
    if ids:
        text = _ID_WORD.sub(b"", text).translate(_TO_PIECES)
    lines = text.translate(None, _NUMBERS).split(b"\n")
    pieces = {hash(line): len(line) for line in lines if len(line) >= _LEAST_PIECE}
    return pieces if len(pieces) <= _MAX_PIECES else dict(islice(pieces.items(), _MAX_PIECES))


@dataclass(slots=True)
class _Group:
    """The pages of one template, or of a group of templates.

    `idle` is the number of pages since one brought new text, `pages` that of all. Of a template, `fresh` says whether
    a page of it ever brought text that was new to its group, `group_idle` how many pages ago the last one did.
    """

    pages: int = 0
    idle: int = 0
    fresh: bool = False
    group_idle: int = 0
    recent: set[int] = field(default_factory=set)
    earlier: set[int] = field(default_factory=set)

    def add(self, pieces: dict[int, int], *, chained: bool) -> bool:
        """Count a page by its pieces of text (hash and size); return whether it brought new text or is not chained."""
        unseen = pieces.keys() - self.recent
        self.recent |= unseen
        new = sum(pieces[piece] for piece in unseen - self.earlier)
        if len(self.recent) > _REMEMBERED:
            self.earlier, self.recent = self.recent, set()
        self.pages += 1
        if new >= NEW_BYTES:
            self.idle = 0
        elif chained:
            self.idle += 1
        return new >= NEW_BYTES or not chained


class Traps:
    """The templates of one crawl, and which of them are abandoned.

    `limit` is the number of pages in a row without new text after which a template is abandoned; 0 abandons none. The
    state is in memory alone, and bounded: a crawl that goes on after a stop learns it again within `limit` pages of
    each template.
    """

    def __init__(self, limit: int = PAGES) -> None:
        self._limit = limit
        self._groups: OrderedDict[str, _Group] = OrderedDict()

    def add(self, url: str, text: bytes, *, chained: bool = True) -> None:
        """Count a page that was fetched, by its text (`saaf.cleaning.html.outline`); `chained` is as in `leads_on`."""
        name, group_name = template_of(url)
        pieces = pieces_of(text, ids=_HAS_IDS.search(name) is not None)
        template = self._group(name)
        template.add(pieces, chained=chained)
        if self._group("*" + group_name).add(pieces, chained=chained):
            template.fresh, template.group_idle = True, 0
        else:
            template.group_idle += 1

    def refusal(self, url: str) -> str | None:
        """Return why an address is not requested, in one sentence, None where it is."""
        if found := trap_in_url(url):
            return found
        if not self._limit:
            return None
        name, group_name = template_of(url)
        template, group = self._groups.get(name), self._groups.get("*" + group_name)
        if template is not None and template.idle >= self._limit:
            return _abandoned(name, self._limit)
        limit = _GROUP_FACTOR * self._limit
        if group is None or group.idle < limit:
            return None
        if template is None:  # one page of each new template may still show that it is another kind
            return _abandoned(group_name, limit) if group.idle >= limit + self._limit else None
        if not template.fresh or template.group_idle >= self._limit:
            return _abandoned(group_name, limit)
        return None

    def _group(self, name: str) -> _Group:
        group = self._groups.get(name)
        if group is None:
            group = self._groups[name] = _Group()
            if len(self._groups) > _MAX_GROUPS:
                self._groups.popitem(last=False)
        else:
            self._groups.move_to_end(name)
        return group


def _abandoned(name: str, pages: int) -> str:
    return (
        f"the last {pages} pages at addresses like {name} brought no new text, so no more of them are requested; "
        "if they matter, crawl with -s SAAF_TRAP_PAGES=0"
    )
