"""Rule for runs of teasers: headlines of other articles, with or without the first words of each."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import regex

from saaf.cleaning.dates.date_lines import is_date_line
from saaf.cleaning.phrases.annotated_text import AnnotatedText
from saaf.cleaning.rules.rule import Rule
from saaf.cleaning.text.copies import copy_key
from saaf.cleaning.text.lines import TABLE_ROW, Line, content_words_of, word_overlap
from saaf.cleaning.types import Document, Removal, Track

_MAX_BOX_LINES: Final = 6  # a "read also" box in the middle of an article; more lines than these are a list of its own
_EXCERPT_WIDTH: Final = 200
_MAX_EXCERPTS: Final = 60
# On the seeds, headlines share 0.5 to 1.0 of their words with their article, teasers 0 to 0.3.
_MIN_TITLE_OVERLAP: Final = 0.34
_MIN_UNRELATED_SHARE: Final = 0.75  # of the lines of a run that share fewer words than that with the text
_MIN_SHARE_BEFORE_EXCERPTS: Final = 0.25  # of the lines of a text, which stand before its list of excerpts
_MIN_SNIPPET_HEADLINE_LETTERS: Final = 12

_MIN_SNIPPETS: Final = 2
_MIN_TEASERS: Final = 3
_MIN_TEASER_SHARE: Final = 0.75  # of the lines of a run that have the width of a headline
_TEASER_WIDTH: Final = 40  # verses and ingredients are shorter, headlines of the seeds have 22 to 95, most over 45
_HEADING_WIDTH: Final = 32
_LIST_ITEM: Final = regex.compile(r"[-*•·▪‣◦–—]|\p{N}{1,3}[.)、．）]|[\p{L}]\)")


def is_snippet(line: Line, headline: Line) -> bool:
    """Return whether `line` begins with `headline` and is longer: a theme's excerpt of the article's first words."""
    own, other = copy_key(line.text), copy_key(headline.text)
    return len(other) >= _MIN_SNIPPET_HEADLINE_LETTERS and len(own) > len(other) and own.startswith(other)


def is_teaser(line: Line) -> bool:
    """Return whether `line` has a shape that teasers have: a headline, a cut snippet, a date."""
    return line.headline or is_date_line(line) or (line.truncated and line.width <= 2 * _EXCERPT_WIDTH)


def teaser_run_after(text: AnnotatedText, number: int, *, least: int = 0) -> list[Line]:
    """Return the run of teasers after the heading `text.lines[number]`; empty where the lines after it are no teasers.

    A run ends at prose, at a short sentence and at other labels. After the last prose the whole run is returned. Before
    the first prose, the last line of the run may be the text's own headline, which is left out. Between, a run is a box
    inside the text: a few lines, or many that share few words with the text; a subheading after it is left out where
    more than `least` lines are in the run.
    """
    lines, end = text.lines, number + 1
    while end < len(lines) and end not in text.matches and is_teaser(lines[end]):
        end += 1
    run = list(lines[number + 1 : end])
    if number >= text.last:
        return run if text.last else []
    if number < text.first:
        return _without_article_title(run, text.prose_words) if run else run
    if _are_excerpts(text, number):
        return list(lines[number + 1 :])
    if len(run) > least and end < len(lines):
        run = _without_article_title(run, content_words_of(lines[end : end + 1]))
    return run if len(run) <= _MAX_BOX_LINES or _mostly_unrelated(run, text.prose_words) else []


def _without_article_title(run: list[Line], words: frozenset[str]) -> list[Line]:
    """Return `run` up to its last headline that shares a third of its words with the prose of `words`, without that
    headline and copies of it; all of `run` where there is none.
    """
    for index in range(len(run) - 1, -1, -1):
        line = run[index]
        if not is_date_line(line) and word_overlap(line, words) >= _MIN_TITLE_OVERLAP:
            return [other for other in run[:index] if copy_key(other.text) != copy_key(line.text)]
    return run


def _are_excerpts(text: AnnotatedText, number: int) -> bool:
    """Return whether headlines and short excerpts alternate from `lines[number + 1]` to the end of the text."""
    lines = text.lines
    if len(lines) - number > _MAX_EXCERPTS or number < int(_MIN_SHARE_BEFORE_EXCERPTS * len(lines)):
        return False
    rest = lines[number + 1 :]
    if not rest or not rest[0].headline or any(line.width > _EXCERPT_WIDTH for line in rest):
        return False
    if any(line.number in text.matches or (line.prose and not before.headline) for before, line in pairwise(rest)):
        return False
    headlines = [line for line in rest if line.headline]
    excerpts = [line for line in rest if line.prose]
    return 2 <= len(excerpts) <= len(headlines) and _mostly_unrelated(headlines, content_words_of(lines[:number]))


def _mostly_unrelated(run: Sequence[Line], words: frozenset[str]) -> bool:
    """Return whether at least three in four lines of `run` share under a third of their words with `words`."""
    return sum(word_overlap(line, words) < _MIN_TITLE_OVERLAP for line in run) >= _MIN_UNRELATED_SHARE * len(run)


def find_teaser_run(document: Document, text: AnnotatedText) -> Iterable[Removal]:
    """Yield the teasers at the end of a plain text, found by their structure alone, without phrases of any language.

    Either two of them begin with the headline before them, or at least three have the length of a headline and share
    few words with the text. A short line above them is their heading.
    """
    if document.track is Track.HTML:
        return
    lines, start = text.lines, len(text.lines)
    while start > max(text.last, 1) and is_teaser(lines[start - 1]) and not TABLE_ROW.search(lines[start - 1].text):
        start -= 1
    run = lines[start:]
    if text.last and run and not _is_list_introduction(lines[start - 1], run[0]) and _are_teasers(run, text):
        for line in run:
            yield Removal(start=line.start, end=line.end, rule="teasers.run", score=0.7)


def _are_teasers(run: Sequence[Line], text: AnnotatedText) -> bool:
    """Return whether the last lines of a text are teasers, by the two conditions of `find_teaser_run`."""
    teasers = run[1:] if run[0].width < _HEADING_WIDTH else run
    if sum(is_snippet(line, before) for before, line in pairwise(teasers)) >= _MIN_SNIPPETS:
        return True
    long = [line for line in teasers if line.width >= _TEASER_WIDTH and not _is_verse_or_item(line)]
    return (
        len(long) >= _MIN_TEASERS
        and len(long) >= _MIN_TEASER_SHARE * len(teasers)
        and _mostly_unrelated(long, text.prose_words)
    )


def _is_list_introduction(before: Line, first: Line) -> bool:
    """Return whether the line `before` a run, or its `first` line, ends in a colon and so introduces a list. A first
    line of under 32 columns may be the heading of the run, and does not count.
    """
    colon = (":", "：", "꞉", "፦")
    return before.text.rstrip().endswith(colon) or (
        first.width >= _HEADING_WIDTH and first.text.rstrip().endswith(colon)
    )


def _is_verse_or_item(line: Line) -> bool:
    text = line.text.strip()
    return text.endswith((",", "،", "，", ";", "؛", "；")) or bool(_LIST_ITEM.match(text))


_PROSE: Final = (
    "The ferry to the outer islands sailed again on Tuesday, five days after the storm had closed the harbour.\n"
)
_OTHERS: Final = (
    "Ten ways to cook rice that your grandmother never knew",
    "Museum shows forgotten paintings from a cellar in Lisbon",
    "Why cats purr at night, and what it means for their owners",
)

RULES: Final = (
    Rule(
        id="teasers.run",
        why="Headlines of other articles, or headlines with the first words of theirs, close the text.",
        find=find_teaser_run,
        removes=(
            _PROSE + "\n".join(_OTHERS),
            _PROSE + "Elsewhere\n" + "".join(f"{title}\n{title} Readers of this page wrote\n" for title in _OTHERS[:2]),
        ),
        keeps=(
            _PROSE + "Waiting for the ferry\nSlept in the school",
            _PROSE + "What the passengers of the ferry said:\n" + "\n".join(_OTHERS),
            _PROSE + "".join(f"| {title} | 12 March |\n" for title in _OTHERS),
            _PROSE + "The sea lay dark beneath the wall,\nthe bell had rung,\nand no one heard the captain call,\n",
        ),
    ),
)
