"""The reference pages say what the code says."""

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from saaf.crawler import settings
from saaf.crawler.run.checks import known_settings

ROOT = Path(__file__).resolve().parents[2]


def pages() -> dict[str, Callable[[], str]]:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: dict[str, Callable[[], str]] = module.PAGES
    return made


@pytest.mark.parametrize("name", ["api", "cli", "features", "quality", "report", "rules", "settings", "tables"])
def test_a_reference_page_is_up_to_date(name: str) -> None:
    written = (ROOT / "docs" / "reference" / f"{name}.md").read_text(encoding="utf-8")
    assert written == pages()[name](), "run `python docs/generate.py`"


def test_every_setting_of_a_crawl_has_a_default_and_a_description() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8").partition("## Of a build")[0]
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (.+ \| .+\.) \|$", page, re.MULTILINE))
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "saaf" / "crawler").rglob("*.py"))
    read = set(re.findall(r"\"(SAAF_[A-Z_]*[A-Z])\"", code))
    assert {"SAAF_CAPTURE", "SAAF_OUTPUT", "SAAF_BROWSER_TABS"} <= read
    own = {name for name in vars(settings) if name.isupper()}
    assert read | own | set(known_settings()) == rows.keys()
    assert all(row.partition(" | ")[0].strip("` ") for row in rows.values())


def test_every_page_there_is_is_generated() -> None:
    assert {path.stem for path in (ROOT / "docs" / "reference").glob("*.md")} == set(pages())
