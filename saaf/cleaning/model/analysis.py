"""The analysis of a document's blocks, made once: features, stage-1 probabilities, path tree, phrases."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy

from saaf.cleaning.html.path_tree import build_tree
from saaf.cleaning.model.dom_features import dom_features, path_features
from saaf.cleaning.model.metadata_features import metadata_features
from saaf.cleaning.model.portable_math import sigmoid
from saaf.cleaning.model.text_features import text_features
from saaf.cleaning.model.track_forests import load_shipped
from saaf.cleaning.phrases.matcher import match_phrase
from saaf.cleaning.text.codepoints import WORD, spans_of, tokens_of
from saaf.cleaning.types import Track

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.cleaning.html.path_tree import PathTree
    from saaf.cleaning.model.text_features import Column, Columns
    from saaf.cleaning.model.track_forests import Forests
    from saaf.cleaning.phrases.matcher import TextMatch
    from saaf.cleaning.types import Block, Document

_UNCERTAIN: Final = (0.15, 0.85)  # stage-1 probabilities between which the classifier does not know


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BlockAnalysis:
    """The blocks of a document as the classifier sees them. A column has a row for each block, in order.

    `tree` is the tree of the blocks' paths, None in the text track. `phrases` gives the phrase of a language pack that
    a block begins with, None where it begins with none. `text_columns` and `path_columns` are the features that no vote
    changes, `features` all stage-1 features, `float32[blocks]` by name. `stage1` are the stage-1 probabilities of
    `forests`, `float64[blocks]` in [0, 1].
    """

    tree: PathTree | None
    phrases: tuple[TextMatch | None, ...] = field(repr=False)
    text_columns: Columns = field(repr=False)
    path_columns: Columns = field(repr=False)
    features: Columns = field(repr=False)
    forests: Forests = field(repr=False)
    stage1: Column = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BlockFeatures:
    """The stage-1 features of a document's blocks, `float32[blocks]` by name, and what they are made of.

    `tree` is the tree of the blocks' paths, None in the text track; `text_columns` and `path_columns` are the features
    that no vote changes.
    """

    tree: PathTree | None
    text_columns: Columns
    path_columns: Columns
    features: Columns


def block_features(document: Document, phrases: Sequence[TextMatch | None]) -> BlockFeatures:
    """Return the features of a document's blocks; `phrases` are the phrases that they begin with, None for none."""
    blocks, text = document.blocks, document.text
    spans = spans_of(text, [block.start for block in blocks], [block.end for block in blocks])
    tokens = tokens_of(spans)
    hashes = spans.hashes(spans.has(WORD), spans.starts, spans.ends)
    text_columns = text_features(text, spans, tokens, hashes)
    text_columns |= metadata_features(text, document.metadata, spans, tokens, hashes, phrases)
    if document.track is Track.TEXT:
        return BlockFeatures(tree=None, text_columns=text_columns, path_columns={}, features=text_columns)
    tree = build_tree([block.path for block in blocks])
    path_columns = path_features(tree, [block.link_density for block in blocks], text_columns)
    features = text_columns | dom_features(blocks, path_columns)
    return BlockFeatures(tree=tree, text_columns=text_columns, path_columns=path_columns, features=features)


def block_phrases(document: Document) -> tuple[TextMatch | None, ...]:
    """Return the phrase of a language pack that each block begins with, None where it begins with none."""
    return tuple(match_phrase(document.text[block.start : block.end]) for block in document.blocks)


def analyse_blocks(
    document: Document, *, forests: Forests | None = None, phrases: Sequence[TextMatch | None] | None = None
) -> BlockAnalysis:
    """Return the analysis of a document's blocks.

    `forests` are None for the shipped ones of the document's track, `phrases` None where they are not known yet.
    """
    phrases = block_phrases(document) if phrases is None else tuple(phrases)
    forests = forests or load_shipped(document.track)
    own = block_features(document, phrases)
    return BlockAnalysis(
        tree=own.tree,
        phrases=phrases,
        text_columns=own.text_columns,
        path_columns=own.path_columns,
        features=own.features,
        forests=forests,
        stage1=sigmoid(forests.stage1.log_odds(own.features)) if document.blocks else numpy.zeros(0),
    )


def with_votes(analysis: BlockAnalysis, blocks: Sequence[Block]) -> BlockAnalysis:
    """Return the analysis of the same blocks with other votes; stage 1 asks for no vote of trafilatura's."""
    return replace(analysis, features=analysis.text_columns | dom_features(blocks, analysis.path_columns))


def with_forests(analysis: BlockAnalysis, forests: Forests) -> BlockAnalysis:
    """Return the analysis with the stage-1 probabilities of other forests."""
    if forests is analysis.forests:
        return analysis
    return replace(analysis, forests=forests, stage1=sigmoid(forests.stage1.log_odds(analysis.features)))


def uncertainty(analysis: BlockAnalysis) -> float:
    """Return what share, in [0, 1], of the words that may be content stage 1 is not sure of."""
    words = analysis.features["words"]
    low, high = _UNCERTAIN
    likely = analysis.stage1 > low
    return float(words[likely & (analysis.stage1 < high)].sum() / max(float(words[likely].sum()), 1.0))
