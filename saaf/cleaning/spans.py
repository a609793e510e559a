"""A document's text as kept and removed spans in order, each removal with the reason of its rule."""

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
class TextSpan:
    """A span of a document's text that is kept whole (`removal` is None) or removed whole."""

    text: str = field(repr=False)
    removal: Removal | None = None

    @property
    def why(self) -> str:
        """Why the span was removed, in a sentence; "" where it was kept."""
        return rule_reason(self.removal.rule) if self.removal else ""


def split_spans(text: str, removals: Iterable[Removal]) -> tuple[TextSpan, ...]:
    """Return `text` split at the removals (sorted, disjoint), in order; joined, the spans are the text."""
    spans: list[TextSpan] = []
    position = 0
    for removal in removals:
        if removal.start > position:
            spans.append(TextSpan(text=text[position : removal.start]))
        spans.append(TextSpan(text=text[removal.start : removal.end], removal=removal))
        position = removal.end
    if position < len(text):
        spans.append(TextSpan(text=text[position:]))
    return tuple(spans)


@cache
def rule_reasons() -> dict[str, str]:
    """Return why each rule removes what it removes, by rule id: the rules on texts, then those on blocks of HTML."""
    return {rule.id: rule.why for rule in RULES} | dict(BLOCK_RULES)


def rule_reason(rule: str) -> str:
    """Return why the rule of an id removes, "" for one that this version does not have (an older corpus)."""
    return rule_reasons().get(rule, "")
