"""The format of a file: by the ending of its name, and by its first bytes where that says nothing."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from pathlib import PurePath
from typing import TYPE_CHECKING

from saaf.atomic_files import PARTIAL
from saaf.cleaning.html.file_signatures import control_share, file_type
from saaf.corpus.byte_blocks import COMPRESSIONS, read_body
from saaf.corpus.ledger import Failure, State

if TYPE_CHECKING:
    from saaf.corpus.input_paths import InputPath


class Format(StrEnum):
    """A format that is read."""

    WARC = "WARC"
    ARC = "ARC"
    WACZ = "WACZ"
    HTML = "HTML"
    TEXT = "plain text"
    JSON_LINES = "JSON Lines"
    JSON = "JSON"
    CSV = "CSV"
    PARQUET = "Parquet"
    ARROW = "Arrow"


_ENDINGS = {
    ".arc": Format.ARC,
    ".arrow": Format.ARROW,
    ".csv": Format.CSV,
    ".feather": Format.ARROW,
    ".htm": Format.HTML,
    ".html": Format.HTML,
    ".jsonl": Format.JSON_LINES,
    ".ndjson": Format.JSON_LINES,
    ".parquet": Format.PARQUET,
    ".tab": Format.CSV,
    ".text": Format.TEXT,
    ".tsv": Format.CSV,
    ".txt": Format.TEXT,
    ".wacz": Format.WACZ,
    ".warc": Format.WARC,
    ".wat": Format.WARC,
    ".wet": Format.WARC,
    ".xhtml": Format.HTML,
}
# What a saved site has beside its pages.
_ASSETS = {
    **dict.fromkeys((".css", ".scss", ".less"), "a style sheet"),
    **dict.fromkeys((".js", ".mjs", ".map"), "a script"),
    **dict.fromkeys((".svg", ".ico", ".cur", ".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".bmp"), "an image"),
    **dict.fromkeys((".mp3", ".mp4", ".m4a", ".ogg", ".wav", ".webm", ".avi", ".mov"), "a recording"),
    **dict.fromkeys((".woff", ".woff2", ".ttf", ".otf", ".eot"), "a font"),
}
_ASSET_TYPES = ("image", "audio", "video", "font", "MP3", "FLAC", "Ogg", "MIDI", "Flash", "WebAssembly")
_HEAD_BYTES = 1 << 16
_LINE_BYTES = 1 << 24
_PLAIN_ENDINGS = frozenset(
    (".cfg", ".conf", ".ini", ".log", ".markdown", ".md", ".py", ".rst", ".sh", ".tex", ".toml", ".yaml", ".yml")
)
"""Endings of files that are no pages although a tag stands in their text."""
_DOCTYPE = re.compile(rb"(?is)(?:\xef\xbb\xbf)?(?>(?:\s+|<!--.*?-->|<\?xml[^>]*>)*)<(?:!doctype\s+html|html)\b")
_TAG = re.compile(rb"(?i)<(?:head|body|meta|title|div|p|br|h[1-6]|table|article|span|a|ul|li|img|script)\b[^<]*>")
_XML = re.compile(rb"(?i)(?:\xef\xbb\xbf)?\s*<(?:\?xml|rss|feed|urlset|sitemapindex)\b")
_FEED = re.compile(rb"(?i)<(?:\w+:)?(?:rss|feed|rdf|urlset|sitemapindex)\b")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


def file_ending(path: PurePath | InputPath) -> str:
    """Return the ending of a name that says what the file is: ".jsonl" of "a.JSONL.gz.partial"; "" for none."""
    suffixes = path.suffixes[::-1]
    if suffixes[:1] == [PARTIAL]:  # what a killed crawl leaves
        suffixes = suffixes[1:]
    if suffixes and suffixes[0].lower() in COMPRESSIONS:
        suffixes = suffixes[1:]
    return suffixes[0].lower() if suffixes else ""


def known_format(name: str) -> Format | None:
    """Return the format that the ending of a name says, None where it says none."""
    return _ENDINGS.get(file_ending(PurePath(name)))


def recognise(path: InputPath) -> Format | Failure:
    """Return the format of a file, a failure where it is none that is read. Raises OSError where it is not opened."""
    ending = file_ending(path)
    known = _ENDINGS.get(ending)
    if known is not None:
        return known
    head = read_body(path, _HEAD_BYTES).body
    if not head.strip(b"\0 \t\r\n"):
        return Failure(state=State.EMPTY, reason="the file is empty")
    if ending in _ASSETS:
        return Failure(state=State.NOT_CONTENT, reason=f"{_ASSETS[ending]}, by its name")
    return _by_signature(path, head) or _by_text(head, ending)


def _by_signature(path: InputPath, head: bytes) -> Format | Failure | None:
    """Return the format of a file that its first bytes name, None where they may be of a text."""
    if head.startswith(b"WARC/"):
        return Format.WARC
    if head.startswith(b"filedesc:"):
        return Format.ARC
    if head.startswith(b"PAR1"):
        return Format.PARQUET
    if head.startswith((b"ARROW1\0\0", b"\xff\xff\xff\xff")):
        return Format.ARROW
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return _json_kind(path)
    if head.startswith(_WIDE_MARKS):
        return None
    binary = file_type(head)
    if binary == "a ZIP archive" and re.search(rb"archive/[^\0]*\.warc|datapackage\.json", head):
        return Format.WACZ
    if binary is not None:
        is_asset = any(kind in binary for kind in _ASSET_TYPES)
        state = State.NOT_CONTENT if is_asset else State.UNREADABLE
        advice = "" if is_asset else ", which is not read: turn it into HTML or text first"
        return Failure(state=state, reason=f"{binary}{advice}")
    return None


def _json_kind(path: InputPath) -> Format:
    """Return whether a file that begins like JSON has one object on each line, or is another kind of JSON."""
    line, ends, _ = read_body(path, _LINE_BYTES).body.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")
    if line.rstrip().endswith(b"}"):
        try:
            return Format.JSON_LINES if isinstance(json.loads(line), dict) else Format.JSON
        except (ValueError, RecursionError):
            return Format.JSON
    return Format.JSON if line.startswith(b"[") or ends else Format.JSON_LINES


def _by_text(head: bytes, ending: str) -> Format | Failure:
    text = head.replace(b"\0", b"") if head.startswith(_WIDE_MARKS) else head
    if _DOCTYPE.match(text):
        return Format.HTML
    if _XML.match(text):
        if _FEED.search(text[:2_000]):
            return Failure(state=State.NOT_CONTENT, reason="a feed or a sitemap")
        return Failure(state=State.UNREADABLE, reason="XML, which is not read: turn it into HTML or text first")
    if _TAG.search(text) and (ending not in _PLAIN_ENDINGS or text.lstrip().startswith(b"<")):
        return Format.HTML
    if text is head and control_share(head) > 0:
        kinds = " ".join(sorted(_ENDINGS))
        return Failure(state=State.UNREADABLE, reason=f"not a kind of file that is read; these are: {kinds}")
    if ending in ("", ".md", ".markdown"):
        return Format.TEXT
    reason = (
        f"a text whose name ends in {ending}, which is not read: add .txt to its name, or give it to standard input"
    )
    return Failure(state=State.UNREADABLE, reason=reason)
