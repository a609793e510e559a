"""Lineage of addresses: which kinds of pages led to one, and its place in an order that no endless set can fill.

The order is that of start-time fair queueing (Goyal, Vin and Cheng, 1996): each template of addresses is a flow, and a
flow's next address has a rank above its last one. Breadth first alone is no defence: a site whose sections have twenty
pages is deep, and at that depth a calendar has more pages than a crawl may fetch.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Mapping

    from saaf.crawler.discovery.templates import Templates

LINEAGE: Final = "saaf_lineage"
"""Key of request.meta: the lineage of the URL, as `Lineage.to_meta` returns it."""
STEP: Final = 1_000
"""Units of rank between a page and what it names."""
_COSTS: Final = {
    # is recurrent, has recurrences on the way, is of a good template: units of rank of an address in its flow
    (False, False, False): 20,
    (False, False, True): 20,
    (False, True, False): 125,
    (False, True, True): 60,
    (True, True, False): 1_000,
    (True, True, True): 200,
}
_GOOD: Final = 3  # pages that make a template a good one
_MOST_KEYS: Final = 8  # kinds of pages that a lineage remembers, the nearest
_MOST_FLOWS: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """How the crawl came to an address.

    `rank` is its place in the order in thousandths of a step of depth. `recurrences` is the number of times that a
    template led on to itself on the way, `is_recurrent` says whether the last link did. `parent` is the template of the
    page that named the address, None for a start URL, `keys` are the kinds of all pages on the way, the nearest last,
    both as checksums.
    """

    rank: int = 0
    recurrences: int = 0
    is_recurrent: bool = False
    parent: int | None = None
    keys: tuple[int, ...] = ()

    def to_meta(self) -> list[int]:
        """Return the lineage as plain data."""
        return [self.rank, self.recurrences, int(self.is_recurrent), self.parent or 0, *self.keys]

    @classmethod
    def of_meta(cls, meta: Mapping[str, Any]) -> Lineage:
        """Return the lineage in the meta of a request; that of a start URL where it has none."""
        match meta.get(LINEAGE):
            case [int(rank), int(count), int(last), int(parent), *keys] if all(isinstance(key, int) for key in keys):
                return cls(rank=rank, recurrences=count, is_recurrent=bool(last), parent=parent, keys=tuple(keys))
        return cls()


class FairOrder:
    """The ranks of the addresses of one crawl; its memory is bounded, and a crawl that goes on begins it anew.

    A template is good once a few of its pages had new text and named no address of a template that led to them, as
    articles do, or named such pages, as lists do. What a trap makes names ever more of itself.
    """

    def __init__(self, templates: Templates) -> None:
        self._templates = templates
        self._last: OrderedDict[str, int] = OrderedDict()
        self._good: OrderedDict[int, int] = OrderedDict()
        self._fertile: OrderedDict[str, None] = OrderedDict()  # pages that named addresses of their own kind

    def lineage(self, url: str, page: str, of_page: Lineage) -> Lineage:
        """Return the lineage of a new address that the page at `page` names, whose own is `of_page`."""
        template, group = self._templates.of(url)
        page_template, page_group = self._templates.of(page)
        page_key = _kind_of(page_template, page_group)
        keys = (*(other for other in of_page.keys if other != page_key), page_key)[-_MOST_KEYS:]
        recurrent = (
            _kind_of(template, group) in keys or _same_path(template, page_template) or self._same_family(url, page)
        )
        if recurrent:
            _remember(self._fertile, page, None)
        recurrences = of_page.recurrences + recurrent
        good = any(self._good.get(key_of(name), 0) >= _GOOD for name in _names(template))
        cost = _COSTS[recurrent, recurrences > 0, good]
        flow = template if "?" in template else group
        if recurrences and not good:
            flow = _first_segment(template)
        rank = max(of_page.rank + min(STEP, cost if recurrent else STEP), self._last.get(flow, 0) + cost)
        _remember(self._last, flow, rank)
        parent = key_of(page_template)
        return Lineage(rank=rank, recurrences=recurrences, is_recurrent=recurrent, parent=parent, keys=keys)

    def praise(self, page: str, of_page: Lineage) -> None:
        """Note that a page had new text, after `lineage` was called for all that it names."""
        if page in self._fertile:
            return
        own = (key_of(name) for name in _names(self._templates.of(page)[0]))
        for key in (*own, of_page.parent):
            if key is not None:
                _remember(self._good, key, self._good.get(key, 0) + 1)

    def _same_family(self, url: str, page: str) -> bool:
        family = self._templates.family_of(url)
        return family is not None and family == self._templates.family_of(page)


def _kind_of(template: str, group: str) -> int:
    """Return by what a lineage remembers an address: its group, or its template directly below the host, or where it is
    a directory, whose group has all that it lists.
    """
    path = template.partition("?")[0]
    return key_of(template if path.count("/") < 2 or path.endswith("/") else group)


def _names(template: str) -> tuple[str, ...]:
    """Return a template, and that without parameters where it has some and is of no front page."""
    path, mark, _ = template.partition("?")
    return (template, path) if mark and not path.endswith("/") else (template,)


def _same_path(template: str, other: str) -> bool:
    """Return whether two templates differ in their parameters alone, other than those of a front page."""
    path = template.partition("?")[0]
    return path == other.partition("?")[0] and path.partition("/")[2] != ""


def _first_segment(template: str) -> str:
    """Return what all templates below one first segment share, or all that have no more than one."""
    host, *segments = template.partition("?")[0].split("/")
    return f"{host}/{segments[0]}/**" if len(segments) > 1 else f"{host}/**"


def _remember(memory: OrderedDict[Any, Any], key: object, value: object) -> None:
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > _MOST_FLOWS:
        memory.popitem(last=False)


def key_of(template: str) -> int:
    """Return the checksum by which a lineage remembers a template."""
    return crc32(template.encode("utf-8", "backslashreplace"))
