"""The tables of scripts and of sentence ends: one of each, and what Unicode says of them."""

from __future__ import annotations

import unicodedata

import pytest
import regex

from saaf.cleaning.text import scripts, sentences
from saaf.dedupe import characters

BASIC_PLANE = "".join(map(chr, range(0x10000)))


def test_the_scripts_without_spaces_are_those_of_the_fingerprints() -> None:
    # saaf.dedupe imports nothing of ours, and its table is part of the version of its fingerprints.
    assert set(characters._SPACELESS_SCRIPTS) == set(scripts.UNSPACED_SCRIPTS.values())
    assert characters._KANA_MARKS == scripts.KANA_MARKS


def test_the_two_patterns_of_unspaced_characters_match_the_same() -> None:
    every = "".join(map(chr, range(0x110000)))
    assert scripts.unspaced_pattern().findall(every) == scripts.UNSPACED_CHARACTER.findall(every)


def test_codes_of_scripts_without_spaces() -> None:
    assert {"Hans", "Hant", "Jpan", "Thai", "Tibt"} <= scripts.UNSPACED_SCRIPT_CODES
    assert not {"Latn", "Deva", "Hang", "Arab"} & scripts.UNSPACED_SCRIPT_CODES


def test_the_sentence_terminals_are_unicode_s() -> None:
    table = sentences.SENTENCE_TERMINALS
    assert len(set(table)) == len(table)
    terminals = set(regex.findall(r"\p{Sentence_Terminal}", BASIC_PLANE))
    left_out = {mark for mark in terminals - set(table) if unicodedata.category(mark) != "Cn"}
    assert left_out == {"\u2024"}, "a mark that is new in Unicode goes into the table"
    assert set(table) <= terminals
    assert sentences.ELLIPSIS not in terminals


def test_the_closers_are_quotation_marks_and_closing_brackets() -> None:
    assert {unicodedata.category(mark) for mark in sentences.CLOSING_BRACKETS} == {"Pe"}
    assert all(regex.match(r"\p{Quotation_Mark}", mark) for mark in sentences.CLOSING_QUOTES)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("He left.", True),
        ("„Er ging.“", True),
        ("他走了。」", True),
        ("真的吗？", True),
        ("وہ چلا گیا۔", True),
        ("هل ذهب؟", True),
        ("वह चला गया।", True),
        ("គាត់បានទៅ។", True),
        ("ሄደ።", True),
        ("He left…", True),
        ("He left", False),
        ("He left,", False),
    ],
)
def test_a_sentence_ends_with_a_mark_and_what_closes_after_it(text: str, ends: bool) -> None:
    assert (sentences.SENTENCE_END.search(text) is not None) is ends
