"""Quality signals of a text: those of Gopher, C4, FineWeb and FineWeb2, in every script and in linear time."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy

from saaf.cleaning.quality.repetition import Words, duplicates, ngram_shares
from saaf.cleaning.quality.signal_table import SHORT_LINE, SIGNALS
from saaf.cleaning.quality.stop_words import stop_words
from saaf.cleaning.text.codepoints import (
    CLOSER,
    LETTER,
    MARK,
    SPACE,
    STOP,
    UNSPACED,
    WORD,
    spans_of,
    word_edges,
)
from saaf.cleaning.text.scripts import UNSPACED_SCRIPT_CODES
from saaf.cleaning.text.sentences import CLOSERS, CLOSING_QUOTES, SENTENCE_TERMINALS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from saaf.cleaning.quality.stop_words import StopWords
    from saaf.cleaning.text.codepoints import Spans

_PIECE: Final = 1 << 20  # code points of a text that are held as arrays at a time
MAX_NGRAM_WORDS: Final = 1 << 18
"""The words of a text in which n-grams are looked for, the first ones: Gopher and FineWeb2 drop longer texts anyway."""
_PARAGRAPH_BREAK: Final = re.compile(r"\n[ \t\r]*\n\s*")
_BULLETS: Final = ("•", "‣", "◦", "▪", "●", "○", "■", "□", "-", "–", "—", "*")
_ELLIPSES: Final = ("...", "…")
_PUNCTUATED: Final = frozenset(SENTENCE_TERMINALS + CLOSING_QUOTES)
_TERMINALS: Final = frozenset(SENTENCE_TERMINALS)
_MAX_CLOSERS: Final = 4  # closing quotes and brackets after the mark that ends a sentence
_FIRST_OF_OTHER_SCRIPTS: Final = 0x80  # . ! ? stand inside numbers and addresses too; the others only end sentences
_MIN_LINE_WORDS: Final = 3  # of a line that C4 keeps


def quality_signals(
    text: str, language: str, script: str, *, language_score: float | None = None
) -> dict[str, float | int | None]:
    """Return the value of each of `SIGNALS` by name, in their order; None where it does not apply.

    `language` and `script` are those of `saaf.cleaning.types.Language`; `language_score` is its score, None where it is
    not known. Lines are those that are not blank. Words are compared in lower case. Floats are rounded to six digits.
    """
    known = stop_words(language, script)
    pieces = _measured(text, known)
    lines = [stripped for line in text.split("\n") if (stripped := line.strip())]
    values: dict[str, float | int | None] = {signal.name: None for signal in SIGNALS}
    values |= _counts(text, pieces)
    values["language_score"] = language_score
    if lines:
        values |= _line_signals(lines, text)
    if values["word_count"]:
        values |= _word_signals(text, pieces)
    if known and script in UNSPACED_SCRIPT_CODES:
        values["stop_word_count"] = sum(map(text.count, known.words))
    elif known:
        values["stop_word_count"] = sum(piece.stop_words for piece in pieces)
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in values.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A piece of a text: how many words it has, how many characters in them, how many words that hold a letter, how
    many stop words, punctuation marks and other signs, and sentence ends. `words` are its words, with ranges in the
    whole text; none where the pieces before have as many as n-grams are looked for in.
    """

    number: int
    characters: int
    alphabetic: int
    stop_words: int
    signs: int
    sentences: int
    words: Words | None


def _measured(text: str, known: StopWords | None) -> list[_Piece]:
    """Return the pieces of a text."""
    pieces: list[_Piece] = []
    number = 0
    for offset, part in _pieces(text):
        piece = _measure(part, offset, known)
        pieces.append(piece if number < MAX_NGRAM_WORDS else replace(piece, words=None))
        number += piece.number
    return pieces


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Yield a text in pieces with their starts, cut at white space; where there is none, at the limit."""
    start = 0
    while len(text) - start > _PIECE:
        stop = start + _PIECE
        cut = max(text.rfind("\n", start, stop), text.rfind(" ", start, stop)) + 1
        end = cut if cut > start else stop
        yield start, text[start:end]
        start = end
    if start < len(text):
        yield start, text[start:]


def _measure(text: str, offset: int, known: StopWords | None) -> _Piece:
    spans = spans_of(text, [0], [len(text)])
    word = spans.has(WORD)
    starts, ends = word_edges(word, spans.has(UNSPACED), spans.has(MARK))
    letters = numpy.zeros(len(word) + 1, numpy.int64)
    numpy.cumsum(spans.has(LETTER), out=letters[1:])
    hashes = spans.hashes(word, starts, ends)
    return _Piece(
        number=len(starts),
        characters=int((ends - starts).sum()),
        alphabetic=int(numpy.count_nonzero(letters[ends] > letters[starts])),
        stop_words=int(numpy.count_nonzero(numpy.isin(hashes, known.hashes))) if known else 0,
        signs=len(text) - int(numpy.count_nonzero(spans.has(WORD | SPACE))),
        sentences=_sentence_ends(spans),
        words=Words(hashes=hashes, starts=starts.astype(numpy.int64) + offset, ends=ends.astype(numpy.int64) + offset),
    )


def _sentence_ends(spans: Spans) -> int:
    """Return the number of runs of sentence terminals that end a sentence."""
    stop = spans.has(STOP)
    ends = numpy.flatnonzero(stop & ~_shifted(stop))
    if not len(ends):
        return 0
    last = len(stop) - 1
    after = ends + 1
    for _ in range(_MAX_CLOSERS):
        after = numpy.where(spans.classes[numpy.minimum(after, last)] & CLOSER != 0, after + 1, after)
    parted = (after > last) | (spans.classes[numpy.minimum(after, last)] & SPACE != 0)
    return int(numpy.count_nonzero(parted | (spans.codes[ends] >= _FIRST_OF_OTHER_SCRIPTS)))


def _shifted(mask: NDArray[numpy.bool_]) -> NDArray[numpy.bool_]:
    """Return for each character whether the next one is true in `mask`."""
    return numpy.concatenate([mask[1:], [False]])


def _counts(text: str, pieces: Sequence[_Piece]) -> dict[str, int]:
    return {
        "word_count": sum(piece.number for piece in pieces),
        "sentence_count": sum(piece.sentences for piece in pieces),
        "lorem_ipsum_count": text.lower().count("lorem ipsum"),
        "curly_bracket_count": text.count("{"),
    }


def _word_signals(text: str, pieces: Sequence[_Piece]) -> dict[str, float]:
    """Return the signals that are relative to the number of words, which is not 0."""
    first = [piece.words for piece in pieces if piece.words is not None]
    words = Words(
        hashes=numpy.concatenate([one.hashes for one in first])[:MAX_NGRAM_WORDS],
        starts=numpy.concatenate([one.starts for one in first])[:MAX_NGRAM_WORDS],
        ends=numpy.concatenate([one.ends for one in first])[:MAX_NGRAM_WORDS],
    )
    number = sum(piece.number for piece in pieces)
    tokens = number + sum(piece.signs for piece in pieces)
    return {
        "mean_word_length": sum(piece.characters for piece in pieces) / number,
        "hash_word_ratio": text.count("#") / tokens,
        "ellipsis_word_ratio": sum(map(text.count, _ELLIPSES)) / tokens,
        "alphabetic_word_share": sum(piece.alphabetic for piece in pieces) / tokens,
        "new_line_ratio": text.count("\n") / tokens,
        **ngram_shares(words, len(text) if number <= MAX_NGRAM_WORDS else int(words.ends[-1])),
    }


def _line_signals(lines: Sequence[str], text: str) -> dict[str, float]:
    """Return the signals of lines and paragraphs; `lines` are the stripped lines of `text`, at least one."""
    paragraphs = [part for part in _PARAGRAPH_BREAK.split(text.strip()) if part]
    line_share, line_characters = duplicates(lines)
    paragraph_share, paragraph_characters = duplicates(paragraphs)
    punctuated = [line for line in lines if _is_punctuated(line)]
    has_javascript = "javascript" in text.lower()
    counted = {
        "bullet_line_share": sum(line.startswith(_BULLETS) for line in lines),
        "ellipsis_line_share": sum(line.endswith(_ELLIPSES) for line in lines),
        "terminal_line_share": sum(map(_is_long_sentence, punctuated)),
        "javascript_line_share": sum("javascript" in line.lower() for line in lines) if has_javascript else 0,
        "line_punctuation_share": len(punctuated),
        "short_line_share": sum(len(line) <= SHORT_LINE for line in lines),
    }
    return {
        "duplicate_line_share": line_share,
        "duplicate_line_character_share": line_characters,
        "duplicate_paragraph_share": paragraph_share,
        "duplicate_paragraph_character_share": paragraph_characters,
        **{name: count / len(lines) for name, count in counted.items()},
    }


def _is_punctuated(line: str) -> bool:
    """Return whether a stripped line ends with a terminal or a closing quote, brackets after it or not."""
    return line[-1] in _PUNCTUATED or line.rstrip(CLOSERS)[-1:] in _TERMINALS


def _is_long_sentence(line: str) -> bool:
    """Return whether C4 keeps a line that is punctuated: it ends without an ellipsis, and has three words."""
    if line.endswith(_ELLIPSES):
        return False
    return len(line.split(maxsplit=_MIN_LINE_WORDS - 1)) == _MIN_LINE_WORDS or _word_count(line) >= _MIN_LINE_WORDS


def _word_count(line: str) -> int:
    spans = spans_of(line, [0], [len(line)])
    return len(word_edges(spans.has(WORD), spans.has(UNSPACED), spans.has(MARK))[0])
