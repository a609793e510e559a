"""A document laid out for reading: line by line, what was removed in colour, long runs folded away."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from saaf.corpus.explain import Explanation, Piece, direction, lines, why

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_LINES = 5  # of one run, before its middle is folded away
LONG_PIECE = 420  # code points of one kept piece, before its middle is left out
MOST_FOLDED = 4000  # code points inside one fold: a menu of a thousand lines would make the page slow

Line = tuple["Shown", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A piece of a line; `number` is its rule's in the legend (0 where kept) and `skipped` how many characters of a
    long kept piece are left out after it. `first` is true for the first piece of a removal.
    """

    text: str
    number: int = 0
    rule: str = ""
    first: bool = False
    skipped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Lines that are shown, or folded away under a summary: `folded` characters in `count` lines, by `rule` if removed.

    `rest` is how many characters of the fold are too many for the page.
    """

    lines: tuple[Line, ...]
    folded: int = 0
    count: int = 0
    rule: str = ""
    rest: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendRow:
    """What one rule removed from the document."""

    number: int
    rule: str
    why: str
    spans: int
    characters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A document as the page shows it; `direction` is "ltr" or "rtl", figures are in code points."""

    document: Explanation
    direction: str
    stretches: tuple[Stretch, ...]
    legend: tuple[LegendRow, ...]
    read: int
    removed: int


def passage(document: Explanation) -> Passage:
    """Lay out a document."""
    legend = _legend(document)
    numbers = {row.rule: row.number for row in legend}
    stretches: list[Stretch] = []
    rows = [row for row in lines(document.text, document.removals) if any(piece.text.strip() for piece in row)]
    seen: set[int] = set()
    for rule, group in groupby(rows, key=_only_rule):
        stretches.extend(_folded([_line(row, numbers, seen) for row in group], rule))
    return Passage(
        document=document,
        direction=direction(document.text),
        stretches=tuple(stretches),
        legend=legend,
        read=len(document.text),
        removed=sum(row.characters for row in legend),
    )


def _legend(document: Explanation) -> tuple[LegendRow, ...]:
    spans: dict[str, list[int]] = {}
    for removal in document.removals:
        spans.setdefault(removal.rule, []).append(removal.end - removal.start)
    return tuple(
        LegendRow(number=number, rule=rule, why=why(rule), spans=len(lengths), characters=sum(lengths))
        for number, (rule, lengths) in enumerate(spans.items(), start=1)
    )


def _only_rule(row: Iterable[Piece]) -> str | None:
    """Return the rule that removed the whole line, "" for a line kept whole, None for one that is neither."""
    rules = {piece.removal.rule if piece.removal else "" for piece in row}
    return rules.pop() if len(rules) == 1 else None


def _line(row: Sequence[Piece], numbers: dict[str, int], seen: set[int]) -> Line:
    shown: list[Shown] = []
    for piece in row:
        if piece.removal is None:
            shown.extend(_shortened(piece.text))
            continue
        first = piece.removal.start not in seen
        seen.add(piece.removal.start)
        rule = piece.removal.rule
        shown.append(Shown(text=piece.text, number=numbers[rule], rule=rule, first=first))
    return tuple(shown)


def _shortened(text: str) -> list[Shown]:
    if len(text) <= LONG_PIECE * 3 // 2:  # a gap of a few words says less than the words
        return [Shown(text=text)]
    head, tail = text[: LONG_PIECE // 2], text[-LONG_PIECE // 2 :]
    head = head[: head.rfind(" ") + 1] or head  # a script without spaces is cut where it stands
    tail = tail[tail.find(" ") :] if " " in tail else tail
    return [Shown(text=head, skipped=len(text) - len(head) - len(tail)), Shown(text=tail)]


def _folded(rows: list[Line], rule: str | None) -> list[Stretch]:
    """Return a run of lines with its middle folded away where it is long; lines of several kinds stay open."""
    if rule is None or len(rows) <= MOST_LINES:
        return [Stretch(lines=tuple(rows))]
    middle, characters = rows[2:-1], 0
    inside: list[Line] = []
    for row in middle:
        length = _length(row)
        if characters + length > MOST_FOLDED and inside:
            break
        inside.append(row)
        characters += length
    total = sum(_length(row) for row in middle)
    fold = Stretch(lines=tuple(inside), folded=total, count=len(middle), rule=rule, rest=total - characters)
    return [Stretch(lines=tuple(rows[:2])), fold, Stretch(lines=(rows[-1],))]


def _length(row: Line) -> int:
    return sum(len(shown.text) + shown.skipped for shown in row)
