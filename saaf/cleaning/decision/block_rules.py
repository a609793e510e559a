"""Ids and reasons of removals that no `Rule` makes: by a page's structure, or by other pages of its site or corpus.

They have no example texts: neither structure nor other pages can be shown in the text of one page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

BLOCK_RULES: Final[Mapping[str, str]] = {
    "html.advertisement": "The block stands in a part of the page that its markup calls an advertisement.",
    "html.caption": "The caption of a picture or a table, or who made the picture.",
    "html.comments": "The block stands in the comments of readers, or in the form to write one.",
    "html.disclaimer": "The publisher's disclaimer: who answers for the text, and for what not.",
    "html.embed": "A post that a network's script shows inside the article, and that no line introduces.",
    "html.form": "Fields, buttons and labels of a form.",
    "html.hidden": "The markup, or a style rule of the page, hides the block from readers.",
    "html.links": "Most of the block is links, and nothing around it reads as the article.",
    "html.navigation": "The block stands in a menu, a header, a footer or a path of breadcrumbs.",
    "html.related": "The block stands in a list of related, recommended or popular stories.",
    "html.repeated": "The page prints this paragraph a second time: once is enough.",
    "html.share": "Buttons that share the page or follow the site.",
    "html.sidebar": "The block stands in a column beside the article.",
    "html.window": "The block stands in a window that opens over the page: a sign-in, cookies, the rules for comments.",
    "appended.known": "The article of another page of the crawl, printed after the page's own; a flag names that page.",
    "dedupe.paragraph": "Other documents of the corpus have this paragraph too, and `--paragraphs` takes it out.",
    "profile.repeated": "The site prints this line on many pages, outside their articles or at their edges.",
    "profile.run": "Other pages of the site have these lines too, one after the other: a menu, a list, its rules.",
    "profile.template": "The site's other pages show that this place on a page never holds the article.",
}
"""The reason in a sentence, by the rule id of the removals (`Removal.rule`)."""
