"""Lines that say again what another line says: second copies of the headline, paragraphs printed twice."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from saaf.cleaning.phrases.annotated_text import AnnotatedText
from saaf.cleaning.rules.rule import Rule
from saaf.cleaning.text.lines import Line
from saaf.cleaning.text.normalise import headline_key
from saaf.cleaning.types import Document, Removal

_MIN_TITLE: Final = 16  # columns; shorter lines recur for many reasons
_HEAD_LINES: Final = 8
_MIN_REPEATED: Final = 60
_MAX_SUFFIX: Final = 30  # letters of a site's name behind a copy of the headline


def find_title_echo(_document: Document, text: AnnotatedText) -> Iterable[Removal]:
    """Yield the copies of a headline near the headline itself and after the end of the prose."""
    lines, first, last = text.lines, text.first, text.last
    if not last:
        return
    head = [line for line in lines[: max(first, 1)] if line.headline and line.words > 2][-_HEAD_LINES:]
    if not head and lines[0].words > 2:
        head = [lines[0]]
    seen: set[str] = set()
    for title in head:
        key = headline_key(title.text)
        if title.width < _MIN_TITLE or key in seen:
            continue
        seen.add(key)
        for line in lines[title.number + 1 :]:
            near = line.number <= first + 1 or line.number >= last
            if near and _is_copy(line, key):
                yield Removal(start=line.start, end=line.end, rule="echo.title")


def _is_copy(line: Line, title: str) -> bool:
    if len(line.text) > 300:
        return False
    copy = headline_key(line.text)
    return copy == title or (copy.startswith(title) and len(copy) - len(title) <= _MAX_SUFFIX and _has_suffix(line))


def _has_suffix(line: Line) -> bool:
    return any(separator in line.text for separator in (" - ", " | ", " – ", " — ", " :: ", " » "))


def find_repeated_line(_document: Document, text: AnnotatedText) -> Iterable[Removal]:
    """Yield each paragraph that equals the one right before it. Short lines may be verses, and stay."""
    for before, line in pairwise(text.lines):
        if line.text.strip() == before.text.strip() and line.width >= _MIN_REPEATED and line.prose:
            yield Removal(start=line.start, end=line.end, rule="echo.line")


_HEADLINE: Final = "Ferry service to the outer islands resumes after the storm"
_LEAD: Final = (
    "The ferry to the outer islands sailed again on Tuesday, five days after the storm had closed the harbour."
)

RULES: Final = (
    Rule(
        id="echo.title",
        why="The page prints its headline twice: once is enough.",
        find=find_title_echo,
        removes=(f"{_HEADLINE}\n\n{_HEADLINE}\n\n{_LEAD}", f"{_HEADLINE}\n{_LEAD}\n{_HEADLINE} - Island Post"),
        keeps=(f"{_HEADLINE}\n{_LEAD}", "Row, row, row your boat\nGently down the stream\nRow, row, row your boat"),
    ),
    Rule(
        id="echo.line",
        why="The same paragraph stands twice in a row.",
        find=find_repeated_line,
        removes=(f"{_LEAD}\n{_LEAD}",),
        keeps=(
            "And the rain came down,\nAnd the rain came down,\nAnd the wind went round.",
            f"{_LEAD}\nSailors waved.\n{_LEAD}",
        ),
    ),
)
