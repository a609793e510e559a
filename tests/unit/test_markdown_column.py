"""The column `markdown` of a build: with redaction, with articles of several pages, and with known templates."""

from dataclasses import replace
from pathlib import Path

import pytest

from saaf.cleaning import clean, clean_html, read
from saaf.cleaning.quality.document_redaction import redact_document
from saaf.cleaning.quality.personal_data import find_personal_data
from saaf.cleaning.render.kept import kept_structure
from saaf.cleaning.render.markdown import kept_markdown, to_markdown
from saaf.cleaning.render.redacted import redacted_structure
from saaf.cleaning.types import CleanDocument, Page, Removal
from saaf.corpus.build import build
from saaf.corpus.configuration import read_configuration
from saaf.corpus.joined_pages import join
from saaf.corpus.measure_text import measure_text
from saaf.corpus.schema import to_row
from saaf.corpus.settings import BuildSettings
from tests.corpora import corpus_rows

SENTENCE = (
    "<p>The council of the old harbour town decided on <b>{}</b>, after long years, to open the bridge again.</p>"
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
BODY = "".join(map(SENTENCE.format, DAYS))
CONTACT = (
    "<p>Those who know more may write to "
    '<a href="mailto:a.smith@harbour-council.in"><b>a.smith</b>@harbour-council.in</a> or '
    'to <a href="/who?mail=a.smith@harbour-council.in">the council</a>, <i>before Monday</i>.</p>'
)


def cleaned(body: str, url: str = "https://www.example.org/a") -> CleanDocument:
    page = f"<html><head><title>Bridge</title></head><body><article><h1>Bridge</h1>{body}</article></body></html>"
    return clean(read(Page(url=url, body=page.encode()), structure=True))


def test_markdown_is_redacted_in_its_text_and_in_its_links() -> None:
    document = replace(cleaned(BODY + CONTACT), removals=())
    measured = measure_text(document, redact=("email",), languages=False)
    markdown = measured.columns["markdown"]
    assert isinstance(markdown, str)
    assert "a.smith" not in markdown
    assert "harbour-council.in" not in markdown
    assert "to the council, *before Monday*." in markdown
    assert "decided on **Monday**, after" in markdown
    row = to_row(measured.clean, dump="x", file_path="x", text_columns=measured.columns)
    assert row["markdown"] == markdown


def test_a_document_without_structure_has_no_markdown() -> None:
    document = clean_html(f"<h1>Bridge</h1>{BODY}")
    assert measure_text(document, redact=(), languages=False).columns["markdown"] is None
    assert to_row(document, dump="x", file_path="x")["markdown"] is None


def test_pages_of_one_article_have_the_markdown_of_all() -> None:
    pages = [cleaned(f"<ol><li>{one} <b>one</b><li>two<img src=i.png></ol>{BODY}") for one in ("First", "Second")]
    pages = [replace(page, removals=()) for page in pages]
    joined = join(pages, incomplete=False)
    assert to_markdown(joined) == "\n".join(map(to_markdown, pages))
    assert join([pages[0], clean_html(f"<h1>B</h1>{BODY}")], incomplete=False).document.structure is None


def test_a_build_writes_markdown_where_it_was_asked_for(tmp_path: Path) -> None:
    source = tmp_path / "a.html"
    source.write_text(f"<html><body><article><h1>Bridge</h1>{BODY}</article></body></html>", encoding="utf-8")
    (tmp_path / "b.txt").write_text("The weaver\n\n" + "She wove for ten years in the village. " * 8, encoding="utf-8")
    inputs = [source, tmp_path / "b.txt"]
    settings = BuildSettings(workers=0, markdown=True)
    build(inputs, tmp_path / "out", settings=settings)
    rows = {row["file_path"]: row for row in corpus_rows(tmp_path / "out", "documents")}
    assert "decided on **Friday**, after" in rows["a.html"]["markdown"]
    assert "She wove for ten years" in rows["b.txt"]["markdown"]
    build(inputs, tmp_path / "out", settings=replace(settings, markdown=False))
    plain = {row["file_path"]: row for row in corpus_rows(tmp_path / "out", "documents")}
    assert plain == {name: row | {"markdown": None} for name, row in rows.items()}


def test_markdown_is_a_key_of_the_configuration_and_needs_cleaning(tmp_path: Path) -> None:
    path = tmp_path / "saaf.toml"
    path.write_text("markdown = true\n", encoding="utf-8")
    assert read_configuration(path).build_fields() == {"markdown": True}
    with pytest.raises(ValueError, match=r"Markdown.* need texts that are cleaned"):
        BuildSettings(clean=False, markdown=True)


@pytest.mark.parametrize("first", [0, 1, 3])
def test_redacted_structure_is_of_the_redacted_text(first: int) -> None:
    document = cleaned(CONTACT + BODY + CONTACT + f"<table><tr><td>Mail<td>b.jones@harbour-council.in</table>{CONTACT}")
    removals = tuple(
        Removal(start=block.start, end=block.end, rule="html.other")
        for block in document.document.blocks[first : first + 2]
    )
    document = replace(document, removals=removals)
    found = find_personal_data(document.text)
    redacted = redact_document(document, found, ("email",))
    kept = redacted_structure(kept_structure(document), redacted.replacements, ("email",))
    assert kept.text == redacted.clean.text
    assert "a.smith" not in kept_markdown(kept)
    lines = [kept.text[block.start : block.end] for block in kept.blocks]
    assert [line for line in kept.text.split("\n") if line] == lines
    (row,) = (block for block in kept.blocks if block.structure.cells)
    assert kept.text[row.structure.cells[0].start : row.structure.cells[0].end] == "Mail"
    assert kept.text[row.structure.cells[1].start : row.structure.cells[1].end].count("@") == 1
