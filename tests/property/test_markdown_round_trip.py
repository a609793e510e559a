"""A reader of Markdown shows the words of the clean text, whatever characters they are made of."""

from html import escape as escape_html
from itertools import chain

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from markdown_it import MarkdownIt
from markdown_it.token import Token

from saaf.cleaning.readers.html import read_html
from saaf.cleaning.readers.plain import document_from_text
from saaf.cleaning.render.kept import kept_structure
from saaf.cleaning.render.markdown import to_markdown
from saaf.cleaning.render.tei import to_tei
from saaf.cleaning.types import CleanDocument, Kind, Page, Removal

bounded = settings(max_examples=150, deadline=None, derandomize=True)
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# Signs of Markdown, and what stands beside them in text: letters, marks and signs of several scripts.
SIGNS = (
    *"*_[]()<>#+-|\\`~!&=:.$^\"'",
    "1.",
    "12)",
    "&amp;",
    "***",
    "```",
    "---",
    "===",
    "![",
    "](",
    "<b>",
    "http://a.b",
)
WORDS = (
    "word",
    "A",
    "7",
    "اردو",
    "خبر",
    "हिंदी",
    "कि",
    "ሰላም",
    "中文",
    "，",
    "“",
    "😀",
    "é",
    "\u200d",
    "\u200f",
    "\u00a0",
)
PIECES = st.one_of(st.sampled_from(SIGNS), st.sampled_from(WORDS), st.just(" "))
TEXTS = st.lists(PIECES, min_size=1, max_size=8).map("".join)
INLINE_TAGS = ("b", "i", "code", "sub", "sup", "del", "a", "span")


@st.composite
def inline(draw: st.DrawFn, depth: int = 2) -> str:
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        text = escape_html(draw(TEXTS))
        if depth and draw(st.booleans()):
            tag = draw(st.sampled_from(INLINE_TAGS))
            link = ' href="/a?b=(c)&d=*e*|f"' if tag == "a" else ""
            text = f"<{tag}{link}>{draw(inline(depth - 1))}</{tag}>"
        elif draw(st.integers(0, 9)) == 0:
            text += '<img src="x.png" alt="a ] [b">'
        parts.append(text)
    return "".join(parts)


@st.composite
def block(draw: st.DrawFn, depth: int = 2) -> str:
    kinds = ["p", "h2", "pre", "br", "table", "ul", "ol", "blockquote", "dl"]
    kind = draw(st.sampled_from(kinds if depth else kinds[:5]))
    if kind == "br":
        return f"<p>{draw(inline())}<br>{draw(inline())}</p>"
    if kind == "pre":
        return f"<pre>{escape_html(draw(TEXTS))}\n\n  {escape_html(draw(TEXTS))}</pre>"
    if kind == "table":
        cells = draw(st.lists(inline(), min_size=2, max_size=3))
        tag = draw(st.sampled_from(("th", "td")))
        rows = "".join(f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>" for tag in (tag, "td"))
        return f"<table>{rows}</table>"
    if kind in ("ul", "ol"):
        start = f' start="{draw(st.integers(-2, 12))}"' if kind == "ol" else ""
        items = draw(st.lists(st.one_of(inline(), blocks(depth - 1)), min_size=1, max_size=3))
        return f"<{kind}{start}>{''.join(f'<li>{item}</li>' for item in items)}</{kind}>"
    if kind == "dl":
        return f"<dl><dt>{draw(inline())}</dt><dd>{draw(blocks(depth - 1))}</dd></dl>"
    return f"<{kind}>{draw(blocks(depth - 1) if kind == 'blockquote' else inline())}</{kind}>"


def blocks(depth: int = 2) -> st.SearchStrategy[str]:
    return st.lists(block(depth), min_size=1, max_size=3).map("".join)


def shown(markdown: str) -> str:
    """Return the text that a reader of Markdown shows, without images."""
    return "".join(chain.from_iterable(map(_shown, READER.parse(markdown))))


def _shown(token: Token) -> list[str]:
    if token.type == "image":
        return []
    if token.type in ("text", "code_inline", "fence", "code_block", "html_inline", "html_block"):
        return [token.content]
    return [part for child in token.children or () for part in _shown(child)]


def solid(text: str) -> str:
    return "".join(text.split())


def words_of(clean: CleanDocument) -> str:
    """Return the clean text without white space and without the separators between the cells of a row."""
    kept = kept_structure(clean)
    parts = []
    for one in kept.blocks:
        cells = one.structure.cells
        spans = [(cell.start, cell.end) for cell in cells] if cells else [(one.start, one.end)]
        parts += [kept.text[start:end] for start, end in spans]
        if one.kind is not Kind.TABLE_ROW:
            assert kept.text[one.start : one.end].strip()
    return solid("".join(parts))


@bounded
@given(blocks(), st.data())
def test_markdown_shows_the_words_of_a_page(body: str, data: st.DataObject) -> None:
    page = Page(url="https://www.example.org/a", body=f"<html><body><p>Start {body}".encode())
    document = read_html(page, votes="fast", structure=True)
    assert read_html(page, votes="fast").text == document.text
    removed = data.draw(st.sets(st.integers(0, len(document.blocks) - 1), max_size=2))
    removals = [
        Removal(start=one.start, end=one.end, rule="x") for i, one in enumerate(document.blocks) if i in removed
    ]
    clean = CleanDocument(document=document, removals=tuple(one for one in removals if one.end > one.start))
    assert shown_equals(clean)
    kept = kept_structure(clean)
    separators = sum(len(one.structure.cells) - 1 for one in kept.blocks if one.structure.cells)
    assert len(words_of(clean)) + separators == len(solid(clean.text)), "every kept character is in a block"
    etree.fromstring(to_tei(clean).encode())


def shown_equals(clean: CleanDocument) -> bool:
    markdown = to_markdown(clean)
    assert solid(shown(markdown)) == words_of(clean), markdown
    return True


@bounded
@given(st.lists(st.lists(PIECES, max_size=10).map("".join), max_size=6).map("\n".join))
def test_markdown_shows_the_words_of_a_plain_text(text: str) -> None:
    assert shown_equals(CleanDocument(document=document_from_text(text), removals=()))
