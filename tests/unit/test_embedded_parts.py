"""Posts that a text introduces, content of shadow roots and the body of the right JSON-LD article belong to a page."""

import json

import numpy
import pytest

from saaf.cleaning import Page, clean_html
from saaf.cleaning.decision.groups import introduced_embeds
from saaf.cleaning.html.jsonld import article_bodies
from saaf.cleaning.readers.html import read_html

PARAGRAPHS = (
    "The miller of the lower valley has stopped her wheel for a month, because the stream carries hardly any water.",
    "Her neighbours bring their corn to the steam mill in the town, which takes them half a day and costs them more.",
    "“In forty years I have seen the bed of the stream only once,” she said, and showed the mark on the wall.",
)
POST = "<blockquote class='{}'><p>No water, no flour: the wheel waits until the rain comes.</p>— The Mill</blockquote>"


@pytest.mark.parametrize("name", ["twitter-tweet", "instagram-media", "bluesky-embed"])
@pytest.mark.parametrize(
    ("intro", "stays"),
    [
        ("On Monday the miller wrote to all her customers:", True),
        ("सोमवार को चक्कीवाली ने सब ग्राहकों को यह लिखा：", True),
        ("On Monday the miller wrote to all her customers.", False),
        ("Follow the mill:", False),
    ],
)
def test_a_post_that_the_text_introduces_stays(name: str, intro: str, stays: bool) -> None:
    body = f"<p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p><p>{intro}</p>{POST.format(name)}<p>{PARAGRAPHS[2]}</p>"
    text = clean_html(f"<title>The mill</title><body><h1>The mill</h1><div>{body}</div></body>".encode()).text
    assert ("until the rain comes" in text) == stays
    assert PARAGRAPHS[2] in text


@pytest.mark.parametrize(("characters", "stays"), [(30, True), (29, False)])
def test_an_introduction_has_some_length(characters: int, stays: bool) -> None:
    lines = ["a" * (characters - 1) + ":", "a post"]
    assert introduced_embeds(lines, numpy.array([False, True])).any() == stays


@pytest.mark.parametrize(
    ("attribute", "is_shown"), [("shadowrootmode=open", True), ("shadowroot=open", True), ("id=t", False)]
)
def test_the_content_of_declarative_shadow_roots_is_shown(attribute: str, is_shown: bool) -> None:
    paragraphs = "".join(f"<p>{line}</p>" for line in PARAGRAPHS)
    html = f"<title>The mill</title><body><mill-story><template {attribute}>{paragraphs}</template></mill-story>"
    html += f"<p>{PARAGRAPHS[0].replace('month', 'year')}</p></body>"
    document = read_html(Page(url=None, body=html.encode()))
    assert (PARAGRAPHS[1] in document.text) == is_shown
    assert "body_from_template" not in document.flags


def test_the_body_in_json_ld_is_that_of_the_pages_own_article() -> None:
    own = "\n".join([*PARAGRAPHS, *(line.replace("the", "this") for line in PARAGRAPHS)])
    other = own.replace("mill", "forge") + own.replace("mill", "forge").upper()
    nodes: list[dict[str, object]] = [
        {"headline": "The forge is cold", "articleBody": other},
        {"headline": "The wheel stands still", "articleBody": own},
    ]
    assert article_bodies(nodes) == [other, own]
    assert article_bodies(nodes, ["The wheel stands still - Valley News"]) == [own]
    assert article_bodies(nodes, ["Another title"]) == [other, own]
    assert article_bodies([{"headline": "The mill", "articleBody": own}, *nodes[:1]], ["The mill"]) == [other, own]
    scripts = f"<script type='application/ld+json'>{json.dumps(nodes)}</script>"
    html = f"<html><head><title>The wheel stands still</title>{scripts}</head><body><div>Menu</div></body></html>"
    document = read_html(Page(url=None, body=html.encode()))
    assert document.flags == ("body_from_json_ld",)
    assert PARAGRAPHS[0] in document.text
    assert "forge" not in document.text
