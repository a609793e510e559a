"""Counts in order, for lines and tables about a crawl."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def most_common(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return states and counts without zeros, the largest first, those of the same count by name."""
    return sorted(((state, count) for state, count in counts.items() if count), key=lambda one: (-one[1], one[0]))
