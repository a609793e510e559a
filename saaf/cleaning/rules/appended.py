"""Rule for appended articles: a second article that the page prints after its own."""

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
_MIN_TITLE_WORDS_USED: Final = 2  # words of the headline that occur only in the text after it
_MIN_TITLE_WORDS_USED_UNDATED: Final = 3  # likewise, where no date follows the headline
_FINAL_KINDS: Final = frozenset({"copyright", "disclaimer", "statement"})  # nothing of the article comes after these
_ARTICLE_END_KINDS: Final = _FINAL_KINDS | {"tags", "source", "author_box", "share", "comment_form"}


def find_appended(document: Document, text: AnnotatedText) -> Iterable[Removal]:
    """Yield the span from the line that announces a second article to the end of the text; nothing without one."""
    start = appended_start(text)
    if start is not None:
        yield Removal(start=start, end=len(document.text), rule=RULE, score=0.9)


def appended_start(text: AnnotatedText) -> int | None:
    """Return the offset, in code points, of the line that begins or announces a second article; None without one."""
    beside_match = sorted({number + step for number in text.matches for step in (0, 1)})
    numbers = (number for number in beside_match if text.first < number < text.last)
    return next((text.lines[number].start for number in numbers if _starts_article(text, number)), None)


def _starts_article(text: AnnotatedText, number: int) -> bool:
    """Return whether another article starts at `lines[number]`: a cue ("Read also:") announces it there, or a line that
    ends an article (tags, copyright) stands before it.

    Its headline and prose must follow, and a date or both of these signs. The text after must use words of the headline
    that the text before does not have; not where a cue with a date follows a copyright line, disclaimer or statement.
    """
    lines, matches = text.lines, text.matches
    match, before = matches.get(number), matches.get(number - 1)
    if match is None and before is None:
        return False
    is_cue = (
        match is not None
        and match.rule.role in {Role.CUE, Role.HEADING}
        and match.form in {MatchForm.WHOLE, MatchForm.LABELLED}
    )
    after_article_end = (
        before is not None and before.rule.kind in _ARTICLE_END_KINDS and before.form is not MatchForm.BARE
    )
    if is_cue and match is not None:
        title = number if match.form is MatchForm.LABELLED and lines[number].headline else number + 1
    elif after_article_end and lines[number].headline and match is None:
        title = number
    else:
        return False
    body = next((n for n in range(title + 1, min(title + 1 + _MAX_TITLE_LINES, len(lines))) if lines[n].prose), None)
    if body is None or not lines[title].headline:
        return False
    dated = any(is_date_line(line) for line in lines[title + 1 : body])
    if not dated and not (is_cue and after_article_end and body == title + 1):
        return False
    if is_cue and dated and before is not None and before.rule.kind in _FINAL_KINDS:
        return True
    return _body_uses_title_words(
        lines, number, title, body, _MIN_TITLE_WORDS_USED if dated else _MIN_TITLE_WORDS_USED_UNDATED
    )


def _body_uses_title_words(lines: tuple[Line, ...], number: int, title: int, body: int, least: int) -> bool:
    """Return whether the text from `lines[body]` on uses words of the headline `lines[title]` that are new, which the
    text before `lines[number]` does not have: at least `least` of the new words, and at least half of them.

    This distinguishes an appended article from a teaser of another article inside the text. A word counts inside
    another too: "museum" in "museums", Arabic words behind their article.
    """
    before = phrase_key(" ".join(line.text for line in lines[:number]))
    after = phrase_key(" ".join(line.text for line in lines[body:]))
    new = {word for word in content_words(lines[title].text) if word not in before}
    used = sum(word in after for word in new)
    return used >= least and 2 * used >= len(new)


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
