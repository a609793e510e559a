"""Embedded articles: of a page that shows nothing, or only teasers, the article in its scripts or templates is read."""

from __future__ import annotations

import html
import json

import pytest

from saaf.cleaning import Document, Page, Unreadable
from saaf.cleaning.readers.html import read_html

SENTENCES = [
    f"In the {place}, where the river bends, the council counted {number} boats, and none of them was new."
    for number, place in enumerate(["north", "south", "east", "west", "harbour", "old town", "new town", "suburbs"])
]
STORY = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
TEASERS = "".join(f"<p>Another story number {number} tells of something else.</p>" for number in range(6))


def read(source: str) -> Document:
    return read_html(Page(url="https://www.example.org/a", body=source.encode()))


def script(kind: str, content: str) -> str:
    return f'<script type="{kind}">{content}</script>'


def pushed(*pieces: str) -> str:
    return "".join(script("text/javascript", f"self.__next_f.push({json.dumps([1, piece])})") for piece in pieces)


def in_a_store(body: object) -> dict[str, object]:
    return {"props": {"menu": ["Home", "News"], "page": {"title": "Boats", "body": body}, "assets": ["/a.js"] * 50}}


RICH_TEXT = [
    {"type": "paragraph", "children": [{"text": sentence[:20]}, {"text": sentence[20:], "bold": True}]}
    for sentence in SENTENCES
]
FLIGHT_ROWS = [f'1:I[7,["a.js"]]\n2:T{len(STORY.encode()):x},', STORY, '3:["$","div",null,{"children":"$2"}]\n']


@pytest.mark.parametrize(
    ("source", "origin"),
    [
        (f"<noscript>{STORY}</noscript>", "noscript"),
        (f"<template>{STORY}</template>", "template"),
        (script("text/template", STORY), "template"),
        (script("application/json", json.dumps(in_a_store(STORY))), "json"),
        (script("application/json", json.dumps(in_a_store(html.escape(STORY)))), "json"),
        (script("application/json", json.dumps(in_a_store("\n\n".join(SENTENCES)))), "json"),
        (script("application/json", json.dumps(in_a_store([{"content": one} for one in SENTENCES]))), "json"),
        (script("application/json", json.dumps(in_a_store(RICH_TEXT))), "json"),
        (script("", f"window.STATE = {json.dumps(in_a_store(STORY))};run(undefined)"), "json"),
        (script("", f"window.STATE = {json.dumps(in_a_store(STORY)).replace('[', '[undefined,')}"), "json"),
        (script("", f"load(function(a,b){{return {{a:a,body:{json.dumps(STORY)}}}}}(1,2))"), "json"),
        (pushed(*FLIGHT_ROWS), "json"),
        (f'<div data-state="{html.escape(json.dumps({"topic": json.dumps(in_a_store(STORY))}))}"></div>', "json"),
    ],
    ids=[
        "noscript",
        "template",
        "script template",
        "markup in JSON",
        "escaped markup",
        "plain text",
        "list of paragraphs",
        "rich text",
        "assignment",
        "undefined values",
        "literals",
        "component stream",
        "JSON in JSON in an attribute",
    ],
)
def test_a_body_that_is_not_shown_becomes_blocks(source: str, origin: str) -> None:
    document = read(f"<p>Loading …</p>{source}")
    assert document.text.split("\n") == ["Loading …", *SENTENCES]
    assert document.flags == (f"body_from_{origin}",)
    assert all(f"article#{origin}" in block.path for block in document.blocks[1:])


def test_beside_teasers_the_body_must_begin_as_the_page_describes_itself() -> None:
    other = json.dumps({"stories": [{"body": STORY.replace("In the", "At the") * 2}]})
    unseen = script("application/json", other) + script("application/json", json.dumps(in_a_store(STORY)))
    description = f'<meta property="og:description" content="{SENTENCES[0][:60]}…">'
    assert read(f"{TEASERS}{unseen}").flags == ()
    described = read(f"{description}{TEASERS}{unseen}").text
    assert SENTENCES[0] in described
    assert "At the north" not in described


def test_data_is_preferred_to_markup_that_has_more_around_the_text() -> None:
    markup = f"<noscript><p>Posted by somebody, in some category, a while ago.</p>{STORY}</noscript>"
    document = read(markup + script("application/json", json.dumps(in_a_store(STORY))))
    assert document.text.split("\n") == SENTENCES
    assert document.flags == ("body_from_json",)


def test_what_the_page_shows_is_not_added_again() -> None:
    shown = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES[:6])
    document = read(f"{shown}<noscript>{STORY}</noscript>" + script("application/json", json.dumps(in_a_store(STORY))))
    assert document.text.split("\n") == SENTENCES[:6]
    assert document.flags == ()


@pytest.mark.parametrize(
    "source",
    [
        "<noscript>You need to switch on JavaScript, or this page will not work for you at all.</noscript>",
        script("application/json", json.dumps({"ids": ["3f2a-77c1-9d0e"] * 500, "data": "A1b2C3d4" * 400})),
        script("", "var a = function(b) { return b == 1 ? {c: [d]} : e; }; " * 60),
        script("application/json", '{"a":' * 30_000),
        script("", "x = [1, " * 30_000),
        script("", 'self.__next_f.push([1,"0:T3,ab"])'),
    ],
    ids=["notice", "identifiers", "code", "deep JSON", "many broken values", "cut stream"],
)
def test_what_is_no_article_leaves_the_page_unreadable(source: str) -> None:
    with pytest.raises(Unreadable, match="holds no text"):
        read(source)
