"""Sitemaps (https://www.sitemaps.org/protocol.html): a reader that keeps every good entry of a damaged file.

XML is read tag by tag and never as a tree: nothing is expanded, and a file that is cut off, nested wrongly or of
another kind gives what can be read of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from saaf.cleaning.html.decode import decode
from saaf.cleaning.types import Unreadable
from saaf.corpus.decompression import GZIP_MAGIC, Problem, gunzip, unpack
from saaf.crawler.discovery.links import absolute_url

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES: Final = 50 * 1024 * 1024
"""Most bytes of one unpacked sitemap (sitemaps.org)."""
MAX_URLS: Final = 50_000
"""Most URLs of one sitemap (sitemaps.org)."""

_MAX_PACKINGS: Final = 3  # a file packed once, by a server that packs it again
_ROOTS: Final = {"urlset": "urlset", "sitemapindex": "index", "rss": "feed", "feed": "feed", "RDF": "feed"}
_TAG: Final = re.compile(r"<(?:(!--)|(!\[CDATA\[)|(/?)((?:[A-Za-z_][\w.-]*:)?)([A-Za-z_][\w.-]*)([^<>]*)>)")
_LOCATION: Final = re.compile(r"\s*(?:https?:|/)", re.IGNORECASE)
_REFERENCE: Final = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));")
_NAMED: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_RECORDS: Final = ("url", "sitemap")
_FIELDS: Final = ("loc", "lastmod", "publication_date", "title")
# Elements of an entry that hold no other elements; what else stands in one is an extension, with a `loc` of its own.
_PLAIN: Final = ("loc", "lastmod", "changefreq", "priority", "news", "link")


class Found(StrEnum):
    """What a file is that was asked for as a sitemap."""

    URLSET = "urlset"
    INDEX = "index"
    TEXT = "text"
    FEED = "feed"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of a sitemap or feed; dates stand as the file has them, None where it has none.

    `published` is the date of publication (`news:publication_date`, `pubDate`), `modified` that of the last change
    (`lastmod`, `updated`).
    """

    url: str
    modified: str | None = None
    published: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """What was read of a file. `entries` lead to pages, `sitemaps` to further sitemaps, each URL once, in order.

    `bad` is the number of entries without a usable URL, `over` of those beyond the 50,000th. `problem` says what is
    wrong with the file as a whole, None where nothing is.
    """

    found: Found
    entries: tuple[Entry, ...] = field(default=(), repr=False)
    sitemaps: tuple[Entry, ...] = field(default=(), repr=False)
    bad: int = 0
    over: int = 0
    problem: str | None = None


def read_sitemap(body: bytes, url: str, content_type: str | None = None) -> Sitemap:
    """Return what can be read of a sitemap in XML or text, packed by gzip or not, in whatever encoding.

    `url` is its address. Never raises for what stands in the file.
    """
    data, problem = unpack_sitemap(body)
    try:
        text = decode(data, content_type).text
    except Unreadable as error:
        return Sitemap(found=Found.NOTHING, problem=problem or str(error))
    if text.lstrip("\ufeff \t\r\n")[:1] == "<":
        return _read_xml(text, url, problem)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return _collect(Found.TEXT, (("url", {"loc": line}) for line in lines), url, problem)


def unpack_sitemap(body: bytes, limit: int = MAX_BYTES) -> tuple[bytes, str | None]:
    """Return the first `limit` bytes of a body, unpacked where it is gzip data, whole or not, and what is wrong with
    it, None where nothing is.
    """
    problem = None
    for _ in range(_MAX_PACKINGS):
        if not body.startswith(GZIP_MAGIC):
            break
        unpacked = unpack(body, gunzip, limit)
        body = unpacked.body
        if unpacked.problem is Problem.TRUNCATED:
            problem = "the gzip data is cut off or damaged; what came before was read"
        elif unpacked.problem is Problem.OVER_LIMIT:
            problem = f"it unpacks to more than {limit} bytes; what came before was read"
    if len(body) > limit:
        problem = f"it has more than {limit} bytes; what came before was read"
    return body[:limit], problem


def _read_xml(text: str, url: str, problem: str | None) -> Sitemap:
    root = next((tag[5] for tag in _TAG.finditer(text[:100_000]) if tag[5] and not tag[3]), "")
    found = Found(_ROOTS.get(root, "nothing"))
    if found is Found.FEED:
        return Sitemap(found=found, problem=problem)
    default = "sitemap" if found is Found.INDEX else "url" if found is Found.URLSET else None
    read = _collect(found, _records(text, default), url, problem)
    if found is Found.NOTHING and not read.entries and not read.sitemaps:
        problem = problem or f"not a sitemap: its first element is <{root}>" if root else "not a sitemap"
        return Sitemap(found=found, problem=problem)
    return read


def _collect(found: Found, records: Iterator[tuple[str, dict[str, str]]], url: str, problem: str | None) -> Sitemap:
    """Return the sitemap of (kind of record, its fields)."""
    kept: dict[str, dict[str, Entry]] = {"url": {}, "sitemap": {}}
    bad = over = 0
    for kind, fields in records:
        written = fields.get("loc", "")
        # The protocol wants whole URLs. What begins with a slash can only be meant so; a bare word is some text.
        location = absolute_url(url, written) if _LOCATION.match(written) else None
        if location is None:
            bad += 1
        elif len(kept["url"]) + len(kept["sitemap"]) >= MAX_URLS:
            over += location not in kept[kind]
        else:
            entry = Entry(
                url=location,
                modified=fields.get("lastmod"),
                published=fields.get("publication_date"),
                title=fields.get("title"),
            )
            kept[kind].setdefault(location, entry)
    return Sitemap(
        found=found,
        entries=tuple(kept["url"].values()),
        sitemaps=tuple(kept["sitemap"].values()),
        bad=bad,
        over=over,
        problem=problem,
    )


@dataclass(slots=True)
class _Reader:
    """The state of reading XML tag by tag.

    `record` is the kind of the entry that is open, "" outside; `default` the kind of a `loc` that stands outside of
    any entry, None where there is no such. `extension` is the name of an open element of another vocabulary.
    """

    default: str | None
    record: str = ""
    prefix: str = ""
    extension: str = ""
    name: str = ""
    parts: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)

    def start(self, prefix: str, name: str, *, closed: bool) -> Iterator[tuple[str, dict[str, str]]]:
        """Open an element; yield the entry that was open where another begins."""
        if name in _RECORDS and not self.extension:
            yield from self.end_record()
            self.record, self.prefix = name, prefix
        elif self.extension or closed:
            return
        elif name in _FIELDS and (prefix == self.prefix or name not in ("loc", "lastmod")):
            if name == "loc" and "loc" in self.fields:
                yield from self.end_record(reopen=self.record)
            self.name, self.parts = name, []
        elif self.record and name not in _PLAIN:
            self.extension = name

    def end(self, name: str) -> Iterator[tuple[str, dict[str, str]]]:
        """Close an element; yield the entry that it ends."""
        if name == self.extension:
            self.extension = ""
        elif name == self.name:
            self.end_field()
            if not self.record and name == "loc" and self.default:
                self.record = self.default
                yield from self.end_record()
        if name in _RECORDS or name in _ROOTS:
            yield from self.end_record()

    def end_field(self) -> None:
        """Keep the text of the field that is open, if any."""
        if self.name:
            self.fields.setdefault(self.name, "".join(self.parts).strip())
            self.name, self.parts = "", []

    def end_record(self, reopen: str = "") -> Iterator[tuple[str, dict[str, str]]]:
        """Yield the entry that is open, if any, and forget it."""
        if self.record and (self.fields or not self.extension):
            yield self.record, self.fields
        self.record, self.extension, self.name = reopen, "", ""
        self.fields, self.parts = {}, []


def _records(text: str, default: str | None) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (kind, fields) for each entry of a sitemap in XML."""
    reader = _Reader(default)
    position, open_ends = 0, {"-->", "]]>"}
    while tag := _TAG.search(text, position):
        if reader.name:
            reader.parts.append(_REFERENCE.sub(_character, text[position : tag.start()]))
        position = tag.end()
        if tag[1] or tag[2]:
            end = "-->" if tag[1] else "]]>"
            stop = text.find(end, position) if end in open_ends else -1
            if stop < 0:
                open_ends.discard(end)  # it is searched for once, not again from each further start
                continue
            if tag[2] and reader.name:
                reader.parts.append(text[position:stop])
            position = stop + 3
            continue
        if reader.name and (tag[3] or tag[5] in (*_FIELDS, *_RECORDS)):
            closing = reader.name
            if not (tag[3] and tag[5] == closing):
                reader.end_field()  # an element that is not closed ends where the next begins
        if tag[3]:
            yield from reader.end(tag[5])
        else:
            yield from reader.start(tag[4], tag[5], closed=tag[6].endswith("/"))
    # What is open at the end was cut off: a URL without its end is another URL.
    reader.name = ""
    yield from (record for record in reader.end_record() if "loc" in record[1])


def _character(reference: re.Match[str]) -> str:
    decimal, hexadecimal, name = reference.groups()
    if name:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
