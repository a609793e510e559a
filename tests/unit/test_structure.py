"""The structure of a page: what its blocks are, and what is marked in its text, which is the same with and without."""

import pickle

import pytest

import saaf
from saaf.cleaning.readers.html import read_html
from saaf.cleaning.structure import BlockStructure, ContainerKind, SpanKind, Structure
from saaf.cleaning.types import Document, Page
from tests.unit.test_markers import PAGE

URL = "https://www.example.org/a/page.html"


def read(body: str, url: str | None = URL) -> Document:
    return read_html(Page(url=url, body=PAGE.format(title="The weaver", body=body).encode()), structure=True)


def structure_of(document: Document) -> Structure:
    assert document.structure is not None
    return document.structure


def by_text(document: Document) -> dict[str, BlockStructure]:
    lines = [document.text[block.start : block.end] for block in document.blocks]
    return dict(zip(lines, structure_of(document).blocks, strict=True))


def spans(document: Document) -> list[tuple[str, str]]:
    return [(one.kind.value, document.text[one.start : one.end]) for one in structure_of(document).spans]


def test_headings_have_their_level() -> None:
    blocks = by_text(read("<h2>Two <em>here</em></h2><p>Text</p><h6>Six</h6>"))
    assert [blocks[name].level for name in ("The weaver", "Two here", "Text", "Six")] == [1, 2, None, 6]


def test_items_have_the_numbers_that_readers_see() -> None:
    body = "<ol start=3><li>three<li value=7>seven<li>eight<ul><li>below</ul></ol><ol reversed><li>b<li>a</ol>"
    blocks = by_text(read(body))
    assert [blocks[name].containers[0].number for name in ("three", "seven", "eight", "below", "b", "a")] == [
        3, 7, 8, 8, 2, 1,
    ]  # fmt: skip
    assert blocks["below"].list_depth == 2
    assert blocks["below"].containers[1].kind is ContainerKind.UNORDERED_ITEM
    assert blocks["three"].containers[0].list == blocks["seven"].containers[0].list
    assert blocks["b"].containers[0].list != blocks["seven"].containers[0].list


def test_quotations_nest() -> None:
    blocks = by_text(
        read("<blockquote><p>one</p><blockquote>two<ul><li>item</ul></blockquote></blockquote><p>none</p>")
    )
    assert [blocks[name].quotation_depth for name in ("one", "two", "item", "none")] == [1, 2, 2, 0]
    assert blocks["item"].list_depth == 1


def test_a_term_and_its_definitions_are_one_item() -> None:
    blocks = by_text(read("<dl><dt>Warp<dd>long<dd>tight<dt>Weft<dd>short</dl>"))
    assert [blocks[name].is_term for name in ("Warp", "long", "tight", "Weft")] == [True, False, False, True]
    assert blocks["Warp"].containers == blocks["long"].containers == blocks["tight"].containers
    assert blocks["Weft"].containers[0].element != blocks["Warp"].containers[0].element


@pytest.mark.parametrize(
    "markup",
    [
        '<pre><code class="language-python">{}</code></pre>',
        '<pre class="lang-py python" data-lang="python">{}</pre>',
        '<div class="highlight-python notranslate"><div class="highlight"><pre>{}</pre></div></div>',
        '<div class="highlight highlight-source-python"><pre>{}</pre></div>',
        '<pre class="sourceCode python"><code>{}</code></pre>',
        '<pre class="brush: python">{}</pre>',
    ],
)
def test_code_has_its_language_and_its_blank_lines(markup: str) -> None:
    blocks = by_text(read(markup.format("\ndef weave():\n\n    return 1\n\n\nweave()<br>again()\n")))
    lines = ("def weave():", "    return 1", "weave()", "again()")
    assert [blocks[name].language for name in lines] == ["python"] * 4
    assert [blocks[name].blank_lines for name in lines] == [0, 1, 2, 0]
    assert len({blocks[name].code for name in lines}) == 1


def test_code_of_two_elements_is_two_pieces_and_has_no_marks_in_it() -> None:
    document = read("<pre>first <b>line</b></pre><pre>second line</pre>")
    blocks = by_text(document)
    assert blocks["first line"].code != blocks["second line"].code
    assert blocks["second line"].blank_lines == 0
    assert spans(document) == []


def test_rows_have_cells() -> None:
    document = read(
        "<table><caption>Sizes<tr><th>Name<th colspan=2>Size</tr>"
        "<tr><td rowspan=3>a|b</td><td></td><td>|c</td></tr></table>"
    )
    blocks = by_text(document)
    head, row = blocks["Name | Size"], blocks["a|b | | |c"]
    assert [document.text[one.start : one.end] for one in head.cells] == ["Name", "Size"]
    assert [document.text[one.start : one.end] for one in row.cells] == ["a|b", "", "|c"]
    assert [one.is_header for one in (*head.cells, *row.cells)] == [True, True, False, False, False]
    assert (head.cells[1].columns, row.cells[0].rows) == (2, 3)
    assert head.table == row.table is not None
    assert blocks["Sizes"].table is None


def letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def test_every_word_of_a_row_is_in_one_cell() -> None:
    document = read(
        "<table><tr><td>a<div><td>b<td>c</div>d<td>e</table>"
        "<table><tr><td>f<td>g<button>push</button>h<td>i</table><table><tr>x<td>y<td>z</table>"
    )
    blocks = by_text(document)
    for line, own in blocks.items():
        words = "".join(document.text[one.start : one.end] for one in own.cells)
        assert not own.cells or letters(words) == letters(line)
    assert any(len(own.cells) == 2 for own in blocks.values())


def test_a_line_break_goes_on_with_the_paragraph_and_two_do_not() -> None:
    blocks = by_text(read("<p>one<br>two<br><br>three</p><p>four</p>"))
    assert [blocks[name].follows_break for name in ("one", "two", "three", "four")] == [False, True, False, False]


def test_marked_text_has_spans() -> None:
    document = read(
        '<p>A <a href="../b c?x=1&y=2#z">link <b>bold</b></a>, <em>soft</em>, <code>x*y</code>, H<sub>2</sub>O, '
        "x<sup>2</sup>, <del>old</del>, <math alttext='a^2'><mi>a</mi></math></p>"
    )
    assert spans(document) == [
        ("link", "link bold"), ("strong", "bold"), ("emphasis", "soft"), ("code", "x*y"), ("subscript", "2"),
        ("superscript", "2"), ("deleted", "old"), ("formula", r"\(a^2\)"),
    ]  # fmt: skip
    assert structure_of(document).spans[0].url == "https://www.example.org/b%20c?x=1&y=2#z"


def test_a_span_over_several_blocks_is_one_for_each() -> None:
    assert spans(read('<a href="/x"><h2>Head</h2><p>Text <b>bold</b></p></a>')) == [
        ("link", "Head"), ("link", "Text bold"), ("strong", "bold"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("/x", "https://www.example.org/x"),
        ("//cdn.example.org/x", "https://cdn.example.org/x"),
        ("#part", "https://www.example.org/a/page.html#part"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("HTTPS://EXAMPLE.ORG/x", "https://EXAMPLE.ORG/x"),
        ("javascript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        (" javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("vbscript:x", None),
        ("file:///etc/passwd", None),
        ("http://[::1", None),
        ("", None),
    ],
)
def test_links_are_absolute_and_safe(href: str, url: str | None) -> None:
    found = structure_of(read(f'<p>A <a href="{href}">link</a></p>')).spans
    assert [one.url for one in found] == ([url] if url else [])


def test_links_of_a_page_without_address_stay_relative_and_safe() -> None:
    document = read('<p><a href="/x y">one</a> <a href="#z">two</a> <a href="javascript:x">three</a></p>', url=None)
    assert [one.url for one in structure_of(document).spans] == ["/x%20y"]
    based = read_html(
        Page(url=URL, body=b'<base href="/docs/"><h1>T</h1><p>A <a href="x">link</a></p>'), structure=True
    )
    assert structure_of(based).spans[0].url == "https://www.example.org/docs/x"


def test_images_have_address_and_text_and_know_where_they_stand() -> None:
    document = read(
        "<p>Text <img src='data:image/gif;base64,R0' data-src='in.png' alt=' in  the text'> goes on.</p>"
        "<figure><img srcset='big.jpg 2x, small.jpg' alt=''><figcaption>A loom</figcaption></figure>"
        "<img src='count.gif' width=1 height=1><img src='javascript:x'><p>End</p>"
    )
    inline, own = structure_of(document).images
    assert (inline.url, inline.alt, inline.is_inline) == ("https://www.example.org/a/in.png", "in the text", True)
    assert document.text[inline.start :].startswith("goes on.")
    assert (own.url, own.is_inline) == ("https://www.example.org/a/big.jpg", False)
    assert own.containers[0].kind is ContainerKind.FIGURE
    assert document.text[own.start :].startswith("A loom")


@pytest.mark.parametrize(
    "body",
    [
        "<p>a \u202a b \u202c\u202c c</p><p>\u202e</p><p>d</p>",
        "<table><tr><td>a<td><p>b<p>c</table><table><tr><td><ul><li>x</ul><td>y</table>",
        "<div>" * 700 + "<b>deep</b>" + "</div>" * 700,
        "<li>no list</li><dd>no terms</dd><td>no table</td><pre><div>x</div>\n<div>y</div></pre>",
        "<svg><text>no</text></svg><template><p>no</p></template><a><a></a></a><b><p>across</b> it</p>",
        "<ol start=99999999999999999999 reversed><li value=x>a</ol><td colspan=0>x<td colspan=-5>y",
    ],
)
def test_the_text_is_the_same_with_structure_on_odd_pages_too(body: str) -> None:
    with_structure, without = (
        read(body),
        read_html(Page(url=URL, body=PAGE.format(title="The weaver", body=body).encode())),
    )
    assert with_structure == without
    assert without.structure is None
    assert len(structure_of(with_structure).blocks) == len(without.blocks)
    assert all(0 <= one.start < one.end <= len(without.text) for one in structure_of(with_structure).spans)


def test_structure_is_asked_for_in_the_public_api() -> None:
    page = PAGE.format(title="The weaver", body="<p>She wove the long cloth for the <b>old</b> king of the hill.</p>")
    cleaned = saaf.clean_html(page, structure=True)
    assert cleaned == saaf.clean_html(page)
    assert cleaned.document.structure is not None
    assert cleaned.document.structure.spans[0].kind is SpanKind.STRONG
    assert saaf.clean_html(page).document.structure is None
    assert pickle.loads(pickle.dumps(cleaned)).document.structure == cleaned.document.structure  # noqa: S301
    text = Page(url=None, body=b"Title\n- one\n- two", headers=(("Content-Type", "text/plain"),))
    assert saaf.read(text).structure is None
    assert isinstance(saaf.read(text, structure=True).structure, saaf.Structure)
