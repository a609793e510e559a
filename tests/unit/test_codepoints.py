"""Counting a text by table says what counting it character by character would."""

from __future__ import annotations

import regex
from hypothesis import given
from hypothesis import strategies as st

from saaf.cleaning.text.codepoints import CLOSER, DIGIT, SPACE, STOP, UPPER, WORD, spans_of, tokens_of
from saaf.cleaning.text.scripts import UNSPACED_CLASS

_UNSPACED = rf"[[{UNSPACED_CLASS}]--\p{{M}}]"
_TOKEN = regex.compile(rf"{_UNSPACED}\p{{M}}*|(?:(?!{_UNSPACED})[\p{{L}}\p{{M}}\p{{N}}_])+", regex.VERSION1)
_TEXTS = st.text(
    st.sampled_from("aZé1_ .!。।कािनमस्ते\u093cالعربية\u064eلہہ我们のカที่ไทยខ្មែរမြန်မာ\u0301\u200c𝔘\U0010ffff\ud800"),
    max_size=60,
)
_LINES = st.lists(_TEXTS, min_size=1, max_size=6)


def cut(lines: list[str]) -> tuple[str, list[int], list[int]]:
    text = "\n".join(lines)
    starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines))]
    return text, starts, [start + len(line) for start, line in zip(starts, lines, strict=True)]


@given(_LINES)
def test_words_are_found_where_a_pattern_finds_them(lines: list[str]) -> None:
    tokens = tokens_of(spans_of(*cut(lines)))
    words = [(row, word.lower()) for row, line in enumerate(lines) for word in _TOKEN.findall(line)]
    assert tokens.rows.tolist() == [row for row, _ in words]
    by_word: dict[str, int] = {}
    for (_, word), value in zip(words, tokens.hashes.tolist(), strict=True):
        assert by_word.setdefault(word, value) == value
    assert len(set(by_word.values())) == len(by_word), "different words, different hashes"


@given(_LINES)
def test_classes_are_those_of_unicode(lines: list[str]) -> None:
    spans = spans_of(*cut(lines))
    for flag, pattern in ((DIGIT, r"\p{Nd}"), (UPPER, r"\p{Lu}"), (SPACE, r"\s"), (STOP, "[.!。।]")):
        counted = spans.count(spans.has(flag)).tolist()
        assert counted == [
            len(regex.findall(pattern, line.replace("\U0010ffff", "").replace("\ud800", ""))) for line in lines
        ]


def test_lines_of_the_same_letters_hash_alike_whatever_their_case_and_punctuation() -> None:
    spans = spans_of(*cut(["«Школа № 5»", "школа 5", "школа 6", "يوم", ""]))
    one, other, different, arabic, nothing = spans.hashes(spans.has(WORD), spans.starts, spans.ends).tolist()
    assert one == other
    assert len({one, different, arabic, nothing}) == 4


def test_the_last_telling_character_is_found_behind_quotation_marks_and_blanks() -> None:
    spans = spans_of(*cut(["He left.” )", "no stop", "”"]))
    last = spans.last(SPACE | CLOSER)
    assert (spans.classes[last] & STOP != 0).tolist() == [True, False, False]
