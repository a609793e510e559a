"""The address of a page that was saved without it: what the page, or the program that saved it, says in its HTML.

Found with patterns in the head alone: a page is read for it before it is parsed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from itertools import islice
from typing import TYPE_CHECKING, Final

from saaf.cleaning.text.control_characters import mend_surrogates

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD_BYTES: Final = 1 << 18  # of real pages' heads, nine in ten have less than 64 KB
_MAX_URL: Final = 4_000
_MAX_COMMENT: Final = 8_000
_SAVED_FROM: Final = re.compile(rb"\s*saved from url=\((\d{4,5})\)(\S.*?)\s*\Z", re.DOTALL)
_HTTRACK: Final = re.compile(rb"\s*Mirrored from (\S+) by HTTrack Website Copier/[^,]*,\s*(.{0,60}?)\s*\Z", re.DOTALL)
_SINGLE_FILE: Final = re.compile(
    rb"\s*Page saved with SingleFile\s.*?\burl:\s*(\S+)(?:\s+saved date:\s*([^\n(]*))?", re.DOTALL
)
_TAG: Final = re.compile(rb"<(link|meta|base)\b([^<>]{0,8000})>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(rb"""([a-zA-Z:_-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_ENDS_HEAD: Final = re.compile(rb"<body\b|</head\s*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAddress:
    """An address that a page states: `origin` says where it does, `saved_at` when the page was saved, None if unknown.

    `url` may be relative where the origin is "canonical" or "og:url".
    """

    url: str
    origin: str
    saved_at: datetime | None = None


def page_addresses(body: bytes) -> Iterator[PageAddress]:
    """Yield the addresses that an HTML page states: in a comment of the program that saved it, its canonical link, its
    og:url, in this order.
    """
    head = body[:_HEAD_BYTES]
    yield from islice(filter(None, map(_comment_address, _comments(head))), 1)
    canonical = shared = None
    ends = _ENDS_HEAD.search(head)
    for tag in _TAG.finditer(head, 0, ends.start() if ends else len(head)):
        attributes = {name.lower(): b"".join(values) for name, *values in _ATTRIBUTE.findall(tag[2])}
        name = attributes.get(b"rel", b"").lower().split()
        if tag[1].lower() == b"link" and b"canonical" in name:
            canonical = canonical or _decode(attributes.get(b"href", b""))
        key = attributes.get(b"property", attributes.get(b"name", b"")).lower()
        if tag[1].lower() == b"meta" and key == b"og:url":
            shared = shared or _decode(attributes.get(b"content", b""))
    if canonical:
        yield PageAddress(url=canonical, origin="canonical")
    if shared:
        yield PageAddress(url=shared, origin="og:url")


def _comments(head: bytes) -> Iterator[bytes]:
    position = 0
    while (start := head.find(b"<!--", position)) >= 0 and (end := head.find(b"-->", start)) >= 0:
        if end - start < _MAX_COMMENT:
            yield head[start + 4 : end]
        position = end + 3


def _comment_address(comment: bytes) -> PageAddress | None:
    """Return the address in a comment of a browser, HTTrack or SingleFile, None where it is another comment."""
    if found := _SAVED_FROM.match(comment):
        return PageAddress(url=_decode(found[2][: int(found[1])]), origin="saved_from")
    if found := _HTTRACK.match(comment):  # it leaves out the scheme
        url = _decode(found[1])
        return PageAddress(
            url=url if "://" in url else f"https://{url}", origin="httrack", saved_at=_mail_date(found[2])
        )
    if found := _SINGLE_FILE.match(comment):
        return PageAddress(url=_decode(found[1]), origin="singlefile", saved_at=_script_date(found[2] or b""))
    return None


def _decode(value: bytes) -> str:
    return mend_surrogates(unescape(value[:_MAX_URL].decode("utf-8", "replace")).strip())


def _mail_date(value: bytes) -> datetime | None:
    try:
        found = parsedate_to_datetime(value.decode("ascii", "replace"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _script_date(value: bytes) -> datetime | None:
    """Return a date as JavaScript writes it: "Tue Jan 05 2021 10:00:00 GMT+0100"."""
    text = value.decode("ascii", "replace").strip()
    try:
        return datetime.strptime(text, "%a %b %d %Y %H:%M:%S GMT%z")
    except ValueError:
        return None
