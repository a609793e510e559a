"""Which URLs are of one page, in any encoding: two articles never share an id, two spellings of one address do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from saaf.cleaning.text.urls import canonical_url, document_id, without_tracking
from saaf.corpus.build import build
from saaf.corpus.settings import BuildSettings
from tests.corpora import corpus_rows

if TYPE_CHECKING:
    from pathlib import Path

OTHER_PAGES = [
    ("art.asp?t=%C7%E1%D5%E6", "art.asp?t=%CF%D1%E6%C9"),  # Windows-1256
    ("art.php?t=%D6%D0%B9%FA", "art.php?t=%C8%D5%B1%BE"),  # GBK
    ("art.php?t=%EC%EE%F1%F2", "art.php?t=%F0%E5%EA%E0"),  # Windows-1251
    ("news/%C7%E1%D5%E6", "news/%CF%D1%E6%C9"),  # in the path too
    ("?t=%EF%BF%BD", "?t=%C7"),  # a replacement character that was meant
    ("?_gallery=1", "?_gallery=2"),
    ("?gclid_page=1", "?gclid_page=2"),
    ("a%2Fb", "a/b"),
    ("x%3Fid=1", "x?id=1"),
    ("%2541", "%41"),
    ("?a=1%26b=2", "?a=1&b=2"),
    ("?a%3D1", "?a=1"),
    ("?t=a%2Bb", "?t=a+b"),
    ("?id=1;page=2", "?id=1;page=3"),
    ("?id=1&id=2", "?id=2&id=1"),
    ("?id=1&id=1", "?id=1"),
    ("#!news/1", "#!news/2"),
    ("#/news/1", "#/news/2"),
    ("?t=\ud800", "?t=\ud801"),  # half surrogate pairs, which JSON can spell
]
SAME_PAGES = [
    ("https://a.example/news/%D8%A7%d9%84", "https://a.example/news/ال"),
    ("https://a.example/?q=समाचार", "https://a.example/?q=%E0%A4%B8%E0%A4%AE%E0%A4%BE%E0%A4%9A%E0%A4%BE%E0%A4%B0"),
    ("https://परीक्षा.example/x", "https://xn--11b5bs3a9aj6g.example/x"),
    ("https://a.example/ዜና_(2010)", "https://a.example/%E1%8B%9C%E1%8A%93_%282010%29"),
    ("https://a.example/%7Eeditor/a%2Fb", "https://a.example/~editor/a%2fb"),
    ("https://a.example/?q=a+b", "https://a.example/?q=a%20b"),
    ("https://a.example/?page&b=1", "https://a.example/?b=1&page="),
    ("https://a.example/?b=2&a=1", "https://a.example/?a=1&b=2"),
    ("https://a.example/x?", "https://a.example/x#comments"),
    ("https://a.example/x#:~:text=word", "https://A.example.:443/x"),
    ("https://a.example/x?UTM_Source=y&utm%5Fmedium=z", "https://a.example/x?ttclid=1"),
]


@pytest.mark.parametrize(("one", "other"), OTHER_PAGES)
def test_two_articles_never_share_an_id(one: str, other: str) -> None:
    assert document_id(f"https://a.example/{one}", "") != document_id(f"https://a.example/{other}", "")


@pytest.mark.parametrize(("one", "other"), SAME_PAGES)
def test_two_spellings_of_one_address_share_an_id(one: str, other: str) -> None:
    assert document_id(one, "") == document_id(other, "")


@pytest.mark.parametrize("url", [f"https://a.example/{end}" for pair in OTHER_PAGES for end in pair])
def test_a_canonical_url_is_its_own_canonical_form(url: str) -> None:
    assert canonical_url(canonical_url(url)) == canonical_url(url)


def test_a_host_keeps_the_joiner_that_tells_it_from_another() -> None:
    assert canonical_url("https://نامه\u200cای.example/") != canonical_url("https://نامهای.example/")


def test_a_tracking_parameter_is_known_however_it_is_escaped() -> None:
    assert without_tracking("https://a.example/x?utm%5Fsource=y&_gallery=2") == "https://a.example/x?_gallery=2"


def test_articles_whose_addresses_differ_in_another_encoding_are_all_in_the_corpus(tmp_path: Path) -> None:
    ends = [end for pair in OTHER_PAGES if "\\ud" not in ascii(pair) for end in pair]
    texts = [" ".join(f"ጽሑፍ{number} ቃል{number * 100 + word}" for word in range(40)) for number in range(len(ends))]
    rows = [{"url": f"https://a.example/{end}", "text": text} for end, text in zip(ends, texts, strict=True)]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    summary = build([tmp_path / "in.jsonl"], tmp_path / "out", settings=BuildSettings(workers=0))
    assert summary.states == {"kept": len(set(ends))}
    table = corpus_rows(tmp_path / "out", "documents")
    assert {(row["url"], row["text"].split()[0]) for row in table} == {
        (row["url"], row["text"].split()[0]) for row in rows
    }


def test_one_article_under_two_spellings_is_captured_twice_and_kept_once(tmp_path: Path) -> None:
    text = " ".join(f"समाचार{word}" for word in range(40))
    rows = [{"url": url, "text": text} for url in SAME_PAGES[0]]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    summary = build([tmp_path / "in.jsonl"], tmp_path / "out", settings=BuildSettings(workers=0))
    assert summary.states == {"kept": 1, "repeated": 1}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/./a", "/a"),
        ("/b/../a", "/a"),
        ("/b/%2e%2E/a", "/a"),
        ("/../../a", "/a"),
        ("/a/.", "/a/"),
        ("/a/b/..", "/a/"),
        ("/..", "/"),
        ("/caf%C3%A9", "/cafe%CC%81"),
        ("/?q=caf%C3%A9", "/?q=cafe%CC%81"),
        ("/%E0%A5%98%E0%A4%B2%E0%A4%AE", "/%E0%A4%95%E0%A4%BC%E0%A4%B2%E0%A4%AE"),
        ("/a;jsessionid=0123456789ABCDEF.node1?id=3", "/a?id=3"),
        ("/a;JSESSIONID=01;v=2/b", "/a;v=2/b"),
        ("/a?PHPSESSID=0a1b&id=3", "/a?id=3"),
        ("/a?ASPSESSIONIDQABCDEFG=XYZ&id=3", "/a?id=3"),
    ],
)
def test_spellings_of_one_page(one: str, other: str) -> None:
    assert canonical_url(f"https://a.example{one}") == canonical_url(f"https://a.example{other}")
    assert canonical_url(canonical_url(f"https://a.example{one}")) == canonical_url(f"https://a.example{one}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/a/", "/a"),
        ("/a//b", "/a/b"),
        ("/a/...", "/a/"),
        ("/a..b", "/a.b"),
        ("/a%2F..%2Fb", "/b"),
        ("/a?path=../b", "/a?path=b"),
        ("/a?sid=1", "/a?sid=2"),
        ("/a?session=1", "/a?session=2"),
        ("/jsessionid=1", "/jsessionid=2"),
        ("/a%3Bjsessionid=1", "/a%3Bjsessionid=2"),
        ("/caf%E9", "/caf%C3%A9"),
    ],
)
def test_addresses_of_two_pages(one: str, other: str) -> None:
    assert canonical_url(f"https://a.example{one}") != canonical_url(f"https://a.example{other}")


def test_an_ipv6_address_has_one_form() -> None:
    forms = ("[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::0.0.0.1]")
    assert {canonical_url(f"http://{form}:8080/a") for form in forms} == {"http://[::1]:8080/a"}
    assert canonical_url("http://[fe80::1%25eth0]/a").startswith("http://[fe80::1")
