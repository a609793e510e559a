"""From a page's text to its tree, as browsers would read it and in bounded time, whatever the page does."""

from __future__ import annotations

import re

import numpy
from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from saaf.cleaning.types import Unreadable

_XML_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*>")
# Kept where the nesting is deeper than the parser goes: enough for paragraphs and metadata, nothing that nests.
_NESTING_TAG = re.compile(
    rb"<(?!/?(?:html|head|body|title|meta|link|script|style|p|h[1-6]|li|br)\b)/?[a-zA-Z][^>]*>", re.IGNORECASE
)
# Optional in HTML; the parser drops what follows a page's end, where browsers still take it into the body.
# Spelled out, a search begins at each "</" only.
_END_OF_PAGE = re.compile(rb"</(?:[hH][tT][mM][lL]|[bB][oO][dD][yY])\s*>")
_VALUE = re.compile(rb"""=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))""")
_LONG_TAG = 20_000  # bytes
_MOST_ATTRIBUTES = 2_000  # 20,000 take the parser a second, 100,000 half a minute; real tags have up to 60
# One class for all elements: lxml.html asks a Python function for each, an eighth of trafilatura's time.
_CLASSES = etree.ElementDefaultClassLookup(element=HtmlElement)
_CLOSED_SCRIPT = re.compile(rb"(<script\b[^<>]{0,500})/>")


def prepare_source(text: str) -> bytes:
    """Return what the parser is given of a page's text, in UTF-8."""
    source = text.lstrip("\x00\ufeff").encode("utf-8", "replace").replace(b"\x00", b"")
    source = _END_OF_PAGE.sub(b"", _XML_DECLARATION.sub(b"", source))
    return _without_attribute_heaps(_with_scripts_open(source))


def _with_scripts_open(source: bytes) -> bytes:
    """Return the source with `<script/>` as browsers read it, which is `<script>`, where its end tag follows: the
    parser would take the script for text.
    """
    pieces, done, end = [], 0, 0
    for tag in _CLOSED_SCRIPT.finditer(source):
        end = source.find(b"</script", tag.end()) if end < tag.end() else end
        if end < 0:
            break
        if source.find(b"<script", tag.end(), end) < 0:
            pieces += [source[done : tag.end(1)], b">"]
            done = tag.end()
    return b"".join([*pieces, source[done:]]) if pieces else source


def _without_attribute_heaps(source: bytes) -> bytes:
    """Return the source with tags of thousands of attributes bare: the parser compares each attribute with all."""
    starts = numpy.flatnonzero(numpy.frombuffer(source, dtype=numpy.uint8) == ord("<"))
    ends = numpy.append(starts[1:], len(source))[: len(starts)]
    long = ends - starts > _LONG_TAG
    pieces, done = [], 0
    for start, limit in zip(starts[long].tolist(), ends[long].tolist(), strict=True):
        closed = source.find(b">", start, limit)
        tag = source[start : limit if closed < 0 else closed]
        if tag[1:2].isalpha() and len(_VALUE.sub(b" ", tag).split()) > _MOST_ATTRIBUTES:
            pieces += [source[done:start], tag.split(maxsplit=1)[0]]
            done = start + len(tag)
    return b"".join([*pieces, source[done:]])


def parse(source: bytes) -> tuple[HtmlElement, bool]:
    """Return the tree, and whether the parser came to its end. Raises Unreadable where there is no element."""
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    parser.set_element_class_lookup(_CLASSES)
    try:
        root = document_fromstring(source, parser=parser)
    except etree.ParserError:
        raise Unreadable("empty page: no HTML element in the body; check what the server sent") from None
    return root, not any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log)


def parse_flattened(source: bytes) -> HtmlElement:
    """Return the tree of the source without the elements that nest: paragraphs and metadata are left.

    The parser gives up at its depth limit and loses all that follows: nothing may be lost for a page's bad nesting.
    """
    root, _ = parse(_NESTING_TAG.sub(b"\n", source))
    return root
