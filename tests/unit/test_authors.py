"""Authors of HTML pages: bylines of many languages, what stands behind a name, elements marked as an author's."""

from __future__ import annotations

import pytest

from saaf.cleaning.metadata.bylines import authors_of_byline, is_name, split_authors
from saaf.cleaning.readers.html import read_html
from saaf.cleaning.types import Page

SITE = frozenset({"riverpost"})
LEAD = "The bridge was opened to traffic on Friday after two years of repairs that the town council had paid for."
TITLE = "Old bridge reopens in spring"

WORDPRESS = (
    "<span class='byline'>Posted on 5 May 2024 by <span class='author vcard'><a class='url fn n' href='/ann'>"
    "Ann Example</a></span></span>"
)
BLOGGER = (
    "<span class='post-author vcard'>Posted by <span class='fn' itemprop='author' itemscope>"
    "<meta content='https://blogger.example/1' itemprop='url'><a rel='author'>"
    "<span itemprop='name'>Ann Example</span></a></span></span>"
)


def author_of(body: str, *, head: str = "", lang: str = "en") -> str | None:
    page = f"<html lang={lang}><head><meta charset=utf-8><title>{TITLE}</title>{head}</head><body>{body}</body></html>"
    return read_html(Page(url="https://riverpost.example/a", body=page.encode())).metadata.author


def below_headline(byline: str) -> str:
    return f"<h1>{TITLE}</h1><p>Two years of repairs end.</p><div>{byline}</div><p>{LEAD}</p><p>{LEAD}</p>"


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("By Ann Example | 12 May", ["Ann Example"]),
        ("By ANN EXAMPLE and BO SAMPLE", ["ANN EXAMPLE", "BO SAMPLE"]),
        ("by Ann Example, Bo Sample and Cy Third", ["Ann Example", "Bo Sample", "Cy Third"]),
        ("By Dr. Ann Example, PhD", ["Dr. Ann Example"]),
        ("By Ludwig van der Berg", ["Ludwig van der Berg"]),
        ("By AFP", ["AFP"]),
        ("Posted by annexample7 on May 5, 2024 in News", ["annexample7"]),
        ("Submitted by Ann Example on 5 May 2024", ["Ann Example"]),
        ("12 May 2024 | by Ann Example", ["Ann Example"]),
        ("Von Anna Beispiel und Bernd Muster", ["Anna Beispiel", "Bernd Muster"]),
        ("Ein Gastbeitrag von Anna Beispiel", ["Anna Beispiel"]),
        ("Do 25.04.24 | 14:07 Uhr | Von Eva Muster-Beispiel", ["Eva Muster-Beispiel"]),
        ("Par Anne Exemple et Luc Modèle, avec AFP", ["Anne Exemple", "Luc Modèle"]),
        ("Por Ana Ejemplo", ["Ana Ejemplo"]),
        ("Di Anna Esempio", ["Anna Esempio"]),
        ("Door Jan Voorbeeld", ["Jan Voorbeeld"]),
        ("Автор: Олена Приклад", ["Олена Приклад"]),
        ("Yazan: Ali Örnek", ["Ali Örnek"]),
        ("Pewarta: Monalisa", ["Monalisa"]),
        ("Tác giả: Nguyễn Văn An", ["Nguyễn Văn An"]),
        ("लेखक: अनन्या उदाहरण", ["अनन्या उदाहरण"]),
        ("अनन्या उदाहरण द्वारा", ["अनन्या उदाहरण"]),
        ("بقلم: سمير المثال", ["سمير المثال"]),
        ("تحریر: سلمیٰ حیدر", ["سلمیٰ حیدر"]),
        ("سلمیٰ حیدر کی طرف سے", ["سلمیٰ حیدر"]),
        ("ጸሐፊ፡ አበበ ከበደ", ["አበበ ከበደ"]),
        ("โดย สมชาย ใจดี", ["สมชาย ใจดี"]),
        ("作者：王小明、李小红", ["王小明", "李小红"]),
        ("記者王小明", ["王小明"]),
        ("取材・文：山田太郎", ["山田太郎"]),
        ("김영희 기자", ["김영희"]),
    ],
)
def test_a_byline_names_its_authors(line: str, authors: list[str]) -> None:
    assert authors_of_byline(line, SITE) == authors


@pytest.mark.parametrize(
    "rest",
    [
        ", Political Correspondent for The River Post",
        " For The River Post",
        ", Staff Writer",
        ", Harbour Town",
        " - River Post - Thursday, May 5, 2024",
        " on Thursday, May 5, 2024 at 9:41am",
        " Published May 5, 2024 7:26 am Updated May 6",
        " • 5 min read",
        " // May 5th, 2024 // 10:07 am",
        " ann@riverpost.example",
        "@annexample May 5, 2024",
        " Leave a Comment",
    ],
)
def test_what_is_behind_a_name_is_not_the_name(rest: str) -> None:
    assert authors_of_byline("By Ann Example" + rest, SITE) == ["Ann Example"]


def test_a_surname_that_is_a_month_stays_and_a_month_behind_a_name_goes() -> None:
    assert authors_of_byline("By Harriet May | 5 June 2024", SITE) == ["Harriet May"]
    assert authors_of_byline("By Harriet May May 5, 2024", SITE) == ["Harriet"]  # nobody can tell
    assert authors_of_byline("By Harriet Hill May 5, 2024", SITE) == ["Harriet Hill"]


@pytest.mark.parametrize(
    "line",
    [
        "By the time we arrived it was late",
        "By The Sea",
        "By April 2025 all schools will close",
        "By Design",
        "By Staff",
        "By admin",
        "By River Post",
        "By @annexample",
        "Photo by Ann Example",
        "(Image: Submitted by Ann Example)",
        "OKON Removal System, 5 Gallons by Rust-Oleum",
        "Chapter 05: Coding by Composing",
        "Von Berlin nach Hamburg",
        "Von der Leyen warnt",
        "Di Dienstag | - | 14.30 - 16.00 Uhr",
        "Par Toutatis",
        "记者：你通过什么渠道最快地获取这些信息？",
    ],
)
def test_other_lines_are_no_bylines(line: str) -> None:
    assert authors_of_byline(line, SITE) == []


@pytest.mark.parametrize(
    ("declared", "authors"),
    [
        ("Ann Example and Bo Sample", ["Ann Example", "Bo Sample"]),
        ("Ann Example, Bo Sample", ["Ann Example", "Bo Sample"]),
        ("Ann Example, CFP", ["Ann Example"]),
        ("Procter and Gamble", ["Procter and Gamble"]),
        ("Landesanstalt für Wald und Forstwirtschaft", ["Landesanstalt für Wald und Forstwirtschaft"]),
        ("Example, Ann", ["Example, Ann"]),
        ("放飞&心情", ["放飞&心情"]),
        ("https://www.facebook.com/riverpost", []),
    ],
)
def test_a_declared_author_is_split_where_its_parts_are_full_names(declared: str, authors: list[str]) -> None:
    assert split_authors(declared, SITE, is_list=True) == authors


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Emily Post", True),
        ("Chew Hui Min", True),
        ("River Post Staff", True),
        ("Nino O’Hara-Smith", True),
        ("ნინო მაგალითი", True),
        ("View Profile", False),
        ("About Us", False),
        ("Staff", False),
        ("Dienstag", False),
        ("Getty Images", False),
        ("Ann Example writes", False),
        ("One Two Three Four Five", True),
        ("One Two Three Four Five Six", False),
    ],
)
def test_a_name_has_a_shape(text: str, expected: bool) -> None:
    assert is_name(text) is expected


@pytest.mark.parametrize(
    "byline",
    [
        "By Ann Example",
        "<span>By</span><div>Ann Example</div>",
        "<div>Written by</div><div>Ann Example, Editor</div>",
        "<time>14 December 2024</time> • <a href='/team'>Ann Example</a> • 3 minutes",
        "Ann Example on 14 December 2024",
        "<a href='/author/ann'>Ann Example</a>",
        "<p class='byline__name'>Ann Example</p>",
        "<a rel='author' href='/ann'>Ann Example</a>",
        WORDPRESS,
        BLOGGER,
    ],
)
def test_an_author_below_the_standfirst_is_found(byline: str) -> None:
    assert author_of(below_headline(byline)) == "Ann Example"


@pytest.mark.parametrize(
    "aside",
    [
        "<div class='comment'><a class='author' href='/author/bo'>Bo Sample</a></div>",
        "<aside><a class='author' href='/author/bo'>Bo Sample</a></aside>",
        "<div class='related-posts'><span class='byline'>By Bo Sample</span></div>",
        "<div><a class='author-link' href='/author/bo'>View Profile</a></div>",
        "<p>Nobody</p>" * 12 + "<a class='author'>Bo Sample</a><a class='author'>Cy Third</a>",
    ],
)
def test_the_authors_of_comments_and_of_other_articles_are_not_the_page_s(aside: str) -> None:
    assert author_of(below_headline("<p>Harbour</p>") + f"<p>{LEAD}</p>" * 12 + aside) is None


def test_the_link_to_an_author_is_passed_over_where_it_is_no_name() -> None:
    links = "<a rel=author href=/a>About Us</a><a rel=author href=/ann>View Profile</a>"
    assert author_of(below_headline("By Ann Example") + links) == "Ann Example"


def test_a_declared_author_counts_before_a_visible_one() -> None:
    head = "<meta name=author content='Bo Sample'>"
    assert author_of(below_headline("By Ann Example"), head=head) == "Bo Sample"
