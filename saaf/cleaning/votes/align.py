"""Which blocks of a page stand in what another method made of it: by their letters, each in its place."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_ANCHOR_LETTERS = 24  # a run of letters this long hardly stands twice on a page by chance
_MOST_PLACED = 500  # between two anchors: the best order costs the square of it, so a longer run is placed as it comes


def align(blocks: Sequence[str], output: str) -> list[bool]:
    """Tell which of the `blocks` (their letters, in page order) stand in `output` (its letters), each in its place.

    Blocks long enough to stand there once are anchors; of these the longest run in the same order as in the output is
    trusted; a shorter block must stand between the anchors around it.
    """
    anchors = _in_order(
        [
            (index, position, position + len(text))
            for index, text in enumerate(blocks)
            if len(text) >= _ANCHOR_LETTERS
            and (position := output.find(text)) >= 0
            and output.find(text, position + 1) < 0
        ]
    )
    found = [False] * len(blocks)
    for index, _, _ in anchors:
        found[index] = True
    edges = [(-1, 0, 0), *anchors, (len(blocks), len(output), len(output))]
    for (before, _, start), (after, end, _) in pairwise(edges):
        _place_between(blocks, range(before + 1, after), output, start, max(start, end), found)
    return found


def _in_order(anchors: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return the longest subsequence whose positions rise (patience sorting)."""
    tails: list[int] = []
    at: list[int] = []
    previous: list[int] = []
    for number, (_, position, _) in enumerate(anchors):
        slot = bisect_left(tails, position)
        if slot == len(tails):
            tails.append(position)
            at.append(number)
        else:
            tails[slot], at[slot] = position, number
        previous.append(at[slot - 1] if slot else -1)
    chain: list[tuple[int, int, int]] = []
    number = at[-1] if at else -1
    while number >= 0:
        chain.append(anchors[number])
        number = previous[number]
    return chain[::-1]


def _place_between(blocks: Sequence[str], indices: range, output: str, start: int, end: int, found: list[bool]) -> None:
    """Mark the blocks of `indices` that stand, in order, in `output[start:end]`: the longest first fixes the rest."""
    if len(indices) > _MOST_PLACED:
        for index in indices:
            position = output.find(blocks[index], start, end) if blocks[index] else -1
            if position >= 0:
                found[index], start = True, position + len(blocks[index])
        return
    work = [(indices.start, indices.stop, start, end)]
    while work:
        low, high, start, end = work.pop()
        candidates = [index for index in range(low, high) if blocks[index] and len(blocks[index]) <= end - start]
        for index in sorted(candidates, key=lambda index: -len(blocks[index])):
            position = output.find(blocks[index], start, end)
            if position >= 0:
                found[index] = True
                work.append((low, index, start, position))
                work.append((index + 1, high, position + len(blocks[index]), end))
                break
