"""Template matching: pages whose normalized paths a site profile knows, decided by their paths without any extractor's
vote.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Any, Final

from saaf.cleaning.decision.decide import Decision, block_removals
from saaf.cleaning.html.path_names import normalize_path
from saaf.cleaning.site.evidence import LEAST_ARTICLES, count_evidence
from saaf.cleaning.site.profile import LEAST_PAGES, SITES
from saaf.cleaning.site.repeated_blocks import TEMPLATE_RULE
from saaf.cleaning.text.prose import is_prose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from saaf.cleaning.html.segment import TemplatePaths
    from saaf.cleaning.site.evidence import PathEvidence
    from saaf.cleaning.site.profile import SiteProfile
    from saaf.cleaning.types import Document

KNOWN_TEMPLATE: Final = "known_template"
"""The flag of a document that was read without votes of extractors."""
_MIN_CERTAIN_SHARE: Final = 0.8  # of a path's pages on which it was kept, or removed, from which on its class is known
_MAX_UNKNOWN_SHARE: Final = 0.05  # of a page's characters under paths of unknown class
_MIN_ARTICLE_PARAGRAPHS: Final = 2  # under paths of articles: with less it is another kind of page


class PathClass(Enum):
    """What a site's pages have under a path."""

    ARTICLE = "article"
    """Text of the article, or text that a person vetoed the removal of."""
    BOILERPLATE = "boilerplate"
    """Never text of the article."""
    UNKNOWN = "unknown"
    """No evidence, too little of it, or now the one and now the other."""


def match_template(lines: Sequence[str], paths: Sequence[str], profile: SiteProfile) -> list[PathClass] | None:
    """Return the class of each block's path where the page is of a template that the profile knows, else None.

    `lines` and `paths` are the texts and the paths, not normalized, of the page's blocks; the profile has
    `boilerplate_paths`. A template is known where at most 5 % of the page's characters stand under paths of unknown
    class, and at least two paragraphs under those of articles.
    """
    evidence = count_evidence(profile).paths
    class_of = {path: _classify_path(evidence, normalize_path(path)) for path in set(paths)}
    classes = [class_of[path] for path in paths]
    unknown = sum(len(line) for line, own in zip(lines, classes, strict=True) if own is PathClass.UNKNOWN)
    prose = (own is PathClass.ARTICLE and is_prose(line) for line, own in zip(lines, classes, strict=True))
    enough = sum(islice(filter(None, prose), _MIN_ARTICLE_PARAGRAPHS)) == _MIN_ARTICLE_PARAGRAPHS
    return classes if enough and unknown <= _MAX_UNKNOWN_SHARE * sum(map(len, lines)) else None


def decide_by_template(document: Document) -> Decision:
    """Return the blocks to remove from a page of a known template: those whose only vote is against them."""
    reasons = [
        None if any(vote.keep > 0 for vote in block.votes) else (TEMPLATE_RULE, _MIN_CERTAIN_SHARE)
        for block in document.blocks
    ]
    return Decision(removals=block_removals(document, reasons))


@lru_cache(maxsize=SITES)
def boilerplate_paths(profile: SiteProfile) -> TemplatePaths:
    """Return the outermost paths under which everything known is boilerplate, as a tree of their steps; empty where the
    profile knows fewer than `LEAST_PAGES` distinct articles.
    """
    evidence = count_evidence(profile)
    if evidence.articles < LEAST_PAGES:
        return {}
    classes = {path: _classify_path(evidence.paths, path) for path in evidence.paths}
    others = [path for path, own in classes.items() if own is not PathClass.BOILERPLATE]
    above_others = {above for path in others for above in accumulate(path.split("/"), "{}/{}".format)}
    tree: dict[str, Any] = {}
    for path in sorted(classes.keys() - above_others, key=lambda path: path.count("/")):
        *steps, last = path.split("/")
        node: dict[str, Any] | None = tree
        for step in steps:
            node = None if node is None else node.setdefault(step, {})
        if node is not None:  # else a path above it is in the tree
            node[last] = None
    return tree


def _classify_path(evidence: Mapping[str, PathEvidence], path: str) -> PathClass:
    """Return the class of a normalized path by its own evidence, or by that of the nearest path above it: where the
    latter was mostly kept, the class is unknown.
    """
    is_own = True
    while path.count("/") > 1:
        if found := evidence.get(path):
            if found.articles < LEAST_ARTICLES:
                return PathClass.UNKNOWN
            if found.removed_share >= _MIN_CERTAIN_SHARE:
                return PathClass.ARTICLE if found.user_veto else PathClass.BOILERPLATE
            is_kept = is_own and 1 - found.removed_share >= _MIN_CERTAIN_SHARE
            return PathClass.ARTICLE if is_kept else PathClass.UNKNOWN
        path, is_own = path.rpartition("/")[0], False
    return PathClass.UNKNOWN
