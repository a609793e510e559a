"""The hot loops of tokenising, shingling and MinHash, compiled by numba: the bits of the numpy code, faster.

Only `saaf.dedupe.engine` imports this module, and only where there is enough to do. Compiled code is cached beside the
source, or where that is not writable in numba's directory in the user's cache (`NUMBA_CACHE_DIR` moves it), so that a
machine compiles once. All functions release the interpreter's lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.characters import EXTEND, POINT_MASK, SEPARATOR, SPACELESS, WORD
from saaf.dedupe.hashing import BASE
from saaf.dedupe.numba_compile import compiled
from saaf.dedupe.numba_folding import INDEX, fold_buffer, fold_code_points, fold_utf8, has_divided_word, sort_marks

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from saaf.dedupe.characters import PackedTables as Tables

    Bytes = NDArray[np.uint8]
    Codes = NDArray[np.uint32]  # code points, or packed entries of `PackedTables`
    Hashes = NDArray[np.uint64]
    Offsets = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Int = int | np.signedinteger[Any]

_ONE = np.uint64(1)
_BASE = np.uint64(BASE)
_LOW_32_BITS = np.uint32(0xFFFFFFFF)

# Bit sets indexed by the kinds (two bits each) of the code points before and here, `before << 2 | here`: whether a
# token starts here, and whether one ends before here. A look-up without a branch: word lengths cannot be predicted.
_STARTS = sum(1 << (before << 2 | SPACELESS) for before in range(4))
_STARTS |= sum(1 << (before << 2 | WORD) for before in range(4) if before != WORD)
_STARTS |= 1 << (SEPARATOR << 2 | EXTEND)
# An end needs something other than a separator before: keys from 4 on.
_ENDS = sum(1 << key for key in range(4, 16) if _STARTS >> key & 1 or key & 3 == SEPARATOR)

_POWERS = np.array([pow(BASE, position, 1 << 64) for position in range(64)], np.uint64)


@compiled
def hash_utf8_tokens(
    data: Bytes, offsets: Offsets, entries: Codes, tables: Tables, folding: bool, values: Hashes, irregular: Flags
) -> Offsets:
    """Hash the tokens of n texts in UTF-8: write the hashes to `values`, return their offsets, int64[n + 1].

    The hashes of text i are `values[result[i]:result[i + 1]]`. Text i is the UTF-8 `data[offsets[i]:offsets[i + 1]]`;
    surrogates are let through, any other invalid byte separates. `entries` is `tables.folded` or `tables.unfolded`;
    `folding` sorts runs of combining marks. `values` has room for `tables.max_per_byte` hashes a byte and one more.
    `irregular[i]` becomes True where text i may hold a pair of `sequences.PAIRS`: its hashes are not those to be used.
    """
    result = np.zeros(len(offsets), np.int64)
    folded = fold_buffer(offsets, tables.max_per_byte)
    for text in range(len(offsets) - 1):
        start, stop = offsets[text], offsets[text + 1]
        count, adjacent, irregular[text] = fold_utf8(data, start, stop, entries, tables, folded)
        irregular[text] |= has_divided_word(data, start, stop)
        if adjacent and folding:
            irregular[text] |= sort_marks(folded, count, tables)
        result[text + 1] = _hash_tokens(folded, count, values, result[text])
    return result


@compiled
def hash_code_point_tokens(
    points: Codes, offsets: Offsets, entries: Codes, tables: Tables, folding: bool, values: Hashes, irregular: Flags
) -> Offsets:
    """Hash tokens as `hash_utf8_tokens` does; text i is the code points `points[offsets[i]:offsets[i + 1]]`.

    `values` has room for `tables.max_length` hashes a code point and one more.
    """
    result = np.zeros(len(offsets), np.int64)
    folded = fold_buffer(offsets, tables.max_length)
    for text in range(len(offsets) - 1):
        start, stop = offsets[text], offsets[text + 1]
        count, adjacent, irregular[text] = fold_code_points(points, start, stop, entries, tables, folded)
        if adjacent and folding:
            irregular[text] |= sort_marks(folded, count, tables)
        result[text + 1] = _hash_tokens(folded, count, values, result[text])
    return result


@compiled
def _hash_tokens(folded: Codes, count: Int, values: Hashes, at: Int) -> Int:
    """Write the hashes of the tokens in `folded[1:count]` to `values` from `at` on; return where they end."""
    first = at
    before = np.int64(0)
    length = np.int64(0)
    total = np.uint64(0)
    for position in range(1, count):
        entry = np.int64(folded[INDEX(position)])
        kind = entry >> 21 & 3
        key = before << 2 | kind
        before = kind
        values[INDEX(at)] = total
        at += _ENDS >> key & 1
        keep = (_STARTS >> key & 1) - 1  # no bit where a token starts, else all
        length &= keep
        total &= np.uint64(keep)
        power = _POWERS[INDEX(length)] if length < len(_POWERS) else _power(length)
        total += np.uint64((entry & POINT_MASK) + 1) * power
        length += 1
    values[INDEX(at)] = total
    at += np.int64(before != SEPARATOR)
    for token in range(first, at):
        values[INDEX(token)] = _fmix64(values[INDEX(token)])
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
                total += (values[INDEX(position + step)] + _ONE) * power
                power *= _BASE
            shingles[INDEX(at)] = _fmix64(total)
            at += 1


@compiled
def update_signatures(shingles: Hashes, offsets: Offsets, multipliers: Codes, increments: Codes, rows: Codes) -> None:
    """Lower each signature, a row, to the least value that each permutation gives to a shingle of the text."""
    for text in range(len(offsets) - 1):
        row = rows[text]
        start, stop = offsets[text], offsets[text + 1]
        while start + 8 <= stop:  # eight shingles at a time
            a, b = _fmix32(shingles[INDEX(start)]), _fmix32(shingles[INDEX(start + 1)])
            c, d = _fmix32(shingles[INDEX(start + 2)]), _fmix32(shingles[INDEX(start + 3)])
            e, f = _fmix32(shingles[INDEX(start + 4)]), _fmix32(shingles[INDEX(start + 5)])
            g, h = _fmix32(shingles[INDEX(start + 6)]), _fmix32(shingles[INDEX(start + 7)])
            for k in range(len(multipliers)):
                m, i = multipliers[k], increments[k]
                first = min(np.uint32(a * m + i), np.uint32(b * m + i), np.uint32(c * m + i))
                second = min(np.uint32(d * m + i), np.uint32(e * m + i), np.uint32(f * m + i))
                row[k] = min(row[k], first, second, np.uint32(g * m + i), np.uint32(h * m + i))
            start += 8
        for position in range(start, stop):
            a = _fmix32(shingles[INDEX(position)])
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
