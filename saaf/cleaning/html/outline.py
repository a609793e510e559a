"""Outline of a page: what a crawler needs of its HTML (links, head, amount of prose), from one parse."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final, cast

from lxml import etree

from saaf.cleaning.html.jsonld import top_level_nodes, type_names
from saaf.cleaning.html.parser import strip_excess_attributes

PROSE_LINE: Final = 60
"""Letters of an element from which on its text is prose: menu entries and headlines are rarely longer, paragraphs
rarely shorter."""
PROSE: Final = 300
"""Letters of prose that make a page a document; docs/decisions/0007 has the measurement."""
TEXT_BYTES: Final = 1 << 16
"""Most bytes of text in an outline."""
FEED_TYPES: Final = frozenset(
    ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "application/json")
)
"""Media types of the feeds that `<link rel=alternate>` announces."""

_MAX_LINKS: Final = 20_000
_MAX_NODES: Final = 50_000  # text nodes that are read for what is new on a page
_SHORT: Final = 20_000  # bytes; no shorter page has a tag with thousands of attributes
_ARTICLE_TYPES: Final = re.compile(r"(?:[A-Za-z]*Article|BlogPosting|Report|LiveBlogPosting)$")
_CUT_OFF: Final = re.compile(r"(?:…|\.\.\.)[\s\])»]*$")
_REFRESH: Final = re.compile(r"\s*(\d*)(?:\.\d*)?\s*(?:[;,]\s*(?:url\s*=\s*)?['\"]?\s*([^'\"]*))?", re.IGNORECASE)
_HREF: Final = re.compile(rb"""<a(?:rea)?\s[^<>]*?\bhref\s*=\s*("[^"<>]*"|'[^'<>]*'|[^\s"'<>]+)""", re.IGNORECASE)
_JSON_DATE: Final = re.compile(r'"(datePublished|dateModified)"\s*:\s*"([^"]{4,40})"')
_DATE_NAMES: Final = {
    "article:published_time": "published",
    "og:published_time": "published",
    "datepublished": "published",
    "date": "published",
    "dc.date": "published",
    "dc.date.issued": "published",
    "dcterms.created": "published",
    "publishdate": "published",
    "pubdate": "published",
    "parsely-pub-date": "published",
    "article:modified_time": "modified",
    "og:updated_time": "modified",
    "datemodified": "modified",
}
_ASIDE: Final = frozenset(("a", "script", "style", "noscript", "footer"))
# XPath runs in C, and takes a tenth of the time where it selects attributes, or elements by their name alone.
_hrefs: Final = etree.XPath("//a/@href", smart_strings=False)
_relations: Final = etree.XPath("//a/@rel | //area", smart_strings=False)
_links: Final = etree.XPath("//a | //area")
_heads: Final = etree.XPath("//meta | //link | //base | //script")
_bodies: Final = etree.XPath("//body")
_texts: Final = etree.XPath("//body//text()", smart_strings=False)
_alternatives: Final = etree.XPath("//img/@alt", smart_strings=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What a crawler needs of one page.

    `links` are the values of `href` of links and areas that are not marked rel=nofollow, as they stand, each once, in
    order, at most 20,000; `has_nofollow` says whether others were left out. `base` is that of `<base href>`. `feeds`
    are the announced feeds, `canonical` and `og_url` what the page calls its address, `amp` the address of its AMP
    form, `next_page` that of its next part (rel=next); all as they stand, None where the page has none. `nofollow` is
    True where the page asks that none of its links be followed (robots meta). `refresh` are the seconds and the target
    ("" for the page itself) of a refresh. `is_declared_article` is True where the page says that it is an article.
    `prose` are the letters of its prose outside links and footers, counted to 300. `published` and `modified` are the
    dates that the page declares for machines, as they stand. `text` is its text with that of links, in UTF-8,
    at most 64 KB of it, to compare with other pages. `problem` says what was not read, None where
    everything was. `links_left_out` is the number of links beyond the 20,000th.
    """

    links: tuple[str, ...] = field(repr=False)
    base: str | None = None
    feeds: tuple[str, ...] = ()
    canonical: str | None = None
    og_url: str | None = None
    amp: str | None = None
    next_page: str | None = None
    nofollow: bool = False
    refresh: tuple[int, str] | None = None
    is_declared_article: bool = False
    prose: int = 0
    published: str | None = None
    modified: str | None = None
    text: bytes = field(default=b"", repr=False)
    problem: str | None = None
    links_left_out: int = 0


def read_outline(source: bytes) -> Outline:
    """Return the outline of a page whose HTML is `source`, in UTF-8. Never raises for what stands in it.

    Raises MemoryError where the process may not have the memory that it takes.

    Where the page is nested deeper than the parser goes, links are searched without parsing in what is left.
    """
    source = source.replace(b"\x00", b"").strip()
    if len(source) > _SHORT:
        source = strip_excess_attributes(source)
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, collect_ids=False)
    try:
        root = etree.fromstring(source, parser) if source else None
    except etree.XMLSyntaxError:
        root = None
    if root is None and any(entry.type_name == "ERR_NO_MEMORY" for entry in parser.error_log):
        raise MemoryError
    if root is None:
        return Outline(links=())
    head = _read_head(root)
    declared = _is_declared_article(head)
    links = _read_links(root, head)
    problem = None
    last_error = parser.error_log.last_error
    if last_error is not None and last_error.type_name == "ERR_RESOURCE_LIMIT":
        problem = "nested deeper than the parser reads: links were searched without parsing, text only to that depth"
        links += (found[1].strip(b"\"'").decode("utf-8", "replace") for found in _HREF.finditer(source))
    unique = [link for link in dict.fromkeys(map(str.strip, links)) if link]
    return Outline(
        links=tuple(unique[:_MAX_LINKS]),
        links_left_out=max(len(unique) - _MAX_LINKS, 0),
        base=head.base,
        feeds=tuple(dict.fromkeys(head.feeds)),
        canonical=head.first.get("canonical"),
        og_url=head.first.get("og:url"),
        amp=head.first.get("amphtml"),
        next_page=head.first.get("next"),
        nofollow=head.nofollow,
        refresh=head.refresh,
        is_declared_article=declared,
        prose=_prose(root) if not declared or head.refresh else PROSE,
        published=_one_date(head, "published", "datePublished"),
        modified=_one_date(head, "modified", "dateModified"),
        text=_text_of(root),
        problem=problem,
    )


@dataclass(slots=True)
class _Head:
    """What the elements of the head say; `first` has the first value by name or relation, `dates` by field."""

    base: str | None = None
    nofollow: bool = False
    refresh: tuple[int, str] | None = None
    feeds: list[str] = field(default_factory=list)
    first: dict[str, str] = field(default_factory=dict)
    dates: dict[str, set[str]] = field(default_factory=dict)
    scripts: list[str] = field(default_factory=list)


def _read_head(root: etree._Element) -> _Head:
    head = _Head()
    for element in _elements(_heads, root):
        tag = element.tag
        if tag == "meta":
            _add_meta(head, element)
        elif tag == "link":
            _add_link(head, element)
        elif tag == "script":
            if "ld+json" in (element.get("type") or ""):
                head.scripts.append(element.text or "")
        elif head.base is None and element.get("href") is not None:
            head.base = (element.get("href") or "").strip()
    return head


def _add_meta(head: _Head, element: etree._Element) -> None:
    content = (element.get("content") or "").strip()
    named, equivalent = element.get("name"), element.get("http-equiv")
    name = (element.get("property") or named or element.get("itemprop") or "").strip().lower()
    if name == "og:url" or (name == "og:type" and element.get("property")):
        if element.get("content") is not None:
            head.first.setdefault(name, content)
    elif name in _DATE_NAMES and content:
        head.dates.setdefault(_DATE_NAMES[name], set()).add(content)
    elif name == "robots":
        words = content.lower().replace(",", " ").split()
        head.nofollow = head.nofollow or "nofollow" in words or "none" in words
    if equivalent and head.refresh is None and equivalent.strip().lower() == "refresh":
        # One inside of <noscript> leads to a page that says no more than that scripts are off.
        shown = next(element.iterancestors("noscript"), None) is None
        head.refresh = _parse_refresh(content) if shown else None


def _parse_refresh(content: str) -> tuple[int, str] | None:
    """Return seconds and target of a refresh, None where a browser would ignore it (HTML standard, "refresh")."""
    found = _REFRESH.match(content)
    if found is None or not (found[1] or content.lstrip().startswith(".")):
        return None
    return int((found[1] or "0")[:9]), (found[2] or "").strip()


def _add_link(head: _Head, element: etree._Element) -> None:
    href = (element.get("href") or "").strip()
    relations = (element.get("rel") or "").lower().split()
    if not href:
        return
    for relation in relations:
        if relation in ("canonical", "amphtml", "next"):
            head.first.setdefault(relation, href)
    if "alternate" in relations and (element.get("type") or "").partition(";")[0].strip().lower() in FEED_TYPES:
        head.feeds.append(href)


def _is_declared_article(head: _Head) -> bool:
    if head.first.get("og:type", "").lower() == "article":
        return True
    # Of what stands deeper nothing is said of the page: a list describes the articles that it links to.
    return any(_ARTICLE_TYPES.match(name) for node in top_level_nodes(head.scripts) for name in type_names(node))


def _one_date(head: _Head, name: str, field_name: str) -> str | None:
    """Return the date that the page declares, None where it declares none, or several: in doubt it has none."""
    found = head.dates.get(name)
    if not found:
        found = {date for script in head.scripts for key, date in _JSON_DATE.findall(script) if key == field_name}
    days = {date[:10] for date in found}
    return min(found) if len(days) == 1 else None


def _read_links(root: etree._Element, head: _Head) -> list[str]:
    """Return the links of a page; that of its next part, where the head names none, goes into `head`."""
    if not _relations(root):
        return _strings(_hrefs, root)
    found = []
    for element in _elements(_links, root):
        href, relations = element.get("href"), (element.get("rel") or "").lower().split()
        if href and "next" in relations:
            head.first.setdefault("next", href.strip())
        if href and "nofollow" not in relations:
            found.append(href)
    return found


def _elements(path: etree.XPath, root: etree._Element) -> list[etree._Element]:
    """Return the elements that a path selects; a damaged page may have several roots, and `root.iter` knows one."""
    found: list[etree._Element] = cast("Any", path(root))
    return found


def _strings(path: etree.XPath, root: etree._Element) -> list[str]:
    """Return the strings that a path selects."""
    return cast("list[str]", path(root))


def _prose(root: etree._Element) -> int:
    """Return the number of letters of prose outside links and footers, counted until 300 are found.

    Prose is the text of an element with at least 60 letters of its own, so that the lines of a poem count together;
    what ends in an ellipsis is a teaser, unless it is long.
    """
    stack = _elements(_bodies, root)
    found = 0
    while stack:
        element = stack.pop()
        pieces = [element.text]
        for child in element:
            pieces.append(child.tail)
            if child.tag not in _ASIDE and isinstance(child.tag, str) and not _is_named_aside(child):
                stack.append(child)
        found += _prose_letters(" ".join(filter(None, pieces)))
        if found >= PROSE:
            break
    return found


def _is_named_aside(element: etree._Element) -> bool:
    """Return whether an element says "footer" or "cookie" of itself, and holds no headline, as wrappers do."""
    for names in (element.get("class"), element.get("id")):
        if names is not None and ("footer" in names or "cookie" in names):
            return element.find(".//h1") is None
    return False


def _prose_letters(text: str) -> int:
    # Most elements hold spaces alone between their children.
    if len(text) < PROSE_LINE // 3 or text.isspace():
        return 0
    line = " ".join(text.split())
    # A text in Chinese or Japanese has about a third of the characters of its English translation.
    letters = len(line) if line.isascii() else len(line) + 2 * sum(character >= "\u2e80" for character in line)
    return letters if letters >= PROSE_LINE and (letters >= PROSE or not _CUT_OFF.search(line)) else 0


def _text_of(root: etree._Element) -> bytes:
    """Return the text of a page with that of links and pictures, in UTF-8, a line for each node."""
    etree.strip_elements(root, "script", "style", "noscript", with_tail=False)
    pieces = _strings(_texts, root)[:_MAX_NODES] + _strings(_alternatives, root)[:_MAX_NODES]
    return "\n".join(pieces)[:TEXT_BYTES].encode("utf-8", "replace")[:TEXT_BYTES]
