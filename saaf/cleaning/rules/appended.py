"""A second article printed after the first."""

from collections.abc import Iterable
from typing import Final

from saaf.cleaning.dates.date_lines import is_date_line
from saaf.cleaning.phrases.annotated_text import AnnotatedText
from saaf.cleaning.phrases.matcher import MatchForm
from saaf.cleaning.phrases.packs import Role
from saaf.cleaning.rules.rule import Rule
from saaf.cleaning.text.lines import Line, content_words
from saaf.cleaning.text.normalise import phrase_key
from saaf.cleaning.types import Document, Removal

RULE: Final = "appended.article"
_MAX_TITLE_LINES: Final = 4  # headline, byline, date, place
_MIN_FOLLOWED_UP: Final = 2  # words of the headline that only the text after it takes up
_MIN_UNDATED: Final = 3
_LAST_WORDS: Final = frozenset({"copyright", "disclaimer", "statement"})  # nothing of the article comes after these
_ENDINGS: Final = _LAST_WORDS | {"tags", "source", "author_box", "share", "comment_form"}


def find_appended(document: Document, text: AnnotatedText) -> Iterable[Removal]:
    """Yield the span from where a second article is announced to the end of the text."""
    start = appended_start(text)
    if start is not None:
        yield Removal(start=start, end=len(document.text), rule=RULE, score=0.9)


def appended_start(text: AnnotatedText) -> int | None:
    """Return the offset in the text where a second article is announced, None where there is none."""
    numbers = (number for number in range(text.first + 1, text.last) if _starts_article(text, number))
    return next((text.lines[number].start for number in numbers), None)


def _starts_article(text: AnnotatedText, number: int) -> bool:
    """Return whether `lines[number]` announces another article: by a cue, or by an end of the first one before it."""
    lines, marks = text.lines, text.matches
    mark, before = marks.get(number), marks.get(number - 1)
    if mark is None and before is None:
        return False
    cue = (
        mark is not None
        and mark.rule.role in {Role.CUE, Role.HEADING}
        and mark.form in {MatchForm.WHOLE, MatchForm.LABELLED}
    )
    ended = before is not None and before.rule.kind in _ENDINGS and before.form is not MatchForm.BARE
    if cue and mark is not None:
        title = number if mark.form is MatchForm.LABELLED and lines[number].headline else number + 1
    elif ended and lines[number].headline and mark is None:
        title = number
    else:
        return False
    body = next((n for n in range(title + 1, min(title + 1 + _MAX_TITLE_LINES, len(lines))) if lines[n].prose), None)
    if body is None or not lines[title].headline:
        return False
    dated = any(is_date_line(line) for line in lines[title + 1 : body])
    if not dated and not (cue and ended and body == title + 1):
        return False
    if cue and dated and before is not None and before.rule.kind in _LAST_WORDS:
        return True
    return _is_followed_up(lines, number, title, body, _MIN_FOLLOWED_UP if dated else _MIN_UNDATED)


def _is_followed_up(lines: tuple[Line, ...], number: int, title: int, body: int, least: int) -> bool:
    """Return whether the text after a headline takes up words of it that the text before did not have.

    That is what tells an appended article from the teaser of another one set into the text. A word counts inside
    another too: "museum" in "museums", Arabic words behind their article.
    """
    before = phrase_key(" ".join(line.text for line in lines[:number]))
    after = phrase_key(" ".join(line.text for line in lines[body:]))
    new = {word for word in content_words(lines[title].text) if word not in before}
    taken_up = sum(word in after for word in new)
    return taken_up >= least and 2 * taken_up >= len(new)


_FIRST: Final = (
    "The council voted on Monday to rebuild the old bridge over the river before the winter.\n"
    "Work on the bridge begins in May, the mayor said, and will take about seven months.\n"
)
_SECOND: Final = (
    "Museum shows forgotten paintings from Lisbon\n3 March 2024\n"
    "The museum has opened an exhibition of paintings that lay forgotten in a cellar in Lisbon.\n"
    "The forgotten paintings were found when the cellar of the museum was drained.\n"
)
_SECOND_RENAMED: Final = f"What two hundred years had hidden\n{_SECOND.split('Lisbon', 1)[1].lstrip()}"
_STATEMENT: Final = "The views expressed here do not necessarily reflect the views of the paper.\n"

RULES: Final = (
    Rule(
        id=RULE,
        why="A second article, with a headline and a date of its own, is printed after the first.",
        find=find_appended,
        removes=(
            f"{_FIRST}Read also:\n{_SECOND}",
            f"{_FIRST}Tags: bridge, council\n{_SECOND}",
            f"{_FIRST}{_STATEMENT}Read also:\n{_SECOND_RENAMED}",
        ),
        keeps=(
            f"{_FIRST}Read also:\nMuseum shows forgotten paintings from Lisbon\n{_FIRST}",
            f"{_FIRST}{_STATEMENT}Work on the pillars began in May, and the mayor looked on from the old bridge.",
            f"{_FIRST}Google the museum of Lisbon\n{_SECOND}",
            f"{_FIRST}The bridge in figures\n12 March 2024\nThe bridge has seven arches, and kings of stone.",
        ),
    ),
)
