"""One decision over the votes: which blocks of an HTML page are not content, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cleaning.evidence import evidence, widths
from cleaning.types import Kind, Removal, Track
from cleaning.votes import letters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaning.types import Block, Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The blocks to take out, as sorted removals that do not overlap, and flags on the document."""

    removals: tuple[Removal, ...] = ()
    flags: tuple[str, ...] = ()


# What each fact of `evidence` adds to the log-odds that a block is content: a logistic regression over the blocks of
# 526 labelled pages in 30 languages (benchmarks/fit_evidence.py), rounded; facts that came out near 0 are left out.
_POINTS: Final[Mapping[str, float]] = {
    "vote trafilatura": 0.6,
    "vote density": 0.6,
    "vote justext": 0.5,
    "vote json-ld": 3.0,  # by hand: publishers that state the article's body state it rightly
    "density alone, in doubt": 0.8,
    "share 0": 1.5,
    "share 1": 0.9,
    "in body": 0.4,
    "after": 0.3,
    "sentence": 1.1,
    "long": 0.4,
    "short": 0.5,
    "length": -1.0,
    "siblings": -0.8,
    "far": -1.0,
    "past article": -1.3,
    "ahead of article": -0.2,
    "links": -0.5,
    "hidden": -0.6,
    "html.navigation": -0.5,
    "html.comments": -0.6,
    "html.related": -1.0,
    "html.share": -1.0,
    "html.advertisement": -0.8,
    "html.sidebar": -0.8,
    "html.form": -0.8,
    "kind code": 1.6,
    "kind quote": 0.5,
    "kind list_item": -0.5,
    "kind table_row": -1.1,
    "kind caption": -1.9,
    "kind form": -1.0,
    "kind paragraph": -0.3,
}
_START: Final = -1.5
# Facts that name the reason of a removal, and the rule they name.
_REASONS: Final[Mapping[str, str]] = {
    "hidden": "html.hidden",
    "kind form": "html.form",
    "kind caption": "html.caption",
    **{name: name for name in _POINTS if name.startswith("html.")},
}
_LEAST_SHARE: Final = 0.6  # of the text trafilatura keeps: below it a page is taken as read wrongly by the facts
# Of the text trafilatura keeps, in prose: on two Hindi pages it keeps a weather widget, 2,300 labels.
_LEAST_PROSE: Final = 0.3
_PROSE: Final = 80.0  # letters: from here on a block without an end of sentence is still taken for prose
_TRUST: Final = 1.5  # log-odds that its vote gains on such a page
_MARGIN: Final = 1.0  # log-odds below the best block, where no block is more likely content than not
_MIN_REPEATED: Final = 80.0  # letters: what is shorter is repeated on purpose (refrains, names of speakers)
_MIN_TITLE: Final = 8  # letters


def decide(document: Document) -> Decision:
    """Return the blocks of an HTML document that are not content, one removal each with the line break that follows.

    The facts about a block (the methods' votes, structure, company) add up to how sure it is content. Where that leaves
    less than half of what trafilatura keeps, or nothing, the methods disagree: its vote counts for more, the best
    blocks are kept, and the flag "methods_disagree" is set. A document of the text track has no votes: nothing goes.
    """
    if document.track is not Track.HTML or not document.blocks:
        return Decision()
    texts = [document.text[block.start : block.end] for block in document.blocks]
    sizes = widths(texts)
    facts = evidence(document.blocks, texts, sizes)
    odds = [_START + sum(_POINTS.get(name, 0.0) * value for name, value in fact.items()) for fact in facts]
    disagree = _disagree(odds, sizes, facts)
    if disagree:
        voted = [fact.get("vote trafilatura", 0.0) for fact in facts]
        odds = [odd + _TRUST * vote for odd, vote in zip(odds, voted, strict=True)]
    bar = min(0.0, max(odds) - _MARGIN)
    reasons = [None if odd > bar else _reason(fact, odd) for fact, odd in zip(facts, odds, strict=True)]
    _drop_copies(texts, sizes, reasons)
    _keep_headline(document, texts, reasons)
    return Decision(removals=_removals(document, reasons), flags=("methods_disagree",) if disagree or bar < 0 else ())


def _disagree(odds: Sequence[float], sizes: Sequence[float], facts: Sequence[Mapping[str, float]]) -> bool:
    """Tell whether little would stay of what trafilatura keeps, and that is text rather than a heap of labels."""
    wanted = kept = prose = 0.0
    for odd, size, fact in zip(odds, sizes, facts, strict=True):
        if fact.get("vote trafilatura"):
            wanted += size
            kept += size if odd > 0 else 0.0
            prose += size if size > _PROSE or fact["sentence"] else 0.0
    return kept < _LEAST_SHARE * wanted and prose > _LEAST_PROSE * wanted


def _reason(fact: Mapping[str, float], odd: float) -> tuple[str, float]:
    """Return the rule that takes a block out, the weightiest of its named reasons, and how sure it is."""
    named = [(_POINTS[name] * fact[name], _REASONS[name]) for name in _REASONS if fact.get(name)]
    rule = min(named)[1] if named else "html.links" if fact.get("mostly links") else "votes.boilerplate"
    return rule, round(1 / (1 + math.exp(max(-30.0, min(30.0, odd)))), 3)


def _drop_copies(texts: Sequence[str], sizes: Sequence[float], reasons: list[tuple[str, float] | None]) -> None:
    """Take out the later copies of a paragraph: pages hold their article twice, for two screens or for a reader."""
    first: set[str] = set()
    for index, text in enumerate(texts):
        if reasons[index] is None and sizes[index] >= _MIN_REPEATED:
            if text in first:
                reasons[index] = ("html.repeated", 0.9)
            first.add(text)


def _keep_headline(document: Document, texts: Sequence[str], reasons: list[tuple[str, float] | None]) -> None:
    """Keep the headline once: where none of the kept blocks is the title, its heading above the article is kept."""
    title = letters(document.metadata.title or "").casefold()
    if len(title) < _MIN_TITLE:
        return
    candidates = [index for index, text in enumerate(texts) if _is_title(letters(text).casefold(), title)]
    if any(reasons[index] is None for index in candidates):
        return
    article = next((index for index, reason in enumerate(reasons) if reason is None), len(texts))
    headings = [index for index in candidates if index <= article and _is_heading(document.blocks[index])]
    if headings:
        reasons[headings[0]] = None


def _is_title(line: str, title: str) -> bool:
    return len(line) >= _MIN_TITLE and (line in title or title in line) and 0.5 < len(line) / len(title) < 2


def _is_heading(block: Block) -> bool:
    return block.kind is Kind.HEADING


def _removals(document: Document, reasons: Sequence[tuple[str, float] | None]) -> tuple[Removal, ...]:
    """Return the removals; what is left ends without a line break, as the document's text does."""
    blocks = document.blocks
    last = max((index for index, reason in enumerate(reasons) if reason is None), default=-1)
    removals = []
    for index, (block, reason) in enumerate(zip(blocks, reasons, strict=True)):
        if reason is None:
            continue
        start = blocks[index - 1].end if 0 <= last < index else block.start
        end = block.end if 0 <= last < index else blocks[index + 1].start if index + 1 < len(blocks) else block.end
        removals.append(Removal(start=start, end=end, rule=reason[0], score=max(0.001, reason[1])))
    return tuple(removals)
