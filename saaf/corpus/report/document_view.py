"""The view of a document in the report: line by line, removed spans in the colour of their rule, long runs folded.

Lines that were removed follow each other whatever their rules are: a page's menu, teasers and share bar are one run.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from enum import Enum
from itertools import groupby
from typing import TYPE_CHECKING

from saaf.cleaning.spans import TextSpan, rule_reason
from saaf.corpus.explain import Explanation, split_lines, text_direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_LINES = 5  # of one run, before its middle is folded
MAX_SPAN = 420  # code points of one span, before its middle is left out
MAX_FOLDED = 2000  # code points shown one fold: a menu of a thousand lines would make the page slow
MAX_SHOWN = 250_000  # code points of all documents: with marks a page of a megabyte

Line = tuple["ViewSpan", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSpan:
    """A span of a line as the report shows it.

    `number` is that of its rule in the legend, 0 where kept; `skipped` how many characters of a long span are left out
    after it; `first` is true for the first span of a removal.
    """

    text: str
    number: int = 0
    rule: str = ""
    first: bool = False
    skipped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRun:
    """Lines that are shown, or folded under a summary.

    A fold has `folded` characters in `count` lines (0 where nothing is folded), removed by `rules`, those of most lines
    first (() where kept); `rest` is how many of its characters are too many for the page.
    """

    lines: tuple[Line, ...]
    folded: int = 0
    count: int = 0
    rules: tuple[str, ...] = ()
    rest: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendRow:
    """What one rule removed from the document; `characters` are code points."""

    number: int
    rule: str
    why: str
    spans: int
    characters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """A document as the report shows it; `direction` is "ltr" or "rtl", `read` and `removed` are in code points."""

    document: Explanation
    direction: str
    runs: tuple[LineRun, ...]
    legend: tuple[LegendRow, ...]
    read: int
    removed: int


def document_view(document: Explanation) -> DocumentView:
    """Return the view of a document; blank lines are left out."""
    legend = _legend(document)
    numbers = {row.rule: row.number for row in legend}
    runs: list[LineRun] = []
    rows = [row for row in split_lines(document.text, document.removals) if any(span.text.strip() for span in row)]
    numbered: set[int] = set()
    for kind, group in groupby(rows, key=_kind):
        runs.extend(_fold([_view_line(row, numbers, numbered) for row in group], kind))
    return DocumentView(
        document=document,
        direction=text_direction(document.text),
        runs=tuple(runs),
        legend=legend,
        read=len(document.text),
        removed=sum(row.characters for row in legend),
    )


def limited_views(documents: Iterable[Explanation], most: int = MAX_SHOWN) -> list[DocumentView]:
    """Return the views of the first documents: no more once `most` characters are shown, but one at least."""
    views: list[DocumentView] = []
    shown = 0
    for document in documents:
        view = document_view(document)
        shown += sum(_length(line) for run in view.runs for line in run.lines)
        if views and shown > most:
            break
        views.append(view)
    return views


def _legend(document: Explanation) -> tuple[LegendRow, ...]:
    spans: dict[str, list[int]] = {}
    for removal in document.removals:
        spans.setdefault(removal.rule, []).append(removal.end - removal.start)
    return tuple(
        LegendRow(number=number, rule=rule, why=rule_reason(rule), spans=len(lengths), characters=sum(lengths))
        for number, (rule, lengths) in enumerate(spans.items(), start=1)
    )


class _Kind(Enum):
    KEPT = "kept"
    REMOVED = "removed"
    MIXED = "mixed"


def _kind(row: Iterable[TextSpan]) -> _Kind:
    """Return whether a line was kept or removed as a whole; white space counts for neither."""
    removed = {span.removal is not None for span in row if span.text.strip()}
    if len(removed) != 1:
        return _Kind.MIXED
    return _Kind.REMOVED if removed.pop() else _Kind.KEPT


def _view_line(row: Sequence[TextSpan], numbers: dict[str, int], numbered: set[int]) -> Line:
    """Return the spans of a line; `numbered` are the starts of the removals that were shown before, and is updated."""
    shown: list[ViewSpan] = []
    for span in row:
        if span.removal is None:
            shown.extend(_shorten(ViewSpan(text=span.text)))
            continue
        first = span.removal.start not in numbered
        numbered.add(span.removal.start)
        rule = span.removal.rule
        shown.extend(_shorten(ViewSpan(text=span.text, number=numbers[rule], rule=rule, first=first)))
    return tuple(shown)


def _shorten(span: ViewSpan) -> list[ViewSpan]:
    """Return a span, its middle left out where it is long."""
    text = span.text
    if len(text) <= MAX_SPAN * 3 // 2:  # to leave out a few words saves less than it hides
        return [span]
    head, tail = text[: MAX_SPAN // 2], text[-MAX_SPAN // 2 :]
    head = head[: head.rfind(" ") + 1] or head  # a script without spaces is cut where it stands
    tail = tail[tail.find(" ") :] if " " in tail else tail
    skipped = len(text) - len(head) - len(tail)
    return [replace(span, text=head, skipped=skipped), replace(span, text=tail, first=False)]


def _fold(rows: list[Line], kind: _Kind) -> list[LineRun]:
    """Return a run of lines with its middle folded where it is long; lines kept or removed in part stay open."""
    if kind is _Kind.MIXED or len(rows) <= MAX_LINES:
        return [LineRun(lines=tuple(rows))]
    middle, characters = rows[2:-1], 0
    shown: list[Line] = []
    for row in middle:
        length = _length(row)
        if characters + length > MAX_FOLDED and shown:
            break
        shown.append(row)
        characters += length
    total = sum(_length(row) for row in middle)
    rules = Counter(rule for row in middle for rule in dict.fromkeys(span.rule for span in row) if rule)
    fold = LineRun(
        lines=tuple(shown),
        folded=total,
        count=len(middle),
        rules=tuple(rule for rule, _ in sorted(rules.items(), key=lambda item: (-item[1], item[0]))),
        rest=total - characters,
    )
    return [LineRun(lines=tuple(rows[:2])), fold, LineRun(lines=(rows[-1],))]


def _length(row: Line) -> int:
    return sum(len(span.text) + span.skipped for span in row)
