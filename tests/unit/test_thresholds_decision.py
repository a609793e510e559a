"""Each threshold of the block decision has a page on either side of it, with given probabilities of content."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy
import pytest

from saaf.cleaning import Page
from saaf.cleaning.decision.decide import decide
from saaf.cleaning.readers.html import read_html
from saaf.cleaning.readers.plain import document_from_text
from saaf.cleaning.types import Vote
from tests.unit.decision_helpers import decided
from tests.unit.threshold_pairs import Threshold, check, sentence, sides, words

if TYPE_CHECKING:
    from saaf.cleaning import Document

TITLE = "Council agrees to repair the old bridge"
SURE = 0.999
ASIDE = "<div class=w><p>{}</p></div>"
SMALL = "<section><i>{}</i></section>"

Lines = dict[str, float]
"""Lines of a page and the probabilities of content given to them."""


def page(body: str, title: str = TITLE) -> Document:
    html = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"
    headers = (("content-type", "text/html; charset=utf-8"),)
    return read_html(Page(url="https://www.example.org/a", body=html.encode(), headers=headers), votes="fast")


def paragraphs(lines: Lines, form: str = "<p>{}</p>") -> str:
    return "".join(form.format(line) for line in lines)


def article(count: int = 10, script: str = "en", probability: float = SURE, size: int = 24) -> Lines:
    return {sentence(size, script, start): probability for start in range(count)}


def of_words(count: int, probability: float = SURE) -> Lines:
    """Return two paragraphs of so many words together."""
    return {sentence(30, "ur"): probability, sentence(count - 30, "ur", 1): probability}


def stays(text: str, probability: float, *, form: str = ASIDE, beside: Lines | None = None, vote: bool = False) -> bool:
    """Return whether a line of this probability stays below an article; with `vote` trafilatura keeps both."""
    lines = article() if beside is None else beside
    document = page(paragraphs(lines) + form.format(text))
    if vote:
        document = with_votes(document, {*lines, text})
    return text in decided(document, lines | {text: probability})


def with_votes(document: Document, kept: set[str]) -> Document:
    """Return the document with the votes of trafilatura for these lines."""
    blocks = [
        replace(
            block, votes=(*block.votes, Vote(method="trafilatura", keep=document.text[block.start : block.end] in kept))
        )
        for block in document.blocks
    ]
    return replace(document, blocks=tuple(blocks), analysis=None)


# The thresholds by length, in either track.


def a_short_line_stays(probability: float) -> bool:
    return stays(sentence(4, "hi", 3), probability, beside=article(script="hi"))


def a_long_paragraph_stays(probability: float) -> bool:
    return stays(sentence(30, "am", 12), probability, beside=article(script="am"))


def a_short_line_of_text_stays(probability: float) -> bool:
    line = " ".join(words(4, "ur", 2))
    document = document_from_text("\n".join([*article(4, "ur"), line]))
    return line in decided(document, article(4, "ur") | {line: probability})


def a_paragraph_of_text_stays(probability: float) -> bool:
    line = sentence(20, "ar", 9)
    document = document_from_text("\n".join([*article(4, "ar"), line]))
    return line in decided(document, article(4, "ar") | {line: probability})


def a_line_of_words_stays(count: int) -> bool:
    return stays(" ".join(words(count, "hi", 3)), 0.86)


def a_paragraph_of_words_stays(count: int) -> bool:
    return stays(sentence(count, "am", 12), 0.41)


def a_text_of_words_stays(count: int) -> bool:
    line = sentence(count, "en", 9)
    return line in decided(document_from_text("\n".join([*article(4), line])), article(4) | {line: 0.36})


def a_line_that_breaks_off_stays(probability: float) -> bool:
    return stays(" ".join([*words(12, "ar", 3), "…"]), probability, beside=article(script="ar"))


# The thresholds by class names, and by the F1 that the page lets expect.


def a_byline_stays(probability: float) -> bool:
    line = " ".join(["2025-08-18", *words(19, "hi", 3)])
    return stays(line, probability, form="<div class=byline>{}</div>", beside=article(script="hi"))


def a_byline_of_words_stays(count: int) -> bool:
    line = " ".join(["18.08.2025", *words(count - 3, "ar", 3)])
    return stays(line, 0.6, form="<p class=author>{}</p>", beside=article(script="ar"))


def a_comment_that_trafilatura_keeps_stays(probability: float) -> bool:
    return stays(sentence(30, "hi", 12), probability, form="<div class=comments><p>{}</p></div>", vote=True)


def comments_of_most_of_the_page_stay(probability: float, words: int = 400) -> bool:
    """Return whether comments in several elements, many times as long as the article, stay beside one of so many words.

    Most of the page has a name against it: the names are unreliable.
    """
    lines = {sentence(words - 20, "en"): SURE, sentence(20, "en", 1): SURE}
    comments = {sentence(300, "hi", start): probability for start in range(8)}
    boxes = "".join(f"<div class=comments id=c{number}><p>{line}</p></div>" for number, line in enumerate(comments))
    kept = decided(page(paragraphs(lines) + boxes), lines | comments)
    return next(iter(comments)) in kept


def comments_stay_beside_an_article_of(words: int) -> bool:
    return comments_of_most_of_the_page_stay(0.85, words)


def a_line_in_an_aside_stays(probability: float) -> bool:
    return stays(sentence(30, "zh", 12), probability, form="<aside><p>{}</p></aside>")


def doubtful_rows_stay(probability: float, beside: Lines, script: str = "en") -> bool:
    """Return whether paragraphs in doubt stay, which are more words than the article beside them."""
    rows = {sentence(14, script, start): probability for start in range(15)}
    markup = "".join(f"<section class={'ab'[place % 2]}><i>{row}</i></section>" for place, row in enumerate(rows))
    lines = decided(page(paragraphs(beside) + markup), beside | rows)
    kept = [row in lines for row in rows]
    assert len(set(kept)) == 1
    return kept[0]


def rows_beside_an_article_in_doubt_stay(probability: float) -> bool:
    return doubtful_rows_stay(probability, article(2, probability=0.7))


def rows_beside_a_hindi_article_stay(probability: float) -> bool:
    return doubtful_rows_stay(probability, article(3, "hi"), "hi")


def rows_stay_beside_an_article_of(probability: float) -> bool:
    return doubtful_rows_stay(0.39, article(3, "ur", probability))


def rows_stay_beside_an_article_of_words(count: int) -> bool:
    return doubtful_rows_stay(0.39, of_words(count))


def a_flagged_article_stays_with(count: int) -> bool:
    """Return whether the theme calls so much of the likely text by a sidebar's name that the name does not count."""
    named, others = article(count, "hi", 0.75), article(5, "en")
    boxes = "".join(f"<div class=sidebar id=s{number}><p>{line}</p></div>" for number, line in enumerate(named))
    lines = decided(page(paragraphs(others) + boxes), named | others)
    return all(line in lines for line in named)


# Groups of similar blocks.


def verses_stay(probabilities: list[float], form: str = "<p class=v>{}</p>") -> bool:
    """Return whether all of some verses within an article stay."""
    verses = {" ".join(words(4, "ur", start)): own for start, own in enumerate(probabilities)}
    lines = decided(
        page(f"<div>{paragraphs(article())}</div><div>{paragraphs(verses, form)}</div>"), article() | verses
    )
    return all(line in lines for line in verses)


def a_run_stays_whose_mean_is(probability: float) -> bool:
    return verses_stay([probability] * 6)


def a_run_stays_of(count: int) -> bool:
    return verses_stay([0.5] * count)


def a_run_stays_that_ends_with(probability: float) -> bool:
    return verses_stay([0.7, 0.7, 0.7, 0.7, probability])


def a_run_stays_that_begins_with(probability: float) -> bool:
    return verses_stay([probability, 0.7, 0.7, 0.7, 0.7])


def a_run_stays_with_so_many_of_25_letters_linked(count: int) -> bool:
    verses = {letter * 25: 0.7 for letter in "бгджзл"}
    markup = "".join(f"<p class=v><a href=/>{line[:count]}</a>{line[count:]}</p>" for line in verses)
    lines = decided(page(f"<div>{paragraphs(article())}</div><div>{markup}</div>"), article() | verses)
    return all(line in lines for line in verses)


def a_heading_stays(probability: float) -> bool:
    heading = " ".join(words(3, "am", 1))
    body = f"{paragraphs(article(5))}<h2>{heading}</h2>{paragraphs(article(3, 'am'))}"
    return heading in decided(page(body), article(5) | article(3, "am") | {heading: probability})


def posts_stay(probability: float, count: int = 3) -> bool:
    posts = {sentence(12, "hi", start): probability for start in range(count)}
    markup = "".join(f"<div id=post-{number}><p>{post}</p></div>" for number, post in enumerate(posts))
    lines = decided(page(paragraphs(article()) + markup), article() | posts)
    return all(post in lines for post in posts)


def so_many_posts_stay(count: int) -> bool:
    return posts_stay(0.5, count)


def the_headline_of_a_text_stays(probability: float) -> bool:
    headline = "የከተማው ምክር ቤት ድልድዩን ለመጠገን ተስማማ"
    document = document_from_text("\n".join([headline, *article(4, "am")]))
    assert document.metadata.title == headline
    return headline in decided(document, article(4, "am") | {headline: probability})


def questions_stay(*probabilities: float) -> bool:
    """Return whether all questions of an interview stay, which have one path and stand between answers."""
    asked = {" ".join(words(4, "ar", start)) + "؟": own for start, own in enumerate(probabilities)}
    talk = "".join(f"<p class=q>{line}</p><p>{said}</p>" for line, said in zip(asked, article(), strict=False))
    lines = decided(page(talk + paragraphs(article())), article() | asked)
    return all(line in lines for line in asked)


def so_many_questions_stay(count: int) -> bool:
    return questions_stay(*[0.85] * count)


def questions_stay_whose_mean_is(probability: float) -> bool:
    return questions_stay(probability, probability, probability)


def a_question_stays_among_sure_ones(probability: float) -> bool:
    return questions_stay(0.97, 0.97, probability)


def teasers_go(
    *, count: int = 6, headline: int = 4, probability: float = 0.7, beside: Lines | None = None, form: str = "p"
) -> bool:
    """Return whether a list of headlines that are links, with the beginnings of their articles, goes."""
    beside = article(6) if beside is None else beside
    begun = {sentence(26, "hi", start): probability for start in range(count)}
    linked = [" ".join(words(headline, "hi", start)) for start in range(count)]
    items = "".join(
        f"<div class=item><a href=/{number}>{link}</a><{form}>{text}</{form}></div>"
        for number, (link, text) in enumerate(zip(linked, begun, strict=True))
    )
    lines = decided(page(f"<div>{paragraphs(beside)}</div><div class=list>{items}</div>"), beside | begun)
    gone = [text not in lines for text in begun]
    assert len(set(gone)) == 1
    return gone[0]


def so_many_teasers_go(count: int) -> bool:
    return teasers_go(count=count)


def teasers_under_headlines_of_words_go(count: int) -> bool:
    return teasers_go(headline=count)


def teasers_go_of(probability: float) -> bool:
    return teasers_go(probability=probability)


def teasers_go_beside_words(count: int) -> bool:
    return teasers_go(beside=of_words(count))


def a_standfirst_stays_behind_lines(count: int) -> bool:
    between = "".join(f"<span>{word}</span><br>" for word in words(count))
    lead = sentence(30, "hi", 3)
    document = page(f"{between}<div class=teaser><p>{lead}</p></div>{paragraphs(article())}")
    return lead in decided(document, article() | {lead: 0.7})


def a_window_stays_of(count: int) -> bool:
    window = article(count, "am")
    document = page(paragraphs(article(10)) + f"<div class=modal>{paragraphs(window)}</div>")
    return next(iter(window)) in decided(document, article(10) | window)


def small_windows_stay_of(count: int) -> bool:
    window = article(count, "am")
    document = page(paragraphs(article(10)) + paragraphs(window, "<div class=modal><p>{}</p></div>"))
    return next(iter(window)) in decided(document, article(10) | window)


# What follows the thresholds.


def a_cue_stays_before_lines(count: int) -> bool:
    """Return whether a cue stays that so many short lines part from the prose after it."""
    body = paragraphs(article(5)) + paragraphs(dict.fromkeys(["Read also:", *words(count)], 0.0), SMALL)
    return "Read also:" in decided(page(body + paragraphs(article(5, "hi"))), article(5) | article(5, "hi"))


def a_line_behind_a_cue_stays(number: int) -> bool:
    between = words(4, "hi", 1)
    body = paragraphs(article(5)) + paragraphs(dict.fromkeys(["यह भी पढ़ें:", *between], 0.0), SMALL)
    return between[number - 1] in decided(page(body + paragraphs(article(5, "hi"))), article(5) | article(5, "hi"))


def a_dateline_stays_with_a_place_of(characters: int) -> bool:
    return a_dateline_stays_of(0.21, characters)


def a_dateline_stays_of(probability: float, characters: int = 10) -> bool:
    line = f"{'अ' * characters}({'ब' * 30})"
    body = f"{paragraphs(article(2))}<section><b>{line}</b></section>{paragraphs(article(4, 'hi'))}"
    return line in decided(page(body), article(2) | article(4, "hi") | {line: probability})


def a_hidden_note_goes_of(words: int, beside: int = 20) -> bool:
    """Return whether a note of so many words that the markup hides goes, though the classifier is sure of it."""
    note = sentence(words, "hi", 40)
    body = f"{paragraphs(article(beside))}<section hidden><i>{note}</i></section>{paragraphs(article(2, 'ur'))}"
    return note not in decided(page(body), article(beside) | article(2, "ur") | {note: SURE})


def a_hidden_note_goes_beside(paragraphs_beside: int) -> bool:
    return a_hidden_note_goes_of(60, paragraphs_beside)


def a_post_stays_that_a_line_introduces_of(characters: int) -> bool:
    lines = {"a" * (characters - 1) + ":": SURE}
    post = "<blockquote class=twitter-tweet><p>No water, no flour.</p></blockquote>"
    document = page(paragraphs(article()) + paragraphs(lines) + post)
    return "No water, no flour." in decided(document, article() | lines | {"No water": 0.1})


def an_ingredient_stays_that_schema_org(declares: bool) -> bool:
    line = "200 g of flour"
    recipe = f'{{"@type": "Recipe", "recipeIngredient": ["{line if declares else "1 l of milk"}"]}}'
    body = f"<script type='application/ld+json'>{recipe}</script>{paragraphs(article())}<div><p>{line}</p></div>"
    return line in decided(page(body), article() | {line: 0.3})


def a_line_stays_where_none_passes(probability: float) -> bool:
    lines = {sentence(20, "hi", 1): 0.2, sentence(20, "hi", 2): probability}
    return sentence(20, "hi", 2) in decided(page(paragraphs(lines, "<div><p>{}</p></div>")), lines)


def trafilatura_decides_where_none_passes(count: int) -> bool:
    """Return whether a text of so many words stays for trafilatura's vote alone."""
    lines = of_words(count, 0.1)
    other = {sentence(20, "ur", 5): 0.29}
    document = page(paragraphs(lines) + paragraphs(other, "<div><p>{}</p></div>"))
    return next(iter(lines)) in decided(with_votes(document, set(lines)), lines | other)


def trafilatura_decides_where_the_best_is(probability: float) -> bool:
    """Return whether trafilatura's vote decides where no probability is above this one."""
    lines = {sentence(40, "ur", start): 0.1 for start in range(2)}
    other = {" ".join(words(4, "ur", 5)): probability}
    document = page(paragraphs(lines) + paragraphs(other, "<div><p>{}</p></div>"))
    return next(iter(lines)) in decided(with_votes(document, set(lines)), lines | other)


def the_methods_disagree_on_a_page_of(probability: float) -> bool:
    document = document_from_text(sentence(30, "am"))
    return "methods_disagree" in decide(document, probability=numpy.array([probability])).flags


def a_copy_goes_of(count: int, script: str = "en") -> bool:
    text = sentence(count, script, 3)
    document = page(f"{paragraphs(article())}<div><p>{text}</p></div><div><b>{text}</b></div>")
    return decided(document, article() | {text: SURE}).count(text) == 1


def a_copy_in_chinese_goes_of(count: int) -> bool:
    return a_copy_goes_of(count, "zh")


def a_headline_stays_below_a_line_of(characters: int) -> bool:
    line = ("नदी " * 40)[: characters - 1] + "।"
    html = f"<html><head><title>{TITLE}</title></head><body><p>{line}</p><h2>{TITLE}</h2>{paragraphs(article())}</body>"
    document = read_html(Page(url=None, body=html.encode(), headers=(("content-type", "text/html; charset=utf-8"),)))
    return TITLE in decided(document, article() | {line: SURE})


THRESHOLDS = (
    Threshold(name="thresholds._THRESHOLDS_BY_LENGTH", shows=a_short_line_stays, true=0.91, false=0.88),
    Threshold(name="thresholds._THRESHOLDS_BY_LENGTH", shows=a_long_paragraph_stays, true=0.41, false=0.39),
    Threshold(name="thresholds._THRESHOLDS_BY_LENGTH", shows=a_short_line_of_text_stays, true=0.61, false=0.59),
    Threshold(name="thresholds._THRESHOLDS_BY_LENGTH", shows=a_paragraph_of_text_stays, true=0.36, false=0.34),
    Threshold(name="thresholds._SHORT_WORDS", shows=a_line_of_words_stays, true=6, false=5),
    Threshold(name="thresholds._LONG_WORDS", shows=a_paragraph_of_words_stays, true=24, false=22),
    Threshold(name="thresholds._LONG_WORDS", shows=a_text_of_words_stays, true=15, false=13),
    Threshold(name="thresholds._TRUNCATED_THRESHOLD", shows=a_line_that_breaks_off_stays, true=0.71, false=0.68),
    Threshold(
        name="thresholds._COMMENT_THRESHOLD", shows=a_comment_that_trafilatura_keeps_stays, true=0.61, false=0.57
    ),
    Threshold(
        name="thresholds._COMMENT_THRESHOLD_BESIDE_ARTICLE",
        shows=comments_of_most_of_the_page_stay,
        true=0.91,
        false=0.89,
    ),
    Threshold(name="thresholds._LONG_ARTICLE_WORDS", shows=comments_stay_beside_an_article_of, true=399, false=400),
    Threshold(name="thresholds._BYLINE_THRESHOLD", shows=a_byline_stays, true=0.81, false=0.79),
    Threshold(name="thresholds._MAX_BYLINE_WORDS", shows=a_byline_of_words_stays, true=25, false=24),
    Threshold(name="thresholds._FLAGGED_THRESHOLD", shows=a_line_in_an_aside_stays, true=0.81, false=0.79),
    Threshold(name="thresholds.LOWEST_THRESHOLD", shows=rows_beside_an_article_in_doubt_stay, true=0.31, false=0.29),
    Threshold(name="thresholds.LOWEST_THRESHOLD", shows=trafilatura_decides_where_the_best_is, true=0.29, false=0.31),
    Threshold(
        name="thresholds._LOWEST_THRESHOLD_BESIDE_ARTICLE",
        shows=rows_beside_a_hindi_article_stay,
        true=0.41,
        false=0.39,
    ),
    Threshold(name="thresholds._CONFIDENT", shows=rows_stay_beside_an_article_of, true=0.89, false=0.91),
    Threshold(name="groups.ARTICLE_WORDS", shows=rows_stay_beside_an_article_of_words, true=59, false=60),
    Threshold(name="groups.ARTICLE_WORDS", shows=trafilatura_decides_where_none_passes, true=60, false=59),
    Threshold(name="groups.ARTICLE_WORDS", shows=teasers_go_beside_words, true=60, false=59),
    Threshold(name="thresholds._UNRELIABLE_NAMES", shows=a_flagged_article_stays_with, true=14, false=13),
    Threshold(name="groups.LINK_DENSITY", shows=a_run_stays_with_so_many_of_25_letters_linked, true=12, false=13),
    Threshold(name="groups.GROUP_PROBABILITY", shows=a_run_stays_whose_mean_is, true=0.41, false=0.39),
    Threshold(name="groups.GROUP_PROBABILITY", shows=a_heading_stays, true=0.41, false=0.39),
    Threshold(name="groups.GROUP_PROBABILITY", shows=posts_stay, true=0.41, false=0.39),
    Threshold(name="groups.GROUP_PROBABILITY", shows=the_headline_of_a_text_stays, true=0.41, false=0.39),
    Threshold(name="groups._MIN_RUN", shows=a_run_stays_of, true=4, false=3),
    Threshold(name="groups._MIN_PROBABILITY_AT_ENDS", shows=a_run_stays_that_ends_with, true=0.21, false=0.19),
    Threshold(name="groups._MIN_PROBABILITY_AT_ENDS", shows=a_run_stays_that_begins_with, true=0.21, false=0.19),
    Threshold(name="groups._MIN_POSTS", shows=so_many_posts_stay, true=3, false=2),
    Threshold(name="groups._MIN_OF_ONE_PATH", shows=so_many_questions_stay, true=3, false=2),
    Threshold(name="groups._MEAN_OF_ONE_PATH", shows=questions_stay_whose_mean_is, true=0.81, false=0.79),
    Threshold(name="groups._MIN_PROBABILITY_IN_PATH", shows=a_question_stays_among_sure_ones, true=0.61, false=0.59),
    Threshold(name="groups._MIN_TEASERS", shows=so_many_teasers_go, true=5, false=4),
    Threshold(name="groups._MIN_HEADLINE_WORDS", shows=teasers_under_headlines_of_words_go, true=3, false=2),
    Threshold(name="groups._CONFIDENT_LIST", shows=teasers_go_of, true=0.89, false=0.91),
    Threshold(name="groups._STANDFIRST_REACH", shows=a_standfirst_stays_behind_lines, true=3, false=4),
    Threshold(name="groups._MAX_SHARE_OF_PAGE", shows=a_window_stays_of, true=11, false=9),
    Threshold(name="groups._MAX_SHARE_OF_PAGE", shows=small_windows_stay_of, true=11, false=9),
    Threshold(name="groups._MAX_HIDDEN_WORDS", shows=a_hidden_note_goes_of, true=60, false=61),
    Threshold(name="groups._MAX_HIDDEN_SHARE", shows=a_hidden_note_goes_beside, true=6, false=5),
    Threshold(name="groups._MIN_INTRODUCTION", shows=a_post_stays_that_a_line_introduces_of, true=30, false=29),
    Threshold(name="decide._CUE_REACH", shows=a_cue_stays_before_lines, true=4, false=5),
    Threshold(name="decide._CUE_REACH", shows=a_line_behind_a_cue_stays, true=3, false=4),
    Threshold(name="decide._MAX_DATELINE_LOG_LENGTH", shows=a_dateline_stays_with_a_place_of, true=40, false=41),
    Threshold(name="decide._MIN_DATELINE_PROBABILITY", shows=a_dateline_stays_of, true=0.21, false=0.19),
    Threshold(name="decide._SCHEMA_ORG_PROBABILITY", shows=an_ingredient_stays_that_schema_org, true=True, false=False),
    Threshold(name="decide._SHARE_OF_BEST", shows=a_line_stays_where_none_passes, true=0.105, false=0.095),
    Threshold(name="decide._LOW_EXPECTED_F1", shows=the_methods_disagree_on_a_page_of, true=0.73, false=0.75),
    Threshold(name="decide._MIN_COPY_WORDS", shows=a_copy_goes_of, true=12, false=11),
    Threshold(name="decide._MIN_COPY_WORDS", shows=a_copy_in_chinese_goes_of, true=21, false=19),
    Threshold(name="decide._MIN_PARAGRAPH_LENGTH", shows=a_headline_stays_below_a_line_of, true=80, false=81),
)
CASES = sides(THRESHOLDS)


@pytest.mark.parametrize(("one", "side"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_threshold_is_what_its_pages_show(one: Threshold, side: bool) -> None:
    check(one, side)
