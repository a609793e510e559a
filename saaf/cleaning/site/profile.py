"""What is known of a site from its pages: lines that it repeats, places that hold articles, places that never do.

A profile is a sample: of all pages ever shown to it, the 64 with the smallest ids (ids are digests, so this is a sample
by chance that does not depend on the order of the pages), and which lines stood on which of them. So profiles of parts
of a site merge into the profile of the whole, a page shown twice counts once, and the size has a bound.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from saaf.cleaning.html.path_names import normalize_path
from saaf.cleaning.site.fingerprints import beginning, fingerprint, line_digests
from saaf.cleaning.text.prose import is_long, is_prose
from saaf.cleaning.text.urls import digest_of
from saaf.cleaning.types import Track

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from saaf.cleaning.types import Block, CleanDocument, Document, Removal

MOST_PAGES: Final = 64
"""Pages of a site that a profile remembers: a line on a twentieth of the pages is found, a line by chance is not."""
LEAST_PAGES: Final = 5
"""Pages from which on a profile has a say."""
SITES: Final = 64
"""Sites whose profiles a process keeps at hand, 0.4 MB each: crawls take turns among hosts, and to read a profile and
count it takes longer than to clean a page by it.
"""
_MOST_BLOCKS: Final = 1000  # of a page: beyond are lists of links, the same in kind as those before
_SKETCHED: Final = 3
_EDGE: Final = 2  # paragraphs of prose from either end of the article: there, labels stand among prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of a site: `text` is its fingerprint, or with `begins` that of its beginning; `normalize_path` is its path
    without what varies, "" in the text track.

    `pages` are the ids of the pages it stands on, sorted; `inside` those of them where it stands amid the article,
    `removed` those where it was taken out by its own page's lights. `keep` is a person's veto: never removed.
    """

    text: str
    path: str
    begins: bool = False
    pages: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    keep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A place in a site's pages: ids of pages, sorted, on which most of its text was `kept`, and `removed`; `keep` is a
    person's veto.
    """

    path: str
    kept: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    keep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Sketch:
    """A page of the sample: its id; the digests of its three longest paragraphs, the longest first: two addresses of
    one story have two of them in common; of a bare text the digests of its lines, in their `order`.
    """

    id: str
    prose: tuple[str, ...] = ()
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteProfile:
    """What is known of a site: the pages looked at, and the lines and places on them, each sorted."""

    site: str
    pages: tuple[Sketch, ...] = ()
    entries: tuple[Entry, ...] = ()
    regions: tuple[Region, ...] = ()

    def __hash__(self) -> int:
        """Return a hash that does not look at every line: a profile is looked up for each page."""
        return hash((self.site, len(self.entries), len(self.regions), self.pages[:1]))


def profile_page(clean: CleanDocument) -> SiteProfile:
    """Return the profile of a site of which one page is known."""
    document = clean.document
    texts = [document.text[block.start : block.end] for block in document.blocks[:_MOST_BLOCKS]]
    kept = kept_blocks(document, clean.removals)[:_MOST_BLOCKS]
    prose = [is_prose(text) for text in texts]
    inside = _inside([stays and running for running, stays in zip(prose, kept, strict=True)])
    page = (document.id,)
    entries: dict[tuple[str, str, bool], Entry] = {}
    for block, text, running, stays, amid in zip(document.blocks, texts, prose, kept, inside, strict=False):
        if amid and stays and is_long(text):
            continue
        for key in line_keys(block, text, prose=running):
            before = entries.get(key)
            entries[key] = Entry(
                text=key[0],
                path=key[1],
                begins=key[2],
                pages=page,
                inside=page if amid or (before and before.inside) else (),
                removed=page if not stays and (not before or before.removed) else (),
            )
    order = line_digests(texts) if document.track is Track.TEXT else ()
    articles = [text for text, running, stays in zip(texts, prose, kept, strict=True) if stays and running]
    return SiteProfile(
        site=document.site,
        pages=(Sketch(id=document.id, prose=_longest(articles), order=order),),
        entries=tuple(entries[key] for key in sorted(entries)),
        regions=tuple(_regions(document, texts, kept)),
    )


def line_keys(block: Block, text: str, *, prose: bool) -> tuple[tuple[str, str, bool], ...]:
    """Return what a block is known by: its fingerprint and, where it is no `prose`, that of its beginning, each with
    its place.
    """
    where = normalize_path(block.path)
    whole, begun = fingerprint(text), "" if prose else beginning(text)
    keys = ((whole, where, False),) if whole else ()
    return (*keys, (begun, where, True)) if begun and begun != whole else keys


def kept_blocks(document: Document, removals: Sequence[Removal]) -> list[bool]:
    """Return for each block whether more than half of it stays."""
    kept, index = [], 0
    for block in document.blocks:
        while index < len(removals) and removals[index].end <= block.start:
            index += 1
        gone, at = 0, index
        while at < len(removals) and removals[at].start < block.end:
            gone += min(removals[at].end, block.end) - max(removals[at].start, block.start)
            at += 1
        kept.append(2 * gone < block.end - block.start)
    return kept


def _inside(prose: Sequence[bool]) -> list[bool]:
    """Return for each block whether at least two paragraphs of the article stand on either side of it."""
    total = sum(prose)
    inside, before = [], 0
    for one in prose:
        after = total - before - one
        inside.append(before >= _EDGE and after >= _EDGE)
        before += one
    return inside


def _regions(document: Document, texts: Sequence[str], kept: Sequence[bool]) -> Iterable[Region]:
    letters: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for block, text, stays in zip(document.blocks, texts, kept, strict=False):
        steps = normalize_path(block.path).split("/")
        for depth in range(2, len(steps) + 1):
            letters["/".join(steps[:depth])][int(stays)] += len(text)
    page = (document.id,)
    for where in sorted(letters):
        gone, held = letters[where]
        yield Region(path=where, kept=page if held > gone else (), removed=page if held == 0 else ())


def merge_profiles(profiles: Iterable[SiteProfile]) -> SiteProfile:
    """Return the profile of all pages of some profiles of one site; in any order and any grouping it is the same.

    Raises ValueError where there is none, or where they are of different sites.
    """
    parts = list(profiles)
    sites = {part.site for part in parts}
    if len(sites) != 1:
        raise ValueError(f"profiles of one site can be merged, these are of {', '.join(sorted(sites)) or 'none'}")
    captures = {page.id: page for page in sorted(page for part in parts for page in part.pages)}
    pages = tuple(captures.values())[:MOST_PAGES]
    sample = frozenset(page.id for page in pages)
    lines: dict[tuple[str, str, bool], list[Entry]] = defaultdict(list)
    places: dict[str, list[Region]] = defaultdict(list)
    for part in parts:
        for entry in part.entries:
            lines[entry.path, entry.text, entry.begins].append(entry)
        for region in part.regions:
            places[region.path].append(region)
    entries = (_merged_entry(lines[key], sample) for key in sorted(lines))
    regions = (_merged_region(places[key], sample) for key in sorted(places))
    return SiteProfile(
        site=parts[0].site,
        pages=pages,
        entries=tuple(entry for entry in entries if entry.pages or entry.keep),
        regions=tuple(region for region in regions if region.kept or region.removed or region.keep),
    )


def stories(profile: SiteProfile) -> dict[str, str]:
    """Return for each page of the sample the first page that holds the same story: one story under ten addresses is no
    evidence that its lines belong to the site.
    """
    first = {page.id: page.id for page in profile.pages}
    for index, page in enumerate(profile.pages):
        for other in profile.pages[:index]:
            if len(set(page.prose) & set(other.prose)) >= min(2, max(len(page.prose), len(other.prose), 1)):
                mine, its = first[page.id], first[other.id]
                low, high = min(mine, its), max(mine, its)
                first = {name: low if story == high else story for name, story in first.items()}
    return first


def _longest(prose: Iterable[str]) -> tuple[str, ...]:
    return tuple(_digest(text) for text in sorted(set(prose), key=lambda text: (-len(text), text))[:_SKETCHED])


def _digest(text: str) -> str:
    return digest_of(fingerprint(text[:2000]), 8)


def _merged_entry(group: Sequence[Entry], sample: frozenset[str]) -> Entry:
    return replace(
        group[0],
        pages=_union((entry.pages for entry in group), sample),
        inside=_union((entry.inside for entry in group), sample),
        removed=_union((entry.removed for entry in group), sample),
        keep=any(entry.keep for entry in group),
    )


def _merged_region(group: Sequence[Region], sample: frozenset[str]) -> Region:
    return replace(
        group[0],
        kept=_union((region.kept for region in group), sample),
        removed=_union((region.removed for region in group), sample),
        keep=any(region.keep for region in group),
    )


def _union(groups: Iterable[tuple[str, ...]], sample: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted({page for group in groups for page in group} & sample))
