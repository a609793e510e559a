"""The lines of a text and their shape: what rules look at when they know no word of the language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import regex

from cleaning.normalise import normal

_MARKS: Final = regex.compile(r"[\p{M}\p{Cf}]+")
_WIDE: Final = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]")
_CLOSERS: Final = r"[\"'”’»«)\]}›』」】）\s\p{Cf}]*"
# The full stops of the world's scripts; in Thai and Lao there is none, so that only length tells prose there.
_STOPS: Final = r".!?。！？｡．।॥۔؟։።፧፨၊။៕។᠃꓿⸼܀"
_CLOSED: Final = regex.compile(rf"[{_STOPS}]{_CLOSERS}$")
_ASKED: Final = regex.compile(rf"[!?！？؟]{_CLOSERS}$")
_CUT: Final = regex.compile(r"(?:…|\.\.\.|\. \. \.)[\s\])}»\"”]*$|\[(?:…|\.\.\.)\]?$")
_INITIALS: Final = r"(?:\p{L}\p{M}*){1,5}\.?(?:\s?/\s?(?:\p{L}\p{M}*){1,5}\.?){1,3}"
SIGNATURE: Final = regex.compile(rf"(?<=[{_STOPS}\"”»])\s*[-–—]+\s*{_INITIALS}\s*$")
"""Editors' initials behind the last sentence of a paragraph."""
INITIALS_LINE: Final = regex.compile(rf"\s*[-–—]*\s*\(?{_INITIALS}\)?\s*(?:\([\p{{L}}\p{{M}}\s,/]{{2,40}}\))?\s*")
"""A line of editors' initials, with the agencies that they drew on."""
# What may follow the full stop without the sentence being less of one: initials, an agency in brackets, footnotes.
_AFTER_STOP: Final = regex.compile(
    rf"(?<=[{_STOPS}][\"'”’»]*)(?:\s*\([^()]{{1,40}}\)|\s*\[[^\[\]]{{1,12}}\]|\s*\p{{So}})+\s*$"
)
_SENTENCE_END: Final = regex.compile(
    rf"\p{{L}}\p{{M}}*[\"”’»)]*[{_STOPS}](?=[\s\"”’»)]|[\p{{Han}}\p{{Hiragana}}\p{{Katakana}}])"
)
_UNSPACED: Final = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_WORDS: Final = regex.compile(rf"[{_UNSPACED}]\p{{M}}*|[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]+", regex.VERSION1)

PROSE_WIDTH: Final = 60  # a full sentence: 10 words of English, 30 Chinese characters
LONG_WIDTH: Final = 200  # the longest headline of the seeds has 95, a cut snippet of a teaser rarely 180
_NORMAL_LIMIT: Final = 240  # longer lines are no labels; their normal form is never asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line that is not blank: `text[start:end]`, without its line break.

    `normal` is the form in which phrases are compared, "" for lines over 240 code points. `width` counts characters,
    wide ones twice, marks not at all. `closed`: it ends as a sentence does; `asked`: with ! or ?; `cut`: it breaks off
    with an ellipsis. `prose`: a full sentence or more, which only stands in a running text.
    """

    number: int
    start: int
    end: int
    text: str = field(repr=False)
    normal: str
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


def width_of(text: str) -> int:
    """Return how many columns `text` takes: wide characters two, marks none."""
    bare = _MARKS.sub("", text)
    return len(bare) + len(_WIDE.findall(bare))


def lines_of(text: str) -> tuple[Line, ...]:
    """Return the lines of `text` that are not blank, in order."""
    found: list[Line] = []
    start = 0
    for raw in text.split("\n"):
        if raw.strip():
            found.append(_line(len(found), start, raw))
        start += len(raw) + 1
    return tuple(found)


def _line(number: int, start: int, raw: str) -> Line:
    tail = _AFTER_STOP.sub("", SIGNATURE.sub("", raw[-80:]))[-12:]
    cut = bool(_CUT.search(tail))
    closed = not cut and bool(_CLOSED.search(tail))
    width = width_of(raw)
    prose = closed and width >= PROSE_WIDTH
    if not prose and width >= 2 * PROSE_WIDTH:
        prose = width > LONG_WIDTH or (not cut and len(_SENTENCE_END.findall(raw)) > 1)
    return Line(
        number=number,
        start=start,
        end=start + len(raw),
        text=raw,
        normal=normal(raw) if len(raw) <= _NORMAL_LIMIT else "",
        width=width,
        words=len(_WORDS.findall(raw[:1000])),
        closed=closed,
        asked=closed and bool(_ASKED.search(tail)),
        cut=cut,
        prose=prose,
    )


def body_of(lines: Sequence[Line]) -> tuple[int, int]:
    """Return the numbers of the first and one past the last line of prose, `(0, 0)` where there is none."""
    prose = [line.number for line in lines if line.prose]
    return (prose[0], prose[-1] + 1) if prose else (0, 0)


def content_words(text: str) -> frozenset[str]:
    """Return the words of `text` that can tell one subject from another: long words, and pairs of characters where a
    script does not part words.
    """
    words = _WORDS.findall(normal(text))
    pairs = {a + b for a, b in pairwise(words) if len(a) == len(b) == 1}
    return frozenset(pairs | {word for word in words if len(word) > 3})


def words_of(lines: Iterable[Line]) -> frozenset[str]:
    """Return the content words of `lines`."""
    return content_words("\n".join(line.text for line in lines))


def kinship(line: Line, words: frozenset[str]) -> float:
    """Return the share of the content words of `line` that are among `words`, in [0, 1]; 0 where it has none.

    A headline shares most of its words with its own article and few with another.
    """
    own = content_words(line.text)
    return len(own & words) / len(own) if own else 0.0
