"""Charts of the report: parts of a bar, bins of a histogram, and the colour of a state."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from saaf.corpus.ledger import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.corpus.report.funnel import StateTotal

# Classes of report.css; a state without one here is a failure.
_TONES = {
    State.KEPT: "kept",
    State.DUPLICATE: "dropped",
    State.CONTAINED: "dropped",
    State.JOINED: "dropped",
    State.REPEATED: "dropped",
    State.TOO_SHORT: "left",
    State.WRONG_LANGUAGE: "left",
    State.NO_OWN_CONTENT: "left",
    State.EMPTY: "left",
    State.NOT_CONTENT: "failed",
    State.BLOCKED_BY_ROBOTS: "failed",
    State.OFFSITE: "failed",
    State.OUTSIDE_WINDOW: "failed",
    State.ALTERNATE: "failed",
    State.RIGHTS_RESERVED: "failed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """A bin of a histogram; `below` is true where it lies below the threshold."""

    label: str
    count: int
    below: bool = False


def tone(state: State) -> str:
    """Return the CSS class of the colour of a state."""
    return _TONES.get(state, "removed")


def bar(parts: Sequence[tuple[str, float]], total: float) -> tuple[tuple[str, float, float], ...]:
    """Return (CSS class, x, width) of the parts of a bar, in percent of `total`; parts of width 0 are left out."""
    drawn: list[tuple[str, float, float]] = []
    position = 0.0
    for name, value in parts:
        width = 100 * value / total if total else 0.0
        if width > 0:
            drawn.append((name, round(position, 3), round(width, 3)))
        position += width
    return tuple(drawn)


def state_parts(states: Sequence[StateTotal]) -> list[tuple[str, float]]:
    """Return the states as (CSS class, inputs) parts of a bar."""
    return [(tone(state.name), state.inputs) for state in states]


def size_bins(sizes: Sequence[tuple[int, int]]) -> list[Bin]:
    """Return clusters by size: 2, 3, 4, 5, then doubling ranges up to the largest; `sizes` are (size, clusters)."""
    if not sizes:
        return []
    edges = [2]
    while edges[-1] <= sizes[-1][0]:
        edges.append(edges[-1] + 1 if edges[-1] < 6 else 2 * edges[-1] - 1)  # …, 5, 6–10, 11–20, 21–40
    found = []
    for low, high in pairwise(edges):
        count = sum(clusters for size, clusters in sizes if low <= size < high)
        found.append(Bin(label=str(low) if high == low + 1 else f"{low}–{high - 1}", count=count))
    return found


def similarity_bins(similarities: Sequence[tuple[float, int]], threshold: float | None) -> list[Bin]:
    """Return pairs by similarity, in bins 0.025 wide; every fourth bin has a label."""
    return [
        Bin(
            label=f"{low:.1f}" if index % 4 == 0 else "",
            count=pairs,
            below=threshold is not None and low + 0.025 <= threshold + 1e-9,
        )
        for index, (low, pairs) in enumerate(similarities)
    ]


def quality_bins(bins: Sequence[tuple[float, int]]) -> list[Bin]:
    """Return documents by a quality in [0, 1]; every fourth bin has a label."""
    return [Bin(label=f"{low:.1f}" if index % 4 == 0 else "", count=count) for index, (low, count) in enumerate(bins)]
