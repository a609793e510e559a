"""Character classes by table: a text as arrays of code points and class flags, counted without a loop in Python."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy
import regex

from saaf.cleaning.disk_cache import cached_file
from saaf.cleaning.text.scripts import UNSPACED_CLASS
from saaf.cleaning.text.sentences import CLOSER_CLASS, TERMINAL_OR_ELLIPSIS_CLASS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Numbers = NDArray[numpy.integer[Any]]

LETTER: Final = 1
MARK: Final = 2
NUMBER: Final = 4
UPPER: Final = 8
LOWER: Final = 16
UNSPACED: Final = 32
"""Letters of scripts without spaces between words: each, with the marks after it, is a word here."""
STOP: Final = 64
"""Sentence terminals, and the ellipsis."""
COMMA: Final = 128
BAR: Final = 256
SPACE: Final = 512
CLOSER: Final = 1024
"""Closing quotation marks and brackets, which may follow a sentence terminal."""
OPENER: Final = 2048
COLON: Final = 4096
DIGIT: Final = 8192
ALPHANUMERIC: Final = 16384
"""What `str.isalnum` says yes to, and `re` calls a word character, the underscore aside."""
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
_WORD_CHARACTERS: Final = re.compile(r"[^\W_]+")
_TABLE_SIZE: Final = 0x34000  # code points from here on are private, or tags and variation selectors: of no class
_LOOK_BACK: Final = 8  # characters
# A rolling polynomial hash modulo 2 ** 64: the multiplier is odd, so that it has an inverse.
_MULTIPLIER: Final = 0x9E3779B97F4A7C15 | 1
_INVERSE: Final = pow(_MULTIPLIER, -1, 1 << 64)


@cache
def _tables() -> tuple[NDArray[numpy.uint16], NDArray[numpy.uint32]]:
    """Return the class flags of each code point below `_TABLE_SIZE`, and its lower-case form where it is one point."""
    sources = [repr(_CLASSES).encode(), _WORD_CHARACTERS.pattern.encode()]
    sources += [regex.__version__.encode(), sys.version.encode()]
    path = cached_file("codepoints.npy", sources, _write_tables)
    try:
        stored = _derived_tables() if path is None else numpy.load(path, allow_pickle=False)
    except (OSError, ValueError):
        stored = _derived_tables()
    return stored[0].astype(numpy.uint16), stored[1]


def _write_tables(path: Path) -> None:
    with path.open("wb") as stream:
        numpy.save(stream, _derived_tables(), allow_pickle=False)


def _derived_tables() -> NDArray[numpy.uint32]:
    """Return both tables, `uint32[2, _TABLE_SIZE]`."""
    every = "".join(map(chr, range(_TABLE_SIZE)))
    classes = numpy.zeros(_TABLE_SIZE, dtype=numpy.uint32)
    for flag, pattern in _CLASSES.items():
        for run in regex.finditer(f"{pattern}+", every, regex.VERSION1):
            classes[run.start() : run.end()] |= flag
    for letters in _WORD_CHARACTERS.finditer(every):
        classes[letters.start() : letters.end()] |= ALPHANUMERIC
    lower = numpy.arange(_TABLE_SIZE, dtype=numpy.uint32)
    for point in numpy.flatnonzero(classes & UPPER).tolist():
        if len(small := chr(point).lower()) == 1:
            lower[point] = ord(small)
    return numpy.stack([classes, lower])


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """A text of n characters and m spans of it, half-open `[start, end)`, in order, disjoint, none empty.

    `codes` (n) are its code points in lower case, `classes` (n) their class flags, or-ed; `starts` and `ends` (m) are
    offsets in code points.
    """

    codes: NDArray[numpy.uint32]
    classes: NDArray[numpy.uint16]
    starts: Numbers
    ends: Numbers

    def count(self, mask: NDArray[Any]) -> NDArray[numpy.int64]:
        """Return for each span the number of its characters that are true in `mask`, which has n elements."""
        positions = numpy.flatnonzero(mask)
        return numpy.searchsorted(positions, self.ends) - numpy.searchsorted(positions, self.starts)

    def has(self, flags: int) -> NDArray[numpy.bool_]:
        """Return the mask (n) of the characters that have one of the class `flags`."""
        return numpy.asarray((self.classes & flags) != 0)

    def last(self, skipped: int) -> Numbers:
        """Return for each span the position of its last character that has none of the class flags `skipped`.

        At most eight characters are skipped, and never the first of the span.
        """
        at = numpy.maximum(self.ends - 1, self.starts)
        for _ in range(_LOOK_BACK):
            at = numpy.where((self.classes[at] & skipped != 0) & (at > self.starts), at - 1, at)
        return at

    def lowered(self) -> str:
        """Return the text in lower case, one character for each of its n."""
        return self.codes.tobytes().decode("utf-32-le", "surrogatepass")

    def rows(self, positions: Numbers) -> Numbers:
        """Return the index of the span that each position is in; between two, of the one before; -1 before all."""
        return numpy.searchsorted(self.starts, positions, side="right") - 1

    def hashes(self, mask: NDArray[numpy.bool_], starts: Numbers, ends: Numbers) -> NDArray[numpy.uint64]:
        """Return a 64-bit hash of each range `[start, end)`: of its lower-case characters that are true in `mask`."""
        kept = self.codes[mask].astype(numpy.uint64)
        offsets = numpy.zeros(len(mask) + 1, dtype=numpy.int64)
        numpy.cumsum(mask, out=offsets[1:])
        powers, inverses = _powers(len(kept) + 1)
        sums = numpy.zeros(len(kept) + 1, dtype=numpy.uint64)
        numpy.cumsum(kept * powers[: len(kept)], out=sums[1:])
        low, high = offsets[starts], offsets[ends]
        mixed = (sums[high] - sums[low]) * inverses[low]
        return numpy.asarray(mixed ^ (mixed >> numpy.uint64(32)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The words of some spans, in order: the 64-bit hash of each word, and the index of its span.

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
    """Return `text` as arrays, with the spans `[start, end)`, in code points. Lone surrogates are of no class."""
    points = numpy.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=numpy.uint32)
    classes, lower = _tables()
    index = numpy.minimum(points, _TABLE_SIZE - 1)
    return Spans(
        codes=numpy.where(points < _TABLE_SIZE, lower[index], points),
        classes=classes[index],
        starts=numpy.array(starts, dtype=numpy.int64),
        ends=numpy.array(ends, dtype=numpy.int64),
    )


def classes_of(text: str) -> NDArray[numpy.uint16]:
    """Return the class flags of each character of `text`."""
    points = numpy.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=numpy.uint32)
    return _tables()[0][numpy.minimum(points, _TABLE_SIZE - 1)]


def only_letters_and_breaks(text: str) -> str:
    """Return the letters, digits and line breaks of `text`: what is ALPHANUMERIC, or "\\n"."""
    points = numpy.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=numpy.uint32)
    classes = _tables()[0][numpy.minimum(points, _TABLE_SIZE - 1)]
    kept: NDArray[numpy.uint32] = points[(classes & ALPHANUMERIC != 0) | (points == ord("\n"))]
    return kept.tobytes().decode("utf-32-le", "surrogatepass")


def word_edges(
    word: NDArray[numpy.bool_], unspaced: NDArray[numpy.bool_], mark: NDArray[numpy.bool_]
) -> tuple[Numbers, Numbers]:
    """Return the starts and the ends of words, half-open: runs of `word`, and each `unspaced` character with its marks.

    The three masks have a value for each character of the text.
    """
    before = numpy.concatenate([[False], word[:-1]])
    bases = numpy.maximum.accumulate(numpy.where(mark, 0, numpy.arange(len(word))))
    after_unspaced = numpy.concatenate([[False], unspaced[bases][:-1]])
    begins = word & ~(mark & before) & (~before | unspaced | after_unspaced)
    inner = numpy.concatenate([word[1:] & ~begins[1:], [False]])
    return numpy.flatnonzero(begins), numpy.flatnonzero(word & ~inner) + 1


@cache
def _first_powers() -> tuple[NDArray[numpy.uint64], NDArray[numpy.uint64]]:
    return _progression(1 << 16)


def _powers(count: int) -> tuple[NDArray[numpy.uint64], NDArray[numpy.uint64]]:
    """Return at least `count` powers of the multiplier, and of its inverse, modulo 2 ** 64."""
    return _first_powers() if count <= 1 << 16 else _progression(count)


def _progression(count: int) -> tuple[NDArray[numpy.uint64], NDArray[numpy.uint64]]:
    factors = numpy.ones((2, count), dtype=numpy.uint64)
    factors[0, 1:] = _MULTIPLIER
    factors[1, 1:] = _INVERSE
    powers, inverses = numpy.cumprod(factors, axis=1, dtype=numpy.uint64)
    return powers, inverses
