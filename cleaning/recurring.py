"""What a site's profile says of the blocks of one of its pages: which are the site's and not the article's."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cleaning.fingerprints import place
from cleaning.normalise import letters
from cleaning.profile import LEAST_PAGES, Entry, Region, SiteProfile, is_long, is_prose, kept_blocks, keys_of, stories
from cleaning.types import Kind, Removal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaning.types import Block, Document

REPEATED: Final = "profile.repeated"
TEMPLATE: Final = "profile.template"
_LEAST_STORIES: Final = 3  # that hold a line before it is the site's
_LEAST_SHARE: Final = 0.2  # of the site's stories
_HALF: Final = 0.5
_NEARLY_ALL: Final = 0.8
_MANY: Final = 0.4
_OUTSIDE: Final = 0.7  # of the pages: a place, or a line, that is taken out on so many is not the article's
_CONSTANT: Final = 0.8
_MOST_TAKEN: Final = 0.5  # of the text that stays: a page of which more would go is another kind of page


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A profile, counted: each line, and each place, with the stories that hold it; `total` counts the stories."""

    total: int
    constant: frozenset[str]
    lines: Mapping[tuple[str, str, bool], tuple[Entry, int, float]]
    places: Mapping[str, tuple[Region, int, float]]


@lru_cache(maxsize=16)
def evidence_of(profile: SiteProfile) -> Evidence:
    """Return what a profile holds of use for cleaning: per line the number of stories with it and the share of its
    pages on which it was removed, per place the number of stories and the share on which it was removed whole.
    """
    story = stories(profile)
    lines = {}
    for entry in profile.entries:
        count = len({story[page] for page in entry.pages})
        if count >= _LEAST_STORIES or entry.keep:
            lines[entry.text, entry.place, entry.begins] = (entry, count, len(entry.removed) / max(len(entry.pages), 1))
    occurrences: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for entry in profile.entries:
        if not entry.begins:
            held = occurrences[entry.place]
            held[0] += len(entry.pages) if (entry.text, entry.place, False) in lines else 0
            held[1] += len(entry.pages)
    constant = frozenset(where for where, (same, every) in occurrences.items() if same >= _CONSTANT * every)
    places = {}
    for region in profile.regions:
        count = len({story[page] for page in (*region.kept, *region.removed)})
        if count >= _LEAST_STORIES or region.keep:
            places[region.place] = (region, count, len(region.removed) / max(len(region.kept) + len(region.removed), 1))
    return Evidence(total=len(set(story.values())), constant=constant, lines=lines, places=places)


def recurring(document: Document, removals: Sequence[Removal], profile: SiteProfile) -> tuple[Removal, ...]:
    """Return removals of whole blocks of `document`, of those that `removals` leave, which the site's other pages show
    to be the site's: lines that it repeats, and places where it never has its articles.

    A line that recurs is only taken out outside the article or at its edges, or where it was taken out on other pages;
    a long paragraph amid the article never. Nothing is taken out while fewer than `LEAST_PAGES` stories are known, or
    where nothing else would be left.
    """
    known = evidence_of(profile)
    if known.total < LEAST_PAGES:
        return ()
    blocks = document.blocks
    texts = [document.text[block.start : block.end] for block in blocks]
    staying = [index for index, stays in enumerate(kept_blocks(document, removals)) if stays]
    lines = {index: _line(known, blocks[index], texts[index]) for index in staying}
    title = letters(document.metadata.title or "")
    edge = _edges(staying, lines, blocks, texts, [bool(title) and letters(text[:400]) == title for text in texts])
    found: dict[int, str] = {}
    for index in staying:
        if title and letters(texts[index][:400]) == title:
            continue
        if _is_sites(known, lines[index], blocks[index], texts[index], index in edge):
            found[index] = REPEATED
        elif _never_article(known, blocks[index]):
            found[index] = TEMPLATE
    sizes = {index: len(texts[index]) for index in staying if found.get(index) != TEMPLATE}
    if sum(sizes[index] for index in sizes if index in found) > _MOST_TAKEN * sum(sizes.values()):
        found = {index: rule for index, rule in found.items() if rule == TEMPLATE or not is_prose(texts[index])}
    if not any(is_prose(texts[index]) or len(staying) < 3 for index in staying if index not in found):
        return ()
    return tuple(
        Removal(start=blocks[i].start, end=_end(document, i), rule=rule, score=0.9) for i, rule in sorted(found.items())
    )


def with_recurring(document: Document, removals: Sequence[Removal], profile: SiteProfile) -> tuple[Removal, ...]:
    """Return `removals` and those of `recurring`, sorted and disjoint; where the last blocks go, so does the line break
    before them.
    """
    joined: list[Removal] = []
    found = recurring(document, removals, profile)
    if not found:
        return tuple(removals)
    for removal in sorted((*removals, *found), key=lambda removal: (removal.start, removal.end)):
        start = max(removal.start, joined[-1].end) if joined else removal.start
        if start < removal.end:
            joined.append(replace(removal, start=start))
    end, last = len(document.text), len(joined)
    while last and joined[last - 1].end == end:
        last, end = last - 1, joined[last - 1].start
    if last < len(joined):
        joined[last] = replace(joined[last], start=len(document.text[:end].rstrip()))
    return tuple(joined)


def _line(known: Evidence, block: Block, text: str) -> tuple[Entry, int, float] | None:
    """Return what is known of a block's line: as a whole, else of its beginning."""
    found = [known.lines[key] for key in keys_of(block, text) if key in known.lines]
    if any(entry.keep for entry, _, _ in found):
        return None
    for entry, count, removed in found:
        least = _HALF if entry.begins or is_prose(text) else _LEAST_SHARE
        if count >= max(_LEAST_STORIES, least * known.total):
            return entry, count, removed
    return None


def _edges(
    staying: Sequence[int],
    lines: Mapping[int, object],
    blocks: Sequence[Block],
    texts: Sequence[str],
    title: Sequence[bool],
) -> set[int]:
    """Return the blocks that recur and have nothing but blocks that recur, and headings, before them or after them."""
    edge: set[int] = set()
    for index in staying:
        skipped = title[index] or blocks[index].kind is Kind.HEADING
        if not skipped and (lines[index] is None or is_prose(texts[index])):  # a series introduces itself so
            break
        edge.add(index)
    for index in reversed(staying):
        if lines[index] is None:
            break
        edge.add(index)
    return {index for index in edge if lines[index] is not None}


def _is_sites(known: Evidence, line: tuple[Entry, int, float] | None, block: Block, text: str, at_edge: bool) -> bool:
    if line is None:
        return False
    entry, count, removed = line
    amid = 2 * len(entry.inside) > len(entry.pages)
    if amid and (is_long(text) or (removed < _HALF and entry.place not in known.constant)):  # a quotation, a refrain
        return False
    if is_long(text) and removed < _HALF and entry.place not in known.constant and count < _NEARLY_ALL * known.total:
        return False
    if entry.place in known.constant and not is_prose(text) and count >= _MANY * known.total:
        at_edge = at_edge or block.kind is not Kind.HEADING or removed > 0.1
    return at_edge or removed >= _HALF or (not amid and block.link_density > _HALF)


def _never_article(known: Evidence, block: Block) -> bool:
    """Tell whether a block's place, or the smallest element around it that is known, was taken out on most pages."""
    where = place(block.path)
    while where.count("/") > 2:
        if where in known.places:
            region, count, removed = known.places[where]
            return not region.keep and count >= _LEAST_STORIES and removed >= _OUTSIDE
        where = where.rpartition("/")[0]
    return False


def _end(document: Document, index: int) -> int:
    blocks = document.blocks
    return blocks[index + 1].start if index + 1 < len(blocks) else len(document.text)
