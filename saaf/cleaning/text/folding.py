"""Comparison keys: a text folded to what one purpose compares. Each purpose has one function.

- `alignment_key`: which blocks an extractor kept; letters and digits in the case they have.
- `title_key`: whether two values of metadata are one headline or one name; letters and digits, case folded.
- `date_word_key`: which month or weekday a word is; letter variants of Arabic, Persian and Urdu and marks folded.
- `saaf.cleaning.text.normalise.phrase_key`: which phrase of a language pack a line is; the words stay apart.
- `saaf.cleaning.text.copies.copy_key`: whether two lines are copies of one line; letters, numbers by their value, and
  signs that carry meaning.
- `saaf.cleaning.text.normalise.headline_key`: the letters of a `phrase_key`, for features of the block classifier only.

A key is for comparison with keys of the same function only. `saaf.dedupe` has its own folding, which is versioned with
its fingerprints, and `saaf.corpus.evaluation.metrics.comparison_key` folds little, so that it measures the others.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

import regex

from saaf.cleaning.text.codepoints import only_letters_and_breaks

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOT_A_LETTER: Final = re.compile(r"[\W_]+")
_ASCII_NOT_LETTERS: Final = bytes(code for code in range(128) if not chr(code).isalnum())
_ASCII_NOT_LETTERS_OR_BREAKS: Final = _ASCII_NOT_LETTERS.replace(b"\n", b"")
_LETTER_VARIANTS: Final = str.maketrans(
    {"ي": "ی", "ى": "ی", "ك": "ک", "ہ": "ه", "ة": "ه", "ۃ": "ه", "ە": "ه", "ٱ": "ا", "ı": "i", "ـ": None, "॰": None}
    | dict.fromkeys("\u200c\u200d\u200e\u200f\u061c\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u202d\u202e\ufeff", None)
)
_INNER_DOT: Final = regex.compile(r"(?<=[\p{L}\p{M}])\.(?=[\p{L}\p{M}])")


def alignment_key(text: str) -> str:
    """Return the letters and digits of `text` in NFC and nothing else: what two renderings of one text have in common.

    Combining marks that NFC leaves alone fall away too.
    """
    return _only_letters(unicodedata.normalize("NFC", text))


def alignment_keys(lines: Sequence[str]) -> list[str]:
    """Return the `alignment_key` of each line; none may hold a line break. At once they take far less time."""
    return _keys_at_once(unicodedata.normalize("NFC", "\n".join(lines))) if lines else []


def title_key(text: str) -> str:
    """Return the letters and digits of `text`, case folded: equal for two spellings of one headline or name."""
    return _only_letters(text.casefold())


def title_keys(lines: Sequence[str]) -> list[str]:
    """Return the `title_key` of each line; none may hold a line break. At once they take far less time."""
    return _keys_at_once("\n".join(lines).casefold()) if lines else []


def _only_letters(text: str) -> str:
    if text.isascii():
        return text.encode().translate(None, _ASCII_NOT_LETTERS).decode()
    return _NOT_A_LETTER.sub("", text)


def _keys_at_once(joined: str) -> list[str]:
    if joined.isascii():
        return joined.encode().translate(None, _ASCII_NOT_LETTERS_OR_BREAKS).decode().split("\n")
    return only_letters_and_breaks(joined).split("\n")


class _WithoutMarks(dict[int, int | str | None]):
    """A table for str.translate that drops combining marks and folds letters; looks a character up once a process."""

    def __missing__(self, code: int) -> int | str | None:
        self[code] = None if unicodedata.combining(chr(code)) else _LETTER_VARIANTS.get(code, code)
        return self[code]


_WITHOUT_MARKS: Final = _WithoutMarks()


def date_word_key(text: str) -> str:
    """Return `text` in the form in which words of dates are compared: case, combining marks, dots within a word and the
    code points that Arabic, Persian and Urdu keyboards differ in do not count.
    """
    if text.isascii():
        bare = text.casefold()
    else:
        bare = unicodedata.normalize("NFKD", text.translate(_LETTER_VARIANTS).casefold()).translate(_WITHOUT_MARKS)
    return _INNER_DOT.sub("", bare) if "." in bare else bare
