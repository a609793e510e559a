"""Phrase keys: the normal form of a line in which it is looked up among the phrases of the language packs.

The form is for comparison only; the text of a document keeps its code points.
"""

import re
from functools import lru_cache
from typing import Final
from unicodedata import category, normalize

import regex

# Marks that writers set or leave out at will: Latin, Greek and Cyrillic accents, Hebrew points, Arabic harakat and the
# hamza that NFKD splits off, the nukta of Indic scripts. Vowel signs and virama are letters of their scripts and stay.
_OPTIONAL_MARKS: Final = regex.compile(
    r"[\u0300-\u036F\u0591-\u05C7\u0610-\u061A\u0640\u064B-\u065F\u0670\u06D6-\u06ED\u093C\u09BC\u0A3C\u0ABC\u0B3C\p{Cf}\u180B-\u180F\uFE00-\uFE0F]+"
)
_LETTER_VARIANTS: Final = str.maketrans(
    {
        "ى": "ي",
        "ی": "ي",
        "ک": "ك",
        "ہ": "ه",
        "ھ": "ه",
        "ە": "ه",
        "ۃ": "ه",
        "ة": "ه",
        "ٱ": "ا",
        "ı": "i",
        "ँ": "ं",
        "’": "'",
        "‘": "'",
        "`": "'",
        "´": "'",
    }
)
_DIGITS: Final = regex.compile(r"\p{Nd}+")
_BLANKS: Final = regex.compile(r"[\s_]+")
_CACHED_LENGTH: Final = 240
_ZEROS: Final = re.compile("00+")
_SPACES: Final = re.compile("  +")
_FIRST_LETTER: Final = regex.compile(r"[\p{L}\p{M}]")
_LAST_LETTER: Final = regex.compile(r"(?r)[\p{L}\p{M}]")
_ASCII_NOT_LETTERS: Final = "".join(character for character in map(chr, range(128)) if not character.isalpha())


class _OnlyLetters(dict[int, int | None]):
    """A table for str.translate that keeps letters, digits and marks; a character is looked up once a process."""

    def __missing__(self, code: int) -> int | None:
        character = chr(code)
        self[code] = code if character.isalnum() or category(character)[0] == "M" else None
        return self[code]


_ONLY_LETTERS: Final = _OnlyLetters()


class _LetterFolding(dict[int, int | str | None]):
    """A table for str.translate that drops optional marks and folds letters; each character is looked up once."""

    def __missing__(self, code: int) -> int | str | None:
        character = chr(code)
        self[code] = None if _OPTIONAL_MARKS.match(character) else character.translate(_LETTER_VARIANTS)
        return self[code]


class _Folding(dict[int, int | str | None]):
    """Like `_LETTER_FOLDING`, and each digit becomes "0", each blank a space."""

    def __missing__(self, code: int) -> int | str | None:
        folded = _LETTER_FOLDING[code]
        if isinstance(folded, str):
            folded = "0" if _DIGITS.match(folded) else " " if _BLANKS.match(folded) else folded
        self[code] = folded
        return folded


_LETTER_FOLDING: Final = _LetterFolding()
_FOLDING: Final = _Folding()
_ASCII_FOLDING: Final = "".join(map(chr, range(128))).casefold().translate(_FOLDING).encode().ljust(256)


def phrase_key(line: str) -> str:
    """Return the normal form of `line` in which phrases are compared, "" where it has no letters.

    Case, compatibility forms, optional marks and the letter variants of Arabic, Persian and Urdu are folded; runs of
    digits become "0"; everything around the first and the last letter (bullets, quotation marks, colons, arrows,
    emoji, counts) is dropped.
    """
    return (_cached_phrase_key if len(line) <= _CACHED_LENGTH else _uncached_phrase_key)(line)


def _uncached_phrase_key(line: str) -> str:
    if line.isascii():  # the same, without the steps that change nothing in ASCII
        return _without_runs(line.encode().translate(_ASCII_FOLDING).decode()).strip(_ASCII_NOT_LETTERS)
    text = _without_runs(normalize("NFKD", normalize("NFKD", line.casefold()).casefold()).translate(_FOLDING))
    first, last = _FIRST_LETTER.search(text), _LAST_LETTER.search(text)
    return normalize("NFC", text[first.start() : last.end()]) if first and last else ""


def _without_runs(text: str) -> str:
    text = _ZEROS.sub("0", text) if "00" in text else text
    return _SPACES.sub(" ", text) if "  " in text else text


_cached_phrase_key = lru_cache(maxsize=4096)(_uncached_phrase_key)  # menus and labels recur, paragraphs do not


def headline_key(line: str) -> str:
    """Return the letters and marks of the `phrase_key` of `line`, in which each number is "0" or left out.

    Only for features of the block classifier, whose models were trained with it. What removes, keeps or chooses text
    compares `saaf.cleaning.text.copies.copy_key`s, in which numbers count.
    """
    return phrase_key(line).translate(_ONLY_LETTERS)


def prefix_end(phrase: str, line: str) -> int | None:
    """Return the end of `phrase` in `line`, None where `line` does not begin with it; `phrase` is a phrase key.

    The offset is in code points of `line`, after the combining marks of the phrase's last letter.
    """
    low = high = len(phrase)
    if line[:high].casefold() != phrase:  # else the shortest prefix with the key is as long as the key
        low, high = 1, min(len(line), 3 * len(phrase) + 12)
    while low < high:  # bisection: the key of a prefix never gets shorter as the prefix grows
        middle = (low + high) // 2
        if len(phrase_key(line[:middle])) < len(phrase):
            low = middle + 1
        else:
            high = middle
    end = low
    if phrase_key(line[:end]) != phrase:
        return None
    while end < len(line) and category(line[end]) in {"Mn", "Mc", "Me", "Cf"}:
        if phrase_key(line[: end + 1]) != phrase:
            return None
        end += 1
    return end
