"""Texts that reading leaves as they are, found in an Arrow column at once: a thousandth of the time of reading each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Bytes that decide nothing by themselves: 1 for control characters, 2 where the next bytes decide.
_KINDS = np.zeros(256, np.uint8)
_KINDS[[*range(9), *range(0x0B, 0x20), 0x7F]] = 1
_KINDS[[ord("~"), 0xBF, 0xC2, 0xE2, 0xEF]] = 2
# What may be markup, or the signature of a binary file (`saaf.cleaning.html.file_signatures`) that is valid UTF-8
# without control characters. RE2's "." is a character and the signature's a byte.
_OTHER_FORMAT = r"(?s)^(?:\s*<|%|\{\\rtf|AT&TFORM|BZh|#!AMR|WARC/|wOF|.{1,4}ftyp|.{1,60}BOOKMOBI)"


def plain_rows(texts: pa.StringArray, body_limit: int) -> NDArray[np.bool_]:
    """Return for each of n valid UTF-8 texts whether `saaf.cleaning.read` returns it unchanged and without a flag.

    bool[n]; False where that is not certain: null, no letter or mark, more than `body_limit` bytes, markup, a binary
    file's signature, control characters, a byte order mark, U+FFFD, directional embeddings or isolates, a run of HZ.
    """
    blank = pc.fill_null(pc.equal(pc.utf8_ltrim_whitespace(texts), ""), True)  # Arrow has no name for it
    other = pc.fill_null(pc.match_substring_regex(texts, _OTHER_FORMAT), True)
    refused: NDArray[np.bool_] = pc.or_(blank, other).to_numpy(zero_copy_only=False)
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]
    data = texts.buffers()[2]
    if data is None or offsets[0] == offsets[-1]:
        return ~refused
    text_bytes = np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]]
    rows = np.searchsorted(offsets - offsets[0], _odd_positions(text_bytes), side="right") - 1
    refused = refused | (np.diff(offsets) > body_limit)
    refused[rows] = True
    return ~refused


def _odd_positions(text_bytes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the positions of characters that reading removes or replaces, or that say how a text is encoded."""
    kinds = _KINDS[text_bytes]
    controls = np.flatnonzero(kinds == 1)
    at = np.flatnonzero(kinds == 2)
    padded = np.concatenate([text_bytes, np.zeros(2, np.uint8)])
    first, second, third = text_bytes[at], padded[at + 1], padded[at + 2]
    odd = (first == ord("~")) & (second == ord("{"))
    odd |= (first == 0xC2) & (second <= 0x9F)  # C1 controls; double encoding has them too
    odd |= (first == 0xE2) & (second == 0x80) & (third >= 0xAA) & (third <= 0xAE)  # U+202A to U+202E
    odd |= (first == 0xE2) & (second == 0x81) & (third >= 0xA6) & (third <= 0xA9)  # U+2066 to U+2069
    odd |= (first == 0xEF) & (second == 0xBB) & (third == 0xBF)  # byte order mark
    odd |= (first == 0xEF) & (second == 0xBF) & (third >= 0xBD)  # U+FFFD and noncharacters
    odd |= (first == 0xEF) & (second == 0xB7) & (third >= 0x90) & (third <= 0xAF)  # U+FDD0 to U+FDEF
    odd |= (first == 0xBF) & ((second == 0xBE) | (second == 0xBF))  # the last two characters of each plane
    return np.concatenate([controls, at[odd]])
