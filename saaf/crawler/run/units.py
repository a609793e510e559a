"""Counts and lengths of time in words, for lines and tables about a crawl."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def most_common(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return states and counts without zeros, the largest first, those of the same count by name."""
    return sorted(((state, count) for state, count in counts.items() if count), key=lambda one: (-one[1], one[0]))


def format_duration(seconds: float) -> str:
    """Return a length of time in its largest unit, rounded: "40 s", "12 min", "3 h", "5 days"."""
    for unit, length, limit in (("s", 1, 90), ("min", 60, 90 * 60), ("h", 3600, 48 * 3600)):
        if seconds < limit:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds / 86400:.0f} days"
