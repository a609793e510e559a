"""What a page's HTML says of its type: Open Graph, schema.org, the program that made it, its forms and elements."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from saaf.cleaning.html.jsonld import type_names
from saaf.cleaning.page_types import PageSignals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lxml.html import HtmlElement

    from saaf.cleaning.html.jsonld import Node
    from saaf.cleaning.html.page_elements import PageElements

ELEMENTS: Final[tuple[str, ...]] = (
    *("a", "article", "b", "blockquote", "br", "button", "code", "dd", "dt", "em", "figure", "form", "h1", "h2", "h3"),
    *("h4", "iframe", "img", "input", "label", "li", "main", "nav", "ol", "p", "pre", "section", "select", "strong"),
    *("svg", "table", "td", "textarea", "time", "tr", "ul", "video"),
)
"""The elements that are counted."""
_FIELDS: Final = ("password", "checkbox", "radio", "email", "search", "number")
_MICRODATA: Final = re.compile(rb"""schema\.org/([a-z]{3,40})["'\s>]""")
_NAME: Final = re.compile(r"[a-z][a-z.]{1,30}")
_MAX_NAME: Final = 40
_MAX_STATED: Final = 200
_SEVERAL: Final = 3
# Classes of the body that the programs of sites write, whatever the language of the site.
_BODY_CLASSES: Final = {
    "archive": "archive", "blog": "archive", "category": "archive", "tag": "archive", "author": "archive",
    "search": "search", "search-results": "search", "home": "home", "front": "home", "front-page": "home",
    "template-index": "home", "single": "single", "single-post": "single", "page-article": "single",
    "template-article": "single", "node-type-article": "single", "page": "page", "error404": "error",
    "template-404": "error", "not-found": "error", "page-not-found": "error", "error-page": "error",
    "single-product": "product", "template-product": "product", "catalog-product-view": "product",
    "tax-product_cat": "collection", "template-collection": "collection", "catalog-category-view": "collection",
    "login": "login", "template-login": "login", "customer-account-login": "login",
}  # fmt: skip


def page_signals(elements: PageElements, nodes: Sequence[Node], source: bytes, status: int) -> PageSignals:
    """Return what a page says of its type.

    `elements` are those of its tree, `nodes` the objects of its JSON-LD, `source` its HTML in lower case.
    """
    counts = {tag: len(elements.places[tag]) for tag in ELEMENTS if tag in elements.places}
    if "input" in counts:
        types = Counter([(each.get("type") or "").lower() for each in elements.iter("input")])
        counts |= {f"field {name}": types[name] for name in _FIELDS if name in types}
    stated = set(_of_meta(elements.iter("meta")))
    stated.update(_of_schema(nodes, source))
    classes = [name for body in elements.iter("body")[:1] for name in (body.get("class") or "").lower().split()]
    stated.update(f"body:{_BODY_CLASSES[name]}" for name in classes if name in _BODY_CLASSES)
    return PageSignals(
        status=status, stated=tuple(sorted(stated)[:_MAX_STATED]), elements=tuple(sorted(counts.items()))
    )


def _of_meta(metas: Iterable[HtmlElement]) -> Iterator[str]:
    for meta in metas:
        name = (meta.get("property") or meta.get("name") or "").lower()
        if name in ("og:type", "generator"):
            content = (meta.get("content") or "").strip().lower()
            if stated := _NAME.match(content):
                yield f"{name.removesuffix(':type')}:{stated[0]}"
        elif name == "robots" and "noindex" in (meta.get("content") or "").lower():
            yield "robots:noindex"
        elif name.startswith("product:price"):
            yield "product:price"


def _of_schema(nodes: Sequence[Node], source: bytes) -> Iterator[str]:
    """Yield the types of schema.org: "top:" those of objects that stand in no other, or as its main entity."""
    nested = set(_nested(nodes))
    found: Counter[str] = Counter()
    for node in nodes:
        for name in type_names(node):
            own = name.lower()[:_MAX_NAME]
            found[own] += 1
            if id(node) not in nested:
                yield f"top:{own}"
    if b"itemtype" in source:
        found.update(own.decode("ascii") for own in _MICRODATA.findall(source))
    for name, count in found.items():
        yield f"schema:{name}"
        if count >= _SEVERAL:
            yield f"schema:{name}*"


def _nested(nodes: Sequence[Mapping[str, object]]) -> Iterator[int]:
    """Yield the identity of each object that stands in another one, but as its main entity or in its graph."""
    for node in nodes:
        for key, value in node.items():
            if key in ("@graph", "mainEntity"):
                continue
            if isinstance(value, dict):
                yield id(value)
            elif isinstance(value, list):
                yield from (id(one) for one in value if isinstance(one, dict))
