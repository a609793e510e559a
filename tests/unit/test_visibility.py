"""What the markup or a style rule hides is no text; what the page can open is."""

import pytest

from saaf.cleaning import Page, clean_html
from saaf.cleaning.readers.html import read_html

STORY = (
    "<p>The baker of the upper village has built an oven of clay, and every Friday she lets her neighbours use it.</p>"
    "<p>They bring their dough on boards, carry wood from the forest, and wait on the wall until the fire is out.</p>"
    "<p>“Nobody here has to eat bread from the factory any more,” she says, and counts the loaves on the table.</p>"
    "<p>In winter the oven stays warm for two days, so that the children dry their gloves on its back after school.</p>"
)
NOTE = "A summary: the baker lets others use her oven."
PAGE = "<html><head><title>The oven</title><style>{style}</style></head><body><h1>The oven</h1>{body}</body></html>"


def hidden_lines(style: str, body: str) -> list[str]:
    """Return the lines of a page that its reader says are hidden."""
    document = read_html(Page(url=None, body=PAGE.format(style=style, body=body).encode()))
    blocks = [block for block in document.blocks if any(vote.method == "visible" for vote in block.votes)]
    return [document.text[block.start : block.end] for block in blocks]


@pytest.mark.parametrize(
    ("style", "is_hidden"),
    [
        (".note { display: none }", True),
        ("body{font:16px serif} .a, div.note{color:red;display:none!important}", True),
        ("#n7{DISPLAY:NONE}", True),
        (".box .note{display:none}", True),
        (".box > div.note{display:none}", True),
        ("/* .note{display:block} */ .note{display:none}", True),
        ("@media print{p{color:black}} .note{display:none}", True),
        (".note{display:block} .note{display:none}", True),
        # On screens the rules show it, may show it, or mean other elements.
        ("@media print { .note { display: none } }", False),
        ("@media (max-width: 400px){.box{margin:0} .note{display:none}}", False),
        (".note{display:none} .note{display:block}", False),
        (".note{display:none} .box.open .note{display:block}", False),
        (".note{display:none} @media (min-width: 900px){.box .note{display:flex}}", False),
        ("@layer utilities{.note{display:none}}", True),
        (".note{display:none} .box:hover .note{display:block}", False),
        (".note{display:none!important} .note{display:block}", True),
        ("#n7{display:none} .note{display:block}", True),
        (".note{display:none} #n7{display:block}", False),
        (".display-box .note{color:red} .other{display:none} .note{display:none}", True),
        ("/* İ */ #n7{DISPLAY:NONE} .note{display:none}", True),
        ("@media print{.a{display:none}} @layer a{@layer b{.note{color:red}} #n7{display:none}}", True),
        (".notes{display:none}", False),
        ("span.note{display:none}", False),
        (".other .note{display:none}", False),
        (".js .note:not(.open){display:none}", False),
        (".note{color:red", False),
        ("", False),
    ],
)
def test_style_rules_with_simple_selectors_hide(style: str, is_hidden: bool) -> None:
    body = f"<div class='box'><div class='note' id='n7'><p>{NOTE}</p></div>{STORY}</div>"
    assert (hidden_lines(style, body) == [NOTE]) == is_hidden


TAB = "<div class='tab-panel' {}><p>The clay comes from the bank of the stream behind the mill.</p></div>"
QUESTION = (
    "<div class='faq'><h3>{0}?</h3><div class='answer' style='display:none'><p>{0}, says the baker.</p></div></div>"
)


@pytest.mark.parametrize(
    ("body", "hidden"),
    [
        # The panels of tabs, accordions and collapsed sections are opened by readers.
        (f"<div class='tab-panel active'><p>One oven.</p></div>{TAB.format('hidden')}", 0),
        (TAB.format("hidden role='tabpanel'"), 0),
        ("<button role='tab' aria-controls='t2'>Clay</button>" + TAB.format("id='t2' style='display:none'"), 0),
        ("<h3><button aria-controls='t2'>Clay</button></h3>" + TAB.format("id='t2' hidden"), 0),
        ("<h3><a data-target='#t2' href='#'>Clay</a></h3>" + TAB.format("id='t2' hidden"), 0),
        (TAB.format("hidden='until-found'"), 0),
        (QUESTION.format("Why") + QUESTION.format("When"), 0),
        # Nothing on the page opens these.
        (TAB.format("hidden"), 1),
        (TAB.format("aria-hidden='true'"), 1),
        (QUESTION.format("Why"), 1),
        ("<div class='menu'><button aria-controls='t2'>Clay</button></div>" + TAB.format("id='t2' hidden"), 1),
    ],
)
def test_panels_that_the_page_opens_are_not_hidden(body: str, hidden: int) -> None:
    assert len(hidden_lines("", STORY + body)) == hidden


LABEL = "<div>Bread, cake and rolls</div>"


@pytest.mark.parametrize(("labels", "hidden"), [(5, 0), (12, 0), (16, 4)])
def test_what_holds_most_of_the_page_is_shown_by_its_scripts(labels: int, hidden: int) -> None:
    assert len(hidden_lines(".late{display:none}", f"<div class='late'>{STORY}</div>{LABEL * labels}")) == hidden


@pytest.mark.parametrize(("characters", "hidden"), [(149, 0), (150, 4)])
def test_other_articles_that_wait_below_the_one_that_is_seen_are_hidden(characters: int, hidden: int) -> None:
    seen = "The baker wrote a book on ovens, and gave it away. ".ljust(characters, "o")
    assert len(hidden_lines(".late{display:none}", f"<div class='late'>{STORY}</div><b>{seen}</b>")) == hidden


@pytest.mark.parametrize("classes", ["hidden md:block", "d-none d-lg-flex"])
def test_what_wide_screens_show_is_not_hidden(classes: str) -> None:
    style = ".hidden, .d-none{display:none} @media (min-width: 768px){.md\\:flex{display:flex}}"
    assert not hidden_lines(style, f"<div class='{classes}'><p>{NOTE}</p></div>{STORY}")
    assert not hidden_lines(style, f"<div class='hidden md:flex'><p>{NOTE}</p></div>{STORY}")
    assert hidden_lines(style, f"<div class='{classes.split(maxsplit=1)[0]}'><p>{NOTE}</p></div>{STORY}")


def test_the_headline_and_the_article_are_never_hidden_by_a_style_rule() -> None:
    for tag in ("article", "main"):
        assert not hidden_lines(".late{display:none}", f"<div class='late'><{tag}><p>{NOTE}</p></{tag}></div>{STORY}")
    assert hidden_lines(".late{display:none}", f"<div class='late'><div><p>{NOTE}</p></div></div>{STORY}")


SUMMARIES = {
    "en": "The baker has built an oven of clay, and the whole village bakes bread in it on Fridays, says the mayor.",
    "hi": "बेकरी वाली ने मिट्टी का तंदूर बनाया है, और पूरा गाँव शुक्रवार को उसमें रोटी सेंकता है, मुखिया ने कहा।",
    "ur": "نانبائی نے مٹی کا تنور بنایا ہے، اور پورا گاؤں جمعے کو اس میں روٹی پکاتا ہے، ناظم نے کہا۔",
    "am": "ዳቦ ጋጋሪዋ የሸክላ ምድጃ ሠርታለች፣ መንደሩ ሁሉ ዓርብ ዓርብ ዳቦ ይጋግርበታል ሲል ከንቲባው ተናግሯል።",
    "th": "คนทำขนมปังสร้างเตาดินเผา และทั้งหมู่บ้านมาอบขนมปังทุกวันศุกร์ นายกเทศมนตรีกล่าวในวันนี้",
}


@pytest.mark.parametrize("language", SUMMARIES)
@pytest.mark.parametrize("how", ["class='p-summary'", "style='display:none'"])
def test_a_hidden_summary_is_not_part_of_the_text(language: str, how: str) -> None:
    summary = f"<div {how}><p>{SUMMARIES[language]}</p></div>"
    page = PAGE.format(style=".p-summary{display:none}", body=f"<article>{summary}{STORY}</article>")
    assert SUMMARIES[language] not in clean_html(page).text
    shown = clean_html(page.replace("display:none", "color:grey"))
    assert SUMMARIES[language] in shown.text
