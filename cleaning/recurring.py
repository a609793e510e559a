"""What a site's profile says of the blocks of one of its pages: which are the site's and not the article's."""

from __future__ import annotations

from dataclasses import dataclass
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
_LEAST_SHARE_OF_PROSE: Final = 0.5
_LEAST_SHARE_BEGUN: Final = 0.5
_OUTSIDE: Final = 0.7  # of the pages: a place, or a line, that is taken out on so many is not the article's
_LINKED: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A profile, counted: each line, and each place, with the stories that hold it; `total` counts the stories."""

    total: int
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
    places = {}
    for region in profile.regions:
        count = len({story[page] for page in (*region.kept, *region.removed)})
        if count >= _LEAST_STORIES or region.keep:
            places[region.place] = (region, count, len(region.removed) / max(len(region.kept) + len(region.removed), 1))
    return Evidence(total=len(set(story.values())), lines=lines, places=places)


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
    edge = _edges(staying, lines, blocks, [bool(title) and letters(text) == title for text in texts] if lines else [])
    found: dict[int, str] = {}
    for index in staying:
        if title and letters(texts[index][:400]) == title:
            continue
        if _is_sites(known, lines[index], blocks[index], texts[index], index in edge):
            found[index] = REPEATED
        elif _never_article(known, blocks[index], texts[index]):
            found[index] = TEMPLATE
    if not any(is_prose(texts[index]) or len(staying) < 3 for index in staying if index not in found):
        return ()
    return tuple(
        Removal(start=blocks[i].start, end=_end(document, i), rule=rule, score=0.9) for i, rule in sorted(found.items())
    )


def _line(known: Evidence, block: Block, text: str) -> tuple[Entry, int, float] | None:
    """Return what is known of a block's line: as a whole, else of its beginning."""
    found = [known.lines[key] for key in keys_of(block, text) if key in known.lines]
    if any(entry.keep for entry, _, _ in found):
        return None
    for entry, count, removed in found:
        least = _LEAST_SHARE_BEGUN if entry.begins else _LEAST_SHARE_OF_PROSE if is_prose(text) else _LEAST_SHARE
        if count >= max(_LEAST_STORIES, least * known.total):
            return entry, count, removed
    return None


def _edges(
    staying: Sequence[int], lines: Mapping[int, object], blocks: Sequence[Block], title: Sequence[bool]
) -> set[int]:
    """Return the blocks that recur and have nothing but blocks that recur, and headings, before them or after them."""
    edge: set[int] = set()
    for index in staying:
        if lines[index] is None and not title[index] and blocks[index].kind is not Kind.HEADING:
            break
        edge.add(index)
    for index in reversed(staying):
        if lines[index] is None:
            break
        edge.add(index)
    return {index for index in edge if lines[index] is not None}


def _is_sites(
    known: Evidence, line: tuple[Entry, int, float] | None, block: Block, text: str, at_edge: bool
) -> bool:
    if line is None:
        return False
    entry, count, removed = line
    amid = 2 * len(entry.inside) > len(entry.pages)
    if amid and is_long(text):
        return False
    return at_edge or removed >= 0.5 or (not amid and block.link_density > _LINKED)


def _never_article(known: Evidence, block: Block, text: str) -> bool:
    """Tell whether the place of a block, or the smallest element around it that is known, was taken out on most pages."""
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
