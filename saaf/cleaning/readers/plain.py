"""Reader of plain text: each line becomes a block; metadata comes from labelled lines ("Published: ...")."""

from dataclasses import replace
from datetime import datetime
from typing import Final

import regex

from saaf.cleaning.analysis import analysis_of
from saaf.cleaning.html.decode import CONTROLS_REMOVED, DAMAGED, Decoded, decode, decoded_text
from saaf.cleaning.metadata.text import extract_text_metadata
from saaf.cleaning.phrases.annotated_text import annotate
from saaf.cleaning.readers.whole_page import WHOLE_PAGE, is_whole_page
from saaf.cleaning.text.control_characters import (
    has_control_characters,
    remove_control_characters,
    remove_stray_bidi_controls,
)
from saaf.cleaning.text.language import UNKNOWN, identify_or_accept
from saaf.cleaning.text.lines import Line
from saaf.cleaning.text.urls import document_id, site_of
from saaf.cleaning.types import Block, Document, Kind, Metadata, Page, Track

_LIST_ITEM: Final = regex.compile(r"\s*(?:[-*•·▪‣◦–—]|\p{Nd}{1,3}[.)])\s+\S")


def read_text(page: Page, *, language: str | None = None, text_only: bool = False) -> Document:
    """Return the document of a page of plain text. Raises Unreadable where its body is empty or binary.

    With `text_only` it has no blocks and no metadata, and its language is unknown, in a tenth of the time.
    """
    decoded = decode(page.body, page.header("content-type"))
    if text_only:
        text, flags = _shown_text(decoded)
        return Document(
            id=document_id(page.url, text),
            url=page.url,
            site=site_of(page.url),
            track=Track.TEXT,
            language=UNKNOWN,
            metadata=Metadata(),
            text=text,
            blocks=(),
            flags=flags,
        )
    return _document(decoded, url=page.url, fetched_at=page.fetched_at, language=language)


def document_from_text(
    text: str, *, url: str | None = None, fetched_at: datetime | None = None, language: str | None = None
) -> Document:
    """Return the document of `text`, with a block per line that is not blank.

    Line breaks become "\\n", control characters go (see `remove_control_characters`), half a surrogate pair becomes
    U+FFFD; all else is unchanged. A text with menus or footers has the flag "whole_page". `url` and `fetched_at` are
    None where unknown, `language` is the ISO 639 code, None to identify it.
    """
    return _document(decoded_text(text), url=url, fetched_at=fetched_at, language=language)


def _document(decoded: Decoded, *, url: str | None, fetched_at: datetime | None, language: str | None) -> Document:
    """Return the document of a decoded text."""
    text, flags = _shown_text(decoded)
    annotated = annotate(text)
    lines = annotated.lines
    identified = identify_or_accept(text, language)
    document = Document(
        id=document_id(url, text),
        url=url,
        site=site_of(url),
        track=Track.TEXT,
        language=identified,
        metadata=extract_text_metadata(annotated, language=identified, fetched_at=fetched_at),
        text=text,
        blocks=tuple(Block(start=line.start, end=line.end, kind=_kind(line, lines)) for line in lines),
        flags=(*flags, *((WHOLE_PAGE,) if is_whole_page(annotated) else ())),
    )
    return replace(document, analysis=replace(analysis_of(document), annotated=annotated))


def _shown_text(decoded: Decoded) -> tuple[str, tuple[str, ...]]:
    """Return a decoded text without control characters, and the flags of what was odd about it."""
    shown = remove_control_characters(decoded.text.lstrip("\ufeff"))
    text = remove_stray_bidi_controls(shown)
    flags = list(decoded.flags)
    if text != shown or has_control_characters(decoded.text.lstrip("\ufeff")):
        flags.append(CONTROLS_REMOVED)
    if "\ufffd" in text:
        flags.append(DAMAGED)
    return text, tuple(dict.fromkeys(flags))


def _kind(line: Line, lines: tuple[Line, ...]) -> Kind:
    """Return the kind of a line's block: a list item by its bullet or number, a heading where prose follows it."""
    if _LIST_ITEM.match(line.text):
        return Kind.LIST_ITEM
    after = lines[line.number + 1] if line.number + 1 < len(lines) else None
    return Kind.HEADING if line.headline and after is not None and after.prose else Kind.PARAGRAPH
