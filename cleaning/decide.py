"""One decision over the blocks of a document: which are not content, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy

from cleaning.model import features_of, probabilities
from cleaning.parts import rule_of_step
from cleaning.types import Kind, Removal, Track
from cleaning.votes import letters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cleaning.features import Column, Columns
    from cleaning.model import Forests
    from cleaning.types import Block, Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The blocks to take out, as sorted removals that do not overlap, and flags on the document."""

    removals: tuple[Removal, ...] = ()
    flags: tuple[str, ...] = ()


MODEL_RULE: Final = "model.residue"
"""The rule of a block that nothing but the model speaks against."""
# The features that name the reason of a removal, the surest name first, and the rule they name.
_REASONS: Final = {
    "hidden": "html.hidden",
    "in html.comments": "html.comments",
    "in html.related": "html.related",
    "in html.share": "html.share",
    "in html.advertisement": "html.advertisement",
    "in html.form": "html.form",
    "kind form": "html.form",
    "in html.navigation": "html.navigation",
    "in html.sidebar": "html.sidebar",
    "kind caption": "html.caption",
}
_LINKS: Final = 0.5
# How sure a block must be to stay, by its length: a label too much makes a page dirty, a paragraph too few loses text.
_SURE_SHORT: Final = 0.6
_SURE_LONG: Final = 0.35
_SHORT_WORDS: Final = 5.0
_LONG_WORDS: Final = 15.0
_SURE_CUT: Final = 0.7  # a short block that breaks off with an ellipsis: mostly a teaser
# What the methods keep in an innocent part of the page need not look like news to stay: verses, ingredients, scores. On
# a third of the development pages this gives back a seventh of the text that was lost, for 0.3 points of residue.
_SURE_VOTED: Final = 0.35
_SURE_IN_BODY: Final = 0.2
_SURE_COMMENT: Final = 0.6
_SURE_NAMED: Final = 0.85  # where the markup names a menu, a form or a box, and trafilatura leaves it out too
_MOST_OF_BODY: Final = 0.5
_BODY_DEPTH: Final = 4  # steps from the element that calls itself a body to the block: "div.content" around all is none
_CUE_REACH: Final = 4
_NEAR_BEST: Final = 0.5  # where no block is as sure: those half as sure as the surest stay
_UNSURE: Final = 0.25  # share of a page's words that the model neither keeps nor drops with conviction
_MIN_REPEATED: Final = 12  # words: what is shorter is repeated on purpose (refrains, names of speakers)
_MIN_TITLE: Final = 5  # letters
_PARAGRAPH: Final = 80  # characters: what stands before the headline, a breadcrumb or a section, is shorter

Reason = tuple[str, float]


def decide(document: Document, forests: Forests | None = None) -> Decision:
    """Return the blocks of a document that are not content, one removal each with the line break that follows.

    The model of blocks weighs the methods' votes, structure, shape and company. No document is emptied: where the model
    is sure of no block, those it is least unsure of stay. The flag "methods_disagree" marks a page that is kept
    although much of it could as well be residue. `forests` are other trees than the shipped ones.
    """
    if not document.blocks:
        return Decision()
    columns = features_of(document)
    sure = probabilities(document, columns, forests)
    bars = _bars(columns)
    flags = ("methods_disagree",) if _is_unsure(sure, numpy.expm1(columns["log_words"])) else ()
    if not (sure > bars).any():
        flags, bars = ("methods_disagree",), numpy.full(len(sure), _NEAR_BEST * float(sure.max()) - 1e-9)
    keep = sure > bars
    if document.track is Track.HTML:
        keep = _with_cues(columns, _with_bodies(document.blocks, columns, keep))
    reasons = [None if keep[index] else _reason(columns, index, sure) for index in range(len(keep))]
    if document.track is Track.HTML:
        texts = [document.text[block.start : block.end] for block in document.blocks]
        _drop_copies(texts, columns, reasons)
        _keep_headline(document, texts, reasons)
    return Decision(removals=_removals(document, reasons), flags=flags)


def _bars(columns: Columns) -> Column:
    """Return how sure each block must be to stay."""
    ends = numpy.log1p([_SHORT_WORDS, _LONG_WORDS])
    bars = numpy.interp(columns["log_words"], ends, [_SURE_SHORT, _SURE_LONG])
    bars = numpy.where((columns["cut"] > 0) & (columns["log_words"] < ends[1]), numpy.maximum(bars, _SURE_CUT), bars)
    if "links" not in columns:
        return bars
    voted = _voted(columns)
    bars = numpy.where(voted & (columns["vote density"] > 0), numpy.minimum(bars, _SURE_VOTED), bars)
    bars = numpy.where(voted & (columns["in body"] > 0), numpy.minimum(bars, _SURE_IN_BODY), bars)
    bars = numpy.where(_named(columns) & (columns["vote trafilatura"] == 0), numpy.maximum(bars, _SURE_NAMED), bars)
    return numpy.where(columns["in html.comments"] > 0, numpy.maximum(bars, _SURE_COMMENT), bars)


def _voted(columns: Columns) -> NDArray[numpy.bool_]:
    """Return which blocks trafilatura keeps in an innocent part of the page, those that show a date aside."""
    voted = (columns["vote trafilatura"] > 0) & (columns["links"] < _LINKS)
    voted &= (columns["dates"] == 0) | (columns["log_words"] > numpy.log1p(_LONG_WORDS))
    return numpy.asarray(voted & ~_named(columns))


def _named(columns: Columns) -> NDArray[numpy.bool_]:
    """Return which blocks have a named reason against them."""
    return numpy.asarray(sum(columns[name] for name in _REASONS) > 0)


def _with_bodies(blocks: Sequence[Block], columns: Columns, keep: NDArray[numpy.bool_]) -> NDArray[numpy.bool_]:
    """Return `keep` with the voted blocks of elements that call themselves the body of an article, where most of such a
    body would go: verses, ingredients and scores look like no article to a model that has read the news.
    """
    bodies: dict[str, list[int]] = {}
    for index in numpy.flatnonzero(_voted(columns)).tolist():
        steps = blocks[index].path.split("/")
        depth = next((at for at in range(len(steps) - 1, 1, -1) if rule_of_step(steps[at]) == "body"), 0)
        if len(steps) - depth <= _BODY_DEPTH and depth:
            bodies.setdefault("/".join(steps[: depth + 1]), []).append(index)
    words = numpy.expm1(columns["log_words"])
    kept = keep.copy()
    for rows in bodies.values():
        if words[rows][keep[rows]].sum() < _MOST_OF_BODY * words[rows].sum():
            kept[rows] = True
    return kept


def _with_cues(columns: Columns, keep: NDArray[numpy.bool_]) -> NDArray[numpy.bool_]:
    """Return `keep` with the lines that announce another article, and the headline and date after them, where text
    follows that stays: the rules, which know what a cue announces, need to see it.
    """
    kept = keep.copy()
    text = keep & (columns["prose"] > 0)
    for row in numpy.flatnonzero((columns["says cue"] > 0) & (columns["since heading"] == 0)).tolist():
        if text[row + 2 : row + 2 + _CUE_REACH].any() and not text[row + 1]:
            kept[row : row + _CUE_REACH] = True
    return kept


def _is_unsure(sure: Column, words: Column) -> bool:
    doubtful = words[(sure > 0.25) & (sure < 0.75)].sum()
    return bool(doubtful > _UNSURE * max(float(words[sure > 0.25].sum()), 1.0))


def _reason(columns: Columns, index: int, sure: Column) -> Reason:
    """Return the rule that takes a block out and how sure it is."""
    score = max(0.001, round(1 - float(sure[index]), 3))
    for name, rule in _REASONS.items():
        if name in columns and columns[name][index]:
            return rule, score
    return ("html.links" if "links" in columns and columns["links"][index] > _LINKS else MODEL_RULE), score


def _drop_copies(texts: Sequence[str], columns: Columns, reasons: list[Reason | None]) -> None:
    """Take out the later copies of a paragraph: pages hold their article twice, for two screens or for a reader."""
    first: set[str] = set()
    words = numpy.expm1(columns["log_words"])
    for index, text in enumerate(texts):
        if reasons[index] is None and words[index] >= _MIN_REPEATED:
            if text in first:
                reasons[index] = ("html.repeated", 0.9)
            first.add(text)


def _keep_headline(document: Document, texts: Sequence[str], reasons: list[Reason | None]) -> None:
    """Keep the headline once: where none of the kept blocks is the title, its heading above the article is kept."""
    title = letters(document.metadata.title or "").casefold()
    if len(title) < _MIN_TITLE:
        return
    candidates = [index for index, text in enumerate(texts) if _is_title(letters(text).casefold(), title)]
    if any(reasons[index] is None for index in candidates):
        return
    kept = (index for index, reason in enumerate(reasons) if reason is None and len(texts[index]) > _PARAGRAPH)
    article = next(kept, len(texts))
    headings = [index for index in candidates if index <= article and _is_heading(document.blocks[index])]
    if headings:
        reasons[headings[0]] = None


def _is_title(line: str, title: str) -> bool:
    return len(line) >= _MIN_TITLE and (line in title or title in line) and 0.5 < len(line) / len(title) < 1.2


def _is_heading(block: Block) -> bool:
    return block.kind is Kind.HEADING


def _removals(document: Document, reasons: Sequence[Reason | None]) -> tuple[Removal, ...]:
    """Return the removals; what is left ends without a line break, as the document's text does."""
    blocks = document.blocks
    last = max((index for index, reason in enumerate(reasons) if reason is None), default=-1)
    removals = []
    for index, (block, reason) in enumerate(zip(blocks, reasons, strict=True)):
        if reason is None:
            continue
        start = blocks[index - 1].end if 0 <= last < index else block.start
        end = block.end if 0 <= last < index else blocks[index + 1].start if index + 1 < len(blocks) else block.end
        removals.append(Removal(start=start, end=end, rule=reason[0], score=reason[1]))
    return tuple(removals)
