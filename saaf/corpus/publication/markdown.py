"""Markdown of a data set card: tables, and values that strangers wrote, which must stay values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NOT_RECORDED: Final = "not recorded"
TOP: Final = 20
"""The most rows of a table of names."""
_MAX_CHARACTERS = 200


def quoted(value: object, limit: int = _MAX_CHARACTERS) -> str:
    """Return a value of a page or a setting as code on one line, so that nothing in it is Markdown or HTML.

    Cut off after `limit` characters; "not recorded" for None and for text without a letter to print.

    >>> quoted("a | <b>`x`"), quoted(None)
    ("`a \\\\| <b>'x'`", 'not recorded')
    """
    if value is None:
        return NOT_RECORDED
    line = " ".join("".join(each if each.isprintable() else " " for each in str(value)).split())
    shown = line if len(line) <= limit else f"{line[: limit - 1]}…"
    return f"`{shown.replace('`', chr(39)).replace('|', chr(92) + '|')}`" if shown else NOT_RECORDED


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return the lines of a table, numbers with separators of thousands; "none" where there is no row."""
    lines = [[_cell(value) for value in row] for row in rows]
    if not lines:
        return ["None."]
    ruler = ["---:" if _is_number(column) else "---" for column in zip(*lines, strict=True)]
    return ["| " + " | ".join(row) + " |" for row in (list(head), ruler, *lines)]


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _is_number(column: Sequence[str]) -> bool:
    return all(cell.replace(",", "").replace(".", "").removesuffix(" %").isdigit() for cell in column)


def most(counts: Mapping[str, int], limit: int) -> list[tuple[str, int]]:
    """Return the names with the highest counts, the highest first and equal ones by name."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:limit]


def most_quoted(counts: Mapping[str, int], limit: int) -> list[tuple[str, int]]:
    """Return what `most` does, each name as `quoted` makes it."""
    return [(quoted(name), count) for name, count in most(counts, limit)]


def percent(part: int, whole: int) -> str:
    """Return a share with one digit after the point.

    >>> percent(1, 8), percent(0, 0)
    ('12.5 %', '0.0 %')
    """
    return f"{part / whole if whole else 0:.1%}".replace("%", " %")


def size(count: int) -> str:
    """Return a number of bytes in a unit of the SI.

    >>> size(999), size(12_345_678)
    ('999 B', '12.3 MB')
    """
    for unit, factor in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} B"
