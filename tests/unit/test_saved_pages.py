"""The addresses of pages that were saved as files, as wget, HTTrack, SingleFile and browsers leave them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from saaf.corpus.build import build
from saaf.corpus.ledger import State
from saaf.corpus.readers import read_inputs
from saaf.corpus.settings import BuildSettings
from tests.corpora import corpus_rows

if TYPE_CHECKING:
    from pathlib import Path

CANONICAL = b'<link href="https://c.example/canonical" rel="canonical">'
HTTRACK = b"""<!-- Mirrored from h.example/a/b.html by HTTrack Website Copier/3.x [XR&CO], Mon, 01 Jan 2024 10:00:00 GMT
-->"""
SINGLE_FILE = b"""<!DOCTYPE html> <html><!--
 Page saved with SingleFile
 url: https://f.example/x?a=1
 saved date: Tue Jan 05 2021 10:00:00 GMT+0100 (CET)
-->"""
OG = b"<meta property='og:url' content=https://o.example/og>"


def page(head: bytes = b"", before: bytes = b"") -> bytes:
    return before + b"<!DOCTYPE html><html><head><title>t</title>" + head + b"</head><body><p>text</p></body></html>"


def address(directory: Path, name: str, content: bytes) -> tuple[str | None, tuple[str, ...]]:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    (found,) = [each.page for each in read_inputs([directory]) if each.page]
    return found.url, found.flags


@pytest.mark.parametrize(
    ("content", "url", "origin"),
    [
        (page(CANONICAL + OG), "https://c.example/canonical", "canonical"),
        (page(OG + b"<base href=/x>"), "https://o.example/og", "og:url"),
        (page(CANONICAL, b"<!-- saved from url=(0018)https://s.example/ -->\n"), "https://s.example/", "saved_from"),
        (page(CANONICAL, HTTRACK), "https://h.example/a/b.html", "httrack"),
        (SINGLE_FILE + CANONICAL, "https://f.example/x?a=1", "singlefile"),
        (page(b'<link rel=canonical href="https://c.example/?a=1&amp;b">'), "https://c.example/?a=1&b", "canonical"),
        (page(b'<link rel="canonical" href="https://c.example/">' + OG), "https://o.example/og", "og:url"),
        (page(b'<link rel="canonical" href="javascript:alert(1)">'), None, None),
        (page(b'<link rel="canonical" href="/only/a/path">'), None, None),
        (page(b"", b"<!-- a -->" * 10) + CANONICAL, None, None),
        (b"<!--" * 60_000 + page(), None, None),
    ],
)  # fmt: skip
def test_what_a_page_says_of_its_address(tmp_path: Path, content: bytes, url: str | None, origin: str | None) -> None:
    assert address(tmp_path / "in", "page", content) == (url, (f"url_from:{origin}",) if origin else ())


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("www.a.example/news/index.php?id=3", "https://www.a.example/news/index.php?id=3"),
        ("www.a.example/news/a.html?x=1&y=2", "https://www.a.example/news/a.html?x=1&y=2"),
        ("www.a.example/news/index.html", "https://www.a.example/news/"),
        ("http/a.example/x.aspx", "http://a.example/x.aspx"),
        ("mirror/a.example:8080/x.jsp", "https://a.example:8080/x.jsp"),
        ("a.example/show.php?id=3.html", "https://a.example/show.php?id=3"),
        ("a.example/show.php.html", "https://a.example/show.php"),
        ("a.example/ख़बर %20", "https://a.example/%E0%A4%96%E0%A4%BC%E0%A4%AC%E0%A4%B0%20%20"),
        ("site.backup/a.html", None),
        ("notes.md/a.html", None),
        ("v1.2/a.html", None),
    ],
)
def test_a_path_below_a_host_is_an_address(tmp_path: Path, name: str, url: str | None) -> None:
    assert address(tmp_path / "in", name, page()) == (url, ("url_from:path",) if url else ())


def test_a_relative_canonical_link_is_of_the_host_in_the_path(tmp_path: Path) -> None:
    found = address(tmp_path / "in", "a.example/old.html", page(b'<link rel="canonical" href="/new?a">'))
    assert found == ("https://a.example/new?a", ("url_from:canonical",))


def test_a_file_beside_a_page_counts_first_and_is_in_the_ledger(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(page(CANONICAL))
    (tmp_path / "a.html.json").write_text('{"url": "https://s.example/a", "fetched_at": "2024-05-01T00:00:00Z"}')
    (tmp_path / "b.html").write_bytes(page(CANONICAL))
    (tmp_path / "b.html.url").write_text("[InternetShortcut]\r\nURL=https://s.example/b\r\n")
    (tmp_path / "c.html").write_bytes(page(CANONICAL))
    (tmp_path / "c.html.url").write_text("nothing of use")
    records = {record.key.rpartition("/")[2]: record for record in read_inputs([tmp_path])}
    urls = [records[name].page.url for name in ("a.html", "b.html", "c.html") if records[name].page]  # type: ignore[union-attr]
    assert urls == ["https://s.example/a", "https://s.example/b", "https://c.example/canonical"]
    failure = records["a.html.json"].failure
    assert failure is not None
    assert (failure.state, failure.reason) == (State.NOT_CONTENT, "it states the address of a.html")


def test_an_extended_attribute_of_wget_and_curl(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(page(CANONICAL))
    try:
        os.setxattr(path, "user.xdg.origin.url", b"https://x.example/a")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    (found,) = read_inputs([path])
    assert found.page is not None
    assert (found.page.url, found.page.flags) == ("https://x.example/a", ("url_from:attribute",))


def test_a_tree_with_names_that_are_no_utf8_and_files_that_cannot_be_read(tmp_path: Path) -> None:
    tree = tmp_path / "a.example"
    tree.mkdir()
    (tree / os.fsdecode(b"caf\xe9.html")).write_bytes(page())
    os.mkfifo(tree / "pipe.html")
    (tree / "gone.html").symlink_to("nowhere")
    records = list(read_inputs([tmp_path]))
    assert [each.failure.state if each.failure else None for each in records] == [None, *[State.UNREADABLE] * 2]
    assert records[0].page is not None
    assert records[0].page.url == "https://a.example/caf%E9.html"
    assert records[0].key.endswith("a.example/caf\\xe9.html")


def test_a_tree_that_wget_left_is_built_with_the_profiles_of_its_sites(tmp_path: Path) -> None:
    tree = tmp_path / "mirror" / "news.example" / "2024"
    tree.mkdir(parents=True)
    hindi = "नदी के किनारे बसे गाँव के लोग हर दिन खेतों में काम करते हैं और शाम को कहानियाँ सुनते हैं"
    words = hindi.split()
    for number in range(12):
        story = " ".join(f"{word}{number if place % 3 == 0 else ''}" for place, word in enumerate(words * 4))
        head = b'<link rel="canonical" href="https://news.example/s/%d">' % number if number % 2 else b""
        body = f"<article><h1>शीर्षक {number}</h1><p>{story}।</p></article><div><p>हमारा समाचार पत्र पढ़ें</p></div>"
        content = b"<!doctype html><html lang=hi><head><meta charset=utf-8>" + head + b"</head><body>" + body.encode()
        (tree / f"index.php?id={number}").write_bytes(content + b"</body></html>")
    settings = BuildSettings(workers=0, min_tokens=3, profiles=tmp_path / "profiles")
    build([tmp_path / "mirror"], tmp_path / "out", settings=settings)
    rows = corpus_rows(tmp_path / "out", "documents") + corpus_rows(tmp_path / "out", "rejected")
    origins = {str(row["url"]): [flag for flag in row["flags"] if flag.startswith("url_from:")] for row in rows}
    assert origins["https://news.example/s/1"] == ["url_from:canonical"]
    assert origins["https://news.example/2024/index.php?id=2"] == ["url_from:path"]
    assert {row["site"] for row in rows} == {"news.example"}
    assert [path.name for path in (tmp_path / "profiles").iterdir()]
