"""Phrase rules: removals for the phrases of the language packs, by the role of the phrase and the form of the match."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final

import regex

from saaf.cleaning.phrases.annotated_text import AnnotatedText
from saaf.cleaning.phrases.matcher import MatchForm, PhraseMatch
from saaf.cleaning.phrases.packs import KINDS, PACKS, PhraseRule, Role
from saaf.cleaning.rules.rule import Rule
from saaf.cleaning.rules.teasers import teaser_run_after
from saaf.cleaning.text.copies import copy_key
from saaf.cleaning.text.lines import Line
from saaf.cleaning.text.normalise import phrase_key
from saaf.cleaning.types import Document, Removal

_MAX_VALUE_WIDTH: Final = 160  # a teaser or a list of tags behind a label; more is a paragraph that begins like one
_MAX_NAME_WORDS: Final = 5
_MAX_UNCASED_NAME_WORDS: Final = 3  # where no capitals show a name; sentences without a verb's ending have as many
# Postpositions, prepositions and articles: words that stand in sentences, and in no name of a script without capitals.
_NOT_IN_NAMES: Final = regex.compile(
    "في|من|على|إلى|الى|عن|مع|أن|إن|هذا|هذه|بعد|قبل|کو|میں|سے|کی|کے|کا|نے|پر|اور|ہے|در|از|به|را|که|با|برای"
    "|को|में|से|की|के|का|ने|पर|और|है|থেকে|এবং|ও"
)
_ARABIC_ARTICLE: Final = regex.compile("ال")  # before a given name there is none
# Names of these scripts are one word, or all words are written together.
_NAME_IN_ONE_WORD: Final = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
)
_WORD: Final = regex.compile(r"\p{L}[\p{L}\p{M}'’.-]*")
_DATE_KINDS: Final = frozenset({"published", "updated"})
_MIN_DATES_OF_LIST: Final = (
    3  # dated lines between paragraphs: an article has one date, these are the entries of a list
)
_UNAMBIGUOUS_KINDS: Final = frozenset({"advertisement", "share", "read_more", "read_also", "agency"})
_MAX_SUBHEADING_WORDS: Final = 2
_GLUED_SCORE: Final = 0.9
_RUN_SCORE: Final = 0.9
_STATEMENT_SCORE: Final = 0.8


def phrase_rules(*roles: Role, packs: tuple[PhraseRule, ...] = PACKS) -> tuple[Rule, ...]:
    """Return one rule for each of `packs`, the language packs, whose phrases play one of `roles`, role by role."""
    return tuple(
        Rule(
            id=rule.id,
            why=rule.why,
            find=partial(_find_phrases, rule),
            removes=rule.removes,
            keeps=rule.keeps,
            requires_phrase=True,
        )
        for role in roles
        for rule in packs
        if rule.role is role
    )


def _find_phrases(rule: PhraseRule, document: Document, text: AnnotatedText) -> Iterable[Removal]:
    matches = text.matches_of(rule.id)
    if (
        rule.kind in _DATE_KINDS
        and sum(text.first <= match.line.number < text.last for match in matches) >= _MIN_DATES_OF_LIST
    ):
        return
    title = copy_key(document.metadata.title or "")
    for match in matches:
        if match.form is MatchForm.BARE and rule.role is Role.LABEL and title and copy_key(match.line.text) == title:
            continue  # the headline that begins with the word of a label
        yield from _removals_of_match(rule, match, text)


def _removals_of_match(rule: PhraseRule, match: PhraseMatch, text: AnnotatedText) -> Iterator[Removal]:
    """Yield what one match removes: the phrase, its line, or its line and the lines after it."""
    line = match.line
    if match.form is MatchForm.GLUED:
        if rule.role is not Role.LABEL and line.ends_sentence:
            yield Removal(start=line.start, end=line.start + match.value, rule=rule.id, score=_GLUED_SCORE)
        elif rule.role in {Role.HEADING, Role.CUE}:  # glued to a headline, which is removed with it
            yield _line_removal(line, rule, _GLUED_SCORE)
    elif match.form is MatchForm.TRAILING:
        if rule.role is not Role.LABEL and not rule.weak:
            yield Removal(start=line.start + match.value, end=line.end, rule=rule.id, score=_GLUED_SCORE)
    elif match.form is MatchForm.INSIDE:
        if line.number >= text.last - 1:
            yield Removal(start=line.start + match.value, end=line.end, rule=rule.id, score=_STATEMENT_SCORE)
    elif match.form is MatchForm.WHOLE:
        if not (_may_be_subheading(line, rule) and _introduces_prose(line, text)):
            yield _line_removal(line, rule)
            for other in _lines_removed_with_label(rule, line, text):
                yield _line_removal(other, rule, _RUN_SCORE)
    elif is_removed_with_value(match, text):
        yield _line_removal(line, rule)


def _line_removal(line: Line, rule: PhraseRule, score: float = 1.0) -> Removal:
    """Return the removal of a whole line."""
    return Removal(start=line.start, end=line.end, rule=rule.id, score=score)


def _may_be_subheading(line: Line, rule: PhraseRule) -> bool:
    """Return whether the words of a label may be a subheading as well: a weak phrase, or one word (two characters in a
    script without spaces) of a kind that is not unambiguous.
    """
    return rule.weak or (
        " " not in line.phrase_key and line.words <= _MAX_SUBHEADING_WORDS and rule.kind not in _UNAMBIGUOUS_KINDS
    )


def _introduces_prose(line: Line, text: AnnotatedText) -> bool:
    """Return whether a line is the first of the text, or the next line is prose or a sentence."""
    after = text.lines[line.number + 1 : line.number + 2]
    return line.number == 0 or any(other.prose or other.ends_sentence for other in after)


def _lines_removed_with_label(rule: PhraseRule, line: Line, text: AnnotatedText) -> list[Line]:
    """Return the lines removed with a label that is a line of its own: teasers after a heading, tags after "Tags"."""
    if rule.role in {Role.HEADING, Role.CUE}:  # a box may be empty, but a cue has a headline after it
        return teaser_run_after(text, line.number, least=1 if rule.role is Role.CUE else 0)
    if rule.kind == "tags" and line.number >= text.last:
        return [other for other in teaser_run_after(text, line.number) if other.words <= _MAX_NAME_WORDS]
    return []


def is_removed_with_value(match: PhraseMatch, text: AnnotatedText) -> bool:
    """Return whether a line "label: value" or "label value" is removed as a whole, value included."""
    line, rule, kind = match.line, match.rule, KINDS[match.rule.kind]
    if rule.weak and match.form is MatchForm.BARE:
        return False
    if rule.role is Role.CUE:
        opens = match.form is MatchForm.LABELLED or not line.text.lstrip()[0].islower()
        return opens and line.headline and line.width <= _MAX_VALUE_WIDTH
    if rule.role is Role.HEADING:
        return match.form is MatchForm.LABELLED and line.headline and not rule.weak
    if rule.role is not Role.LABEL or (line.prose and rule.kind != "tags"):
        return False
    words = _WORD.findall(match.rest)
    if rule.kind in _DATE_KINDS:
        return any(c.isdigit() for c in match.rest) and len(words) <= 2 * _MAX_NAME_WORDS
    if match.form is MatchForm.LABELLED:
        return rule.kind == "tags" or not line.ends_sentence or len(words) <= _MAX_NAME_WORDS
    beside = line.number - 1 in text.matches or line.number + 1 in text.matches
    outside = not text.first <= line.number < text.last or beside
    if line.ends_sentence or not outside:
        return False
    several = " " in phrase_key(line.text[: match.value])
    if kind.metadata in {"tags", "section"}:
        return several
    if not kind.bare or not 0 < len(words) <= _MAX_NAME_WORDS:
        return False
    if phrase_key(line.text[: match.value]) in rule.ordinary:
        return line.number > 0 and _is_name(words)  # the first line may be the headline
    return all(map(_may_be_in_name, words)) or (several and len(words) == 1)  # "Posted by admin"


def _is_name(words: list[str]) -> bool:
    """Return whether words can be a name and no sentence: two or more ("Von Berlin" is none), or one in capitals or in
    a script that writes names together.
    """
    if not words or not all(map(_may_be_in_name, words)) or _ARABIC_ARTICLE.match(words[0]):
        return False
    cased = words[0][0].isupper()
    if len(words) == 1:
        return (cased and words[0].isupper()) or bool(_NAME_IN_ONE_WORD.match(words[0]))
    return len(words) <= (_MAX_NAME_WORDS if cased else _MAX_UNCASED_NAME_WORDS)


def _may_be_in_name(word: str) -> bool:
    """Return whether a word could be part of a name: capitalised, or of a script without capitals and no particle."""
    return not word[0].islower() and not _NOT_IN_NAMES.fullmatch(word)
