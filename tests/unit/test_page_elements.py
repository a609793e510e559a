"""The elements of a page by tag: what lxml's searches find, and made anew where the tree was changed."""

from __future__ import annotations

import pytest
from lxml.html import document_fromstring

from saaf.cleaning import clean_html
from saaf.cleaning.html.formulas import replace_formulas
from saaf.cleaning.html.markers import remove_markers
from saaf.cleaning.html.page_elements import elements_of
from saaf.cleaning.html.parser import prepare_source
from saaf.cleaning.html.visibility import show_shadow_roots

PAGE = """<html><head><title>T</title><meta name="a"><link rel="x"></head><body><h1 class="title">A</h1>
<a href="/1">one</a><p class="lead fn">text<a rel="tag">two</a><sup>1</sup></p><h1>B</h1></body></html>"""
PROSE = "The ferry to the outer islands sailed again on Tuesday, five days after the storm had closed the harbour."


@pytest.mark.parametrize("tags", [("a",), ("h1", "a", "title"), ("meta", "link", "sup", "p"), ("video",), ()])
def test_elements_are_those_of_a_search_in_document_order(tags: tuple[str, ...]) -> None:
    root = document_fromstring(PAGE)
    assert elements_of(root).iter(*tags) == (list(root.iter(*tags)) if tags else [])


def test_class_names_are_searched_in_all_elements() -> None:
    elements = elements_of(document_fromstring(PAGE))
    assert elements.may_have_class("byline", "fn")
    assert elements.may_have_class("itl")
    assert not elements.may_have_class("author")
    assert not elements_of(document_fromstring("<p>text</p>")).may_have_class("author")


@pytest.mark.parametrize(
    ("body", "is_changed"),
    [
        ("<h2>Islands <a href='#islands'>¶</a></h2><p>text", True),
        ("<h2><a href='#islands'>Islands</a></h2><p>text", True),
        ("<p>text<sup><a href='#n1'>1</a></sup>", True),
        ("<h2><button>More</button></h2><p>text", True),
        ("<ruby>漢<rt>かん</rt></ruby>", True),
        ("<span class='mw-editsection'>edit</span><p>text", True),
        ("<p><script type='math/tex'>E=mc^2</script></p>", True),
        ("<div><template shadowrootmode='open'><p>text</p></template></div>", True),
        ("<p>text <a href='#'>up</a><sup>th</sup></p><button>Send</button><template><p>x</template>", False),
        ("<h2>Islands</h2><p>text <a href='/2'>two</a><img src='a.png' alt='x'><script>1</script>", False),
    ],
)
def test_what_changes_a_tree_says_so(body: str, is_changed: bool) -> None:
    root = document_fromstring(f"<html><body>{body}</body></html>")
    before = [(element, element.tag, len(element)) for element in root.iter()]
    changed = show_shadow_roots(elements_of(root))
    changed |= replace_formulas(root, elements_of(root))
    changed |= remove_markers(root, elements_of(root))
    assert changed == is_changed
    assert is_changed or [(element, element.tag, len(element)) for element in root.iter()] == before


def test_nothing_is_read_from_what_was_taken_out_of_a_page() -> None:
    """The edit link is gone with the link to an author in it, before anybody looks for authors."""
    link = "<a rel='author' href='/ann'>Ann Example</a>"
    page = f"<title>The ferry</title><h1>The ferry</h1>%s<p>{PROSE}</p><p>{PROSE}</p>"
    assert clean_html(page % f"<p>{link}</p>").document.metadata.author == "Ann Example"
    assert clean_html(page % f"<span class='editsection'>{link}</span>").document.metadata.author is None


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("<p>a</p></body></html>", b"<p>a</p>"),
        ("<p>a</BODY >\n</hTmL\n><p>b", b"<p>a\n<p>b"),
        ("<p>a</bodyx></b></head></h1>", b"<p>a</bodyx></b></head></h1>"),
        ("a</body", b"a</body"),
        ("a</", b"a</"),
        ("a<", b"a<"),
        ("</body></body></body>é", "é".encode()),
    ],
)
def test_a_source_has_no_ends_of_the_page(text: str, source: bytes) -> None:
    assert prepare_source(text) == (source, False)
