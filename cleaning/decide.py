"""One decision over the blocks of a document: which are not content, and why."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

import numpy

from cleaning.lines import DATELINE
from cleaning.model import features_of, probabilities
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
# How sure a block must be to stay, a short one and a long one: a label too much makes a page dirty, a paragraph too few
# loses text. Bare text tells less, and would lose more.
_SURE: Final = {Track.HTML: (0.75, 0.4), Track.TEXT: (0.6, 0.35)}
_SHORT_WORDS: Final = 5.0
_LONG_WORDS: Final = 15.0
_SURE_CUT: Final = 0.7  # a short block that breaks off with an ellipsis: mostly a teaser
_SURE_COMMENT: Final = 0.6
_SURE_NAMED: Final = 0.85  # where the markup names a menu, a form or a box, and no other method keeps it
# Verses, ingredients and rows of a table are judged together: a run of so many neighbours of one path, none of them a
# link or in a part with a name that speaks against it, stays where its mean is as sure. Runs of labels have 0.0 to 0.1.
# A heading needs no more where what it heads stays.
_LEAST_RUN: Final = 4
_LEAST_POSTS: Final = 3
# Lists of beginnings: of 1,579 development pages 14 have one that the model lets stay. F1 of these rises from 66 to 77.
_LEAST_TEASERS: Final = 5
_LEAST_HEADLINE: Final = 3  # words
_LEAST_ARTICLE: Final = 60  # words of an article beside them, or they are what the page is for
_SURE_LIST: Final = 0.9
_NUMBER: Final = re.compile(r"\d+")
_SURE_RUN: Final = 0.4
_CUE_REACH: Final = 4
_DATELINE_LENGTH: Final = math.log1p(80)
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
    sure = probabilities(document, forests)
    bars = _bars(columns, document.track)
    flags = ("methods_disagree",) if _is_unsure(sure, numpy.expm1(columns["log_words"])) else ()
    if not (sure > bars).any():
        flags, bars = ("methods_disagree",), numpy.full(len(sure), _NEAR_BEST * float(sure.max()) - 1e-9)
    keep = sure > bars
    teasers = numpy.zeros(len(keep), dtype=bool)
    if document.track is Track.HTML:
        keep |= _runs(document.blocks, columns, sure) | _posts(document.blocks, columns, sure)
        teasers = _teasers(document.blocks, columns, sure, keep)
        keep = _with_headings(columns, sure, keep & ~teasers)
        keep = _with_cues(columns, _with_datelines(document, columns, keep))
    reasons = _reasons(columns, sure, keep, teasers)
    texts = [document.text[block.start : block.end] for block in document.blocks]
    if document.track is Track.HTML:
        _drop_copies(texts, columns, reasons)
    _keep_headline(document, texts, sure, reasons)
    return Decision(removals=_removals(document, reasons), flags=flags)


def _bars(columns: Columns, track: Track) -> Column:
    """Return how sure each block must be to stay."""
    ends = numpy.log1p([_SHORT_WORDS, _LONG_WORDS])
    bars = numpy.interp(columns["log_words"], ends, _SURE[track])
    bars = numpy.where((columns["cut"] > 0) & (columns["log_words"] < ends[1]), numpy.maximum(bars, _SURE_CUT), bars)
    if track is Track.TEXT:
        return bars
    bars = numpy.where(_named(columns) & ~_seconded(columns), numpy.maximum(bars, _SURE_NAMED), bars)
    return numpy.where(columns["in html.comments"] > 0, numpy.maximum(bars, _SURE_COMMENT), bars)


def _seconded(columns: Columns) -> NDArray[numpy.bool_]:
    """Return which blocks trafilatura keeps; where it was not asked, which jusText keeps in the densest region."""
    unasked = numpy.minimum(columns["vote density"], columns["vote justext"])
    return numpy.asarray(numpy.where(columns["asked trafilatura"] > 0, columns["vote trafilatura"], unasked) > 0)


def _named(columns: Columns) -> NDArray[numpy.bool_]:
    """Return which blocks have a named reason against them."""
    return numpy.asarray(sum(columns[name] for name in _REASONS) > 0)


def _innocent(columns: Columns) -> NDArray[numpy.bool_]:
    """Return which blocks are no links and have no named reason against them."""
    return numpy.asarray((columns["links"] < _LINKS) & ~_named(columns))


def _runs(blocks: Sequence[Block], columns: Columns, sure: Column) -> NDArray[numpy.bool_]:
    """Return the blocks of runs that are sure enough together."""
    innocent = _innocent(columns)
    kept = numpy.zeros(len(blocks), dtype=bool)
    row = 0
    for _, run in groupby(blocks, key=lambda block: block.kind if block.kind is Kind.TABLE_ROW else block.path):
        rows = slice(row, row := row + len(list(run)))
        if row - rows.start >= _LEAST_RUN and innocent[rows].all():
            kept[rows] = float(sure[rows].mean()) > _SURE_RUN
    return kept


def _posts(blocks: Sequence[Block], columns: Columns, sure: Column) -> NDArray[numpy.bool_]:
    """Return the running text of posts and entries that are sure enough together: the same part of a page several
    times, told apart by a number in its name ("div#post-17").
    """
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for row in numpy.flatnonzero(_innocent(columns) & (columns["prose"] > 0)).tolist():
        rows[_NUMBER.sub("", blocks[row].path)].append(row)
    kept = numpy.zeros(len(blocks), dtype=bool)
    for own in rows.values():
        if len({blocks[row].path for row in own}) >= _LEAST_POSTS:
            kept[own] = float(sure[own].mean()) > _SURE_RUN
    return kept


def _teasers(
    blocks: Sequence[Block], columns: Columns, sure: Column, keep: NDArray[numpy.bool_]
) -> NDArray[numpy.bool_]:
    """Return the beginnings of other articles in a list of them: paragraphs that each follow a headline that is a link
    and does not stay, always at the same places of the page, while an article of its own stays elsewhere.
    """
    words, text = numpy.expm1(columns["log_words"]), keep & (columns["prose"] > 0)
    linked = (columns["links"] > _LINKS) & (words >= _LEAST_HEADLINE) & ~keep
    lists: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for row in (numpy.flatnonzero(text[1:] & linked[:-1]) + 1).tolist():
        lists[_NUMBER.sub("", blocks[row - 1].path), _NUMBER.sub("", blocks[row].path)].append(row)
    found = numpy.zeros(len(blocks), dtype=bool)
    for rows in lists.values():
        own = numpy.zeros(len(blocks), dtype=bool)
        for row in rows:
            path, end = blocks[row].path, row + 1
            while end < len(blocks) and keep[end] and blocks[end].path == path:
                end += 1
            own[row:end] = True
        if len(rows) >= _LEAST_TEASERS and sure[own].mean() < _SURE_LIST and words[text & ~own].sum() >= _LEAST_ARTICLE:
            found |= own
    return found


def _with_headings(columns: Columns, sure: Column, keep: NDArray[numpy.bool_]) -> NDArray[numpy.bool_]:
    """Return `keep` with the headings that the model is not against and that head a block that stays."""
    followed = numpy.concatenate([keep[1:], [False]])
    heading = (columns["kind heading"] > 0) & _innocent(columns)
    return numpy.asarray(keep | (heading & followed & (sure > _SURE_RUN)))


def _with_datelines(document: Document, columns: Columns, keep: NDArray[numpy.bool_]) -> NDArray[numpy.bool_]:
    """Return `keep` with the place and agency that stand, as a line of their own, before a paragraph that stays."""
    kept = keep.copy()
    text = keep & (columns["prose"] > 0)
    for row in numpy.flatnonzero(text[1:] & ~keep[:-1] & (columns["log_characters"][:-1] < _DATELINE_LENGTH)).tolist():
        block = document.blocks[row]
        kept[row] = DATELINE.fullmatch(document.text[block.start : block.end]) is not None
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


def _reasons(
    columns: Columns, sure: Column, keep: NDArray[numpy.bool_], teasers: NDArray[numpy.bool_]
) -> list[Reason | None]:
    """Return the rule that takes a block out and how sure it is, None for the blocks to keep."""
    held = [("html.related", teasers)]
    held += [(rule, columns[name] > 0) for name, rule in _REASONS.items() if name in columns]
    held += [("html.links", columns["links"] > _LINKS)] if "links" in columns else []
    held += [(MODEL_RULE, numpy.ones(len(keep), dtype=bool))]
    rules = [held[first][0] for first in numpy.argmax([there for _, there in held], axis=0).tolist()]
    scores = numpy.maximum(0.001, numpy.round(1 - sure, 3)).tolist()
    return [None if stays else why for stays, why in zip(keep.tolist(), zip(rules, scores, strict=True), strict=True)]


def _drop_copies(texts: Sequence[str], columns: Columns, reasons: list[Reason | None]) -> None:
    """Take out the later copies of a paragraph: pages hold their article twice, for two screens or for a reader."""
    first: set[str] = set()
    words = numpy.expm1(columns["log_words"])
    for index, text in enumerate(texts):
        if reasons[index] is None and words[index] >= _MIN_REPEATED:
            if text in first:
                reasons[index] = ("html.repeated", 0.9)
            first.add(text)


def _keep_headline(document: Document, texts: Sequence[str], sure: Column, reasons: list[Reason | None]) -> None:
    """Keep the headline once: where none of the kept blocks is the title, its heading above the article is kept; in a
    bare text, where the title is a guess, a line that the model is not against.
    """
    title = letters(document.metadata.title or "").casefold()
    if len(title) < _MIN_TITLE:
        return
    near = (index for index, text in enumerate(texts) if len(title) < 2 * len(text) < 8 * len(title) + _PARAGRAPH)
    candidates = [index for index in near if _is_title(letters(texts[index]).casefold(), title)]
    if any(reasons[index] is None for index in candidates):
        return
    kept = (index for index, reason in enumerate(reasons) if reason is None and len(texts[index]) > _PARAGRAPH)
    article, bare = next(kept, len(texts)), document.track is Track.TEXT
    may_be = [sure[at] > _SURE_RUN if bare else block.kind is Kind.HEADING for at, block in enumerate(document.blocks)]
    headings = [index for index in candidates if index <= article and may_be[index]]
    if headings:
        reasons[headings[0]] = None


def _is_title(line: str, title: str) -> bool:
    return len(line) >= _MIN_TITLE and (line in title or title in line) and 0.5 < len(line) / len(title) < 1.2


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
