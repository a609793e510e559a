"""Language packs: what their authors may write, and what they are told when they err."""

from pathlib import Path

import pytest

from saaf.cleaning.phrases.matcher import MATCHER
from saaf.cleaning.phrases.packs import (
    KINDS,
    PACKS,
    PackError,
    PhraseRule,
    Role,
    parse_pack,
    phrase_index,
)
from saaf.cleaning.text.lines import split_lines
from saaf.cleaning.text.normalise import headline_key, phrase_key, prefix_end

RULE = """
language = "xx"
[[rule]]
id = "xx.share"
kind = "share"
why = "A button."
phrases = ["Share it"]
removes = ["Share it"]
keeps = ["They share it."]
"""


def test_a_pack_is_read() -> None:
    (rule,) = parse_pack(RULE, "xx")
    assert (rule.id, rule.language, rule.role, rule.weak) == ("xx.share", "xx", Role.LINE, False)
    assert rule.phrases == {"share it"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"share"', '"shareing"', "Choose one of"),
        ('id = "xx.share"', 'id = "share"', 'must begin with "xx."'),
        ('keeps = ["They share it."]', "", "keeps missing or empty"),
        ('"Share it"', '"***"', "has no letters"),
        ('why = "A button."', 'why = "A button."\nwhere = "end"', "unknown key where"),
        ('why = "A button."', 'why = "A button."\nordinary = ["Sharing"]', "not in phrases. Add it there too"),
        ('language = "xx"', 'language = "yy"', 'must begin with language = "xx"'),
        ('why = "A button."', "why = A button", "not valid TOML"),
    ],
)
def test_an_author_who_errs_is_told_how_to_mend_it(old: str, new: str, told: str) -> None:
    with pytest.raises(PackError, match=r"toml") as caught:
        parse_pack(RULE.replace(old, new, 1), "xx")
    assert told in str(caught.value)


def test_an_id_given_twice_is_refused() -> None:
    with pytest.raises(PackError, match=r"xx\.share twice"):
        parse_pack(RULE + RULE.replace('language = "xx"', ""), "xx")


def test_the_first_packs_are_there() -> None:
    languages = {rule.language for rule in PACKS}
    assert {"ar", "de", "en", "es", "fa", "fr", "hi", "ru", "tr", "ur", "zh"} <= languages


def test_every_kind_in_the_packs_is_in_the_table() -> None:
    assert {rule.kind for rule in PACKS} <= set(KINDS)


@pytest.mark.parametrize(
    ("printed", "pack"),
    [
        ("LEAVE A REPLY", "Leave a Reply"),
        ("» Related Articles:", "Related Articles"),
        ("Comments (12)", "Comments"),
        ("İLGİLİ HABERLER", "İlgili Haberler"),
        ("اقرأ أيضا", "إقرأ أيضاً:"),
        ("اهم ترين خبريں", "اہم ترین خبریں"),
        ("پربازدیدترینها", "پربازدیدترین‌ها"),
        ("यह भी पढे़ं", "यह भी पढ़ें"),
        ("ARTICULOS RELACIONADOS", "Artículos relacionados"),
        ("📌 Ähnliche Artikel", "ähnliche artikel"),
        ("ΣΧΕΤΙΚΆ ΆΡΘΡΑ", "Σχετικά άρθρα"),
    ],
)
def test_what_sites_print_meets_what_packs_say(printed: str, pack: str) -> None:
    assert phrase_key(printed) == phrase_key(pack)


@pytest.mark.parametrize(("one", "other"), [("खबर", "खबरें"), ("की", "का"), ("نور", "نار"), ("сад", "суд")])
def test_different_words_stay_different(one: str, other: str) -> None:
    assert phrase_key(one) != phrase_key(other)


def test_letters_ignore_punctuation_and_keep_vowel_signs() -> None:
    assert headline_key("“पुल खुला!”") == headline_key("पुल, खुला")
    assert headline_key("पुल") != headline_key("पल")


@pytest.mark.parametrize(
    ("phrase", "line", "rest"),
    [
        ("Related Articles", "Related ArticlesThe minister", "The minister"),
        ("أخبار ذات صلة", "أخبار ذات صلةأكد الوزير", "أكد الوزير"),
        ("إقرأ أيضا", "إقرأ أيضاًوقال", "وقال"),
    ],
)
def test_where_a_phrase_ends_in_its_line(phrase: str, line: str, rest: str) -> None:
    end = prefix_end(phrase_key(phrase), line)
    assert end is not None
    assert line[end:] == rest


def test_a_phrase_that_does_not_begin_the_line_has_no_end() -> None:
    assert prefix_end("related articles", "Unrelated articles of the law") is None


def test_a_pack_that_shares_a_phrase_does_not_take_it_from_the_others() -> None:
    one, other = parse_pack(RULE, "xx"), parse_pack(RULE.replace("xx", "yy"), "yy")
    assert phrase_index((*one, *other)) == {"share it": (*one, *other)}


def test_where_one_language_is_careful_all_are() -> None:
    """ "Trending" is a sure heading in one pack, and a possible subheading in another."""
    shared = {phrase for phrase, rules in MATCHER.index.items() if len({rule.weak for rule in rules}) == 2}
    assert shared
    for phrase in shared:
        match = MATCHER.match_phrase(phrase)
        assert match is None or match[0][0].weak


@pytest.mark.parametrize("rule", [rule for rule in PACKS if rule.role is Role.STATEMENT], ids=lambda rule: rule.id)
def test_every_phrase_of_a_statement_is_found_inside_a_line(rule: PhraseRule) -> None:
    for phrase in rule.phrases:
        (line,) = split_lines(f"So it is said that here and there {phrase} in the harbour.")
        assert (mark := MATCHER.match_statement(line)) is not None, phrase
        assert mark.rule.role is Role.STATEMENT


def test_the_guide_to_languages_says_of_each_kind_what_goes_with_it() -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "add-a-language.md").read_text(encoding="utf-8")
    assert {kind for kind in KINDS if f"`{kind}`" not in guide} == set()
