"""What the pages of docs/generate.py are made of: tables, docstrings, and the note at their head."""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NOTE = "<!-- Written by docs/generate.py from the code. Change that, then run it again. -->\n\n"


def attribute_docstrings(path: Path) -> dict[str, str]:
    """Return the string that follows each assignment of a module, by name."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return {
        target.id: inspect.cleandoc(after.value.value)
        for before, after in pairwise(body)
        if isinstance(before, ast.Assign | ast.AnnAssign)
        if isinstance(target := before.target if isinstance(before, ast.AnnAssign) else before.targets[0], ast.Name)
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str)
    }


def prose(kind: object) -> str:
    """Return a docstring without its indentation."""
    return inspect.cleandoc(kind.__doc__ or "")


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table of Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
