"""Text columns as Arrow keeps them, one buffer of UTF-8 for all texts, and batches that fit the processor's cache."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

BATCH = 1 << 18
"""Code points (bytes, in a column) hashed at a time: their tokens and shingles stay in the second-level cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Column(Sequence[str]):
    """A sequence of n texts in one buffer: text i is the UTF-8 of `data[offsets[i]:offsets[i + 1]]`.

    `data` uint8[m] and `offsets` int64[n + 1] may be views of an Arrow large_string column's buffers, or of a file; a
    text becomes a string only when it is indexed. Each byte that is no UTF-8 reads as U+FFFD; surrogates, which
    Python's strings may hold, are let through. Raises ValueError where the arrays have other types or the offsets do
    not ascend within the data, for compiled code does not check them.
    """

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    def __post_init__(self) -> None:
        offsets = self.offsets
        if self.data.dtype != np.uint8 or offsets.dtype != np.int64 or self.data.ndim != 1 or offsets.ndim != 1:
            raise ValueError(f"a column is uint8 data and int64 offsets, not {self.data.dtype} and {offsets.dtype}")
        if not len(offsets) or offsets[0] < 0 or offsets[-1] > len(self.data) or np.any(offsets[1:] < offsets[:-1]):
            raise ValueError(f"offsets must rise from 0 or more to {len(self.data)}, the length of the data, at most")

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Column: ...
    def __getitem__(self, index: int | slice) -> str | Column:
        rows = range(len(self))[index]
        if isinstance(rows, int):
            return self._bytes(rows).decode("utf-8", _EACH_BYTE)
        if rows.step != 1:
            return self.take(np.array(rows, np.int64))
        return Column(self.data, self.offsets[rows.start : rows.start + len(rows) + 1])

    @property
    def longest(self) -> int:
        """The number of bytes of the longest text, 0 where there is none."""
        return int(np.diff(self.offsets).max(initial=0))

    def take(self, rows: NDArray[np.int64]) -> Column:
        """Return the texts `rows`, int64[k], in that order, as a column."""
        if len(rows) and rows[-1] - rows[0] == len(rows) - 1 and np.all(np.diff(rows) == 1):
            return Column(self.data, self.offsets[rows[0] : rows[-1] + 2])
        return _concatenate([self._bytes(row) for row in rows.tolist()])

    def _bytes(self, row: int) -> bytes:
        return self.data[self.offsets[row] : self.offsets[row + 1]].tobytes()


def column(texts: Sequence[str]) -> Column:
    """Return texts as a column; a column is returned as it is."""
    return (
        texts if isinstance(texts, Column) else _concatenate([text.encode("utf-8", "surrogatepass") for text in texts])
    )


def batches(texts: Sequence[str], rows: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], Sequence[str]]]:
    """Yield (batch of `rows`, their texts), in order: about `BATCH` code points at a time, or one longer text.

    `rows` is int64[k]. Each text is indexed once, so that `texts` may read them from a file.
    """
    if isinstance(texts, Column):
        ends = np.cumsum(texts.offsets[rows + 1] - texts.offsets[rows])
        for batch in np.split(rows, np.flatnonzero(np.diff(ends // BATCH)) + 1) if len(rows) else []:
            yield batch, texts.take(batch)
        return
    start = size = 0
    batch_texts: list[str] = []
    for row in rows.tolist():
        text = texts[row]
        batch_texts.append(text)
        size += len(text)
        if size >= BATCH:
            yield rows[start : start + len(batch_texts)], batch_texts
            start, size, batch_texts = start + len(batch_texts), 0, []
    if batch_texts:
        yield rows[start:], batch_texts


def _concatenate(encoded: Sequence[bytes]) -> Column:
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(each) for each in encoded], out=offsets[1:])
    return Column(np.frombuffer(b"".join(encoded), np.uint8), offsets)


def _replace_byte(error: UnicodeError) -> tuple[str, int]:
    """Decode a surrogate as itself and any other invalid byte as U+FFFD, which is what the compiled code does."""
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101  # registered for decoding only
    three_bytes = error.object[error.start : error.start + 3]
    try:
        return three_bytes.decode("utf-8", "surrogatepass")[0], error.start + 3
    except UnicodeDecodeError:
        return "\ufffd", error.start + 1


_EACH_BYTE = "saaf.each_byte"
codecs.register_error(_EACH_BYTE, _replace_byte)
