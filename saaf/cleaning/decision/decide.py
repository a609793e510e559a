"""One decision over the blocks of a document: which are not content, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy

from saaf.cleaning.decision.groups import (
    ARTICLE,
    LINKS,
    REASONS,
    SURE_RUN,
    always_removed_blocks,
    flagged_by_class_name,
    is_standfirst,
    is_unflagged,
    kept_as_group,
    teaser_lists,
)
from saaf.cleaning.html.class_names import is_quoted
from saaf.cleaning.model.predict import features_of, probabilities
from saaf.cleaning.text.lines import DATELINE
from saaf.cleaning.types import Kind, Removal, Track
from saaf.cleaning.votes.schema_org import SCHEMA_ORG_METHOD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from saaf.cleaning.model.predict import Forests
    from saaf.cleaning.model.text_features import Column, Columns
    from saaf.cleaning.types import Block, Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The blocks to take out, as sorted removals that do not overlap, and flags on the document."""

    removals: tuple[Removal, ...] = ()
    flags: tuple[str, ...] = ()


MODEL_RULE: Final = "model.residue"
"""The rule of a block that nothing but the model speaks against."""
# How sure a block must be to stay, a short one and a long one: a label too much makes a page dirty, a paragraph too few
# loses text. Bare text tells less, and would lose more.
_SURE: Final = {Track.HTML: (0.9, 0.4), Track.TEXT: (0.6, 0.35)}
_SHORT_WORDS: Final = 5.0
_LONG_WORDS: Final = {Track.HTML: 24.0, Track.TEXT: 15.0}
# The bar that makes the expected F1 greatest is half of it (Lipton, Elkan and Naryanaswamy, "Optimal thresholding of
# classifiers to maximize F1 measure", ECML 2014). Bars come down by the F1 that they promise, but not below this: a
# table of 3,000 rows with 0.2 each promises more than the article beside it. Cross-validated: F1 +0.4, lost -0.7.
_LEAST_SURE: Final = 0.3
# Nor, where an article that the model is sure of stays, below what a long paragraph must have: such a table has 0.3 in
# Hindi held out, and F1 there falls from 94 to 68.
_SURE_ARTICLE: Final = 0.9
_LEAST_BESIDE: Final = 0.4
_MISNAMED: Final = 0.6  # share of the words that may be content
_SURE_CUT: Final = 0.7  # a short block that breaks off with an ellipsis: mostly a teaser
_SURE_COMMENT: Final = 0.6
_SURE_NAMED: Final = 0.8  # where the markup names a menu, a form or a box, and no other method keeps it
_CUE_REACH: Final = 4
_DATELINE_LENGTH: Final = math.log1p(80)
_SURE_STATED: Final = 0.95
_NEAR_BEST: Final = 0.5  # where no block is as sure: those half as sure as the surest stay
# Where no more is promised, on 13 % of pages, the methods disagree: four fifths of those with an F1 below 70 are there.
_UNSURE: Final = 0.85
_MIN_REPEATED: Final = 12  # words: what is shorter is repeated on purpose (refrains, names of speakers)
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
    texts = [document.text[block.start : block.end] for block in document.blocks]
    columns = features_of(document)
    sure = probabilities(document, forests)
    bars = _thresholds(columns, document.track)
    together = teasers = none = numpy.zeros(len(sure), dtype=bool)
    told: dict[str, NDArray[numpy.bool_]] = {}
    if document.track is Track.HTML:
        told = always_removed_blocks(document.blocks, sure * numpy.expm1(columns["log_words"]))
        sure = numpy.where(sum(told.values(), none), 0.0, _raise_stated_blocks(document.blocks, sure))
        together = kept_as_group(document.blocks, columns, sure)
        bars, promised = _class_name_thresholds(bars, columns, sure, together)
    else:
        promised = _expected_f1(sure, sure > bars, numpy.expm1(columns["log_words"]))
    flags = ("methods_disagree",) if promised < _UNSURE else ()
    if not (sure > bars).any():
        flags, keep = ("methods_disagree",), _fallback_when_no_block_passes(columns, sure)
    else:
        keep = (sure > bars) | together
    if document.track is Track.HTML:
        teasers = teaser_lists(document.blocks, texts, columns, sure, keep)
        keep = _with_headings(columns, sure, keep & ~teasers)
        keep = _with_cues(columns, _with_datelines(document, columns, keep), told.get("html.disclaimer", none))
    reasons = _reasons(columns, sure, keep, {"html.related": teasers} | told)
    if document.track is Track.HTML:
        _remove_copies(document.blocks, texts, columns, reasons)
    _keep_headline(document, columns, sure, reasons)
    return Decision(removals=block_removals(document, reasons), flags=flags)


def _raise_stated_blocks(blocks: Sequence[Block], sure: Column) -> Column:
    """Return how sure the blocks are where those count as sure that the page states to be what it is for."""
    # The method votes on all blocks of a page, or on none.
    if not any(vote.method == SCHEMA_ORG_METHOD for vote in blocks[0].votes):
        return sure
    stated = [any(vote.method == SCHEMA_ORG_METHOD and vote.keep for vote in block.votes) for block in blocks]
    return numpy.where(stated, numpy.maximum(sure, _SURE_STATED), sure)


def _thresholds(columns: Columns, track: Track) -> Column:
    """Return how sure each block must be to stay by its length and its end."""
    ends = numpy.log1p([_SHORT_WORDS, _LONG_WORDS[track]])
    bars = numpy.interp(columns["log_words"], ends, _SURE[track])
    cut = (columns["cut"] > 0) & (columns["log_words"] < ends[1])
    return numpy.where(cut, numpy.maximum(bars, _SURE_CUT), bars)


def _class_name_thresholds(
    bars: Column, columns: Columns, sure: Column, together: NDArray[numpy.bool_]
) -> tuple[Column, float]:
    """Return the bars of the blocks of an HTML page, and what they promise.

    A name against a block raises its bar, unless another method speaks for the block. Where little is promised the bars
    come down, those of names not: but where most of the likely text has such a name, the theme calls its article so.
    """
    named, words = flagged_by_class_name(columns), numpy.expm1(columns["log_words"])
    # Squared, for comments in doubt may be many more words than the article: on the page of a blog where that was so,
    # F1 is 96 instead of 37, and of 1,579 pages no other one changes.
    likely = sure * sure * words
    misnamed = bool(likely[named].sum() > _MISNAMED * likely.sum())
    accused = named & ~_confirmed_by_extractor(columns, misnamed) & ~is_standfirst(columns)
    bars = numpy.where(accused, numpy.maximum(bars, _SURE_NAMED), bars)
    bars = numpy.where(columns["in html.comments"] > 0, numpy.maximum(bars, _SURE_COMMENT), bars)
    promised = _expected_f1(sure, (sure > bars) | together, words)
    least = _LEAST_BESIDE if _has_article(sure, sure > bars, words) else _LEAST_SURE
    lenient = numpy.maximum(bars * promised, numpy.minimum(bars, least))
    return lenient if misnamed else numpy.where(accused, bars, lenient), promised


def _has_article(sure: Column, keep: NDArray[numpy.bool_], words: Column) -> bool:
    """Return whether the blocks to `keep` are an article's worth of words of which the model is sure."""
    kept = float(words[keep].sum())
    return kept >= ARTICLE and float((sure * words)[keep].sum()) >= _SURE_ARTICLE * kept


def _expected_f1(sure: Column, keep: NDArray[numpy.bool_], words: Column) -> float:
    """Return the F1 of the words of the blocks to `keep` that the probabilities let expect, in [0, 1]."""
    true = sure * words
    return 2 * float(true[keep].sum()) / max(float(words[keep].sum() + true.sum()), 1e-6)


def _fallback_when_no_block_passes(columns: Columns, sure: Column) -> NDArray[numpy.bool_]:
    """Return the blocks that stay where the model is sure of none: those it is least unsure of. Where none would pass
    even the lowest bar, what trafilatura keeps, if that is an article's worth: a text whose lines are broken at a width
    looks like a list of labels.
    """
    most, words = float(sure.max()), numpy.expm1(columns["log_words"])
    asked = columns.get("vote trafilatura", numpy.zeros(len(sure))) > 0
    if most < _LEAST_SURE and words[asked].sum() >= ARTICLE:
        return numpy.asarray(asked)
    return sure > _NEAR_BEST * most - 1e-9


def _confirmed_by_extractor(columns: Columns, misnamed: bool) -> NDArray[numpy.bool_]:
    """Return which blocks trafilatura keeps; where it was not asked and names mean little, which jusText keeps in the
    densest region.
    """
    if columns["asked trafilatura"].any():
        return columns["vote trafilatura"] > 0
    both = (columns["vote density"] > 0) & (columns["vote justext"] > 0)
    return both if misnamed else numpy.zeros(len(both), dtype=bool)


def _with_headings(columns: Columns, sure: Column, keep: NDArray[numpy.bool_]) -> NDArray[numpy.bool_]:
    """Return `keep` with the headings that the model is not against and that head a block that stays."""
    followed = numpy.concatenate([keep[1:], [False]])
    heading = (columns["kind heading"] > 0) & is_unflagged(columns)
    return numpy.asarray(keep | (heading & followed & (sure > SURE_RUN)))


def _with_datelines(document: Document, columns: Columns, keep: NDArray[numpy.bool_]) -> NDArray[numpy.bool_]:
    """Return `keep` with the place and agency that stand, as a line of their own, before a paragraph that stays."""
    kept = keep.copy()
    text = keep & (columns["prose"] > 0)
    for row in numpy.flatnonzero(text[1:] & ~keep[:-1] & (columns["log_characters"][:-1] < _DATELINE_LENGTH)).tolist():
        block = document.blocks[row]
        kept[row] = DATELINE.fullmatch(document.text[block.start : block.end]) is not None
    return kept


def _with_cues(columns: Columns, keep: NDArray[numpy.bool_], disclaimers: NDArray[numpy.bool_]) -> NDArray[numpy.bool_]:
    """Return `keep` with the lines that announce another article, the headline and date after them, and the disclaimer
    before them, where text follows that stays: the rules, which know what a cue announces, need to see it.
    """
    kept = keep.copy()
    text = keep & (columns["prose"] > 0)
    for row in numpy.flatnonzero((columns["says cue"] > 0) & (columns["since heading"] == 0)).tolist():
        if text[row + 2 : row + 2 + _CUE_REACH].any() and not text[row + 1]:
            kept[row : row + _CUE_REACH] = True
            before = numpy.flatnonzero(keep[:row] | disclaimers[:row])[-1:]
            kept[before] |= disclaimers[before]
    return kept


def _reasons(
    columns: Columns, sure: Column, keep: NDArray[numpy.bool_], told: Mapping[str, NDArray[numpy.bool_]]
) -> list[Reason | None]:
    """Return the rule that takes a block out and how sure it is, None for the blocks to keep; `told` are the blocks of
    which more is known than their features, by rule.
    """
    held = [*told.items()]
    held += [(rule, columns[name] > 0) for name, rule in REASONS.items() if name in columns]
    held += [("html.links", columns["links"] > LINKS)] if "links" in columns else []
    held += [(MODEL_RULE, numpy.ones(len(keep), dtype=bool))]
    rules = [held[first][0] for first in numpy.argmax([there for _, there in held], axis=0).tolist()]
    scores = numpy.maximum(0.001, numpy.round(1 - sure, 3)).tolist()
    return [None if stays else why for stays, why in zip(keep.tolist(), zip(rules, scores, strict=True), strict=True)]


def _remove_copies(
    blocks: Sequence[Block], texts: Sequence[str], columns: Columns, reasons: list[Reason | None]
) -> None:
    """Take out the later copies of a paragraph: pages hold their article twice, for two screens or for a reader. What
    is said once more in a quotation stays: the answer to it would make no sense.
    """
    first: set[str] = set()
    words = numpy.expm1(columns["log_words"])
    for index, text in enumerate(texts):
        if reasons[index] is None and words[index] >= _MIN_REPEATED:
            if text in first and not is_quoted(blocks[index].path):
                reasons[index] = ("html.repeated", 0.9)
            first.add(text)


def _keep_headline(document: Document, columns: Columns, sure: Column, reasons: list[Reason | None]) -> None:
    """Keep the headline once: where none of the kept blocks is the title, its heading above the article is kept; in a
    bare text, where the title is a guess, a line that the model is not against.
    """
    candidates = numpy.flatnonzero(columns["is title"] > 0).tolist()
    if not candidates or any(reasons[index] is None for index in candidates):
        return
    blocks, bare = document.blocks, document.track is Track.TEXT
    paragraphs = (at for at, block in enumerate(blocks) if reasons[at] is None and block.end - block.start > _PARAGRAPH)
    article = next(paragraphs, len(blocks))
    for index in candidates:
        if index <= article and (sure[index] > SURE_RUN if bare else blocks[index].kind is Kind.HEADING):
            reasons[index] = None
            return


def block_removals(document: Document, reasons: Sequence[Reason | None]) -> tuple[Removal, ...]:
    """Return the removals of the blocks that have a reason, a rule and how sure it is; what is left ends without a line
    break, as the document's text does.
    """
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
