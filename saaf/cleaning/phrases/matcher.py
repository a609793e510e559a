"""Where the phrases of the language packs stand in a text, and in which form."""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final

import regex

from saaf.cleaning.phrases.packs import INDEX, KINDS, PACKS, PhraseRule, Role
from saaf.cleaning.text.lines import CACHED_LENGTH, Line, display_width, label_key
from saaf.cleaning.text.normalise import phrase_key, prefix_end
from saaf.cleaning.text.scripts import UNSPACED_CHARACTER
from saaf.cleaning.text.sentences import CLOSER_CLASS, TERMINAL_OR_ELLIPSIS_CLASS

_HEAD: Final = 80  # a label is looked for in so many code points; the longest phrase before a value has 40
_SEPARATOR: Final = regex.compile(r"\s*(?:[:：꞉︰|｜»>›]+|\s[-–—]+\s|[-–—]\s|\.{2,}|…)\s*")
_CODE: Final = regex.compile(r"^\s*[\"'{}$;]|[{};]\s*$|</")  # in source code, "name": is no label
_LONGEST: Final = 200
_LAST_STOP: Final = regex.compile(rf"(?r)[{TERMINAL_OR_ELLIPSIS_CLASS}]+[{CLOSER_CLASS}]*")
_BETWEEN_SENTENCES: Final = regex.compile(rf"(?<=[{TERMINAL_OR_ELLIPSIS_CLASS}][{CLOSER_CLASS}]*)\s+")
_STATEMENT_WORDS: Final = 5  # a shorter line is no such sentence
_LONGEST_STATEMENT: Final = 800  # code points
_MIN_GLUED_WIDTH: Final = 12  # shorter than any headline
_MAX_COMPOUND: Final = 16


class MatchForm(StrEnum):
    """How a phrase stands in its line."""

    WHOLE = "whole"
    """The line is the phrase."""
    LABELLED = "labelled"
    """A colon or the like, and a value follow."""
    BARE = "bare"
    """A value follows after a blank."""
    TRAILING = "trailing"
    """It stands behind the last sentence of a paragraph."""
    GLUED = "glued"
    """A running text follows without a blank: the label of a box that stood beside it."""
    INSIDE = "inside"
    """A clause in a sentence of the line, see `match_statement`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseMatch:
    """A phrase in a line, and the rules that share it. `value` is the offset in `line.text` where what follows the
    phrase begins; of a statement, where its sentence begins.
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
        """What follows the phrase in its line."""
        return self.line.text[self.value :].strip()


Found = tuple[tuple[PhraseRule, ...], MatchForm, int]
"""The rules, form and value of a `PhraseMatch`."""


def _by_first_word() -> dict[str, tuple[str, ...]]:
    table: defaultdict[str, list[str]] = defaultdict(list)
    for phrase in INDEX:
        table[phrase.split(" ")[0]].append(phrase)
    return {word: tuple(sorted(phrases, key=lambda phrase: (-len(phrase), phrase))) for word, phrases in table.items()}


_BY_FIRST_WORD: Final = _by_first_word()
_STATEMENTS: Final = tuple(
    (phrase, rule) for rule in PACKS if rule.role is Role.STATEMENT for phrase in sorted(rule.phrases)
)


def _by_inner_word() -> dict[str, tuple[int, ...]]:
    """Return the rows of `_STATEMENTS` by the longest word that stands between two others in the phrase, "" where none
    does: a line that holds the phrase has that word between blanks, and of other lines no phrase need be looked for.
    """
    table: defaultdict[str, list[int]] = defaultdict(list)
    for row, (phrase, _) in enumerate(_STATEMENTS):
        table[max(phrase.split(" ")[1:-1], key=len, default="")].append(row)
    return {word: tuple(rows) for word, rows in table.items()}


_BY_INNER_WORD: Final = _by_inner_word()
_FIRST_WORD: Final = regex.compile(r"[\p{L}\p{M}]\S*")
_PARTED: Final = regex.compile(r"[^\p{L}\p{M}]")


def _by_beginning() -> dict[str, tuple[str, ...]]:
    table: defaultdict[str, list[str]] = defaultdict(list)
    for phrase in INDEX:
        table[_beginning(phrase)].append(phrase[: _HEAD // 4])  # so long whatever marks and blanks the head is full of
    return {word: tuple(phrases) for word, phrases in table.items()}


def _beginning(normalised: str) -> str:
    """Return what stands before the first sign in a line that could part its first word from more."""
    return _PARTED.split(normalised, maxsplit=1)[0]


_BY_BEGINNING: Final = _by_beginning()


def match_line(line: Line) -> PhraseMatch | None:
    """Return the phrase that `line` begins with, None where it begins with none."""
    found = match_phrase(line.text)
    return PhraseMatch(line=line, rules=found[0], form=found[1], value=found[2]) if found else None


def match_phrase(text: str) -> Found | None:
    """Return the phrase that a line of `text` begins with, None where it begins with none."""
    return (_find if len(text) <= CACHED_LENGTH else _find_anew)(text)


def _find_anew(text: str) -> Found | None:
    """Return the phrase that a line begins with: most lines begin with none, which their first word tells, or their
    head.
    """
    word = _FIRST_WORD.search(text)
    if word is None or not _may_begin(word[0][:_HEAD]):
        return None
    head = phrase_key(text[word.start() : word.start() + _HEAD])
    if not head.startswith(_BY_BEGINNING.get(_beginning(head), ())) or _CODE.search(text[:_LONGEST]):
        return None
    return _whole(text, label_key(text)) or _labelled(text) or _prefixed(text)


_find = lru_cache(maxsize=4096)(_find_anew)  # the features and the rules ask for the same lines


@lru_cache(maxsize=8192)  # most lines begin with a word that begins no phrase, and such words recur
def _may_begin(word: str) -> bool:
    first = phrase_key(word)
    return not first or _beginning(first) in _BY_BEGINNING


def match_trailing(line: Line) -> PhraseMatch | None:
    """Return the phrase of several words that stands behind the last sentence of `line`, None where there is none."""
    stop = _LAST_STOP.search(line.text[-_HEAD:]) if line.width >= _HEAD else None
    if stop is None:
        return None
    start = max(len(line.text) - _HEAD, 0) + stop.end()
    phrase = phrase_key(line.text[start:])
    rules = INDEX.get(phrase) if " " in phrase else None
    return PhraseMatch(line=line, rules=rules, form=MatchForm.TRAILING, value=start) if rules else None


def match_statement(line: Line) -> PhraseMatch | None:
    """Return the first sentence of `line` that only a publisher's statement has, None where there is none."""
    if line.words < _STATEMENT_WORDS or len(line.text) > _LONGEST_STATEMENT:
        return None
    if _stated(line.phrase_key or phrase_key(line.text)) is None:
        return None
    ends = [match.start() for match in _BETWEEN_SENTENCES.finditer(line.text)]
    for start, end in pairwise([0, *ends, len(line.text)]):
        if rule := _stated(phrase_key(line.text[start:end])):
            return PhraseMatch(line=line, rules=(rule,), form=MatchForm.INSIDE, value=start)
    return None


def _stated(normalised: str) -> PhraseRule | None:
    rows = [row for word in {"", *normalised.split(" ")} for row in _BY_INNER_WORD.get(word, ())]
    held = [row for row in rows if _STATEMENTS[row][0] in normalised]
    return _STATEMENTS[min(held)][1] if held else None


def _whole(text: str, normalised: str) -> Found | None:
    rules = INDEX.get(normalised) or _compound(normalised)
    if rules and any(rule.weak for rule in rules):  # where a phrase may be a subheading, it may be one in any language
        rules = tuple(rule for rule in rules if rule.weak)
    return (rules, MatchForm.WHOLE, len(text)) if rules else None


def _compound(normalised: str) -> tuple[PhraseRule, ...] | None:
    """Return the rules of the first phrase where a line is made of several ("Share Tweet Pin it"), else None."""
    words = normalised.replace("|", " ").replace("/", " ").replace(",", " ").split()
    if not 1 < len(words) <= _MAX_COMPOUND or words[0] not in _BY_FIRST_WORD:
        return None
    first: tuple[PhraseRule, ...] | None = None
    position = 0
    while position < len(words):
        for end in range(len(words), position, -1):
            shared = INDEX.get(" ".join(words[position:end]), ())
            rules = tuple(rule for rule in shared if rule.role in {Role.LINE, Role.HEADING} and not rule.weak)
            if rules:
                first, position = first or rules, end
                break
        else:
            return None
    return first


def _labelled(text: str) -> Found | None:
    for match in _SEPARATOR.finditer(text[:_HEAD]):
        rules = INDEX.get(phrase_key(text[: match.start()]))
        if rules and text[match.end() :].strip():
            return rules, MatchForm.LABELLED, match.end()
    return None


def _prefixed(text: str) -> Found | None:
    head = phrase_key(text[:_HEAD])
    for phrase in _BY_FIRST_WORD.get(head.split(" ")[0], ()):
        if not head.startswith(phrase):
            continue
        end = prefix_end(phrase, text)
        if end is None or end >= len(text):
            continue
        if text[end].isspace():
            return INDEX[phrase], MatchForm.BARE, end
        if " " in phrase and _is_glued(text, end):
            return INDEX[phrase], MatchForm.GLUED, end
    return None


def _is_glued(text: str, end: int) -> bool:
    """Whether a new word begins at `end`. It must be a long word where a script has no case, for a suffix is short; a
    capital after a small letter or after a label in capitals, where it has.
    """
    rest = text[end:]
    if not rest[0].isalpha() or UNSPACED_CHARACTER.match(rest) or display_width(rest) < _MIN_GLUED_WIDTH:
        return False
    if rest[0].lower() != rest[0].upper():
        return rest[0].isupper() and (text[end - 1].islower() or rest[1:2].islower() or rest[1:2].isspace())
    return len(regex.match(r"[\p{L}\p{M}]+", rest)[0]) >= 3  # type: ignore[index]  # isalpha() saw the first letter


def metadata_field(mark: PhraseMatch) -> str | None:
    """Return the field of `Metadata` that the value of `mark` belongs to, None where it has none."""
    return KINDS[mark.rule.kind].metadata if mark.form in {MatchForm.LABELLED, MatchForm.BARE} else None
