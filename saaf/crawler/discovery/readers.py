"""What discovery reads of a body: the outline of a page, a sitemap or a feed; pure functions, for this process or a
worker.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from saaf.cleaning.html.outline import Outline, read_outline
from saaf.corpus.decompression import GZIP_MAGIC
from saaf.crawler.discovery.feeds import Feed, read_feed
from saaf.crawler.discovery.sitemaps import Found, Sitemap, read_sitemap, unpack_sitemap

Reading = Outline | Sitemap | Feed

_HEAD: Final = 2_048  # bytes in which the first element of a sitemap or feed stands
_ROOT: Final = re.compile(rb"<(?:\w+:)?(urlset|sitemapindex|rss|feed|RDF)[\s>]")


class As(StrEnum):
    """What a body is read as."""

    PAGE = "page"
    SITEMAP = "sitemap"
    FEED = "feed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A body to read; `encoding` is the codec of a page, `content_type` the header's value, None where it has none."""

    kind: As
    url: str
    body: bytes = field(repr=False)
    encoding: str = "utf-8"
    content_type: str | None = None


def read(task: Task) -> Reading:
    """Return what discovery needs of a body.

    A file that was asked for as a sitemap and is a feed, or the reverse, is read as what it is: robots.txt may name
    either, and so may pages.
    """
    if task.kind is As.PAGE:
        try:
            text = task.body.decode(task.encoding, "replace").removeprefix("\ufeff")
        except (LookupError, ValueError):  # a header may name any codec of Python, "rot13" say
            text = task.body.decode("utf-8", "replace").removeprefix("\ufeff")
        return read_outline(text.encode("utf-8", "replace"))
    if task.kind is As.FEED and sniff(task.body) is not As.SITEMAP:
        return read_feed(task.body, task.url, task.content_type)
    sitemap = read_sitemap(task.body, task.url, task.content_type)
    return read_feed(task.body, task.url, task.content_type) if sitemap.found is Found.FEED else sitemap


def sniff(body: bytes) -> As | None:
    """Return whether a body is a sitemap or a feed by its first element, None where it is neither: servers mislabel
    both.
    """
    head = unpack_sitemap(body, _HEAD)[0] if body.startswith(GZIP_MAGIC) else body[:_HEAD]
    root = _ROOT.search(head.replace(b"\x00", b""))  # in UTF-16 every second byte is zero
    if root is None:
        return None
    return As.SITEMAP if root[1] in (b"urlset", b"sitemapindex") else As.FEED
