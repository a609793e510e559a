"""Rules for duplicate lines within a text: copies of the headline, paragraphs printed twice in a row."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

import regex

from saaf.cleaning.phrases.annotated_text import AnnotatedText
from saaf.cleaning.rules.rule import Rule
from saaf.cleaning.text.copies import are_copies, copy_key
from saaf.cleaning.text.lines import TABLE_ROW, Line
from saaf.cleaning.text.sentences import TERMINALS_OR_ELLIPSIS
from saaf.cleaning.types import Document, Removal, Track

_MIN_TITLE_WIDTH: Final = 16  # columns; shorter lines recur for many reasons
_MIN_TITLE_WORDS: Final = 3
_MAX_LINES_BEFORE_DOUBLED: Final = 2  # further down, two equal lines are verses more often than a headline
_MAX_COPY_LENGTH: Final = 300  # characters
_MIN_SHARE_OF_TITLE: Final = 0.5  # of the title's letters: a shorter line is no form of the headline
_MAX_LINES_TO_COPY: Final = 4  # from the headline to a copy before the body: section, date, a byline
_MAX_LINES_TO_PROSE: Final = 4  # from a copy before the body to the body: byline, date, place
_MAX_LINES_AFTER_PROSE: Final = 2  # from the body to a copy at the end, that copy included
_MAX_LINES_TO_END: Final = 3
_MAX_SITE_NAME_LETTERS: Final = 30
_MAX_SITE_NAME_WORDS: Final = 5
_MIN_SITE_NAME_LETTERS: Final = 3
_MIN_REPEATED_WIDTH: Final = 60  # columns
_SEPARATOR: Final = regex.compile(r"\s*[|｜»«ㅣ]\s*|\s+(?:[-–—―~•·>/]|::|--)\s+|\s*[:：]\s+|[-–—_](?=\p{Han})")
_TITLE_PART_END: Final = regex.compile(rf"{_SEPARATOR.pattern}|\s*[(（\[【《]")
_HAS_CASE: Final = regex.compile(r"[\p{Ll}\p{Lu}]")
_CAPITALISED: Final = regex.compile(r"\P{L}*[\p{Lu}\p{Lt}]")
_LETTER: Final = regex.compile(r"\p{L}")
_DIGIT: Final = regex.compile(r"\p{N}")


def find_title_copies(document: Document, text: AnnotatedText) -> Iterable[Removal]:
    """Yield the copies of the headline that stand where pages print it again: right before the body, behind its first
    paragraph, and at the end of the page. The first copy stays; a copy that an ellipsis cuts may stand before it.

    The headline is the line that is the page's title, or the title less what follows a separator, or its longer half;
    else a line that opens the text twice, one right after the other.
    """
    for headline in filter(None, dict.fromkeys((_find_title_line(document, text), _find_doubled_line(text)))):
        # In a plain text the title is a guess: below the first line it may be an entry of a table of contents.
        reach = _MAX_LINES_TO_COPY if document.track is Track.HTML or headline.number == 0 else 1
        for line in text.lines:
            is_other = line.number > headline.number or (line.truncated and line.number < headline.number)
            is_before_body = line.number - headline.number <= reach and _is_before_body(text, line.number)
            is_echo_place = is_before_body or _is_at_end(text, line.number)
            if is_other and is_echo_place and _is_copy(line, headline, document):
                yield Removal(start=line.start, end=line.end, rule="echo.title")


def _find_title_line(document: Document, text: AnnotatedText) -> Line | None:
    """Return the first line, up to the one after the first prose, that is the title or the beginning of the title."""
    title = document.metadata.title or ""
    whole = copy_key(title)
    parts = {copy_key(title[: match.start()]) for match in _TITLE_PART_END.finditer(title)}
    for line in filter(_may_be_headline, text.lines[: text.first + 2] if text.last else ()):
        key = copy_key(line.text)
        if whole.startswith(key) and (key in parts or len(key) >= _MIN_SHARE_OF_TITLE * len(whole)):
            return line
    return None


def _find_doubled_line(text: AnnotatedText) -> Line | None:
    """Return the line among the first ones whose copy is the next line and that no third line repeats: the headline of
    a page without a title, or whose first line was taken for it.
    """
    for line, after in pairwise(text.lines[: min(text.first, _MAX_LINES_BEFORE_DOUBLED + 2)]):
        key = copy_key(line.text)
        if _may_be_headline(line) and are_copies(after.text, line.text):
            is_refrain = any(copy_key(other.text) == key for other in text.lines[after.number + 1 : text.first])
            return None if is_refrain else line
    return None


def _may_be_headline(line: Line) -> bool:
    fits = line.width >= _MIN_TITLE_WIDTH and line.words >= _MIN_TITLE_WORDS and len(line.text) <= _MAX_COPY_LENGTH
    return fits and not line.truncated and bool(_LETTER.search(line.text)) and not TABLE_ROW.search(line.text)


def _is_before_body(text: AnnotatedText, number: int) -> bool:
    """Return whether prose follows `lines[number]` within a few lines, and none or one paragraph stands before it.

    Further from the prose a line may be the first of a poem that has its name from it, or an entry of a list.
    """
    following = text.lines[number + 1 : number + 1 + _MAX_LINES_TO_PROSE]
    return number <= text.first + 1 and any(line.prose for line in following)


def _is_at_end(text: AnnotatedText, number: int) -> bool:
    return text.last <= number < text.last + _MAX_LINES_AFTER_PROSE and number >= len(text.lines) - _MAX_LINES_TO_END


def _is_copy(line: Line, headline: Line, document: Document) -> bool:
    """Return whether a line is the headline again: the same letters, numbers and signs, or its beginning before an
    ellipsis, or it with the site's name beside it.
    """
    if len(line.text) > _MAX_COPY_LENGTH:
        return False
    key, copy = copy_key(headline.text), copy_key(line.text)
    if line.truncated and key.startswith(copy):
        return len(copy) >= _MIN_SHARE_OF_TITLE * len(key)
    return are_copies(line.text, headline.text) or (
        len(copy) > len(key) and _is_copy_with_site_name(line.text, key, document)
    )


def _is_copy_with_site_name(line: str, key: str, document: Document) -> bool:
    return any(
        (copy_key(line[: match.start()]) == key and _is_site_name(line[match.end() :], document))
        or (copy_key(line[match.end() :]) == key and _is_site_name(line[: match.start()], document))
        for match in _SEPARATOR.finditer(line)
    )


def _is_site_name(name: str, document: Document) -> bool:
    """Return whether `name` is one of the site's names or begins as one does; where no name is known, whether it could
    be one: a few words without numbers, in capitals where the script has such, that end no sentence.
    """
    key = _site_key(name)
    if not _MIN_SITE_NAME_LETTERS <= len(key) <= _MAX_SITE_NAME_LETTERS:
        return False
    labels = [label for label in document.site.split(".")[:-1] if label not in {"www", "m", "com", "co"}]
    known = [_site_key(one) for one in (document.metadata.site_name, document.metadata.source, *labels) if one]
    if known:
        return any(key.startswith(one) or one.startswith(key) for one in known if len(one) >= _MIN_SITE_NAME_LETTERS)
    words = name.split()
    return (
        len(words) <= _MAX_SITE_NAME_WORDS
        and not _DIGIT.search(name)
        and name.rstrip()[-1:] not in TERMINALS_OR_ELLIPSIS
        and all(_CAPITALISED.match(word) for word in words if _HAS_CASE.search(word))
    )


def _site_key(name: str) -> str:
    """Return the `copy_key` of a site's name without hyphens: island-post is Island Post."""
    return copy_key(name).replace("-", "")


def find_repeated_paragraphs(_document: Document, text: AnnotatedText) -> Iterable[Removal]:
    """Yield each paragraph equal to the one directly before it. Lines of under 60 columns may be verses, and stay."""
    for before, line in pairwise(text.lines):
        if line.text.strip() == before.text.strip() and line.width >= _MIN_REPEATED_WIDTH and line.prose and line.words:
            yield Removal(start=line.start, end=line.end, rule="echo.line")


_HEADLINE: Final = "Ferry service to the outer islands resumes after the storm"
_LEAD: Final = (
    "The ferry to the outer islands sailed again on Tuesday, five days after the storm had closed the harbour."
)
_SECTIONS: Final = "Bending the planks\nCutting the sails"

RULES: Final = (
    Rule(
        id="echo.title",
        why="The page prints its headline twice: once is enough.",
        find=find_title_copies,
        removes=(
            f"{_HEADLINE}\n\n{_HEADLINE}\n\n{_LEAD}",
            f"{_HEADLINE}\n{_LEAD}\n{_HEADLINE} - Island Post",
            f"{_HEADLINE[:40]}…\n{_HEADLINE}\n{_LEAD}",
            f"पहाड़ी झोपड़ी से टिप्पणियां, दिन १२\nपहाड़ी झोपड़ी से टिप्पणियां, दिन 12\n{_LEAD}",
        ),
        keeps=(
            f"{_HEADLINE}\n{_LEAD}",
            "Row, row, row your boat\nGently down the stream\nRow, row, row your boat",
            f"Notes from the mountain hut, day 1\nNotes from the mountain hut, day 2\n{_LEAD}",
            f"يوميات من كوخ الجبل، اليوم ١\n{_LEAD}\nيوميات من كوخ الجبل، اليوم ٢",
            f"Building a boat\n{_SECTIONS}\nBending the planks\n{_LEAD}\nCutting the sails\n{_LEAD}",
            f"{_HEADLINE}\n{_LEAD}\n{_HEADLINE} - part 2",
        ),
    ),
    Rule(
        id="echo.line",
        why="The same paragraph stands twice in a row.",
        find=find_repeated_paragraphs,
        removes=(f"{_LEAD}\n{_LEAD}",),
        keeps=(
            "And the rain came down,\nAnd the rain came down,\nAnd the wind went round.",
            f"{_LEAD}\nSailors waved.\n{_LEAD}",
            f"{_LEAD}\n{_LEAD.replace('five', 'six')}",
        ),
    ),
)
