"""Main content that schema.org data declares is kept, whatever the class names around it."""

from __future__ import annotations

import json

import pytest

from saaf.cleaning import Document, Page
from saaf.cleaning.readers.html import read_html
from tests.unit.decision_helpers import decided

STEPS = ["Mix the flour with the butter until it crumbles.", "Bake it for an hour and a half, and let it cool."]
NAMED = "<nav><ul><li>Popular recipes</li></ul></nav>"


def page(structured: object, shown: str) -> Document:
    script = f"<script type=application/ld+json>{json.dumps(structured)}</script>"
    body = f"<html><head><title>Crumble</title>{script}</head><body><h1>Crumble</h1>{NAMED}{shown}</body></html>"
    return read_html(Page(url="https://www.example.org/crumble", body=body.encode()))


SHOWN = (
    "<nav><table><tr><td>250 g</td><td>plain flour</td></tr></table><p>1/2</p><p>cup of butter</p><p>सूजी दो कप</p>"
    f"<ol><li>{STEPS[0]}</li><li>{STEPS[1]}</li></ol><p>Save this recipe</p></nav>"
)
THINGS = ["250 g plain flour", "1/2 cup of butter", "सूजी दो कप"]
KEPT = ["250 g | plain flour", "1/2", "cup of butter", "सूजी दो कप", *STEPS]


@pytest.mark.parametrize(
    "steps",
    [
        " ".join(STEPS),
        STEPS,
        [{"@type": "HowToStep", "text": step} for step in STEPS],
        [{"@type": "HowToSection", "itemListElement": [{"@type": "HowToStep", "text": step} for step in STEPS]}],
    ],
)
def test_ingredients_and_steps_that_json_ld_states_stay(steps: object) -> None:
    graph = {"@graph": [{"@type": ["Recipe"], "recipeIngredient": THINGS, "recipeInstructions": steps}]}
    assert decided(page(graph, SHOWN), {}) == ["Crumble", *KEPT]


def test_what_is_stated_in_markup_or_with_entities_is_what_the_page_shows() -> None:
    steps = f"<ol><li>{STEPS[0].replace('the ', 'the&nbsp;', 1)}</li><li>{STEPS[1]}</li></ol>"
    recipe = {"@type": "Recipe", "recipeIngredient": ["Salt &amp; p&eacute;pper"], "recipeInstructions": steps}
    shown = f"<nav><ul><li>Salt &amp; pépper</li><li>Sign up</li></ul><p>{STEPS[0]}</p><p>{STEPS[1]}</p></nav>"
    assert decided(page(recipe, shown), {}) == ["Crumble", "Salt & pépper", *STEPS]


def test_ingredients_and_steps_that_microdata_state_stay() -> None:
    shown = (
        "<nav><ul><li itemprop=recipeIngredient><span>one</span> egg</li></ul>"
        f"<div itemprop=recipeInstructions><p>{STEPS[0]}</p></div><p>Save this recipe</p></nav>"
    )
    assert decided(page({}, shown), {}) == ["Crumble", "one egg", STEPS[0]]


@pytest.mark.parametrize("structured", [{}, {"@type": "Recipe"}, {"@type": "Article", "recipeIngredient": THINGS}, "x"])
def test_of_a_page_that_states_no_recipe_nothing_stays_for_it(structured: object) -> None:
    read = decided(page(structured, f"{SHOWN}<p>Sure.</p>"), {"Sure.": 0.99})
    assert read == ["Crumble", "Sure."]


POST = "Has anybody seen the ferry to the outer islands since the storm?"
ANSWER = "It sailed again on Tuesday, with three hundred people and forty sheep."
THREAD = f"<aside><p>{POST}</p><p>{ANSWER}</p><p>Report this post</p></aside><p>Sure.</p>"


@pytest.mark.parametrize(
    ("structured", "stays"),
    [
        ({"@type": "DiscussionForumPosting", "text": POST, "comment": [{"@type": "Comment", "text": ANSWER}]}, True),
        (
            {
                "@type": "QAPage",
                "mainEntity": {"text": f"<p>{POST}</p>", "acceptedAnswer": {"text": f"<p>{ANSWER}<br>(me)</p>"}},
            },
            True,
        ),
        ({"@type": "Product", "description": f"{POST} {ANSWER}"}, True),
        ({"@type": "FAQPage", "mainEntity": [{"text": POST, "acceptedAnswer": {"text": ANSWER}}]}, False),
        ({"@type": "NewsArticle", "comment": [{"@type": "Comment", "text": f"{POST} {ANSWER}"}]}, False),
    ],
)
def test_threads_and_products_stay_and_what_readers_say_of_articles_does_not(structured: object, stays: bool) -> None:
    read = decided(page(structured, THREAD), {"Sure.": 0.99})
    assert read == ["Crumble", *([POST, ANSWER] if stays else []), "Sure."]


def test_thousands_of_ingredients_and_steps_within_steps_fail_nothing() -> None:
    nested: object = {"@type": "HowToStep", "text": STEPS[0]}
    for _ in range(300):
        nested = {"itemListElement": [nested]}
    many = {"@type": "Recipe", "recipeIngredient": ["", "–", *map(str, range(5000))], "recipeInstructions": nested}
    read = decided(page(many, f"{SHOWN}<p>Sure.</p>"), {"Sure.": 0.99})
    assert read == ["Crumble", "Sure."]
