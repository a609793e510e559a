"""One decision over the votes: which blocks of an HTML page are not content, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cleaning.types import Block, Document, Kind, Removal, Track
from cleaning.votes import letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The blocks to take out, as sorted removals that do not overlap, and flags on the document."""

    removals: tuple[Removal, ...] = ()
    flags: tuple[str, ...] = ()


# What themes call the parts around an article, as whole tokens of ids, classes and roles. Each stands for a rule.
_TOKENS: Final[Mapping[str, str]] = {
    token: rule
    for rule, tokens in {
        "html.navigation": "nav navbar navigation menu menus submenu breadcrumb breadcrumbs pagination pager paging footer colophon "
        "toolbar topbar masthead skip sitemap toc banner contentinfo prevnext",
        "html.comments": "comment comments commentlist respond disqus reply replies comentarios kommentare commentaires",
        "html.related": "related recommended recommendation recommendations recommend popular trending mostread readmore outbrain taboola "
        "similar teaser teasers more upnext latest morefrom relacionadas jp-relatedposts yarpp recirc",
        "html.share": "share sharing sharedaddy social socials addthis addtoany sharebar follow shareaholic",
        "html.advertisement": "ad ads adv advert advertisement advertising sponsored sponsor promo promotion promoted banner cookie cookies "
        "consent gdpr newsletter subscribe subscription paywall popup modal overlay signup donate",
        "html.sidebar": "sidebar aside widget widgets rail complementary",
        "html.byline": "byline author authors bio postmeta entry-meta meta dateline timestamp datetime tags taglist tag-links",
    }.items()
    for token in tokens.split()
}
_TAGS: Final = {
    "nav": "html.navigation",
    "footer": "html.navigation",
    "aside": "html.sidebar",
    "form": "html.form",
    "button": "html.form",
}
_STEP = re.compile(r"[^#.\[]+|[#.][^#.\[]+|\[[^\]]*\]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SPLIT = re.compile(r"[-_:=]+")
_PROSE = 60  # letters: from here on a block is a sentence rather than a label, in most scripts


def decide(document: Document) -> Decision:
    """Return the blocks of an HTML document that are not content, one removal each with the line break that follows.

    The methods' votes say where the article is; structure (navigation, forms, comments, related links, what is hidden)
    takes out what the votes let through; gaps inside the article are filled. Where the methods have nothing in common,
    the densest region is kept and the flag "methods_disagree" set. A document of the text track has no votes: nothing
    is removed.
    """
    if document.track is not Track.HTML or not document.blocks:
        return Decision()
    texts = [document.text[block.start : block.end] for block in document.blocks]
    sizes = [len(letters(text)) for text in texts]
    votes = [{vote.method: vote.keep for vote in block.votes} for block in document.blocks]
    scores, flags = _region(votes, sizes)
    structure = _structure(document.blocks, scores, sizes)
    reasons = [_reason(*row) for row in zip(document.blocks, votes, scores, structure, sizes, strict=True)]
    _fill_gaps(document.blocks, reasons, structure, sizes, votes)
    _keep_headline(document, texts, reasons)
    return Decision(removals=_removals(document, reasons), flags=flags)


def _region(votes: Sequence[Mapping[str, float]], sizes: Sequence[int]) -> tuple[list[float], tuple[str, ...]]:
    """Return how much each block is content, in [0, 1], and the flags."""
    chosen = {
        method: sum(size * vote.get(method, 0.0) for vote, size in zip(votes, sizes, strict=True))
        for method in ("trafilatura", "density")
    }
    both = sum(
        size * vote.get("trafilatura", 0.0) * vote.get("density", 0.0) for vote, size in zip(votes, sizes, strict=True)
    )
    flags: tuple[str, ...] = ()
    weights = {"trafilatura": 0.6, "density": 0.25, "justext": 0.15}
    if both < 0.1 * max(chosen.values()):
        flags = ("methods_disagree",)
        if chosen["trafilatura"] < 250:
            weights = {"trafilatura": 0.2, "density": 0.6, "justext": 0.2}
    scores = [
        max(sum(weights[method] * vote.get(method, 0.0) for method in weights), vote.get("json-ld", 0.0))
        for vote in votes
    ]
    return scores, flags


def _reason(
    block: Block, votes: Mapping[str, float], score: float, structure: str | None, size: int
) -> tuple[str, float] | None:
    """Return the rule that takes a block out and how sure it is, None for a block that stays."""
    if votes.get("json-ld"):
        return None
    if votes.get("visible") == 0.0 and score < 0.9:
        return "html.hidden", 0.9
    if structure and not (size >= 3 * _PROSE and score > 0.9):
        return structure, 0.8
    if block.kind is Kind.FORM:
        return "html.form", 0.9
    if block.link_density > 0.8 and size < _PROSE and block.kind is not Kind.TABLE_ROW and votes.get("justext", 0) < 1:
        return "html.links", 0.7
    return None if score >= 0.5 else ("votes.boilerplate", round(1 - score, 3))


def _structure(blocks: Sequence[Block], scores: Sequence[float], sizes: Sequence[int]) -> list[str | None]:
    """Return for each block the rule of the part of the page that it stands in, None in the article.

    A part that holds much of the article's text is the article, whatever it is called ("content-with-sidebar").
    """
    article = [size if score >= 0.5 else 0.0 for score, size in zip(scores, sizes, strict=True)]
    inside: dict[str, float] = {}
    for block, weight in zip(blocks, article, strict=True):
        for prefix in _prefixes(block.path):
            inside[prefix] = inside.get(prefix, 0.0) + weight
    total = sum(article) or 1.0
    found: list[str | None] = []
    for block in blocks:
        rules = (
            _step_rule(prefix.rpartition("/")[2]) for prefix in _prefixes(block.path) if inside[prefix] < 0.3 * total
        )
        found.append(next(filter(None, rules), None))
    return found


@lru_cache(maxsize=4096)
def _prefixes(path: str) -> tuple[str, ...]:
    steps = path.split("/")
    return tuple("/".join(steps[: count + 1]) for count in range(2, len(steps)))


@lru_cache(maxsize=4096)
def _step_rule(step: str) -> str | None:
    """Return the rule of a path step like "div#more.related-posts[role=navigation]", None for an innocent one."""
    tag, *names = _STEP.findall(step)
    if tag in _TAGS:
        return _TAGS[tag]
    for name in names:
        tokens = [token.lower() for token in _SPLIT.split(_CAMEL.sub("-", name.strip("#.[]")))]
        for token in tokens:
            if token in _TOKENS:
                return _TOKENS[token]
    return None


def _fill_gaps(
    blocks: Sequence[Block],
    reasons: list[tuple[str, float] | None],
    structure: Sequence[str | None],
    sizes: Sequence[int],
    votes: Sequence[Mapping[str, float]],
) -> None:
    """Keep what the votes rejected between kept blocks of the same parent: list items, subheadings, short answers."""
    kept = [index for index, reason in enumerate(reasons) if reason is None and sizes[index]]
    for before, after in zip(kept, kept[1:], strict=False):
        if not 1 < after - before <= 6:
            continue
        parents = {blocks[before].path.rpartition("/")[0], blocks[after].path.rpartition("/")[0]}
        for index in range(before + 1, after):
            reason, block = reasons[index], blocks[index]
            if reason is None or reason[0] != "votes.boilerplate" or structure[index] or block.link_density > 0.5:
                continue
            if block.path.rpartition("/")[0] in parents or votes[index].get("density"):
                reasons[index] = None


def _keep_headline(document: Document, texts: Sequence[str], reasons: list[tuple[str, float] | None]) -> None:
    """Keep the headline once: where no kept block before the article's first paragraph is the title, the heading is."""
    title = letters(document.metadata.title or "").casefold()
    if len(title) < 8:
        return
    for index, block in enumerate(document.blocks):
        heading = letters(texts[index]).casefold()
        same = len(heading) >= 8 and (heading in title or title in heading) and 0.5 < len(heading) / len(title) < 2
        if same and (block.kind is Kind.HEADING or reasons[index] is None):
            reasons[index] = None
            return
        if reasons[index] is None and len(heading) > 2 * _PROSE:
            return


def _removals(document: Document, reasons: Sequence[tuple[str, float] | None]) -> tuple[Removal, ...]:
    blocks, end = document.blocks, len(document.text)
    removals = []
    for index, (block, reason) in enumerate(zip(blocks, reasons, strict=True)):
        if reason is not None:
            following = blocks[index + 1].start if index + 1 < len(blocks) else end
            removals.append(Removal(start=block.start, end=following, rule=reason[0], score=reason[1]))
    return tuple(removals)
