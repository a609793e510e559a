"""Rules for duplicate lines within a text: copies of the headline, paragraphs printed twice in a row."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from saaf.cleaning.phrases.annotated_text import AnnotatedText
from saaf.cleaning.rules.rule import Rule
from saaf.cleaning.text.lines import Line
from saaf.cleaning.text.normalise import headline_key
from saaf.cleaning.types import Document, Removal

_MIN_TITLE_WIDTH: Final = 16  # columns; shorter lines recur for many reasons
_MAX_HEADLINES: Final = 8  # candidates for the headline: the last such lines before the prose
_MIN_REPEATED_WIDTH: Final = 60  # columns
_MAX_SITE_NAME: Final = 30  # letters of a site's name behind a copy of the headline


def find_title_copies(_document: Document, text: AnnotatedText) -> Iterable[Removal]:
    """Yield the copies of a headline up to the line after the first line of prose, and after the last line of prose."""
    lines, first, last = text.lines, text.first, text.last
    if not last:
        return
    headlines = [line for line in lines[: max(first, 1)] if line.headline and line.words > 2][-_MAX_HEADLINES:]
    if not headlines and lines[0].words > 2:
        headlines = [lines[0]]
    seen: set[str] = set()
    for title in headlines:
        key = headline_key(title.text)
        if title.width < _MIN_TITLE_WIDTH or key in seen:
            continue
        seen.add(key)
        for line in lines[title.number + 1 :]:
            near = line.number <= first + 1 or line.number >= last
            if near and _is_copy(line, key):
                yield Removal(start=line.start, end=line.end, rule="echo.title")


def _is_copy(line: Line, title: str) -> bool:
    """Return whether a line is the headline with the key `title`, with or without a site's name behind it."""
    if len(line.text) > 300:
        return False
    copy = headline_key(line.text)
    return copy == title or (
        copy.startswith(title) and len(copy) - len(title) <= _MAX_SITE_NAME and _has_separator(line)
    )


def _has_separator(line: Line) -> bool:
    return any(separator in line.text for separator in (" - ", " | ", " – ", " — ", " :: ", " » "))


def find_repeated_paragraphs(_document: Document, text: AnnotatedText) -> Iterable[Removal]:
    """Yield each paragraph equal to the one directly before it. Lines of under 60 columns may be verses, and stay."""
    for before, line in pairwise(text.lines):
        if line.text.strip() == before.text.strip() and line.width >= _MIN_REPEATED_WIDTH and line.prose:
            yield Removal(start=line.start, end=line.end, rule="echo.line")


_HEADLINE: Final = "Ferry service to the outer islands resumes after the storm"
_LEAD: Final = (
    "The ferry to the outer islands sailed again on Tuesday, five days after the storm had closed the harbour."
)

RULES: Final = (
    Rule(
        id="echo.title",
        why="The page prints its headline twice: once is enough.",
        find=find_title_copies,
        removes=(f"{_HEADLINE}\n\n{_HEADLINE}\n\n{_LEAD}", f"{_HEADLINE}\n{_LEAD}\n{_HEADLINE} - Island Post"),
        keeps=(f"{_HEADLINE}\n{_LEAD}", "Row, row, row your boat\nGently down the stream\nRow, row, row your boat"),
    ),
    Rule(
        id="echo.line",
        why="The same paragraph stands twice in a row.",
        find=find_repeated_paragraphs,
        removes=(f"{_LEAD}\n{_LEAD}",),
        keeps=(
            "And the rain came down,\nAnd the rain came down,\nAnd the wind went round.",
            f"{_LEAD}\nSailors waved.\n{_LEAD}",
        ),
    ),
)
