"""Every threshold of the decision, the rules, the votes and the profiles has its two pages in a table."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.unit import (
    test_body_parts,
    test_decide_lists,
    test_endings,
    test_reliable_names,
    test_thresholds_decision,
    test_thresholds_rules,
    test_thresholds_site,
    test_thresholds_votes,
)

CLEANING: Final = Path(__file__).resolve().parents[2] / "saaf" / "cleaning"
MODULES: Final = [
    path for package in ("decision", "rules", "site", "votes") for path in sorted((CLEANING / package).glob("*.py"))
]
TABLES: Final = (
    test_body_parts,
    test_decide_lists,
    test_endings,
    test_reliable_names,
    test_thresholds_decision,
    test_thresholds_rules,
    test_thresholds_site,
    test_thresholds_votes,
)
NAMED: Final = {one.name for table in TABLES for one in table.THRESHOLDS}
# Numbers that decide nothing that a page could show, and modules with tables of their own.
EXEMPT: Final = {
    "phrase_rules._GLUED_SCORE": "a score is written beside a removal and compared with nothing",
    "phrase_rules._RUN_SCORE": "a score",
    "phrase_rules._STATEMENT_SCORE": "a score",
    "shortcodes._MAX_LINE": "a bound on work: a line so long is no shortcode",
    "decide._ROUNDING": "the error of a floating-point product",
    "repeated_blocks._SCORE": "a score",
    "appended_pages._DIGEST_DIGITS": "the length of a stored digest",
    "appended_pages._MAX_HEADLINE_CHARACTERS": "a bound on work: a kept block so long is prose, and ends the search",
    "profile.SITES": "the size of a cache",
    "profile_json.FORMAT": "the version of a file's layout",
}
OWN_TABLES: Final = frozenset({"duplicate_lines"})
"""Modules whose thresholds another file of tests holds."""


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def is_number(value: ast.expr | None) -> bool:
    """Return whether a value is a number, or a table, range or function of numbers alone."""
    if isinstance(value, ast.Constant):
        return isinstance(value.value, int | float) and not isinstance(value.value, bool)
    if isinstance(value, ast.Tuple | ast.List):
        return all(map(is_number, value.elts))
    if isinstance(value, ast.Dict):
        return all(map(is_number, value.values))
    if isinstance(value, ast.Call):
        return bool(value.args) and all(map(is_number, value.args))
    if isinstance(value, ast.BinOp):
        return is_number(value.left) and is_number(value.right)
    return isinstance(value, ast.UnaryOp) and is_number(value.operand)


def thresholds_of(path: Path) -> set[str]:
    """Return the constants of a module that are numbers."""
    found = set()
    for node in tree_of(path).body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if targets and is_number(node.value):  # type: ignore[attr-defined]  # both kinds of assignment have one
            found |= {f"{path.stem}.{target.id}" for target in targets if isinstance(target, ast.Name)}
    return found


DEFINED: Final = {name for path in MODULES if path.stem not in OWN_TABLES for name in thresholds_of(path)}


def test_every_threshold_has_its_two_pages() -> None:
    assert DEFINED - NAMED - EXEMPT.keys() == set(), "give each a page on either side, in a table of this package's"


def test_the_tables_name_no_threshold_that_is_gone() -> None:
    constants = {name for name in NAMED | EXEMPT.keys() if " " not in name}
    others = {"appended._FINAL_KINDS"}
    assert constants - DEFINED - others == set()


@pytest.mark.parametrize("path", [path for path in MODULES if path.stem not in OWN_TABLES], ids=lambda path: path.stem)
def test_a_comparison_takes_its_threshold_from_a_constant_with_a_name(path: Path) -> None:
    numbers = [
        f"line {part.lineno}: {part.value}"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Compare)
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, int | float) and part.value not in (0, 1, 2)
    ]
    assert numbers == []
