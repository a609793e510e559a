"""Control characters: gone from every text before offsets count, or replaced by what they stood for, and flagged."""

from __future__ import annotations

import json

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from saaf.cleaning import Page, apply_removals, clean, clean_html, clean_text, read
from saaf.cleaning.html.decode import CONTROLS_REMOVED, DAMAGED
from saaf.cleaning.text.control_characters import has_control_characters, replace_control_references

UNWANTED = regex.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufdd0-\ufdef\ufffe\uffff\U0001fffe\U0010ffff\p{Cs}]")
PROSE = "नगर परिषद ने वसंत में पुराने पुल को फिर से खोलने का फैसला किया है, ताकि लोग पैदल जा सकें।"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a\x01b\x02c", "abc"),
        ("It\x92s \x93fine\x94 \x96 5 \x80\x85", "It’s “fine” – 5 €…"),
        ("one\x0btwo\x0cthree\rfour\r\nfive", "one\ntwo\nthree\nfour\nfive"),
        ("\x1b[1mBold\x1b[0m and \x1b[31;1mred\x1b[m", "Bold and red"),
        ("N\x08NA\x08AM\x08ME\x08E and _\x08u_\x08p", "NAME and up"),
        ("a\ufeffb\ufffec\uffffd\ufdd0e\U0001ffff", "abcde"),
        ("key\x1fvalue\x1enext", "key value next"),
        (
            "كتاب\u200f \u200eABC می\u200cخواهم क\u094d\u200dष co\u00adop",
            "كتاب\u200f \u200eABC می\u200cخواهم क\u094d\u200dष co\u00adop",
        ),
        ("\u202bمرحبا\u202c and \u2067שלום\u2069", "\u202bمرحبا\u202c and \u2067שלום\u2069"),
        ("\u202bمرحبا\nשלום\u202c \u2066a\u202cb\u2069", "مرحبا\nשלום \u2066ab\u2069"),
        ("DOS text\x1a", "DOS text"),
    ],
)
def test_a_text_has_no_control_characters_but_those_of_spelling(raw: str, shown: str) -> None:
    document = clean_text(raw).document
    assert document.text == shown
    assert (CONTROLS_REMOVED in document.flags) == (raw != shown and "\x0b" not in raw)
    body = read(Page(url=None, body=raw.encode(), headers=(("content-type", "text/plain"),)))
    assert (body.text, body.flags) == (document.text, document.flags)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("It&#146;s &#147;fine&#148; &#150; &#x96 5 &#128;", "It’s “fine” – – 5 €"),
        ("a&#1;b&#x1F;c&#xFFFE;d&#129;e", "ab cde"),
        ("&#0;&#xD800;&#xDFFF;", "���"),
        ("a\x01b\x7fc\ufffed", "abcd"),
        ("It\x92s \x93fine\x94", "It’s “fine”"),
        ("मई &#8211; जून &#2309;", "मई – जून अ"),
        ("a\u202eb <b>c</b> \u202bمرحبا\u202c", "ab c \u202bمرحبا\u202c"),
    ],
)
def test_a_page_has_none_either_written_or_referred_to(source: str, shown: str) -> None:
    document = clean_html(f"<html><title>{source}</title><body><p>{source}</p><p>{PROSE}</p></body></html>").document
    assert document.text.split("\n")[0] == shown
    assert not UNWANTED.search(document.metadata.title or "")
    assert (DAMAGED in document.flags) == ("\ufffd" in shown)


def test_json_of_scripts_brings_none_into_text_or_metadata() -> None:
    body = " ".join([PROSE] * 8)
    data = '{"@type": "NewsArticle", "headline": "Old\\u0092s \\u0000bridge \\ud800 open", "articleBody": "%s"}'
    data %= f"It\\u0092s \\ufeff\\u0001{body} \\ud83d\\ude00 \\udc00"
    document = clean_html(f'<script type="application/ld+json">{data}</script><p>x</p>').document
    assert "It’s" in document.text
    assert "😀 \ufffd" in document.text
    assert not UNWANTED.search(document.text.replace("\n", "") + (document.metadata.title or ""))
    assert document.metadata.title == "Old’s bridge \ufffd open"


def test_spans_count_in_the_text_without_control_characters() -> None:
    lines = [f"{PROSE}\x00\x07 {number}." for number in range(4)]
    cleaned = clean_text("\n".join(["Share\x08 on Facebook", *lines, "\ufeffSubscribe to our newsletter"]))
    text = cleaned.document.text
    assert not UNWANTED.search(text)
    assert cleaned.text == apply_removals(text, cleaned.removals)
    assert all(0 <= block.start < block.end <= len(text) for block in cleaned.document.blocks)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.text(alphabet=st.characters(codec=None, categories=("Cc", "Cs", "Cf", "Cn", "Lo", "Ll", "Zs")), max_size=60))
def test_whatever_a_str_holds_its_text_is_free_of_them(text: str) -> None:
    for document in (
        clean_text(text).document,
        clean(read(Page(url=None, body=f"<p>x {text}".encode("utf-8", "replace")))).document,
    ):
        assert not UNWANTED.search(document.text)
        document.text.encode()


@pytest.mark.parametrize("code", [*range(0x100), 0xD800, 0xDFFF, 0xFEFF, 0xFFFE, 0xFFFF])
def test_every_escape_in_a_script_is_read(code: int) -> None:
    source = f'<script>{{"a": "\\u{code:04x}", "b": "\\u{code:04X}"}}</script>'.encode()
    replaced = replace_control_references(source).decode()
    values = json.loads(replaced.removeprefix("<script>").removesuffix("</script>"))
    assert values["a"] == values["b"]
    assert not has_control_characters(values["a"]) or values["a"] in "\t\n\r"
    if code in (0x0B, 0x0C):
        assert values["a"] == "\n"
