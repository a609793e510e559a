"""Everything a page's markup claims about it, before anything is chosen: values by field, with where each stood."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final, cast

from lxml.etree import XPath
from lxml.html import HtmlElement

from saaf.cleaning.html import jsonld
from saaf.cleaning.metadata.names import one_line
from saaf.cleaning.text.folding import title_key
from saaf.cleaning.text.markup import strip_markup

# Field to (value, origin), in document order within an origin.
Candidates = dict[str, list[tuple[str, str]]]

_LONGEST_VALUE: Final = 5_000
_LONGEST_TEXT: Final = 500
_MOST_MARKED: Final = 2_000
_MOST_CLAIMS: Final = 200
_MOST_INSIDE: Final = 50

_META: Final = {
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
_FIELD_OF_META: Final = {name: claim for claim, names in _META.items() for name in names.split()}
_ITEMPROP: Final = {
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
_SHOWN: Final = frozenset({"h1", "title", "rel", "time", "link"})
_ADDRESSES: Final = frozenset({"canonical_url", "licence"})
_LICENCE_PAGE: Final = re.compile(r"https?://(?:www\.)?creativecommons\.org/(?:licenses|publicdomain)/", re.IGNORECASE)
_CLAIMING_TAGS: Final = ("meta", "title", "link", "h1", "time")
_Look = Callable[[HtmlElement], list[HtmlElement]]
# What may claim besides, and what the page's source holds where there is such an element: nearly all links say nothing
# of the page, and to look through a tree takes three to ten times as long as to search its source.
_CLAIMING_LINKS: Final = (
    # Articles that a script carries have their quotes escaped.
    (re.compile(rb"rel\s*=[\s\\\"']*[^\"'>]*?(?:tag|author|licen)"), cast("_Look", XPath("//a/@rel/.."))),
    (
        re.compile(rb"creativecommons"),
        cast("_Look", XPath("//a[contains(translate(@href, 'CREATIVOMNS', 'creativomns'), 'creativecommons')]")),
    ),
)
_MICRODATA: Final = (re.compile(rb"itemprop"), cast("_Look", XPath("//@itemprop/..")))
# What the articles of a page are called in schema.org, as the ends of their types' names.
_ARTICLE: Final = ("Article", "Posting", "Report", "Review", "Recipe", "CreativeWork", "VideoObject", "WebPage")
_ABOUT_THE_PAGE: Final = {
    "headline": "title",
    "datePublished": "published",
    "dateModified": "modified",
    "articleSection": "section",
    "keywords": "tags",
    "license": "licence",
}


def collect(tree: HtmlElement, stated: Sequence[jsonld.Node], source: bytes | None = None) -> Candidates:
    """Return all that the markup of a page claims, unjudged and untrimmed of sites' names. Never raises.

    `stated` are the nodes of its JSON-LD; `source` is what the tree was made of, in UTF-8 and lower case, None: not
    known.
    """
    claims: Candidates = {}
    links = [link for held, look in _CLAIMING_LINKS for link in _found(tree, source, held, look)]
    for element in (*tree.iter(*_CLAIMING_TAGS), *dict.fromkeys(links)):
        for field, value, origin in _claims_of(element):
            _add(claims, field, value, origin)
    for element in _found(tree, source, *_MICRODATA)[:_MOST_MARKED]:
        for field, value in _microdata(element, claims):
            _add(claims, field, value, "microdata")
    for field, value, origin in _json_claims(stated, claims):
        _add(claims, field, value, origin)
    return claims


def _found(tree: HtmlElement, source: bytes | None, held: re.Pattern[bytes], look: _Look) -> list[HtmlElement]:
    return look(tree) if source is None or held.search(source) else []


def _add(claims: Candidates, field: str, value: str, origin: str) -> None:
    # Shown text is what it is; attributes and JSON are often escaped once more, or carry markup.
    shown = origin in _SHOWN or field in _ADDRESSES
    value = value[:_LONGEST_VALUE] if shown else one_line(strip_markup(value[:_LONGEST_VALUE]))
    if value and len(claims.get(field, ())) < _MOST_CLAIMS:
        claims.setdefault(field, []).append((value, origin))


def _claims_of(element: HtmlElement) -> Iterator[tuple[str, str, str]]:
    """Yield what one element claims by its tag and attributes, as (field, value, origin)."""
    if element.tag == "meta":
        name = (element.get("property") or element.get("name") or element.get("http-equiv") or "").strip().lower()
        if claim := _FIELD_OF_META.get(name):
            yield claim[0], element.get("content") or "", claim[1]
    elif element.tag in {"title", "h1"}:
        yield "title", _text(element), element.tag
    elif element.tag == "time":
        yield ("published" if "pubdate" in element.attrib else "time"), element.get("datetime") or "", "time"
    else:
        yield from _link(element)


def _link(element: HtmlElement) -> Iterator[tuple[str, str, str]]:
    """Yield what a `link` or `a` says of the page."""
    rel = (element.get("rel") or "").lower().split()
    href = (element.get("href") or "").strip()
    if "canonical" in rel and element.tag == "link":
        yield "canonical_url", href, "link"
    if "license" in rel:
        yield "licence", href, "rel"
    elif element.tag == "a" and _LICENCE_PAGE.match(href):
        yield "licence", href, "link"
    if element.tag == "a" and "author" in rel:
        yield "author", _text(element), "rel"
    if element.tag == "a" and "tag" in rel:
        yield "tags", _text(element), "rel"


def _microdata(element: HtmlElement, claims: Candidates) -> Iterator[tuple[str, str]]:
    """Yield (field, value) of each property that an element carries."""
    for name in (element.get("itemprop") or "").lower().split()[:5]:
        field = _ITEMPROP.get(name)
        if field is None or len(claims.get(field, ())) >= _MOST_CLAIMS:
            continue
        value = (
            element.get("content") or element.get("datetime") or (element.get("href") if field == "licence" else None)
        )
        if value is None and field == "author":
            near = islice(element.iterdescendants(), _MOST_INSIDE)
            value = "; ".join([_named(each) for each in near if each.get("itemprop") == "name"][:5])
        yield field, (value or _text(element)).strip()


def _named(element: HtmlElement) -> str:
    return (element.get("content") or _text(element)).strip()


def _text(element: HtmlElement) -> str:
    """Return the element's text on one line, "" where it is too long to be a headline or a name."""
    parts: list[str] = []
    length = 0
    for part in element.itertext():
        parts.append(part)
        length += len(part)
        if length > 4 * _LONGEST_TEXT:
            return ""
    text = one_line(" ".join(parts))
    return text if len(text) <= _LONGEST_TEXT else ""


def _json_claims(nodes: Sequence[jsonld.Node], claims: Candidates) -> Iterator[tuple[str, str, str]]:
    """Yield what the JSON-LD says of the page's own article, and the names of its publisher."""
    by_id = {
        identity: node for node in reversed(nodes) if isinstance(identity := node.get("@id"), str) and len(node) > 1
    }
    for node in nodes:
        if jsonld.type_names(node) & {"WebSite", "NewsMediaOrganization"} and isinstance(node.get("name"), str):
            yield "site_name", str(node["name"]).strip(), "json-ld"
    article = _own_article(nodes, claims)
    if article is not None:
        yield from _about_article(article, by_id)


def _about_article(node: jsonld.Node, by_id: dict[str, jsonld.Node]) -> Iterator[tuple[str, str, str]]:
    for name, field in _ABOUT_THE_PAGE.items():
        for value in jsonld.strings(node.get(name)):
            yield field, value, "json-ld"
    names = _authors(node.get("author") or node.get("creator"), by_id)
    if names:
        yield "author", "; ".join(dict.fromkeys(names)), "json-ld"
    for value in _names(node.get("publisher"), by_id):
        yield "publisher", value, "json-ld"
    for name in ("sourceOrganization", "isBasedOn", "provider"):
        for value in _names(node.get(name), by_id):
            yield ("source" if name != "provider" else "publisher"), value, "json-ld"


def _own_article(nodes: Sequence[jsonld.Node], claims: Candidates) -> jsonld.Node | None:
    """Return the node that describes the page: an article whose headline the markup shares, else the first article."""
    articles = [node for node in nodes if any(name.endswith(_ARTICLE) for name in jsonld.type_names(node))]
    articles.sort(key=lambda node: any(name.endswith("WebPage") for name in jsonld.type_names(node)))
    if not articles:
        return next((node for node in nodes if "headline" in node or "datePublished" in node), None)
    shown = [title_key(value) for value, _ in claims.get("title", [])]
    for node in articles:
        headline = title_key(" ".join(jsonld.strings(node.get("headline"))[:1]))
        if len(headline) > 10 and any(headline in title or title in headline for title in shown if len(title) > 10):
            return node
    return articles[0]


def _authors(value: object, by_id: dict[str, jsonld.Node]) -> list[str]:
    """Return the names of persons; of organisations only where nobody else is named."""
    people: list[str] = []
    others: list[str] = []
    for each in (_resolved(item, by_id) for item in (value if isinstance(value, list) else [value])):
        organisation = isinstance(each, dict) and any(name.endswith("Organization") for name in jsonld.type_names(each))
        (others if organisation else people).extend(jsonld.strings(each))
    return people[:20] or others[:1]


def _names(value: object, by_id: dict[str, jsonld.Node]) -> list[str]:
    return [
        name
        for each in (value if isinstance(value, list) else [value])
        for name in jsonld.strings(_resolved(each, by_id))
    ]


def _resolved(value: object, by_id: dict[str, jsonld.Node]) -> object:
    """Return the node that `{"@id": …}` points to, everything else as it is."""
    if isinstance(value, dict) and "name" not in value and isinstance(identity := value.get("@id"), str):
        return by_id.get(identity, value)
    return value
