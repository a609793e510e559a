"""Small pages and what they are as Markdown, TEI and JSON: `structure/NAME.html` beside `NAME.md`, `.xml` and `.json`.

To write the files again after a change that is meant: `python -m tests.golden.test_structure_files`, then look at the
difference.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from saaf.cleaning.readers.html import read_html
from saaf.cleaning.render.document_json import to_json
from saaf.cleaning.render.markdown import to_markdown
from saaf.cleaning.render.tei import to_tei
from saaf.cleaning.types import CleanDocument, Page

PAGES = Path(__file__).parent / "structure"
NAMES = sorted(path.stem for path in PAGES.glob("*.html"))
LANGUAGES = {"urdu": "ur", "chinese": "zh"}
RENDERERS = {".md": to_markdown, ".xml": to_tei, ".json": to_json}


def document_of(name: str) -> CleanDocument:
    """Return a page as read, with nothing removed: the files depend on no model."""
    page = Page(url=f"https://www.example.org/{name}/", body=(PAGES / f"{name}.html").read_bytes())
    read = read_html(page, votes="fast", language=LANGUAGES.get(name, "en"), structure=True)
    read = replace(read, language=replace(read.language, score=1.0))
    return CleanDocument(document=read, removals=())


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_written_as_its_golden_files(name: str) -> None:
    document = document_of(name)
    for ending, render in RENDERERS.items():
        assert render(document) == (PAGES / f"{name}{ending}").read_text(encoding="utf-8"), ending
    etree.parse(PAGES / f"{name}.xml")


def _write() -> None:
    for name in NAMES:
        for ending, render in RENDERERS.items():
            (PAGES / f"{name}{ending}").write_text(render(document_of(name)), encoding="utf-8")


if __name__ == "__main__":
    _write()
