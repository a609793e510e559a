"""What the phrases of the language packs take out, by what each kind of phrase does."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final

import regex

from saaf.cleaning.phrases.annotated_text import AnnotatedText
from saaf.cleaning.phrases.matcher import MatchForm, PhraseMatch
from saaf.cleaning.phrases.packs import KINDS, PACKS, PhraseRule, Role
from saaf.cleaning.rules.rule import Rule
from saaf.cleaning.rules.teasers import run_after
from saaf.cleaning.text.lines import Line
from saaf.cleaning.text.normalise import phrase_key
from saaf.cleaning.types import Document, Removal

_VALUE_WIDTH: Final = 160  # a teaser or a list of tags behind a label; more is a paragraph that begins like one
_NAME_WORDS: Final = 5
_WORD: Final = regex.compile(r"\p{L}[\p{L}\p{M}'’.-]*")
_DATED: Final = frozenset({"published", "updated"})
_LISTED: Final = 3  # dated lines between paragraphs: an article is published once, these are the entries of a list
_SURE: Final = frozenset({"advertisement", "share", "read_more", "read_also", "agency"})
_SHORT: Final = 2
_GLUED_SCORE: Final = 0.9
_RUN_SCORE: Final = 0.9
_STATEMENT_SCORE: Final = 0.8


def phrase_rules(*roles: Role) -> tuple[Rule, ...]:
    """Return one rule per `[[rule]]` of the language packs whose phrases play one of `roles`, role by role."""
    return tuple(
        Rule(
            id=rule.id,
            why=rule.why,
            find=partial(_find, rule),
            removes=rule.removes,
            keeps=rule.keeps,
            by_label=True,
        )
        for role in roles
        for rule in PACKS
        if rule.role is role
    )


def _find(rule: PhraseRule, _document: Document, text: AnnotatedText) -> Iterable[Removal]:
    marks = text.matches_of(rule.id)
    if rule.kind in _DATED and sum(text.first <= mark.line.number < text.last for mark in marks) >= _LISTED:
        return
    for mark in marks:
        yield from _spans(rule, mark, text)


def _spans(rule: PhraseRule, mark: PhraseMatch, text: AnnotatedText) -> Iterator[Removal]:
    line = mark.line
    if mark.form is MatchForm.GLUED:
        if rule.role is not Role.LABEL and line.ends_sentence:
            yield Removal(start=line.start, end=line.start + mark.value, rule=rule.id, score=_GLUED_SCORE)
        elif rule.role in {Role.HEADING, Role.CUE}:  # to a headline, which goes with it
            yield _whole(line, rule, _GLUED_SCORE)
    elif mark.form is MatchForm.TRAILING:
        if rule.role is not Role.LABEL and not rule.weak:
            yield Removal(start=line.start + mark.value, end=line.end, rule=rule.id, score=_GLUED_SCORE)
    elif mark.form is MatchForm.INSIDE:
        if line.number >= text.last - 1:
            yield Removal(start=line.start + mark.value, end=line.end, rule=rule.id, score=_STATEMENT_SCORE)
    elif mark.form is MatchForm.WHOLE:
        if not (_may_be_subheading(line, rule) and _introduces_prose(line, text)):
            yield _whole(line, rule)
            for other in _company(rule, line, text):
                yield _whole(other, rule, _RUN_SCORE)
    elif goes_with_value(mark, text):
        yield _whole(line, rule)


def _whole(line: Line, rule: PhraseRule, score: float = 1.0) -> Removal:
    return Removal(start=line.start, end=line.end, rule=rule.id, score=score)


def _may_be_subheading(line: Line, rule: PhraseRule) -> bool:
    """Return whether the words of a label could head a paragraph as well: one word, or two characters, say little."""
    return rule.weak or (" " not in line.phrase_key and line.words <= _SHORT and rule.kind not in _SURE)


def _introduces_prose(line: Line, text: AnnotatedText) -> bool:
    after = text.lines[line.number + 1 : line.number + 2]
    return line.number == 0 or any(other.prose or other.ends_sentence for other in after)


def _company(rule: PhraseRule, line: Line, text: AnnotatedText) -> list[Line]:
    """Return the lines that go with a label that stands alone: teasers after a heading, tags after "Tags"."""
    if rule.role in {Role.HEADING, Role.CUE}:  # a box may be empty, but who points to an article names it
        return run_after(text, line.number, least=1 if rule.role is Role.CUE else 0)
    if rule.kind == "tags" and line.number >= text.last:
        return [other for other in run_after(text, line.number) if other.words <= _NAME_WORDS]
    return []


def goes_with_value(mark: PhraseMatch, text: AnnotatedText) -> bool:
    """Return whether a line "label: value" or "label value" goes as a whole."""
    line, rule, kind = mark.line, mark.rule, KINDS[mark.rule.kind]
    if rule.weak and mark.form is MatchForm.BARE:
        return False
    if rule.role is Role.CUE:
        opens = mark.form is MatchForm.LABELLED or not line.text.lstrip()[0].islower()
        return opens and line.headline and line.width <= _VALUE_WIDTH
    if rule.role is Role.HEADING:
        return mark.form is MatchForm.LABELLED and line.headline and not rule.weak
    if rule.role is not Role.LABEL or (line.prose and rule.kind != "tags"):
        return False
    words = _WORD.findall(mark.rest)
    if rule.kind in _DATED:
        return any(c.isdigit() for c in mark.rest) and len(words) <= 2 * _NAME_WORDS
    if mark.form is MatchForm.LABELLED:
        return rule.kind == "tags" or not line.ends_sentence or len(words) <= _NAME_WORDS
    beside = line.number - 1 in text.matches or line.number + 1 in text.matches
    outside = not text.first <= line.number < text.last or beside
    if line.ends_sentence or not outside:
        return False
    several = " " in phrase_key(line.text[: mark.value])
    if kind.metadata in {"tags", "section"}:
        return several
    named = all(map(_is_name, words)) or (several and len(words) == 1)  # "Posted by admin"
    return kind.bare and 0 < len(words) <= _NAME_WORDS and named


def _is_name(word: str) -> bool:
    """Return whether a word could be part of a name: capitalised, or of a script without capitals."""
    return not word[0].islower()
