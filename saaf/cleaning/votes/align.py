"""Alignment of a page's blocks with the output of another extractor: which blocks the output contains, in order."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MIN_ANCHOR_LETTERS = 24  # a run of letters this long hardly stands twice on a page by chance
_MAX_BLOCKS_LONGEST_FIRST = 500  # between two anchors: the best order costs the square of it; more are matched in order

Anchor = tuple[int, int, int]
"""A block's index, and the start and end of its letters in the output."""


def align(blocks: Sequence[str], output: str) -> list[bool]:
    """Return for each of the `blocks` whether it stands in `output`, in page order.

    `blocks` and `output` are `saaf.cleaning.text.folding.alignment_key`s. Blocks long enough to stand there only once
    are anchors, of which the longest subsequence in the order of the output is kept; a shorter block must stand between
    the anchors around it.
    """
    anchors = _longest_increasing_subsequence(
        [
            (index, position, position + len(text))
            for index, text in enumerate(blocks)
            if len(text) >= _MIN_ANCHOR_LETTERS
            and (position := output.find(text)) >= 0
            and output.find(text, position + 1) < 0
        ]
    )
    found = [False] * len(blocks)
    for index, _, _ in anchors:
        found[index] = True
    edges = [(-1, 0, 0), *anchors, (len(blocks), len(output), len(output))]
    for (before, _, start), (after, end, _) in pairwise(edges):
        _match_between(blocks, range(before + 1, after), output, start, max(start, end), found)
    return found


def _longest_increasing_subsequence(anchors: list[Anchor]) -> list[Anchor]:
    """Return the longest subsequence whose start positions increase (patience sorting)."""
    tails: list[int] = []
    tail_anchors: list[int] = []
    previous: list[int] = []
    for number, (_, position, _) in enumerate(anchors):
        slot = bisect_left(tails, position)
        if slot == len(tails):
            tails.append(position)
            tail_anchors.append(number)
        else:
            tails[slot], tail_anchors[slot] = position, number
        previous.append(tail_anchors[slot - 1] if slot else -1)
    reverse: list[Anchor] = []
    number = tail_anchors[-1] if tail_anchors else -1
    while number >= 0:
        reverse.append(anchors[number])
        number = previous[number]
    return reverse[::-1]


def _match_between(blocks: Sequence[str], indices: range, output: str, start: int, end: int, found: list[bool]) -> None:
    """Set `found` for the blocks of `indices` that stand, in order, in `output[start:end]`.

    The longest block is matched first and divides the rest; above `_MAX_BLOCKS_LONGEST_FIRST` blocks, each is matched
    at its first occurrence after the one before.
    """
    if len(indices) > _MAX_BLOCKS_LONGEST_FIRST:
        for index in indices:
            position = output.find(blocks[index], start, end) if blocks[index] else -1
            if position >= 0:
                found[index], start = True, position + len(blocks[index])
        return
    stack = [(indices.start, indices.stop, start, end)]
    while stack:
        low, high, start, end = stack.pop()
        candidates = [index for index in range(low, high) if blocks[index] and len(blocks[index]) <= end - start]
        for index in sorted(candidates, key=lambda index: -len(blocks[index])):
            position = output.find(blocks[index], start, end)
            if position >= 0:
                found[index] = True
                stack.append((low, index, start, position))
                stack.append((index + 1, high, position + len(blocks[index]), end))
                break
