"""Lines below the copyright notice at the end of a page are its imprint; paragraphs below a picture's credit stay."""

import json
from typing import Any

import pytest

from saaf.cleaning import Page
from saaf.cleaning.readers.html import read_html
from tests.unit.decision_helpers import decided
from tests.unit.threshold_pairs import Threshold, check, sentence, sides

SURE = 0.97
IN_DOUBT = 0.85
NOTICES = {
    "en": ("Copyright © 2031 Friends of the Hill", "Choose how often you hear from us, or leave our list"),
    "de": ("© 2031 Freunde des Hügels", "Hier bestellen Sie unseren Rundbrief ab"),
    "hi": ("© 2031 पहाड़ी के मित्र", "यहाँ से हमारी सूची छोड़ें"),
    "ar": ("© 2031 أصدقاء التل", "من هنا تترك قائمتنا البريدية"),
    "am": ("© 2031 የኮረብታው ወዳጆች", "ከዝርዝራችን ለመውጣት ይህን ይጫኑ"),
    "zh": ("© 2031 山丘之友", "在此处退订我们的通讯"),
}


def kept_lines(
    notice: str,
    last: str,
    probability: float = IN_DOUBT,
    *,
    article: int = 40,
    cell: str = "<td>{}</td>",
    between: str = "",
) -> bool:
    """Return whether a `last` line stays below a notice, in the last cell of a newsletter with an article above."""
    text = sentence(article, "ur")
    rows = f"<tr><td><p>{text}</p></td></tr><tr><td><em>{notice}</em><br><p>{last}</p></td></tr>"
    html = f"<title>x</title><body><table>{rows}</table></body>"
    document = read_html(Page(url=None, body=html.encode()), votes="fast")
    return last in decided(document, {text: SURE, last: probability})


@pytest.mark.parametrize("language", NOTICES)
def test_what_stands_below_the_notice_goes(language: str) -> None:
    notice, last = NOTICES[language]
    assert not kept_lines(notice, last, 0.95)
    assert kept_lines(notice.replace("©", "").replace("Copyright", ""), last, 0.95)


def test_what_stands_in_another_element_than_the_notice_stays() -> None:
    notice, last = NOTICES["en"]
    assert not kept_lines(notice, last, 0.95)
    assert kept_lines(f"{notice}</em></td></tr><tr><th><em>", last, 0.95)


def stays_of(probability: float) -> bool:
    return kept_lines("© 2031 Ann Example", sentence(15, "ur", 5), probability)


def goes_with(words: int) -> bool:
    return not kept_lines("© 2031 Ann Example", " ".join(["خط"] * words), IN_DOUBT, article=140)


def goes_below(words: int) -> bool:
    return not kept_lines("© 2031 Ann Example", " ".join(["خط"] * 20), IN_DOUBT, article=words)


def goes_below_a_notice_of(characters: int) -> bool:
    return not kept_lines("© 2031 ".ljust(characters, "a"), " ".join(["خط"] * 20), IN_DOUBT)


def declared_page(
    declared: int, *, shared: int = 0, headline: bool = True, others: int = 3, paragraphs: int = 5
) -> bool:
    """Return whether another article stays after one whose first `declared` words JSON-LD declares."""
    body = [sentence(25, "ur", start) for start in range(paragraphs)]
    second = {sentence(25, "hi", start): SURE for start in range(others)}
    title = "पहाड़ी पर नई चक्की"
    text = " ".join(" ".join(body).split()[: declared or None])
    script = json.dumps({"@type": "NewsArticle", "headline": "x", "articleBody": text})
    between = [sentence(25, "am", n) for n in range(shared)]
    own = "".join(f"<p>{line}</p>" for line in [*body[:1], *between, *body[1:]])
    more = "".join(f"<p>{line}</p>" for line in second)
    html = f"<script type='application/ld+json'>{script}</script><title>x</title><body><div>{own}"
    html += f"{f'<h2>{title}</h2>' if headline else ''}{more}</div></body>"
    document = read_html(Page(url=None, body=html.encode()), votes="fast")
    sure = dict.fromkeys(document.text.split("\n"), SURE)
    kept = decided(document, sure)
    assert body[0] in kept
    return next(iter(second)) in kept


def goes_after_declared_words(words: int) -> bool:
    return not declared_page(words, paragraphs=words // 25)


def goes_after_declared_of(paragraphs: int) -> bool:
    """Return whether the article goes where one paragraph stands undeclared among so many declared ones."""
    return not declared_page(25 * paragraphs, paragraphs=paragraphs, shared=1)


def goes_with_paragraphs(others: int) -> bool:
    return not declared_page(125, others=others)


THRESHOLDS = (
    Threshold(name="endings._SURE_TEXT", shows=stays_of, true=0.91, false=0.89),
    Threshold(name="endings._MAX_IMPRINT_WORDS", shows=goes_with, true=60, false=61),
    Threshold(name="endings._MIN_ARTICLE", shows=goes_below, true=40, false=39),
    Threshold(name="endings._MAX_NOTICE_LENGTH", shows=goes_below_a_notice_of, true=200, false=201),
    Threshold(name="endings._MIN_DECLARED_WORDS", shows=goes_after_declared_words, true=100, false=75),
    Threshold(name="endings._MIN_DECLARED_SHARE", shows=goes_after_declared_of, true=19, false=18),
    Threshold(name="endings._MAX_AFTER_DECLARED", shows=goes_with_paragraphs, true=9, false=10),
)
CASES = sides(THRESHOLDS)


@pytest.mark.parametrize(("one", "side"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_threshold_is_what_its_pages_show(one: Threshold, side: bool) -> None:
    check(one, side)


@pytest.mark.parametrize(
    ("arguments", "stays"),
    [
        ({"declared": 125}, False),
        ({"declared": 125, "headline": False}, True),  # the declared text may be cut off
        ({"declared": 125, "others": 9}, False),
        ({"declared": 125, "others": 10}, True),
        ({"declared": 100}, True),  # a paragraph is not declared: it was cut off
        ({"declared": 125, "shared": 1}, True),
    ],
)
def test_an_article_after_the_one_that_json_ld_declares_goes(arguments: dict[str, Any], stays: bool) -> None:
    assert declared_page(**arguments) == stays
