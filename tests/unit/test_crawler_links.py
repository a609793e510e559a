"""Links: absolute and tidied, remembered by host; alternate addresses of pages."""

from __future__ import annotations

import pytest

from saaf.cleaning.html.outline import Outline
from saaf.crawler.discovery.alternates import canonical_url, main_address, mobile_main_address, next_part, part_of
from saaf.crawler.discovery.links import LinkMemory, absolute_url, may_be_page, tidy

BASE = "https://www.example.org/news/today?x=1"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/a", "https://www.example.org/a"),
        ("b", "https://www.example.org/news/b"),
        ("?page=2", "https://www.example.org/news/today?page=2"),
        ("//other.example/a", "https://other.example/a"),
        (" \n/a\tb ", "https://www.example.org/ab"),
        ("HTTP://EXAMPLE.org/A", "http://example.org/A"),
        ("https://example.org", "https://example.org/"),
        ("https://user:pw@example.org/a", "https://example.org/a"),
        ("/two words?q=a|b", "https://www.example.org/two%20words?q=a%7Cb"),
        ("/%E0%A4%95", "https://www.example.org/%E0%A4%95"),
        ("/a#!b/c", "https://www.example.org/a#!b/c"),
    ],
)
def test_links_become_absolute_as_in_browsers(link: str, expected: str) -> None:
    assert absolute_url(BASE, link) == expected


@pytest.mark.parametrize(
    "link",
    ["", "  ", "javascript:void(0)", "JavaScript:x", "mailto:a@example.org", "data:text/html,x", "tel:1", "ftp://a.example/",
     "file:///etc/passwd", "http://[bad", "http://", "http:///a", "https://a.example:port/", "https://a.example:99999/",
     "http://exa mple.org/", "blob:https://a.example/1", "about:blank", "whatsapp://send"],
)  # fmt: skip
def test_what_is_no_page_of_the_web_is_none(link: str) -> None:
    assert absolute_url(BASE, link) is None


def test_the_query_is_escaped_in_the_page_s_encoding() -> None:
    assert absolute_url(BASE, "/поиск?q=мост", "windows-1251") == (
        "https://www.example.org/%D0%BF%D0%BE%D0%B8%D1%81%D0%BA?q=%EC%EE%F1%F2"
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/n?utm_source=x&id=7#c", "https://a.example/n?id=7"),
        ("https://a.example/n;jsessionid=1A2B?x=1", "https://a.example/n?x=1"),
        ("https://a.example/n?PHPSESSID=abc&id=1", "https://a.example/n?id=1"),
        ("https://a.example/n?sid=0123456789abcdef0", "https://a.example/n"),
        ("https://a.example/n?sid=42", "https://a.example/n?sid=42"),
        ("https://a.example/n?s=harbourbridgeopens", "https://a.example/n?s=harbourbridgeopens"),
        ("https://a.example/(S(abcdefgh12345678))/n", "https://a.example/n"),
        ("https://a.example/?b=2&a=1", "https://a.example/?b=2&a=1"),
        ("https://a.example/#!article/7?utm_source=x", "https://a.example/#!article/7?utm_source=x"),
    ],
)
def test_what_says_nothing_of_the_page_goes(url: str, expected: str) -> None:
    assert tidy(url) == expected


def test_pictures_and_replies_are_no_pages() -> None:
    assert [url for url in ("https://a.example/x.JPG", "https://a.example/a?replytocom=3") if may_be_page(url)] == []
    pages = (
        "https://a.example/x.html",
        "https://example.com",
        "https://a.example/v1.2",
        "https://a.example/a.jpg/page",
    )
    assert [url for url in pages if may_be_page(url)] == list(pages)


def test_a_menu_costs_once() -> None:
    memory = LinkMemory()
    menu = ["/a", "https://other.example/", "sub", "?page=2"]
    first = memory.unseen("https://a.example/x/1", menu)
    assert list(first.values()) == menu
    memory.add("https://a.example/x/1", first)
    assert list(memory.unseen("https://a.example/x/2", menu).values()) == ["?page=2"], "the same directory"
    assert list(memory.unseen("https://a.example/y/2", menu).values()) == ["sub", "?page=2"]
    assert list(memory.unseen("https://b.example/x/1", menu).values()) == menu


def test_links_are_remembered_only_once_they_were_used() -> None:
    memory = LinkMemory()
    assert memory.unseen("https://a.example/", ["/a"])
    assert memory.unseen("https://a.example/", ["/a"]), "the callback failed before it came to them"


def test_the_memory_of_links_is_bounded_and_keeps_what_is_used() -> None:
    memory = LinkMemory(limit=100)
    page = "https://a.example/"
    memory.add(page, ["/menu"])
    for number in range(1000):
        assert not memory.unseen(page, ["/menu"])
        memory.add(page, memory.unseen(page, [f"/{number}"]))
    assert memory.unseen(page, ["/5"]), "forgotten, and found again"
    assert not memory.unseen(page, ["/999"])


@pytest.mark.parametrize(
    ("url", "main", "word"),
    [
        ("https://a.example/n/1/amp/", "https://a.example/n/1/", "AMP"),
        ("https://a.example/n/1/amp", "https://a.example/n/1", "AMP"),
        ("https://a.example/n/1.amp.html", "https://a.example/n/1.html", "AMP"),
        ("https://a.example/n/1?amp=1", "https://a.example/n/1", "AMP"),
        ("https://a.example/n/1?id=7&amp", "https://a.example/n/1?id=7", "AMP"),
        ("https://a.example/n/1?outputType=amp", "https://a.example/n/1", "AMP"),
        ("https://a.example/n/1?print=1", "https://a.example/n/1", "print"),
        ("https://a.example/n/1/print/", "https://a.example/n/1/", "print"),
        ("https://a.example/i.php?id=4&view=print", "https://a.example/i.php?id=4", "print"),
    ],
)
def test_amp_and_print_versions_are_told_by_their_form(url: str, main: str, word: str) -> None:
    assert main_address(url) == (main, word)


@pytest.mark.parametrize(
    "url",
    ["https://a.example/print/2026/01/story", "https://a.example/amp/", "https://a.example/amplifier",
     "https://a.example/?print=1", "https://a.example/blueprint", "https://a.example/n?print=0", "https://a.example/n?id=amp",
     "https://a.example/n/printing", "http://[bad"],
)  # fmt: skip
def test_what_is_only_named_so_is_a_page(url: str) -> None:
    assert main_address(url) is None


def outline(**values: object) -> Outline:
    return Outline(links=(), **values)  # type: ignore[arg-type]  # fields of Outline


def test_the_canonical_address_is_absolute_and_tidied() -> None:
    page = "https://a.example/n/1?utm_source=x"
    assert canonical_url(page, outline(canonical="/n/1?utm_medium=y#z")) == "https://a.example/n/1"
    assert canonical_url(page, outline(og_url="https://a.example/n/1")) == "https://a.example/n/1"
    assert canonical_url(page, outline(canonical="http://[bad", og_url="/n/2")) == "https://a.example/n/2"
    assert canonical_url(page, outline(canonical="https://wire.example/n/1")) == "https://wire.example/n/1"
    assert canonical_url(page, outline(canonical="/")) is None, "a template's mistake"
    assert canonical_url("https://a.example/", outline(canonical="/")) == "https://a.example/"
    assert canonical_url(page, outline()) is None


def test_a_host_for_phones_is_one_only_where_the_canonical_address_says_so() -> None:
    phone = "https://m.example.org/n/1"
    assert mobile_main_address(phone, outline(canonical="https://www.example.org/n/1")) == "https://www.example.org/n/1"
    assert mobile_main_address(phone, outline()) is None
    assert mobile_main_address(phone, outline(canonical=phone)) is None
    assert mobile_main_address(phone, outline(canonical="https://other.example/n/1")) is None
    assert mobile_main_address("https://www.example.org/n/1?a", outline(canonical="/n/1")) is None


@pytest.mark.parametrize(
    ("url", "first", "number"),
    [
        ("https://a.example/n/story?page=2", "https://a.example/n/story", 2),
        ("https://a.example/n?id=7&page=3", "https://a.example/n?id=7", 3),
        ("https://a.example/n/story/2/", "https://a.example/n/story/", 2),
        ("https://a.example/n/story/page/2", "https://a.example/n/story", 2),
    ],
)
def test_later_parts_name_their_first(url: str, first: str, number: int) -> None:
    assert part_of(url) == (first, number)
    assert next_part(first, outline(next_page=url)) == ((url, first, number) if number == 2 else None)


def test_the_next_page_of_another_article_is_no_part() -> None:
    assert next_part("https://a.example/n/1", outline(next_page="/n/2")) is None
    assert next_part("https://a.example/story", outline(next_page="/other?page=2")) is None
    assert next_part("https://a.example/story?page=2", outline(next_page="/story?page=3")) == (
        "https://a.example/story?page=3",
        "https://a.example/story",
        3,
    )
    assert part_of("https://a.example/story?page=1") is None
