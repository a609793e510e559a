"""Each threshold of the votes on blocks has a page, or the texts of its blocks, on either side of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lxml.html import fromstring

from saaf.cleaning.votes.align import align
from saaf.cleaning.votes.extractors import description_votes
from saaf.cleaning.votes.schema_org import schema_org_votes
from tests.unit.threshold_pairs import Threshold, check, sides

if TYPE_CHECKING:
    from saaf.cleaning.html.jsonld import Node


def letters(count: int, first: str = "क") -> str:
    """Return so many letters that hold no other text of these tests."""
    return first * count


# Alignment of blocks with the output of an extractor.


def blocks_are_found_before_a_longer_one_of_letters(count: int) -> bool:
    """Return whether two blocks of so many letters are found that the output has before the block before them."""
    moved, one, other = letters(25), letters(count, "प"), letters(count, "म")
    return align([moved, one, other], f"{one} {other} {moved}") == [False, True, True]


def the_longest_block_is_found_first_of(count: int) -> bool:
    """Return whether of so many blocks the longest is found though a shorter one before it stands only behind it."""
    long = letters(20, "ሀ")
    return align(["ለ", long, *[""] * (count - 2)], f"{long}ለ")[1]


# The description of the page.


def votes_for_description(description: str, key: str) -> bool:
    root = fromstring(f"<html><head><meta name=description content='{description}'></head><body></body></html>")
    return description_votes(root, [key]) == [True]


def a_description_counts_of_letters(count: int) -> bool:
    return votes_for_description(letters(count), letters(40))


def a_block_counts_of_letters(count: int) -> bool:
    return votes_for_description(letters(40), letters(count))


def a_block_counts_in_a_description_up_to_letter(count: int) -> bool:
    return votes_for_description(letters(count - 40, "ж") + letters(40, "щ") + letters(20, "ж"), letters(40, "щ"))


def a_lead_counts_with_letters_of_a_cut_description(count: int) -> bool:
    return votes_for_description(letters(100), letters(count) + letters(300, "म"))


# The data of schema.org.


def declares(node: Node, key: str) -> bool:
    return schema_org_votes([node], ["html/body/p"], [key]) == [True]


def an_ingredient_counts_with_letters_of_fifty(count: int) -> bool:
    return declares({"@type": "Recipe", "recipeIngredient": [letters(50)]}, letters(count))


def an_ingredient_counts_of_letters(count: int) -> bool:
    return declares({"@type": "Recipe", "recipeIngredient": [letters(count)]}, letters(count))


def a_part_of_a_step_counts_of_letters(count: int) -> bool:
    return declares(
        {"@type": "Recipe", "recipeInstructions": f"{letters(count, 'ж')} {letters(90)}"}, letters(count, "ж")
    )


def a_part_counts_that_ends_at_letter(place: int) -> bool:
    steps = [letters(place - 20) + letters(20, "ж") + letters(20)]
    return declares({"@type": "Recipe", "recipeInstructions": steps}, letters(20, "ж"))


def an_ingredient_counts_as_number(number: int) -> bool:
    listed = [*[letters(9)] * (number - 1), letters(9, "ж")]
    return declares({"@type": "Recipe", "recipeIngredient": listed}, letters(9, "ж"))


def a_step_counts_as_number(number: int) -> bool:
    listed = [*[letters(9)] * (number - 1), letters(20, "ж")]
    return declares({"@type": "Recipe", "recipeInstructions": listed}, letters(20, "ж"))


def a_comment_counts_within_posts(depth: int) -> bool:
    value: object = letters(30, "ж")
    for _ in range(depth):
        value = {"comment": value}
    return declares({"@type": "DiscussionForumPosting", "comment": value}, letters(30, "ж"))


THRESHOLDS = (
    Threshold(
        name="align._MIN_ANCHOR_LETTERS", shows=blocks_are_found_before_a_longer_one_of_letters, true=24, false=23
    ),
    Threshold(name="align._MAX_BLOCKS_LONGEST_FIRST", shows=the_longest_block_is_found_first_of, true=500, false=501),
    Threshold(name="extractors._MIN_DESCRIPTION_LETTERS", shows=a_description_counts_of_letters, true=30, false=29),
    Threshold(name="extractors._MIN_DESCRIPTION_LETTERS", shows=a_block_counts_of_letters, true=30, false=29),
    Threshold(
        name="extractors._MAX_DESCRIPTION_LETTERS",
        shows=a_block_counts_in_a_description_up_to_letter,
        true=1000,
        false=1001,
    ),
    Threshold(
        name="extractors._TRUNCATED_LETTERS", shows=a_lead_counts_with_letters_of_a_cut_description, true=60, false=59
    ),
    Threshold(name="schema_org._MAX_DEPTH", shows=a_comment_counts_within_posts, true=4, false=5),
    Threshold(
        name="schema_org._MIN_INGREDIENT_SHARE", shows=an_ingredient_counts_with_letters_of_fifty, true=30, false=29
    ),
    Threshold(name="schema_org._MIN_BLOCK_LETTERS", shows=an_ingredient_counts_of_letters, true=4, false=3),
    Threshold(name="schema_org._MAX_TEXTS", shows=an_ingredient_counts_as_number, true=300, false=301),
    Threshold(name="schema_org._MAX_TEXTS", shows=a_step_counts_as_number, true=300, false=301),
    Threshold(name="schema_org._MAX_TEXT_LETTERS", shows=a_part_counts_that_ends_at_letter, true=50_000, false=50_001),
    Threshold(name="schema_org._MIN_LETTERS_IN_TEXT", shows=a_part_of_a_step_counts_of_letters, true=15, false=14),
)
CASES = sides(THRESHOLDS)


@pytest.mark.parametrize(("one", "side"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_threshold_is_what_its_texts_show(one: Threshold, side: bool) -> None:
    check(one, side)
