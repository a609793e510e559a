"""The title of a page: its h1, without a kicker and the site's name, against what the markup declares."""

from __future__ import annotations

import pytest

from saaf.cleaning.metadata.headline import choose_title
from saaf.cleaning.metadata.names import strip_site_name

SITE = frozenset({"riverpost"})
HEADLINE = "Old bridge reopens in spring"


def title(*candidates: tuple[str, str], lines: tuple[str, ...] = ()) -> tuple[str | None, str]:
    return choose_title([(value, origin) for origin, value in candidates], SITE, lines)


@pytest.mark.parametrize("kicker", ["Opinion ", "City - ", "After two years: "])
def test_a_kicker_in_the_h1_is_not_the_headline(kicker: str) -> None:
    found = title(("opengraph", HEADLINE), ("title", f"{kicker}{HEADLINE} | River Post"), ("h1", kicker + HEADLINE))
    assert found == (HEADLINE, "opengraph")


def test_the_title_element_settles_no_kicker() -> None:
    assert title(("title", HEADLINE), ("h1", f"Opinion {HEADLINE}"))[0] == HEADLINE
    longer = f"After two years: {HEADLINE}"
    assert title(("opengraph", longer), ("title", HEADLINE), ("h1", longer)) == (longer, "h1")


def test_the_only_h1_is_the_headline_where_the_markup_words_it_otherwise() -> None:
    shown = "Old bridge reopens in the spring after two years"
    found = title(("opengraph", "Old bridge reopens after two years: all dates"), ("h1", shown))
    assert found == (shown, "h1")
    assert title(("opengraph", HEADLINE), ("h1", "Special offers of this week"))[0] == HEADLINE
    assert title(("opengraph", HEADLINE), ("h1", shown), ("h1", "Old bridge in pictures and words"))[0] == HEADLINE


def test_a_short_h1_is_the_headline_where_the_site_s_name_is_another_part_of_the_title() -> None:
    assert title(("title", "Promise - Long reference of all objects | River Post"), ("h1", "Promise"))[0] == "Promise"
    reviews = "Reviews of our yoga classes and trainings"
    assert title(("title", f"{reviews} | River Post"), ("h1", "Reviews"))[0] == reviews


@pytest.mark.parametrize("sign", "|｜»⋆‹›⁄*∣❘‖★🌊")
def test_signs_separate_the_site_s_name(sign: str) -> None:
    assert strip_site_name(f"{HEADLINE} {sign} River Post", SITE) == HEADLINE


def test_signs_of_right_to_left_titles_separate_too() -> None:
    site = frozenset({"نهرنیوز"})
    assert strip_site_name("پل پھر کھل گیا ⋆ نهر نیوز", site) == "پل پھر کھل گیا"
    assert strip_site_name("2 * 3 = 6", SITE) == "2 * 3 = 6"
