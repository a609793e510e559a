"""A temporary file of rows: while a build decides which documents to keep, their texts wait on disk, not in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self, overload

if TYPE_CHECKING:
    from pathlib import Path


class RowSource(Protocol):
    """What rows are read from: a `RowStore`, or a view of one."""

    def load(self, number: int) -> dict[str, Any]:
        """Return row `number`, counted from 0."""


class RowStore:
    """Append-only file of JSON rows with random access by row number; a context manager that closes the file.

    Memory holds one offset for each row. The file is the caller's to delete.
    """

    def __init__(self, path: Path) -> None:
        self._stream = path.open("w+b")
        self._offsets: list[int] = []
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def append(self, row: Mapping[str, object]) -> int:
        """Write a row, whose values JSON can represent, and return its number: 0, 1, 2 …"""
        line = json.dumps(row).encode() + b"\n"
        self._stream.seek(self._end)
        self._stream.write(line)
        self._offsets.append(self._end)
        self._end += len(line)
        return len(self._offsets) - 1

    def load(self, number: int) -> dict[str, Any]:
        """Return row `number` as it was appended. Raises IndexError where there is none."""
        self._stream.seek(self._offsets[number])
        row: dict[str, Any] = json.loads(self._stream.readline())
        return row


class RowTexts(Sequence[str]):
    """The column `text` of some rows, as a sequence that reads each text from disk when it is indexed."""

    def __init__(self, rows: RowSource, numbers: Sequence[int]) -> None:
        self._rows = rows
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> RowTexts: ...
    def __getitem__(self, index: int | slice) -> str | RowTexts:
        if isinstance(index, slice):
            return RowTexts(self._rows, self._numbers[index])
        text: str = self._rows.load(self._numbers[index])["text"]
        return text
