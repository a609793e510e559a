"""Keys that texts are compared by, and markup in strings."""

from __future__ import annotations

import sys

import pytest

from saaf.cleaning.text.folding import alignment_key, alignment_keys, date_word_key, title_key, title_keys
from saaf.cleaning.text.markup import strip_markup

LINES = ["An Old_Bridge: № 5", "", "पुल — दो", "«Ёлка»", "E\u0301cole"]


def test_keys_of_many_lines_are_those_of_each() -> None:
    assert alignment_keys(LINES) == [alignment_key(line) for line in LINES]
    assert title_keys(LINES) == [title_key(line) for line in LINES]
    assert alignment_keys([]) == title_keys([]) == []


def test_keys_of_many_lines_hold_the_same_characters_of_all_scripts() -> None:
    every = "".join(chr(code) for code in range(sys.maxunicode + 1) if chr(code) != "\n")
    assert title_keys([every, "a_b"]) == [title_key(every), "ab"]


def test_each_key_folds_what_its_purpose_needs() -> None:
    assert alignment_key("École, 5") == alignment_key("E\u0301cole 5") != alignment_key("école 5")
    assert title_key("The Old Bridge") == title_key("the old-bridge")
    assert date_word_key("فرورى") == date_word_key("فروری")
    assert date_word_key("Sept.") == "sept."
    assert date_word_key("a.m.") == "am."


@pytest.mark.parametrize(
    ("value", "line", "paragraphs"),
    [
        ("<p>A <b>w</b>ord &amp;<br/>more</p>", "A word & more", "A word &\nmore"),
        ("&lt;p&gt;One&lt;/p&gt;Two", "One Two", "One\nTwo"),
        ("first.<p/>Second\nthird", "first. Second third", "first.\nSecond\nthird"),
        ("2 < 3 and 5 > 4", "2 < 3 and 5 > 4", "2 < 3 and 5 > 4"),
        ("And&amp;#8230;", "And…", "And…"),
        ("", "", ""),
    ],
)
def test_markup_is_stripped_on_one_line_or_a_paragraph_a_line(value: str, line: str, paragraphs: str) -> None:
    assert strip_markup(value) == line
    assert strip_markup(value, paragraphs=True) == paragraphs
