"""Inline spans as a tree: the text of a block in pieces, each plain or marked."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from saaf.cleaning.structure import Image, InlineSpan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saaf.cleaning.render.kept import KeptStructure


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A span, and what is in it."""

    span: InlineSpan
    children: tuple[Piece, ...]


Piece = str | Image | Marked
"""A piece of a block: text, an image in it, or a span."""


class InlinePieces:
    """The pieces of the blocks of one document, asked for in the order of the text."""

    def __init__(self, kept: KeptStructure) -> None:
        self._text = kept.text
        self._spans = kept.spans
        self._images = [image for image in kept.images if image.is_inline]
        self._span = 0
        self._image = 0

    def of(self, start: int, end: int) -> tuple[Piece, ...]:
        """Return the pieces of `[start, end)`, in code points into the clean text."""
        while self._span < len(self._spans) and self._spans[self._span].start < start:
            self._span += 1
        spans = []
        while self._span < len(self._spans) and self._spans[self._span].start < end:
            span = self._spans[self._span]
            spans += [span] if span.end <= end else []
            self._span += 1
        while self._image < len(self._images) and self._images[self._image].start < start:
            self._image += 1
        images: deque[Image] = deque()
        while self._image < len(self._images) and self._images[self._image].start < end:
            images.append(self._images[self._image])
            self._image += 1
        return tuple(_pieces(self._text, start, end, spans, images))


def _pieces(text: str, start: int, end: int, spans: Sequence[InlineSpan], images: deque[Image]) -> Iterator[Piece]:
    """Yield the pieces of `[start, end)`; a span that overlaps the one before it, and is not in it, is left out."""
    position, number = start, 0
    while number < len(spans):
        span = spans[number]
        after = number + 1
        while after < len(spans) and spans[after].start < span.end:
            after += 1
        inside = [one for one in spans[number + 1 : after] if one.end <= span.end]
        yield from _plain(text, position, span.start, images)
        yield Marked(span=span, children=tuple(_pieces(text, span.start, span.end, inside, images)))
        position, number = span.end, after
    yield from _plain(text, position, end, images)


def _plain(text: str, start: int, end: int, images: deque[Image]) -> Iterator[Piece]:
    """Yield text with the images in it, which are taken out."""
    while images and images[0].start <= end:
        image = images.popleft()
        if text[start : image.start]:
            yield text[start : image.start]
        yield image
        start = max(start, image.start)
    if text[start:end]:
        yield text[start:end]
