"""Text density: how much running text blocks hold, and the densest region of a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from saaf.cleaning.text.scripts import unspaced_pattern
from saaf.cleaning.text.sentences import SENTENCE_END
from saaf.cleaning.types import Kind

if TYPE_CHECKING:
    from saaf.cleaning.html.segment import RawBlock, Segmentation


_COMMA = re.compile(r"[,،、,;;؛।۔]")


_NO_PROSE = frozenset((Kind.FORM, Kind.TABLE_ROW))

_PROSE = 80  # letters: from here on a block without an end of sentence is still taken for prose


def density_votes(walk: Segmentation) -> list[bool]:
    """Return which blocks stand in the densest region: paragraphs give weight to the elements around them, less and
    less upwards, and the heaviest element and its equals beside it are the region.
    """
    nodes = walk.nodes
    weights: dict[int, float] = {}
    characters, linked = [0] * len(nodes), [0] * len(nodes)
    for block, (_, weight) in zip(walk.blocks, block_weights(walk), strict=True):
        node = nodes[block.node].parent if nodes[block.node].tag != "div" else block.node
        if node >= 0:
            characters[node] += block.characters
            linked[node] += block.linked
        share = 1.0
        while weight and node >= 0 and share > 0.2:
            weights[node] = weights.get(node, 0.0) + weight * share
            share *= 0.6
            node = nodes[node].parent
    if not weights:
        return [False] * len(walk.blocks)
    for node in range(len(nodes) - 1, 0, -1):  # children come after their parents
        characters[nodes[node].parent] += characters[node]
        linked[nodes[node].parent] += linked[node]
    ranked = {node: weight * (1 - linked[node] / max(1, characters[node])) for node, weight in weights.items()}
    top = max(ranked, key=lambda node: (ranked[node], -node))
    region = {
        node
        for node, weight in ranked.items()
        if nodes[node].parent == nodes[top].parent and weight > 0.2 * ranked[top]
    }
    inside = _inside(walk, region | {top})
    return [inside[block.node] and block.linked < 0.5 * block.characters for block in walk.blocks]


def running_text(walk: Segmentation) -> float:
    """Return the page's text in sentences or long lines, in characters; one of a wide script counts for two and a half.

    What is hidden, linked, in forms or in rows of tables does not count.
    """
    return sum(width for width, weight in block_weights(walk) if weight)


def block_weights(walk: Segmentation) -> list[tuple[float, float]]:
    """Return the width and the weight of each block, the weight 0 where it is no running text or hidden."""
    if walk.measures is None:
        walk.measures = [(0.0, 0.0) if block.hidden else _measure(block) for block in walk.blocks]
    return walk.measures


def _measure(block: RawBlock) -> tuple[float, float]:
    text, characters = block.text, block.characters
    if characters < 10 or block.linked > 0.5 * characters or block.kind in _NO_PROSE:
        return 0.0, 0.0
    plain = text.isascii()
    width = characters + (0.0 if plain else 1.5 * len(unspaced_pattern().findall(text)))
    # Thousands of labels must not outweigh an article.
    if width < 25 or (width < _PROSE and not SENTENCE_END.search(text)):
        return 0.0, 0.0
    commas = text.count(",") + text.count(";") if plain else len(_COMMA.findall(text))
    return width, 1.0 + commas + min(width / 100, 3.0)


def _inside(walk: Segmentation, region: set[int]) -> list[bool]:
    """Return for each node whether it stands in one of the region, or is one."""
    inside: list[bool] = []
    for index, node in enumerate(walk.nodes):
        inside.append(index in region or (node.parent >= 0 and inside[node.parent]))
    return inside
