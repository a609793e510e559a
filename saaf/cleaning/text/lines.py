"""The lines of a text and their shape: width, words, sentence end. Features that need no knowledge of the language."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import Final, NamedTuple

import regex

from saaf.cleaning.text.normalise import phrase_key
from saaf.cleaning.text.scripts import UNSPACED_CLASS
from saaf.cleaning.text.sentences import (
    CLOSER_CLASS,
    CLOSING_QUOTE_CLASS,
    QUESTION_AND_EXCLAMATION_MARKS,
    TERMINAL_CLASS,
    character_set,
)

_MARKS: Final = regex.compile(r"[\p{M}\p{Cf}]+")
_WIDE: Final = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]+")
_CLOSERS: Final = rf"[{CLOSER_CLASS}\s\p{{Cf}}]*"
_ENDS_SENTENCE: Final = regex.compile(rf"[{TERMINAL_CLASS}]{_CLOSERS}$")
_ENDS_QUESTION: Final = regex.compile(rf"[{character_set(QUESTION_AND_EXCLAMATION_MARKS)}]{_CLOSERS}$")
_TRUNCATED: Final = regex.compile(rf"(?:…|\.\.\.|\. \. \.)[\s{CLOSER_CLASS}]*$|\[(?:…|\.\.\.)\]?$")
_INITIALS: Final = r"(?:\p{L}\p{M}*){1,5}\.?(?:\s?/\s?(?:\p{L}\p{M}*){1,5}\.?){1,3}"
DATELINE: Final = regex.compile(
    # TARVIN (RNA) —
    r"[^()（）]{2,40}[(（][^()（）]{2,30}[)）]\s*[-–—―:：]*\s*"
    # NEW TARVIN –
    r"|[^\p{Nd}()（）|:：]{2,40}[\s,،]*[-–—―]+\s*"
)
"""A dateline in a line of its own: a place, with the report's agencies in brackets or a dash."""
_CAPITALS_OR_NO_CASE: Final = r"(?:[\p{Lu}\p{M}\s.'’/-]{2,40}|[[\p{L}\p{M}\s.'’-]--[\p{Lu}\p{Ll}]]{2,30})"
DATELINE_OF_DAY: Final = regex.compile(
    # TARVIN, 3 May
    rf"{_CAPITALS_OR_NO_CASE}[,،、፣]\s.{{0,25}}\p{{Nd}}{{1,2}}(?!\p{{Nd}}).{{0,15}}"
    # 新华社北京5月3日电
    r"|[（(]?.{0,8}\p{Han}{2,8}\p{Nd}{1,2}月\p{Nd}{1,2}日.{0,3}[电電讯訊][）)]?",
    regex.VERSION1,
)
"""A place and a day, in a line of its own: a dateline before a paragraph, but a headline may have the form too."""
COPYRIGHT: Final = regex.compile(
    r"(?:©|\(c\)|ⓒ|^\W*copyright\b).{0,40}\p{Nd}{4}|\p{Nd}{4}\s*(?:©|\(c\))|^\s*©", regex.IGNORECASE
)
"""A copyright notice: the sign, or the word at the beginning, and a year; or a line that begins with the sign."""
SIGNATURE: Final = regex.compile(rf"(?<=[{TERMINAL_CLASS}{CLOSING_QUOTE_CLASS}])\s*[-–—]+\s*{_INITIALS}\s*$")
"""Editors' initials after the last sentence of a paragraph."""
_DASHES: Final = ("-", "–", "—")  # before such initials
INITIALS_LINE: Final = regex.compile(rf"\s*[-–—]*\s*\(?{_INITIALS}\)?\s*(?:\([\p{{L}}\p{{M}}\s,/]{{2,40}}\))?\s*")
"""A line of editors' initials, with the agencies that they drew on."""
# Of the words in rows of two cells that the rule for teasers would remove on 1,579 extracted pages, four in five stand
# in the gold texts; of the words in rows of one cell, 2 %: layouts mostly fill one.
TABLE_ROW: Final = regex.compile(r"^\s*\|.*[\p{L}\p{N}].*\|.*[\p{L}\p{N}].*\|\s*$")
"""A row of a table as extractors write them, with two cells or more that are not empty."""
# What may follow the end of a sentence in its paragraph: an agency in brackets, footnotes, symbols.
_AFTER_SENTENCE: Final = regex.compile(
    rf"(?<=[{TERMINAL_CLASS}][{CLOSING_QUOTE_CLASS}]*)(?:\s*\([^()]{{1,40}}\)|\s*\[[^\[\]]{{1,12}}\]|\s*\p{{So}})+\s*$"
)
_INNER_SENTENCE_END: Final = regex.compile(
    rf"\p{{L}}\p{{M}}*[{CLOSER_CLASS}]*[{TERMINAL_CLASS}](?=[\s{CLOSER_CLASS}]|[{UNSPACED_CLASS}])"
)
WEB_ADDRESS: Final = rf"(?:https?://|www\.)[^\s{UNSPACED_CLASS}]+"
"""A web address, percent-encoded or not. It ends at a letter of a script without spaces: a sentence may follow."""
_ADDRESS: Final = regex.compile(rf"\s*{WEB_ADDRESS}\s*")
_WORDS: Final = regex.compile(
    rf"[{UNSPACED_CLASS}]\p{{M}}*|[[\p{{L}}\p{{M}}\p{{N}}]--[{UNSPACED_CLASS}]]+", regex.VERSION1
)
# Latin, Greek and Cyrillic letters and common signs: texts of these characters have no combining marks, no wide
# characters and spaces between words, and `re` finds their words in a third of the time that `regex` takes.
_NARROW_SET: Final = r"\x00-\xac\xae-\u024f\u0391-\u03c9\u0410-\u044f\u2010-\u2027\u2030-\u205e\u20ac"
_NARROW: Final = re.compile(rf"[{_NARROW_SET}]*")
# The same with most of Chinese, Japanese and Korean; their signs count as narrow.
_WIDE_SET: Final = r"\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3"
_NARROW_OR_WIDE: Final = re.compile(rf"[{_NARROW_SET}{_WIDE_SET}\u3000-\u3002\u3008-\u3011\u30fb\u30fc\uff01-\uff60]*")
_SOME_WIDE: Final = re.compile(f"[{_WIDE_SET}]+")
_NARROW_WORDS: Final = re.compile(r"[^\W_]+")
_ASCII_WORDS_APART: Final = bytes(code if code < 128 and chr(code).isalnum() else ord(" ") for code in range(256))

PROSE_WIDTH: Final = 60  # a full sentence: 10 words of English, 30 Chinese characters
LONG_WIDTH: Final = 200  # the longest headline of the seeds has 95, a cut snippet of a teaser rarely 180
_MAX_LABEL_LENGTH: Final = 240  # longer lines are no labels; their phrase key is never looked up
_MAX_COUNTED: Final = 1000  # characters in which words are counted


class Line(NamedTuple):
    """A line that is not blank: `text[start:end]`, without its line break.

    `number` is its index among the lines that are not blank. `phrase_key` is the form in which phrases are compared, ""
    for lines over 240 code points. `width` is its `display_width`, `words` the number of words in its first 1,000
    characters. `ends_sentence`: it ends as a sentence does; `ends_question`: with a question or an exclamation mark;
    `truncated`: it breaks off with an ellipsis. `prose`: a full sentence or more, as only running text has.
    """

    number: int
    start: int
    end: int
    text: str
    phrase_key: str
    width: int
    words: int
    ends_sentence: bool
    ends_question: bool
    truncated: bool
    prose: bool

    @property
    def headline(self) -> bool:
        """Whether it is shaped like a headline, a label or a menu entry: not a finished sentence, and not long."""
        finished = self.ends_sentence and not self.ends_question and not self.truncated
        return not self.prose and not finished and self.width <= LONG_WIDTH


_START: Final = attrgetter("start")


def display_width(text: str) -> int:
    """Return how many columns `text` takes: wide characters (Han, kana, Hangul) two, combining marks none."""
    if text.isascii() or _NARROW.fullmatch(text):
        return len(text)
    if _NARROW_OR_WIDE.fullmatch(text):
        return len(text) + sum(map(len, _SOME_WIDE.findall(text)))
    bare = _MARKS.sub("", text)
    return len(bare) + sum(map(len, _WIDE.findall(bare)))


def split_lines(text: str, known: dict[str, Line] | None = None) -> tuple[Line, ...]:
    """Return the lines of `text` that are not blank, in order.

    `known` are lines by their text, of other versions of this text: what is known of a line is not worked out again.
    Those of `text` are added to it.
    """
    known = {} if known is None else known
    found: list[Line] = []
    start = 0
    for raw in text.split("\n"):
        if raw and not raw.isspace():
            line = known.get(raw)
            if line is None:
                line = known[raw] = Line(len(found), start, start + len(raw), raw, *_shape(raw))
            elif line.start != start or line.number != len(found):
                line = known[raw] = Line(len(found), start, start + len(raw), *line[3:])
            found.append(line)
        start += len(raw) + 1
    return tuple(found)


def lines_without(text: str, lines: Sequence[Line], removed: Iterable[tuple[int, int]]) -> tuple[Line, ...] | None:
    """Return the lines that are left of the `lines` of `text` without the spans `removed`, which are sorted, disjoint
    and half-open; None where one of them takes a part of a line, or joins two lines.
    """
    found: list[Line] = []
    place = shift = 0
    for start, end in _joined(removed):
        if not _takes_whole_lines(text, start, end):
            return None
        found += _moved(lines[place : bisect_left(lines, start, key=_START)], len(found), shift)
        place = bisect_left(lines, end, key=_START)
        shift += end - start
    return (*found, *_moved(lines[place:], len(found), shift))


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans with those that touch as one: each may leave a line break that the next one takes."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _takes_whole_lines(text: str, start: int, end: int) -> bool:
    """Return whether a span of `text` is whole lines, with the line break after them or with that before them."""
    at_end = end == len(text)
    with_break_after = (start == 0 or text[start - 1] == "\n") and (at_end or text[end - 1] == "\n")
    return with_break_after or (text[start] == "\n" and (at_end or text[end] == "\n"))


def _moved(lines: Sequence[Line], number: int, shift: int) -> Sequence[Line]:
    """Return `lines` with numbers from `number` on, `shift` characters nearer to the beginning of the text."""
    if not shift:
        return lines
    new = tuple.__new__  # as `Line._make`, which counts the values once more
    return [
        new(Line, (place, line.start - shift, line.end - shift, *line[3:])) for place, line in enumerate(lines, number)
    ]


def _shape(raw: str) -> tuple[str, int, int, bool, bool, bool, bool]:
    """Return the values of the fields of `Line` from `phrase_key` on."""
    tail = "" if _ends_in_word(raw) else _without_notes(raw[-80:])[-12:]
    truncated = bool(tail and _TRUNCATED.search(tail))
    ends_sentence = bool(tail and not truncated and _ENDS_SENTENCE.search(tail))
    width = display_width(raw)
    prose = ends_sentence and width >= PROSE_WIDTH
    if not prose and width >= 2 * PROSE_WIDTH:
        prose = width > LONG_WIDTH or (not truncated and len(_INNER_SENTENCE_END.findall(raw)) > 1)
    prose = prose and not _ADDRESS.fullmatch(raw)
    ends_question = ends_sentence and bool(_ENDS_QUESTION.search(tail))
    words = _count_words(raw[:_MAX_COUNTED])
    return label_key(raw), width, words, ends_sentence, ends_question, truncated, prose


def _ends_in_word(raw: str) -> bool:
    """Return whether a line ends in a letter or a digit that is not of initials after its last sentence: as no sentence
    does, and no line that breaks off.
    """
    return (raw[-1].isalpha() or raw[-1].isdecimal()) and not any(map(raw[-80:].__contains__, _DASHES))


def _without_notes(tail: str) -> str:
    """Return the end of a line without what may follow its last sentence: initials, an agency, footnotes, symbols."""
    # Else it holds no `SIGNATURE`; the search takes a microsecond.
    if "/" in tail and any(map(tail.__contains__, _DASHES)):
        tail = SIGNATURE.sub("", tail)
    # In ASCII only a bracket ends what may follow.
    return _AFTER_SENTENCE.sub("", tail) if not tail.isascii() or tail.rstrip().endswith((")", "]")) else tail


def label_key(raw: str) -> str:
    """Return the `phrase_key` of a line, "" where it is longer than any label."""
    return phrase_key(raw) if len(raw) <= _MAX_LABEL_LENGTH else ""


def _count_words(text: str) -> int:
    if text.isascii():  # the same number in a fifth of the time
        return len(text.encode().translate(_ASCII_WORDS_APART).split())
    return len(_words(text))


def _words(text: str) -> list[str]:
    return (_NARROW_WORDS if _NARROW.fullmatch(text) else _WORDS).findall(text)


def prose_range(lines: Sequence[Line]) -> tuple[int, int]:
    """Return the range `[first, end)` of line numbers from the first to the last line of prose; (0, 0) without any."""
    prose = [line.number for line in lines if line.prose]
    return (prose[0], prose[-1] + 1) if prose else (0, 0)


def content_words(text: str) -> frozenset[str]:
    """Return the words of `text` that can tell one subject from another: words of more than three letters, and pairs of
    adjacent characters in scripts without spaces between words.
    """
    words = _words(phrase_key(text))
    pairs = {a + b for a, b in pairwise(words) if len(a) == len(b) == 1}
    return frozenset(pairs | {word for word in words if len(word) > 3})


def content_words_of(lines: Iterable[Line]) -> frozenset[str]:
    """Return the content words of `lines`."""
    return content_words("\n".join(line.text for line in lines))


def word_overlap(line: Line, words: frozenset[str]) -> float:
    """Return the share of the content words of `line` that are among `words`, in [0, 1]; 0 where it has none.

    A headline shares most of its words with its own article and few with another.
    """
    own = content_words(line.text)
    return len(own & words) / len(own) if own else 0.0
