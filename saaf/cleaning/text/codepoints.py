"""A text as arrays: what class each character is of, by table, so that a page is counted at once, not line by line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy
import regex

from saaf.cleaning.text.scripts import UNSPACED_CLASS
from saaf.cleaning.text.sentences import CLOSER_CLASS, TERMINAL_OR_ELLIPSIS_CLASS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[numpy.integer[Any]]

LETTER: Final = 1
MARK: Final = 2
NUMBER: Final = 4
UPPER: Final = 8
LOWER: Final = 16
UNSPACED: Final = 32
"""Letters of scripts that put no spaces between words: each, with the marks after it, is a word here."""
STOP: Final = 64
"""The full stops, question and exclamation marks of the world's scripts."""
COMMA: Final = 128
BAR: Final = 256
SPACE: Final = 512
CLOSER: Final = 1024
"""What may follow a full stop without the sentence being less closed: quotation marks, brackets."""
OPENER: Final = 2048
COLON: Final = 4096
DIGIT: Final = 8192
WORD: Final = LETTER | MARK | NUMBER

_CLASSES: Final = {
    LETTER: r"\p{L}",
    MARK: r"\p{M}",
    NUMBER: r"[\p{N}_]",
    DIGIT: r"\p{Nd}",
    UPPER: r"\p{Lu}",
    LOWER: r"\p{Ll}",
    UNSPACED: rf"[[{UNSPACED_CLASS}]--\p{{M}}]",
    STOP: f"[{TERMINAL_OR_ELLIPSIS_CLASS}]",
    COMMA: r"[,،、，;；؛:：]",
    BAR: r"[|»›·•/>]",
    SPACE: r"\s",
    CLOSER: f"[{CLOSER_CLASS}]",
    OPENER: r"[\"'“«「『„‘—–-]",
    COLON: r"[:：]",
}
_ASSIGNED: Final = 0x34000  # code points from here on are private, or tags and variation selectors: of no class
_MULTIPLIER: Final = 0x9E3779B97F4A7C15 | 1
_INVERSE: Final = pow(_MULTIPLIER, -1, 1 << 64)


@cache
def _tables() -> tuple[NDArray[numpy.uint16], NDArray[numpy.uint32]]:
    """Return the classes of each code point below `_ASSIGNED`, and its lower-case form where that is one code point."""
    every = "".join(map(chr, range(_ASSIGNED)))
    classes = numpy.zeros(_ASSIGNED, dtype=numpy.uint16)
    for flag, pattern in _CLASSES.items():
        for run in regex.finditer(f"{pattern}+", every, regex.VERSION1):
            classes[run.start() : run.end()] |= flag
    lower = numpy.arange(_ASSIGNED, dtype=numpy.uint32)
    for point in numpy.flatnonzero(classes & UPPER).tolist():
        if len(small := chr(point).lower()) == 1:
            lower[point] = ord(small)
    return classes, lower


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """A text and spans of it, half-open, in order, apart, none empty. `codes` are its code points in lower case,
    `classes` what they are; `starts` and `ends` the spans.
    """

    codes: NDArray[numpy.uint32]
    classes: NDArray[numpy.uint16]
    starts: Numbers
    ends: Numbers

    def count(self, there: NDArray[Any]) -> NDArray[numpy.int64]:
        """Return how many characters of each span are `there`, a truth value for each character of the text."""
        places = numpy.flatnonzero(there)
        return numpy.searchsorted(places, self.ends) - numpy.searchsorted(places, self.starts)

    def has(self, flags: int) -> NDArray[numpy.bool_]:
        """Return which characters are of one of the classes `flags`."""
        return numpy.asarray((self.classes & flags) != 0)

    def last(self, skipped: int) -> Numbers:
        """Return the place of each span's last character that is of none of the classes `skipped`, looking back at
        most eight characters; that of the span's first where there is none.
        """
        at = numpy.maximum(self.ends - 1, self.starts)
        for _ in range(8):
            at = numpy.where((self.classes[at] & skipped != 0) & (at > self.starts), at - 1, at)
        return at

    def lowered(self) -> str:
        """Return the text in lower case, character for character."""
        return self.codes.tobytes().decode("utf-32-le", "surrogatepass")

    def rows(self, places: Numbers) -> Numbers:
        """Return the span of each place in the text; a place between two spans counts to the one before it."""
        return numpy.searchsorted(self.starts, places, side="right") - 1

    def hashes(self, there: NDArray[numpy.bool_], starts: Numbers, ends: Numbers) -> NDArray[numpy.uint64]:
        """Return a 64-bit hash of the lower-case characters that are `there` in each `[start, end)`."""
        kept = self.codes[there].astype(numpy.uint64)
        places = numpy.zeros(len(there) + 1, dtype=numpy.int64)
        numpy.cumsum(there, out=places[1:])
        powers, inverses = _powers(len(kept) + 1)
        sums = numpy.zeros(len(kept) + 1, dtype=numpy.uint64)
        numpy.cumsum(kept * powers[: len(kept)], out=sums[1:])
        low, high = places[starts], places[ends]
        mixed = (sums[high] - sums[low]) * inverses[low]
        return numpy.asarray(mixed ^ (mixed >> numpy.uint64(32)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The words of some spans, in order: the hash of each, and the span that it stands in.

    A word is a run of letters, marks and digits; in scripts without spaces a character with its marks is one.
    """

    hashes: NDArray[numpy.uint64]
    rows: Numbers


def tokens_of(spans: Spans) -> Tokens:
    """Return the words of the spans."""
    word = spans.has(WORD)
    starts, ends = word_edges(word, spans.has(UNSPACED), spans.has(MARK))
    rows = spans.rows(starts)
    inside = (rows >= 0) & (starts < spans.ends[rows])
    return Tokens(hashes=spans.hashes(word, starts[inside], ends[inside]), rows=rows[inside])


def spans_of(text: str, starts: Sequence[int], ends: Sequence[int]) -> Spans:
    """Return `text` as arrays with the spans `[start, end)`."""
    points = numpy.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=numpy.uint32)
    classes, lower = _tables()
    known = numpy.minimum(points, _ASSIGNED - 1)
    return Spans(
        codes=numpy.where(points < _ASSIGNED, lower[known], points),
        classes=classes[known],
        starts=numpy.array(starts, dtype=numpy.int64),
        ends=numpy.array(ends, dtype=numpy.int64),
    )


def word_edges(
    word: NDArray[numpy.bool_], alone: NDArray[numpy.bool_], mark: NDArray[numpy.bool_]
) -> tuple[Numbers, Numbers]:
    """Return where words begin and end: runs of `word`; each character that stands `alone` is one with its marks."""
    before = numpy.concatenate([[False], word[:-1]])
    bases = numpy.maximum.accumulate(numpy.where(mark, 0, numpy.arange(len(word))))
    after_alone = numpy.concatenate([[False], alone[bases][:-1]])
    begins = word & ~(mark & before) & (~before | alone | after_alone)
    inner = numpy.concatenate([word[1:] & ~begins[1:], [False]])
    return numpy.flatnonzero(begins), numpy.flatnonzero(word & ~inner) + 1


@cache
def _chunk() -> tuple[NDArray[numpy.uint64], NDArray[numpy.uint64]]:
    return _progression(1 << 16)


def _powers(count: int) -> tuple[NDArray[numpy.uint64], NDArray[numpy.uint64]]:
    """Return at least `count` powers of the multiplier, and of its inverse, modulo 2 ** 64."""
    return _chunk() if count <= 1 << 16 else _progression(count)


def _progression(count: int) -> tuple[NDArray[numpy.uint64], NDArray[numpy.uint64]]:
    factors = numpy.ones((2, count), dtype=numpy.uint64)
    factors[0, 1:] = _MULTIPLIER
    factors[1, 1:] = _INVERSE
    powers, inverses = numpy.cumprod(factors, axis=1, dtype=numpy.uint64)
    return powers, inverses
