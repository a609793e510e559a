"""Pages of a template that a site's profile knows: decided by their places alone, without any method's vote."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Any, Final

from saaf.cleaning.decision.decide import Decision, block_removals
from saaf.cleaning.html.path_names import normalize_path
from saaf.cleaning.site.evidence import LEAST_STORIES, count_evidence
from saaf.cleaning.site.profile import LEAST_PAGES, SITES
from saaf.cleaning.site.repeated_blocks import TEMPLATE_RULE
from saaf.cleaning.text.prose import is_prose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from saaf.cleaning.html.segment import TemplatePaths
    from saaf.cleaning.site.evidence import PlaceFact
    from saaf.cleaning.site.profile import SiteProfile
    from saaf.cleaning.types import Document

KNOWN_TEMPLATE: Final = "known_template"
"""The flag of a document that was read without votes."""
_SURE: Final = 0.8  # of a place's pages: it holds the article, or never does
_MOST_UNKNOWN: Final = 0.05  # of a page's text in places of which nothing is known, or too little to be sure
_LEAST_PROSE: Final = 2  # paragraphs in places that hold articles: with less it is another kind of page


def match_template(lines: Sequence[str], paths: Sequence[str], profile: SiteProfile) -> list[bool | None] | None:
    """Return for each block of a page, by its line and its path, whether its place holds articles, None where that is
    not known; None for all where the page is of no template that the profile, which has `boilerplate_places`, knows.

    It is where nearly all its text stands in places that hold the site's articles or never do, and there are paragraphs
    in the former.
    """
    known = count_evidence(profile).places
    places = {path: _holds_article(known, normalize_path(path)) for path in set(paths)}
    keeps = [places[path] for path in paths]
    unknown = sum(len(line) for line, keep in zip(lines, keeps, strict=True) if keep is None)
    prose = (keep and is_prose(line) for line, keep in zip(lines, keeps, strict=True))
    enough = sum(islice(filter(None, prose), _LEAST_PROSE)) == _LEAST_PROSE
    return keeps if enough and unknown <= _MOST_UNKNOWN * sum(map(len, lines)) else None


def decide_by_template(document: Document) -> Decision:
    """Return the blocks to take out of a page of a known template: those whose one vote is against them."""
    reasons = [
        None if any(vote.keep > 0 for vote in block.votes) else (TEMPLATE_RULE, _SURE) for block in document.blocks
    ]
    return Decision(removals=block_removals(document, reasons))


@lru_cache(maxsize=SITES)
def boilerplate_places(profile: SiteProfile) -> TemplatePaths:
    """Return the places that never hold the site's articles, with all that is known to stand in them; none where the
    profile knows too few stories.
    """
    known = count_evidence(profile)
    if known.total < LEAST_PAGES:
        return {}
    holds = {where: _holds_article(known.places, where) for where in known.places}
    others = [where for where, held in holds.items() if held is not False]
    around = {outer for where in others for outer in accumulate(where.split("/"), "{}/{}".format)}
    found: dict[str, Any] = {}
    for where in sorted(holds.keys() - around, key=lambda where: where.count("/")):
        *steps, last = where.split("/")
        inner: dict[str, Any] | None = found
        for step in steps:
            inner = None if inner is None else inner.setdefault(step, {})
        if inner is not None:  # else an outer place holds it
            inner[last] = None
    return found


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
