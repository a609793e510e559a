"""One spelling per phrase: what is compared when a line is looked up among the phrases of the language packs.

Only comparisons see this form. The text a reader gets keeps its code points.
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
_ONE_LETTER: Final = str.maketrans(
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
_NO_LETTERS: Final = "".join(character for character in map(chr, range(128)) if not character.isalpha())


class _Letters(dict[int, int | None]):
    """A table for str.translate that keeps letters, digits and marks; a character is looked up once a process."""

    def __missing__(self, code: int) -> int | None:
        character = chr(code)
        self[code] = code if character.isalnum() or category(character)[0] == "M" else None
        return self[code]


_LETTERS: Final = _Letters()


class _Spelling(dict[int, int | str | None]):
    """A table for str.translate that drops optional marks, folds letters, and makes each digit "0" and each blank a
    space; a character is looked up once a process.
    """

    def __missing__(self, code: int) -> int | str | None:
        character = chr(code)
        if _OPTIONAL_MARKS.match(character):
            self[code] = None
        else:
            folded = character.translate(_ONE_LETTER)
            self[code] = "0" if _DIGITS.match(folded) else " " if _BLANKS.match(folded) else folded
        return self[code]


_SPELLING: Final = _Spelling()


def phrase_key(line: str) -> str:
    """Return the spelling of `line` that phrases are compared in, "" where it has no letters.

    Case, compatibility forms, optional marks and the letter variants of Arabic, Persian and Urdu are folded; runs of
    digits become "0"; everything around the first and the last letter (bullets, quotation marks, colons, arrows,
    emoji, counts) is dropped.
    """
    return _cached(line) if len(line) <= _CACHED_LENGTH else _folded(line)


def _folded(line: str) -> str:
    if line.isascii():  # the same, less what changes nothing
        return _without_runs(line.casefold().translate(_SPELLING)).strip(_NO_LETTERS)
    text = _without_runs(normalize("NFKD", normalize("NFKD", line.casefold()).casefold()).translate(_SPELLING))
    first, last = _FIRST_LETTER.search(text), _LAST_LETTER.search(text)
    return normalize("NFC", text[first.start() : last.end()]) if first and last else ""


def _without_runs(text: str) -> str:
    text = _ZEROS.sub("0", text) if "00" in text else text
    return _SPACES.sub(" ", text) if "  " in text else text


_cached = lru_cache(maxsize=4096)(_folded)  # menus and labels recur; paragraphs would only fill the memory


def headline_key(line: str) -> str:
    """Return only the letters and digits of `line`, normalised: what is equal in two copies of a headline."""
    return phrase_key(line).translate(_LETTERS)


def prefix_end(phrase: str, line: str) -> int | None:
    """Return where `phrase`, normalised, ends in `line` if `line` begins with it, None where it does not.

    The offset is in code points of `line`, after the marks that belong to the phrase's last letter.
    """
    low = high = len(phrase)
    if line[:high].casefold() != phrase:  # else no prefix is spelled longer than it is
        low, high = 1, min(len(line), 3 * len(phrase) + 12)
    while low < high:  # the normal form never gets shorter as the prefix grows
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
