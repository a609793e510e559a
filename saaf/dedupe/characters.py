"""Folding tables: what each code point becomes in a fingerprint, built once from Python's Unicode data.

Folding is one look-up per code point, so that a batch of texts is folded by indexing an array. The compiled code uses
the same tables, so it gives the same result.
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

SEPARATOR, WORD, SPACELESS, EXTEND = range(4)
"""Kinds of code points: between tokens; part of a word; a token of its own; part of the token before it."""

POINT_MASK = 0x1FFFFF
"""The bits of a packed entry that hold the code point, 0 to 20; its kind is in bits 21 and 22."""
COMBINING_BIT, EXPANDS_BIT, DELETED_BIT = 23, 24, 25
"""Numbers of the flag bits of a packed entry: it has a combining class; it folds to several code points; to none."""

CODE_POINT_COUNT = 0x110000
_ASSIGNED_RANGES = (range(0x33500), range(0xE0000, 0xE1000))  # all others are private or unassigned: separators

# Scripts written without spaces between words; a shingle of theirs is made of characters with their marks.
_SPACELESS_SCRIPTS = (
    *("Han", "Hiragana", "Katakana", "Bopomofo", "Yi", "Thai", "Lao", "Khmer", "Myanmar"),
    *("Tai_Le", "New_Tai_Lue", "Tai_Tham", "Tai_Viet", "Javanese", "Balinese"),
)
_KANA_MARKS = "\u3099\u309a\u30fc\uff70"  # voicing marks and the long-vowel sign belong to no single script

# Letters that Arabic, Persian and Urdu keyboards give different code points, or whose hamza comes and goes. NFKD has
# already turned precomposed hamza and presentation forms into base letters when this is looked up.
_LETTER_EQUIVALENTS = {
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
class FoldingTables:
    """The result of folding each code point, as arrays indexed by code point.

    Code point `c` folds to `length[c]` code points, none where it is deleted: `first[c]`, and after it the next ones
    from `rest[rest_start[c]]` on. `kind` and `combining_class` (Unicode's canonical combining class) are looked up with
    folded code points.
    """

    length: NDArray[np.uint8]
    first: NDArray[np.uint32]
    rest_start: NDArray[np.uint32]
    rest: NDArray[np.uint32]
    kind: NDArray[np.uint8]
    combining_class: NDArray[np.uint8]


class PackedTables(NamedTuple):
    """`FoldingTables` with all that a loop needs of a code point in one integer; arrays indexed by code point.

    `folded` describes the first code point that a code point folds to, `unfolded` the code point itself. An entry is
    the code point (`POINT_MASK`), its kind from bit 21 on, and the flag bits named above. `max_per_byte` is the
    most code points that one byte of UTF-8 folds to, `max_length` the most that one code point folds to.
    """

    folded: NDArray[np.uint32]
    unfolded: NDArray[np.uint32]
    length: NDArray[np.uint8]
    rest_start: NDArray[np.uint32]
    rest: NDArray[np.uint32]
    combining_class: NDArray[np.uint8]
    max_per_byte: int
    max_length: int


@functools.cache
def packed_tables() -> PackedTables:
    """Return the packed form of `folding_tables()`."""
    table = folding_tables()
    unfolded = np.arange(CODE_POINT_COUNT, dtype=np.uint32)
    unfolded |= table.kind.astype(np.uint32) << np.uint32(21)
    unfolded |= (table.combining_class > 0).astype(np.uint32) << np.uint32(COMBINING_BIT)
    folded = unfolded[table.first]
    folded |= (table.length > 1).astype(np.uint32) << np.uint32(EXPANDS_BIT)
    folded[table.length == 0] = 1 << DELETED_BIT | 1 << COMBINING_BIT  # its neighbours may be marks, then adjacent
    longest = int(table.length.max())
    return PackedTables(
        folded=folded,
        unfolded=unfolded,
        length=table.length,
        rest_start=table.rest_start,
        rest=table.rest,
        combining_class=table.combining_class,
        max_per_byte=-(
            -longest // 3
        ),  # the longest expansion is of a code point of three bytes; others have less a byte
        max_length=longest,
    )


@functools.cache
def folding_tables() -> FoldingTables:
    """Return the tables for this Python's Unicode version; built at first use, in a fraction of a second."""
    first = np.arange(CODE_POINT_COUNT, dtype=np.uint32)
    rest_start = np.zeros(CODE_POINT_COUNT, np.uint32)
    rest: list[int] = []
    length = np.ones(CODE_POINT_COUNT, np.uint8)
    kind = np.zeros(CODE_POINT_COUNT, np.uint8)
    combining_class = np.zeros(CODE_POINT_COUNT, np.uint8)
    letters = "".join(letter for block in _ASSIGNED_RANGES for letter in map(chr, block) if _is_assigned(letter))
    spaceless = frozenset(regex.findall("|".join(rf"\p{{sc={name}}}" for name in _SPACELESS_SCRIPTS), letters))
    deleted = _deleted(letters)
    for letter in letters:
        code = ord(letter)
        kind[code] = _kind(letter, letter in spaceless or letter in _KANA_MARKS)
        combining_class[code] = unicodedata.combining(letter)
        folded = _fold_letter(letter, deleted)
        if folded != letter:
            length[code] = len(folded)
            first[code] = ord(folded[0]) if folded else 0
            rest_start[code] = len(rest)
            rest.extend(map(ord, folded[1:]))
    return FoldingTables(
        length=length,
        first=first,
        rest_start=rest_start,
        rest=np.array(rest, np.uint32),
        kind=kind,
        combining_class=combining_class,
    )


def _deleted(letters: str) -> frozenset[str]:
    """Return the characters that folding deletes: invisible ones, and marks of optional vocalisation, such as harakat.

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
        return EXTEND
    return WORD if category[0] in "LM" or category == "Nd" else SEPARATOR


def _fold_letter(letter: str, deleted: frozenset[str]) -> str:
    """Return what one code point folds to: compatibility decomposition (NFKD), case folding, `_LETTER_EQUIVALENTS`."""
    if letter in deleted:
        return ""
    plain = unicodedata.normalize("NFKD", letter)
    if plain[0] == " ":
        return _LETTER_EQUIVALENTS.get(letter, " ")  # an accent standing alone separates, as the space under it does
    cased = unicodedata.normalize("NFKD", plain.casefold())
    return "".join(_fold_part(part) for part in cased if part not in deleted)


def _fold_part(part: str) -> str:
    if part in _LETTER_EQUIVALENTS:
        return _LETTER_EQUIVALENTS[part]
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
