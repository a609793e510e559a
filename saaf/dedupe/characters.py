"""What each code point becomes in a fingerprint, as tables built once from Python's Unicode data.

Folding is one look-up per code point, so that a batch of texts is folded by indexing an array, and the same tables
serve any faster kernel with the same result.
"""

from __future__ import annotations

import functools
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import regex

if TYPE_CHECKING:
    from numpy.typing import NDArray

VERSION = f"2 (Unicode {unicodedata.unidata_version})"
"""Version of folding and tokenisation: fingerprints of two versions must never be compared."""

SEPARATOR, WORD, SPACELESS, EXTENDS = range(4)
"""Kinds of code points: between tokens; part of a word; a token of its own; part of whatever token it follows."""

LETTER = 0x1FFFFF
"""The bits of a packed entry that hold its code point; its kind are the next two."""
ORDERED, MANY, GONE = 23, 24, 25
"""Bits of a packed entry: it has a combining class; it folds to several code points, to none."""

CODE_POINTS = 0x110000
_ASSIGNED = (range(0x33500), range(0xE0000, 0xE1000))  # beyond lie private use and nothing: separators, all of them

# Scripts written without spaces between words; a shingle of theirs is made of characters with their marks.
_SPACELESS_SCRIPTS = (
    *("Han", "Hiragana", "Katakana", "Bopomofo", "Yi", "Thai", "Lao", "Khmer", "Myanmar"),
    *("Tai_Le", "New_Tai_Lue", "Tai_Tham", "Tai_Viet", "Javanese", "Balinese"),
)
_KANA_MARKS = "\u3099\u309a\u30fc\uff70"  # voicing marks and the long-vowel sign belong to no single script

# Letters that Arabic, Persian and Urdu keyboards give different code points, or whose hamza comes and goes. NFKD has
# already turned precomposed hamza and presentation forms into base letters when this is looked up.
_SAME_LETTER = {
    **dict.fromkeys("\u0649\u06cc", "\u064a"),  # alef maksura, Farsi yeh → yeh
    **dict.fromkeys("\u06a9\u06aa", "\u0643"),  # keheh, swash kaf → kaf
    **dict.fromkeys("\u0629\u06be\u06c1\u06c3\u06d5", "\u0647"),  # teh marbuta, doachashmee, goal, ae → heh
    **dict.fromkeys("\u0671\u0672\u0673", "\u0627"),  # wasla and wavy hamza → alef
    "\u0a01": "\u0a02",  # Gurmukhi adak bindi → bindi
    "\u0a70": "\u0a02",  # Gurmukhi tippi → bindi
    "\u0c00": "\u0c02",  # Telugu candrabindu above → anusvara
    "\u09ce": "\u09a4\u09cd",  # Bengali khanda ta → ta, virama (older texts add ZWJ)
    **{chr(0x0D7A + i): base + "\u0d4d" for i, base in enumerate("\u0d23\u0d28\u0d30\u0d32\u0d33\u0d15")},  # chillus
    **dict.fromkeys("\u02b9\u02bb\u02bc\u02bd\u2018\u2019\u201a\u201b\u2032\u2039\u203a`\u00b4", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u300c\u300d\u300e\u300f", '"'),
    "\u2212": "-",
    "\u0131": "i",  # Turkish dotless i, whose capital is I
}
_ARABIC_MARKS = frozenset(map(chr, (*range(0x064B, 0x0660), 0x0670, 0x0674, 0x0640, 0x06E5, 0x06E6)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Arrays indexed by code point.

    Code point `c` folds to `length[c]` code points, none where it is deleted: `first[c]`, and after it
    `rest[rest_start[c]:]`. `kind` and `order` (the canonical combining class) are looked up with folded code points.
    """

    length: NDArray[np.uint8]
    first: NDArray[np.uint32]
    rest_start: NDArray[np.uint32]
    rest: NDArray[np.uint32]
    kind: NDArray[np.uint8]
    order: NDArray[np.uint8]


class Packed(NamedTuple):
    """The tables with what a compiled loop asks about a code point in one place; indexed by code point, as `Tables`.

    `letters` is what a code point folds to and what that is, `plain` is what it is unfolded: the code point, its kind
    from bit 21 on, and the bits named above. `growth` is the most code points that one byte of UTF-8 folds to,
    `longest` the most that one code point folds to.
    """

    letters: NDArray[np.uint32]
    plain: NDArray[np.uint32]
    length: NDArray[np.uint8]
    rest_start: NDArray[np.uint32]
    rest: NDArray[np.uint32]
    order: NDArray[np.uint8]
    growth: int
    longest: int


@functools.cache
def packed() -> Packed:
    """Return the packed form of the tables."""
    table = tables()
    plain = np.arange(CODE_POINTS, dtype=np.uint32)
    plain |= table.kind.astype(np.uint32) << np.uint32(21)
    plain |= (table.order > 0).astype(np.uint32) << np.uint32(ORDERED)
    letters = plain[table.first]
    letters |= (table.length > 1).astype(np.uint32) << np.uint32(MANY)
    letters[table.length == 0] = 1 << GONE | 1 << ORDERED  # two marks may come to stand side by side
    return Packed(
        letters=letters,
        plain=plain,
        length=table.length,
        rest_start=table.rest_start,
        rest=table.rest,
        order=table.order,
        growth=-(-int(table.length.max()) // 3),  # the longest are of three bytes, shorter ones of half as many
        longest=int(table.length.max()),
    )


@functools.cache
def tables() -> Tables:
    """Return the tables of this Python's Unicode version; made at first use, in a fraction of a second."""
    first = np.arange(CODE_POINTS, dtype=np.uint32)
    rest_start = np.zeros(CODE_POINTS, np.uint32)
    rest: list[int] = []
    length = np.ones(CODE_POINTS, np.uint8)
    kind = np.zeros(CODE_POINTS, np.uint8)
    order = np.zeros(CODE_POINTS, np.uint8)
    letters = "".join(letter for block in _ASSIGNED for letter in map(chr, block) if _is_assigned(letter))
    spaceless = frozenset(regex.findall("|".join(rf"\p{{sc={name}}}" for name in _SPACELESS_SCRIPTS), letters))
    deleted = _deleted(letters)
    for letter in letters:
        code = ord(letter)
        kind[code] = _kind(letter, letter in spaceless or letter in _KANA_MARKS)
        order[code] = unicodedata.combining(letter)
        folded = _fold_letter(letter, deleted)
        if folded != letter:
            length[code] = len(folded)
            first[code] = ord(folded[0]) if folded else 0
            rest_start[code] = len(rest)
            rest.extend(map(ord, folded[1:]))
    return Tables(
        length=length, first=first, rest_start=rest_start, rest=np.array(rest, np.uint32), kind=kind, order=order
    )


def _deleted(letters: str) -> frozenset[str]:
    """Return what a reader does not see, or may see or not see in the same word: marks of optional vocalisation.

    U+0080 to U+009F stay, and separate: pages decoded as Latin-1 have Windows' quotes and dashes there.
    """
    invisible = regex.findall(
        r"\p{Default_Ignorable_Code_Point}|\p{Cf}|[\p{Cc}--[\s\x80-\x9f]]", letters, flags=regex.V1
    )
    marks = regex.findall(r"[\p{Mn}&&[\p{sc=Arabic}\p{sc=Hebrew}]]", letters, flags=regex.V1)
    nuktas = (letter for letter in letters if unicodedata.name(letter, "").endswith("SIGN NUKTA"))
    return _ARABIC_MARKS.union(invisible, marks, nuktas)


def _is_assigned(letter: str) -> bool:
    return unicodedata.category(letter) not in {"Cn", "Co", "Cs"}


def _kind(letter: str, spaceless: bool) -> int:
    category = unicodedata.category(letter)
    if spaceless and category[0] in "LN":
        return SPACELESS
    if spaceless and category[0] == "M":
        return EXTENDS
    return WORD if category[0] in "LM" or category == "Nd" else SEPARATOR


def _fold_letter(letter: str, deleted: frozenset[str]) -> str:
    """Return what one code point becomes: compatibility decomposition, no case, and the families above."""
    if letter in deleted:
        return ""
    plain = unicodedata.normalize("NFKD", letter)
    if plain[0] == " ":
        return _SAME_LETTER.get(letter, " ")  # an accent standing alone separates, as the space under it does
    cased = unicodedata.normalize("NFKD", plain.casefold())
    return "".join(_fold_part(part) for part in cased if part not in deleted)


def _fold_part(part: str) -> str:
    if part in _SAME_LETTER:
        return _SAME_LETTER[part]
    category = unicodedata.category(part)
    if category == "Nd":
        return str(unicodedata.decimal(part))
    if category == "Pd":
        return "-"
    if category[0] == "M":
        name = unicodedata.name(part)
        if name.endswith("SIGN CANDRABINDU"):
            return _lookup(name.replace("CANDRABINDU", "ANUSVARA"), part)
    return part


def _lookup(name: str, default: str) -> str:
    try:
        return unicodedata.lookup(name)
    except KeyError:
        return default
