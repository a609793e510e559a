"""The types of pages, and what a page's HTML says of its own type before anything is decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE_TYPES: Final[Mapping[str, str]] = {
    "article": "one text: news, a post of a blog, an essay, an entry of an encyclopedia",
    "forum": "posts of several people about one topic",
    "qa": "a question and its answers",
    "documentation": "a page of a manual or a reference",
    "product": "one product, with its price or its properties",
    "service": "what an organisation offers or is: landing pages, prices, contact",
    "recipe": "a recipe",
    "listing": "a list of other pages: a category, a collection, an archive, a search, a front page",
    "error": "an error in place of the page",
    "login": "a form to sign in",
    "consent": "a request to accept cookies or terms in place of the page",
}
"""The types of pages, and what each is."""

NO_CONTENT_TYPES: Final = ("listing", "error", "login", "consent")
"""The types of pages that have no content of their own."""

_MIN_LINKS_OF_LIST: Final = 2
ARTICLES: Final = ("article", "newsarticle", "blogposting", "reportagenewsarticle", "analysisnewsarticle")
"""The types of schema.org, in lower case, of pages that are one article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageType:
    """The type of a page, a key of `PAGE_TYPES`, and how probable it is, in [0, 1]."""

    name: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSignals:
    """What a page's HTML says of its type.

    `status` is the HTTP status. `stated` are names in lower case, sorted: "og:article" (Open Graph), "top:product" and
    "schema:product" (schema.org: of the page itself, and of anything on it), "schema:product*" (stated of three things
    or more), "generator:mediawiki", "body:archive" (a class of the body), "robots:noindex". `elements` are pairs of the
    name of an element or field and how many there are, sorted.
    """

    status: int = 200
    stated: tuple[str, ...] = ()
    elements: tuple[tuple[str, int], ...] = ()


def is_stated_article(signals: PageSignals) -> bool:
    """Return whether a page states that it is one article, in Open Graph or schema.org."""
    stated = signals.stated
    return "og:article" in stated or any(f"top:{name}" in stated for name in ARTICLES)


def impossible_types(signals: PageSignals) -> tuple[str, ...]:
    """Return the types that a page cannot be of: without two links it is no list, without a field for a password no
    form to sign in.
    """
    elements = dict(signals.elements)
    no_list = () if elements.get("a", 0) >= _MIN_LINKS_OF_LIST else ("listing",)
    return no_list if "field password" in elements else (*no_list, "login")
