"""What structured data says a page is for, where that is no article: the ingredients and the steps of a recipe.

https://schema.org/Recipe, in JSON-LD or microdata. Search engines ask for it, so nearly every recipe has it.
"""

from __future__ import annotations

import re
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Final

from cleaning.jsonld import Node, nodes, strings, types
from cleaning.votes import letters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

RECIPE: Final = "recipe"
"""The method whose vote says that a block is an ingredient or a step of the page's recipe."""
_INGREDIENTS: Final = ("recipeIngredient", "ingredients")
_STEPS: Final = "recipeInstructions"
_MARKED: Final = re.compile(rf"\[itemprop=(?:{'|'.join(_INGREDIENTS)}|{_STEPS})\]", re.IGNORECASE)
_SHARE: Final = 0.6  # of an ingredient: its amount may stand in a block of its own
_LEAST: Final = 4  # letters of it
_MOST: Final = 300  # ingredients or steps
_LONGEST: Final = 50_000  # letters of all steps: each block is looked for in them
_LONG: Final = 15  # letters: what is as long and stands in a step is a part of it


def states_recipe(source: bytes) -> bool:
    """Return whether a page may state a recipe: of most pages this spares looking."""
    return b"recipeI" in source or b"/Recipe" in source


def recipe_votes(root: HtmlElement, paths: Sequence[str], spelled: Sequence[str]) -> list[bool]:
    """Return for each block whether it is part of the recipe; `paths` are the blocks', `spelled` their letters."""
    sources = [script.text or "" for script in root.iterfind('.//script[@type="application/ld+json"]')]
    recipes = [node for node in nodes([one for one in sources if "Recipe" in one]) if "Recipe" in types(node)]
    listed = [line for node in recipes for name in _INGREDIENTS for line in strings(node.get(name))]
    ingredients = {letters(line) for line in listed[:_MOST]} - {""}
    steps = "\n".join(letters(step) for node in recipes for step in islice(_steps(node.get(_STEPS)), _MOST))[:_LONGEST]
    votes = [
        _MARKED.search(path) is not None or (len(own) >= _LEAST and _is_part(own, ingredients, steps))
        for path, own in zip(paths, spelled, strict=True)
    ]
    for row, (amount, thing) in enumerate(pairwise(spelled)):
        if amount and thing and amount + thing in ingredients:
            votes[row] = votes[row + 1] = True
    return votes


def _is_part(own: str, ingredients: set[str], steps: str) -> bool:
    if own in ingredients or (len(own) >= _LONG and own in steps):
        return True
    return any(len(own) >= _SHARE * len(one) and own in one for one in ingredients)


def _steps(value: object, *, sections: bool = True) -> Iterator[str]:
    """Yield the texts of a recipe's steps: texts, HowToSteps, or HowToSections of such."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            node: Node = each
            yield from strings(node.get("text"))
            if sections:
                yield from _steps(node.get("itemListElement"), sections=False)
