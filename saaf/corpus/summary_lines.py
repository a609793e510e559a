"""Lines of a summary, with a label in their first column, as a terminal or a pipe shows them."""

from __future__ import annotations

import re
import textwrap
from shutil import get_terminal_size
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_COLUMN = re.compile(r"\S+(?: \S+)* {2,}")


def fit_lines(lines: Iterable[str], stream: TextIO) -> Iterator[str]:
    """Yield the lines for a stream: as they are, or, where it is a terminal, broken between words to its width."""
    if not stream.isatty():
        yield from lines
        return
    width = get_terminal_size().columns
    for line in lines:
        yield from wrap_line(line, width)


def wrap_line(line: str, width: int) -> list[str]:
    """Return a line broken between words where it has more characters than `width`; what follows is under its last
    column, or under its second one where the last begins in the right half. Long words, such as paths, stay whole, and
    so do lines with a command, which are there to be copied.

    >>> wrap_line("inputs      231 (159 kept, 20 duplicate)", 34)
    ['inputs      231 (159 kept, 20', '            duplicate)']
    """
    if len(line) <= width or "saaf " in line:
        return [line]
    ends, position = [0], 0
    while (found := _COLUMN.match(line, position)) is not None:
        position = found.end()
        ends.append(position)
    if " " not in line[position:]:
        return [line]
    indent = ends[-1] if ends[-1] <= width // 2 else ends[1]
    return textwrap.wrap(line, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)
