"""Thresholds of the decision: the probability of content from which a block stays.

A threshold depends on the block's length, on whether it breaks off, on the class names around it, and on the F1 that
the probabilities of the whole page let expect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy

from saaf.cleaning.decision.groups import ARTICLE_WORDS, flagged_by_class_name, is_standfirst
from saaf.cleaning.model.portable_math import log1p
from saaf.cleaning.types import Track

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from saaf.cleaning.model.text_features import Column, Columns

# For a short block and for a long one: a label too much makes a page dirty, a paragraph too few loses text. A plain
# text tells less, and would lose more.
_THRESHOLDS_BY_LENGTH: Final = {Track.HTML: (0.9, 0.4), Track.TEXT: (0.6, 0.35)}
_SHORT_WORDS: Final = 5.0
_LONG_WORDS: Final = {Track.HTML: 24.0, Track.TEXT: 15.0}
_TRUNCATED_THRESHOLD: Final = 0.7  # a short block that breaks off with an ellipsis: mostly a teaser
_COMMENT_THRESHOLD: Final = 0.6  # a block inside an element with a class name of comments
# Comments may be ten times as long as their article: beside a long one they need more. Posts of a forum are as short as
# the one that they answer, and its themes call them comments too.
_COMMENT_THRESHOLD_BESIDE_ARTICLE: Final = 0.9
_LONG_ARTICLE_WORDS: Final = 400.0
_BYLINE_THRESHOLD: Final = 0.8  # a line with a date or the author inside an element that is named so: no content
_MAX_BYLINE_WORDS: Final = 25.0
_FLAGGED_THRESHOLD: Final = 0.8  # a block whose markup names a menu, a form or a box, and that no other method keeps
# The threshold that makes the expected F1 greatest is half of it (Lipton, Elkan and Naryanaswamy, "Optimal thresholding
# of classifiers to maximize F1 measure", ECML 2014). Thresholds come down with the expected F1, but not below this: a
# table of 3,000 rows with 0.2 each promises more than the article beside it. Cross-validated: F1 +0.4, lost -0.7.
LOWEST_THRESHOLD: Final = 0.3
"""The threshold below which none comes down."""
# Nor, where an article of which the model is confident stays, below what a long paragraph must have: such a table has
# 0.3 in Hindi held out, and F1 there falls from 94 to 68.
_LOWEST_THRESHOLD_BESIDE_ARTICLE: Final = 0.4
_CONFIDENT: Final = 0.9  # mean probability of the words of such an article
_UNRELIABLE_NAMES: Final = 0.6  # share of the words that may be content
STILL_UNRELIABLE_NAMES: Final = 0.3
"""The share above which names stay unreliable where the name of the article's own wrapper does not count."""


def length_thresholds(features: Columns, track: Track) -> Column:
    """Return the threshold of each block, `float64[blocks]` in [0, 1], by its length and by whether it breaks off."""
    ends = log1p([_SHORT_WORDS, _LONG_WORDS[track]])
    thresholds = numpy.interp(features["log_words"], ends, _THRESHOLDS_BY_LENGTH[track])
    cut = (features["cut"] > 0) & (features["log_words"] < ends[1])
    return numpy.where(cut, numpy.maximum(thresholds, _TRUNCATED_THRESHOLD), thresholds)


def class_name_thresholds(
    thresholds: Column,
    features: Columns,
    probability: Column,
    grouped: NDArray[numpy.bool_],
    *,
    unreliable: bool = False,
) -> tuple[Column, float]:
    """Return the thresholds of the blocks of an HTML page, and the F1 to expect with them before they come down.

    A class name against a block raises its threshold, unless another method confirms the block. Where little F1 is
    expected the thresholds come down, but not those of flagged blocks, unless most of the likely text has such a name:
    then the theme calls its article so, and names are unreliable. `grouped` are the blocks kept as members of a group,
    `unreliable` is True where names are known to be unreliable.
    """
    named, words = flagged_by_class_name(features), features["words"]
    theme_names_unreliable = unreliable or names_are_unreliable(features, probability)
    flagged = named & ~_confirmed_by_extractor(features, theme_names_unreliable) & ~is_standfirst(features)
    thresholds = numpy.where(flagged, numpy.maximum(thresholds, _FLAGGED_THRESHOLD), thresholds)
    bylines = _bylines(features)
    thresholds = numpy.where(bylines, numpy.maximum(thresholds, _BYLINE_THRESHOLD), thresholds)
    thresholds = numpy.where(
        features["in html.comments"] > 0, numpy.maximum(thresholds, _COMMENT_THRESHOLD), thresholds
    )
    comments = (features["in html.comments"] > 0) & _has_long_article(features, probability)
    thresholds = numpy.where(comments, numpy.maximum(thresholds, _COMMENT_THRESHOLD_BESIDE_ARTICLE), thresholds)
    expected = expected_f1(probability, (probability > thresholds) | grouped, words)
    lowest = (
        _LOWEST_THRESHOLD_BESIDE_ARTICLE
        if _has_article(probability, probability > thresholds, words)
        else LOWEST_THRESHOLD
    )
    relaxed = numpy.maximum(thresholds * expected, numpy.minimum(thresholds, lowest))
    fixed = bylines | comments if theme_names_unreliable else bylines | flagged | comments
    return numpy.where(fixed, thresholds, relaxed), expected


def names_are_unreliable(features: Columns, probability: Column, share: float = _UNRELIABLE_NAMES) -> bool:
    """Return whether more than `share` of the text that may be content has a class name against it: by default most."""
    # Squared, for comments in doubt may be many more words than the article: on the page of a blog where that was so,
    # F1 is 96 instead of 37, and of 1,579 pages no other one changes.
    likely = probability * probability * features["words"]
    return bool(likely[flagged_by_class_name(features)].sum() > share * likely.sum())


def _has_long_article(features: Columns, probability: Column) -> bool:
    """Return whether running text outside comments, of which the model is confident, is a long article."""
    text = (features["in html.comments"] == 0) & (features["prose"] > 0) & (probability >= _CONFIDENT)
    return float(features["words"][text].sum()) >= _LONG_ARTICLE_WORDS


def _bylines(features: Columns) -> NDArray[numpy.bool_]:
    """Return which blocks are lines with a date or the author's name, inside an element whose class name says author or
    date. Some gold texts keep them, so that the classifier is in doubt; they are metadata.
    """
    named = (features["named author"] > 0) | (features["named date"] > 0)
    holds = (features["dates"] > 0) | (features["of author"] > 0)
    return numpy.asarray(named & holds & (features["prose"] == 0) & (features["words"] < _MAX_BYLINE_WORDS))


def expected_f1(probability: Column, keep: NDArray[numpy.bool_], words: Column) -> float:
    """Return the F1, in [0, 1], that the probabilities let expect of the words of the blocks to `keep`."""
    true = probability * words
    return 2 * float(true[keep].sum()) / max(float(words[keep].sum() + true.sum()), 1e-6)


def _has_article(probability: Column, keep: NDArray[numpy.bool_], words: Column) -> bool:
    """Return whether the blocks to `keep` are an article's worth of words of which the model is confident."""
    kept = float(words[keep].sum())
    return kept >= ARTICLE_WORDS and float((probability * words)[keep].sum()) >= _CONFIDENT * kept


def _confirmed_by_extractor(features: Columns, theme_names_unreliable: bool) -> NDArray[numpy.bool_]:
    """Return which blocks trafilatura keeps; where it was not asked and class names are unreliable, which jusText keeps
    in the densest region.
    """
    if features["asked trafilatura"].any():
        return features["vote trafilatura"] > 0
    both = (features["vote density"] > 0) & (features["vote justext"] > 0)
    return both if theme_names_unreliable else numpy.zeros(len(both), dtype=bool)
