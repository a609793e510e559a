"""Lines: how wide a text is, by whichever of its ways it is counted."""

from __future__ import annotations

import pytest
import regex

from saaf.cleaning.text.lines import display_width, lines_without, split_lines
from saaf.cleaning.types import Removal, apply_removals

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


def test_lines_after_a_removal_are_those_of_the_text_that_is_left() -> None:
    text = "Ab\n\ncd e\n  \nf\n"
    spans = [(start, end) for start in range(len(text)) for end in range(start + 1, len(text) + 1)]
    moved = 0
    for removed in ([one] for one in spans):
        left = lines_without(text, split_lines(text), removed)
        assert left is None or left == split_lines(apply(text, removed)), removed
        moved += left is not None
    for first, second in ((one, other) for one in spans for other in spans if one[1] <= other[0]):
        left = lines_without(text, split_lines(text), [first, second])
        assert left is None or left == split_lines(apply(text, [first, second])), (first, second)
    assert moved > 10


def apply(text: str, removed: list[tuple[int, int]]) -> str:
    """Return `text` without the spans `removed`."""
    return apply_removals(text, [Removal(start=start, end=end, rule="x") for start, end in removed])


@pytest.mark.parametrize("removed", [[(0, 3)], [(3, 4), (9, 12)], [(4, 9)], [(8, 14)], [(12, 14)]])
def test_a_removal_of_whole_lines_moves_the_others(removed: list[tuple[int, int]]) -> None:
    assert lines_without("Ab\n\ncd e\n  \nf\n", split_lines("Ab\n\ncd e\n  \nf\n"), removed) is not None
