"""What speaks for and against a block of an HTML page being content: named, weighed facts."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cleaning.votes import SENTENCE_END, letters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaning.types import Block

# What themes call the parts around an article, as whole tokens of ids, classes and roles. Each stands for a rule.
_NAMES: Final[Mapping[str, str]] = {
    "html.navigation": """
        breadcrumb breadcrumbs colophon contentinfo copyright crumbs foot footer header headerbar
        masthead menu menus nav navbar navigation pager pagination paging sitemap skip submenu toc
        toolbar topbar
    """,
    "html.comments": """
        comentarios coment comment commentaires commentlist comments disqus fbcomments kommentare opinie
        replies reply respond
    """,
    "html.related": """
        carousel headlines hot latest like more morefrom mostpopular mostread mostviewed outbrain
        popular rank ranking readmore recommend recommendation recommendations recommended relacionadas
        relate related relatednews relatedposts similar slider taboola teaser teasers ticker topstories
        trending upnext viewed yarpp
    """,
    "html.share": """
        addthis addtoany bookmark bookmarks follow share shareaholic sharebar sharedaddy sharing social
        socials
    """,
    "html.advertisement": """
        ad ads adsbygoogle adv advert advertisement advertising banner cmp consent cookie cookies donate
        gdpr login modal newsletter newsletters overlay paywall popup promo promoted promotion register
        signup sponsor sponsored subscribe subscription
    """,
    "html.sidebar": "aside colright complementary leftcol rail rightcol side sidebar sidecol widget widgets",
    "body": """
        artibody article articlebody articletext body content contents detail details entry main
        maincontent newstext post prose richtext story text
    """,
}
_RULE_OF_NAME: Final = {name: rule for rule, names in _NAMES.items() for name in names.split()}
_RULE_OF_TAG: Final = {
    "nav": "html.navigation",
    "footer": "html.navigation",
    "aside": "html.sidebar",
    "form": "html.form",
    "button": "html.form",
    "article": "body",
    "main": "body",
}
_STEP = re.compile(r"[^#.\[]+|[#.][^#.\[]+|\[[^\]]*\]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SPLIT = re.compile(r"[-_:=]+")
_WIDE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7ff\uf900-\ufaff]")


_LIKING: Final = {"trafilatura": 0.5, "density": 0.3, "justext": 0.2}


def widths(texts: Sequence[str]) -> list[float]:
    """Return how long each text is in letters of an alphabet: a Han, kana, Thai or Hangul letter counts for 2.5."""
    return [len(spelled) + 1.5 * len(_WIDE.findall(spelled)) for spelled in map(letters, texts)]


@lru_cache(maxsize=8192)
def prefixes(path: str) -> tuple[str, ...]:
    """Return the paths of the body, of each element within it around a block, and of the block's own."""
    steps = path.split("/")
    return tuple("/".join(steps[: count + 1]) for count in range(1, len(steps)))


@lru_cache(maxsize=8192)
def rule_of_step(step: str) -> str | None:
    """Return what a path step like "div#more.related-posts[role=navigation]" calls itself: the id of a rule, "body" for
    the names of an article's body, None for an innocent one.
    """
    tag, *names = _STEP.findall(step) or [""]
    found = [_RULE_OF_TAG[tag]] if tag in _RULE_OF_TAG else []
    for name in names:
        tokens = [token.lower() for token in _SPLIT.split(_CAMEL.sub("-", name.strip("#.[]")))]
        found += [_RULE_OF_NAME[token] for token in tokens if token in _RULE_OF_NAME]
    return next((rule for rule in found if rule != "body"), found[0] if found else None)


def evidence(blocks: Sequence[Block], texts: Sequence[str], sizes: Sequence[float]) -> list[dict[str, float]]:
    """Return for each block its facts, each in about [-1, 1]; an absent fact is 0. `texts` are the blocks' texts,
    `sizes` their `widths`.
    """
    votes = [{vote.method: vote.keep for vote in block.votes} for block in blocks]
    facts = [_own(*row) for row in zip(blocks, texts, sizes, votes, strict=True)]
    liked = [
        0.5 * vote.get("trafilatura", 0.0) + 0.3 * vote.get("density", 0.0) + 0.2 * vote.get("justext", 0.0)
        for vote in votes
    ]
    _add_structure(facts, blocks, [size * like for size, like in zip(sizes, liked, strict=True)])
    _add_company(facts, blocks, sizes, liked)
    _add_agreement(facts, votes, sizes)
    return facts


def _own(block: Block, text: str, size: float, votes: Mapping[str, float]) -> dict[str, float]:
    facts = {f"vote {method}": keep for method, keep in votes.items() if keep}
    if votes.get("visible") == 0.0:
        facts["hidden"] = 1.0
    facts[f"kind {block.kind}"] = 1.0
    facts["links"] = block.link_density
    facts["mostly links"] = float(block.link_density > 0.5)
    facts["length"] = min(1.0, math.log1p(size) / 6) - 0.5
    facts["short"] = float(size < 20)
    facts["long"] = float(size > 120)
    facts["sentence"] = float(SENTENCE_END.search(text) is not None)
    return facts


def _add_structure(facts: list[dict[str, float]], blocks: Sequence[Block], weights: Sequence[float]) -> None:
    """Add the names of the parts of the page that each block stands in.

    A part that holds much of what the votes like is the article, whatever it is called ("content-with-sidebar").
    """
    inside: dict[str, float] = {}
    for block, weight in zip(blocks, weights, strict=True):
        for prefix in prefixes(block.path):
            inside[prefix] = inside.get(prefix, 0.0) + weight
    total = sum(weights) or 1.0
    for fact, block in zip(facts, blocks, strict=True):
        best = ""
        for prefix in prefixes(block.path)[1:]:
            rule = rule_of_step(prefix.rpartition("/")[2])
            if rule == "body":
                best = prefix if inside[prefix] > 0.5 * total else best
            elif rule and inside[prefix] < 0.3 * total:
                fact[rule] = 1.0
        fact["in body"] = float(bool(best))
        for level, prefix in enumerate(reversed(prefixes(block.path)[-3:-1])):
            fact[f"share {level}"] = inside[prefix] / total


def _add_company(
    facts: list[dict[str, float]], blocks: Sequence[Block], sizes: Sequence[float], liked: Sequence[float]
) -> None:
    """Add how the votes judge the blocks of the same parent and the blocks just before and after."""
    sums: dict[str, list[float]] = {}
    for block, size, like in zip(blocks, sizes, liked, strict=True):
        entry = sums.setdefault(block.path.rpartition("/")[0], [0.0, 0.0])
        entry[0] += size * like
        entry[1] += size
    spread = [min(size, 200.0) for size in sizes]
    strong = [index for index, like in enumerate(liked) if like >= 0.7 and sizes[index] > 80]
    first, last = (strong[0], strong[-1]) if strong else (0, len(blocks))
    for index, fact in enumerate(facts):
        liking, size = sums[blocks[index].path.rpartition("/")[0]]
        fact["siblings"] = liking / size if size else 0.0
        for name, low, high in (("before", max(0, index - 3), index), ("after", index + 1, index + 4)):
            weight = sum(spread[low:high])
            fact[name] = (
                sum(a * b for a, b in zip(liked[low:high], spread[low:high], strict=True)) / weight if weight else 0.0
            )
        fact["ahead of article"] = float(index < first)
        fact["past article"] = float(index > last)
        fact["far"] = min(1.0, max(first - index, index - last, 0) / 20)


def _add_agreement(facts: list[dict[str, float]], votes: Sequence[Mapping[str, float]], sizes: Sequence[float]) -> None:
    """Add, for what one method alone wants, how little the two big ones have in common on this page."""
    both = either = 0.0
    for vote, size in zip(votes, sizes, strict=True):
        one, other = vote.get("trafilatura", 0.0), vote.get("density", 0.0)
        both += size * min(one, other)
        either += size * max(one, other)
    doubt = 1 - both / either if either else 1.0
    for fact in facts:
        alone = fact.get("vote trafilatura", 0.0) - fact.get("vote density", 0.0)
        fact["trafilatura alone, in doubt"] = doubt * max(0.0, alone)
        fact["density alone, in doubt"] = doubt * max(0.0, -alone)
