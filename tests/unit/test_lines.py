"""Lines: how wide a text is, by whichever of its ways it is counted."""

from __future__ import annotations

import regex

from saaf.cleaning.text.lines import display_width

_NARROW = regex.compile(r"[\p{M}\p{Cf}]")
_WIDE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]")


def test_each_character_takes_the_columns_of_its_script() -> None:
    for code in (*range(0xD800), *range(0xE000, 0x32000)):
        character = chr(code)
        wide = _WIDE.match(character) is not None
        assert display_width(character) == (0 if _NARROW.match(character) else 1 + wide), hex(code)


def test_a_text_is_as_wide_as_its_characters() -> None:
    for text in ("Fähre fährt wieder", "渡船星期二重新开航，", "カヌーで行く。", "नाव चली", "قارب", "配 (a) ガ"):
        assert display_width(text) == sum(map(display_width, text))
