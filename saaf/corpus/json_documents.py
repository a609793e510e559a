"""JSON documents: the objects of an array, or objects that follow each other, one at a time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_OUTSIDE = re.compile(rb'[{}\[\]"]')
_INSIDE = re.compile(rb'["\\]')
_BETWEEN = b" \t\r\n,\x00\x1e"
_NO_OBJECT = re.compile(rb"[^{]+")
_ARRAY_MARKS = re.compile(rb"[\[\] \t\r\n,\x00\x1e]+")
_SHOWN = 200  # bytes of what is no object


def split_objects(blocks: Iterator[bytes], limit: int) -> Iterator[bytes | int]:
    """Yield each object of an array, or of a file of objects, as bytes; in place of one of more than `limit` bytes its
    length, without holding it. What stands where an object could is yielded too, up to 200 bytes of it.

    What follows the last whole object of a file that is cut off is the last item. Brackets are counted and not
    followed, so that nesting costs nothing.
    """
    scanner = _Scanner(limit)
    for block in blocks:
        yield from scanner.feed(block)
    if (rest := scanner.end()) is not None:
        yield rest


class _Scanner:
    """The place in a document: how deep in brackets, in a string or not, and the object that is being read."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._depth = 0  # of brackets within the object
        self._in_string = self._escaped = False
        self._parts: list[bytes] = []
        self._size = 0
        self._odd = b""

    def feed(self, block: bytes) -> Iterator[bytes | int]:
        """Yield the objects that end in a block."""
        position = 0
        while position < len(block):
            if self._depth:
                end, is_done = self._inside(block, position)
                self._add(block[position:end])
                position = end
                if is_done:
                    yield self._take()
            else:
                position = self._between(block, position)
                if position < len(block):
                    if self._odd:
                        yield self._take_odd()
                    self._depth = 1
                    self._add(b"{")
                    position += 1

    def end(self) -> bytes | int | None:
        """Return what is left at the end of the document, None where that is nothing."""
        if self._depth:
            return self._take()
        return self._take_odd() if self._odd else None

    def _between(self, block: bytes, position: int) -> int:
        """Return where the next object begins, or the end of the block; keep what is no mark of an array before it."""
        found = _NO_OBJECT.match(block, position)
        if found is None:
            return position
        odd = _ARRAY_MARKS.sub(b" ", found[0][: 2 * _SHOWN]) if _ARRAY_MARKS.fullmatch(found[0]) is None else b""
        self._odd = (self._odd + odd.strip(_BETWEEN).removeprefix(b"\xef\xbb\xbf"))[:_SHOWN]
        return found.end()

    def _inside(self, block: bytes, position: int) -> tuple[int, bool]:
        """Return where the object ends in the block, and whether it does."""
        while position < len(block):
            if self._escaped:
                self._escaped = False
                position += 1
                continue
            found = (_INSIDE if self._in_string else _OUTSIDE).search(block, position)
            if found is None:
                return len(block), False
            position = found.end()
            mark = found[0]
            if mark == b"\\":
                self._escaped = True
            elif mark == b'"':
                self._in_string = not self._in_string
            else:
                self._depth += 1 if mark in b"{[" else -1
                if not self._depth:
                    return position, True
        return position, False

    def _add(self, part: bytes) -> None:
        self._size += len(part)
        if self._size <= self._limit:
            self._parts.append(part)
        else:
            self._parts.clear()

    def _take(self) -> bytes | int:
        item: bytes | int = b"".join(self._parts) if self._size <= self._limit else self._size
        self._parts, self._size, self._depth = [], 0, 0
        self._in_string = self._escaped = False
        return item

    def _take_odd(self) -> bytes:
        odd, self._odd = self._odd, b""
        return odd
