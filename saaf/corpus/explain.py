"""Explaining a document: its text as kept and removed spans in order, each removal with its rule and the reason."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from saaf.cleaning.spans import TextSpan, rule_reason, split_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from saaf.cleaning import BlockExplanation, Removal


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A document as read, what was removed from it, and what became of it.

    `title`, `url` and `language` are None where unknown. `key`, `state` and `reason` are the ledger's, None for a
    document that is in no corpus. `block_explanations` have the model's probability and strongest features for each
    block, None where they were not asked for.
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
    block_explanations: tuple[BlockExplanation, ...] | None = field(default=None, repr=False)


def split_lines(text: str, removals: Iterable[Removal]) -> tuple[tuple[TextSpan, ...], ...]:
    """Return the spans of each line of `text`, line breaks left out; a removal of many lines has a span in each."""
    rows: list[tuple[TextSpan, ...]] = []
    row: list[TextSpan] = []
    for span in split_spans(text, removals):
        first, *rest = span.text.split("\n")
        if first:
            row.append(TextSpan(text=first, removal=span.removal))
        for line in rest:
            rows.append(tuple(row))
            row = [TextSpan(text=line, removal=span.removal)] if line else []
    rows.append(tuple(row))
    return tuple(rows)


def text_direction(text: str) -> str:
    """Return "rtl" where most of the letters of `text`'s first 2,000 characters run right to left, else "ltr"."""
    classes = [unicodedata.bidirectional(character) for character in text[:2000]]
    return "rtl" if classes.count("R") + classes.count("AL") > classes.count("L") else "ltr"


def mark_removals(explanation: Explanation) -> str:
    """Return the text with each removal as `[-removed-]{rule}`: for pipes, files and terminals without colour."""
    parts: list[str] = []
    for span in split_spans(explanation.text, explanation.removals):
        if span.removal is None:
            parts.append(span.text)
        else:
            before, words, after = split_line_breaks(span.text)
            parts.append(f"{before}[-{words}-]{{{span.removal.rule}}}{after}")
    return "".join(parts)


def explain_blocks(explanation: Explanation) -> Iterator[tuple[str, Explanation]]:
    """Yield, for each block with a `BlockExplanation`, a line of figures and the explanation of the block alone.

    A line is such as "0.97  +1.8 prose ~5  -0.4 links": the probability that the block is content, then what each
    feature adds to the log-odds. Spans are counted from the start of the block.
    """
    for block in explanation.block_explanations or ():
        removals = tuple(
            replace(removal, start=max(removal.start - block.start, 0), end=min(removal.end, block.end) - block.start)
            for removal in explanation.removals
            if removal.start < block.end and removal.end > block.start
        )
        features = (f"{added:+.1f} {name}" for name, added in block.features)
        figures = "  ".join((f"{block.probability:.2f}", *features))
        yield figures, replace(explanation, text=explanation.text[block.start : block.end], removals=removals)


def split_line_breaks(text: str) -> tuple[str, str, str]:
    """Return the line breaks before `text`, what is between, and the line breaks after: marks go around the middle."""
    words = text.strip("\n")
    start = len(text) - len(text.lstrip("\n")) if words else 0
    return text[:start], words, text[start + len(words) :]


def to_json(explanation: Explanation) -> dict[str, object]:
    """Return the explanation as values of JSON: every removal with its span, rule, score, reason and text.

    Where there are block explanations, `blocks` has each block's span, the probability that it is content, in [0, 1],
    and the features with what they add to the log-odds.
    """
    blocks = [
        {
            "start": block.start,
            "end": block.end,
            "probability": round(block.probability, 3),
            "features": [{"name": name, "adds": round(added, 3)} for name, added in block.features],
        }
        for block in explanation.block_explanations or ()
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
                "why": rule_reason(removal.rule),
                "text": explanation.text[removal.start : removal.end],
            }
            for removal in explanation.removals
        ],
        **({} if explanation.block_explanations is None else {"blocks": blocks}),
    }


def rule_language(rule: str) -> str | None:
    """Return the language of a phrase rule, "hi" for "hi.related"; None for a structural rule such as "echo.title"."""
    first = rule.partition(".")[0]
    return first if len(first) <= 3 else None


def rule_kind(rule: str) -> str:
    """Return the kind of a rule: "related" for "hi.related" and "html.related", "echo" for "echo.title"."""
    first, _, rest = rule.partition(".")
    return rest.partition(".")[0] if rest and (rule_language(rule) or first == "html") else first
