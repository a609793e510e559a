"""The hot loops of folding, tokenising, shingling and MinHash, compiled by numba: the bits of the numpy code, faster.

Only `saaf.dedupe.engine` imports this module, and only where there is enough to do. Compiled code is cached beside the
source, or where that is not writable in numba's directory in the user's cache (`NUMBA_CACHE_DIR` moves it), so that a
machine compiles once. All functions release the interpreter's lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.characters import (
    COMBINING_BIT,
    DELETED_BIT,
    EXPANDS_BIT,
    EXTEND,
    POINT_MASK,
    SEPARATOR,
    SPACELESS,
    WORD,
)
from saaf.dedupe.hashing import BASE
from saaf.dedupe.numba_compile import compiled

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from saaf.dedupe.characters import PackedTables as Tables

    Bytes = NDArray[np.uint8]
    Codes = NDArray[np.uint32]  # code points, or packed entries of `PackedTables`
    Hashes = NDArray[np.uint64]
    Offsets = NDArray[np.int64]
    Int = int | np.signedinteger[Any]

_INDEX = np.uintp  # numba looks at every signed index for a minus sign: unsigned ones take a third off the time
_ONE = np.uint64(1)
_BASE = np.uint64(BASE)
_LOW_32_BITS = np.uint32(0xFFFFFFFF)
_REPLACEMENT = 0xFFFD  # what an invalid byte reads as: a separator
_INSERTION_SORT_LIMIT = 32  # marks in a row sorted by insertion; longer runs are hostile, and must not take n**2 steps

# Bit sets indexed by the kinds (two bits each) of the code points before and here, `before << 2 | here`: whether a
# token starts here, and whether one ends before here. A look-up without a branch: word lengths cannot be predicted.
_STARTS = sum(1 << (before << 2 | SPACELESS) for before in range(4))
_STARTS |= sum(1 << (before << 2 | WORD) for before in range(4) if before != WORD)
_STARTS |= 1 << (SEPARATOR << 2 | EXTEND)
# An end needs something other than a separator before: keys from 4 on.
_ENDS = sum(1 << key for key in range(4, 16) if _STARTS >> key & 1 or key & 3 == SEPARATOR)

# UTF-8 is decoded without a branch. By the first byte: the length of the character (0 where none starts so). By that
# length: the bits of the first byte, how far the sum of four bytes is shifted, and the least valid code point.
_UTF8_LENGTH = np.array([1] * 128 + [0] * 66 + [2] * 30 + [3] * 16 + [4] * 5 + [0] * 11, np.uint8)
_FIRST_BYTE_MASK = np.array([0, 0x7F, 0x1F, 0x0F, 0x07], np.int64)
_SHIFT = np.array([0, 18, 12, 6, 0], np.int64)
_MIN_CODE_POINT = np.array([0x110000, 0, 0x80, 0x800, 0x10000], np.int64)
_MAX_CODE_POINT = 0x10FFFF

_POWERS = np.array([pow(BASE, position, 1 << 64) for position in range(64)], np.uint64)


@compiled
def hash_utf8_tokens(
    data: Bytes, offsets: Offsets, entries: Codes, tables: Tables, sort_marks: bool, values: Hashes
) -> Offsets:
    """Hash the tokens of n texts in UTF-8: write the hashes to `values`, return their offsets, int64[n + 1].

    The hashes of text i are `values[result[i]:result[i + 1]]`. Text i is the UTF-8 `data[offsets[i]:offsets[i + 1]]`;
    surrogates are let through, any other invalid byte separates. `entries` is `tables.folded` or `tables.unfolded`;
    `sort_marks` sorts runs of combining marks. `values` has room for `tables.max_per_byte` hashes a byte and one more.
    """
    result = np.zeros(len(offsets), np.int64)
    folded = _fold_buffer(offsets, tables.max_per_byte)
    for text in range(len(offsets) - 1):
        count, adjacent = _fold_utf8(data, offsets[text], offsets[text + 1], entries, tables, folded)
        result[text + 1] = _hash_tokens(folded, count, adjacent and sort_marks, tables, values, result[text])
    return result


@compiled
def hash_code_point_tokens(
    points: Codes, offsets: Offsets, entries: Codes, tables: Tables, sort_marks: bool, values: Hashes
) -> Offsets:
    """Hash tokens as `hash_utf8_tokens` does; text i is the code points `points[offsets[i]:offsets[i + 1]]`.

    `values` has room for `tables.max_length` hashes a code point and one more.
    """
    result = np.zeros(len(offsets), np.int64)
    folded = _fold_buffer(offsets, tables.max_length)
    for text in range(len(offsets) - 1):
        count, adjacent = _fold_code_points(points, offsets[text], offsets[text + 1], entries, tables, folded)
        result[text + 1] = _hash_tokens(folded, count, adjacent and sort_marks, tables, values, result[text])
    return result


@compiled
def _fold_buffer(offsets: Offsets, max_per_unit: Int) -> Codes:
    """Return an array with room for any of the texts folded; one unit of `offsets` folds to `max_per_unit` at most."""
    most = 0
    for text in range(len(offsets) - 1):
        most = max(most, offsets[text + 1] - offsets[text])
    return np.empty(most * max_per_unit + 2, np.uint32)


@compiled
def _fold_code_points(
    points: Codes, start: Int, stop: Int, entries: Codes, tables: Tables, folded: Codes
) -> tuple[Int, bool]:
    """Fold a text as `_fold_utf8` does, given as code points."""
    folded[0] = 0
    count: Int = 1
    before: Int = 0
    adjacent: Int = 0
    for position in range(start, stop):
        code_point = points[_INDEX(position)]
        entry = np.int64(entries[_INDEX(code_point)])
        adjacent |= entry & before
        before = entry
        folded[_INDEX(count)] = entry
        count += 1 - (entry >> DELETED_BIT & 1)
        if entry >> EXPANDS_BIT & 1:
            count, before, adjacent = _append_expansion(np.int64(code_point), entry, tables, folded, count, adjacent)
    return count, adjacent >> COMBINING_BIT & 1 == 1


@compiled
def _append_expansion(
    code_point: Int, entry: Int, tables: Tables, folded: Codes, count: Int, adjacent: Int
) -> tuple[Int, Int, Int]:
    """Append what a code point folds to after its first, `entry`; return the new count, last entry and `adjacent`."""
    before = entry
    folded[_INDEX(count - 1)] = entry & ~(1 << EXPANDS_BIT)
    first = np.int64(tables.rest_start[code_point])
    for part in range(first, first + np.int64(tables.length[code_point]) - 1):
        entry = np.int64(tables.unfolded[tables.rest[part]])
        adjacent |= entry & before
        before = entry
        folded[_INDEX(count)] = entry
        count += 1
    return count, before, adjacent


@compiled
def _decode(data: Bytes, position: Int, stop: Int) -> tuple[Int, Int]:
    """Decode the code point at a position; return it and its length in bytes, for an invalid byte U+FFFD and 1."""
    one = np.int64(data[_INDEX(position)])
    size = np.int64(_UTF8_LENGTH[_INDEX(one)])
    if size == 0 or position + size > stop:
        return _REPLACEMENT, 1
    code_point = one & _FIRST_BYTE_MASK[size]
    for follow in range(1, size):
        byte = np.int64(data[_INDEX(position + follow)])
        if byte >> 6 != 2:
            return _REPLACEMENT, 1
        code_point = code_point << 6 | byte & 0x3F
    if code_point < _MIN_CODE_POINT[size] or code_point > _MAX_CODE_POINT:
        return _REPLACEMENT, 1
    return code_point, size


@compiled
def _fold_utf8(data: Bytes, start: Int, stop: Int, entries: Codes, tables: Tables, folded: Codes) -> tuple[Int, bool]:
    """Write the folded text as entries from `folded[1]` on; return where it ends and whether marks are adjacent."""
    folded[0] = 0
    count: Int = 1
    before: Int = 0
    adjacent: Int = 0  # the bits that any two neighbouring entries share: `COMBINING_BIT` where both are marks
    position = start
    while position < stop:
        while position + 8 <= stop and _next_eight_are_ascii(data, position):
            for step in range(8):
                entry = np.int64(entries[_INDEX(data[_INDEX(position + step)])])
                folded[_INDEX(count)] = entry
                count += 1 - (entry >> DELETED_BIT)
            position += 8
        for _ in range(8):
            if position >= stop:
                break
            code_point, size, wrong = _decode_four(data, position) if position + 4 <= stop else (_REPLACEMENT, 1, True)
            if wrong:  # a branch that is never taken, so that the next character need not wait for this to be known
                code_point, size = _decode(data, position, stop)
            position += size
            entry = np.int64(entries[_INDEX(code_point)])
            adjacent |= entry & before
            before = entry
            folded[_INDEX(count)] = entry
            count += 1 - (entry >> DELETED_BIT & 1)
            if entry >> EXPANDS_BIT & 1:
                count, before, adjacent = _append_expansion(code_point, entry, tables, folded, count, adjacent)
    return count, adjacent >> COMBINING_BIT & 1 == 1


@compiled
def _next_eight_are_ascii(data: Bytes, start: Int) -> bool:
    first = data[_INDEX(start)] | data[_INDEX(start + 1)] | data[_INDEX(start + 2)] | data[_INDEX(start + 3)]
    second = data[_INDEX(start + 4)] | data[_INDEX(start + 5)] | data[_INDEX(start + 6)] | data[_INDEX(start + 7)]
    return bool((first | second) < 0x80)


@compiled
def _decode_four(data: Bytes, position: Int) -> tuple[Int, Int, np.bool_ | bool]:
    """Decode as `_decode` does, from four bytes and without a branch; return also whether the bytes are invalid."""
    one, two = np.int64(data[_INDEX(position)]), np.int64(data[_INDEX(position + 1)])
    three, four = np.int64(data[_INDEX(position + 2)]), np.int64(data[_INDEX(position + 3)])
    size = np.int64(_UTF8_LENGTH[_INDEX(one)])
    code_point = (one & _FIRST_BYTE_MASK[_INDEX(size)]) << 18 | (two & 0x3F) << 12 | (three & 0x3F) << 6 | (four & 0x3F)
    code_point >>= _SHIFT[_INDEX(size)]
    wrong = (code_point < _MIN_CODE_POINT[_INDEX(size)]) | (code_point > _MAX_CODE_POINT)
    wrong |= (size > 1) & (two >> 6 != 2) | (size > 2) & (three >> 6 != 2) | (size > 3) & (four >> 6 != 2)
    return code_point, size, wrong


@compiled
def _sort_marks(folded: Codes, count: Int, combining_class: Bytes) -> None:
    """Sort each run of combining marks by combining class, stably: the canonical order of Unicode."""
    start = 1
    while start < count:
        stop = start
        while stop < count and folded[stop] >> COMBINING_BIT & 1:
            stop += 1
        if stop - start > _INSERTION_SORT_LIMIT:
            marks = folded[start:stop].copy()
            classes = combining_class[marks & POINT_MASK]
            position = start
            for class_ in np.unique(classes):
                for index in range(len(marks)):
                    if classes[index] == class_:
                        folded[position] = marks[index]
                        position += 1
        else:
            for right in range(start + 1, stop):
                mark = folded[right]
                position = right
                own_class = combining_class[mark & POINT_MASK]
                while position > start and combining_class[folded[position - 1] & POINT_MASK] > own_class:
                    folded[position] = folded[position - 1]
                    position -= 1
                folded[position] = mark
        start = stop + 1


@compiled
def _hash_tokens(folded: Codes, count: Int, unordered: bool, tables: Tables, values: Hashes, at: Int) -> Int:
    """Write the hashes of the tokens in `folded[1:count]` to `values` from `at` on; return where they end."""
    if unordered:  # combining marks
        _sort_marks(folded, count, tables.combining_class)
    first = at
    before = np.int64(0)
    length = np.int64(0)
    total = np.uint64(0)
    for position in range(1, count):
        entry = np.int64(folded[_INDEX(position)])
        kind = entry >> 21 & 3
        key = before << 2 | kind
        before = kind
        values[_INDEX(at)] = total
        at += _ENDS >> key & 1
        keep = (_STARTS >> key & 1) - 1  # no bit where a token starts, else all
        length &= keep
        total &= np.uint64(keep)
        power = _POWERS[_INDEX(length)] if length < len(_POWERS) else _power(length)
        total += np.uint64((entry & POINT_MASK) + 1) * power
        length += 1
    values[_INDEX(at)] = total
    at += np.int64(before != SEPARATOR)
    for token in range(first, at):
        values[_INDEX(token)] = _fmix64(values[_INDEX(token)])
    return at


@compiled
def _power(exponent: Int) -> np.uint64:
    result, square = _ONE, _BASE
    while exponent:
        if exponent & 1:
            result *= square
        square *= square
        exponent >>= 1
    return result


@compiled
def _fmix64(value: np.uint64) -> np.uint64:
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xFF51AFD7ED558CCD)
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xC4CEB9FE1A85EC53)
    return value ^ value >> np.uint64(33)


@compiled
def hash_shingles(values: Hashes, offsets: Offsets, size: int, shingles: Hashes) -> None:
    """Write the hash of each window of `size` tokens to `shingles`; a text of fewer tokens is one shorter window."""
    at = 0
    for text in range(len(offsets) - 1):
        start, count = offsets[text], offsets[text + 1] - offsets[text]
        width = min(size, count)
        for position in range(start, start + count - width + 1 if count else start):
            total, power = np.uint64(0), _ONE
            for step in range(width):
                total += (values[_INDEX(position + step)] + _ONE) * power
                power *= _BASE
            shingles[_INDEX(at)] = _fmix64(total)
            at += 1


@compiled
def update_signatures(shingles: Hashes, offsets: Offsets, multipliers: Codes, increments: Codes, rows: Codes) -> None:
    """Lower each signature, a row, to the least value that each permutation gives to a shingle of the text."""
    for text in range(len(offsets) - 1):
        row = rows[text]
        start, stop = offsets[text], offsets[text + 1]
        while start + 8 <= stop:  # eight shingles at a time
            a, b = _fmix32(shingles[_INDEX(start)]), _fmix32(shingles[_INDEX(start + 1)])
            c, d = _fmix32(shingles[_INDEX(start + 2)]), _fmix32(shingles[_INDEX(start + 3)])
            e, f = _fmix32(shingles[_INDEX(start + 4)]), _fmix32(shingles[_INDEX(start + 5)])
            g, h = _fmix32(shingles[_INDEX(start + 6)]), _fmix32(shingles[_INDEX(start + 7)])
            for k in range(len(multipliers)):
                m, i = multipliers[k], increments[k]
                first = min(np.uint32(a * m + i), np.uint32(b * m + i), np.uint32(c * m + i))
                second = min(np.uint32(d * m + i), np.uint32(e * m + i), np.uint32(f * m + i))
                row[k] = min(row[k], first, second, np.uint32(g * m + i), np.uint32(h * m + i))
            start += 8
        for position in range(start, stop):
            a = _fmix32(shingles[_INDEX(position)])
            for k in range(len(multipliers)):
                row[k] = min(row[k], np.uint32(a * multipliers[k] + increments[k]))


@compiled
def _fmix32(shingle: np.uint64) -> np.uint32:
    value = np.uint32(shingle & np.uint64(_LOW_32_BITS))
    value ^= value >> np.uint32(16)
    value = np.uint32(value * np.uint32(0x85EBCA6B))
    value ^= value >> np.uint32(13)
    value = np.uint32(value * np.uint32(0xC2B2AE35))
    return np.uint32(value ^ value >> np.uint32(16))
