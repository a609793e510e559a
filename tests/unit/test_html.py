"""A page becomes blocks, one line each, with all that is visible on it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saaf.cleaning import Document, Kind, Page, Unreadable
from saaf.cleaning.readers.html import read_html


def read(html: str) -> Document:
    return read_html(
        Page(url="https://www.example.org/a", body=html.encode(), fetched_at=datetime(2025, 3, 1, tzinfo=UTC))
    )


def lines(html: str) -> list[str]:
    return read(html).text.split("\n")


def test_blocks_are_lines_with_blanks_collapsed() -> None:
    assert lines("<p>One\n  <b>two</b>\t three</p><div>four<p>five</p>six</div>") == [
        "One two three",
        "four",
        "five",
        "six",
    ]


def test_text_between_line_breaks_is_split() -> None:
    assert lines("<div>first part<br><br>second part<br>third</div>") == ["first part", "second part", "third"]


def test_a_line_break_inside_a_heading_is_a_blank() -> None:
    assert lines("<h1>A long<br>headline</h1><p>x</p>") == ["A long headline", "x"]


def test_inline_elements_do_not_tear_words() -> None:
    assert lines("<p>un<em>believ</em>able</p>") == ["unbelievable"]


def test_a_row_of_data_is_one_block() -> None:
    document = read("<table><tr><th>Team</th><th>Points</th></tr><tr><td><p>Accra</p></td><td>31</td></tr></table>")
    assert document.text == "Team | Points\nAccra | 31"
    assert {block.kind for block in document.blocks} == {Kind.TABLE_ROW}


def test_a_table_that_lays_out_the_page_is_no_row() -> None:
    html = "<table><tr><td><ul><li>Home<li>News</ul></td><td><h1>Title</h1><p>Text</p></td></tr></table>"
    document = read(html)
    assert document.text == "Home\nNews\nTitle\nText"
    assert Kind.TABLE_ROW not in {block.kind for block in document.blocks}


def test_code_keeps_its_lines_and_indents() -> None:
    document = read("<pre>def f():\n    return 1\n</pre><p>after</p>")
    assert document.text == "def f():\n    return 1\nafter"
    assert [block.kind for block in document.blocks] == [Kind.CODE, Kind.CODE, Kind.PARAGRAPH]


def test_kinds() -> None:
    document = read(
        "<h2>a</h2><ul><li>b</ul><blockquote><p>c</p></blockquote><figure><figcaption>d</figcaption></figure><button>e</button>"
    )
    assert [block.kind for block in document.blocks] == [
        Kind.HEADING,
        Kind.LIST_ITEM,
        Kind.QUOTE,
        Kind.CAPTION,
        Kind.FORM,
    ]


def test_path_names_ids_classes_and_roles_also_of_an_inline_element_that_is_all_of_the_block() -> None:
    document = read(
        '<div id=main class="post wide"><p><span class=date>Monday</span></p></div><nav role=navigation>x</nav>'
    )
    assert [block.path for block in document.blocks] == [
        "html/body/div#main.post.wide/p/span.date",
        "html/body/nav[role=navigation]",
    ]


def test_link_density_is_the_share_of_letters_in_links() -> None:
    (block,) = read("<p>abcd <a href=/x>efgh</a></p>").blocks
    assert block.link_density == 0.5


@pytest.mark.parametrize("attribute", ["hidden", 'style="color:red; DISPLAY : none"', 'aria-hidden="true"'])
def test_hidden_blocks_are_marked(attribute: str) -> None:
    shown, hidden = read(f"<p>shown</p><div {attribute}><p>not shown</p></div>").blocks
    assert "visible" not in {vote.method for vote in shown.votes}
    assert ("visible", 0.0) in {(vote.method, vote.keep) for vote in hidden.votes}


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>Before</p><script type='text/javascript'/>\n(function() {})();</script><p>After</p>", ["Before", "After"]),
        (
            "<p>Before</p><script src='a.js'/><p>Between</p><script>f()</script><p>After</p>",
            ["Before", "Between", "After"],
        ),
        ("<p>Before</p><script src='a.js'/><p>After</p>", ["Before", "After"]),
    ],
)
def test_a_script_that_closes_itself_is_read_as_in_browsers_and_no_text_is_lost(html: str, shown: list[str]) -> None:
    assert lines(html) == shown


def test_scripts_and_comments_are_no_text_and_nothing_around_them_is_lost() -> None:
    html = "<p>a<!-- x -->b<script>var x</script>c</p><style>p{}</style>d<noscript>e</noscript><p>f</p>"
    assert lines(html) == ["abc", "d", "f"]


@pytest.mark.parametrize(
    ("votes", "from_uncertainty", "asked"),
    [("all", 1.1, True), ("auto", 0.0, True), ("auto", 1.1, False), ("fast", 0.0, False)],
)
def test_trafilatura_is_asked_by_choice_or_in_doubt(
    votes: Literal["all", "auto", "fast"], from_uncertainty: float, asked: bool
) -> None:
    page = Page(url=None, body=b"<p>A sentence, with a comma, of some length here.</p>" * 8)
    document = read_html(page, votes=votes, trafilatura_uncertainty=from_uncertainty)
    methods = {vote.method for block in document.blocks for vote in block.votes}
    assert ("trafilatura" in methods) is asked
    assert {"density", "justext"} <= methods


def test_a_block_knows_whether_an_image_stands_before_it() -> None:
    html = "<p>one</p><p><img src=a.png></p><p>its caption</p><p>two</p><p><img src=b.png>another caption</p>"
    assert [block.after_image for block in read(html).blocks] == [False, True, False, True]


def test_a_body_that_only_json_ld_holds_is_appended() -> None:
    body = "A sentence of the article that no element of the page holds. " * 12
    html = f'<p>Menu</p><script type=\'application/ld+json\'>{{"articleBody": "{body}\\nLast words."}}</script>'
    document = read(html)
    assert document.text == f"Menu\n{body.strip()}\nLast words."
    assert "body_from_json_ld" in document.flags
    assert document.blocks[1].path == "html/body/article#json-ld/p"
    assert ("json-ld", 1.0) in {(vote.method, vote.keep) for vote in document.blocks[1].votes}


def test_a_body_that_the_page_shows_is_not_appended_but_votes() -> None:
    body = "A sentence of the article that the page shows to everybody who reads. " * 10
    document = read(f'<p>{body}</p><script type=\'application/ld+json\'>{{"articleBody": "{body}"}}</script>')
    assert document.text == body.strip()
    assert ("json-ld", 1.0) in {(vote.method, vote.keep) for vote in document.blocks[0].votes}


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<?xml version='1.0' encoding='iso-8859-1'?><html><body><p>नमस्ते</p>", "नमस्ते"),
        ("<p>a\x00b</p>", "ab"),
        ("<p>bad &#0; &#xD800; &#1114112; reference</p>", "reference"),
        ("<p>cut off <b>in the mid", "cut off in the mid"),
        ("<body>" + "<div>" * 100_000 + "deep" + "</div>" * 100_000 + "<p>after</p>", "deep\nafter"),
        ("<body>" + "<div>" * 1_900 + "deep" + "</div>" * 1_900 + "<p>after</p>", "deep\nafter"),
        ("<head></head></html><body><p>the page</p></body>", "the page"),
        ("<p>" + "<span>a </span>" * 20_000, "a a a"),
        ("<p>" + "word " * 2_200_000 + "</p><p>after</p>", "after"),
    ],
    ids=[
        "xml declaration",
        "NUL",
        "references",
        "truncated",
        "100,000 levels",
        "1,900 levels",
        "early end",
        "spans",
        "11 MB of text",
    ],
)
def test_hostile_pages_keep_their_text(html: str, kept: str) -> None:
    assert kept in read(html).text


def test_text_that_bad_markup_put_into_the_head_is_kept() -> None:
    html = "<html><head><title>Not text</title><meta name=k content= <p>Swallowed</p><div>Shown</div></head></html>"
    assert "Shown" in lines(html)
    assert "Not text" not in lines(html)


@pytest.mark.parametrize("html", ["<html></html>", "<script>only()</script>", "<!-- nothing -->", "<img src=x>"])
def test_a_page_without_text_is_unreadable(html: str) -> None:
    with pytest.raises(Unreadable, match="empty page"):
        read(html)


def test_the_same_page_gives_the_same_document() -> None:
    html = (
        "<nav><a href=/>Home</a></nav><h1>Title of it</h1>"
        + "<p>A sentence, with a comma, of some length here.</p>" * 5
    )
    assert read(html) == read(html)


_FRAGMENTS = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<div class='a/b c'>",
        "</div>",
        "<td>",
        "<tr>",
        "<table>",
        "<pre>",
        "<br>",
        "<li>",
        "text",
        " ",
        "\n",
        "कथा",
        "&lt;",
        "<a>",
    ]
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(_FRAGMENTS, max_size=25).map("".join))
def test_blocks_cover_the_text_line_by_line(html: str) -> None:
    try:
        document = read(html + "end")
    except Unreadable:
        return
    assert "\n".join(document.text[block.start : block.end] for block in document.blocks) == document.text
    for block in document.blocks:
        assert block.start < block.end
        assert 0.0 <= block.link_density <= 1.0
        assert "\n" not in document.text[block.start : block.end]
