"""Sequences of code points that are another encoding, or another typing, of the same text: rewritten in folded texts.

`characters` folds one code point at a time. What depends on neighbours is rare in ordinary text and stands here, as
regular expressions on folded strings, once for both engines. `PAIRS` says which two neighbours make a rewriting
necessary, so that texts without such a pair are never searched.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

import regex

from saaf.dedupe.letters import ACCENT_PAIRS, drop_accents

if TYPE_CHECKING:
    from collections.abc import Callable


class Pair(NamedTuple):
    """Neighbours of which one is in `firsts` and the next in `seconds`; `rare` is the side that texts seldom have.

    Empty `firsts` stand for any character, and for the start of a text.
    """

    firsts: str
    seconds: str
    rare: Literal["firsts", "seconds"]


def _characters(*ranges: tuple[int, int]) -> str:
    """Return the characters of ranges of code points, both ends included."""
    return "".join(chr(code) for first, last in ranges for code in range(first, last + 1))


# Two code points that look like one, mostly independent vowels made of a letter and a vowel sign: Unicode's "do not
# use" tables (core specification, chapters 12 and 13), in each row: letter, signs, the letters that they make.
_TWO_FOR_ONE = {
    first + second: whole
    for first, seconds, wholes in (
        ("अ", "\u093a\u093b\u093e\u0945\u0946\u0949\u094a\u094b\u094c\u094f\u0956\u0957", "ॳॴआॲऄऑऒओऔॵॶॷ"),
        ("आ", "\u093a\u0945\u0946\u0947\u0948", "ॴऑऒओऔ"), ("उ", "\u0941", "ऊ"), ("ए", "\u0945\u0946\u0947", "ऍऎऐ"),
        ("অ", "\u09be", "আ"), ("ঋ", "\u09c3", "ৠ"), ("ঌ", "\u09e2", "ৡ"),
        ("ਅ", "\u0a3e\u0a48\u0a4c", "ਆਐਔ"), ("ੲ", "\u0a3f\u0a40\u0a47", "ਇਈਏ"), ("ੳ", "\u0a41\u0a42\u0a4b", "ਉਊਓ"),
        ("અ", "\u0abe\u0ac5\u0ac7\u0ac8\u0ac9\u0acb\u0acc", "આઍએઐઑઓઔ"), ("આ", "\u0ac5", "ઑ"),
        ("ଅ", "\u0b3e", "ଆ"), ("ଏ", "\u0b57", "ଐ"), ("ଓ", "\u0b57", "ଔ"), ("அ", "\u0bc2", "ஆ"),
        ("ఒ", "\u0c55\u0c4c", "ఓఔ"), ("ಉ", "\u0cbe", "ಊ"), ("ಒ", "\u0ccc", "ಔ"), ("ಋ", "\u0cbe", "ೠ"),
        ("ഇ", "\u0d57", "ഈ"), ("ഉ", "\u0d57", "ഊ"), ("എ", "\u0d46", "ഐ"), ("ഒ", "\u0d3e\u0d57", "ഓഔ"),
        ("\u0d46", "\u0d57", "\u0d57"),  # Malayalam au
        ("අ", "\u0dcf\u0dd0\u0dd1", "ආඇඈ"), ("උ", "\u0ddf", "ඌ"), ("ඍ", "\u0dd8", "ඎ"), ("ඏ", "\u0ddf", "ඐ"),
        ("එ", "\u0dca\u0dd9", "ඒඓ"), ("ඔ", "\u0ddf", "ඖ"),
        ("เ", "เ", "แ"), ("ເ", "ເ", "ແ"),  # Thai, Lao e twice → ae
        ("\u17c1", "\u17b6\u17b8", "\u17c4\u17be"),  # Khmer e with aa, ii → oo, oe
    )
    for second, whole in zip(seconds, wholes, strict=True)
}  # fmt: skip
_TWO_FOR_ONE["\u17d2\u178a"] = "\u17d2\u178f"  # Khmer subscripts of da and ta: one shape

# Marks of one letter in the order in which they are written; other orders are typed, which most fonts draw alike and
# Unicode's normalisation leaves.
_INDIC_BLOCKS = range(0x0900, 0x0D80, 0x80)  # Devanagari to Malayalam: the same places in each
_VOWEL_SIGNS = "".join(_characters((base + 0x3E, base + 0x4C), (base + 0x55, base + 0x57)) for base in _INDIC_BLOCKS)
_BINDUS = "".join(  # Bengali has a letter at the first place
    _characters((base + (base == 0x0980), base + 3)) for base in _INDIC_BLOCKS
)
_MARK_ORDERS = (
    # vowels above and below, then tones, then nikhahit, as sara am is decomposed: Thai and Lao
    (_characters((0x0E31, 0x0E31), (0x0E34, 0x0E39), (0x0E47, 0x0E47)), _characters((0x0E48, 0x0E4C)), "\u0e4d"),
    (_characters((0x0EB1, 0x0EB1), (0x0EB4, 0x0EB9), (0x0EBB, 0x0EBB)), _characters((0x0EC8, 0x0ECC)), "\u0ecd"),
    # vowel sign, then anusvara, candrabindu or visarga, in Gurmukhi also tippi and addak
    (_VOWEL_SIGNS, _BINDUS + "\u0a70\u0a71"),
    (_characters((0x0DCF, 0x0DDF)), _characters((0x0D81, 0x0D83))),
    # Burmese, Unicode Technical Note 11: medials, vowels, anusvara, dot below, asat, visarga
    (
        *("\u103b", "\u103c", "\u103d", "\u103e", "\u1031", "\u102d\u102e\u1032", "\u102f\u1030"),
        *("\u102b\u102c", "\u1036", "\u1037", "\u103a", "\u1038"),
    ),
)
_MARK_RANK = {mark: rank for order in _MARK_ORDERS for rank, marks in enumerate(order) for mark in marks}
_BURMESE_MARKS = "".join(_MARK_ORDERS[-1])
_BURMESE_LETTERS = _characters((0x1000, 0x103F))

# Khmer marks of one letter: robat, subscripts with that of ro last, register shifter, vowels, other signs.
_KHMER_LETTERS, _KHMER_VOWELS, _KHMER_SHIFTERS = r"\u1780-\u17b3", _characters((0x17B6, 0x17C5)), "\u17c9\u17ca"
_KHMER_SIGNS = "\u17c6\u17c7\u17c8\u17cb" + _characters((0x17CD, 0x17D1))
_COENG, _RO = "\u17d2", "\u179a"
_KHMER_MARK = re.compile(rf"{_COENG}[{_KHMER_LETTERS}]|[\u17b6-\u17d1]")
_KHMER_CLUSTER = re.compile(rf"(?:{_COENG}[{_KHMER_LETTERS}]|[\u17b6-\u17d1])+")
_KHMER_DISORDER = re.compile(
    rf"[\u17b6-\u17c8\u17cb\u17cd-\u17d1][{_COENG}{_KHMER_SHIFTERS}]|[{_KHMER_SIGNS}][\u17b6-\u17c5]|{_RO}{_COENG}"
)

_NUMERALS = _characters((0x1369, 0x137C))
_VALUES = dict(zip(_NUMERALS, (*range(1, 10), *range(10, 100, 10), 100, 10_000), strict=True))


def _marks_of_rank(*ranks: int) -> str:
    return "".join(mark for mark, rank in _MARK_RANK.items() if rank in ranks)


_DIGITS, _SOFT_HYPHEN = "0123456789", "\u00ad"
ALWAYS_REWRITTEN = frozenset(_SOFT_HYPHEN + _NUMERALS)
"""Characters that folding leaves to `rewrite`, whatever stands beside them."""
PAIRS = (
    Pair("", _SOFT_HYPHEN + _NUMERALS, "seconds"),
    Pair("-", "\n\r", "firsts"),
    *(Pair(letters, marks, "seconds") for letters, marks in ACCENT_PAIRS),
    Pair("".join({two[0] for two in _TWO_FOR_ONE}), "".join({two[1] for two in _TWO_FOR_ONE}), "firsts"),
    *(Pair(_marks_of_rank(rank), _marks_of_rank(*range(rank)), "firsts") for rank in range(1, 12)),
    Pair(_BURMESE_LETTERS, "0", "firsts"),  # digits are frequent in other languages
    Pair("0", _BURMESE_LETTERS, "seconds"),
    Pair(_DIGITS, "\u101d", "seconds"),
    Pair("47", _BURMESE_MARKS + "\u1004", "seconds"),
    Pair(_KHMER_VOWELS + _KHMER_SIGNS, _COENG + _KHMER_SHIFTERS, "seconds"),
    Pair(_KHMER_SIGNS, _KHMER_VOWELS, "firsts"),
    Pair(_RO, _COENG, "seconds"),
)
"""What `rewrite` may change holds such a pair: no text without one is changed."""


def rewrite(text: str) -> str:
    """Return a folded text with each sequence replaced by its usual one; a word divided at a line end is one word."""
    text = _DIVIDED_WORD.sub("", text).replace(_SOFT_HYPHEN, "")
    if text.isascii():
        return text
    text = drop_accents(text)
    text = _KHMER_CLUSTER.sub(_khmer_order, text) if _KHMER_DISORDER.search(text) else text
    text = _MARK_RUN.sub(lambda match: "".join(sorted(match[0], key=_MARK_RANK.__getitem__)), text)
    text = _MALAYALAM_AU.sub("\u0d57", text)
    for _ in range(2):  # अ, ा, ॅ make आ, ॅ, and these make ऑ
        text = _TWO_FOR_ONE_PATTERN.sub(lambda match: _TWO_FOR_ONE[match[0]], text)
    for pattern, replacement in _DIGITS_FOR_LETTERS:
        text = pattern.sub(replacement, text)
    return _NUMERAL_RUN.sub(_number, text)


_DIVIDED_WORD = regex.compile(rf"(?<=[\p{{L}}\p{{M}}])[-{_SOFT_HYPHEN}]+(?:\r\n|\n|\r)[ \t]*(?=\p{{L}})")
_MARK_RUN = re.compile(f"[{''.join(_MARK_RANK)}]{{2,}}")
_MALAYALAM_AU = re.compile("\u0d46+\u0d57")  # in two parts → the length mark alone
_TWO_FOR_ONE_PATTERN = re.compile("|".join(_TWO_FOR_ONE))
_BURMESE = "[\u1000-\u103f]"
_DIGITS_FOR_LETTERS: list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]] = [
    (re.compile(f"7(?=[{_BURMESE_MARKS}])"), lambda _: "\u101b"),  # seven → ra
    (re.compile("4(?=\u1004\u103a\u1038)"), lambda _: "\u104e"),  # four → the sign of "the said"
    (re.compile(f"(?<=[0-9])\u101d+(?![{_BURMESE_MARKS}])"), lambda match: "0" * len(match[0])),
    (re.compile(f"(?<![0-9])0+(?={_BURMESE})"), lambda match: "\u101d" * len(match[0])),
    (re.compile(f"(?<={_BURMESE})0+(?![0-9])"), lambda match: "\u101d" * len(match[0])),
]
_NUMERAL_RUN = re.compile(f"[{_NUMERALS}]{{1,12}}")  # longer runs are no number: read in parts


def _khmer_order(match: re.Match[str]) -> str:
    return "".join(sorted(_KHMER_MARK.findall(match[0]), key=_khmer_rank))


def _khmer_rank(mark: str) -> int:
    if mark[0] == _COENG:
        return 2 if mark[1] == _RO else 1
    if mark in _KHMER_SHIFTERS:
        return 3
    return 0 if mark == "\u17cc" else 4 if mark in _KHMER_VOWELS else 5


def _number(match: re.Match[str]) -> str:
    """Return an Ethiopic number in digits: ፲፱፻፺፱ is 19 hundreds and 99."""
    total = group = units = 0
    for numeral in match[0]:
        value = _VALUES[numeral]
        if value < 100:
            units += value
        elif value == 100:
            group, units = group + max(units, 1) * 100, 0
        else:
            total, group, units = max(total + group + units, 1) * 10_000, 0, 0
    return str(total + group + units)
