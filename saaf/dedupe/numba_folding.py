"""Folding of texts in UTF-8 and in code points, compiled by numba; `numba_kernels` hashes what comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.characters import (
    COMBINING_BIT,
    DELETED_BIT,
    EXPANDS_BIT,
    PAIR_CLASS_BIT,
    PAIR_CLASS_MASK,
    POINT_MASK,
)
from saaf.dedupe.numba_compile import compiled

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from saaf.dedupe.characters import PackedTables as Tables

    Bytes = NDArray[np.uint8]
    Codes = NDArray[np.uint32]  # code points, or packed entries of `PackedTables`
    Offsets = NDArray[np.int64]
    Int = int | np.signedinteger[Any]

INDEX = np.uintp  # numba looks at every signed index for a minus sign: unsigned ones take a third off the time
_ONE = np.uint64(1)
_REPLACEMENT = 0xFFFD  # what an invalid byte reads as: a separator
_INSERTION_SORT_LIMIT = 32  # marks in a row sorted by insertion; longer runs are hostile, and must not take n**2 steps

# UTF-8 is decoded without a branch. By the first byte: the length of the character (0 where none starts so). By that
# length: the bits of the first byte, how far the sum of four bytes is shifted, and the least valid code point.
_UTF8_LENGTH = np.array([1] * 128 + [0] * 66 + [2] * 30 + [3] * 16 + [4] * 5 + [0] * 11, np.uint8)
_FIRST_BYTE_MASK = np.array([0, 0x7F, 0x1F, 0x0F, 0x07], np.int64)
_SHIFT = np.array([0, 18, 12, 6, 0], np.int64)
_MIN_CODE_POINT = np.array([0x110000, 0, 0x80, 0x800, 0x10000], np.int64)
_MAX_CODE_POINT = 0x10FFFF


@compiled
def fold_buffer(offsets: Offsets, max_per_unit: Int) -> Codes:
    """Return an array with room for any of the texts folded; one unit of `offsets` folds to `max_per_unit` at most."""
    most = 0
    for text in range(len(offsets) - 1):
        most = max(most, offsets[text + 1] - offsets[text])
    return np.empty(most * max_per_unit + 2, np.uint32)


@compiled
def fold_code_points(
    points: Codes, start: Int, stop: Int, entries: Codes, tables: Tables, folded: Codes
) -> tuple[Int, bool, bool]:
    """Fold a text as `fold_utf8` does, given as code points."""
    pairs = tables.pairs
    folded[0] = 0
    count: Int = 1
    before: Int = 0
    adjacent: Int = 0
    after, found = pairs[0], np.uint64(0)
    for position in range(start, stop):
        code_point = points[INDEX(position)]
        entry = np.int64(entries[INDEX(code_point)])
        folded[INDEX(count)] = entry
        count += 1
        if entry >> EXPANDS_BIT & 1:
            count, before, adjacent, after, found = _append_expansion(
                np.int64(code_point), entry, tables, folded, count, before, adjacent, after, found
            )
            continue
        adjacent |= entry & before
        before = entry
        pair_class = np.uint64(entry >> PAIR_CLASS_BIT & PAIR_CLASS_MASK)
        found |= after >> pair_class
        after = pairs[INDEX(pair_class)]
    return count, adjacent >> COMBINING_BIT & 1 == 1, found & _ONE == _ONE


@compiled
def _append_expansion(
    code_point: Int,
    entry: Int,
    tables: Tables,
    folded: Codes,
    count: Int,
    before: Int,
    adjacent: Int,
    after: np.uint64,
    found: np.uint64,
) -> tuple[Int, Int, Int, np.uint64, np.uint64]:
    """Replace the last entry by all that a code point folds to, or by nothing; return the new state of the loop."""
    count -= 1
    if entry >> DELETED_BIT & 1:
        return count, before, adjacent, after, found
    entry &= ~(1 << EXPANDS_BIT)
    part = np.int64(tables.rest_start[code_point])
    stop = part + np.int64(tables.length[code_point]) - 1
    while True:
        folded[INDEX(count)] = entry
        count += 1
        adjacent |= entry & before
        before = entry
        pair_class = np.uint64(entry >> PAIR_CLASS_BIT & PAIR_CLASS_MASK)
        found |= after >> pair_class
        after = tables.pairs[INDEX(pair_class)]
        if part == stop:
            return count, before, adjacent, after, found
        entry = np.int64(tables.unfolded[tables.rest[part]])
        part += 1


@compiled
def _decode(data: Bytes, position: Int, stop: Int) -> tuple[Int, Int]:
    """Decode the code point at a position; return it and its length in bytes, for an invalid byte U+FFFD and 1."""
    one = np.int64(data[INDEX(position)])
    size = np.int64(_UTF8_LENGTH[INDEX(one)])
    if size == 0 or position + size > stop:
        return _REPLACEMENT, 1
    code_point = one & _FIRST_BYTE_MASK[size]
    for follow in range(1, size):
        byte = np.int64(data[INDEX(position + follow)])
        if byte >> 6 != 2:
            return _REPLACEMENT, 1
        code_point = code_point << 6 | byte & 0x3F
    if code_point < _MIN_CODE_POINT[size] or code_point > _MAX_CODE_POINT:
        return _REPLACEMENT, 1
    return code_point, size


@compiled
def fold_utf8(
    data: Bytes, start: Int, stop: Int, entries: Codes, tables: Tables, folded: Codes
) -> tuple[Int, bool, bool]:
    """Write the folded text as entries from `folded[1]` on.

    Return where it ends, whether marks are adjacent, and whether it holds a pair of `sequences.PAIRS`, of which those
    of two ASCII characters are not looked for.
    """
    pairs = tables.pairs
    folded[0] = 0
    count: Int = 1
    before: Int = 0
    adjacent: Int = 0  # the bits that any two neighbouring entries share: `COMBINING_BIT` where both are marks
    after, found = pairs[0], np.uint64(0)  # bit 0 of `found`: a class that makes a pair came after another
    position = start
    while position < stop:
        if position + 8 <= stop and _next_eight_are_ascii(data, position):
            run_start, count_before = position, count
            first = np.int64(entries[INDEX(data[INDEX(position)])])
            found |= after >> np.uint64(first >> PAIR_CLASS_BIT & PAIR_CLASS_MASK)
            while position + 8 <= stop and _next_eight_are_ascii(data, position):
                for step in range(8):
                    before = np.int64(entries[INDEX(data[INDEX(position + step)])])
                    folded[INDEX(count)] = before
                    count += 1 - (before >> DELETED_BIT)
                position += 8
            after = pairs[INDEX(before >> PAIR_CLASS_BIT & PAIR_CLASS_MASK)]
            if count - count_before != position - run_start:  # control characters are gone: what they parted is unknown
                found |= _ONE
        for _ in range(8):
            if position >= stop:
                break
            code_point, size, wrong = _decode_four(data, position) if position + 4 <= stop else (_REPLACEMENT, 1, True)
            if wrong:  # a branch that is never taken, so that the next character need not wait for this to be known
                code_point, size = _decode(data, position, stop)
            position += size
            entry = np.int64(entries[INDEX(code_point)])
            folded[INDEX(count)] = entry
            count += 1
            if entry >> EXPANDS_BIT & 1:
                count, before, adjacent, after, found = _append_expansion(
                    code_point, entry, tables, folded, count, before, adjacent, after, found
                )
                continue
            adjacent |= entry & before
            before = entry
            pair_class = np.uint64(entry >> PAIR_CLASS_BIT & PAIR_CLASS_MASK)
            found |= after >> pair_class
            after = pairs[INDEX(pair_class)]
    return count, adjacent >> COMBINING_BIT & 1 == 1, found & _ONE == _ONE


@compiled
def has_divided_word(data: Bytes, start: Int, stop: Int) -> bool:
    """Return whether a hyphen stands at a line end; a loop without a branch, sixteen bytes at a time."""
    found = np.uint8(0)
    for position in range(start, stop - 1):
        after = data[INDEX(position + 1)]
        found |= (data[INDEX(position)] == ord("-")) & ((after == 10) | (after == 13))
    return bool(found)


@compiled
def _next_eight_are_ascii(data: Bytes, start: Int) -> bool:
    first = data[INDEX(start)] | data[INDEX(start + 1)] | data[INDEX(start + 2)] | data[INDEX(start + 3)]
    second = data[INDEX(start + 4)] | data[INDEX(start + 5)] | data[INDEX(start + 6)] | data[INDEX(start + 7)]
    return bool((first | second) < 0x80)


@compiled
def _decode_four(data: Bytes, position: Int) -> tuple[Int, Int, np.bool_ | bool]:
    """Decode as `_decode` does, from four bytes and without a branch; return also whether the bytes are invalid."""
    one, two = np.int64(data[INDEX(position)]), np.int64(data[INDEX(position + 1)])
    three, four = np.int64(data[INDEX(position + 2)]), np.int64(data[INDEX(position + 3)])
    size = np.int64(_UTF8_LENGTH[INDEX(one)])
    code_point = (one & _FIRST_BYTE_MASK[INDEX(size)]) << 18 | (two & 0x3F) << 12 | (three & 0x3F) << 6 | (four & 0x3F)
    code_point >>= _SHIFT[INDEX(size)]
    wrong = (code_point < _MIN_CODE_POINT[INDEX(size)]) | (code_point > _MAX_CODE_POINT)
    wrong |= (size > 1) & (two >> 6 != 2) | (size > 2) & (three >> 6 != 2) | (size > 3) & (four >> 6 != 2)
    return code_point, size, wrong


@compiled
def sort_marks(folded: Codes, count: Int, tables: Tables) -> bool:
    """Sort each run of combining marks by combining class, stably: the canonical order of Unicode.

    Return whether the sorted text holds a pair of `sequences.PAIRS`.
    """
    combining_class = tables.combining_class
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
    after, found = tables.pairs[0], np.uint64(0)
    for position in range(1, count):
        pair_class = np.uint64(folded[INDEX(position)] >> PAIR_CLASS_BIT & PAIR_CLASS_MASK)
        found |= after >> pair_class
        after = tables.pairs[INDEX(pair_class)]
    return bool(found & _ONE)
