"""JSON Lines: one row per line, whatever a line holds; an over-long or hostile line costs only itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from saaf.corpus.byte_blocks import BLANK, read_line_range, read_lines
from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import over_limit_reason, record_limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from saaf.corpus.input_paths import InputPath

_MAX_STRUCTURE = 1 << 20
"""Limit of a line outside its strings, in bytes: as objects in memory they take up to 24 times that. Rows of text with
metadata have a few hundred."""
TextColumn = Callable[[Mapping[str, object]], str | None]
_LONG_NUMBER = 20  # characters of the longest integer of 64 bits, with its sign
_JSON_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)


def read_json_lines(
    path: InputPath, body_limit: int, text_column: TextColumn, *, start: int = 0, end: int | None = None
) -> Iterator[tuple[int, dict[str, Any] | Failure]]:
    """Yield the number of each line that is not blank, from 1, with its row, or the failure to read one.

    Of a plain text, the lines that begin in the bytes `[start, end)`, where that is not the whole file. Where
    the text's column stands twice in a line with different texts, the line is a failure. Raises OSError where the file
    cannot be read, or not to its end.
    """
    limit = record_limit(body_limit)
    lines = read_line_range(path, start, end, limit) if start or end is not None else read_lines(path, limit)
    for number, line in enumerate(lines, start=1):
        if isinstance(line, int) or line.strip(BLANK):
            yield number, parse_row(line, body_limit, text_column)


def parse_row(
    line: bytes | int, body_limit: int, text_column: TextColumn, what: str = "line"
) -> dict[str, Any] | Failure:
    """Return the object in JSON, or why there is none; `line` is the length of what is over the limit, `what` its name.

    `text_column` returns the name of the column of a row whose values are compared where it stands twice.
    """
    if isinstance(line, int):
        reason = over_limit_reason(f"the {what}", line, record_limit(body_limit))
        return Failure(state=State.OVER_BUDGET, reason=reason)
    if _exceeds_structure(line):
        return _unreadable(f"the {what} has more than {_MAX_STRUCTURE} bytes outside its texts: no row of a corpus has")
    try:
        # A control character in a text is no reason to lose it, nor is a number that is too long for an integer.
        row = json.loads(line, strict=False, parse_int=_integer)
    except RecursionError:
        return _unreadable(f"the {what} is JSON nested too deeply")
    except ValueError as error:  # of JSON, and of UTF-8
        return _unreadable(f"the {what} is not JSON: {_place(error)}; write it again as one object on one line")
    if not isinstance(row, dict):
        return _unreadable(f"the {what} is JSON, but not an object with columns")
    column = text_column(row)
    if column is not None and line.count(json.dumps(column).encode()) > 1 and _is_ambiguous(line, column):
        return _unreadable(f"column {column!r} stands twice in the {what}, with different values: leave one")
    return row


def _integer(digits: str) -> int | str:
    """Return an integer that a column of 64 bits holds, else its digits: a float would have other ones."""
    if len(digits) <= _LONG_NUMBER and -(1 << 63) <= (number := int(digits)) < 1 << 63:
        return number
    return digits


def _place(error: ValueError) -> str:
    """Return where a line is no JSON, and what is wrong there, in plain words."""
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start + 1} is not {error.encoding.upper()}"
    if not isinstance(error, json.JSONDecodeError):
        return "a value in it cannot be read"
    if error.msg.startswith("Extra data"):
        return f"its object ends before character {error.pos + 1}, and more follows"
    if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated"):
        return f"it is cut off: what begins at character {error.pos + 1} has no end"
    return f"character {error.pos + 1} cannot stand there ({error.doc[error.pos : error.pos + 1]!r})"


def _unreadable(reason: str) -> Failure:
    return Failure(state=State.UNREADABLE, reason=reason)


def _exceeds_structure(line: bytes) -> bool:
    """Return whether a line has too many bytes outside its strings."""
    outside, position = 0, 0
    if len(line) <= _MAX_STRUCTURE:
        return False
    for string in _JSON_STRING.finditer(line):
        outside += string.start() - position
        position = string.end()
        if outside > _MAX_STRUCTURE:
            return True
    return outside + len(line) - position > _MAX_STRUCTURE


def _is_ambiguous(line: bytes, column: str) -> bool:
    """Return whether a line, which is a JSON object, has several values of a column."""
    pairs = json.loads(line, strict=False, parse_int=_integer, object_pairs_hook=list)
    values = [value for name, value in pairs if name == column]
    return any(value != values[0] for value in values[1:])
