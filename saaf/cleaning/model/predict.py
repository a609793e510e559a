"""The probability that a block is content, by two stages of gradient-boosted trees.

Stage 1 classifies each block by its features. Stage 2 also sees the stage-1 probabilities of the blocks around it and
of the blocks of the same element. Where trafilatura was asked, another stage-2 forest sees its vote too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy

from saaf.cleaning.model.portable_math import sigmoid
from saaf.cleaning.model.stage2 import stage2_features

if TYPE_CHECKING:
    from saaf.cleaning.model.analysis import BlockAnalysis
    from saaf.cleaning.model.text_features import Column, Columns

# Stage-1 probability up to which stage 2 would only confirm it. Of 51,754 blocks of every seventh development page 62 %
# are below, and stage 2 of models that had not seen their sites put none of them over 0.3.
_NOT_CONTENT: Final = 0.02


def all_features(analysis: BlockAnalysis) -> Columns:
    """Return the features of both stages by name, each `float32[blocks]`."""
    return analysis.features | stage2_features(analysis.features, analysis.stage1, analysis.tree)


def probabilities(analysis: BlockAnalysis) -> Column:
    """Return the probability that each block is content, `float64[blocks]` in [0, 1]."""
    features = all_features(analysis)
    probability = features["first"].astype(numpy.float64)
    undecided = probability > _NOT_CONTENT
    forest = analysis.forests.stage2_for(features)
    probability[undecided] = sigmoid(forest.log_odds(features, undecided))
    return probability
