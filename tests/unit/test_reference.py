"""The reference pages say what the code says."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def pages() -> dict[str, Callable[[], str]]:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: dict[str, Callable[[], str]] = module.PAGES
    return made


@pytest.mark.parametrize("name", ["api", "cli", "features", "report", "rules", "settings", "tables"])
def test_a_reference_page_is_up_to_date(name: str) -> None:
    written = (ROOT / "docs" / "reference" / f"{name}.md").read_text(encoding="utf-8")
    assert written == pages()[name](), "run `python docs/generate.py`"


def test_every_page_there_is_is_generated() -> None:
    assert {path.stem for path in (ROOT / "docs" / "reference").glob("*.md")} == set(pages())
