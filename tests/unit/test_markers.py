"""Readings, permalinks, edit links and numbers of notes do not run into the words beside them."""

import pytest

from saaf.cleaning import Page, clean_html
from saaf.cleaning.readers.html import read_html

PAGE = "<html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"


def text_of(body: str, title: str = "The weaver of the hill") -> str:
    """Return the whole text of a page, before cleaning, less its headline."""
    page = Page(url=None, body=PAGE.format(title=title, body=body).encode())
    return read_html(page).text.partition("\n")[2]


@pytest.mark.parametrize(
    ("ruby", "text"),
    [
        ("<ruby>織物<rt>おりもの</rt></ruby>の<ruby>町<rt>まち</rt></ruby>", "織物の町"),
        ("<ruby>織物<rp>（</rp><rt>おりもの</rt><rp>）</rp></ruby>の町", "織物の町"),
        ("<ruby>織<rt>お<rt>り</ruby>の町", "織の町"),
        ("<ruby><rb>織<rb>物<rt>おり<rt>もの</ruby>の町", "織物の町"),
        ("<ruby><rb>織<rt>おり<rb>物<rt>もの</ruby>の町", "織物の町"),
        ("<ruby><rb>織物</rb><rtc><rt>おりもの</rt></rtc></ruby>の町", "織物の町"),
        ("<ruby>紡<rt>fǎng</rt>織<rt>zhī</rt></ruby>的人", "紡織的人"),
        ("<ruby><rt>よみだけ</rt></ruby>の町", "よみだけの町"),
        ("the <ruby>織<rt>ori</rt></ruby> loom", "the 織 loom"),
    ],
)
def test_readings_of_ruby_text_do_not_run_into_the_words(ruby: str, text: str) -> None:
    assert text_of(f"<p>{ruby}</p>") == text


def test_the_title_has_no_readings_either() -> None:
    heading = "<h1><ruby>織物<rt>おりもの</rt></ruby>の<ruby>町<rt>まち</rt></ruby></h1><p>長い話。</p>"
    document = read_html(Page(url=None, body=f"<title>織物の町</title>{heading}".encode()))
    assert document.metadata.title == "織物の町"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('<h2 id="warp">Warp<a class="headerlink" href="#warp" title="Link to this heading">¶</a></h2>', "Warp"),
        ('<h2 id="warp"><a href="#warp" aria-hidden="true">#</a> Warp</h2>', "Warp"),
        ('<h2 id="warp"><a href="https://loom.example/guide#warp">§</a> Warp</h2>', "Warp"),
        ('<h2 id="warp">ताना <a href="#warp">🔗</a></h2>', "ताना"),
        ('<h2 id="warp">تار<a href="#warp">\u200b</a></h2>', "تار"),
        ('<h2 id="warp">Warp <a class="hash-link" href="#warp">Direct link to Warp</a></h2>', "Warp"),
        ('<dl><dt id="warp">warp(ends)<a href="#warp">¶</a></dt></dl>', "warp(ends)"),
        ('<p>Wool is washed first. <a href="#note-back-1">↩</a></p>', "Wool is washed first."),
        # What is text stays: the heading itself, a section's number, a link with words.
        ('<h2 id="warp"><a href="#warp">Warp</a></h2>', "Warp"),
        ('<h2 id="p5"><a href="#p5">§</a> 5 Wolle</h2>', "§ 5 Wolle"),
        ('<h2 id="warp">Warp <a href="#weft">and weft</a></h2>', "Warp and weft"),
        ('<h2 id="warp"><a href="#warp">#</a></h2>', "#"),
        ('<p>See <a href="#weft">the weft</a>.</p>', "See the weft."),
    ],
)
def test_permalinks_of_headings_are_no_text(body: str, text: str) -> None:
    assert text_of(body) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('<h2>Wool<span class="mw-editsection">[<a href="/w?a">edit</a>]</span></h2>', "Wool"),
        ('<h2>ऊन<span class="mw-editsection">[<a href="/w">संपादित करें</a>]</span></h2>', "ऊन"),
        ('<h2>Wolle <a href="/index.php?title=Wolle&amp;action=edit&amp;section=2">Bearbeiten</a></h2>', "Wolle"),
        ('<h2>How to <a href="/edit">edit</a> cloth</h2>', "How to edit cloth"),
    ],
)  # fmt: skip
def test_edit_links_of_wikis_are_no_text(body: str, text: str) -> None:
    assert text_of(body) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('The loom is old.<sup class="reference"><a href="#n">[1]</a></sup> It works.', "The loom is old. It works."),
        ("करघा पुराना है।<sup id='cite_ref-२' class='reference'><a href='#n'>[२]</a></sup>", "करघा पुराना है।"),
        ("النول قديم.<sup class='reference'><a href='#n'>[ا]</a></sup>", "النول قديم."),
        ("ድሮ ነው።<sup><a href='#fn3'>3</a></sup>", "ድሮ ነው።"),
        ("The loom<a href='#fn3'><sup>3,4</sup></a> is old.", "The loom is old."),
        ("The loom<a role='doc-noteref' href='#fn'>12</a> is old.", "The loom is old."),
        ("It is<sup class='reference'>[<a href='/c'>citation needed</a>]</sup> very old.", "It is very old."),
        # A power, a trade mark and an index of code are text.
        ("An area of 4 m<sup>2</sup> and a loom<sup>TM</sup>.", "An area of 4 m2 and a loomTM."),
        ("The <sup><a href='https://ends.example/'>2</a></sup> ends.", "The 2 ends."),
        ("Read <code>ends[1]</code> first.", "Read ends[1] first."),
        ("It was<sup><a href='#more'>the best of all</a></sup> cloth.", "It wasthe best of all cloth."),
    ],
)  # fmt: skip
def test_numbers_of_notes_are_no_text(body: str, text: str) -> None:
    assert text_of(f"<p>{body}</p>") == text


def test_a_page_that_holds_all_of_them_keeps_its_sentences() -> None:
    body = "".join(
        f'<h2 id="s{n}">Part {n}<a href="#s{n}">¶</a></h2><p>The weaver of part {n} sold her cloth in the next valley, '
        f'where <ruby>布<rt>ぬの</rt></ruby> was dear, and walked home.<sup><a href="#n{n}">[{n}]</a></sup></p>'
        for n in range(1, 5)
    )
    text = clean_html(PAGE.format(title="The weaver of the hill", body=body)).text
    assert text.count("where 布 was dear, and walked home.") == 4
    assert not [sign for sign in ("¶", "ぬの", "[1]") if sign in text]
