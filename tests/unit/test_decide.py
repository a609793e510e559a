"""The decision keeps the article and names why each other block goes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy
import pytest

from saaf.cleaning import Document, Page, apply_removals, clean
from saaf.cleaning.decision.decide import decide
from saaf.cleaning.readers.html import read_html
from saaf.cleaning.readers.plain import document_from_text
from saaf.cleaning.types import Vote
from tests.unit.decision_helpers import decided, kept

PARAGRAPHS = [
    "The council met on Monday, and after a long debate, it agreed to repair the old bridge before the winter comes.",
    "“We have waited for ten years,” said the mayor, “and the river will not wait for us a single year more.”",
    "Engineers had warned in spring that two of the pillars were weaker than the plans had promised.",
    "The work begins in May and is to cost four million, of which the region pays a third.",
]
ARTICLE = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)


def page(main: str, around: str = "", title: str = "Council agrees to repair the old bridge") -> Document:
    html = (
        f"<html lang=en><head><title>{title}</title></head><body>"
        "<nav><ul><li><a href=/>Home</a><li><a href=/n>News</a></ul></nav>"
        f"<div class=content><h1>{title}</h1>{main}</div>{around}"
        "<footer><p>All rights reserved by the paper.</p></footer></body></html>"
    )
    return read_html(Page(url="https://www.example.org/a", body=html.encode()))


def rules(document: Document) -> dict[str, str]:
    return {document.text[r.start : r.end].strip(): r.rule for r in decide(document).removals}


def test_the_article_and_its_headline_stay_and_nothing_else() -> None:
    assert kept(page(ARTICLE)) == "\n".join(["Council agrees to repair the old bridge", *PARAGRAPHS])


@pytest.mark.parametrize(
    ("around", "text", "rule"),
    [
        (
            "<div class='related-posts'><p><a href=/x>Ferry to run again</a></p></div>",
            "Ferry to run again",
            "html.related",
        ),
        ("<aside><p>Weather today: rain</p></aside>", "Weather today: rain", "html.sidebar"),
        ("<form><label>Your e-mail address</label></form>", "Your e-mail address", "html.form"),
        ("<div class='share-bar'><span>Tell your friends</span></div>", "Tell your friends", "html.share"),
        ("<div id=comments><p>I never liked that bridge.</p></div>", "I never liked that bridge.", "html.comments"),
        ("<div style='display:none'><p>Loading the player</p></div>", "Loading the player", "html.hidden"),
    ],
)
def test_structure_names_the_reason(around: str, text: str, rule: str) -> None:
    assert rules(page(ARTICLE, around))[text] == rule


@pytest.mark.parametrize(
    "inside",
    [
        "<h2>What comes next</h2>",
        "<blockquote><p>A bridge is a promise to the other bank, nothing less.</p></blockquote>",
        "<ul><li>Pillars: two new ones, of concrete.</li><li>Railing: as it was.</li></ul>",
    ],
)
def test_what_belongs_to_the_article_stays(inside: str) -> None:
    document = page(ARTICLE + inside + ARTICLE.replace("The ", "This "))
    expected = page(inside).text
    for line in expected.split("\n"):
        if line in inside:
            assert line in kept(document)


@pytest.mark.parametrize(
    ("form", "verses"),
    [
        ("<p>{}</p>", "The boats lie over on their sides/like cattle in the heat,/and children walk/with mud"),
        ("<ul><li>{}</li></ul>", "500 g of flour/10 g of salt/1 spoon of oil/350 g of water/1 g of yeast"),
        ("<table><tr><td>{}</td></tr></table>", "Heron/Old Slip/Lantern/Chapel Steps/Kittiwake"),
        ("<p>{}</p>", "नाव चली कागज की गली में,/भीग गया बस्ता, भीगी किताब,/किसने किसको डाँटा था उस दिन,/किसके पास है"),
    ],
)
def test_a_run_of_short_lines_within_the_article_stays_whole(form: str, verses: str) -> None:
    lines = verses.split("/")
    before, after = form.split("{}")
    separator = {"<p>": "<br>", "<ul><li>": "</li><li>", "<table><tr><td>": "</td></tr><tr><td>"}[before]
    inside = before + separator.join(lines) + after
    text = kept(page(f"<p>{PARAGRAPHS[0]}</p>{inside}<p>{PARAGRAPHS[1]}</p>"))
    assert [line for line in lines if line in text.split("\n")] == lines


def test_a_place_and_agency_before_the_lead_stay_with_it() -> None:
    document = page(f"<div class=place>Ankara (agencies)</div>{ARTICLE}")
    assert kept(document).split("\n")[1] == "Ankara (agencies)"


def test_an_article_survives_a_theme_that_calls_its_body_by_a_bad_name() -> None:
    document = page(f"<div class='sidebar-right share related'>{ARTICLE}</div>")
    assert kept(document).endswith("\n".join(PARAGRAPHS))


def test_a_paragraph_shown_twice_is_kept_once() -> None:
    document = page(ARTICLE + ARTICLE)
    assert kept(document).count(PARAGRAPHS[0]) == 1
    assert "html.repeated" in rules(document).values()


@pytest.mark.parametrize(
    ("markup", "times"),
    [
        ("<div class=post><blockquote><p>{}</p></blockquote><p>{}</p></div>", 2),
        ("<div class=post><div class=quoteContainer><p>{}</p></div><p>{}</p></div>", 2),
        ("<blockquote class='pull-quote'><p>{}</p></blockquote><p>{}</p>", 1),
    ],
)
def test_what_a_post_quotes_stays_with_its_answer(markup: str, times: int) -> None:
    answer = "That is what the plans had promised ten years ago too, and the pillars were no better for it."
    document = page(ARTICLE + markup.format(PARAGRAPHS[2], answer))
    lines = decided(document, dict.fromkeys([*PARAGRAPHS, answer], 0.95))
    assert lines.count(PARAGRAPHS[2]) == times
    assert lines[-1] == answer


def test_a_language_without_stop_words_or_spaces_loses_nothing() -> None:
    text = "市議会は月曜日に長い議論の末、冬が来る前に古い橋を修理することに合意した。"
    document = page(
        f"<p>{text}</p>" * 1 + f"<p>技術者たちは春に、二本の橋脚が計画よりも弱いと警告していた。{text}</p>",
        title="市議会、古い橋の修理に合意",
    )
    assert text in kept(document)


def test_a_page_is_never_emptied() -> None:
    document = read_html(Page(url=None, body=b"<nav><a href=/>Home</a> <a href=/n>News</a></nav>"))
    assert kept(document)
    assert "methods_disagree" in decide(document).flags


RULES = "Whoever writes a comment, keeps to the rules of the house, and says nothing that a neighbour would not hear."


@pytest.mark.parametrize("wall", ["", "<div class='dialog-off-canvas-main-canvas'>"])
@pytest.mark.parametrize("window", ["<div class=modalWindow>", "<div role=dialog>", "<div id=login-popup>", "<dialog>"])
def test_what_opens_over_a_page_goes_however_sure_the_model_is(wall: str, window: str) -> None:
    document = page(f"{wall}{ARTICLE}{window}<p>{RULES}</p></div></dialog>")
    sure = dict.fromkeys([*PARAGRAPHS, RULES], 0.95)
    assert decided(document, sure)[1:] == PARAGRAPHS
    assert rules(document)[RULES] == "html.window"


@pytest.mark.parametrize(
    ("box", "rule"),
    [
        ("<div class='article-disclaimer'><p>{}</p></div>", "html.disclaimer"),
        ("<div class='Article-Disclaimer'><p>{}</p></div>", "html.disclaimer"),
        ("<div class='PopUp'><p>{}</p></div>", "html.window"),
        ("<blockquote class='twitter-tweet'><p>{}</p></blockquote>", "html.embed"),
        ("<figure><img src=/b.jpg><figcaption>{}</figcaption></figure>", "html.caption"),
    ],
)
def test_what_is_not_the_author_s_goes_by_its_name(box: str, rule: str) -> None:
    document = page(ARTICLE + box.format(RULES))
    assert decided(document, dict.fromkeys([*PARAGRAPHS, RULES], 0.95))[1:] == PARAGRAPHS
    assert rules(document)[RULES] == rule


def test_a_page_that_is_all_windows_keeps_what_the_model_is_sure_of() -> None:
    document = page("".join(f"<div class=popup-{number}><p>{text}</p></div>" for number, text in enumerate(PARAGRAPHS)))
    assert decided(document, dict.fromkeys(PARAGRAPHS, 0.95))[1:] == PARAGRAPHS


def test_a_doubtful_paragraph_stays_where_the_page_has_nothing_better() -> None:
    doubtful, others = PARAGRAPHS[3], PARAGRAPHS[:2]
    document = page("".join(f"<p>{text}</p>" for text in others) + f"<div><p>{doubtful}</p></div>")
    beside = dict.fromkeys((text[:20] for text in others), 0.99) | {doubtful[:20]: 0.3}
    assert doubtful not in decided(document, beside)
    among = dict.fromkeys((text[:20] for text in PARAGRAPHS), 0.3)
    assert doubtful in decided(document, among)


def test_comments_of_many_words_do_not_clear_their_name() -> None:
    said = "I never liked that bridge, and my neighbour did not either, whatever the council says, number"
    comments = "".join(f"<div class=comment><p>{said} {number}.</p></div>" for number in range(30))
    document = page(ARTICLE, f"<div id=comments>{comments}</div>")
    sure = dict.fromkeys((text[:20] for text in PARAGRAPHS), 0.97) | {"I never": 0.36}
    assert decided(document, sure)[1:] == PARAGRAPHS


def test_lines_broken_at_a_width_stay_where_the_model_knows_nothing() -> None:
    words = " ".join(PARAGRAPHS * 2).split()
    lines = [" ".join(words[start : start + 9]) for start in range(0, len(words), 9)]
    document = page("<br>".join(lines), "<div class=footer-links><p>Imprint of the paper</p></div>")
    blocks = [
        replace(block, votes=(Vote(method="trafilatura", keep=document.text[block.start : block.end] in lines),))
        for block in document.blocks
    ]
    sure = {"Imprint": 0.06, lines[3]: 0.05}
    assert decided(replace(document, blocks=tuple(blocks)), sure)[1:] == lines


def test_rows_that_close_an_article_are_no_teasers() -> None:
    cells = [
        ("Steel for the two weak pillars of the bridge", "Ironworks of the upper valley and sons"),
        ("Oak planks for the footpath along the railing", "Sawmill at the weir, third generation"),
        ("Lamps that the council had bought before the war", "Storehouse of the harbour office"),
        ("Paint against rust, two coats, green as the old one", "Chandler behind the fish market"),
    ]
    rows = "".join(f"<tr><td>{what}</td><td>{whose}</td></tr>" for what, whose in cells)
    assert clean(page(f"{ARTICLE}<table>{rows}</table>")).text.count(" | ") == len(cells)


def test_short_lines_stay_where_their_like_are_sure() -> None:
    asked = ["Who pays?", "When does it begin?", "And the ferry?"]
    talk = "".join(f"<p class=q>{question}</p><p>{text}</p>" for question, text in zip(asked, PARAGRAPHS, strict=False))
    sure = dict.fromkeys((text[:20] for text in PARAGRAPHS), 0.99) | {"Who": 0.95, "When": 0.95, "And the": 0.7}
    assert asked[2] in decided(page(talk), sure)
    alone = sure | {"Who": 0.1, "When": 0.1}
    assert asked[2] not in decided(page(talk), alone)


def test_a_run_of_lines_ends_with_the_last_that_could_be_content() -> None:
    verses = ["The bell is rung", "the boats lie still", "and not a gull", "is on the hill"]
    run = "".join(f"<p class=v>{line}</p>" for line in [*verses, "Pictures: the harbour office"])
    sure = dict.fromkeys((text[:20] for text in PARAGRAPHS), 0.99) | dict(
        zip(verses, (0.9, 0.1, 0.6, 0.8), strict=True)
    )
    lines = decided(page(f"<div>{ARTICLE}</div><div>{run}</div>"), sure)
    assert [line for line in lines if line in verses] == verses
    assert "Pictures: the harbour office" not in lines


@pytest.mark.parametrize(("names", "stays"), [("article-header", True), ("teaser-text", True), ("sidebar", False)])
def test_a_standfirst_stays_though_its_theme_calls_it_a_header_or_a_teaser(names: str, stays: bool) -> None:
    lead = "The bridge has stood for ninety years, and the town, which argued for ten, now has a year to save it."
    sure = dict.fromkeys((text[:20] for text in PARAGRAPHS), 0.99) | {"The bridge has stood": 0.7}
    first = page(f"<div class='{names}'><p>{lead}</p></div>{ARTICLE}")
    assert (lead in decided(first, sure)) == stays
    last = page(f"{ARTICLE}<div class='{names}'><p>{lead}</p></div>")
    assert lead not in decided(last, sure)


def test_a_headline_that_stays_keeps_no_copy_of_it_in_a_menu() -> None:
    title = "Council agrees to repair the old bridge"
    html = f"<title>{title}</title><body><nav><h2>{title}</h2></nav><h1>{title}</h1>{ARTICLE}</body>"
    document = read_html(Page(url=None, body=html.encode()))
    probability = numpy.full(len(document.blocks), 0.99)
    probability[0] = 0.01
    text = apply_removals(document.text, decide(document, probability=probability).removals)
    assert text == "\n".join([title, *PARAGRAPHS])


@pytest.mark.parametrize(
    ("form", "stays"), [("<div id=post-{}><p>{}</p></div>", True), ("<div><p>{1}</p></div>", False)]
)
def test_paragraphs_of_one_path_are_no_posts(form: str, stays: bool) -> None:
    said = [f"नदी के पुल की बात हमने {word} बार सुनी, पर कोई मानता ही नहीं।" for word in ("दस", "बीस", "तीस")]
    posts = "".join(form.format(number, text) for number, text in enumerate(said))
    lines = decided(page(ARTICLE + posts), dict.fromkeys(PARAGRAPHS, 0.99) | dict.fromkeys(said, 0.5))
    assert [text in lines for text in said] == [stays] * 3


def test_removals_are_sorted_disjoint_and_leave_whole_lines() -> None:
    document = page(ARTICLE, "<aside><p>Weather</p><p>Sport</p></aside>")
    removals = decide(document).removals
    assert all(before.end <= after.start for before, after in pairwise(removals))
    assert all(removal.start < removal.end and 0 < removal.score <= 1 for removal in removals)
    assert set(kept(document).split("\n")) <= set(document.text.split("\n"))


def test_an_empty_text_has_nothing_to_decide() -> None:
    assert decide(document_from_text("")).removals == ()


@pytest.mark.parametrize(
    ("form", "between", "count"),
    [
        ("<p>{}</p>", "<p>{}</p>", 1),
        # A plan repeats a row or an item; a list that stands there twice is a copy.
        ("<ul><li>{}</li></ul>", "<p>{}</p>", 2),
        ("<table><tr><td>1</td><td>{}</td></tr></table>", "<p>{}</p>", 2),
        (f"<ul><li>{{}}</li><li>{PARAGRAPHS[2]}</li></ul>", "<p>{}</p>", 1),
    ],
)  # fmt: skip
def test_a_row_or_an_item_alone_is_no_copy(form: str, between: str, count: int) -> None:
    line = "Wash the deck, coil the ropes, fill the lamps, and count the life belts before the first passenger comes."
    part = form.format(line)
    document = page(part + between.format(PARAGRAPHS[1]) + part)
    texts = [document.text[block.start : block.end] for block in document.blocks]
    kept_lines = decided(document, dict.fromkeys([text for text in texts if len(text) > 60], 0.95))
    assert sum(line in kept_line for kept_line in kept_lines) == count
