"""Feeds: the entries of RSS, Atom, RDF and JSON feeds."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import feedparser

from saaf.cleaning.html.decode import decode
from saaf.cleaning.types import Unreadable
from saaf.crawler.discovery.links import absolute_url
from saaf.crawler.discovery.sitemaps import Entry, unpack_sitemap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_BYTES: Final = 10 * 1024 * 1024
"""Most bytes of a feed that are read."""
MAX_ENTRIES: Final = 5_000
"""Most entries of a feed that are read."""
_ROOT: Final = re.compile(r"<(?:\w+:)?(rss|feed|RDF|channel)[\s>/]")
_ENTRY: Final = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What was read of a file that was asked for as a feed: its entries, each URL once, in order.

    `bad` is the number of entries without a usable URL. `problem` says what is wrong with the file as a whole, None
    where nothing is.
    """

    entries: tuple[Entry, ...] = field(default=(), repr=False)
    bad: int = 0
    problem: str | None = None


def read_feed(body: bytes, url: str, content_type: str | None = None) -> Feed:
    """Return the entries of a feed. `url` is its address. Never raises for what stands in it, and asks for nothing."""
    data, problem = unpack_sitemap(body, MAX_BYTES)
    try:
        text = decode(data, content_type).text.lstrip("\ufeff \t\r\n")
    except Unreadable as error:
        return Feed(problem=problem or str(error))
    if text[:1] in ("{", "["):
        return _read_json(text, url, problem)
    root = _ROOT.search(text[:100_000])
    if root is None:
        return Feed(problem=problem or "not a feed: no rss, feed or RDF element")
    # Without what stands before the root: declarations of an encoding that was undone, and of entities.
    return _collect(_xml_entries(text[root.start() :], url), url, problem)


def _xml_entries(text: str, url: str) -> Iterator[tuple[list[str], Entry]]:
    """Yield for each entry the links that may be its own, the best first, and an entry with its dates."""
    further = next(islice(_ENTRY.finditer(text), MAX_ENTRIES, None), None)
    text = text[: further.start()] if further else text
    source = text.encode("utf-8", "replace")
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    # A stream, because feedparser takes a text for a file's name or an address. Nobody reads the markup: it stays.
    feed = feedparser.parse(BytesIO(source), response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    for entry in feed.entries:
        dated = Entry(
            url="",
            modified=entry.get("updated") if "updated" in entry else None,
            published=entry.get("published"),
            title=_text(entry.get("title")),
        )
        yield list(_entry_links(entry)), dated


def _entry_links(entry: Any) -> Iterator[str]:
    """Yield the links of an entry: the original of one that FeedBurner counts, the page, then a permanent id."""
    yield from filter(None, (_text(entry.get("feedburner_origlink")),))
    links = [link for link in entry.get("links", ()) if link.get("href")]
    yield from (link["href"] for link in links if link.get("rel", "alternate") == "alternate")
    yield from filter(None, (_text(entry.get("link")),))
    if entry.get("guidislink", True):
        yield from filter(None, (_address(entry.get("id")),))


def _read_json(text: str, url: str, problem: str | None) -> Feed:
    """Return the entries of a JSON Feed (https://www.jsonfeed.org/version/1.1/)."""
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError):
        return Feed(problem=problem or "not a feed: JSON that cannot be read")
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        return Feed(problem=problem or "not a feed: JSON without a list of items")
    return _collect((_json_entry(item) for item in items[:MAX_ENTRIES]), url, problem)


def _json_entry(item: object) -> tuple[list[str], Entry]:
    fields = item if isinstance(item, dict) else {}
    # `external_url` is another site's page that the item is about.
    links = [found for found in (_text(fields.get("url")), _address(fields.get("id"))) if found]
    entry = Entry(
        url="",
        modified=_text(fields.get("date_modified")),
        published=_text(fields.get("date_published")),
        title=_text(fields.get("title")),
    )
    return links, entry


def _collect(found: Iterable[tuple[list[str], Entry]], url: str, problem: str | None) -> Feed:
    entries: dict[str, Entry] = {}
    bad = 0
    for links, dated in found:
        usable = (absolute_url(url, link) for link in links)
        location = next((link for link in usable if link is not None), None)
        if location is None:
            bad += 1
            continue
        entry = Entry(url=location, modified=dated.modified, published=dated.published, title=dated.title)
        entries.setdefault(location, entry)
    return Feed(entries=tuple(entries.values()), bad=bad, problem=problem)


def _address(value: object) -> str | None:
    """Return an id that is a whole URL."""
    text = _text(value)
    return text if text and text.lower().startswith(("http://", "https://")) else None


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
