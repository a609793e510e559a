"""Sizes of the pages of a Parquet file, read from the page headers before a page is unpacked.

A reader unpacks a page as a whole, and pyarrow shows no page headers: a page of 1 KB may unpack to 2 GB. The headers
are Thrift in its compact protocol: https://github.com/apache/parquet-format, parquet.thrift, `struct PageHeader`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_DEPTH = 16  # of structs in structs: a page header has 4
_STOP, _TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 0, 1, 2, 3, 7, 8, 9, 10, 12
_INTEGERS = (4, 5, 6)
_PAGE_TYPE, _UNPACKED_SIZE, _PACKED_SIZE = 1, 2, 3  # fields of PageHeader
_DATA_HEADERS = ((5, 2), (8, 4))  # of a data page in either version, and the field in it of the encoding; field 1 of
# each is the number of values
_DICTIONARY_PAGE = 2
_DICTIONARY_ENCODINGS = (2, 8)


class PageHeaderError(OSError):
    """A page header that cannot be read: the file is damaged."""

    def __init__(self) -> None:
        super().__init__("the header of a page is damaged")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSize:
    """The stated sizes of one page: `unpacked` and `packed` in bytes, `values` in rows, 0 for a dictionary.

    `start` is where in the file its content begins. `is_spelled`: its values are in it, and not in a dictionary.
    """

    unpacked: int
    packed: int
    start: int
    values: int
    is_spelled: bool


def page_sizes(stream: BinaryIO, start: int, length: int) -> Iterator[PageSize]:
    """Yield the sizes of the pages in the `length` bytes of a column chunk that begin at `start`.

    Raises `PageHeaderError` where a header cannot be read.
    """
    position = start
    while position < start + length:
        stream.seek(position)
        header = _Struct(stream).read()
        sizes = [header.get(field) for field in (_UNPACKED_SIZE, _PACKED_SIZE)]
        if any(not isinstance(size, int) or size < 0 for size in sizes):
            raise PageHeaderError
        unpacked, packed = (int(size) for size in sizes if isinstance(size, int))
        values, encoding = _data_fields(header)
        is_spelled = values > 0 and encoding not in _DICTIONARY_ENCODINGS
        content = stream.tell()
        yield PageSize(unpacked=unpacked, packed=packed, start=content, values=values, is_spelled=is_spelled)
        position = content + packed


def _data_fields(header: dict[int, object]) -> tuple[int, object]:
    """Return the number of values of a data page and the number of their encoding; 0 values of another page."""
    for number, encoding in _DATA_HEADERS:
        fields = header.get(number)
        if isinstance(fields, dict) and header.get(_PAGE_TYPE) != _DICTIONARY_PAGE:
            values = fields.get(1, 0)
            return values if isinstance(values, int) else 0, fields.get(encoding)
    return 0, None


class _Struct:
    """Reader of one Thrift struct: its integers and structs by the number of their field; the rest is skipped."""

    def __init__(self, stream: BinaryIO, depth: int = 0) -> None:
        if depth > _MAX_DEPTH:
            raise PageHeaderError
        self._stream = stream
        self._depth = depth

    def read(self) -> dict[int, object]:
        fields: dict[int, object] = {}
        number = 0
        while (head := self._byte()) != _STOP:
            number = number + (head >> 4) if head >> 4 else self._integer()
            value = self._value(head & 15)
            if isinstance(value, int | dict):
                fields[number] = value
        return fields

    def _value(self, kind: int) -> object:
        if kind in (_TRUE, _FALSE):
            return None
        if kind in _INTEGERS:
            return self._integer()
        if kind == _STRUCT:
            return _Struct(self._stream, self._depth + 1).read()
        if kind in (_BYTE, _DOUBLE, _BINARY):
            self._stream.seek({_BYTE: 1, _DOUBLE: 8}.get(kind) or self._varint(), 1)
            return None
        raise PageHeaderError  # a page header has no lists or maps

    def _integer(self) -> int:
        raw = self._varint()
        return (raw >> 1) ^ -(raw & 1)

    def _varint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise PageHeaderError

    def _byte(self) -> int:
        byte = self._stream.read(1)
        if not byte:
            raise PageHeaderError
        return byte[0]
