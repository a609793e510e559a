"""Metadata of an HTML page: from its head, JSON-LD, microdata and visible lines.

No value is inferred: a field that the page does not give is empty, a date after the fetch is ignored. Each field's
origin is recorded. `trafilatura.extract_metadata` is not used: it takes several times as long and judges dates by the
clock.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache, partial
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import regex
from lxml.html import HtmlElement

from saaf.cleaning.html.jsonld import Node
from saaf.cleaning.html.page_elements import PageElements
from saaf.cleaning.metadata.authors import find_authors
from saaf.cleaning.metadata.candidates import Candidates, collect
from saaf.cleaning.metadata.headline import choose_title, lines_near_headline
from saaf.cleaning.metadata.names import one_line, site_name_keys
from saaf.cleaning.metadata.publication import choose_modified, choose_published
from saaf.cleaning.metadata.ranking import SourcedValue, by_trust, first_accepted
from saaf.cleaning.text.folding import title_key
from saaf.cleaning.types import Metadata

_TAG_SEPARATORS: Final = regex.compile(r"\s*[,،、;；|，]\s*")
_MAX_TAGS: Final = 50
_MAX_NAME_CHARACTERS: Final = 100  # of a tag, section, source or site's name


def extract_html_metadata(
    tree: HtmlElement,
    nodes: Sequence[Node],
    *,
    url: str | None,
    text_lines: Sequence[str],
    fetched_at: datetime | None,
    language: str | None = None,
    source: bytes | None = None,
    elements: PageElements | None = None,
) -> Metadata:
    """Return the metadata of an HTML page, ranked by the trust in their origins.

    `tree` is the parsed page with its head and scripts; it is not changed. `text_lines` are the page's visible lines in
    order, menus and all. `fetched_at` bounds the dates; where it is None nothing bounds them. `language` (ISO 639 or
    BCP 47; None: the page's `lang`) decides the order of 4/5/2024. `nodes`, `source` and `elements` are as for
    `saaf.cleaning.metadata.candidates.collect`. Never raises on what a page holds.
    """
    candidates = collect(tree, nodes, source, elements)
    declared_language = (tree.get("lang") or "").strip()
    # "en-GB" orders days before months, "en" does not.
    if language is None or declared_language.lower().startswith(language + "-"):
        language = declared_language or None
    names = [value for field in ("site_name", "publisher", "site_heading") for value, _ in by_trust(candidates, field)]
    page_url = _split_url(url or "")
    site_keys = site_name_keys(names, (page_url.hostname if page_url else None) or "")
    titles = [value for value, _ in candidates.get("title", [])]
    nearby_lines = cache(partial(lines_near_headline, text_lines, titles))  # most pages do not need them
    canonical = [target for value, _ in by_trust(candidates, "canonical_url") if (target := _join(value, page_url))]
    paths = [address.path for address in ([page_url] if page_url else []) + canonical]
    site_name = first_accepted(by_trust(candidates, "site_name"), _accept_name)
    chosen: dict[str, SourcedValue] = {
        "title": choose_title(by_trust(candidates, "title"), site_keys, text_lines),
        "author": find_authors(by_trust(candidates, "author"), nearby_lines, tree, site_keys, source, elements),
        "published": choose_published(candidates, paths, nearby_lines, language, fetched_at),
        "modified": choose_modified(candidates, nearby_lines, language, fetched_at),
        "site_name": site_name if site_name[0] else first_accepted(by_trust(candidates, "publisher"), _accept_name),
        "section": first_accepted(by_trust(candidates, "section"), _accept_name),
        "source": first_accepted(by_trust(candidates, "source"), _accept_source),
        "canonical_url": first_accepted(
            by_trust(candidates, "canonical_url"), lambda value: _accept_canonical(value, page_url)
        ),
        "licence": first_accepted(by_trust(candidates, "licence"), lambda value: _accept_licence(value, page_url)),
    }
    tags, tags_origin = _tags(candidates)
    origins = {field: origin for field, (value, origin) in chosen.items() if value}
    if tags:
        origins["tags"] = tags_origin
    values = {field: value for field, (value, _) in chosen.items()}
    return Metadata(
        title=values["title"],
        author=values["author"],
        published=values["published"],
        modified=values["modified"],
        site_name=values["site_name"],
        section=values["section"],
        source=values["source"],
        tags=tags,
        canonical_url=values["canonical_url"],
        licence=values["licence"],
        origins=tuple(sorted(origins.items())),
    )


def _tags(candidates: Candidates) -> tuple[tuple[str, ...], str]:
    """Return the tags of the most trusted origin that has any, split at commas, without repeats."""
    ranked = by_trust(candidates, "tags")
    for origin in dict.fromkeys(origin for _, origin in ranked):
        values = [value for value, own_origin in ranked if own_origin == origin]
        parts = [part.strip() for value in values for part in _TAG_SEPARATORS.split(value)]
        usable = (part for part in parts if title_key(part) and len(part) <= _MAX_NAME_CHARACTERS)
        if tags := tuple(dict.fromkeys(usable))[:_MAX_TAGS]:
            return tags, origin
    return (), ""


def _accept_name(value: str) -> str | None:
    """Return a short text on one line, None where it is too long or has no letters or digits."""
    text = one_line(value)
    return text if title_key(text) and len(text) <= _MAX_NAME_CHARACTERS else None


def _accept_source(value: str) -> str | None:
    """Return a source's name, None for a URL: sources are named in the corpus, not linked."""
    return None if "://" in value else _accept_name(value)


def _split_url(url: str) -> SplitResult | None:
    """Return the parts of an HTTP or HTTPS URL, None where it is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and parts.hostname else None


def _join(value: str, page_url: SplitResult | None) -> SplitResult | None:
    """Return a URL resolved against the page's own, None where it is not HTTP or HTTPS."""
    try:
        return _split_url(urljoin(urlunsplit(page_url) if page_url else "", one_line(value)))
    except ValueError:
        return None


def _accept_canonical(value: str, page_url: SplitResult | None) -> str | None:
    """Return a canonical URL on the page's own host that is not its front page, None for any other.

    A canonical URL on another host is what a syndicated copy, a staging server or a spammer declares: as the document's
    identity it would merge pages of different sites, so it is ignored.
    """
    target = _join(value, page_url) if value else None
    if target is None:
        return None
    is_front_page = target.path in {"", "/"} and not target.query
    if page_url and (_host(page_url) != _host(target) or (is_front_page and page_url.path not in {"", "/"})):
        return None
    return urlunsplit(target._replace(fragment=""))


def _host(parts: SplitResult) -> str:
    return regex.sub(r"^(?:www\d?|m|mobile|amp)\.", "", parts.hostname or "")


def _accept_licence(value: str, page_url: SplitResult | None) -> str | None:
    """Return a licence's URL, or its short name where the page gives a name."""
    if "/" not in value:
        return _accept_name(value)
    target = _join(value, page_url)
    return urlunsplit(target) if target else None
