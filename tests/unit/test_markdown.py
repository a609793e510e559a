"""Markdown of a clean document: what is written for each part of a page, and what of it is removed."""

from dataclasses import replace

import pytest

import saaf
from saaf.cleaning.readers.html import read_html
from saaf.cleaning.readers.plain import document_from_text
from saaf.cleaning.render.markdown import to_markdown
from saaf.cleaning.types import CleanDocument, Page, Removal

URL = "https://www.example.org/a/"


def markdown(body: str, *removed: str) -> str:
    """Return the Markdown of a page without the parts of its text that are named."""
    document = read_html(Page(url=URL, body=f"<html><body>{body}".encode()), votes="fast", structure=True)
    removals = []
    for part in removed:
        start = document.text.index(part)
        end = start + len(part)
        removals.append(Removal(start=start, end=end + (document.text[end : end + 1] == "\n"), rule="html.other"))
    return to_markdown(CleanDocument(document=document, removals=tuple(removals)))


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("<h1>One</h1><h3>Three #</h3>", "# One\n\n### Three \\#\n"),
        ("<p>a<br>b<br><br>c", "a\\\nb\n\nc\n"),
        ("<ul><li>a<li>b<ul><li>c</ul></ul>", "- a\n- b\n  - c\n"),
        ("<ol><li>a<li>b<ol start=4><li>c</ol></ol>", "1. a\n\n2. b\n\n   4. c\n"),
        ("<ul><li><p>a<p>b<li>c</ul>", "- a\n\n  b\n\n- c\n"),
        ("<ul><li>a</ul><ul><li>b</ul><ol><li>c</ol><ol><li>d</ol>", "- a\n\n* b\n\n1. c\n\n1) d\n"),
        ("<blockquote><p>a<p>b</blockquote><blockquote>c</blockquote>", "> a\n>\n> b\n\n> c\n"),
        ("<dl><dt>Warp<dd>Long.<dd>Tight.</dl>", "- **Warp**\n\n  Long.\n\n  Tight.\n"),
        ("<pre class=language-c>a\n\n  ```b</pre>", "````c\na\n\n  ```b\n````\n"),
        ("<table><tr><th>A<th>B<tr><td>1|2<td></table>", "| A | B |\n| --- | --- |\n| 1\\|2 |  |\n"),
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "|  |  |\n| --- | --- |\n| a | b |\n| c | d |\n"),
        (
            "<table><tr><th>A<th>B<th>C<tr><td rowspan=2>x<td colspan=2>y<tr><td>z<td>w</table>",
            "| A | B | C |\n| --- | --- | --- |\n| x | y |  |\n|  | z | w |\n",
        ),
        ("<p><a href='b (c)|d'>link [x]</a>!", "[link \\[x\\]](https://www.example.org/a/b%20%28c%29%7Cd)!\n"),
        ("<p>See!<a href='/x'>it</a>", "See\\![it](https://www.example.org/x)\n"),
        ("<p><b>a</b><i>b</i> c <b><i>d</i></b>", "**a**_b_ c **_d_**\n"),
        ("<p>中文<b>“强调”</b>中文<b>强调</b>中文", "中文“强调”中文**强调**中文\n"),
        ("<p><code>a`b</code> <code>c</code><code>`d</code>", "``a`b`` `c`\\`d\n"),
        ("<p>H<sub>2</sub>O x<sup>2</sup> <del>old</del>", "H2O x2 ~~old~~\n"),
        ("<p>a <img src=i.png alt='x]'> b<p>c", "a ![x\\]](https://www.example.org/a/i.png) b\n\nc\n"),
        ("<p>So <math alttext='a_i^2*b'><mi>a</mi></math> is.", "So \\\\(a_i^2\\*b\\\\) is.\n"),
        ("<p><math display=block alttext='\\{a\\}'><mi>a</mi></math>", "\\\\[\\\\{a\\\\}\\\\]\n"),
    ],
)
def test_parts_of_a_page_are_written_as_markdown(body: str, lines: str) -> None:
    assert markdown(body) == lines


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("1. May", "1\\. May"),
        ("2024. A year", "2024\\. A year"),
        ("1.5 metres", "1.5 metres"),
        ("- no item", "\\- no item"),
        ("-5 degrees", "-5 degrees"),
        ("+ no item", "\\+ no item"),
        ("# no heading", "\\# no heading"),
        ("#tag", "#tag"),
        ("&gt; no quotation", "\\> no quotation"),
        ("---", "\\---"),
        ("===", "\\==="),
        ("***", "\\*\\*\\*"),
        ("| --- |", "\\| --- |"),
        ("snake_case and _this_", "snake_case and \\_this\\_"),
        ("2 &lt; 3 &lt;b&gt; &lt;!-- &lt;/p&gt;", "2 < 3 \\<b> \\<!-- \\</p>"),
        ("AT&amp;T &amp;amp; &amp;#35; R&amp;D;", "AT&T \\&amp; \\&#35; R\\&D;"),
        ("C:\\dir \\* \\", "C:\\dir \\\\\\* \\\\"),
        ("[a]: http://x", "\\[a]: http://x"),
        ("~~~", "\\~\\~\\~"),
        ("```", "\\`\\`\\`"),
        ("اردو میں 1. نمبر", "اردو میں 1. نمبر"),
        ("१. हिंदी", "१. हिंदी"),
    ],
)
def test_text_that_looks_like_markdown_is_escaped_where_it_must_be(line: str, written: str) -> None:
    assert markdown(f"<p>{line}</p>") == f"{written}\n"


def test_what_is_removed_is_not_written_and_lists_keep_their_numbers() -> None:
    body = "<ol><li>one<li>two<li>three<li>four</ol>"
    assert markdown(body, "two") == "1. one\n\n3) three\n4) four\n"
    assert markdown(body, "one", "two") == "3. three\n4. four\n"
    assert markdown("<table><tr><th>A<th>B<tr><td>1<td>2</table>", "A | B") == "|  |  |\n| --- | --- |\n| 1 | 2 |\n"
    assert markdown("<p>a <a href=/x>whole link</a> <b>bold text</b>", "whole link", " text") == "a  **bold**\n"
    assert markdown("<p>So <math alttext='a^2+b'><mi>a</mi></math> is", "a^2") == "So \\\\(+b\\\\) is\n"
    assert markdown("<pre>a\n\nb\nc</pre><p>d", "b") == "```\na\nc\n```\n\nd\n"
    assert markdown("<p>a<br>b<br>c<p>d", "b") == "a\\\nc\n\nd\n"
    assert markdown("<p>a", "a") == ""


def test_a_button_in_a_row_and_what_follows_it_are_no_words_less() -> None:
    found = markdown("<table><tr><td>f<td>g<button>push</button>h<td>i<tr><td>j<td>k</table>")
    assert [word for word in found.replace("|", " ").split() if word != "---"] == ["f", "g", "push", "h", "i", "j", "k"]


def test_images_stay_with_the_text_around_them() -> None:
    body = (
        "<article><p>The first paragraph.</p><figure><img src=1.png><figcaption>Caption.</figcaption></figure>"
        "<p>The second one.</p></article><div class=card><img src=2.png><p>Another story.</p></div>"
    )
    image = "![](https://www.example.org/a/{}.png)"
    whole = markdown(body)
    assert image.format(1) in whole
    assert image.format(2) in whole
    assert image.format(1) in markdown(body, "Caption.", "Another story.")
    assert image.format(2) not in markdown(body, "Caption.", "Another story.")
    assert image.format(1) not in markdown(body, "The first paragraph.", "Caption.", "The second one.")


def test_plain_text_is_written_by_the_kinds_of_its_lines() -> None:
    text = "The weaver\nShe wove for ten years, and then she stopped weaving.\n- one *\n- two\n3. three\n# no heading"
    found = to_markdown(CleanDocument(document=document_from_text(text), removals=()))
    assert found.splitlines()[0] in ("## The weaver", "The weaver")
    assert "- one \\*\n- two\n" in found
    assert "\n3. three\n" in found
    assert "\n\\# no heading\n" in found


def test_a_document_whose_text_was_changed_is_not_written_by_its_old_structure() -> None:
    document = read_html(Page(url=URL, body=b"<h1>Title</h1><p>Text <b>bold</b></p>"), structure=True)
    changed = replace(document, text=document.text.upper())
    assert to_markdown(CleanDocument(document=changed, removals=())) == "## TITLE\n\nTEXT BOLD\n"


def test_the_public_api_refuses_what_is_no_clean_document() -> None:
    for function in (saaf.to_markdown, saaf.to_json, saaf.to_tei):
        with pytest.raises(TypeError, match=r"takes what saaf\.clean_html returns, not a str"):
            function("text")  # type: ignore[arg-type]
