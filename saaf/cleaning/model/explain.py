"""Which features carried what the model of blocks says of each block of a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from saaf.cleaning.model.predict import all_features, load_shipped, probabilities, stage2_forest

if TYPE_CHECKING:
    from saaf.cleaning.types import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockExplanation:
    """A block `[start, end)`, how sure the model is that it is content, in [0, 1], and what made it so.

    `features` are pairs of a name and what it adds to the log-odds of `sure`, the greatest absolute value first; a
    positive one speaks for content. None is 0. The names are those of `saaf.cleaning.model.text_features`,
    `saaf.cleaning.model.dom_features` and `saaf.cleaning.model.predict.second_look`.
    """

    start: int
    end: int
    sure: float
    features: tuple[tuple[str, float], ...]


def explain(document: Document, most: int = 4) -> tuple[BlockExplanation, ...]:
    """Return what the shipped model says of each block of `document`, in order, with its `most` strongest features.

    It is the second look that is taken apart (`Forest.contributions`): the first one is among its features. On HTML
    `saaf.cleaning.decision.decide` goes by these figures, and knows how sure a block must be to stay. On bare text the
    model decides last, on the lines that the rules leave of a whole page; here it weighs every line as read.
    """
    if not document.blocks:
        return ()
    forests = load_shipped(document.track)
    columns = all_features(document, forests.stage1)
    second = stage2_forest(columns, forests)
    sure = probabilities(document, forests).tolist()
    added = {name: column.tolist() for name, column in second.contributions(columns).items()}
    return tuple(
        BlockExplanation(
            start=block.start,
            end=block.end,
            sure=sure[row],
            features=_strongest([(name, column[row]) for name, column in added.items()], most),
        )
        for row, block in enumerate(document.blocks)
    )


def _strongest(features: list[tuple[str, float]], most: int) -> tuple[tuple[str, float], ...]:
    carrying = [(name, added) for name, added in features if added]
    return tuple(sorted(carrying, key=lambda feature: (-abs(feature[1]), feature[0]))[:most])
