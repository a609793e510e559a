"""The lines of a text and their shape: what rules look at when they know no word of the language."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Final

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
_CLOSED: Final = regex.compile(rf"[{TERMINAL_CLASS}]{_CLOSERS}$")
_ASKED: Final = regex.compile(rf"[{character_set(QUESTION_AND_EXCLAMATION_MARKS)}]{_CLOSERS}$")
_CUT: Final = regex.compile(rf"(?:…|\.\.\.|\. \. \.)[\s{CLOSER_CLASS}]*$|\[(?:…|\.\.\.)\]?$")
_INITIALS: Final = r"(?:\p{L}\p{M}*){1,5}\.?(?:\s?/\s?(?:\p{L}\p{M}*){1,5}\.?){1,3}"
DATELINE: Final = regex.compile(r"[^()]{2,40}\([^()]{2,30}\)\s*")
"""A place, and the agencies that the report is from, in a line of their own."""
SIGNATURE: Final = regex.compile(rf"(?<=[{TERMINAL_CLASS}{CLOSING_QUOTE_CLASS}])\s*[-–—]+\s*{_INITIALS}\s*$")
"""Editors' initials behind the last sentence of a paragraph."""
INITIALS_LINE: Final = regex.compile(rf"\s*[-–—]*\s*\(?{_INITIALS}\)?\s*(?:\([\p{{L}}\p{{M}}\s,/]{{2,40}}\))?\s*")
"""A line of editors' initials, with the agencies that they drew on."""
# What may follow the full stop without the sentence being less of one: initials, an agency in brackets, footnotes.
_AFTER_STOP: Final = regex.compile(
    rf"(?<=[{TERMINAL_CLASS}][{CLOSING_QUOTE_CLASS}]*)(?:\s*\([^()]{{1,40}}\)|\s*\[[^\[\]]{{1,12}}\]|\s*\p{{So}})+\s*$"
)
_SENTENCE_END: Final = regex.compile(
    rf"\p{{L}}\p{{M}}*[{CLOSER_CLASS}]*[{TERMINAL_CLASS}](?=[\s{CLOSER_CLASS}]|[{UNSPACED_CLASS}])"
)
WEB_ADDRESS: Final = rf"(?:https?://|www\.)[^\s{UNSPACED_CLASS}]+"
"""A web address, percent-encoded or not: where a script does not part words, a sentence may follow without a blank."""
_ADDRESS: Final = regex.compile(rf"\s*{WEB_ADDRESS}\s*")
_WORDS: Final = regex.compile(
    rf"[{UNSPACED_CLASS}]\p{{M}}*|[[\p{{L}}\p{{M}}\p{{N}}]--[{UNSPACED_CLASS}]]+", regex.VERSION1
)
# Texts of these characters have no marks, no wide characters and no words without spaces, and `re` tells their words in
# a third of the time: Latin, Greek and Cyrillic letters and common signs.
_PLAIN_SET: Final = r"\x00-\xac\xae-\u024f\u0391-\u03c9\u0410-\u044f\u2010-\u2027\u2030-\u205e\u20ac"
_PLAIN: Final = re.compile(rf"[{_PLAIN_SET}]*")
# The same with most of Chinese, Japanese and Korean; of these the signs are as narrow as others here.
_WIDE_SET: Final = r"\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3"
_PLAIN_OR_WIDE: Final = re.compile(rf"[{_PLAIN_SET}{_WIDE_SET}\u3000-\u3002\u3008-\u3011\u30fb\u30fc\uff01-\uff60]*")
_PLAIN_WIDE: Final = re.compile(f"[{_WIDE_SET}]+")
_PLAIN_WORDS: Final = re.compile(r"[^\W_]+")

PROSE_WIDTH: Final = 60  # a full sentence: 10 words of English, 30 Chinese characters
LONG_WIDTH: Final = 200  # the longest headline of the seeds has 95, a cut snippet of a teaser rarely 180
_NORMAL_LIMIT: Final = 240  # longer lines are no labels; their normal form is never asked for
CACHED_LENGTH: Final = 1000
"""Of a line whose shape is remembered: the model and the rules see most lines of a page two or three times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line that is not blank: `text[start:end]`, without its line break.

    `phrase_key` is the form in which phrases are compared, "" for lines over 240 code points. `width` counts
    characters, wide ones twice, marks not at all. `closed`: it ends as a sentence does; `asked`: with ! or ?; `cut`: it
    breaks off with an ellipsis. `prose`: a full sentence or more, which only stands in a running text.
    """

    number: int
    start: int
    end: int
    text: str = field(repr=False)
    phrase_key: str
    width: int
    words: int
    closed: bool
    asked: bool
    cut: bool
    prose: bool

    @property
    def headline(self) -> bool:
        """Whether it is shaped like a headline, a label or a menu entry: not a finished sentence, and not long."""
        return not self.prose and (self.asked or not self.closed or self.cut) and self.width <= LONG_WIDTH


def display_width(text: str) -> int:
    """Return how many columns `text` takes: wide characters two, marks none."""
    if _PLAIN.fullmatch(text):
        return len(text)
    if _PLAIN_OR_WIDE.fullmatch(text):
        return len(text) + sum(map(len, _PLAIN_WIDE.findall(text)))
    bare = _MARKS.sub("", text)
    return len(bare) + sum(map(len, _WIDE.findall(bare)))


def split_lines(text: str) -> tuple[Line, ...]:
    """Return the lines of `text` that are not blank, in order."""
    found: list[Line] = []
    start = 0
    for raw in text.split("\n"):
        if raw.strip():
            found.append(_line(len(found), start, raw))
        start += len(raw) + 1
    return tuple(found)


def _line(number: int, start: int, raw: str) -> Line:
    normalised, width, words, closed, asked, cut, prose = (_shape if len(raw) <= CACHED_LENGTH else _shape_anew)(raw)
    return Line(
        number=number,
        start=start,
        end=start + len(raw),
        text=raw,
        phrase_key=normalised,
        width=width,
        words=words,
        closed=closed,
        asked=asked,
        cut=cut,
        prose=prose,
    )


def _shape_anew(raw: str) -> tuple[str, int, int, bool, bool, bool, bool]:
    """Return what `Line` says of a line, from `phrase_key` on."""
    tail = _AFTER_STOP.sub("", SIGNATURE.sub("", raw[-80:]))[-12:]
    cut = bool(_CUT.search(tail))
    closed = not cut and bool(_CLOSED.search(tail))
    width = display_width(raw)
    prose = closed and width >= PROSE_WIDTH
    if not prose and width >= 2 * PROSE_WIDTH:
        prose = width > LONG_WIDTH or (not cut and len(_SENTENCE_END.findall(raw)) > 1)
    prose = prose and not _ADDRESS.fullmatch(raw)
    asked = closed and bool(_ASKED.search(tail))
    return label_key(raw), width, len(_words(raw[:1000])), closed, asked, cut, prose


_shape = lru_cache(maxsize=2048)(_shape_anew)


def label_key(raw: str) -> str:
    """Return the normal form of a line, "" where it is longer than any label."""
    return phrase_key(raw) if len(raw) <= _NORMAL_LIMIT else ""


def _words(text: str) -> list[str]:
    return (_PLAIN_WORDS if _PLAIN.fullmatch(text) else _WORDS).findall(text)


def prose_range(lines: Sequence[Line]) -> tuple[int, int]:
    """Return the numbers of the first and one past the last line of prose, `(0, 0)` where there is none."""
    prose = [line.number for line in lines if line.prose]
    return (prose[0], prose[-1] + 1) if prose else (0, 0)


def content_words(text: str) -> frozenset[str]:
    """Return the words of `text` that can tell one subject from another: long words, and pairs of characters where a
    script does not part words.
    """
    words = _words(phrase_key(text))
    pairs = {a + b for a, b in pairwise(words) if len(a) == len(b) == 1}
    return frozenset(pairs | {word for word in words if len(word) > 3})


def words_of(lines: Iterable[Line]) -> frozenset[str]:
    """Return the content words of `lines`."""
    return content_words("\n".join(line.text for line in lines))


def word_overlap(line: Line, words: frozenset[str]) -> float:
    """Return the share of the content words of `line` that are among `words`, in [0, 1]; 0 where it has none.

    A headline shares most of its words with its own article and few with another.
    """
    own = content_words(line.text)
    return len(own & words) / len(own) if own else 0.0
