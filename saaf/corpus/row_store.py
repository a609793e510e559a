"""Rows kept aside on disk while a build decides what becomes of them: it holds their addresses, not their texts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, overload

if TYPE_CHECKING:
    from pathlib import Path


class Spool:
    """Rows of JSON values in a file, each fetched by the number `append` returned; a context manager."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("w+b")
        self._offsets: list[int] = []
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def append(self, row: Mapping[str, object]) -> int:
        """Keep a row and return its number."""
        line = json.dumps(row).encode() + b"\n"
        self._stream.seek(self._end)
        self._stream.write(line)
        self._offsets.append(self._end)
        self._end += len(line)
        return len(self._offsets) - 1

    def row(self, number: int) -> dict[str, Any]:
        """Return a row as it was given."""
        self._stream.seek(self._offsets[number])
        row: dict[str, Any] = json.loads(self._stream.readline())
        return row


class Texts(Sequence[str]):
    """The texts of some rows of a spool, read when they are asked for."""

    def __init__(self, spool: Spool, numbers: Sequence[int]) -> None:
        self._spool = spool
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Texts: ...
    def __getitem__(self, index: int | slice) -> str | Texts:
        if isinstance(index, slice):
            return Texts(self._spool, self._numbers[index])
        text: str = self._spool.row(self._numbers[index])["text"]
        return text
