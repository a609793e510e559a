"""A document cut into pieces that were kept or removed, each removal with why."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from saaf.cleaning.decision.block_rules import BLOCK_RULES
from saaf.cleaning.pipeline import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from saaf.cleaning.types import Removal


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of a document's text that was kept whole (`removal` is None) or removed whole."""

    text: str = field(repr=False)
    removal: Removal | None = None

    @property
    def why(self) -> str:
        """Why the piece was removed, in a sentence; "" where it was kept."""
        return rule_reasons().get(self.removal.rule, "") if self.removal else ""


def pieces(text: str, removals: Iterable[Removal]) -> tuple[Piece, ...]:
    """Return `text` cut at the removals (sorted, disjoint), in order; the pieces put together are the text."""
    cut: list[Piece] = []
    position = 0
    for removal in removals:
        if removal.start > position:
            cut.append(Piece(text=text[position : removal.start]))
        cut.append(Piece(text=text[removal.start : removal.end], removal=removal))
        position = removal.end
    if position < len(text):
        cut.append(Piece(text=text[position:]))
    return tuple(cut)


@cache
def rule_reasons() -> dict[str, str]:
    """Return why each rule removes what it removes, by rule id: the rules on texts, then those on blocks of HTML."""
    return {rule.id: rule.why for rule in RULES} | dict(BLOCK_RULES)
