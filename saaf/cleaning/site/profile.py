"""Site profiles: which lines and normalized paths stand on which pages of a site, and which of them were removed.

A profile is a sample: the 64 pages with the smallest ids among all pages it was built from (ids are digests, so this is
a random sample that does not depend on the order of the pages), and which lines stood on which of them. So profiles of
parts of a site merge into the profile of the whole, a page given twice counts once, and the size has a bound.

A *path* is a block's path as `saaf.cleaning.html.path_names.normalize_path` returns it, "" in the text track. *Distinct
articles* are the pages of the sample less those that show the same article at another address: see `distinct_articles`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from saaf.cleaning.html.path_names import normalize_path
from saaf.cleaning.site.fingerprints import beginning, fingerprint, line_digests, paragraph_digest
from saaf.cleaning.text.prose import is_long, is_prose
from saaf.cleaning.types import Track

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from saaf.cleaning.types import Block, CleanDocument, Document, Removal

MOST_PAGES: Final = 64
"""Pages of a site in a profile: a line on a twentieth of the pages is found, a line by chance is not."""
LEAST_PAGES: Final = 5
"""Distinct articles from which on a profile is used."""
SITES: Final = 64
"""Sites whose profiles a process caches, 0.4 MB each: crawls alternate between hosts, and to read and count a profile
takes longer than to clean a page with it.
"""
_MAX_BLOCKS: Final = 1000  # of a page: beyond are lists of links, the same in kind as those before
_MAX_PROSE_DIGESTS: Final = 3  # of a page
_MIN_SHARED_PROSE_DIGESTS: Final = 2  # of two pages with the same article
_MIN_PROSE_ON_EITHER_SIDE: Final = 2  # paragraphs: nearer to either end of the article, labels stand among prose

LineKey = tuple[str, str, bool]
"""A line's fingerprint, its path, and whether the fingerprint is that of the line's beginning only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRecord:
    """A line of a site, and the pages of the sample on which it stands.

    `fingerprint` is that of the whole line, with `is_beginning` that of its beginning. `path` is the normalized path,
    "" in the text track. All page ids are sorted: `pages` are those on which the line stands; `inside` those of them on
    which it stands amid the article; `removed` those on which the single-page pass removed it. `user_veto`: a person
    decided that it is never removed.
    """

    fingerprint: str
    path: str
    is_beginning: bool = False
    pages: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    user_veto: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRecord:
    """A normalized path of a site, and the ids of pages, sorted, on which the single-page pass `kept` most of the text
    under it, and `removed` all of it. `user_veto`: a person decided that it is never removed.
    """

    path: str
    kept: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    user_veto: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PageSketch:
    """A page of the sample, by digests of 8 hexadecimal digits.

    `prose_digests` are those of its three longest paragraphs, the longest first: two addresses of one article share two
    of them. `line_digests` are those of its lines in order, of the text track only.
    """

    id: str
    prose_digests: tuple[str, ...] = ()
    line_digests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteProfile:
    """The sample of a site's pages, and the lines and paths on them, each sorted."""

    site: str
    pages: tuple[PageSketch, ...] = ()
    lines: tuple[LineRecord, ...] = ()
    paths: tuple[PathRecord, ...] = ()

    def __hash__(self) -> int:
        """Return a hash that does not depend on every line: profiles are cache keys, looked up for each page."""
        return hash((self.site, len(self.lines), len(self.paths), self.pages[:1]))


def profile_page(clean: CleanDocument) -> SiteProfile:
    """Return the profile of a site of which one page is known; `clean` is its document after the single-page pass."""
    document = clean.document
    texts = [document.text[block.start : block.end] for block in document.blocks[:_MAX_BLOCKS]]
    kept = kept_blocks(document, clean.removals)[:_MAX_BLOCKS]
    prose = [is_prose(text) for text in texts]
    kept_prose = [is_kept and is_paragraph for is_paragraph, is_kept in zip(prose, kept, strict=True)]
    digests = line_digests(texts) if document.track is Track.TEXT else ()
    articles = [text for text, is_article in zip(texts, kept_prose, strict=True) if is_article]
    return SiteProfile(
        site=document.site,
        pages=(PageSketch(id=document.id, prose_digests=_longest_digests(articles), line_digests=digests),),
        lines=_line_records(document, texts, prose, kept, _amid_prose(kept_prose)),
        paths=tuple(_path_records(document, texts, kept)),
    )


def _line_records(
    document: Document, texts: Sequence[str], prose: Sequence[bool], kept: Sequence[bool], inside: Sequence[bool]
) -> tuple[LineRecord, ...]:
    """Return the records of a page's lines, less the long paragraphs amid its article."""
    page = (document.id,)
    records: dict[LineKey, LineRecord] = {}
    for block, text, is_paragraph, is_kept, amid in zip(document.blocks, texts, prose, kept, inside, strict=False):
        if amid and is_kept and is_long(text):
            continue
        for key in line_keys(block, text, prose=is_paragraph):
            before = records.get(key)
            records[key] = LineRecord(
                fingerprint=key[0],
                path=key[1],
                is_beginning=key[2],
                pages=page,
                inside=page if amid or (before and before.inside) else (),
                removed=page if not is_kept and (not before or before.removed) else (),
            )
    return tuple(records[key] for key in sorted(records))


def line_keys(block: Block, text: str, *, prose: bool) -> tuple[LineKey, ...]:
    """Return the keys under which a block is recorded: that of its fingerprint and, where it is no `prose`, that of its
    beginning.
    """
    path = normalize_path(block.path)
    whole, begun = fingerprint(text), "" if prose else beginning(text)
    keys = ((whole, path, False),) if whole else ()
    return (*keys, (begun, path, True)) if begun and begun != whole else keys


def kept_blocks(document: Document, removals: Sequence[Removal]) -> list[bool]:
    """Return for each block whether the removals, which are sorted and disjoint, leave more than half of it."""
    kept, index = [], 0
    for block in document.blocks:
        while index < len(removals) and removals[index].end <= block.start:
            index += 1
        removed, current = 0, index
        while current < len(removals) and removals[current].start < block.end:
            removed += min(removals[current].end, block.end) - max(removals[current].start, block.start)
            current += 1
        kept.append(2 * removed < block.end - block.start)
    return kept


def _amid_prose(kept_prose: Sequence[bool]) -> list[bool]:
    """Return for each block whether at least two paragraphs of the article stand on either side of it."""
    total = sum(kept_prose)
    amid, before = [], 0
    for is_paragraph in kept_prose:
        after = total - before - is_paragraph
        amid.append(before >= _MIN_PROSE_ON_EITHER_SIDE and after >= _MIN_PROSE_ON_EITHER_SIDE)
        before += is_paragraph
    return amid


def _path_records(document: Document, texts: Sequence[str], kept: Sequence[bool]) -> Iterable[PathRecord]:
    """Yield the records of a page's paths and of the paths of the elements around its blocks."""
    characters: dict[str, list[int]] = defaultdict(lambda: [0, 0])  # removed, kept
    for block, text, is_kept in zip(document.blocks, texts, kept, strict=False):
        steps = normalize_path(block.path).split("/")
        for depth in range(2, len(steps) + 1):
            characters["/".join(steps[:depth])][int(is_kept)] += len(text)
    page = (document.id,)
    for path in sorted(characters):
        removed, remaining = characters[path]
        yield PathRecord(path=path, kept=page if remaining > removed else (), removed=page if remaining == 0 else ())


def _longest_digests(paragraphs: Iterable[str]) -> tuple[str, ...]:
    longest = sorted(set(paragraphs), key=lambda text: (-len(text), text))[:_MAX_PROSE_DIGESTS]
    return tuple(paragraph_digest(text, 8, numbers_count=False) for text in longest)


def distinct_articles(profile: SiteProfile) -> dict[str, str]:
    """Return for each page of the sample the id of the first page that shows the same article.

    Two pages show the same article where they share two of their three longest paragraphs. Evidence is counted in
    distinct articles: one article at ten addresses is no evidence that its lines belong to the site.
    """
    first = {page.id: page.id for page in profile.pages}
    for index, page in enumerate(profile.pages):
        for other in profile.pages[:index]:
            longest = max(len(page.prose_digests), len(other.prose_digests), 1)
            shared = len(set(page.prose_digests) & set(other.prose_digests))
            if shared >= min(_MIN_SHARED_PROSE_DIGESTS, longest):
                low, high = sorted((first[page.id], first[other.id]))
                first = {name: low if article == high else article for name, article in first.items()}
    return first


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
    line_groups: dict[tuple[str, str, bool], list[LineRecord]] = defaultdict(list)
    path_groups: dict[str, list[PathRecord]] = defaultdict(list)
    for part in parts:
        for line in part.lines:
            line_groups[line.path, line.fingerprint, line.is_beginning].append(line)
        for path in part.paths:
            path_groups[path.path].append(path)
    lines = (_merge_lines(line_groups[key], sample) for key in sorted(line_groups))
    paths = (_merge_paths(path_groups[key], sample) for key in sorted(path_groups))
    return SiteProfile(
        site=parts[0].site,
        pages=pages,
        lines=tuple(line for line in lines if line.pages or line.user_veto),
        paths=tuple(path for path in paths if path.kept or path.removed or path.user_veto),
    )


def _merge_lines(group: Sequence[LineRecord], sample: frozenset[str]) -> LineRecord:
    return replace(
        group[0],
        pages=_union((line.pages for line in group), sample),
        inside=_union((line.inside for line in group), sample),
        removed=_union((line.removed for line in group), sample),
        user_veto=any(line.user_veto for line in group),
    )


def _merge_paths(group: Sequence[PathRecord], sample: frozenset[str]) -> PathRecord:
    return replace(
        group[0],
        kept=_union((path.kept for path in group), sample),
        removed=_union((path.removed for path in group), sample),
        user_veto=any(path.user_veto for path in group),
    )


def _union(groups: Iterable[tuple[str, ...]], sample: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted({page for group in groups for page in group} & sample))
