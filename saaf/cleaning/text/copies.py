"""Copy keys: the form of a line in which copies of it on one page are equal, and lines that say something else differ.

A line is removed as a copy of another only where the keys are equal, so whatever a reader could take for a difference
in meaning must stay in the key: the marks of letters (año and ano, все and всё), numbers by their value, and signs such
as %, ≠, a minus or a question mark. Case, spaces, styles of quotation marks and dashes, compatibility forms and Arabic
vowel signs do not count: themes print one headline in capitals here and with other dashes there.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from unicodedata import decimal, normalize, numeric

import regex

_CACHED_LENGTH: Final = 240  # characters: headlines; paragraphs do not recur
_BOUNDARY: Final = "\x00"  # between two numbers without a sign between them, as in 10²
_NOT_DECIMAL: Final = regex.compile(r"[\u1369-\u137C]+|\p{No}")  # Ethiopic numerals; superscripts, fractions, ① and ⅷ
_RAISED: Final = frozenset("²³¹⁰ⁱ⁴⁵⁶⁷⁸⁹⁺⁻⁼₀₁₂₃₄₅₆₇₈₉₊₋₌")  # kept as they are: CO₂, 10² and 102 say something else
_COMPATIBILITY_RUN: Final = regex.compile(f"[^\x00-\x7f{''.join(sorted(_RAISED))}]+")
# Vowel signs, Quranic signs and the tatweel of Arabic; invisible characters; selectors of a glyph.
_OPTIONAL: Final = regex.compile(
    r"[\u0610-\u061A\u0640\u064B-\u0652\u0656-\u065F\u0670\u06D6-\u06ED\p{Cf}\u180B-\u180F\uFE00-\uFE0F]+"
)
# One letter by other keyboards, and the styles of an apostrophe. ى and ي, ة and ه, ھ and ہ are different letters.
_LETTER_FORMS: Final = str.maketrans(
    {"ی": "ي", "ک": "ك", "ہ": "ه", "ۃ": "ة", "ٱ": "ا", "ς": "σ", "ſ": "s"} | dict.fromkeys("’‘`´ʼʻ＇", "'")
)
_INITIAL_HAMZA: Final = regex.compile(
    r"(?<![\p{L}\p{M}])أ"
)  # often written ا; that of إن is the only sign of its vowel
_TURKISH_LETTER: Final = regex.compile("[İıĞğ]")
_TURKISH_CAPITALS: Final = str.maketrans("İI", "iı")
_DASH_BETWEEN_WORDS: Final = regex.compile(r"(?<=[\p{L}\p{M}])[—―](?=[\p{L}\p{M}])")  # as with spaces; no hyphen
_NUMBER: Final = regex.compile(r"\|(\d+)\|")
_SIGN_FORMS: Final = str.maketrans(
    dict.fromkeys("؟፧⸮՞", "?")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63", "-")
    | dict.fromkeys("⁄∕", "/")
    | {"٪": "%", "؉": "‰", "٫": ".", "٬": ","}
)
_GREEK_QUESTION_MARK: Final = regex.compile(r"(?<=\p{Greek}\p{M}*);")
_GREEK_ACCENTS: Final = regex.compile(r"(?<=\p{Greek}\p{M}*)[\u0300\u0301\u0308\u0313\u0314\u0342\u0345]+")
_LEADING_DECORATION: Final = regex.compile(r"^(?:[\s\p{So}\p{Co}•·*|]|-(?=\s))+")  # bullets, stars, icons
_PART: Final = regex.compile(
    r"""
    (?P<number>\p{Nd}+)
    | [\p{L}\p{M}\p{Nl}\p{No}]+                        # Chinese and Roman numerals are letters here
    | (?<=\p{N})[.,:'/-]+(?=\p{N})                     # 1.5, 2-1 and 3:2 are not 15, 21 and 32
    | (?<![\p{L}\p{M}\p{N}])-(?=\p{N})                 # -5; not the hyphen of Covid-19
    | (?<=[\p{L}\p{M}])[-'](?=[\p{L}\p{M}])          # re-signed and resigned, we're and were
    | (?<=[\p{L}\p{M}])-(?![\p{L}\p{M}\p{N}-])         # the grade A-, the blood group O-
    | (?<![\p{L}\p{M}\p{N}.])\.(?=\p{L})               # .NET
    | (?<=[\p{L}\p{M}\p{N}])/(?=[\p{L}\p{M}\p{N}])     # A/B
    | (?<=[\p{L}\p{M}\p{N}])\#|\#(?=[\p{L}\p{M}\p{N}])  # C#, #1; not the mark of a heading
    | \?(?!\?)
    | !(?==)                                           # !=
    | ~(?=\p{N})
    | [%‰‱&@§¶[\p{Sc}\p{Sm}\p{So}--[|~>©®]]]              # + = < € $ ° ★; no separators of titles, no ornament
    | (?<=\S)>(?=\S)
    """,
    regex.VERBOSE | regex.VERSION1,
)

_AROUND_WORDS: Final = ',;:()"“”„«»'  # of which nothing stays, whatever letters are beside them
_AFTER_WORDS: Final = _AROUND_WORDS + "."  # before letters a full stop stays: .NET
_WITHOUT_SEPARATORS: Final = str.maketrans("", "", ' \n,;:()".')  # of a line of plain English nothing else goes
_POINT_BEFORE_LETTER: Final = regex.compile(r"\.(?=[A-Za-z])")  # it may stay
_LETTERS: Final = regex.compile(r"[\p{L}\p{M}]+")
_ASCII_SEPARATOR: Final = regex.compile(r"[\x1c-\x1f]")


def copy_key(line: str) -> str:
    """Return the form of `line` in which copies of it are equal, "" where it has no letters, digits or such signs.

    Letters and their marks stay, in NFKC and small; harakat, tatweel and invisible characters go. A line with İ, ı or
    ğ has the small letters of Turkish. A number of decimal digits of any script, or of Ethiopic numerals, is its value
    between two bars: "दिन १२" and "दिन 12" are "दिन|12|", and no number is the beginning of another. Signs that carry
    meaning stay (C, C++ and C# differ, so do "=" and "≠", "5 %" and "5", "1.5" and "15", H₂ and H², re-signed and
    resigned, a question and a statement). Spaces, quotation marks, brackets, dashes between words and other punctuation
    go.
    """
    return (_cached_copy_key if len(line) <= _CACHED_LENGTH else _uncached_copy_key)(line)


def _uncached_copy_key(line: str) -> str:
    if line.isascii():
        letters = line.translate(_WITHOUT_SEPARATORS)
        if letters.isalpha() and not _POINT_BEFORE_LETTER.search(line):
            return letters.lower()
    text = line.lower().replace("`", "'") if line.isascii() else _folded(line)
    text = _GREEK_QUESTION_MARK.sub("?", text.translate(_SIGN_FORMS))
    text = _LEADING_DECORATION.sub("", text)
    # No alternative of `_PART` looks across white space: word by word, most of them letters, it takes a quarter of the
    # time. The separators of ASCII are white space to `split` alone.
    words = [text] if _ASCII_SEPARATOR.search(text) else text.split()
    return normalize("NFC", "".join(_parts(word) for word in words))


def _parts(word: str) -> str:
    """Return what stays of a word."""
    letters = word.rstrip(_AFTER_WORDS).lstrip(_AROUND_WORDS)
    if letters.isalpha() or _LETTERS.fullmatch(letters):
        return letters
    parts, after_point = [], False
    for match in _PART.finditer(word):
        digits = match["number"]
        parts.append(f"|{_value(digits, keeps_zeros=after_point)}|" if digits else match[0])
        after_point = not digits and match[0] in {".", ","}
    return "".join(parts)


def _folded(line: str) -> str:
    """Return `line` in NFKC and small letters, with the forms of one letter and of one sign made equal."""
    text = _NOT_DECIMAL.sub(lambda match: _bounded(match[0]), normalize("NFC", line).translate(_LETTER_FORMS))
    text = normalize("NFC", _COMPATIBILITY_RUN.sub(lambda run: normalize("NFKC", run[0]), text))
    text = text.translate(_TURKISH_CAPITALS) if _TURKISH_LETTER.search(text) else text
    text = _OPTIONAL.sub("", text.lower()).translate(_LETTER_FORMS)
    text = _INITIAL_HAMZA.sub("ا", normalize("NFC", text))
    return _DASH_BETWEEN_WORDS.sub(" ", text)


def are_copies(one: str, other: str) -> bool:
    """Return whether two lines have one `copy_key`, or one is in capitals, which say less: those of Greek have no
    accents, and ß is SS.
    """
    if copy_key(one) == copy_key(other):
        return True
    return one.isupper() != other.isupper() and _key_of_capitals(one) == _key_of_capitals(other)


def _key_of_capitals(line: str) -> str:
    return normalize("NFC", _GREEK_ACCENTS.sub("", normalize("NFD", copy_key(line)))).replace("ß", "ss")


def has_numbers_of(part: str, whole: str) -> bool:
    """Return whether every number in `part` is a number in `whole`: not so for "Day 1" and "Day 12"."""
    return set(_NUMBER.findall(copy_key(part))) <= set(_NUMBER.findall(copy_key(whole)))


_cached_copy_key = lru_cache(maxsize=4096)(_uncached_copy_key)


def _value(digits: str, *, keeps_zeros: bool) -> str:
    """Return the number of decimal `digits` in ASCII; without leading zeros, unless they follow a decimal point."""
    plain = "".join([str(decimal(digit, digit)) for digit in digits])
    return plain if keeps_zeros else plain.lstrip("0") or "0"


def _bounded(numeral: str) -> str:
    """Return numerals that are no decimal digits in ASCII digits, raised and lowered ones as they are; apart from the
    digits around them.
    """
    if numeral in _RAISED:
        return numeral
    ethiopic = "\u1369" <= numeral[0] <= "\u137c"
    return f"{_BOUNDARY}{_ethiopic_value(numeral) if ethiopic else normalize('NFKD', numeral)}{_BOUNDARY}"


def _ethiopic_value(numeral: str) -> int:
    """Return the value of an Ethiopic numeral: ፳፻፲፯ is 20 times 100, plus 10, plus 7."""
    total = group = 0
    for character in numeral:
        value = int(numeric(character))
        if value < 100:
            group += value
        elif value == 100:
            group = (group or 1) * 100
        else:
            total, group = (total + group or 1) * value, 0
    return total + group
