"""A document with what was taken out of it: kept and removed pieces in order, each removal with its rule and why."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from saaf import cleaning
from saaf.cleaning.decision.block_rules import BLOCK_RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from saaf.cleaning import BlockExplanation, Removal


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of a document's text that was kept whole (`removal` is None) or removed whole."""

    text: str = field(repr=False)
    removal: Removal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A document as read, what was removed from it, and what became of it.

    `title`, `url` and `language` are None where unknown. `key`, `state` and `reason` are the ledger's, None for a
    document that is in no corpus. `weighed` says which features carried each block, None where nobody asked.
    """

    id: str
    key: str | None = None
    url: str | None
    title: str | None
    language: str | None
    text: str = field(repr=False)
    removals: tuple[Removal, ...] = field(repr=False)
    state: str | None = None
    reason: str | None = None
    weighed: tuple[BlockExplanation, ...] | None = field(default=None, repr=False)


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


def lines(text: str, removals: Iterable[Removal]) -> tuple[tuple[Piece, ...], ...]:
    """Return the pieces of each line of `text`, line breaks left out; a removal of many lines has a piece in each."""
    rows: list[tuple[Piece, ...]] = []
    row: list[Piece] = []
    for piece in pieces(text, removals):
        first, *rest = piece.text.split("\n")
        if first:
            row.append(Piece(text=first, removal=piece.removal))
        for line in rest:
            rows.append(tuple(row))
            row = [Piece(text=line, removal=piece.removal)] if line else []
    rows.append(tuple(row))
    return tuple(rows)


@cache
def reasons() -> dict[str, str]:
    """Return why each rule removes what it removes, by rule id: the rules on texts, then those on blocks of HTML."""
    return {rule.id: rule.why for rule in cleaning.RULES} | dict(BLOCK_RULES)


def why(rule: str) -> str:
    """Return why `rule` removes, "" for a rule that this version does not have (an older corpus)."""
    return reasons().get(rule, "")


def direction(text: str) -> str:
    """Return "rtl" where most of the letters of `text`'s first 2,000 characters run right to left, else "ltr"."""
    kinds = [unicodedata.bidirectional(character) for character in text[:2000]]
    return "rtl" if kinds.count("R") + kinds.count("AL") > kinds.count("L") else "ltr"


def marked(explanation: Explanation) -> str:
    """Return the text with each removal as `[-removed-]{rule}`: for pipes, files and terminals without colour."""
    shown: list[str] = []
    for piece in pieces(explanation.text, explanation.removals):
        if piece.removal is None:
            shown.append(piece.text)
        else:
            before, words, after = within_breaks(piece.text)
            shown.append(f"{before}[-{words}-]{{{piece.removal.rule}}}{after}")
    return "".join(shown)


def by_block(explanation: Explanation) -> Iterator[tuple[str, Explanation]]:
    """Yield, for each weighed block in order, its weight and what is explained of it, spans counted from its start.

    A weight is a line such as "0.97  +1.8 prose ~5  -0.4 links": how sure it is that the block is content, then what
    each feature adds to the log-odds.
    """
    for block in explanation.weighed or ():
        removals = tuple(
            replace(one, start=max(one.start - block.start, 0), end=min(one.end, block.end) - block.start)
            for one in explanation.removals
            if one.start < block.end and one.end > block.start
        )
        features = (f"{added:+.1f} {name}" for name, added in block.features)
        weight = "  ".join((f"{block.probability:.2f}", *features))
        yield weight, replace(explanation, text=explanation.text[block.start : block.end], removals=removals)


def within_breaks(text: str) -> tuple[str, str, str]:
    """Return the line breaks before and after `text` apart from what is between, which is where marks are readable."""
    words = text.strip("\n")
    start = len(text) - len(text.lstrip("\n")) if words else 0
    return text[:start], words, text[start + len(words) :]


def to_json(explanation: Explanation) -> dict[str, object]:
    """Return the explanation as what JSON can say: every removal with its span, rule, score, why and text; `blocks`
    with their features where they were weighed.
    """
    blocks = [
        {
            "start": block.start,
            "end": block.end,
            "probability": round(block.probability, 3),
            "features": [{"name": name, "adds": round(added, 3)} for name, added in block.features],
        }
        for block in explanation.weighed or ()
    ]
    return {
        "id": explanation.id,
        "url": explanation.url,
        "title": explanation.title,
        "language": explanation.language,
        "state": explanation.state,
        "reason": explanation.reason,
        "text": explanation.text,
        "removals": [
            {
                "start": removal.start,
                "end": removal.end,
                "rule": removal.rule,
                "score": removal.score,
                "why": why(removal.rule),
                "text": explanation.text[removal.start : removal.end],
            }
            for removal in explanation.removals
        ],
        **({} if explanation.weighed is None else {"blocks": blocks}),
    }


def language(rule: str) -> str | None:
    """Return the language of a phrase rule ("hi" of "hi.related"), None for a rule of structure ("echo.title")."""
    first = rule.partition(".")[0]
    return first if len(first) <= 3 else None


def kind(rule: str) -> str:
    """Return what a rule is about: "related" of "hi.related" and "html.related", "echo" of "echo.title"."""
    first, _, rest = rule.partition(".")
    return rest.partition(".")[0] if rest and (language(rule) or first == "html") else first
