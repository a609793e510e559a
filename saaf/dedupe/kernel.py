"""The hot loops compiled by numba: the same bits as the numpy functions of the same task, several times as fast.

Only `saaf.dedupe.engine` imports this module, and only where there is enough to do. Compiled code is kept beside the
source, or where that is not writable in numba's directory in the user's cache (`NUMBA_CACHE_DIR` moves it), so that a
machine compiles once. All functions release the interpreter's lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

import numba
import numpy as np

from saaf.dedupe.characters import EXTENDS, GONE, LETTER, MANY, ORDERED, SEPARATOR, SPACELESS, WORD
from saaf.dedupe.hashing import BASE

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import NDArray

    from saaf.dedupe.characters import Packed

    Bytes = NDArray[np.uint8]
    Codes = NDArray[np.uint32]
    Hashes = NDArray[np.uint64]
    Places = NDArray[np.int64]
    Int = int | np.signedinteger[Any]

F = TypeVar("F", bound="Callable[..., object]")

_INDEX = np.uintp  # numba looks at every signed index for a minus sign: unsigned ones take a third off the time
_ONE = np.uint64(1)
_BASE = np.uint64(BASE)
_ALL = np.uint32(0xFFFFFFFF)
_UNKNOWN = 0xFFFD  # what an invalid byte reads as: a separator
_FEW = 32  # marks in a row that are sorted by insertion; longer runs are hostile, and must not take a square

# Kinds are two bits: of the kind before and the kind here, as `before << 2 | here`, these have a bit set where a token
# starts here, and where one ends before here. A look-up without a branch: word lengths cannot be predicted.
_STARTS = sum(1 << (before << 2 | SPACELESS) for before in range(4))
_STARTS |= sum(1 << (before << 2 | WORD) for before in range(4) if before != WORD)
_STARTS |= 1 << (SEPARATOR << 2 | EXTENDS)
_ENDS = sum(
    1 << key for key in range(4, 16) if _STARTS >> key & 1 or key & 3 == SEPARATOR
)  # from 4 on something other than a separator is before

# How UTF-8 is read without a branch, by the first byte: how long the character is (0 where none starts so), then by
# that length the bits of the first byte, how far the sum of all four is shifted, and the least code point.
_SIZE = np.array([1] * 128 + [0] * 66 + [2] * 30 + [3] * 16 + [4] * 5 + [0] * 11, np.uint8)
_BITS = np.array([0, 0x7F, 0x1F, 0x0F, 0x07], np.int64)
_SHIFT = np.array([0, 18, 12, 6, 0], np.int64)
_LEAST = np.array([0x110000, 0, 0x80, 0x800, 0x10000], np.int64)
_LAST = 0x10FFFF

_POWERS = np.array([pow(BASE, place, 1 << 64) for place in range(64)], np.uint64)


def _compiled(function: F) -> F:
    """Compile at the first call; numba's decorator has no types, and this keeps those of the function."""
    return cast("F", numba.njit(cache=True, nogil=True, error_model="numpy")(function))


@_compiled
def hash_tokens(data: Bytes, offsets: Places, letters: Codes, packed: Packed, reorder: bool, values: Hashes) -> Places:
    """Write the hash of every token to `values`, return bounds int64[n + 1]: those of text i are between two of them.

    Text i is the UTF-8 of `data[offsets[i]:offsets[i + 1]]`; surrogates are let through, any other invalid byte
    separates. `letters` is what code points become, `packed.letters` or `packed.plain`; `reorder` sorts runs of marks.
    `values` has room for `packed.growth` hashes a byte and one.
    """
    bounds = np.zeros(len(offsets), np.int64)
    codes = _room(offsets, packed.growth)
    for text in range(len(offsets) - 1):
        count, beside = _fold(data, offsets[text], offsets[text + 1], letters, packed, codes)
        bounds[text + 1] = _hash_folded(codes, count, beside and reorder, packed, values, bounds[text])
    return bounds


@_compiled
def hash_points(
    points: Codes, offsets: Places, letters: Codes, packed: Packed, reorder: bool, values: Hashes
) -> Places:
    """Do what `hash_tokens` does for texts of which `points` are the code points and `offsets` count them.

    `values` has room for `packed.longest` hashes a code point and one.
    """
    bounds = np.zeros(len(offsets), np.int64)
    codes = _room(offsets, packed.longest)
    for text in range(len(offsets) - 1):
        count, beside = _fold_points(points, offsets[text], offsets[text + 1], letters, packed, codes)
        bounds[text + 1] = _hash_folded(codes, count, beside and reorder, packed, values, bounds[text])
    return bounds


@_compiled
def _hash_folded(codes: Codes, count: Int, unordered: bool, packed: Packed, values: Hashes, at: Int) -> Int:
    """Do what `_hash_codes` does, where marks may be `unordered` after sorting them."""
    if unordered:
        _sort_marks(codes, count, packed.order)
    return _hash_codes(codes, count, values, at)


@_compiled
def _room(offsets: Places, growth: Int) -> Codes:
    """Return an array that holds what any of the texts folds to; one unit of `offsets` grows to `growth` at most."""
    most = 0
    for text in range(len(offsets) - 1):
        most = max(most, offsets[text + 1] - offsets[text])
    return np.empty(most * growth + 2, np.uint32)


@_compiled
def _fold_points(
    points: Codes, start: Int, stop: Int, letters: Codes, packed: Packed, codes: Codes
) -> tuple[Int, bool]:
    """Do what `_fold` does for code points."""
    codes[0] = 0
    count: Int = 1
    before: Int = 0
    beside: Int = 0
    for place in range(start, stop):
        letter = points[_INDEX(place)]
        code = np.int64(letters[_INDEX(letter)])
        beside |= code & before
        before = code
        codes[_INDEX(count)] = code
        count += 1 - (code >> GONE & 1)
        if code >> MANY & 1:
            count, before, beside = _add_others(np.int64(letter), code, packed, codes, count, beside)
    return count, beside >> ORDERED & 1 == 1


@_compiled
def _add_others(letter: Int, code: Int, packed: Packed, codes: Codes, count: Int, beside: Int) -> tuple[Int, Int, Int]:
    """Write what else a code point folds to behind its first, `code`, which stands before `count`; return where they
    end, the last of them, and `beside`.
    """
    before = code
    codes[_INDEX(count - 1)] = code & ~(1 << MANY)
    first = np.int64(packed.rest_start[letter])
    for part in range(first, first + np.int64(packed.length[letter]) - 1):
        code = np.int64(packed.plain[packed.rest[part]])
        beside |= code & before
        before = code
        codes[_INDEX(count)] = code
        count += 1
    return count, before, beside


@_compiled
def _decode(data: Bytes, place: Int, stop: Int) -> tuple[Int, Int]:
    """Return the code point at a place and how many bytes it takes; an invalid byte is one by itself."""
    one = np.int64(data[_INDEX(place)])
    size = np.int64(_SIZE[_INDEX(one)])
    if size == 0 or place + size > stop:
        return _UNKNOWN, 1
    letter = one & _BITS[size]
    for follow in range(1, size):
        byte = np.int64(data[_INDEX(place + follow)])
        if byte >> 6 != 2:
            return _UNKNOWN, 1
        letter = letter << 6 | byte & 0x3F
    if letter < _LEAST[size] or letter > _LAST:
        return _UNKNOWN, 1
    return letter, size


@_compiled
def _fold(data: Bytes, start: Int, stop: Int, letters: Codes, packed: Packed, codes: Codes) -> tuple[Int, bool]:
    """Write what the text folds to from `codes[1]` on; return where it ends, and whether marks stand side by side."""
    codes[0] = 0
    count: Int = 1
    before: Int = 0
    beside: Int = 0
    place = start
    while place < stop:
        while place + 8 <= stop and _eight_ascii(data, place):
            for step in range(8):
                code = np.int64(letters[_INDEX(data[_INDEX(place + step)])])
                codes[_INDEX(count)] = code
                count += 1 - (code >> GONE)
            place += 8
        for _ in range(8):
            if place >= stop:
                break
            letter, size, wrong = _decode_four(data, place) if place + 4 <= stop else (_UNKNOWN, 1, True)
            if wrong:  # a branch that is never taken, so that the next character need not wait for this to be known
                letter, size = _decode(data, place, stop)
            place += size
            code = np.int64(letters[_INDEX(letter)])
            beside |= code & before
            before = code
            codes[_INDEX(count)] = code
            count += 1 - (code >> GONE & 1)
            if code >> MANY & 1:
                count, before, beside = _add_others(letter, code, packed, codes, count, beside)
    return count, beside >> ORDERED & 1 == 1


@_compiled
def _eight_ascii(data: Bytes, place: Int) -> bool:
    here = data[_INDEX(place)] | data[_INDEX(place + 1)] | data[_INDEX(place + 2)] | data[_INDEX(place + 3)]
    there = data[_INDEX(place + 4)] | data[_INDEX(place + 5)] | data[_INDEX(place + 6)] | data[_INDEX(place + 7)]
    return bool((here | there) < 0x80)


@_compiled
def _decode_four(data: Bytes, place: Int) -> tuple[Int, Int, np.bool_ | bool]:
    """Return what `_decode` does, for four bytes and without a branch, and whether it is wrong."""
    one, two = np.int64(data[_INDEX(place)]), np.int64(data[_INDEX(place + 1)])
    three, four = np.int64(data[_INDEX(place + 2)]), np.int64(data[_INDEX(place + 3)])
    size = np.int64(_SIZE[_INDEX(one)])
    letter = (one & _BITS[_INDEX(size)]) << 18 | (two & 0x3F) << 12 | (three & 0x3F) << 6 | (four & 0x3F)
    letter >>= _SHIFT[_INDEX(size)]
    wrong = (letter < _LEAST[_INDEX(size)]) | (letter > _LAST)
    wrong |= (size > 1) & (two >> 6 != 2) | (size > 2) & (three >> 6 != 2) | (size > 3) & (four >> 6 != 2)
    return letter, size, wrong


@_compiled
def _sort_marks(codes: Codes, count: Int, order: Bytes) -> None:
    """Sort each run of combining marks by class, those of one class as they come."""
    start = 1
    while start < count:
        stop = start
        while stop < count and codes[stop] >> ORDERED & 1:
            stop += 1
        if stop - start > _FEW:
            marks = codes[start:stop].copy()
            classes = order[marks & LETTER]
            place = start
            for rank in np.unique(classes):
                for index in range(len(marks)):
                    if classes[index] == rank:
                        codes[place] = marks[index]
                        place += 1
        else:
            for right in range(start + 1, stop):
                mark = codes[right]
                place = right
                while place > start and order[codes[place - 1] & LETTER] > order[mark & LETTER]:
                    codes[place] = codes[place - 1]
                    place -= 1
                codes[place] = mark
        start = stop + 1


@_compiled
def _hash_codes(codes: Codes, count: Int, values: Hashes, at: Int) -> Int:
    """Write the hashes of the tokens in `codes[1:count]` from `values[at]` on, return where they end."""
    first = at
    before = np.int64(0)
    length = np.int64(0)
    total = np.uint64(0)
    for place in range(1, count):
        code = np.int64(codes[_INDEX(place)])
        kind = code >> 21 & 3
        key = before << 2 | kind
        before = kind
        values[_INDEX(at)] = total
        at += _ENDS >> key & 1
        keep = (_STARTS >> key & 1) - 1  # no bit where a token starts, else all
        length &= keep
        total &= np.uint64(keep)
        power = _POWERS[_INDEX(length)] if length < len(_POWERS) else _power(length)
        total += np.uint64((code & LETTER) + 1) * power
        length += 1
    values[_INDEX(at)] = total
    at += np.int64(before != SEPARATOR)
    for token in range(first, at):
        values[_INDEX(token)] = _mix(values[_INDEX(token)])
    return at


@_compiled
def _power(exponent: Int) -> np.uint64:
    result, square = _ONE, _BASE
    while exponent:
        if exponent & 1:
            result *= square
        square *= square
        exponent >>= 1
    return result


@_compiled
def _mix(value: np.uint64) -> np.uint64:
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xFF51AFD7ED558CCD)
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xC4CEB9FE1A85EC53)
    return value ^ value >> np.uint64(33)


@_compiled
def roll_shingles(values: Hashes, bounds: Places, size: int, shingles: Hashes) -> None:
    """Write the hash of each window of `size` tokens; a text of fewer tokens is one shorter window."""
    at = 0
    for text in range(len(bounds) - 1):
        start, count = bounds[text], bounds[text + 1] - bounds[text]
        width = min(size, count)
        for place in range(start, start + count - width + 1 if count else start):
            total, power = np.uint64(0), _ONE
            for step in range(width):
                total += (values[_INDEX(place + step)] + _ONE) * power
                power *= _BASE
            shingles[_INDEX(at)] = _mix(total)
            at += 1


@_compiled
def minimise(shingles: Hashes, bounds: Places, multipliers: Codes, increments: Codes, rows: Codes) -> None:
    """Lower each text's row to the least value that each permutation gives to its shingles, eight at a time."""
    for text in range(len(bounds) - 1):
        row = rows[text]
        start, stop = bounds[text], bounds[text + 1]
        while start + 8 <= stop:
            a, b = _mix32(shingles[_INDEX(start)]), _mix32(shingles[_INDEX(start + 1)])
            c, d = _mix32(shingles[_INDEX(start + 2)]), _mix32(shingles[_INDEX(start + 3)])
            e, f = _mix32(shingles[_INDEX(start + 4)]), _mix32(shingles[_INDEX(start + 5)])
            g, h = _mix32(shingles[_INDEX(start + 6)]), _mix32(shingles[_INDEX(start + 7)])
            for k in range(len(multipliers)):
                by, more = multipliers[k], increments[k]
                low = min(np.uint32(a * by + more), np.uint32(b * by + more), np.uint32(c * by + more))
                mid = min(np.uint32(d * by + more), np.uint32(e * by + more), np.uint32(f * by + more))
                row[k] = min(row[k], low, mid, np.uint32(g * by + more), np.uint32(h * by + more))
            start += 8
        for place in range(start, stop):
            a = _mix32(shingles[_INDEX(place)])
            for k in range(len(multipliers)):
                row[k] = min(row[k], np.uint32(a * multipliers[k] + increments[k]))


@_compiled
def _mix32(shingle: np.uint64) -> np.uint32:
    value = np.uint32(shingle & np.uint64(_ALL))
    value ^= value >> np.uint32(16)
    value = np.uint32(value * np.uint32(0x85EBCA6B))
    value ^= value >> np.uint32(13)
    value = np.uint32(value * np.uint32(0xC2B2AE35))
    return np.uint32(value ^ value >> np.uint32(16))
