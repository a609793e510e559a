"""Explanations of the block classifier: which features carried the probability of each block of a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from saaf.cleaning.model.analysis import analyse_blocks
from saaf.cleaning.model.predict import all_features, probabilities

if TYPE_CHECKING:
    from saaf.cleaning.types import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockExplanation:
    """A block `[start, end)`, the probability in [0, 1] that it is content, and the features that carried it.

    `features` are pairs of a name (see `saaf.cleaning.model.feature_table`) and what the feature adds to the log-odds
    of `probability`, the greatest absolute value first; a positive one speaks for content. None is 0.
    """

    start: int
    end: int
    probability: float
    features: tuple[tuple[str, float], ...]


def explain_blocks(document: Document, most: int = 4) -> tuple[BlockExplanation, ...]:
    """Return what the shipped model says of each block of `document`, in order, with its `most` strongest features.

    Stage 2 is taken apart (`Forest.contributions`); the stage-1 probability is among its features. On HTML the decision
    (`saaf.cleaning.decision.decide`) goes by these figures and by the threshold of each block. On plain text the model
    decides last, on the lines that the rules leave of a whole page; here it classifies every line as read.
    """
    if not document.blocks:
        return ()
    analysis = analyse_blocks(document)
    features = all_features(analysis)
    probability = probabilities(analysis).tolist()
    contributions = analysis.forests.stage2_for(features).contributions(features)
    added = {name: column.tolist() for name, column in contributions.items()}
    return tuple(
        BlockExplanation(
            start=block.start,
            end=block.end,
            probability=probability[row],
            features=_strongest([(name, column[row]) for name, column in added.items()], most),
        )
        for row, block in enumerate(document.blocks)
    )


def _strongest(features: list[tuple[str, float]], most: int) -> tuple[tuple[str, float], ...]:
    carrying = [(name, added) for name, added in features if added]
    return tuple(sorted(carrying, key=lambda feature: (-abs(feature[1]), feature[0]))[:most])
