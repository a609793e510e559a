"""Matcher of the language packs: which phrases stand in a line, and in which form."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final

import regex

from saaf.cleaning.phrases.packs import KINDS, PACKS, PhraseRule, Role, phrase_index
from saaf.cleaning.text.lines import Line, display_width, label_key
from saaf.cleaning.text.normalise import phrase_key, prefix_end
from saaf.cleaning.text.scripts import UNSPACED_CHARACTER
from saaf.cleaning.text.sentences import CLOSER_CLASS, TERMINAL_OR_ELLIPSIS_CLASS

_MAX_HEAD_CHARACTERS: Final = 80  # of a line, in which labels are searched; the longest phrase before a value has 40
_MAX_BEGINNING: Final = _MAX_HEAD_CHARACTERS // 4
_LABEL_SEPARATOR: Final = regex.compile(r"\s*(?:[:：꞉︰|｜»>›]+|\s[-–—]+\s|[-–—]\s|\.{2,}|…)\s*")
_SOURCE_CODE: Final = regex.compile(r"^\s*[\"'{}$;]|[{};]\s*$|</")  # in source code, "name": is no label
_MAX_CODE_CHARACTERS: Final = 200  # of a line, in which signs of source code are searched
_LAST_SENTENCE_END: Final = regex.compile(rf"(?r)[{TERMINAL_OR_ELLIPSIS_CLASS}]+[{CLOSER_CLASS}]*")
_SENTENCE_BREAK: Final = regex.compile(rf"(?<=[{TERMINAL_OR_ELLIPSIS_CLASS}][{CLOSER_CLASS}]*)\s+")
_MIN_STATEMENT_WORDS: Final = 5  # a line of fewer words is no publisher's statement
_MAX_STATEMENT_CHARACTERS: Final = 800  # of a line in which statements are searched
_MIN_GLUED_WIDTH: Final = 12  # columns after a label without a blank; any headline is wider
_MAX_COMPOUND_WORDS: Final = 16


class MatchForm(StrEnum):
    """The form in which a phrase stands in its line."""

    WHOLE = "whole"
    """The line is the phrase."""
    LABELLED = "labelled"
    """A separator (a colon, a dash, a bar) and a value follow."""
    BARE = "bare"
    """A value follows after a blank, without a separator."""
    TRAILING = "trailing"
    """It stands behind the last sentence of a paragraph."""
    GLUED = "glued"
    """Running text follows without a blank: the label of a box that stood beside it."""
    INSIDE = "inside"
    """A clause in a sentence of the line, see `match_statement`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseMatch:
    """A phrase in a line: its `rules` (one or more, where languages share it), its `form`, and where its value begins.

    `value` is an offset in `line.text`: of the text after the phrase and its separator; of a trailing phrase, of the
    phrase; of a statement, of its sentence.
    """

    line: Line
    rules: tuple[PhraseRule, ...]
    form: MatchForm
    value: int

    @property
    def rule(self) -> PhraseRule:
        """The first of the rules."""
        return self.rules[0]

    @property
    def rest(self) -> str:
        """The text of the line from `value` on, trimmed."""
        return self.line.text[self.value :].strip()


TextMatch = tuple[tuple[PhraseRule, ...], MatchForm, int]
"""The `rules`, `form` and `value` of a `PhraseMatch`, for a text that is no `Line`."""


_FIRST_WORD: Final = regex.compile(r"[\p{L}\p{M}]\S*")
_NOT_A_LETTER: Final = regex.compile(r"[^\p{L}\p{M}]")


class PhraseMatcher:
    """The phrases of some rules, indexed, and the search for them in lines: what it finds depends on the rules alone.

    `rules` are those of language packs, in their order. `index` has the rules of each normalised phrase, without those
    of statements.
    """

    def __init__(self, rules: tuple[PhraseRule, ...]) -> None:
        self.index = phrase_index(tuple(rule for rule in rules if rule.role is not Role.STATEMENT))
        self._by_first_word = _index_by_first_word(self.index)
        self._by_beginning = _index_by_beginning(self.index)
        self._statements = tuple(
            (phrase, rule) for rule in rules if rule.role is Role.STATEMENT for phrase in sorted(rule.phrases)
        )
        self._statements_by_inner_word = _index_by_inner_word(self._statements)
        self._inner_words = frozenset(self._statements_by_inner_word)
        # Most lines begin with a word that begins no phrase, and such words recur.
        self._may_begin_phrase = lru_cache(maxsize=8192)(self._begins_phrase)

    def match_phrase(self, text: str) -> TextMatch | None:
        """Return the match of the phrase that `text`, a line, begins with, None where it begins with none."""
        # Most lines begin with no phrase, and are rejected by their first word or their head.
        first, start = text[:_MAX_HEAD_CHARACTERS].partition(" ")[0], 0
        if not first.isalpha():
            word = _FIRST_WORD.search(text)
            if word is None:
                return None
            first, start = word[0][:_MAX_HEAD_CHARACTERS], word.start()
        # Of ASCII letters the phrase key is the small letters.
        if first.isascii() and first.isalpha():
            beginnings = self._by_beginning.get(first.lower())
            if beginnings is None or _begins_otherwise(text[start : start + _MAX_BEGINNING], beginnings):
                return None
        elif not self._may_begin_phrase(first):
            return None
        head = phrase_key(text[start : start + _MAX_HEAD_CHARACTERS])
        if not head.startswith(self._by_beginning.get(_leading_letters(head), ())) or _SOURCE_CODE.search(
            text[:_MAX_CODE_CHARACTERS]
        ):
            return None
        return self._match_whole(text, label_key(text)) or self._match_labelled(text) or self._match_prefix(text)

    def match_trailing(self, line: Line) -> PhraseMatch | None:
        """Return the match of a phrase of several words after the last sentence of `line`, None where there is none."""
        wide = line.width >= _MAX_HEAD_CHARACTERS
        stop = _LAST_SENTENCE_END.search(line.text[-_MAX_HEAD_CHARACTERS:]) if wide else None
        if stop is None:
            return None
        start = max(len(line.text) - _MAX_HEAD_CHARACTERS, 0) + stop.end()
        phrase = phrase_key(line.text[start:])
        rules = self.index.get(phrase) if " " in phrase else None
        return PhraseMatch(line=line, rules=rules, form=MatchForm.TRAILING, value=start) if rules else None

    def match_statement(self, line: Line) -> PhraseMatch | None:
        """Return the match of the first sentence of `line` that contains a phrase of a statement, None where none
        does.
        """
        if line.words < _MIN_STATEMENT_WORDS or len(line.text) > _MAX_STATEMENT_CHARACTERS:
            return None
        if self._find_statement_rule(line.phrase_key or phrase_key(line.text)) is None:
            return None
        ends = [match.start() for match in _SENTENCE_BREAK.finditer(line.text)]
        for start, end in pairwise([0, *ends, len(line.text)]):
            if rule := self._find_statement_rule(phrase_key(line.text[start:end])):
                return PhraseMatch(line=line, rules=(rule,), form=MatchForm.INSIDE, value=start)
        return None

    def _begins_phrase(self, word: str) -> bool:
        """Return False where no phrase begins with `word`."""
        first = phrase_key(word)
        return not first or _leading_letters(first) in self._by_beginning

    def _find_statement_rule(self, normalised: str) -> PhraseRule | None:
        """Return the first rule, in the order of the packs, with a statement that a normalised text contains."""
        words = self._inner_words.intersection(("", *normalised.split(" ")))
        candidates = [row for word in words for row in self._statements_by_inner_word[word]]
        found = [row for row in candidates if self._statements[row][0] in normalised]
        return self._statements[min(found)][1] if found else None

    def _match_whole(self, text: str, normalised: str) -> TextMatch | None:
        """Match a line that is a phrase, or several."""
        rules = self.index.get(normalised) or self._compound_rules(normalised)
        if rules and any(rule.weak for rule in rules):  # a subheading in one language may be one in any
            rules = tuple(rule for rule in rules if rule.weak)
        return (rules, MatchForm.WHOLE, len(text)) if rules else None

    def _compound_rules(self, normalised: str) -> tuple[PhraseRule, ...] | None:
        """Return the rules of the first phrase where a line is made of several ("Share Tweet Pin it"), else None."""
        words = normalised.replace("|", " ").replace("/", " ").replace(",", " ").split()
        if not 1 < len(words) <= _MAX_COMPOUND_WORDS or words[0] not in self._by_first_word:
            return None
        first: tuple[PhraseRule, ...] | None = None
        position = 0
        while position < len(words):
            for end in range(len(words), position, -1):
                shared = self.index.get(" ".join(words[position:end]), ())
                rules = tuple(rule for rule in shared if rule.role in {Role.LINE, Role.HEADING} and not rule.weak)
                if rules:
                    first, position = first or rules, end
                    break
            else:
                return None
        return first

    def _match_labelled(self, text: str) -> TextMatch | None:
        """Match a phrase, a separator and a value."""
        for match in _LABEL_SEPARATOR.finditer(text[:_MAX_HEAD_CHARACTERS]):
            rules = self.index.get(phrase_key(text[: match.start()]))
            if rules and text[match.end() :].strip():
                return rules, MatchForm.LABELLED, match.end()
        return None

    def _match_prefix(self, text: str) -> TextMatch | None:
        """Match a phrase that a blank, or running text without a blank, follows; the longest phrase first."""
        head = phrase_key(text[:_MAX_HEAD_CHARACTERS])
        for phrase in self._by_first_word.get(head.split(" ")[0], ()):
            if not head.startswith(phrase):
                continue
            end = prefix_end(phrase, text)
            if end is None or end >= len(text):
                continue
            if text[end].isspace():
                return self.index[phrase], MatchForm.BARE, end
            if " " in phrase and _is_glued(text, end):
                return self.index[phrase], MatchForm.GLUED, end
        return None


def _index_by_first_word(phrases: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return all phrases by their first word, the longest first."""
    table: defaultdict[str, list[str]] = defaultdict(list)
    for phrase in phrases:
        table[phrase.split(" ")[0]].append(phrase)
    return {
        word: tuple(sorted(found, key=lambda phrase: (-len(phrase), phrase))) if len(found) > 1 else tuple(found)
        for word, found in table.items()
    }


def _index_by_inner_word(statements: Sequence[tuple[str, PhraseRule]]) -> dict[str, tuple[int, ...]]:
    """Return the rows of `statements` by the longest word of the phrase but for its first and last, "" where there is
    no other. A prefilter: a line that contains the phrase has that word between blanks.
    """
    table: defaultdict[str, list[int]] = defaultdict(list)
    for row, (phrase, _) in enumerate(statements):
        table[max(phrase.split(" ")[1:-1], key=len, default="")].append(row)
    return {word: tuple(rows) for word, rows in table.items()}


def _index_by_beginning(phrases: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the first characters of all phrases by their `_leading_letters`: a prefilter for the heads of lines.

    A quarter of the head's length at most, so that a normalised head has as many, whatever marks and blanks it loses.
    """
    table: defaultdict[str, list[str]] = defaultdict(list)
    beginnings: dict[str, str] = {}  # by first word: a third as many as phrases
    for phrase in phrases:
        word = phrase.split(" ", 1)[0]
        if word not in beginnings:
            beginnings[word] = _leading_letters(word)
        table[beginnings[word]].append(phrase[:_MAX_BEGINNING])
    return {word: tuple(found) for word, found in table.items()}


def _begins_otherwise(text: str, beginnings: tuple[str, ...]) -> bool:
    """Return whether the beginning of a line, made of ASCII letters and single blanks, is none of `beginnings`: its
    phrase key is the small letters then.
    """
    return (
        not (lowered := text.lower()).startswith(beginnings)
        and lowered.replace(" ", "").isalpha()
        and "  " not in lowered
        and lowered.isascii()
    )


def _leading_letters(normalised: str) -> str:
    """Return the letters and marks before the first other character, the least that the first word can be."""
    first = normalised.partition(" ")[0]
    return first if first.isalpha() else _NOT_A_LETTER.split(normalised, maxsplit=1)[0]


def _is_glued(text: str, end: int) -> bool:
    """Return whether running text begins at `end`, right after a phrase, rather than a suffix of its last word.

    In a script with case, a capital must follow a small letter, or a label in capitals; in a script without, the new
    word must have three letters or more, for suffixes are short.
    """
    rest = text[end:]
    if not rest[0].isalpha() or UNSPACED_CHARACTER.match(rest) or display_width(rest) < _MIN_GLUED_WIDTH:
        return False
    if rest[0].lower() != rest[0].upper():
        return rest[0].isupper() and (text[end - 1].islower() or rest[1:2].islower() or rest[1:2].isspace())
    return len(regex.match(r"[\p{L}\p{M}]+", rest)[0]) >= 3  # type: ignore[index]  # isalpha() saw the first letter


def metadata_field(match: PhraseMatch) -> str | None:
    """Return the field of `Metadata` for the value of `match`, None where it has none."""
    return KINDS[match.rule.kind].metadata if match.form in {MatchForm.LABELLED, MatchForm.BARE} else None


MATCHER: Final = PhraseMatcher(PACKS)
"""The matcher of all packs that are part of saaf."""
match_phrase: Final = MATCHER.match_phrase
