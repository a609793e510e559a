"""The rooms of the house and who may import whom, read from the source, not from a run."""

import ast
import sys
from pathlib import Path

import pytest

import dedupe

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("cleaning", "corpus", "crawler", "dedupe")

# The table is docs/decisions/0001-the-house.md's: a room, and the rooms that it may import.
MAY_IMPORT = {
    "cleaning": set[str](),
    "dedupe": set[str](),
    "corpus": {"cleaning", "dedupe"},
    "crawler": {"cleaning", "corpus"},
}
# A third party has one owner; no other room imports it.
OWNER = {
    "scrapy": "crawler",
    "twisted": "crawler",
    "trafilatura": "cleaning",
    "justext": "cleaning",
    "lxml": "cleaning",
    "babel": "cleaning",
    "py3langid": "cleaning",
    "datasketch": "dedupe",
    "pyarrow": "corpus",
    "fastwarc": "corpus",
    "warcio": "corpus",
    "jinja2": "corpus",
    "rich": "corpus",
    "typer": "corpus",
    "pebble": "corpus",
}
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Return the top-level names that a module imports, relative imports resolved to its own room."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(path.relative_to(ROOT).parts[0] if node.level else (node.module or "").partition(".")[0])
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_its_room_may(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    names = imported(path)
    assert names & set(ROOMS) - {room} <= MAY_IMPORT[room]
    assert {name for name in names if OWNER.get(name, room) != room} == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 350, "two ideas in one room: split the module"


def test_every_third_party_import_is_declared() -> None:
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8").lower().replace("-", "_")
    outside = {name for path in MODULES for name in imported(path)} - set(sys.stdlib_module_names) - set(ROOMS)
    comes_with = {"twisted": "scrapy", "itemadapter": "scrapy", "w3lib": "scrapy", "click": "typer"}
    missing = {name for name in outside if comes_with.get(name, name).lower().replace("-", "_") not in declared}
    assert missing == set()


def test_dedupe_is_ours_and_not_the_unrelated_project_of_that_name() -> None:
    assert dedupe.__file__ is not None
    assert Path(dedupe.__file__).resolve().is_relative_to(ROOT)
