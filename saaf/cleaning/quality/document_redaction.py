"""Redaction of a clean document: its text, the text as read and its metadata, so that the removals still replay.

The text as read holds what cleaning took out, and that may hold personal data too. Both texts are redacted together:
the redacted text as read without the removals, which are shifted, is the redacted clean text.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from saaf.cleaning.quality.personal_data import find_personal_data
from saaf.cleaning.quality.redaction import redact, replacements
from saaf.cleaning.quality.spans import Span
from saaf.cleaning.text.urls import document_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from saaf.cleaning.quality.redaction import Replacement
    from saaf.cleaning.types import CleanDocument, Metadata, Removal


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactedDocument:
    """A document without the personal data of some kinds.

    `clean` is the document: text as read, removals, title, author, section, tags, source and licence are redacted, and
    its id is that of the redacted text where it has no URL: from a digest of the text before, a number can be guessed.
    It has no blocks any more. `replacements` are what was replaced in its clean text, in code points into that text
    before redaction.
    """

    clean: CleanDocument
    replacements: tuple[Replacement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Segment:
    """A part `[start, end)` of a text as read: what one removal took, or what is kept between two.

    `kept` is where it begins in the clean text. `removal` is None for what is kept.
    """

    start: int
    end: int
    kept: int
    removal: Removal | None


def redact_document(clean: CleanDocument, spans: Sequence[Span], kinds: Collection[str]) -> RedactedDocument:
    """Return a document with its personal data of `kinds` replaced, where there is a replacement for them.

    `spans` are what `find_personal_data` finds in its clean text. What only the text as read shows to be personal data
    ("Phone:" was taken out, the number was not) is replaced in both texts, too. Raises ValueError for a kind that does
    not exist.
    """
    read, before = clean.document.text, clean.text
    segments = tuple(_segments(read, clean.removals))
    in_clean = [span for span in spans if span.kind in kinds]
    in_removed: list[Span] = []
    if clean.removals:
        kept, in_removed = _divided(find_personal_data(read, kinds), segments)
        in_clean = _united([*in_clean, *kept])
    made = replacements(before, in_clean)
    text, removals = _redacted_read(read, segments, made, replacements(read, in_removed))
    document = replace(
        clean.document,
        id=clean.document.id if clean.document.url else document_id(None, text),
        text=text,
        metadata=_redacted_metadata(clean.document.metadata, kinds),
        blocks=(),
        analysis=None,
        structure=None,
    )
    redacted = replace(clean, document=document, removals=removals, first_decision=None)
    return RedactedDocument(clean=redacted, replacements=made)


def _segments(read: str, removals: Iterable[Removal]) -> Iterator[_Segment]:
    """Yield the segments of a text as read, in order; none is empty."""
    position = kept = 0
    for removal in removals:
        if position < removal.start:
            yield _Segment(start=position, end=removal.start, kept=kept, removal=None)
            kept += removal.start - position
        yield _Segment(start=removal.start, end=removal.end, kept=kept, removal=removal)
        position = removal.end
    if position < len(read):
        yield _Segment(start=position, end=len(read), kept=kept, removal=None)


def _divided(spans: Iterable[Span], segments: Sequence[_Segment]) -> tuple[list[Span], list[Span]]:
    """Return the parts of spans of a text as read that are kept, in code points into the clean text, and the others."""
    kept: list[Span] = []
    removed: list[Span] = []
    position = 0
    for span in spans:
        while segments[position].end <= span.start:
            position += 1
        for segment in _overlapped(segments, position, span.end):
            start, end = max(span.start, segment.start), min(span.end, segment.end)
            if segment.removal is not None:
                removed.append(Span(start=start, end=end, kind=span.kind))
            else:
                shift = segment.kept - segment.start
                kept.append(Span(start=start + shift, end=end + shift, kind=span.kind))
    return kept, removed


def _overlapped(segments: Sequence[_Segment], position: int, end: int) -> Iterator[_Segment]:
    """Yield the segments from a position on that begin before `end`."""
    while position < len(segments) and segments[position].start < end:
        yield segments[position]
        position += 1


def _united(spans: Iterable[Span]) -> list[Span]:
    """Return spans sorted; those that overlap, or that a removal made of one, as one of the first one's kind."""
    united: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        before = united[-1] if united else None
        if before and (span.start < before.end or (span.start == before.end and span.kind == before.kind)):
            united[-1] = replace(united[-1], end=max(united[-1].end, span.end))
        else:
            united.append(span)
    return united


def _redacted_read(
    read: str, segments: Iterable[_Segment], in_clean: Sequence[Replacement], in_removed: Sequence[Replacement]
) -> tuple[str, tuple[Removal, ...]]:
    """Return a text as read with the replacements made, and where the removals are in it.

    `in_clean` are in code points into the clean text, `in_removed` into the text as read. The replacement of what
    stands on both sides of a removal goes before it.
    """
    parts: list[str] = []
    removals: list[Removal] = []
    length = 0
    clean, removed = _Cursor(in_clean), _Cursor(in_removed)
    for segment in segments:
        size = segment.end - segment.start
        if segment.removal is None:
            part = clean.redacted(read[segment.start : segment.end], segment.kept, segment.kept + size)
        else:
            part = removed.redacted(read[segment.start : segment.end], segment.start, segment.end)
            removals.append(replace(segment.removal, start=length, end=length + len(part)))
        parts.append(part)
        length += len(part)
    return "".join(parts), tuple(removals)


class _Cursor:
    """Makes the replacements of a text, part by part, from its beginning on."""

    def __init__(self, made: Sequence[Replacement]) -> None:
        self._made = made
        self._next = 0
        self._done = 0  # up to where the last replacement reaches

    def redacted(self, part: str, start: int, end: int) -> str:
        """Return the part `[start, end)` of the text with its replacements; one that reaches further is made here."""
        found: list[str] = []
        position = max(start, self._done)
        while self._next < len(self._made) and self._made[self._next].start < end:
            one = self._made[self._next]
            found += [part[position - start : one.start - start], one.replacement]
            position = self._done = one.end
            self._next += 1
        found.append(part[max(position - start, 0) :])
        return "".join(found)


def _redacted_metadata(metadata: Metadata, kinds: Collection[str]) -> Metadata:
    """Return metadata with the personal data of its texts replaced; URLs and dates stay."""

    def redacted(text: str | None) -> str | None:
        return text and redact(text, find_personal_data(text, kinds))

    return replace(
        metadata,
        title=redacted(metadata.title),
        author=redacted(metadata.author),
        section=redacted(metadata.section),
        source=redacted(metadata.source),
        site_name=redacted(metadata.site_name),
        licence=redacted(metadata.licence),
        tags=tuple(redacted(tag) or "" for tag in metadata.tags),
    )
