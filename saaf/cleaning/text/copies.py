"""Copy keys: the form of a line in which copies of it on one page are equal, and lines that say something else differ.

A line is removed as a copy of another only where the keys are equal, so whatever a reader could take for a difference
in meaning must stay in the key: numbers by their value, and signs such as %, +, a minus or a question mark. Case,
accents, spaces and punctuation do not count: themes print one headline in capitals here and with other dashes there.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from unicodedata import decimal, normalize, numeric

import regex

from saaf.cleaning.text.normalise import fold_letters

_CACHED_LENGTH: Final = 240  # characters: headlines; paragraphs do not recur
_BOUNDARY: Final = "\x00"  # between two numbers without a sign between them, as in 10²
_NOT_DECIMAL: Final = regex.compile(r"[\u1369-\u137C]+|\p{No}")  # Ethiopic numerals; superscripts, fractions, ① and ⅷ
_NUMBER: Final = regex.compile(r"\|(\d+)\|")
_SIGN_FORMS: Final = str.maketrans(
    dict.fromkeys("؟፧⸮՞", "?")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63", "-")
    | dict.fromkeys("⁄∕", "/")
    | {"٪": "%", "؉": "‰", "٫": ".", "٬": ",", "’": "'"}
)
_GREEK_QUESTION_MARK: Final = regex.compile(r"(?<=\p{Greek}\p{M}*);")
_LEADING_DECORATION: Final = regex.compile(r"^(?:[\s\p{So}\p{Co}•·*|]|-(?=\s))+")  # bullets, stars, icons
_PART: Final = regex.compile(
    r"""
    (?P<number>\p{Nd}+)
    | [\p{L}\p{M}\p{Nl}\p{No}]+                        # Chinese and Roman numerals are letters here
    | (?<=\p{N})[.,:'/-]+(?=\p{N})                     # 1.5, 2-1 and 3:2 are not 15, 21 and 32
    | (?<![\p{L}\p{M}\p{N}])-(?=\p{N})                 # -5; not the hyphen of Covid-19
    | (?<=[\p{L}\p{M}])-(?![\p{L}\p{M}\p{N}-])         # the grade A-, the blood group O-
    | (?<![\p{L}\p{M}\p{N}.])\.(?=\p{L})               # .NET
    | (?<=[\p{L}\p{M}\p{N}])/(?=[\p{L}\p{M}\p{N}])     # A/B
    | (?<=[\p{L}\p{M}\p{N}])\#|\#(?=[\p{L}\p{M}\p{N}])  # C#, #1; not the mark of a heading
    | \?(?!\?)
    | [%‰&@[\p{Sc}\p{Sm}\p{So}--[|~>©®]]]              # + = < € $ ° ★; no separators of titles, no ornament
    | (?<=\S)>(?=\S)
    """,
    regex.VERBOSE | regex.VERSION1,
)


def copy_key(line: str) -> str:
    """Return the form of `line` in which copies of it are equal, "" where it has no letters, digits or such signs.

    Letters and marks stay, less the case, the optional marks and the variants that `phrase_key` folds too. A number of
    decimal digits of any script, or of Ethiopic numerals, is its value between two bars: "दिन १२" and "दिन 12" are
    "दिन|12|", and no number is the beginning of another. Signs that carry meaning stay (C, C++ and C# differ, so do
    "5 %" and "5", "1.5" and "15", a question and a statement). Spaces, quotation marks, brackets, dashes between words
    and other punctuation go.
    """
    return (_cached_copy_key if len(line) <= _CACHED_LENGTH else _uncached_copy_key)(line)


def _uncached_copy_key(line: str) -> str:
    text = line if line.isascii() else _NOT_DECIMAL.sub(lambda match: _bounded(match[0]), line)
    text = _GREEK_QUESTION_MARK.sub("?", fold_letters(text).translate(_SIGN_FORMS))
    text = _LEADING_DECORATION.sub("", text)
    parts, after_point = [], False
    for match in _PART.finditer(text):
        digits = match["number"]
        parts.append(f"|{_value(digits, keeps_zeros=after_point)}|" if digits else match[0])
        after_point = not digits and match[0] in {".", ","}
    return normalize("NFC", "".join(parts))


def has_numbers_of(part: str, whole: str) -> bool:
    """Return whether every number in `part` is a number in `whole`: not so for "Day 1" and "Day 12"."""
    return set(_NUMBER.findall(copy_key(part))) <= set(_NUMBER.findall(copy_key(whole)))


_cached_copy_key = lru_cache(maxsize=4096)(_uncached_copy_key)


def _value(digits: str, *, keeps_zeros: bool) -> str:
    """Return the number of decimal `digits` in ASCII; without leading zeros, unless they follow a decimal point."""
    plain = "".join([str(decimal(digit)) for digit in digits])
    return plain if keeps_zeros else plain.lstrip("0") or "0"


def _bounded(numeral: str) -> str:
    """Return numerals that are no decimal digits in ASCII digits, apart from the digits around them."""
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
