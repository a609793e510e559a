import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement, document_fromstring

from saaf.cleaning.html import jsonld
from saaf.cleaning.metadata.candidates import collect
from saaf.cleaning.metadata.html import extract_html_metadata
from saaf.cleaning.metadata.names import clean_author, strip_site_name
from saaf.cleaning.readers.html import read_html
from saaf.cleaning.types import Metadata, Page

FETCHED = datetime(2025, 3, 20, tzinfo=UTC)
URL = "https://www.riverpost.example/news/bridge.html"


def read(head: str, body: str = "<p>Text.</p>", *, url: str | None = URL, lines: tuple[str, ...] = ()) -> Metadata:
    page = f"<html lang='en'><head>{head}</head><body>{body}</body></html>"
    return metadata_of(document_fromstring(page), url=url, lines=lines)


def metadata_of(tree: HtmlElement, *, url: str | None = None, lines: tuple[str, ...] = ()) -> Metadata:
    return extract_html_metadata(tree, jsonld.nodes_in(tree), url=url, text_lines=lines, fetched_at=FETCHED)


def script(data: object) -> str:
    text = data if isinstance(data, str) else json.dumps(data)
    return f'<script type="application/ld+json">{text}</script>'


ARTICLE: dict[str, object] = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Old bridge reopens in spring",
    "datePublished": "2024-12-14T10:30:00+01:00",
    "dateModified": "2024-12-15T08:00:00+01:00",
    "author": [{"@type": "Person", "name": "Ann Example"}, {"@type": "Organization", "name": "River Post"}],
    "publisher": {"@type": "Organization", "name": "River Post"},
    "articleSection": "City",
    "keywords": ["bridge", "council"],
    "license": "https://creativecommons.org/licenses/by/4.0/",
}


def test_json_ld_gives_every_field_and_says_so() -> None:
    found = read(script(ARTICLE) + f'<link rel="canonical" href="{URL}#top">')
    assert found.title == "Old bridge reopens in spring"
    assert found.author == "Ann Example"
    assert (found.published, found.modified) == ("2024-12-14T10:30:00+01:00", "2024-12-15T08:00:00+01:00")
    assert (found.site_name, found.section, found.tags) == ("River Post", "City", ("bridge", "council"))
    assert found.licence == "https://creativecommons.org/licenses/by/4.0/"
    assert found.canonical_url == URL
    origins = dict(found.origins)
    assert origins.pop("canonical_url") == "link"
    assert set(origins.values()) == {"json-ld"}


def test_a_page_that_says_nothing_gets_nothing() -> None:
    assert read("") == Metadata()


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-1] + ",}",
        lambda text: "/* theme */ " + text + " // end",
        lambda text: "<!-- " + text + " -->",
        lambda text: "//<![CDATA[\n" + text + "\n//]]>",
        lambda text: text + ";",
        lambda text: "[" + text + ",]",
        lambda text: '{"@graph": [' + text + "]}",
        lambda text: text.replace('"', "&quot;"),
        lambda text: text.replace("spring", "sp\tring").replace("sp\tring", "spring\n"),
    ],
    ids=["trailing comma", "comments", "html comment", "cdata", "semicolon", "array", "graph", "entities", "control"],
)
def test_json_ld_is_read_as_pages_write_it(damage: "object") -> None:
    assert callable(damage)
    found = read(script(damage(json.dumps(ARTICLE))))
    assert (found.title, found.author) == ("Old bridge reopens in spring", "Ann Example")
    assert found.published == "2024-12-14T10:30:00+01:00"


def test_an_address_in_json_ld_is_no_comment() -> None:
    text = '{"@type": "Article", "url": "https://a.example/x", "headline": "Of // and /* in headlines",}'
    assert read(script(text)).title == "Of // and /* in headlines"


def test_plain_fields_are_saved_from_json_ld_that_is_beyond_repair() -> None:
    text = '{"@type": "Article", "datePublished": "2024-12-14", "articleBody": "he said "no" and left"}'
    assert read(script(text)).published == "2024-12-14"


def test_the_node_that_the_page_shows_wins_over_related_articles() -> None:
    related = {"@type": "NewsArticle", "headline": "Another story entirely, from May", "datePublished": "2024-05-01"}
    found = read(script([related, ARTICLE]), "<h1>Old bridge reopens in spring</h1>")
    assert found.published == "2024-12-14T10:30:00+01:00"


def test_an_author_may_be_a_reference_and_an_organisation_counts_where_nobody_else_is_named() -> None:
    graph = [{**ARTICLE, "author": {"@id": "#ann"}}, {"@type": "Person", "@id": "#ann", "name": "Ann Example"}]
    assert read(script({"@graph": graph})).author == "Ann Example"
    agency = {**ARTICLE, "author": {"@type": "Organization", "name": "Delta News Agency"}}
    assert read(script(agency)).author == "Delta News Agency"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Old bridge reopens | River Post", "Old bridge reopens"),
        ("River Post » Old bridge reopens", "Old bridge reopens"),
        ("Old bridge reopens - City - River Post", "Old bridge reopens - City"),
        ("Old bridge reopens – riverpost.example", "Old bridge reopens"),
        ("Old bridge reopens_River Post", "Old bridge reopens"),
        ("Bridge: old - but not forgotten", "Bridge: old - but not forgotten"),
        ("A 20-year wait ends", "A 20-year wait ends"),
        ("River Post", "River Post"),
    ],
)
def test_the_title_element_loses_the_site_and_nothing_else(title: str, expected: str) -> None:
    found = read(f"<title>{title}</title><meta property='og:site_name' content='River Post'>")
    assert found.title == expected


def test_a_headline_that_the_page_shows_settles_where_the_title_ends() -> None:
    found = read("<title>Bridge – old and new – Daily Notes From The Delta</title>", "<h1>Bridge – old and new</h1>")
    assert (found.title, dict(found.origins)["title"]) == ("Bridge – old and new", "h1")


def test_the_name_of_a_blog_in_its_h1_is_not_the_headline() -> None:
    head = "<title>River Notes: Why we drained the old canal twice</title>"
    head += "<meta property='og:title' content='Why we drained the old canal twice'>"
    assert read(head, "<h1>River Notes</h1>").title == "Why we drained the old canal twice"


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Harbour log, day 12", "Harbour log, day 1"),
        ("बंदरगाह की डायरी, दिन १२", "बंदरगाह की डायरी, दिन १"),
        ("يوميات الميناء، اليوم ١٢", "يوميات الميناء، اليوم ١"),
    ],
)
def test_the_headline_of_another_day_is_not_the_title(title: str, other: str) -> None:
    assert read(f"<title>{title}</title>", f"<h1>{other}</h1>").title == title


def test_the_article_of_another_day_in_json_ld_gives_no_author() -> None:
    names = {"Harbour log, day 1": "Ann Example", "Harbour log, day 12": "Bo Example"}
    nodes = [{"@type": "Article", "headline": title, "author": name} for title, name in names.items()]
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes)
    found = read(f"<title>Harbour log, day 12</title>{scripts}", "<h1>Harbour log, day 12</h1>")
    assert found.author == "Bo Example"


def test_a_country_is_not_mistaken_for_the_site_that_carries_its_name() -> None:
    assert strip_site_name("Iran – talks resume", frozenset({"irannewsdaily"})) == "Iran – talks resume"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("By Ann Example", "Ann Example"),
        ("بقلم: سمير المثال", "سمير المثال"),
        ("लेखक: अनन्या उदाहरण", "अनन्या उदाहरण"),
        ("作者：王小明", "王小明"),
        ("Von Anna Beispiel", "Anna Beispiel"),
        ("Ann Example ann@riverpost.example", "Ann Example"),
        ("Ann Example @annexample", "Ann Example"),
        ("https://www.facebook.com/riverpost", None),
        ("admin", None),
        ("River Post", None),
        ("Byron Vonnegut", "Byron Vonnegut"),
        ("Otto Ofarim", "Otto Ofarim"),
    ],
)
def test_an_author_is_a_name_and_nothing_around_it(written: str, expected: str | None) -> None:
    assert clean_author(written, frozenset({"riverpost"})) == expected


def test_a_date_after_the_fetch_is_passed_over_for_the_next_origin() -> None:
    head = "<meta property='article:published_time' content='2031-01-01'><meta name='dc.date' content='2024-12-14'>"
    assert (read(head).published, dict(read(head).origins)["published"]) == ("2024-12-14", "dublin core")


def test_the_address_dates_a_page_that_declares_nothing() -> None:
    found = read("", url="https://riverpost.example/2024/12/14/bridge.html")
    assert (found.published, dict(found.origins)["published"]) == ("2024-12-14", "url")
    assert read("", url="https://riverpost.example/product/20249914/x").published is None


def test_a_visible_date_counts_beside_the_headline_only() -> None:
    title = "<title>Old bridge reopens in spring</title>"
    teaser = ("Other news", *["A teaser line"] * 20, "1 March 2025")
    beside = ("Menu", "Old bridge reopens in spring", "By Ann Example | 14 December 2024 | 3 min read", "Text.")
    found = read(title, lines=beside + teaser)
    assert (found.published, found.author) == ("2024-12-14", "Ann Example")
    assert dict(found.origins)["published"] == "text"
    assert read(title, lines=("Old bridge reopens in spring", "Text.", *teaser)).published is None


def test_the_order_of_a_visible_date_follows_the_page_s_declared_language() -> None:
    page = "<html lang='{}'><head><title>Old bridge reopens</title></head><body><p>x</p></body></html>"
    for declared, expected in (("en-GB", "2024-05-04"), ("en", "2024-04-05"), ("fr", "2024-05-04")):
        tree = document_fromstring(page.format(declared))
        lines = ("Old bridge reopens", "04/05/2024")
        assert metadata_of(tree, lines=lines).published == expected


def test_microdata_and_rel_links_are_read_where_the_head_is_silent() -> None:
    body = """<article itemscope><h1 itemprop="headline">Old bridge reopens</h1>
      <span itemprop="author" itemscope><a rel="author" href="/ann"><span itemprop="name">Ann Example</span></a></span>
      <time itemprop="datePublished" datetime="2024-12-14T10:30">yesterday</time>
      <a rel="tag" href="/t/bridge">bridge</a> <a rel="tag" href="/t/city">city</a>
      <a rel="license" href="/terms">terms</a></article>"""
    found = read("", body)
    assert (found.title, found.author, found.published) == ("Old bridge reopens", "Ann Example", "2024-12-14T10:30:00")
    assert (found.tags, found.licence) == (("bridge", "city"), "https://www.riverpost.example/terms")


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("/news/bridge.html?page=1#x", "https://www.riverpost.example/news/bridge.html?page=1"),
        ("https://riverpost.example/news/bridge.html", "https://riverpost.example/news/bridge.html"),
        ("https://other.example/news/bridge.html", None),
        ("https://www.riverpost.example/", None),
        ("http://localhost/news/bridge.html", None),
        ("javascript:void(0)", None),
        ("http://[broken", None),
        ("", None),
    ],
)
def test_a_canonical_address_is_believed_on_the_page_s_own_host(declared: str, expected: str | None) -> None:
    assert read(f'<link rel="canonical" href="{declared}">').canonical_url == expected


def test_markup_shown_as_text_stays_and_markup_in_attributes_goes() -> None:
    assert read("", "<h1>&lt;table&gt;: the element</h1>").title == "<table>: the element"
    assert (
        read("<meta property='og:title' content='An &lt;em&gt;old&lt;/em&gt; bridge &amp;amp; more'>").title
        == "An old bridge & more"
    )


HOSTILE = {
    "deep arrays": "[" * 200_000,
    "deep objects": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "escaped quotes": '{"a":"' + '\\"' * 100_000,
    "open comments": "/*" * 200_000,
    "white space": '{"headline"' + " " * 300_000 + "x",
    "closing brackets": " " * 300_000 + "]]>",
    "enormous": '{"@type":"Article","headline":"' + "x" * 3_000_000 + '"}',
    "enormous number": '{"@type":"Article","datePublished":' + "9" * 50_000 + "}",
    "many nodes": json.dumps([{"@type": "Article"}] * 50_000),
    "wrong types": json.dumps(
        {
            "@type": ["Article", 3, None, {"a": 1}],
            "headline": [["deep"], {"name": {"name": 3}}],
            "author": [[{"name": 3}], 3, None, {"@id": ["x"]}, {"name": []}],
            "datePublished": {"@value": 20241214},
            "keywords": {"a": [1]},
            "publisher": [None, {"name": None}],
            "@id": {},
        }
    ),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_json_ld_costs_little_and_breaks_nothing(text: str) -> None:
    assert read("<title>Old bridge reopens</title>" + script(text)).title is not None


def test_half_characters_never_reach_the_metadata() -> None:
    found = read(script('{"@type": "Article", "headline": "Old \\ud800bridge", "author": "Ann \\udc00Example"}'))
    assert (found.title, found.author) == ("Old bridge", "Ann Example")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["2024-12-14", "Article", "Ann"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["@type", "@id", "@graph", "name", "author", "headline", "keywords", "license"]), inner
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(JSON)
def test_any_json_is_metadata_or_none(value: object) -> None:
    found = read(script(json.dumps(value).replace("</", "<\\/")))
    assert {field for field, _ in found.origins} == {
        name for name in Metadata.__dataclass_fields__ if name != "origins" and getattr(found, name)
    }


def test_nodes_come_outer_before_inner() -> None:
    inner = {"@type": "B", "x": {"@type": "C"}}
    assert [sorted(jsonld.type_names(node)) for node in jsonld.nodes([json.dumps({"@type": "A", "y": [inner]})])] == [
        ["A"],
        ["B"],
        ["C"],
    ]


def test_a_candidate_in_an_article_that_a_script_carries_is_found() -> None:
    tree = document_fromstring("<body><a rel=author href=/ann>Ann Example</a></body>")
    for source in (rb'{"body": "<a rel=\"author\" href=/ann>', rb"{'body': '<a rel=\u0022author\u0022 href=/ann>"):
        assert collect(tree, [], source) == {"author": [("Ann Example", "rel")]}
    assert collect(tree, [], b"<p>nothing of the kind") == {}


@pytest.mark.parametrize(("lines_between", "published"), [(4, "2024-12-14"), (5, None)])
def test_a_date_among_other_words_is_the_page_s_up_to_five_lines_below_the_headline(
    lines_between: int, published: str | None
) -> None:
    between = "".join(f"<p>{word}</p>" for word in ["पुल", "नदी", "नाव", "सड़क", "बाग"][:lines_between])
    title, byline = "पुल पर फिर चली नाव", "<p>Ann Example | 14 December 2024 | 3 min read</p>"
    html = f"<title>{title}</title><h1>{title}</h1>{between}{byline}"
    document = read_html(Page(url=None, body=html.encode(), headers=(("content-type", "text/html; charset=utf-8"),)))
    assert document.metadata.published == published


def test_a_visible_note_of_an_update_dates_the_change_not_the_publication() -> None:
    title = "<title>Old bridge reopens in spring</title>"
    found = read(title, lines=("Old bridge reopens in spring", "Updated on 14 December 2024", "Text."))
    assert (found.published, found.modified) == (None, "2024-12-14")
    both = read(
        title, lines=("Old bridge reopens in spring", "Updated: 14 December 2024 Published: 1 May 2024", "Text.")
    )
    assert (both.published, both.modified) == ("2024-05-01", "2024-12-14")
