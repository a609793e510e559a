"""Metadata candidates: all values that a page's markup declares, by field, with their origin, unranked."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final, cast

from lxml.etree import XPath
from lxml.html import HtmlElement

from saaf.cleaning.html import jsonld
from saaf.cleaning.html.page_elements import PageElements, elements_of
from saaf.cleaning.metadata.microformats import (
    class_and_id,
    find_microformats,
    microformats_candidates,
    text_of,
)
from saaf.cleaning.metadata.names import one_line
from saaf.cleaning.text.copies import has_numbers_of
from saaf.cleaning.text.folding import title_key
from saaf.cleaning.text.markup import strip_markup

Candidates = dict[str, list[tuple[str, str]]]
"""The (value, origin) pairs of each field, in document order within an origin."""

_MAX_VALUE_CHARACTERS: Final = 5_000
_MAX_MICRODATA_ELEMENTS: Final = 2_000
_MAX_CANDIDATES: Final = 200  # of a field
_MAX_DESCENDANTS: Final = 50  # of a microdata author, among which names are searched

# By field and origin: the names of `meta` elements, in lower case.
_META_NAMES: Final = {
    ("title", "opengraph"): "og:title",
    ("title", "twitter"): "twitter:title",
    ("title", "meta"): "title headline hdl parsely-title sailthru.title citation_title",
    ("title", "dublin core"): "dc.title dcterms.title",
    ("author", "opengraph"): "article:author og:article:author og:author",
    (
        "author",
        "meta",
    ): "author byl byline parsely-author sailthru.author cxenseparse:author citation_author dable:author",
    ("author", "dublin core"): "dc.creator dcterms.creator dc.contributor",
    (
        "published",
        "opengraph",
    ): "article:published_time og:published_time og:article:published_time article:published og:pubdate",
    (
        "published",
        "meta",
    ): """date pubdate publishdate publish-date publish_date publication_date publication-date published
        published_date published_time article.published datepublished parsely-pub-date sailthru.date citation_date
        citation_publication_date cxenseparse:recs:publishtime weibo:article:create_at bytedance:published_time
        originalpublicationdate creation_date created date_created article:create_time release_date displaydate
        timestamp pdate ptime article_date_original rnews:datepublished""",
    ("published", "dublin core"): "dc.date dc.date.issued dc.date.created dcterms.date dcterms.issued dcterms.created",
    (
        "modified",
        "opengraph",
    ): "article:modified_time og:updated_time og:modified_time og:article:modified_time article:updated",
    (
        "modified",
        "meta",
    ): """last-modified lastmod last_modified modified modified_date modified_time datemodified updated
        updated_time bytedance:updated_time weibo:article:update_at revised utime""",
    ("modified", "dublin core"): "dc.date.modified dcterms.modified",
    ("site_name", "opengraph"): "og:site_name",
    ("site_name", "meta"): "application-name apple-mobile-web-app-title",
    ("site_name", "dublin core"): "dc.publisher dcterms.publisher",
    ("section", "opengraph"): "article:section og:article:section",
    ("section", "meta"): "section parsely-section cxenseparse:category category",
    ("tags", "opengraph"): "article:tag og:article:tag",
    ("tags", "meta"): "news_keywords keywords parsely-tags sailthru.tags",
    ("source", "meta"): "source article:source contentsource",
    ("canonical_url", "opengraph"): "og:url",
    ("licence", "meta"): "license licence",
    ("licence", "dublin core"): "dc.rights dcterms.license dcterms.rights",
}
# By the name of a `meta` element: field and origin.
_META_FIELDS: Final = {name: candidate for candidate, names in _META_NAMES.items() for name in names.split()}
_ITEMPROP_FIELDS: Final = {
    "headline": "title",
    "author": "author",
    "creator": "author",
    "datepublished": "published",
    "datecreated": "published",
    "datemodified": "modified",
    "articlesection": "section",
    "keywords": "tags",
    "license": "licence",
}
_TEXT_ORIGINS: Final = frozenset({"h1", "title", "rel", "time", "link"})
_URL_FIELDS: Final = frozenset({"canonical_url", "licence"})
_LICENCE_URL: Final = re.compile(r"https?://(?:www\.)?creativecommons\.org/(?:licenses|publicdomain)/", re.IGNORECASE)
_CANDIDATE_TAGS: Final = ("meta", "title", "link", "h1", "time")
_ElementQuery = Callable[[HtmlElement], list[HtmlElement]]
_SITE_HEADING_NAME: Final = re.compile(
    r"\b(?:site|blog|brand)[-_]?(?:title|name|logo|heading)\b|\blogo\b", re.IGNORECASE
)
_HOME_PATH: Final = re.compile(r"(?:https?:)?(?://[^/?#]*)?/?(?:index\.\w{3,5})?", re.IGNORECASE)
_MICRODATA_QUERY: Final = (re.compile(rb"itemprop"), cast("_ElementQuery", XPath("descendant-or-self::*/@itemprop/..")))
# Ends of the schema.org types of articles, in the widest sense.
_ARTICLE_TYPE_ENDS: Final = (
    "Article", "Posting", "Report", "Review", "Recipe", "CreativeWork", "VideoObject", "WebPage",
)  # fmt: skip
_JSON_LD_FIELDS: Final = {
    "headline": "title",
    "datePublished": "published",
    "dateModified": "modified",
    "articleSection": "section",
    "keywords": "tags",
    "license": "licence",
}


def collect(
    tree: HtmlElement,
    nodes: Sequence[jsonld.Node],
    source: bytes | None = None,
    elements: PageElements | None = None,
) -> Candidates:
    """Return all candidates in a page's markup, unranked, with sites' names not stripped. Never raises.

    `nodes` are those of its JSON-LD; `source` is what the tree was parsed from, in UTF-8 and lower case, None where it
    is not known. `elements` are those of the tree, None where they are not known.
    """
    candidates: Candidates = {}
    elements = elements or elements_of(tree)
    links = [link for hint, declares in _LINK_HINTS for link in _find_links(elements, source, hint, declares)]
    for element in (*elements.iter(*_CANDIDATE_TAGS), *dict.fromkeys(links)):
        for field, value, origin in _element_candidates(element):
            _add(candidates, field, value, origin)
    for element in _find_elements(tree, source, *_MICRODATA_QUERY)[:_MAX_MICRODATA_ELEMENTS]:
        for field, value in _microdata_candidates(element, candidates):
            _add(candidates, field, value, "microdata")
    for field, value in microformats_candidates(find_microformats(tree, source, elements)):
        _add(candidates, field, value, "microformats")
    for field, value, origin in _json_ld_candidates(nodes, candidates):
        _add(candidates, field, value, origin)
    return candidates


def _find_links(
    elements: PageElements, source: bytes | None, hint: re.Pattern[bytes], declares: Callable[[HtmlElement], bool]
) -> list[HtmlElement]:
    """Return the links of which `declares` is true; none where the source does not contain the `hint`."""
    found = [link for link in elements.iter("a") if declares(link)]
    return found if source is None or (found and hint.search(source)) else []


def _has_rel(link: HtmlElement) -> bool:
    return link.get("rel") is not None


def _leads_to_creative_commons(link: HtmlElement) -> bool:
    return "creativecommons" in (link.get("href") or "").lower()


_LINK_HINTS: Final = (
    # Articles that a script carries have their quotes escaped.
    (re.compile(rb"rel\s*=[\s\\\"']*[^\"'>]*?(?:tag|author|licen)"), _has_rel),
    (re.compile(rb"creativecommons"), _leads_to_creative_commons),
)
"""Which links may declare something of the page, and what the page's source contains where there is such a link."""


def _find_elements(
    tree: HtmlElement, source: bytes | None, hint: re.Pattern[bytes], query: _ElementQuery
) -> list[HtmlElement]:
    """Return the elements that match `query`; none, without the query, where the source does not contain the `hint`."""
    return query(tree) if source is None or hint.search(source) else []


def _add(candidates: Candidates, field: str, value: str, origin: str) -> None:
    # The text of an element is taken as it is; attributes and JSON are often escaped once more, or carry markup.
    is_literal = origin in _TEXT_ORIGINS or field in _URL_FIELDS
    value = value[:_MAX_VALUE_CHARACTERS] if is_literal else one_line(strip_markup(value[:_MAX_VALUE_CHARACTERS]))
    if value and len(candidates.get(field, ())) < _MAX_CANDIDATES:
        candidates.setdefault(field, []).append((value, origin))


def _element_candidates(element: HtmlElement) -> Iterator[tuple[str, str, str]]:
    """Yield (field, value, origin) of what one element declares by its tag and attributes."""
    if element.tag == "meta":
        name = (element.get("property") or element.get("name") or element.get("http-equiv") or "").strip().lower()
        if found := _META_FIELDS.get(name):
            yield found[0], element.get("content") or "", found[1]
    elif element.tag == "h1":
        yield "site_heading" if _is_site_heading(element) else "title", text_of(element), "h1"
    elif element.tag == "title":
        yield "title", text_of(element), "title"
    elif element.tag == "time":
        yield ("published" if "pubdate" in element.attrib else "time"), element.get("datetime") or "", "time"
    else:
        yield from _link_candidates(element)


def _is_site_heading(element: HtmlElement) -> bool:
    """Return whether an `h1` is the name of the site: all of it is a link to the front page, or its class says so."""
    links = list(element.iter("a"))
    if links and all(_HOME_PATH.fullmatch((link.get("href") or "-").strip()) for link in links):
        return one_line("".join(text_of(link) for link in links)) == text_of(element)
    return _SITE_HEADING_NAME.search(class_and_id(element)) is not None


def _link_candidates(element: HtmlElement) -> Iterator[tuple[str, str, str]]:
    """Yield (field, value, origin) of what a `link` or `a` declares about the page."""
    rel = (element.get("rel") or "").lower().split()
    href = (element.get("href") or "").strip()
    if "canonical" in rel and element.tag == "link":
        yield "canonical_url", href, "link"
    if "license" in rel:
        yield "licence", href, "rel"
    elif element.tag == "a" and _LICENCE_URL.match(href):
        yield "licence", href, "link"
    if element.tag == "a" and "author" in rel:
        yield "author", text_of(element), "rel"
    if element.tag == "a" and "tag" in rel:
        yield "tags", text_of(element), "rel"


def _microdata_candidates(element: HtmlElement, candidates: Candidates) -> Iterator[tuple[str, str]]:
    """Yield (field, value) of each microdata property of an element."""
    for name in (element.get("itemprop") or "").lower().split()[:5]:
        field = _ITEMPROP_FIELDS.get(name)
        if field is None or len(candidates.get(field, ())) >= _MAX_CANDIDATES:
            continue
        value = (
            element.get("content") or element.get("datetime") or (element.get("href") if field == "licence" else None)
        )
        if value is None and field == "author":
            descendants = islice(element.iterdescendants(), _MAX_DESCENDANTS)
            value = "; ".join([_name_value(each) for each in descendants if each.get("itemprop") == "name"][:5])
        yield field, (value or text_of(element)).strip()


def _name_value(element: HtmlElement) -> str:
    return (element.get("content") or text_of(element)).strip()


def _json_ld_candidates(nodes: Sequence[jsonld.Node], candidates: Candidates) -> Iterator[tuple[str, str, str]]:
    """Yield (field, value, origin) of the page's own article in its JSON-LD, and of the site's names."""
    nodes_by_id = {
        identity: node for node in reversed(nodes) if isinstance(identity := node.get("@id"), str) and len(node) > 1
    }
    for node in nodes:
        if jsonld.type_names(node) & {"WebSite", "NewsMediaOrganization"} and isinstance(node.get("name"), str):
            yield "site_name", str(node["name"]).strip(), "json-ld"
    article = _find_own_article(nodes, candidates)
    if article is not None:
        yield from _article_candidates(article, nodes_by_id)


def _article_candidates(node: jsonld.Node, nodes_by_id: dict[str, jsonld.Node]) -> Iterator[tuple[str, str, str]]:
    for name, field in _JSON_LD_FIELDS.items():
        for value in jsonld.strings(node.get(name)):
            yield field, value, "json-ld"
    authors = _author_names(node.get("author") or node.get("creator"), nodes_by_id)
    if authors:
        yield "author", "; ".join(dict.fromkeys(authors)), "json-ld"
    for value in _names(node.get("publisher"), nodes_by_id):
        yield "publisher", value, "json-ld"
    for name in ("sourceOrganization", "isBasedOn", "provider"):
        for value in _names(node.get(name), nodes_by_id):
            yield ("source" if name != "provider" else "publisher"), value, "json-ld"


def _find_own_article(nodes: Sequence[jsonld.Node], candidates: Candidates) -> jsonld.Node | None:
    """Return the node that describes the page: an article whose headline is a title candidate too, else the first
    article.
    """
    articles = [node for node in nodes if any(name.endswith(_ARTICLE_TYPE_ENDS) for name in jsonld.type_names(node))]
    articles.sort(key=lambda node: any(name.endswith("WebPage") for name in jsonld.type_names(node)))
    if not articles:
        return next((node for node in nodes if "headline" in node or "datePublished" in node), None)
    titles = [(value, title_key(value)) for value, _ in candidates.get("title", [])]
    for node in articles:
        headline = " ".join(jsonld.strings(node.get("headline"))[:1])
        key = title_key(headline)
        if len(key) > 10 and any(
            (key in title and has_numbers_of(headline, value)) or (title in key and has_numbers_of(value, headline))
            for value, title in titles
            if len(title) > 10
        ):
            return node
    return articles[0]


def _author_names(value: object, nodes_by_id: dict[str, jsonld.Node]) -> list[str]:
    """Return the names of persons; the name of an organisation only where no person is named."""
    people: list[str] = []
    organisations: list[str] = []
    for each in (_resolve(item, nodes_by_id) for item in (value if isinstance(value, list) else [value])):
        is_organisation = isinstance(each, dict) and any(
            name.endswith("Organization") for name in jsonld.type_names(each)
        )
        (organisations if is_organisation else people).extend(jsonld.strings(each))
    return people[:20] or organisations[:1]


def _names(value: object, nodes_by_id: dict[str, jsonld.Node]) -> list[str]:
    return [
        name
        for each in (value if isinstance(value, list) else [value])
        for name in jsonld.strings(_resolve(each, nodes_by_id))
    ]


def _resolve(value: object, nodes_by_id: dict[str, jsonld.Node]) -> object:
    """Return the node that a reference `{"@id": …}` points to, everything else as it is."""
    if isinstance(value, dict) and "name" not in value and isinstance(identity := value.get("@id"), str):
        return nodes_by_id.get(identity, value)
    return value
