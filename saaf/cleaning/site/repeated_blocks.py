"""Repeated and template blocks: removals of the blocks that a site's other pages show to be the site's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from saaf.cleaning.html.path_names import normalize_path
from saaf.cleaning.site.evidence import LEAST_ARTICLES, Evidence, KeptBlock, LineEvidence, count_evidence
from saaf.cleaning.site.fingerprints import first_word
from saaf.cleaning.site.profile import LEAST_PAGES, kept_blocks, line_keys
from saaf.cleaning.site.repeated_runs import find_repeated_runs
from saaf.cleaning.text.copies import copy_key
from saaf.cleaning.text.prose import is_long, is_prose
from saaf.cleaning.types import Kind, Removal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Set

    from saaf.cleaning.site.profile import SiteProfile
    from saaf.cleaning.types import Block, Document

REPEATED_RULE: Final = "profile.repeated"
TEMPLATE_RULE: Final = "profile.template"
RUN_RULE: Final = "profile.run"
# Thresholds. Measured on 407 pages of 40 sites (benchmarks/profiles.py): with these, one removed line in fifteen stands
# in a gold text, mostly a disclaimer.
_MIN_SHARE_LABEL: Final = 0.2  # of the site's distinct articles, from which on a line that is no prose recurs
_MIN_SHARE_PROSE: Final = 0.5  # of them, from which on a paragraph, or the beginning of a line, recurs
_MIN_SHARE_CONSTANT_PATH: Final = 0.4  # of them, from which on a line under a constant path is removed anywhere
_MIN_REMOVED_SHARE_LINE: Final = 0.5  # of a line's pages, from which on it is removed anywhere
_MIN_REMOVED_SHARE_PATH: Final = 0.7  # of a path's pages, from which on its blocks are removed
_RARELY_REMOVED_SHARE: Final = 0.1  # of a line's pages: a long line or a heading removed on no more of them stays
_MIN_LINK_DENSITY: Final = 0.5  # of a block, above which a line that recurs is one of a list of links
_MAX_REPEATED_SHARE: Final = 0.5  # of the characters of a page: where more would be removed as repeated, prose stays
_MAX_HEADLINE_PUNCTUATION: Final = 20  # characters of a copy of the headline beyond twice its letters
_SCORE: Final = 0.9  # of the removals
_WHOLE_PAGE_DEPTH: Final = 2  # slashes in "html/body/div": a path with no more of them is most of the page


def find_repeated_blocks(document: Document, removals: Sequence[Removal], profile: SiteProfile) -> tuple[Removal, ...]:
    """Return removals of whole blocks of `document`, among those that `removals` leave, that are the site's by the
    evidence of its other pages: repeated lines, and blocks under paths that were removed there.

    A repeated line is only removed at the article's edges or outside it, or where the single-page pass removed it on
    other pages; a long paragraph amid the article never. In the text track runs of lines that other pages have in the
    same order are removed as well. () where fewer than `LEAST_PAGES` distinct articles are known, or where no prose
    would be left; where repeated lines are more than half of the page, its prose stays.
    """
    evidence = count_evidence(profile)
    if evidence.articles < LEAST_PAGES:
        return ()
    blocks = _blocks_with_evidence(document, removals, evidence)
    edges = _edge_indices(blocks)
    rules = dict.fromkeys(find_repeated_runs(blocks, evidence.successors), RUN_RULE) if evidence.successors else {}
    for block in blocks:
        if block.is_protected or block.index in rules:
            continue
        if block.evidence and _is_boilerplate_line(evidence, block, block.evidence, block.index in edges):
            rules[block.index] = REPEATED_RULE
        elif _has_boilerplate_path(evidence, block.block):
            rules[block.index] = TEMPLATE_RULE
    rules = _without_repeated_prose(blocks, rules)
    if not any(block.is_prose and block.index not in rules for block in blocks):
        return ()
    return tuple(_removal(document, index, rule) for index, rule in sorted(rules.items()))


def remove_repeated_blocks(
    document: Document, removals: Sequence[Removal], profile: SiteProfile
) -> tuple[Removal, ...]:
    """Return `removals` and those of `find_repeated_blocks`, sorted and disjoint; where the last blocks are removed, so
    is the line break before them.
    """
    found = find_repeated_blocks(document, removals, profile)
    if not found:
        return tuple(removals)
    joined: list[Removal] = []
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


def _without_repeated_prose(blocks: Sequence[KeptBlock], rules: Mapping[int, str]) -> dict[int, str]:
    """Return the `rules` by block index, less those of repeated prose where repeated lines are more than half of the
    page, blocks of other rules left out.
    """
    sizes = {block.index: len(block.text) for block in blocks if rules.get(block.index, REPEATED_RULE) == REPEATED_RULE}
    removed = sum(size for index, size in sizes.items() if index in rules)
    if removed <= _MAX_REPEATED_SHARE * sum(sizes.values()):
        return dict(rules)
    prose = {block.index for block in blocks if block.is_prose}
    return {index: rule for index, rule in rules.items() if rule != REPEATED_RULE or index not in prose}


def _removal(document: Document, index: int, rule: str) -> Removal:
    blocks = document.blocks
    end = blocks[index + 1].start if index + 1 < len(blocks) else len(document.text)
    return Removal(start=blocks[index].start, end=end, rule=rule, score=_SCORE)


def _blocks_with_evidence(document: Document, removals: Sequence[Removal], evidence: Evidence) -> list[KeptBlock]:
    """Return the blocks that `removals` leave, with their evidence."""
    title = copy_key(document.metadata.title or "")
    found = []
    for index, (block, is_kept) in enumerate(zip(document.blocks, kept_blocks(document, removals), strict=True)):
        if not is_kept:
            continue
        text = document.text[block.start : block.end]
        prose = is_prose(text)
        first_words = evidence.first_words.get(normalize_path(block.path))
        keys = line_keys(block, text, prose=prose) if first_words and _may_be_known(text, first_words) else ()
        lines = [evidence.lines[key] for key in keys if key in evidence.lines]
        is_headline = len(text) <= 2 * len(title) + _MAX_HEADLINE_PUNCTUATION and copy_key(text) == title != ""
        user_veto = any(line.record.user_veto for line in lines)
        recurring = None
        if not is_headline and not user_veto:
            recurring = next((line for line in lines if _recurs(evidence, line, prose)), None)
        found.append(
            KeptBlock(
                index=index,
                block=block,
                text=text,
                evidence=recurring,
                is_prose=prose,
                is_headline=is_headline,
                user_veto=user_veto,
            )
        )
    return found


def _may_be_known(text: str, first_words: Set[str]) -> bool:
    """Return False where no known line has the first word of `text`: its fingerprint need not be computed."""
    word = first_word(text)
    return word is None or word in first_words


def _recurs(evidence: Evidence, line: LineEvidence, prose: bool) -> bool:
    """Return whether enough of the site's distinct articles have a line."""
    share = _MIN_SHARE_PROSE if line.record.is_beginning or prose else _MIN_SHARE_LABEL
    return line.articles >= max(LEAST_ARTICLES, share * evidence.articles)


def _edge_indices(blocks: Sequence[KeptBlock]) -> set[int]:
    """Return the indices of the blocks that recur and have only such blocks before them, headings aside, or only such
    after them.
    """
    edges: set[int] = set()
    for block in blocks:
        if block.evidence and not block.is_prose:
            edges.add(block.index)
        elif not block.is_protected and block.block.kind is not Kind.HEADING:  # prose too: a series introduces itself
            break
    for block in reversed(blocks):
        if block.evidence is None:
            break
        edges.add(block.index)
    return edges


def _is_boilerplate_line(evidence: Evidence, block: KeptBlock, line: LineEvidence, at_edge: bool) -> bool:
    """Return whether a line that recurs belongs to the site rather than to its articles."""
    record = line.record
    has_constant_path = record.path in evidence.constant_paths
    often_removed = line.removed_share >= _MIN_REMOVED_SHARE_LINE
    amid = 2 * len(record.inside) > len(record.pages)
    if is_long(block.text) and (amid or line.removed_share <= _RARELY_REMOVED_SHARE):
        return False  # long paragraphs of articles; half of the gold texts hold a disclaimer at their end
    if amid and not (often_removed or has_constant_path):
        return False  # a refrain, a quotation
    if at_edge or often_removed or (not amid and block.block.link_density > _MIN_LINK_DENSITY):
        return True
    is_label = not block.is_prose and line.articles >= _MIN_SHARE_CONSTANT_PATH * evidence.articles
    is_heading = block.block.kind is Kind.HEADING
    return has_constant_path and is_label and (not is_heading or line.removed_share > _RARELY_REMOVED_SHARE)


def _has_boilerplate_path(evidence: Evidence, block: Block) -> bool:
    """Return whether a block's path, or the nearest path above it with evidence, was removed on most pages."""
    path = normalize_path(block.path)
    while path.count("/") > _WHOLE_PAGE_DEPTH:
        if own := evidence.paths.get(path):
            enough = own.articles >= LEAST_ARTICLES and own.removed_share >= _MIN_REMOVED_SHARE_PATH
            return enough and not own.user_veto
        path = path.rpartition("/")[0]
    return False
