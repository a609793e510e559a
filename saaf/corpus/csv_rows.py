"""CSV and TSV (RFC 4180): rows by the names in the first line; neither a long field nor a lost quote takes the file."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain, count
from typing import TYPE_CHECKING

from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import over_limit_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

_DELIMITERS = b",\t;|"
_MAX_FIELDS = 10_000
_MAX_LINES = 100_000  # of a row: as many short ones take fifty times their bytes in memory
_CLOSING = re.compile(rb'(?:[^"]++|"")*+"')


def csv_rows(lines: Iterator[bytes | int], limit: int) -> Iterator[tuple[str, ...] | dict[str, bytes] | Failure]:
    """Yield the names of the columns, and then each row as bytes by column, or why it is none.

    `lines` are physical ones, in place of one of more than `limit` bytes its length: a row may have several. The
    delimiter is what the first line has most of: comma, tab, semicolon or bar. A blank line is no row. Where a quote is
    opened and not closed within `limit` bytes, the line it stands in is lost, and no other. Of columns of one name, the
    later ones have a number: x, x_2. Lines may end in CR alone, where the first does: all of them in `limit` bytes.
    """
    first = next((line for line in lines if isinstance(line, int) or line.strip()), b"")
    if isinstance(first, int):
        yield Failure(state=State.OVER_BUDGET, reason=over_limit_reason("the first line", first, limit))
        return
    first = first.removeprefix(b"\xef\xbb\xbf")
    rows: Iterator[bytes | int] = chain([first], lines)
    if _ends_in_cr(first):
        rows = _split_at_cr(rows)
        first = first.partition(b"\r")[0]
    delimiter = max((bytes([each]) for each in _DELIMITERS), key=first.count)
    header: tuple[str, ...] = ()
    for row in _logical_rows(rows, delimiter, limit):
        if isinstance(row, Failure):
            yield row
        elif not header:
            header = _distinct([field.decode("utf-8", "replace").strip() for field in _fields(row, delimiter)])
            yield header
        else:
            fields = _fields(row, delimiter)
            if len(fields) > len(header):
                reason = f"the row has {len(fields)} fields, and the first line names {len(header)}: quote its fields"
                yield Failure(state=State.UNREADABLE, reason=reason)
            else:
                yield dict(zip(header, fields, strict=False))


def _ends_in_cr(line: bytes) -> bool:
    """Return whether what is read as one line is several, which end in CR alone."""
    head, _, rest = line.partition(b"\r")
    return bool(rest.strip()) and head.count(b'"') % 2 == 0


def _split_at_cr(lines: Iterator[bytes | int]) -> Iterator[bytes | int]:
    for line in lines:
        if isinstance(line, int):
            yield line
        else:
            yield from line.split(b"\r")


def _distinct(names: list[str]) -> tuple[str, ...]:
    """Return names of columns, those that stand twice with a number: x, x_2.

    >>> _distinct(["x", "text", "x", "x_2"])
    ('x', 'text', 'x_3', 'x_2')
    """
    found: list[str] = []
    for place, name in enumerate(names):
        if name not in names[:place]:
            found.append(name)
            continue
        numbered = (f"{name}_{number}" for number in count(2))
        found.append(next(one for one in numbered if one not in found and one not in names))
    return tuple(found)


def _logical_rows(lines: Iterator[bytes | int], delimiter: bytes, limit: int) -> Iterator[bytes | Failure]:
    """Yield rows, each of the lines over which its quotes go."""
    waiting: list[bytes | int] = []  # lines to be read again, the next one last
    while (line := waiting.pop() if waiting else next(lines, None)) is not None:
        if isinstance(line, int):
            yield Failure(state=State.OVER_BUDGET, reason=over_limit_reason("the line", line, limit))
            continue
        if not line.strip():
            continue
        held, size, is_open = [line], len(line), _is_open(line, delimiter, is_open=False)
        while is_open and size <= limit and len(held) < _MAX_LINES:
            more = waiting.pop() if waiting else next(lines, None)
            if more is None or isinstance(more, int):
                if more is not None:
                    waiting.append(more)
                break
            held.append(more)
            size += len(more) + 1
            is_open = _is_open(more, delimiter, is_open=True)
        if is_open:
            yield Failure(state=State.UNREADABLE, reason="a quote is opened in this row and not closed: close it")
            waiting.extend(reversed(held[1:]))
        else:
            yield b"\n".join(held)


def _is_open(line: bytes, delimiter: bytes, *, is_open: bool) -> bool:
    """Return whether a quoted field goes on in the next line; `is_open` says whether one goes on in this."""
    if b'"' not in line:
        return is_open
    position = 0
    while True:
        if is_open:
            found = _CLOSING.match(line, position)
            if found is None:
                return True
            position, is_open = found.end(), False
        else:
            found = _opening(delimiter).search(line, position)
            if found is None:
                return False
            position, is_open = found.end(), True


@cache
def _opening(delimiter: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?:^|" + re.escape(delimiter) + rb')"')


@cache
def _field(delimiter: bytes) -> re.Pattern[bytes]:
    mark = re.escape(delimiter)
    return re.compile(rb'(?:"((?:[^"]++|"")*+)"(?=' + mark + rb"|\Z)|([^" + mark + rb"]*+))(?:" + mark + rb"|\Z)")


def _fields(row: bytes, delimiter: bytes) -> list[bytes]:
    """Return the fields of a row, without the quotes around them."""
    fields: list[bytes] = []
    row = row.removesuffix(b"\r")
    position = 0
    while len(fields) < _MAX_FIELDS and (found := _field(delimiter).match(row, position)) is not None:
        quoted = found[1]
        fields.append(quoted.replace(b'""', b'"') if quoted is not None else found[2])
        position = found.end()
        if position >= len(row) and not found[0].endswith(delimiter):
            break
    return fields
