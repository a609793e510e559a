"""The block decision: which blocks of a document are not content, and by which rule each is removed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy

from saaf.cleaning.dates.parser import date_line
from saaf.cleaning.decision.body_parts import body_parts, with_whole_code
from saaf.cleaning.decision.endings import after_declared_body, imprint_lines
from saaf.cleaning.decision.groups import (
    ARTICLE_WORDS,
    FEATURE_RULES,
    GROUP_PROBABILITY,
    LINK_DENSITY,
    always_removed_blocks,
    hidden_notes,
    introduced_embeds,
    is_unflagged,
    kept_as_group,
    means_of_same_path,
    teaser_lists,
)
from saaf.cleaning.decision.reliable_names import with_reliable_names
from saaf.cleaning.decision.thresholds import (
    LOWEST_THRESHOLD,
    STILL_UNRELIABLE_NAMES,
    class_name_thresholds,
    expected_f1,
    length_thresholds,
    names_are_unreliable,
)
from saaf.cleaning.html.class_names import is_quoted
from saaf.cleaning.model.analysis import analyse_blocks
from saaf.cleaning.model.portable_math import log1p
from saaf.cleaning.model.predict import probabilities
from saaf.cleaning.text.copies import copy_key
from saaf.cleaning.text.lines import DATELINE, DATELINE_OF_DAY
from saaf.cleaning.types import Kind, Removal, Track
from saaf.cleaning.votes.schema_org import SCHEMA_ORG_METHOD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from saaf.cleaning.html.path_tree import PathTree
    from saaf.cleaning.model.analysis import BlockAnalysis
    from saaf.cleaning.model.text_features import Column, Columns
    from saaf.cleaning.types import Block, Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The blocks to remove, as sorted removals that do not overlap, and the flags of the document.

    `expected_f1` is the F1, in [0, 1], that the probabilities let expect of the words of the blocks
    that pass, or of the fallback where none passes; None where no probability decided.
    """

    removals: tuple[Removal, ...] = ()
    flags: tuple[str, ...] = ()
    expected_f1: float | None = None


MODEL_RULE: Final = "model.residue"
"""The rule of a block that is removed by the block classifier alone."""
METHODS_DISAGREE: Final = "methods_disagree"
"""The flag of a document whose expected F1 is low, or of which no block passes its threshold."""
_CUE_REACH: Final = 4  # blocks: cue, headline, byline, date
_MAX_DATELINE_LOG_LENGTH: Final = float(log1p(80))
_MIN_DATELINE_PROBABILITY: Final = 0.2
_DATELINE_NAME: Final = re.compile(r"[.#](?:[\w-]+[-_])?dateline\b", re.IGNORECASE)
_SCHEMA_ORG_PROBABILITY: Final = 0.95
_ROUNDING: Final = 1e-9  # a half of a probability is not below itself
_SHARE_OF_BEST: Final = 0.5  # where no block passes: blocks over half as probable as the most probable are kept
# Below this expected F1, on 13 % of pages, the methods disagree: four fifths of those with an F1 below 70 are there.
_LOW_EXPECTED_F1: Final = 0.85
_MIN_COPY_WORDS: Final = 12  # shorter lines are repeated on purpose (refrains, names of speakers)
_REPEATED_ON_PURPOSE: Final = frozenset((Kind.TABLE_ROW, Kind.LIST_ITEM))
_MIN_PARAGRAPH_LENGTH: Final = (
    80  # characters: lines before the headline, such as breadcrumbs and sections, are shorter
)

Reason = tuple[str, float]
"""The id of a rule, and its score in (0, 1]."""


def decide(document: Document, analysis: BlockAnalysis | None = None, *, probability: Column | None = None) -> Decision:
    """Return the blocks of a document that are not content, one removal each with the line break that follows.

    The block classifier combines the votes of other methods, structure, shape and neighbours; the thresholds and the
    groups of similar blocks decide. No document is emptied: where no block passes, the most probable ones are kept.
    `analysis` is that of the document's blocks, None where it is to be made; `probability` are the probabilities of
    content to go by, `float64[blocks]` in [0, 1], None for the classifier's.
    """
    if not document.blocks:
        return Decision()
    analysis = analysis or analyse_blocks(document)
    probability = probabilities(analysis) if probability is None else probability
    if analysis.tree is None:
        return _decide_text(document, analysis.features, probability)
    return _decide_html(document, analysis.features, probability, analysis.tree)


def _decide_text(document: Document, features: Columns, probability: Column) -> Decision:
    passing = probability > length_thresholds(features, Track.TEXT)
    expected = expected_f1(probability, passing, features["words"])
    keep, flags = _passing_or_fallback(features, probability, passing, expected)
    expected = expected if passing.any() else expected_f1(probability, keep, features["words"])
    reasons = _assign_rules(features, probability, keep, {})
    _keep_headline(document, features, probability, reasons)
    return Decision(removals=block_removals(document, reasons), flags=flags, expected_f1=expected)


def _decide_html(document: Document, features: Columns, probability: Column, tree: PathTree) -> Decision:
    blocks, none = document.blocks, numpy.zeros(len(probability), dtype=bool)
    texts = [document.text[block.start : block.end] for block in blocks]
    likely = probability * features["words"]
    removed = always_removed_blocks(tree, likely) | {"html.hidden": hidden_notes(features, likely)}
    introduced = introduced_embeds(texts, removed.get("html.embed", none))
    removed = {rule: found & ~introduced for rule, found in removed.items()}
    probability = numpy.where(sum(removed.values(), none), 0.0, _apply_schema_org_override(blocks, probability))
    unreliable = names_are_unreliable(features, probability)
    features = with_reliable_names(features, tree, probability)
    unreliable = unreliable and names_are_unreliable(features, probability, STILL_UNRELIABLE_NAMES)
    grouped = kept_as_group(blocks, tree, features, probability) | body_parts(
        blocks, texts, tree, features, probability
    )
    thresholds = length_thresholds(features, Track.HTML)
    thresholds, expected = class_name_thresholds(thresholds, features, probability, grouped, unreliable=unreliable)
    passing = probability > thresholds
    keep, flags = _passing_or_fallback(features, probability, passing, expected)
    expected = expected if passing.any() else expected_f1(probability, keep, features["words"])
    keep = with_whole_code(blocks, features, keep | grouped if passing.any() else keep) | introduced
    removed["html.navigation"] = imprint_lines(blocks, texts, features, probability, keep)
    keep = keep & ~removed["html.navigation"]
    keep = keep & ~after_declared_body(features, keep)
    teasers = teaser_lists(blocks, texts, features, probability, keep)
    keep = _with_headings(blocks, features, probability, keep & ~teasers)
    keep = _with_appended_article_cues(
        features, _with_datelines(document, texts, features, probability, keep), removed.get("html.disclaimer", none)
    )
    reasons = _assign_rules(features, probability, keep, {"html.related": teasers} | removed)
    _remove_copies(blocks, texts, features, reasons)
    _keep_headline(document, features, probability, reasons)
    return Decision(removals=block_removals(document, reasons), flags=flags, expected_f1=expected)


def _passing_or_fallback(
    features: Columns, probability: Column, passing: NDArray[numpy.bool_], expected: float
) -> tuple[NDArray[numpy.bool_], tuple[str, ...]]:
    """Return the blocks that pass, or the fallback where none passes, and the flags of the document."""
    if not passing.any():
        return _fallback_when_no_block_passes(features, probability), (METHODS_DISAGREE,)
    return passing, (METHODS_DISAGREE,) if expected < _LOW_EXPECTED_F1 else ()


def _apply_schema_org_override(blocks: Sequence[Block], probability: Column) -> Column:
    """Return the probabilities, raised to 0.95 at least for blocks that schema.org data declares as main content."""
    # This method votes on all blocks of a page, or on none.
    if not any(vote.method == SCHEMA_ORG_METHOD for vote in blocks[0].votes):
        return probability
    declared = [any(vote.method == SCHEMA_ORG_METHOD and vote.keep for vote in block.votes) for block in blocks]
    return numpy.where(declared, numpy.maximum(probability, _SCHEMA_ORG_PROBABILITY), probability)


def _fallback_when_no_block_passes(features: Columns, probability: Column) -> NDArray[numpy.bool_]:
    """Return the blocks that are kept where none passes: the most probable ones. Where none would pass even the lowest
    threshold, what trafilatura keeps, if that is an article's worth: a text whose lines are broken at a width looks
    like a list of labels.
    """
    most, words = float(probability.max()), features["words"]
    voted = features.get("vote trafilatura", numpy.zeros(len(probability))) > 0
    if most < LOWEST_THRESHOLD and words[voted].sum() >= ARTICLE_WORDS:
        return numpy.asarray(voted)
    return probability > _SHARE_OF_BEST * most - _ROUNDING


def _with_headings(
    blocks: Sequence[Block], features: Columns, probability: Column, keep: NDArray[numpy.bool_]
) -> NDArray[numpy.bool_]:
    """Return `keep` with the headings before a block that is kept, where their probability, or the mean of such
    headings of the same path, is above that of groups and no class name flags them.
    """
    followed = numpy.concatenate([keep[1:], [False]])
    heading = (features["kind heading"] > 0) & is_unflagged(features) & followed
    alike = means_of_same_path(blocks, heading, probability)
    return numpy.asarray(keep | (heading & (numpy.maximum(probability, alike) > GROUP_PROBABILITY)))


def _with_datelines(
    document: Document, texts: Sequence[str], features: Columns, probability: Column, keep: NDArray[numpy.bool_]
) -> NDArray[numpy.bool_]:
    """Return `keep` with the datelines (a place with agency or day, on a line of their own) before a paragraph that is
    kept: lines of that form, and what an element named so holds, but for a date alone.
    """
    kept = keep.copy()
    text = keep & (features["prose"] > 0)
    short = (features["log_characters"] < _MAX_DATELINE_LOG_LENGTH) & (features["kind paragraph"] > 0)
    likely = short & (features["links"] < LINK_DENSITY) & (probability > _MIN_DATELINE_PROBABILITY)
    for row in numpy.flatnonzero(text[1:] & ~keep[:-1] & likely[:-1]).tolist():
        named = _DATELINE_NAME.search(document.blocks[row].path.rpartition("/")[2]) is not None
        has_form = any(form.fullmatch(texts[row]) for form in (DATELINE, DATELINE_OF_DAY))
        is_dateline = named or has_form
        kept[row] = is_dateline and not date_line(texts[row], language=document.language.code, fetched_at=None)
    return kept


def _with_appended_article_cues(
    features: Columns, keep: NDArray[numpy.bool_], disclaimers: NDArray[numpy.bool_]
) -> NDArray[numpy.bool_]:
    """Return `keep` with the cues of appended articles ("Read also:"), the headline and date after each, and the
    disclaimer before it, where prose that is kept follows: `rules.appended` needs these lines to find the article.
    """
    kept = keep.copy()
    text = keep & (features["prose"] > 0)
    for row in numpy.flatnonzero((features["says cue"] > 0) & (features["since heading"] == 0)).tolist():
        if text[row + 2 : row + 2 + _CUE_REACH].any() and not text[row + 1]:
            kept[row : row + _CUE_REACH] = True
            before = numpy.flatnonzero(keep[:row] | disclaimers[:row])[-1:]
            kept[before] |= disclaimers[before]
    return kept


def _assign_rules(
    features: Columns, probability: Column, keep: NDArray[numpy.bool_], removed: Mapping[str, NDArray[numpy.bool_]]
) -> list[Reason | None]:
    """Return the rule that takes each block out and its score, None for the blocks to keep; `removed` are, by
    rule, the blocks whose rule follows from more than their features.
    """
    blocks_by_rule = [*removed.items()]
    blocks_by_rule += [(rule, features[name] > 0) for name, rule in FEATURE_RULES.items() if name in features]
    blocks_by_rule += [("html.links", features["links"] > LINK_DENSITY)] if "links" in features else []
    blocks_by_rule += [(MODEL_RULE, numpy.ones(len(keep), dtype=bool))]
    rules = [blocks_by_rule[first][0] for first in numpy.argmax([own for _, own in blocks_by_rule], axis=0).tolist()]
    scores = numpy.maximum(0.001, numpy.round(1 - probability, 3)).tolist()
    return [None if stays else why for stays, why in zip(keep.tolist(), zip(rules, scores, strict=True), strict=True)]


def _remove_copies(
    blocks: Sequence[Block], texts: Sequence[str], features: Columns, reasons: list[Reason | None]
) -> None:
    """Set the reason of the later copies of a paragraph: some pages hold their article twice, for two screen sizes or
    for a reader view. A copy inside a quotation is kept: the answer to it would make no sense. So is a row of a table
    or an item of a list, at the same path, unless its neighbour is a copy too: plans and plays repeat lines.
    """
    kept = [index for index, reason in enumerate(reasons) if reason is None]
    seen: dict[str, str] = {}  # the path of the first block of a text
    is_copy = []
    for index in kept:
        is_copy.append(texts[index] in seen and not is_quoted(blocks[index].path))
        seen.setdefault(texts[index], blocks[index].path)
    words = features["words"]
    for place, index in enumerate(kept):
        beside = is_copy[max(place - 1, 0) : place] + is_copy[place + 1 : place + 2]
        alone = seen[texts[index]] == blocks[index].path and not any(beside)
        alone = alone and blocks[index].kind in _REPEATED_ON_PURPOSE
        if is_copy[place] and words[index] >= _MIN_COPY_WORDS and not alone:
            reasons[index] = ("html.repeated", 0.9)


def _keep_headline(document: Document, features: Columns, probability: Column, reasons: list[Reason | None]) -> None:
    """Keep the headline: where no kept block is the title, the reason of the first heading that is the title, at or
    above the first kept paragraph, becomes None. In a plain text, where the title is a guess, it may be any line with a
    probability above that of groups.
    """
    candidates = _title_blocks(document, features)
    if not candidates or any(reasons[index] is None for index in candidates):
        return
    blocks, plain = document.blocks, document.track is Track.TEXT
    paragraphs = (
        at for at, block in enumerate(blocks) if reasons[at] is None and block.end - block.start > _MIN_PARAGRAPH_LENGTH
    )
    article = next(paragraphs, len(blocks))
    for index in candidates:
        if index <= article and (
            probability[index] > GROUP_PROBABILITY if plain else blocks[index].kind is Kind.HEADING
        ):
            reasons[index] = None
            return


def _title_blocks(document: Document, features: Columns) -> list[int]:
    """Return the indices of the blocks that are the title or hold most of it: of those that the feature names, in which
    numbers do not count, the ones with the title's numbers and signs; all of them where none has those.
    """
    title = copy_key(document.metadata.title or "")
    candidates = numpy.flatnonzero(features["is title"] > 0).tolist()
    blocks = [document.blocks[index] for index in candidates]
    keys = [copy_key(document.text[block.start : block.end]) for block in blocks]
    exact = [index for index, key in zip(candidates, keys, strict=True) if key in title or title in key]
    return exact or candidates


def block_removals(document: Document, reasons: Sequence[Reason | None]) -> tuple[Removal, ...]:
    """Return one removal for each block that has a reason, with the line break after it.

    After the last kept block it is the line break before it, so that the clean text ends without one.
    """
    blocks = document.blocks
    last = max((index for index, reason in enumerate(reasons) if reason is None), default=-1)
    starts, ends = [block.start for block in blocks], [block.end for block in blocks]
    if last >= 0:
        starts[last + 1 :] = ends[last:-1]
        ends[:last] = starts[1 : last + 1]
    else:
        ends[:-1] = starts[1:]
    return tuple(
        [
            Removal(start=start, end=end, rule=reason[0], score=reason[1])
            for start, end, reason in zip(starts, ends, reasons, strict=True)
            if reason
        ]
    )
