"""Parsing: from a page's text to its tree, as browsers would read it, in bounded time on hostile input."""

from __future__ import annotations

import re

import numpy
from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from saaf.cleaning.text.control_characters import (
    has_control_characters_in,
    remove_control_characters,
    replace_control_references,
)
from saaf.cleaning.types import Unreadable

_XML_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*>")
# Kept where the nesting is deeper than the parser goes: enough for paragraphs and metadata, nothing that nests.
_NESTING_TAG = re.compile(
    rb"<(?!/?(?:html|head|body|title|meta|link|script|style|p|h[1-6]|li|br)\b)/?[a-zA-Z][^>]*>", re.IGNORECASE
)
# Optional in HTML; the parser drops what follows a page's end, where browsers still take it into the body.
_END_OF_PAGE = re.compile(rb"</(?:[hH][tT][mM][lL]|[bB][oO][dD][yY])\s*>")
_VALUE = re.compile(rb"""=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))""")
_LONG_TAG_BYTES = 20_000
_MAX_ATTRIBUTES = 2_000  # 20,000 take the parser a second, 100,000 half a minute; real tags have up to 60
# One class for all elements: lxml.html asks a Python function for each, an eighth of trafilatura's time.
_ELEMENT_CLASSES = etree.ElementDefaultClassLookup(element=HtmlElement)
_SELF_CLOSED_SCRIPT = re.compile(rb"(<script\b[^<>]{0,500})/>")


def prepare_source(text: str) -> tuple[bytes, bool]:
    """Return a page's text as the UTF-8 source for the parser, and whether control characters were removed from it.

    Without control characters, and references to them, see `remove_control_characters`; without XML declaration, end
    tags of html and body (browsers take what follows into the body), and without the attributes of tags that have
    thousands of them.
    """
    text = text.lstrip("\x00\ufeff")
    plain = text.encode("utf-8", "replace")
    removed = has_control_characters_in(text, plain)
    if removed:
        plain = remove_control_characters(text).encode("utf-8", "replace")
    source = replace_control_references(plain)
    removed = removed or len(source) != len(plain)
    source = _without_ends_of_page(_XML_DECLARATION.sub(b"", source))
    return strip_excess_attributes(_open_self_closed_scripts(source)), removed


def _without_ends_of_page(source: bytes) -> bytes:
    """Return the source without the end tags of html and body."""
    units = numpy.frombuffer(source, dtype=numpy.uint8)
    # A search from "</" to "</" takes three times as long.
    tags = numpy.flatnonzero(units == ord("<"))
    tags = tags[units.take(tags + 1, mode="clip") == ord("/")]
    third = units.take(tags + 2, mode="clip") | 0x20  # in lower case
    pieces, done = [], 0
    for start in tags[(third == ord("h")) | (third == ord("b"))].tolist():
        if start >= done and (tag := _END_OF_PAGE.match(source, start)):
            pieces.append(source[done:start])
            done = tag.end()
    return b"".join([*pieces, source[done:]]) if pieces else source


def _open_self_closed_scripts(source: bytes) -> bytes:
    """Return the source with `<script/>` as `<script>`, as browsers read it, where an end tag follows.

    The parser would take the script for text.
    """
    pieces, done, end = [], 0, 0
    for tag in _SELF_CLOSED_SCRIPT.finditer(source):
        end = source.find(b"</script", tag.end()) if end < tag.end() else end
        if end < 0:
            break
        if source.find(b"<script", tag.end(), end) < 0:
            pieces += [source[done : tag.end(1)], b">"]
            done = tag.end()
    return b"".join([*pieces, source[done:]]) if pieces else source


def strip_excess_attributes(source: bytes) -> bytes:
    """Return the source without the attributes of tags that have more than 2,000.

    The parser compares each attribute with all others of its tag.
    """
    starts = numpy.flatnonzero(numpy.frombuffer(source, dtype=numpy.uint8) == ord("<"))
    ends = numpy.append(starts[1:], len(source))[: len(starts)]
    long = ends - starts > _LONG_TAG_BYTES
    pieces, done = [], 0
    for start, limit in zip(starts[long].tolist(), ends[long].tolist(), strict=True):
        closed = source.find(b">", start, limit)
        tag = source[start : limit if closed < 0 else closed]
        if tag[1:2].isalpha() and len(_VALUE.sub(b" ", tag).split()) > _MAX_ATTRIBUTES:
            pieces += [source[done:start], tag.split(maxsplit=1)[0]]
            done = start + len(tag)
    return b"".join([*pieces, source[done:]])


def parse(source: bytes) -> tuple[HtmlElement, bool]:
    """Return the root of the tree, and whether the whole source was parsed, False where a limit of the parser was hit.

    Raises Unreadable where there is no element.
    """
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    parser.set_element_class_lookup(_ELEMENT_CLASSES)
    try:
        root = document_fromstring(source, parser=parser)
    except etree.ParserError:
        raise Unreadable("empty page: no HTML element in the body; check what the server sent") from None
    return root, not any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log)


def parse_flattened(source: bytes) -> HtmlElement:
    """Return the root of the tree of the source without the tags that nest: paragraphs and metadata are left.

    For pages nested too deep: at its depth limit the parser stops and loses all that follows.
    """
    root, _ = parse(_NESTING_TAG.sub(b"\n", source))
    return root
