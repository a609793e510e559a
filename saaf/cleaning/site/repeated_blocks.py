"""What a site's profile says of the blocks of one of its pages: which are the site's and not the article's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from saaf.cleaning.html.path_names import normalize_path
from saaf.cleaning.site.evidence import LEAST_STORIES, Evidence, Fact, KeptBlock, count_evidence
from saaf.cleaning.site.fingerprints import first_word
from saaf.cleaning.site.profile import LEAST_PAGES, kept_blocks, line_keys
from saaf.cleaning.site.repeated_runs import find_repeated_runs
from saaf.cleaning.text.normalise import headline_key
from saaf.cleaning.text.prose import is_long, is_prose
from saaf.cleaning.types import Kind, Removal

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from saaf.cleaning.site.profile import SiteProfile
    from saaf.cleaning.types import Block, Document

REPEATED_RULE: Final = "profile.repeated"
TEMPLATE_RULE: Final = "profile.template"
RUN_RULE: Final = "profile.run"
# Shares of the site's stories, or of the pages that hold a line or a place. Measured on 407 pages of 40 sites
# (benchmarks/profiles.py): with these, one removed line in fifteen stands in a gold text, mostly a disclaimer.
_FEW: Final = 0.2
_MANY: Final = 0.4
_HALF: Final = 0.5
_MOST: Final = 0.7
_SOME: Final = 0.1
_SCORE: Final = 0.9
_BODY_DEPTH: Final = 2  # steps above which a place is the whole page


def find_repeated_blocks(document: Document, removals: Sequence[Removal], profile: SiteProfile) -> tuple[Removal, ...]:
    """Return removals of whole blocks of `document`, of those that `removals` leave, which the site's other pages show
    to be the site's: lines that it repeats, and places where it never has its articles.

    A line that recurs is only taken out at the article's edges or outside it, or where other pages took it out; a long
    paragraph amid the article never; of a bare text also runs of lines that other pages have in the same order. Nothing
    is taken out while fewer than `LEAST_PAGES` stories are known, or where no prose would be left; and of a page of
    which lines that recur are more than half, prose stays.
    """
    known = count_evidence(profile)
    if known.total < LEAST_PAGES:
        return ()
    lines = _staying(document, removals, known)
    edge = _edges(lines)
    found = dict.fromkeys(find_repeated_runs(lines, known.follows), RUN_RULE) if known.follows else {}
    for line in lines:
        if line.spared or line.index in found:
            continue
        if line.fact and _is_sites(known, line, line.fact, line.index in edge):
            found[line.index] = REPEATED_RULE
        elif _never_article(known, line.block):
            found[line.index] = TEMPLATE_RULE
    sizes = {line.index: len(line.text) for line in lines if found.get(line.index, REPEATED_RULE) == REPEATED_RULE}
    if sum(size for index, size in sizes.items() if index in found) > _HALF * sum(sizes.values()):
        prose = {line.index for line in lines if line.prose}
        found = {index: rule for index, rule in found.items() if rule != REPEATED_RULE or index not in prose}
    if not any(line.prose and line.index not in found for line in lines):
        return ()
    return tuple(_removal(document, index, rule) for index, rule in sorted(found.items()))


def remove_repeated_blocks(
    document: Document, removals: Sequence[Removal], profile: SiteProfile
) -> tuple[Removal, ...]:
    """Return `removals` and those of `find_repeated_blocks`, sorted and disjoint; where the last blocks go, so does the
    line break before them.
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


def _removal(document: Document, index: int, rule: str) -> Removal:
    blocks = document.blocks
    end = blocks[index + 1].start if index + 1 < len(blocks) else len(document.text)
    return Removal(start=blocks[index].start, end=end, rule=rule, score=_SCORE)


def _staying(document: Document, removals: Sequence[Removal], known: Evidence) -> list[KeptBlock]:
    title = headline_key(document.metadata.title or "")
    lines = []
    for index, (block, stays) in enumerate(zip(document.blocks, kept_blocks(document, removals), strict=True)):
        if not stays:
            continue
        text = document.text[block.start : block.end]
        prose = is_prose(text)
        firsts = known.firsts.get(normalize_path(block.path))
        keys = line_keys(block, text, prose=prose) if firsts and _may_be_known(text, firsts) else ()
        facts = [known.lines[key] for key in keys if key in known.lines]
        headline = len(title) <= len(text) <= 2 * len(title) + 20 and headline_key(text) == title
        user_veto = any(fact.entry.keep for fact in facts)
        spared = headline or user_veto
        fact = None if spared else next((fact for fact in facts if _is_common(known, fact, prose)), None)
        one = KeptBlock(index=index, block=block, text=text, fact=fact, prose=prose, spared=spared, user_veto=user_veto)
        lines.append(one)
    return lines


def _may_be_known(text: str, firsts: Set[str]) -> bool:
    word = first_word(text)
    return word is None or word in firsts


def _is_common(known: Evidence, fact: Fact, prose: bool) -> bool:
    share = _HALF if fact.entry.begins or prose else _FEW
    return fact.stories >= max(LEAST_STORIES, share * known.total)


def _edges(lines: Sequence[KeptBlock]) -> set[int]:
    """Return the lines that recur and have only such lines before them, headings aside, or only such after them."""
    edge: set[int] = set()
    for line in lines:
        if line.fact and not line.prose:
            edge.add(line.index)
        elif not line.spared and line.block.kind is not Kind.HEADING:  # prose too: a series introduces itself so
            break
    for line in reversed(lines):
        if line.fact is None:
            break
        edge.add(line.index)
    return edge


def _is_sites(known: Evidence, line: KeptBlock, fact: Fact, at_edge: bool) -> bool:
    """Tell whether a line that recurs belongs to the site rather than to its articles."""
    entry = fact.entry
    outside = fact.removed >= _HALF or entry.path in known.constant
    amid = 2 * len(entry.inside) > len(entry.pages)
    if is_long(line.text) and (amid or fact.removed <= _SOME):
        return False  # what articles say at length; half of the gold texts hold a disclaimer at their end
    if amid and not outside:
        return False  # a refrain, a quotation
    if at_edge or fact.removed >= _HALF or (not amid and line.block.link_density > _HALF):
        return True
    alone = entry.path in known.constant and not line.prose and fact.stories >= _MANY * known.total
    return alone and (line.block.kind is not Kind.HEADING or fact.removed > _SOME)


def _never_article(known: Evidence, block: Block) -> bool:
    """Tell whether a block's place, or the smallest element around it that is known, was taken out on most pages."""
    where = normalize_path(block.path)
    while where.count("/") > _BODY_DEPTH:
        if fact := known.places.get(where):
            return not fact.keep and fact.stories >= LEAST_STORIES and fact.removed >= _MOST
        where = where.rpartition("/")[0]
    return False
