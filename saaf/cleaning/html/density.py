"""Text density: how much running text blocks hold, and the densest region of a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from saaf.cleaning.text.scripts import unspaced_pattern
from saaf.cleaning.text.sentences import SENTENCE_END
from saaf.cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.cleaning.html.segment import RawBlock, Segmentation


_COMMAS = re.compile("[,،、;؛।۔]")
_NOT_PROSE_KINDS = frozenset((Kind.FORM, Kind.TABLE_ROW))
_MIN_CHARACTERS = 10
_MIN_WIDTH = 25
_MIN_WIDTH_WITHOUT_SENTENCE_END = 80
_UNSPACED_WEIGHT = 1.5  # what a character of a script without spaces counts more than one letter
_MAX_LINK_DENSITY = 0.5
_DECAY = 0.6  # of a block's weight from an element to its parent
_MIN_SHARE = 0.2  # of a block's weight: elements that would get less get none
_SIBLING_SHARE = 0.2  # of the greatest weight: siblings with more are of the region too


def density_votes(segmentation: Segmentation) -> list[bool]:
    """Return for each block whether it is in the densest region of the page.

    Each block of running text adds weight to the elements around it, less with each level up. The region is the element
    with the greatest weight, discounted by its link density, and its siblings of a fifth of that weight or more. The
    scheme is that of readability: https://github.com/mozilla/readability.
    """
    nodes = segmentation.nodes
    parents = [node.parent for node in nodes]
    weights: dict[int, float] = {}
    characters, linked = [0] * len(nodes), [0] * len(nodes)
    for block, (_, weight) in zip(segmentation.blocks, block_weights(segmentation), strict=True):
        node = parents[block.node] if nodes[block.node].tag != "div" else block.node
        if node >= 0:
            characters[node] += block.characters
            linked[node] += block.linked
        share = 1.0
        while weight and node >= 0 and share > _MIN_SHARE:
            weights[node] = weights.get(node, 0.0) + weight * share
            share *= _DECAY
            node = parents[node]
    if not weights:
        return [False] * len(segmentation.blocks)
    for node in range(len(nodes) - 1, 0, -1):  # children come after their parents
        if characters[node]:  # most elements hold no text
            characters[parents[node]] += characters[node]
            linked[parents[node]] += linked[node]
    scores = {node: weight * (1 - linked[node] / max(1, characters[node])) for node, weight in weights.items()}
    top = max(scores, key=lambda node: (scores[node], -node))
    region = {
        node
        for node, weight in scores.items()
        if parents[node] == parents[top] and weight > _SIBLING_SHARE * scores[top]
    }
    inside = _in_subtrees(parents, region | {top})
    return [inside[block.node] and block.linked < _MAX_LINK_DENSITY * block.characters for block in segmentation.blocks]


def running_text_size(segmentation: Segmentation) -> float:
    """Return the size of the page's running text: its sentences and long lines, in characters.

    A character of a script without spaces counts for two and a half. Hidden and linked text, forms and rows of tables
    do not count.
    """
    return sum(width for width, weight in block_weights(segmentation) if weight)


def block_weights(segmentation: Segmentation) -> list[tuple[float, float]]:
    """Return the width and the weight of each block, both 0 where it is hidden or no running text.

    Cached in `segmentation.block_weights`.
    """
    if segmentation.block_weights is None:
        segmentation.block_weights = [
            (0.0, 0.0) if block.hidden else _width_and_weight(block) for block in segmentation.blocks
        ]
    return segmentation.block_weights


def _width_and_weight(block: RawBlock) -> tuple[float, float]:
    text, characters = block.text, block.characters
    if characters < _MIN_CHARACTERS or block.linked > _MAX_LINK_DENSITY * characters or block.kind in _NOT_PROSE_KINDS:
        return 0.0, 0.0
    plain = text.isascii()
    width = characters + (0.0 if plain else _UNSPACED_WEIGHT * len(unspaced_pattern().findall(text)))
    # Labels weigh nothing: thousands of them must not outweigh an article.
    if width < _MIN_WIDTH or (width < _MIN_WIDTH_WITHOUT_SENTENCE_END and not SENTENCE_END.search(text)):
        return 0.0, 0.0
    commas = text.count(",") + text.count(";") if plain else len(_COMMAS.findall(text))
    return width, 1.0 + commas + min(width / 100, 3.0)


def _in_subtrees(parents: Sequence[int], region: set[int]) -> list[bool]:
    """Return for each node, by the `parents` of all, whether it is in `region` or a descendant of a node that is."""
    inside: list[bool] = []
    for node, parent in enumerate(parents):
        inside.append(node in region or (parent >= 0 and inside[parent]))
    return inside
