"""Bytes become the text that a browser would show, and what is no text is refused with a reason."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saaf.cleaning import Unreadable
from saaf.cleaning.html.decode import decode
from saaf.cleaning.html.encoding_labels import codec_of

HINDI = "आज सीरिया के विदेश मंत्री ने मास्को में बात की।"
ARABIC = "أكد وزير الخارجية أن العلاقات بين البلدين قوية."


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_mark_decides(encoding: str) -> None:
    decoded = decode(HINDI.encode(encoding), "text/html; charset=iso-8859-1")
    assert decoded.text == HINDI
    assert decoded.problem is None


def test_valid_utf8_wins_over_a_wrong_header() -> None:
    assert decode(HINDI.encode(), "text/html; charset=windows-1252").text == HINDI


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("windows-1256", "cp1256", ARABIC),
        ("iso-8859-1", "cp1252", "“naïve” – café"),
        ("gb2312", "gb18030", "中文網頁的內容"),
        ("Shift_JIS", "cp932", "①日本語のページ"),
        ("euc-kr", "cp949", "한국어 페이지 뷁"),
        ("koi8-r", "koi8_r", "Новости дня"),
        ("x-sjis", "cp932", "髙島屋のページ"),
    ],
)
def test_declared_charset_by_the_webs_aliases(label: str, codec: str, text: str) -> None:
    page = f"<meta charset='{label}'><p>{text}</p>"
    assert text in decode(page.encode(codec), None).text
    assert decode(text.encode(codec), f"text/html; charset={label}").text == text


def test_header_comes_before_the_page() -> None:
    body = f"<meta charset=windows-1251><p>{ARABIC}</p>".encode("cp1256")
    assert ARABIC in decode(body, "text/html; charset=windows-1256").text


def test_a_meta_that_names_utf16_in_an_ascii_page_means_utf8() -> None:
    body = b"<meta charset=utf-16><p>caf\xc3\xa9 \xff</p>" + b"word " * 500
    decoded = decode(body, None)
    assert "café" in decoded.text
    assert decoded.encoding == "utf-8"


def test_utf16_without_a_mark_is_seen() -> None:
    decoded = decode("<p>Hello, this is a page.</p>".encode("utf-16-le"), None)
    assert decoded.text == "<p>Hello, this is a page.</p>"
    assert decoded.problem is not None


def test_a_character_cut_in_two_costs_one_character_and_is_told() -> None:
    decoded = decode((HINDI * 40).encode()[:-1], None)
    assert decoded.text.startswith(HINDI)
    assert decoded.encoding == "utf-8"
    assert "1 characters" in (decoded.problem or "")


@pytest.mark.parametrize(
    "text", ["It’s “sunny” — 20 °C", "नमस्ते, दुनिया", "خبریں آج کی", "你好，世界。", "» Zażółć gęślą jaźń…"]
)
def test_text_encoded_twice_is_mended_and_told(text: str) -> None:
    wrong = text.encode().decode("latin-1")
    found = decode(f"<p>été à Rome</p><p>{wrong}</p>".encode(), None)
    assert found.text == f"<p>été à Rome</p><p>{text}</p>"
    assert found.problem == "characters encoded as UTF-8 twice"


def test_what_only_looks_encoded_twice_stays() -> None:
    told = "Il est là\xa0», dit-elle"  # the last three of "là »" are, byte for byte, a Samaritan mark in UTF-8
    assert decode(told.encode(), None).text == told
    assert decode(f"{told} It\xe2\x80\x99s".encode(), None).text == f"{told} It’s"


def test_undeclared_legacy_text_is_guessed_and_told() -> None:
    russian = "Сегодня в городе открылась новая выставка, на которой показали старые книги и карты. " * 5
    decoded = decode(russian.encode("cp1251"), None)
    assert decoded.text == russian
    assert "guessed" in (decoded.problem or "")


@pytest.mark.parametrize("label", ["hex", "rot13", "punycode", "utf-7", "no-such-charset", ""])
def test_labels_that_are_no_text_encoding_of_the_web_are_not_used(label: str) -> None:
    assert codec_of(label) is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty page"),
        (b" \r\n\x00", "empty page"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n....", "PNG"),
        (b"\xff\xd8\xff\xe0....", "JPEG"),
        (b"\x1f\x8b\x08\x00....", "gzip"),
        (bytes(range(32)) * 40, "binary"),
    ],
)
def test_what_is_no_text_is_refused_with_a_reason(body: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        decode(body, "text/html")


@settings(max_examples=200, derandomize=True)
@given(
    st.binary(max_size=200), st.sampled_from([None, "text/html", "text/html; charset=windows-1256", "x; charset=hex"])
)
def test_any_bytes_are_text_or_unreadable(body: bytes, content_type: str | None) -> None:
    try:
        decoded = decode(body, content_type)
    except Unreadable:
        return
    assert decoded.text or not body.strip(b"\xef\xbb\xbf\xff\xfe")
