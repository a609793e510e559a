"""Copies of the headline go where pages print it again; lines that only resemble it stay."""

from __future__ import annotations

import pytest

from saaf.cleaning import clean_html, clean_text
from saaf.cleaning.phrases.annotated_text import annotate
from saaf.cleaning.readers.plain import document_from_text
from saaf.cleaning.rules.duplicate_lines import find_title_copies

BODIES = {
    "en": "The ferry to the outer islands sailed again on Tuesday, five days after the storm had closed the harbour.",
    "hi": "तूफान के कारण पांच दिन तक बंद रहने के बाद बाहरी द्वीपों के लिए नौका सेवा मंगलवार को फिर से शुरू हो गई।",
    "ur": "طوفان کی وجہ سے پانچ دن بند رہنے کے بعد بیرونی جزیروں کے لیے کشتیوں کی سروس منگل کو دوبارہ شروع ہو گئی۔",
    "ar": "أبحرت العبارة إلى الجزر البعيدة مرة أخرى يوم الثلاثاء بعد خمسة أيام من العاصفة التي أغلقت الميناء القديم.",
    "am": "ወደ ሩቅ ደሴቶች የሚሄደው ጀልባ ወደቡን ከዘጋው ማዕበል ከአምስት ቀናት በኋላ ማክሰኞ ዕለት እንደገና ጉዞ ጀመረ፤ መንገደኞችም ተደሰቱ።",
    "zh": "暴风雨使港口关闭五天之后，开往外岛的渡轮星期二再次起航，数百名旅客一早就在码头上排队等候，海面已经平静。",
    "ja": "嵐で港が閉鎖されてから五日後の火曜日、離島へのフェリーが再び出航し、数百人の乗客が桟橋に列を作った。",
}
DAYS = {
    "en": ("Notes from the mountain hut, day 1", "Notes from the mountain hut, day 2"),
    "hi": ("पहाड़ी झोपड़ी से टिप्पणियां, दिन १", "पहाड़ी झोपड़ी से टिप्पणियां, दिन २"),
    "ur": ("پہاڑی جھونپڑی کی ڈائری، دن ۱", "پہاڑی جھونپڑی کی ڈائری، دن ۲"),
    "ar": ("يوميات من كوخ الجبل، اليوم ١", "يوميات من كوخ الجبل، اليوم ٢"),
    "am": ("ከተራራው ጎጆ የተጻፈ ማስታወሻ፣ ቀን ፩", "ከተራራው ጎጆ የተጻፈ ማስታወሻ፣ ቀን ፪"),
    "zh": ("山间小屋的日记与见闻第1天", "山间小屋的日记与见闻第2天"),
    "ja": ("山小屋からの日記と便り１日目", "山小屋からの日記と便り２日目"),
}
HEADLINE = "Ferry service to the outer islands resumes after the storm"
PROSE = BODIES["en"]


def echoes(text: str) -> list[str]:
    """Return the lines that the rule finds in a text."""
    document = document_from_text(text)
    return [text[one.start : one.end] for one in find_title_copies(document, annotate(document.text))]


@pytest.mark.parametrize("language", BODIES)
def test_a_copy_of_the_headline_goes_and_another_days_headline_stays(language: str) -> None:
    (first, second), body = DAYS[language], BODIES[language]
    assert clean_text(f"{first}\n{first}\n{body}").text == f"{first}\n{body}"
    assert clean_text(f"{first}\n{body}\n{first}").text == f"{first}\n{body}"
    assert second in clean_text(f"{first}\n{second}\n{body}").text.split("\n")
    assert echoes(f"{first}\n{body}\n{second}") == []


def test_a_copy_may_have_other_digits() -> None:
    title = DAYS["hi"][0]
    assert clean_text(f"{title}\n{title.replace('१', '1')}\n{BODIES['hi']}").text == f"{title}\n{BODIES['hi']}"


@pytest.mark.parametrize("amid", ["", f"<p>{PROSE}</p>"])
def test_the_headline_stays_beside_a_heading_of_another_year(amid: str) -> None:
    h1, h2 = "Results of the island council election 2024", "Results of the island council election 2019"
    body = f"<h1>{h1}</h1>{amid}<h2>{h2}</h2><p>{PROSE}</p><p>{PROSE.replace('Tuesday', 'Friday')}</p>"
    kept = clean_html(f"<html><head><title>{h1}</title></head><body><article>{body}</article></body></html>").text
    assert h1 in kept.split("\n")
    assert h2 in kept.split("\n")


@pytest.mark.parametrize(
    ("headline", "line"),
    [
        ("Seven ways to build a boat in winter", "Ways to build a boat in winter"),
        ("How the islanders learned to write C", "How the islanders learned to write C++"),
        ("The ferry sails again on Tuesday?", "The ferry sails again on Tuesday"),
        ("Water in the harbour rises 1.5 metres", "Water in the harbour rises 15 metres"),
        ("Ferry service to the islands 2024", "Ferry service to the islands 2024 - Part 2"),
        ("Ferry service to the islands", "Ferry service to the islands - but not at night"),
        ("Ferry service to the islands", "Ferry service to the islands - Will It Last?"),
    ],
)
def test_a_line_that_says_something_else_is_no_copy(headline: str, line: str) -> None:
    assert echoes(f"{headline}\n{line}\n{PROSE}") == []
    assert echoes(f"{headline}\n{PROSE}\n{line}") == []


def test_entries_of_a_table_of_contents_do_not_take_their_sections_headings() -> None:
    entries = ["Building the hull of the boat", "Cutting the sails by hand", "Painting the boat in spring"]
    sections = "".join(f"{entry}\n{PROSE}\n" for entry in entries)
    text = "A winter in the boat yard\n" + "\n".join(entries) + "\n" + sections
    assert echoes(text) == []


@pytest.mark.parametrize(("top", "found"), [("", True), ("Boats\n", False)])
def test_below_the_first_line_of_a_plain_text_a_copy_must_follow_directly(top: str, found: bool) -> None:
    assert echoes(f"{top}{HEADLINE}\n{HEADLINE}\n{PROSE}") == [HEADLINE]
    assert (echoes(f"{top}{HEADLINE}\nHarbour\n{HEADLINE}\n{PROSE}") != []) is found


def test_rows_of_a_table_without_letters_are_no_headline() -> None:
    rows = "| 1 | 2 | 3 | 4 | 5 | 6 | 7 |\n| 8 | 9 | 10 | 11 | 12 | 13 | 14 |\n| Boats | Nets |\n"
    assert echoes(f"{rows}{PROSE}\n{rows}") == []
    header = "| Boats in harbour | Nets mended | Year |"
    assert echoes(f"{header}\n| 1 | 2 | 3 |\n{PROSE}\n{header}\n| 4 | 5 | 6 |") == []
    assert echoes(f"|  |  |  |  |  |  |  |  |\n{PROSE}\n| Boats | Nets |\n| ---- | ---- |") == []


def test_a_poem_keeps_the_line_that_gives_it_its_name() -> None:
    title = "When the boats come home at night"
    verses = f"{title}\nthe children run along the pier\nand count the lamps, and count again,\nand one is missing,"
    poem = f"{verses}\nalways one,\nand all the bells are ringing,\n{title}"
    assert echoes(f"{title}\n{poem}\n{PROSE}") == []
    assert echoes(f"{title}\n{PROSE}\n{poem}") == []


def test_a_refrain_before_the_prose_stays() -> None:
    refrain = "Row the boat across the water"
    assert echoes(f"Songs of the harbour\n{refrain}\n{refrain}\nand never look behind you\n{refrain}\n{PROSE}") == []


def test_a_paragraph_after_its_own_standfirst_stays() -> None:
    standfirst = PROSE.rstrip(".")
    assert echoes(f"{standfirst}\n{HEADLINE}\n{PROSE}\nPassengers had waited on the pier since dawn.") == []


@pytest.mark.parametrize(("lines", "found"), [(3, True), (4, False)])
def test_a_copy_stands_at_most_four_lines_before_the_body(lines: int, found: bool) -> None:
    between = "".join(f"{word}\n" for word in ["By Ann Example", "Harbour", "Tuesday", "Photo"][:lines])
    assert (echoes(f"{HEADLINE}\n{HEADLINE}\n{between}{PROSE}") != []) is found


@pytest.mark.parametrize(("lines", "found"), [(3, True), (4, False)])
def test_a_copy_before_the_body_stands_at_most_four_lines_behind_the_headline(lines: int, found: bool) -> None:
    between = "".join(f"{word}\n" for word in ["Harbour", "Tuesday", "Ferries", "Photo"][:lines])
    assert (echoes(f"{HEADLINE}\n{between}{HEADLINE}\n{PROSE}") != []) is found


@pytest.mark.parametrize(("lines", "found"), [(1, True), (2, False)])
def test_a_copy_at_the_end_stands_right_behind_the_body(lines: int, found: bool) -> None:
    between = "".join(f"{word}\n" for word in ["Harbour", "Islands"][:lines])
    assert (echoes(f"{HEADLINE}\n{PROSE}\n{between}{HEADLINE}") != []) is found


@pytest.mark.parametrize(("lines", "found"), [(2, True), (3, False)])
def test_a_copy_at_the_end_is_among_the_last_three_lines(lines: int, found: bool) -> None:
    rest = "".join(f"\n{word}" for word in ["Harbour", "Islands", "Ferries"][:lines])
    assert (echoes(f"{HEADLINE}\n{PROSE}\n{HEADLINE}{rest}") != []) is found


@pytest.mark.parametrize(("width", "found"), [(16, True), (15, False)])
def test_a_headline_has_sixteen_columns(width: int, found: bool) -> None:
    headline = "A boat in an inlet"[:width].strip().ljust(width, "x")
    page = f"<title>{headline}</title><h1>{headline}</h1>"
    document = clean_html(f"{page}<p>{PROSE}</p>").document
    text = f"{headline}\n{headline}\n{PROSE}"
    removals = list(find_title_copies(document, annotate(text)))
    assert bool(removals) is found


@pytest.mark.parametrize(("lines", "found"), [(2, True), (3, False)])
def test_a_line_printed_twice_is_the_headline_near_the_top_only(lines: int, found: bool) -> None:
    top = "".join(f"{line}\n" for line in ["Support your local paper today", "Harbour", "Islands"][:lines])
    text = f"{top}{HEADLINE}\n{HEADLINE}\n{PROSE.replace('ferry', 'boat').replace('islands', 'isles')}"
    assert document_from_text(text).metadata.title == "Support your local paper today"
    assert (echoes(text) != []) is found


def test_a_cut_copy_goes_before_the_headline_too() -> None:
    cut = f"{HEADLINE[:40]}…"
    assert echoes(f"{cut}\n{HEADLINE}\n{PROSE}") == [cut]
    assert echoes(f"{HEADLINE}\n{cut}\n{PROSE}") == [cut]
    assert echoes(f"{HEADLINE}\n{HEADLINE[:20]}…\n{PROSE}") == []


@pytest.mark.parametrize("name", ["Island Post", "द्वीप समाचार", "نشرة الجزيرة"])
@pytest.mark.parametrize("form", ["{headline} - {name}", "{headline} | {name}", "{name}: {headline}"])
def test_a_copy_may_have_the_sites_name_beside_it(name: str, form: str) -> None:
    line = form.format(headline=HEADLINE, name=name)
    assert echoes(f"{HEADLINE}\n{PROSE}\n{line}") == [line]


def test_a_known_name_of_the_site_is_the_only_one() -> None:
    head = f'<title>{HEADLINE}</title><meta property="og:site_name" content="Island Post">'
    document = clean_html(f"{head}<h1>{HEADLINE}</h1><p>{PROSE}</p>").document
    for name, found in {"Island Post": True, "Island Post Online": True, "The Long Way Home": False}.items():
        text = f"{HEADLINE}\n{PROSE}\n{HEADLINE} - {name}"
        assert bool(list(find_title_copies(document, annotate(text)))) is found


def test_the_lines_to_fill_in_of_a_form_stay() -> None:
    blank = "_" * 70 + "."
    assert clean_text(f"{PROSE}\n{blank}\n{blank}\n{PROSE.replace('Tuesday', 'Friday')}").text.count(blank) == 2
