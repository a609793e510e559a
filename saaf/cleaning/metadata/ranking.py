"""Ranking of metadata candidates by the trust in their origins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from saaf.cleaning.metadata.candidates import Candidates

# Origins by trust: the more an origin is made for machines and for this page alone, the earlier it stands.
_ORIGINS_BY_TRUST: Final = (
    "json-ld",
    "opengraph",
    "meta",
    "microdata",
    "microformats",
    "dublin core",
    "twitter",
    "time",
    "rel",
    "link",
    "h1",
    "title",
)

SourcedValue = tuple[str | None, str]
"""A value and its origin; (None, "") where there is none."""


def by_trust(candidates: Candidates, field: str) -> list[tuple[str, str]]:
    """Return the candidates of a field, the most trusted origin first, in document order within one."""
    return sorted(candidates.get(field, []), key=lambda candidate: _ORIGINS_BY_TRUST.index(candidate[1]))


def first_accepted(ranked: Iterable[tuple[str, str]], accept: Callable[[str], str | None]) -> SourcedValue:
    """Return the first of some (value, origin) pairs for which `accept` returns a value."""
    for value, origin in ranked:
        if accepted := accept(value):
            return accepted, origin
    return None, ""
