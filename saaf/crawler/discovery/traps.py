"""Crawler traps: addresses without end that bring no new text (session ids, calendars, facets, growing paths).

Two tests. An address alone shows some traps: segments that repeat, too many segments or parameters, too long. The rest
is told by what comes back: addresses are grouped by template, and one whose last pages brought no new text is
abandoned. Text is compared with that of earlier pages of the same group only: a list that prints its articles in full
takes nothing from them. A page counts against its template only where some template led on to itself on the way to it
(`saaf.crawler.discovery.lineage`): that is what a trap does. New numbers are new text, too: prices and results differ
in nothing else. A page with something new speaks for the page that named it: a list of such pages is none.

What writes new text on every page is not told from articles, and only ranked behind them.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from saaf.crawler.discovery.lineage import FairOrder, Lineage, key_of
from saaf.crawler.discovery.templates import Templates, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGES: Final = 20
"""Pages in a row without new text after which their template is abandoned."""
NEW_BYTES: Final = 60
"""Least bytes of text, without digits and the letters a to f, that make a page new: a sentence, or two headlines."""
NEW_NUMBERS: Final = 4
"""Least numbers of three digits or more, no years and none of the address, that make a page new; one is enough where no
page of the same template led to it. Counters, times and sessions are three or fewer."""
MAX_URL: Final = 2_048
"""Characters of the longest address that is requested."""
MAX_SEGMENTS: Final = 24
MAX_PARAMETERS: Final = 16

_PLAIN_URL, _PLAIN_SLASHES = 200, 5  # characters and slashes of addresses that need no second look
_GROUP_FACTOR: Final = 2  # a group of templates has more kinds of pages than one template
_REPEATED: Final = re.compile(r"((?:/[^/]+){1,4}?)\1\1(?=/|$)")
_MAX_SAME: Final = 4  # times that one segment may stand in a path
_HAS_IDS: Final = re.compile(r"/[HT](?![a-z])|\?")  # in a template
_ID_WORD: Final = re.compile(rb"\b(?=[A-Za-z_-]*[0-9])[0-9A-Za-z_-]{8,}")
_TO_PIECES: Final = bytes.maketrans(b".,:;!?()[]{}\"'|/\\\t\r\x0b\x0c", b"\n" * 21)
_NUMBERS: Final = b"0123456789abcdefABCDEF"
# No year and no part of an id. A digit comes first, before what is asked about it: `re` looks for that in a third of
# the time.
_NUMBER: Final = re.compile(rb"\d(?<![\w-]\d)(?!(?<=1)9\d\d(?!\d)|(?<=2)0\d\d(?!\d))\d{2,8}(?![\w-])")
_MOST_NUMBERS: Final = 200  # of a page
_LEAST_PIECE: Final = 12  # bytes; shorter pieces of text are menus, names of months and numbers
_MAX_PIECES: Final = 1_000  # of a page
_REMEMBERED: Final = 2_000  # pieces of a group; as many again from before
_MAX_GROUPS: Final = 512
_ANY: Final = Lineage(recurrences=1, is_recurrent=True)


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


class Piece(NamedTuple):
    """A piece of text: its hash, that of it without the words of the page's address, and the bytes of the latter.

    It is new where neither hash was seen: error pages and searches repeat what they were asked for.
    """

    whole: int
    bare: int
    size: int


def numbers_of(text: bytes) -> set[bytes]:
    """Return the numbers of a text that may be all that is new in it: with three to nine digits, and no years."""
    return set(islice(_NUMBER.findall(text), _MOST_NUMBERS))


def pieces_of(text: bytes, url: str, *, ids: bool) -> list[Piece]:
    """Return the pieces of the text of a page at `url`, without what differs where nothing new is said.

    Lines are the pieces. Digits and the letters of hexadecimal numbers go, so that counters, dates and most ids of
    sessions leave nothing. With `ids` all words go that have digits in them, and marks part the pieces, too: that takes
    longer, and is only done where an address has ids, which the page may repeat.
    """
    bare = text
    for word in words_of(url):
        bare = bare.replace(word.encode("utf-8", "replace"), b"")
    lines = _lines(text, ids=ids)
    bare_lines = lines if bare == text else _lines(bare, ids=ids)
    pieces = {
        hash(line): Piece(hash(line), hash(bare_line), len(bare_line))
        for line, bare_line in zip(lines, bare_lines, strict=True)
        if len(line) >= _LEAST_PIECE
    }
    return list(islice(pieces.values(), _MAX_PIECES))


def _lines(text: bytes, *, ids: bool) -> list[bytes]:
    if ids:
        text = _ID_WORD.sub(b"", text).translate(_TO_PIECES)
    return text.translate(None, _NUMBERS).split(b"\n")


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
    recent: set[int | bytes] = field(default_factory=set)
    earlier: set[int | bytes] = field(default_factory=set)

    def add(self, pieces: list[Piece], numbers: set[bytes], least_numbers: int, *, chained: bool) -> bool:
        """Count a page by its pieces of text and its numbers; return whether it brought anything new.

        `least_numbers` is the least number of new numbers that are something new, `chained` whether it counts against
        the group where there is none.
        """
        recent, earlier = self.recent, self.earlier
        unseen = [one for one in pieces if one.whole not in recent and one.bare not in recent]
        new = sum(one.size for one in unseen if one.whole not in earlier and one.bare not in earlier)
        is_new = new >= NEW_BYTES or len(numbers - recent - earlier) >= least_numbers
        recent.update(*(one[:2] for one in unseen), numbers)
        if len(recent) > _REMEMBERED:
            self.earlier, self.recent = recent, set()
        self.pages += 1
        if is_new:
            self.idle = 0
        elif chained:
            self.idle += 1
        return is_new


class Traps:
    """The templates of one crawl, and which of them are abandoned.

    `order` gives the lineage of what a page names. `limit` is the number of pages in a row without new text after which
    a template is abandoned; 0 abandons none. The state is in memory alone, and bounded: a crawl that goes on after a
    stop learns it again within `limit` pages of each template.
    """

    def __init__(self, limit: int = PAGES, templates: Templates | None = None) -> None:
        self._limit = limit
        self._templates = templates or Templates()
        self.order = FairOrder(self._templates)
        self._groups: OrderedDict[int, _Group] = OrderedDict()

    def add(self, url: str, text: bytes, lineage: Lineage = _ANY) -> bool:
        """Count a page that was fetched, by its text (`saaf.cleaning.html.outline`) and how the crawl came to it.

        Returns whether it has something new.
        """
        name, *group_names = self._names(url)
        pieces = pieces_of(text, url, ids=_HAS_IDS.search(name) is not None)
        numbers = numbers_of(text) - {word.encode() for word in words_of(url)}
        chained, least = lineage.recurrences > 0, NEW_NUMBERS if lineage.is_recurrent else 1
        template = self._group(key_of(name))
        is_new = template.add(pieces, numbers, least, chained=chained)
        for group_name in group_names:
            if self._group(key_of(group_name)).add(pieces, numbers, least, chained=chained) or not chained:
                template.fresh, template.group_idle = True, 0
            else:
                template.group_idle += 1
        if is_new and not lineage.is_recurrent:
            self._speak_for(lineage.parent)
        return is_new

    def _speak_for(self, key: int | None) -> None:
        """Note that a page of a template named a page with something new, which it says nothing of itself."""
        group = self._groups.get(key) if key is not None else None
        if group is not None:
            group.idle = group.group_idle = 0
            group.fresh = True

    def _names(self, url: str) -> Iterable[str]:
        """Yield an address's template, its group, and its family where it has one, no two of the same name."""
        name, group = self._templates.of(url)
        family = self._templates.family_of(url)
        return (name, f"*{group}", *([f"**{family}"] if family else []))

    def refusal(self, url: str) -> str | None:
        """Return why an address is not requested, in one sentence, None where it is."""
        if found := trap_in_url(url):
            return found
        if not self._limit:
            return None
        name, *group_names = self._names(url)
        template = self._groups.get(key_of(name))
        if template is not None and template.idle >= self._limit:
            return _abandoned(name, self._limit)
        reasons = (self._group_refusal(group_name, template) for group_name in group_names)
        return next(filter(None, reasons), None)

    def _group_refusal(self, name: str, template: _Group | None) -> str | None:
        group, limit = self._groups.get(key_of(name)), _GROUP_FACTOR * self._limit
        if group is None or group.idle < limit:
            return None
        if template is None:  # one page of each new template may still show that it is another kind
            return _abandoned(name.lstrip("*"), limit) if group.idle >= limit + self._limit else None
        if not template.fresh or template.group_idle >= self._limit:
            return _abandoned(name.lstrip("*"), limit)
        return None

    def _group(self, key: int) -> _Group:
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group()
            if len(self._groups) > _MAX_GROUPS:
                self._groups.popitem(last=False)
        else:
            self._groups.move_to_end(key)
        return group


def _abandoned(name: str, pages: int) -> str:
    return (
        f"the last {pages} pages at addresses like {name} brought no new text, so no more of them are requested; "
        "if they matter, crawl with -s SAAF_TRAP_PAGES=0"
    )
