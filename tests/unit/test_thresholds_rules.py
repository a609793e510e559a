"""Each threshold of the rules on text has a text on either side of it."""

from __future__ import annotations

from typing import Final

import pytest

from saaf.cleaning.phrases.annotated_text import annotate
from saaf.cleaning.readers.plain import document_from_text
from saaf.cleaning.rules import RULES
from tests.unit.threshold_pairs import Threshold, check, sentence, sides, words

BY_ID: Final = {rule.id: rule for rule in RULES}


def article(count: int = 4, script: str = "en") -> list[str]:
    """Return paragraphs of prose."""
    return [sentence(44 if script == "zh" else 24, script, start) for start in range(count)]


def goes(rule: str, line: str, *lines: str) -> bool:
    """Return whether a rule removes the whole of a line from the text of these lines."""
    text = "\n".join(lines)
    start = f"\n{text}\n".index(f"\n{line}\n")
    found = BY_ID[rule].find(document_from_text(text), annotate(text))
    return any(removal.start <= start and removal.end >= start + len(line) for removal in found)


# A second article.

SECOND_TITLE = "متحف لشبونة يعرض لوحات منسية"
SECOND = [
    "افتتح متحف لشبونة أمس معرضا يضم لوحات منسية كانت في قبو قديم منذ أكثر من مئة عام، كما قال مدير المتحف.",
    "عثر العمال على اللوحات بعد أن جفف القبو في الربيع الماضي، وقد وضعت كل لوحة منها في صندوق خاص بها.",
]


def a_second_article_goes_behind_lines(count: int) -> bool:
    """Return whether a second article goes between whose headline and text so many lines stand, one of them a date."""
    lines = [*article(script="ar"), "اقرأ أيضا:", SECOND_TITLE, "3 مارس 2024", *words(count - 1, "ar"), *SECOND]
    return goes("appended.article", SECOND[0], *lines)


def a_dated_article_goes_that_uses_words_of_its_headline(count: int) -> bool:
    used = ["paintings", "museum"][:count]
    body = f"{' '.join(used)}, as was said for many years {sentence(20)}"
    return goes("appended.article", body, *article(3, "hi"), "Read also:", "Paintings museum", "3 March 2024", body)


def an_undated_article_goes_that_uses_words_of_its_headline(count: int) -> bool:
    used = ["museum", "paintings", "Lisbon"][:count]
    body = f"{' '.join(used)} {sentence(20, 'en', 3)}"
    lines = [*article(3, "hi"), "Tags: one, two", "Read also:", "Museum paintings Lisbon", body]
    return goes("appended.article", body, *lines)


def a_dated_article_goes_behind_a_statement(script: str) -> bool:
    """Return whether an article goes whose text has no word of its headline, behind a publisher's statement."""
    statement = {
        "en": "The views expressed here do not necessarily reflect the views of the paper.",
        "none": "Tags: one, two",
    }[script]
    lines = [*article(3, "hi"), statement, "Read also:", "What two hundred years had hidden", "3 March 2024"]
    return goes("appended.article", article(1)[0], *lines, *article(1))


# Lines of boilerplate.


def a_notice_goes_of_columns(width: int) -> bool:
    notice = f"© 2024 {'ж' * (width - 7)}"
    return goes("line.copyright", notice, *article(), notice)


def a_notice_goes_whose_year_ends_at(character: int) -> bool:
    notice = f"{'ж' * (character - 7)} © 2024"
    return goes("line.copyright", notice, *article(), notice)


def a_row_of_metadata_goes_of_columns(width: int) -> bool:
    row = f"Ferries | 2024-12-14 | {'ж' * (width - 23)}"
    return goes("line.meta", row, *article(), row)


def a_row_of_metadata_goes_of_parts(count: int) -> bool:
    row = " | ".join(["14 दिसंबर 2024", *words(count - 1, "hi")])
    return goes("line.meta", row, *article(2, "hi"), row)


# Phrases of the language packs.


def a_cue_goes_with_a_headline_up_to_column(width: int) -> bool:
    line = "Read also: " + "ж" * (width - 11)
    return goes("en.read_also", line, *article(2), line, *article(2, "hi"))


def a_credit_goes_of_names(count: int) -> bool:
    line = "Photo: " + " ".join(["Mary Roe", "Ann", "Joe", "Eva", "Tom", "Bob"][: count - 1]) + "."
    return goes("en.photo_credit", line, *article(), line)


def a_byline_goes_of_names(count: int) -> bool:
    line = "Reported by " + " ".join(["Mary", "Roe", "Ann", "Joe", "Eva", "Tom"][:count])
    return goes("en.author", line, *article(), line)


def a_byline_without_capitals_goes_of_names(count: int) -> bool:
    line = "كتب " + " ".join(["محمد", "أحمد", "خالد", "سامي"][:count])
    return goes("ar.author", line, *article(script="ar"), line)


def a_publication_date_goes_of_words(count: int) -> bool:
    line = "Updated: 3 " + " ".join(words(count, "am"))
    return goes("en.updated", line, *article(), line)


def keywords_go_of_words(count: int) -> bool:
    line = " ".join(words(count, "am"))
    return goes("en.tags", line, *article(2, "am"), "Tags", line)


def dates_go_from_between_paragraphs(count: int) -> bool:
    dated = [
        part for number, one in enumerate(article(count, "zh")) for part in (f"发布时间：2024年3月{number + 1}日", one)
    ]
    return goes("zh.published", dated[0], *article(1, "en"), *dated)


def a_label_goes_as_a_line_of_characters(count: int) -> bool:
    label = {2: "标签", 3: "关键词"}[count]
    return goes("zh.tags", label, *article(2, "zh")[:1], label, article(2, "zh")[1])


def a_statement_goes_from_the_end(lines_after: int) -> bool:
    """Return whether a publisher's statement goes with so many paragraphs after its line."""
    statement = "ये लेखक के अपने विचार हैं और संपादक का इनसे कोई संबंध नहीं है, पाठक इसे ध्यान में रखें और स्वयं विचार करें।"
    after = [line for one in article(lines_after, "hi") for line in ("नदी के उस पार", one)]
    return goes("hi.statement", statement, *article(3, "ur"), statement, *after)


# Runs of teasers.

HEADLINES = (
    "चावल पकाने के दस ऐसे आसान तरीके जो आपकी दादी भी नहीं जानती थीं हम लोग",
    "लिस्बन के एक पुराने तहखाने में मिली बरसों से भूली हुई तस्वीरें हम लोग",
    "बिल्लियाँ रात में क्यों घुरघुराती हैं और मालिक क्या समझें इससे हम लोग",
    "पहाड़ों पर बर्फ़बारी का पचास साल पुराना रिकॉर्ड इस बार टूट गया हम लोग",
    "किसानों ने शहर की मंडी में बेचे इस मौसम के सबसे मीठे तरबूज़ आज हम लोग",
    "अंतरिक्ष से लौटे यात्री ने बच्चों को सुनाई अपनी लंबी कहानी कल हम लोग",
)


def a_box_goes_of_lines(count: int) -> bool:
    """Return whether a box goes inside the text, most of whose lines share words with the text."""
    titles = [" ".join(words(6, "ar", start)) for start in range(count)]
    lines = [*article(4, "ar")[:2], "مواضيع ذات صلة", *titles, sentence(24, "en"), *article(4, "ar")[2:]]
    return all(goes("ar.related", title, *lines) for title in titles)


def a_list_of_excerpts_goes_of_columns(width: int) -> bool:
    return excerpts_go(width=width)


def excerpts_go(*, count: int = 3, width: int = 100, before: int = 12, more: str = "") -> bool:
    """Return whether headlines and excerpts of other articles go that close a text behind their heading."""
    excerpts = [f"{title}. {'ж' * (width - len(title) - 3)}." for title in LATIN_HEADLINES[:count]]
    listed = [line for title, text in zip(LATIN_HEADLINES, excerpts, strict=False) for line in (title, text)]
    return goes("en.related", excerpts[0], *article(before, "hi"), "Related articles", *listed, *filter(None, [more]))


LATIN_HEADLINES = tuple(
    f"Zebra number {chr(97 + n // 6)}{chr(97 + n % 6)} escapes into neighbouring gardens" for n in range(36)
)


def a_list_of_excerpts_goes_of_lines(count: int) -> bool:
    """Return whether a list goes with its heading of so many lines."""
    return excerpts_go(count=(count - 1) // 2, before=30, more=LATIN_HEADLINES[30] if count % 2 == 0 else "")


def a_list_of_excerpts_goes_behind_paragraphs(count: int) -> bool:
    return excerpts_go(count=15, before=count)


def a_cut_line_goes_of_columns(width: int) -> bool:
    line = "ж" * (width - 2) + " …"
    return goes("en.related", line, *article(), "Related articles", line)


def a_headline_stays_above_the_text_that_shares_words(of: int) -> bool:
    """Return whether a headline stays below teasers that shares five of its words with the text."""
    title = " ".join([*words(5), *(f"zebra{letter}" for letter in "abcdefghij"[: of - 5])])
    return not goes("en.related", title, "Related articles", "Zebra escapes into gardens", title, *article())


def teasers_go(*titles: str, before: str = "") -> bool:
    """Return whether the last of some lines goes, which close a text, as a run of teasers."""
    return goes("teasers.run", titles[-1], *article(3, "am"), *filter(None, [before]), *titles)


def teasers_go_that_begin_with_a_headline(count: int) -> bool:
    titles = [" ".join(words(5, "hi", start)) for start in range(3)]
    snippets = [f"{title} और फिर" if number < count else "नदी के उस पार गाँव" for number, title in enumerate(titles)]
    return teasers_go(*[line for pair in zip(titles, snippets, strict=True) for line in pair], before="Else")


def teasers_go_that_begin_with_letters(count: int) -> bool:
    titles = ["ж" * count, "щ" * count]
    return teasers_go(*[line for title in titles for line in (title, f"{title} also")], before="Else")


def so_many_teasers_go(count: int) -> bool:
    return teasers_go(*HEADLINES[:count])


def teasers_go_with_short_lines(count: int) -> bool:
    """Return whether a run of 15 headlines goes with so many short lines among them."""
    return teasers_go(*LATIN_HEADLINES[:14], *words(count, "ur", 4), LATIN_HEADLINES[14])


def teasers_go_with_headlines_of_columns(width: int) -> bool:
    return teasers_go(*[letter * width for letter in "жфц"])


def teasers_go_under_a_heading_that_ends_in_a_colon_of_columns(width: int) -> bool:
    return teasers_go(*HEADLINES[:4], before="ж" * (width - 1) + ":")


def teasers_go_of_which_are_unrelated(count: int) -> bool:
    """Return whether twenty headlines go of which so many share no words with the text."""
    related = [" ".join(words(14, "am", start)) for start in range(20 - count)]
    return teasers_go(*related, *LATIN_HEADLINES[:count])


def teasers_go_that_share_one_word_of(count: int) -> bool:
    long = [word for word in words(16, "am") if len(word) > 3]
    others = [[f"{first}{second}zebrazebrazebra" for second in "xyz"[: count - 1]] for first in "abc"]
    return teasers_go(*[" ".join([word, *other]) for word, other in zip(long, others, strict=False)])


THRESHOLDS = (
    Threshold(name="appended._MAX_TITLE_LINES", shows=a_second_article_goes_behind_lines, true=3, false=4),
    Threshold(
        name="appended._MIN_TITLE_WORDS_USED",
        shows=a_dated_article_goes_that_uses_words_of_its_headline,
        true=2,
        false=1,
    ),
    Threshold(
        name="appended._MIN_TITLE_WORDS_USED_UNDATED",
        shows=an_undated_article_goes_that_uses_words_of_its_headline,
        true=3,
        false=2,
    ),
    Threshold(name="appended._FINAL_KINDS", shows=a_dated_article_goes_behind_a_statement, true="en", false="none"),
    Threshold(name="boilerplate_lines._MAX_NOTICE_WIDTH", shows=a_notice_goes_of_columns, true=200, false=201),
    Threshold(name="boilerplate_lines._NOTICE_CHARACTERS", shows=a_notice_goes_whose_year_ends_at, true=120, false=121),
    Threshold(
        name="boilerplate_lines._MAX_METADATA_WIDTH", shows=a_row_of_metadata_goes_of_columns, true=120, false=121
    ),
    Threshold(name="boilerplate_lines._METADATA_PARTS", shows=a_row_of_metadata_goes_of_parts, true=3, false=2),
    Threshold(name="boilerplate_lines._METADATA_PARTS", shows=a_row_of_metadata_goes_of_parts, true=6, false=7),
    Threshold(name="phrase_rules._MAX_VALUE_WIDTH", shows=a_cue_goes_with_a_headline_up_to_column, true=160, false=161),
    Threshold(name="phrase_rules._MAX_NAME_WORDS", shows=a_credit_goes_of_names, true=5, false=6),
    Threshold(name="phrase_rules._MAX_NAME_WORDS", shows=a_byline_goes_of_names, true=5, false=6),
    Threshold(
        name="phrase_rules._MAX_UNCASED_NAME_WORDS", shows=a_byline_without_capitals_goes_of_names, true=3, false=4
    ),
    Threshold(name="phrase_rules._MAX_NAME_WORDS", shows=a_publication_date_goes_of_words, true=10, false=11),
    Threshold(name="phrase_rules._MAX_NAME_WORDS", shows=keywords_go_of_words, true=5, false=6),
    Threshold(name="phrase_rules._MIN_DATES_OF_LIST", shows=dates_go_from_between_paragraphs, true=2, false=3),
    Threshold(name="phrase_rules._MAX_SUBHEADING_WORDS", shows=a_label_goes_as_a_line_of_characters, true=3, false=2),
    Threshold(name="phrase_rules MatchForm.INSIDE", shows=a_statement_goes_from_the_end, true=0, false=1),
    Threshold(name="teasers._MAX_BOX_LINES", shows=a_box_goes_of_lines, true=6, false=7),
    Threshold(name="teasers._EXCERPT_WIDTH", shows=a_list_of_excerpts_goes_of_columns, true=200, false=201),
    Threshold(name="teasers._EXCERPT_WIDTH", shows=a_cut_line_goes_of_columns, true=400, false=401),
    Threshold(name="teasers._MAX_EXCERPTS", shows=a_list_of_excerpts_goes_of_lines, true=60, false=61),
    Threshold(
        name="teasers._MIN_SHARE_BEFORE_EXCERPTS", shows=a_list_of_excerpts_goes_behind_paragraphs, true=10, false=9
    ),
    Threshold(
        name="teasers._MIN_TITLE_OVERLAP", shows=a_headline_stays_above_the_text_that_shares_words, true=14, false=15
    ),
    Threshold(name="teasers._MIN_TITLE_OVERLAP", shows=teasers_go_that_share_one_word_of, true=3, false=2),
    Threshold(name="teasers._MIN_SNIPPETS", shows=teasers_go_that_begin_with_a_headline, true=2, false=1),
    Threshold(
        name="teasers._MIN_SNIPPET_HEADLINE_LETTERS", shows=teasers_go_that_begin_with_letters, true=12, false=11
    ),
    Threshold(name="teasers._MIN_TEASERS", shows=so_many_teasers_go, true=3, false=2),
    Threshold(name="teasers._MIN_TEASER_SHARE", shows=teasers_go_with_short_lines, true=5, false=6),
    Threshold(name="teasers._TEASER_WIDTH", shows=teasers_go_with_headlines_of_columns, true=40, false=39),
    Threshold(
        name="teasers._HEADING_WIDTH",
        shows=teasers_go_under_a_heading_that_ends_in_a_colon_of_columns,
        true=31,
        false=32,
    ),
    Threshold(name="teasers._MIN_UNRELATED_SHARE", shows=teasers_go_of_which_are_unrelated, true=15, false=14),
)
CASES = sides(THRESHOLDS)


@pytest.mark.parametrize(("one", "side"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_threshold_is_what_its_texts_show(one: Threshold, side: bool) -> None:
    check(one, side)
