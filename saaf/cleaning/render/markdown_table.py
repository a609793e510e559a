"""Tables as Markdown (GFM): a row a line, cells over several columns or rows with empty cells beside and below them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from saaf.cleaning.render.markdown_inline import inline_markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.cleaning.render.inline import InlinePieces
    from saaf.cleaning.render.kept import KeptBlock

_MAX_COLUMNS: Final = 200
_MAX_FILLED: Final = 20_000  # cells of a table whose short rows are filled up; readers take short rows too


def table_lines(rows: Sequence[KeptBlock], pieces: InlinePieces) -> list[str]:
    """Return the rows of a table as lines of Markdown.

    Its head is the first row where that has header cells alone, else an empty row: GFM has no table without a head.
    """
    grid = _grid(rows, pieces)
    width = max(map(len, grid), default=0)
    tidy = width * len(grid) <= _MAX_FILLED
    filled = [[*row, *[""] * (width - len(row))] if tidy or not number else row for number, row in enumerate(grid)]
    if not all(cell.is_header for cell in rows[0].structure.cells):
        filled.insert(0, [""] * width)
    lines = [f"| {' | '.join(row)} |" for row in filled]
    return [lines[0], f"|{' --- |' * width}", *lines[1:]]


def _grid(rows: Sequence[KeptBlock], pieces: InlinePieces) -> list[list[str]]:
    """Return the text of each cell by row and column."""
    grid: list[list[str]] = []
    left = _MAX_FILLED  # empty cells that may be added beside and below others
    covered: dict[int, int] = {}  # columns that a cell of a row above covers, and for how many rows
    for row in rows:
        line: list[str] = []
        begun: dict[int, int] = {}
        for cell in row.structure.cells:
            while covered.get(len(line), 0) > 0 and len(line) < _MAX_COLUMNS and left > 0:
                line.append("")
                left -= 1
            own = inline_markdown(pieces.of(cell.start, cell.end), in_table=True) if cell.end > cell.start else ""
            width = max(min(cell.columns, _MAX_COLUMNS - len(line), left), 1)
            left -= width - 1
            begun |= dict.fromkeys(range(len(line), len(line) + width), cell.rows)
            line += [own, *[""] * (width - 1)]
        covered = {column: rest - 1 for column, rest in covered.items() if rest > 1}
        covered |= {column: rest - 1 for column, rest in begun.items() if rest > 1}
        grid.append(line)
    return grid
