"""Pages of a template that a site's profile knows: decided by their places alone, without any method's vote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cleaning.decide import Decision
from cleaning.fingerprints import place
from cleaning.profile import LEAST_PAGES, is_prose
from cleaning.recurring import LEAST_STORIES, TEMPLATE, evidence_of
from cleaning.types import Removal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaning.profile import SiteProfile
    from cleaning.recurring import PlaceFact
    from cleaning.types import Block, Document

KNOWN: Final = "known_template"
"""The flag of a document that was read without votes."""
_SURE: Final = 0.8  # of a place's pages: it holds the article, or never does
_MOST_UNKNOWN: Final = 0.05  # of a page's text in places of which nothing is known, or too little to be sure
_LEAST_PROSE: Final = 2  # paragraphs in places that hold articles: with less it is another kind of page


def is_known(document: Document, profile: SiteProfile) -> bool:
    """Tell whether a page is of a template that the profile knows: nearly all its text stands in places that hold the
    site's articles or never do, and there are paragraphs in the former.
    """
    keeps = _keeps(document.blocks, profile)
    if keeps is None:
        return False
    unknown = prose = 0
    for block, keep in zip(document.blocks, keeps, strict=True):
        if keep is None:
            unknown += block.end - block.start
        elif keep:
            prose += is_prose(document.text[block.start : block.end])
    return prose >= _LEAST_PROSE and unknown <= _MOST_UNKNOWN * len(document.text)


def decide_known(document: Document, profile: SiteProfile) -> Decision:
    """Return the blocks to take out of a page of a known template; what stands in an unknown place is decided by the
    region of the densest text.
    """
    keeps = _keeps(document.blocks, profile) or ()
    removals = []
    for index, (block, keep) in enumerate(zip(document.blocks, keeps, strict=False)):
        stays = any(vote.method == "density" and vote.keep > 0 for vote in block.votes) if keep is None else keep
        if not stays:
            after = document.blocks[index + 1].start if index + 1 < len(document.blocks) else len(document.text)
            removals.append(Removal(start=block.start, end=after, rule=TEMPLATE, score=_SURE))
    return Decision(removals=tuple(removals))


def _keeps(blocks: Sequence[Block], profile: SiteProfile) -> list[bool | None] | None:
    """Return for each block whether its place holds articles, None where that is not known; None for all where the
    profile knows too few stories.
    """
    known = evidence_of(profile)
    if known.total < LEAST_PAGES:
        return None
    places: dict[str, bool | None] = {}
    for block in blocks:
        where = place(block.path)
        if where not in places:
            places[where] = _holds_article(known.places, where)
    return [places[place(block.path)] for block in blocks]


def _holds_article(places: Mapping[str, PlaceFact], where: str) -> bool | None:
    own = True
    while where.count("/") > 1:
        if fact := places.get(where):
            if fact.stories < LEAST_STORIES:
                return None
            if fact.removed >= _SURE:
                return fact.keep
            return True if own and fact.removed <= 1 - _SURE else None
        where, own = where.rpartition("/")[0], False
    return None
