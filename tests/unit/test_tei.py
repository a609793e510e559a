"""TEI and JSON of a clean document: well-formed with any text, and true to its structure."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import etree

import saaf
from saaf.cleaning.readers.html import read_html
from saaf.cleaning.render.document_json import to_json
from saaf.cleaning.render.tei import to_tei
from saaf.cleaning.types import Block, CleanDocument, Document, Kind, Language, Metadata, Page, Removal, Track

NAMES = {"t": "http://www.tei-c.org/ns/1.0"}
BODY = (
    "<h1>The weaver</h1><p>Text <a href='/x?a=1&amp;b=2'>link</a> <b>bold</b> <i>soft</i> H<sub>2</sub>O "
    "<code>x</code> <math alttext='a^2'><mi>a</mi></math><br>after</p><h2>Part</h2><blockquote><p>Said</p></blockquote>"
    "<ol start=4><li>four<li><p>five<p>more</ol><dl><dt>Warp<dd>long</dl><pre class=language-c>a\n\n  b</pre>"
    "<table><tr><th>A<th>B<tr><td colspan=2>c</table>"
    "<figure><img src=i.png alt='a loom'><figcaption>A loom at work</figcaption></figure><h1>Last</h1>"
)


def document_of(body: str = BODY) -> Document:
    return read_html(Page(url="https://www.example.org/", body=body.encode()), votes="fast", structure=True)


def parsed(clean: CleanDocument) -> Any:
    return etree.fromstring(to_tei(clean).encode())


def found(root: Any, path: str) -> list[str]:
    steps = "/".join(f"t:{step}" if step and step[0].isalpha() else step for step in path.split("/"))
    return ["".join(one.itertext()) for one in root.xpath(steps, namespaces=NAMES)]


def test_tei_has_an_element_for_each_part_of_a_page() -> None:
    root = parsed(CleanDocument(document=document_of(), removals=()))
    assert root.tag == "{http://www.tei-c.org/ns/1.0}TEI"
    assert found(root, "//div/head") == ["The weaver", "Part", "Last"]
    assert found(root, "//div/div/head") == ["Part"]
    assert found(root, "//body//ref") == ["link"]
    assert root.xpath("string(//t:body//t:ref/@target)", namespaces=NAMES) == "https://www.example.org/x?a=1&b=2"
    assert root.xpath("//t:hi/@rend", namespaces=NAMES) == ["bold", "italic", "sub"]
    assert found(root, "//formula") == ["a^2"]
    assert found(root, "//quote/p") == ["Said"]
    assert root.xpath("//t:list/@rend", namespaces=NAMES) == ["numbered", "gloss"]
    assert root.xpath("//t:item/@n", namespaces=NAMES) == ["4", "5"]
    assert found(root, "//item/p") == ["five", "more"]
    assert found(root, "//list/label") == ["Warp"]
    assert found(root, "//code") == ["x", "a\n\n  b"]
    assert found(root, "//row/cell") == ["A", "B", "c"]
    assert found(root, "//figure/figDesc") == ["a loom"]
    assert found(root, "//figure/head") == ["A loom at work"]
    assert len(root.xpath("//t:lb", namespaces=NAMES)) == 1


def test_the_header_has_what_the_page_states() -> None:
    document = Document(
        id="0" * 16,
        url="https://www.example.org/x",
        site="example.org",
        track=Track.TEXT,
        language=Language(code="ur", script="Arab", score=1.0),
        metadata=Metadata(
            title="بنکر", author="A & B", published="2024-05-01", licence="https://licences.example/by", tags=("x",)
        ),
        text="متن",
        blocks=(Block(start=0, end=3),),
    )
    root = parsed(CleanDocument(document=document, removals=()))
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "ur-Arab"
    assert found(root, "//titleStmt/title") == ["بنکر"]
    assert found(root, "//titleStmt/author") == ["A & B"]
    assert root.xpath("//t:publicationStmt/t:date/@when", namespaces=NAMES) == ["2024-05-01"]
    assert root.xpath("//t:licence/@target", namespaces=NAMES) == ["https://licences.example/by"]
    assert found(root, "//sourceDesc//ref") == ["https://www.example.org/x"]
    assert found(root, "//term") == ["x"]
    assert found(root, "//body/p") == ["متن"]


@pytest.mark.parametrize(
    "sign", ["\x00", "\x0b", "\x1b", "\ud800", "\ufffe", "\uffff", "]]>", "<&>\"'", "\u0085", "😀"]
)
def test_tei_and_json_are_well_formed_with_any_character(sign: str) -> None:
    text = f"a{sign}b\nc{sign}"
    document = Document(
        id=sign,
        url=f"https://www.example.org/{sign}",
        site=sign,
        track=Track.TEXT,
        language=Language(code="und", script="Zyyy", score=0.0),
        metadata=Metadata(title=sign, author=sign, licence=sign, tags=(sign,), site_name=sign, published=sign),
        text=text,
        blocks=(
            Block(start=0, end=text.index("\n"), kind=Kind.HEADING),
            Block(start=text.index("\n") + 1, end=len(text)),
        ),
    )
    clean = CleanDocument(document=document, removals=())
    assert "".join(parsed(clean).itertext()).count("c") >= 1
    assert json.loads(to_json(clean))["text"].startswith("a")
    to_json(clean).encode()
    saaf.to_markdown(clean)


def test_a_document_of_which_nothing_is_kept_is_a_document_without_text() -> None:
    document = document_of("<p>gone</p>")
    clean = CleanDocument(document=document, removals=(Removal(start=0, end=4, rule="html.other"),))
    assert found(parsed(clean), "//body/p") == [""]
    assert json.loads(to_json(clean))["blocks"] == []


def test_json_has_blocks_with_their_kind_text_and_spans() -> None:
    document = document_of()
    start = document.text.index("Text ")
    removals = (Removal(start=start, end=start + 5, rule="html.other"),)
    content = json.loads(to_json(CleanDocument(document=document, removals=removals)))
    blocks = content["blocks"]
    assert [one["kind"] for one in blocks[:3]] == ["heading", "paragraph", "paragraph"]
    assert blocks[0]["level"] == 1
    assert [(one["kind"], blocks[1]["text"][one["start"] : one["end"]]) for one in blocks[1]["spans"][:2]] == [
        ("link", "link"), ("strong", "bold"),
    ]  # fmt: skip
    code = next(one for one in blocks if one["kind"] == "code")
    assert (code["text"], code["language"]) == ("a\n\n  b", "c")
    four = next(one for one in blocks if one["text"] == "four")
    assert four["containers"][0]["number"] == 4
    (image,) = content["images"]
    assert blocks[image["block"]]["text"] == "A loom at work"
    row = next(one for one in blocks if one["text"] == "A | B")
    assert [row["text"][cell["start"] : cell["end"]] for cell in row["cells"]] == ["A", "B"]


def test_a_date_is_of_the_page_alone() -> None:
    page = "<html><head><title>T</title></head><body><p>Words of a page without any date in it.</p>"
    cleaned = saaf.clean_html(page, fetched_at=datetime(2024, 5, 1, tzinfo=UTC), structure=True)
    assert found(parsed(cleaned), "//date") == []
