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

from saaf.dedupe.letters import LETTER_EQUIVALENTS, WHOLE_LETTERS, drop_accents, optional_marks
from saaf.dedupe.sequences import ALWAYS_REWRITTEN, PAIRS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

VERSION = f"3 (Unicode {unicodedata.unidata_version})"
"""Version of folding and tokenisation: fingerprints of two versions must never be compared."""

SEPARATOR, WORD, SPACELESS, EXTEND = range(4)
"""Kinds of code points: between tokens; part of a word; a token of its own; part of the token before it."""

POINT_MASK = 0x1FFFFF
"""The bits of a packed entry that hold the code point, 0 to 20; its kind is in bits 21 and 22."""
PAIR_CLASS_BIT, PAIR_CLASS_MASK, RARE_PAIR_CLASS = 23, 63, 32
"""The pair class of a packed entry, 0 to 63, is in bits 23 to 28; classes from 32 on are rare in texts."""
COMBINING_BIT, EXPANDS_BIT, DELETED_BIT = 29, 30, 31
"""Numbers of the flag bits of a packed entry: it has a combining class; it folds to several code points or to none; to
none."""

CODE_POINT_COUNT = 0x110000
_UNASSIGNED = frozenset({"Cn", "Co", "Cs"})
_KINDS = dict.fromkeys(("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd"), WORD)  # others are separators
_SPACELESS_KINDS = {"L": SPACELESS, "N": SPACELESS, "M": EXTEND}
_RUN = 256  # letters that are looked at together
_ASSIGNED_RANGES = (range(0x33500), range(0xE0000, 0xE1000))  # all others are private or unassigned: separators

# Scripts written without spaces between words; a shingle of theirs is made of characters with their marks.
_SPACELESS_SCRIPTS = (
    *("Han", "Hiragana", "Katakana", "Bopomofo", "Yi", "Thai", "Lao", "Khmer", "Myanmar"),
    *("Tai_Le", "New_Tai_Lue", "Tai_Tham", "Tai_Viet", "Javanese", "Balinese"),
)
_KANA_MARKS = "\u3099\u309a\u30fc\uff70"  # voicing marks and the long-vowel sign belong to no single script


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
    the code point (`POINT_MASK`), its kind from bit 21 on, its pair class and the flag bits named above. Bit b of
    `pairs[a]`, uint64[64], tells that a code point of class b after one of class a makes `sequences.rewrite` necessary.
    `max_per_byte` is the most code points that one byte of UTF-8 folds to, `max_length` the most that one code point
    folds to.
    """

    folded: NDArray[np.uint32]
    unfolded: NDArray[np.uint32]
    length: NDArray[np.uint8]
    rest_start: NDArray[np.uint32]
    rest: NDArray[np.uint32]
    combining_class: NDArray[np.uint8]
    pairs: NDArray[np.uint64]
    max_per_byte: int
    max_length: int


@functools.cache
def packed_tables() -> PackedTables:
    """Return the packed form of `folding_tables()`."""
    table = folding_tables()
    unfolded = np.arange(CODE_POINT_COUNT, dtype=np.uint32)
    unfolded |= table.kind.astype(np.uint32) << np.uint32(21)
    unfolded |= (table.combining_class > 0).astype(np.uint32) << np.uint32(COMBINING_BIT)
    classes, pairs = _pair_classes()
    for code, pair_class in classes.items():
        unfolded[code] |= pair_class << PAIR_CLASS_BIT
    folded = unfolded[table.first]
    folded |= (table.length > 1).astype(np.uint32) << np.uint32(EXPANDS_BIT)
    folded[table.length == 0] = 1 << DELETED_BIT | 1 << EXPANDS_BIT
    longest = int(table.length.max())
    return PackedTables(
        folded=folded,
        unfolded=unfolded,
        length=table.length,
        rest_start=table.rest_start,
        rest=table.rest,
        combining_class=table.combining_class,
        pairs=pairs,
        max_per_byte=-(
            -longest // 3
        ),  # the longest expansion is of a code point of three bytes; others have less a byte
        max_length=longest,
    )


def _pair_classes() -> tuple[dict[int, int], NDArray[np.uint64]]:
    """Return the pair class of each code point of `sequences.PAIRS`, and `PackedTables.pairs`.

    Code points that are in the same sides of the same pairs are of one class; 0 is that of all others.
    """
    sides: dict[str, list[int]] = {}  # the pairs that a character is the first of, and the second of, as bit sets
    rare: set[str] = set()
    any_first = 0
    for number, pair in enumerate(PAIRS):
        for side, characters in enumerate((pair.firsts, pair.seconds)):
            for character in characters:
                sides.setdefault(character, [0, 0])[side] |= 1 << number
        rare.update(getattr(pair, pair.rare))
        any_first |= 0 if pair.firsts else 1 << number
    classes = {(False, 0, 0): 0}
    of_code = {}
    for character, (first, second) in sorted(sides.items()):
        kind = (character in rare, first, second)
        number = sum(known[0] == kind[0] for known in classes) + RARE_PAIR_CLASS * kind[0]
        of_code[ord(character)] = classes.setdefault(kind, number)
    pairs = np.zeros(PAIR_CLASS_MASK + 1, np.uint64)
    for (_, first, _), one in classes.items():
        for (_, _, second), other in classes.items():
            pairs[one] |= np.uint64(1 << other if (first | any_first) & second else 0)
    if max(classes.values()) > PAIR_CLASS_MASK or sum(not kind[0] for kind in classes) > RARE_PAIR_CLASS:
        raise ValueError("saaf.dedupe.sequences.PAIRS make more pair classes than a packed entry has room for")
    return of_code, pairs


@functools.cache
def folding_tables() -> FoldingTables:
    """Return the tables for this Python's Unicode version; built at first use, in a fraction of a second."""
    first = np.arange(CODE_POINT_COUNT, dtype=np.uint32)
    rest_start = np.zeros(CODE_POINT_COUNT, np.uint32)
    rest: list[int] = []
    length = np.ones(CODE_POINT_COUNT, np.uint8)
    kind = np.zeros(CODE_POINT_COUNT, np.uint8)
    combining_class = np.zeros(CODE_POINT_COUNT, np.uint8)
    letters = _assigned_letters()
    codes = np.frombuffer(letters.encode("utf-32-le"), np.uint32)
    kind[codes] = _kinds(letters)
    combining_class[codes] = np.frombuffer(bytes(map(unicodedata.combining, letters)), np.uint8)
    deleted = optional_marks(letters) - ALWAYS_REWRITTEN
    for letter in _may_change(letters, deleted):
        code = ord(letter)
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


def _assigned_letters() -> str:
    found = "".join([chr(code) for block in _ASSIGNED_RANGES for code in block])
    categories = map(unicodedata.category, found)
    return "".join([letter for letter, category in zip(found, categories, strict=True) if category not in _UNASSIGNED])


def _kinds(letters: str) -> NDArray[np.uint8]:
    """Return the kind of each of the `letters`."""
    categories = list(map(unicodedata.category, letters))
    kinds = [_KINDS.get(category, SEPARATOR) for category in categories]
    scripts = "".join(rf"\p{{sc={name}}}" for name in _SPACELESS_SCRIPTS)
    for run in regex.finditer(rf"[{scripts}{_KANA_MARKS}]+", letters):
        for place in range(*run.span()):
            kinds[place] = _SPACELESS_KINDS.get(categories[place][0], kinds[place])
    return np.array(kinds, np.uint8)


def _may_change(letters: str, deleted: frozenset[str]) -> Iterator[str]:
    """Yield the letters that may fold to something else: not the hundred thousand ideographs, which are looked at in
    runs.
    """
    special = deleted | WHOLE_LETTERS.keys() | LETTER_EQUIVALENTS.keys()
    for start in range(0, len(letters), _RUN):
        run = letters[start : start + _RUN]
        is_plain = regex.fullmatch(r"\p{Lo}+", run) and unicodedata.normalize("NFKD", run) == run == drop_accents(run)
        if not is_plain or run.casefold() != run or not special.isdisjoint(run):
            yield from run


def _fold_letter(letter: str, deleted: frozenset[str]) -> str:
    """Return what one code point folds to: compatibility decomposition (NFKD), case folding, `LETTER_EQUIVALENTS`."""
    if letter in deleted:
        return ""
    if letter in WHOLE_LETTERS:
        return WHOLE_LETTERS[letter]
    plain = unicodedata.normalize("NFKD", letter)
    if plain[0] == " ":
        return LETTER_EQUIVALENTS.get(letter, " ")  # an accent standing alone separates, as the space under it does
    cased = drop_accents(unicodedata.normalize("NFKD", plain.casefold()))
    return "".join(_fold_part(part) for part in cased if part not in deleted)


def _fold_part(part: str) -> str:
    if part in LETTER_EQUIVALENTS:
        return LETTER_EQUIVALENTS[part]
    category = unicodedata.category(part)
    if category == "Nd":
        return str(unicodedata.decimal(part))
    if category == "Pd":
        return "-" if part == "-" else "\u2013"
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
