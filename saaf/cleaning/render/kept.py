"""What cleaning keeps of a document's structure: blocks, spans and images in code points into the clean text."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from saaf.cleaning.structure import BlockStructure, Image, InlineSpan, SpanKind, Structure
from saaf.cleaning.text.plain_structure import plain_blocks, plain_structure
from saaf.cleaning.types import Block, Kind, apply_removals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from saaf.cleaning.types import CleanDocument, Document, Removal

_KEPT_SHARE: Final = 0.5  # of the text around an image, where the image is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBlock:
    """A block `[start, end)` of the clean text, none is empty; its structure has the cells of a row in that text."""

    start: int
    end: int
    kind: Kind
    structure: BlockStructure


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptStructure:
    """A clean text with the structure of what was kept; all offsets are in code points into `text`."""

    text: str = field(repr=False)
    blocks: tuple[KeptBlock, ...] = field(repr=False)
    spans: tuple[InlineSpan, ...] = field(default=(), repr=False)
    images: tuple[Image, ...] = field(default=(), repr=False)


class _Offsets:
    """Maps offsets of a text as read to the clean text."""

    def __init__(self, removals: Sequence[Removal]) -> None:
        self._starts = [removal.start for removal in removals]
        self._ends = [removal.end for removal in removals]
        self._before = [0, *accumulate(removal.end - removal.start for removal in removals)]

    def map(self, offset: int) -> int:
        """Return an offset in the clean text; one inside a removal becomes where that was."""
        number = bisect_right(self._starts, offset) - 1
        if number < 0:
            return offset
        return offset - self._before[number] - (min(offset, self._ends[number]) - self._starts[number])

    def is_removed(self, offset: int) -> bool:
        """Return whether an offset is inside a removal, not at its edges."""
        number = bisect_right(self._starts, offset) - 1
        return number >= 0 and self._starts[number] < offset < self._ends[number]


def structure_of(document: Document) -> tuple[tuple[Block, ...], Structure]:
    """Return the blocks and the structure of a document: those of its HTML where they were read and are of its text,
    else what the kinds of its blocks, or its lines, tell.
    """
    found = document.structure
    if found is not None and found.text == document.text and len(found.blocks) == len(document.blocks):
        return document.blocks, found
    blocks = document.blocks or plain_blocks(document.text)
    return blocks, plain_structure(document.text, blocks)


def kept_structure(clean: CleanDocument) -> KeptStructure:
    """Return the structure of what cleaning kept of a document. What was removed, also a part of a block, is not in
    it; the number of a list's item stays.
    """
    blocks, structure = structure_of(clean.document)
    offsets = _Offsets(clean.removals)
    text = apply_removals(clean.document.text, clean.removals)
    kept: list[KeptBlock] = []
    goes_on = True  # False after a removed block that began a paragraph: the next one begins it
    for block, own in zip(blocks, structure.blocks, strict=True):
        follows_break = own.follows_break and goes_on
        found = _kept_block(text, block, replace(own, follows_break=follows_break), offsets)
        goes_on = found is not None or follows_break
        kept += [found] if found else []
    return KeptStructure(
        text=text,
        blocks=tuple(kept),
        spans=tuple(_kept_spans(text, structure.spans, offsets)),
        images=tuple(_kept_images(structure.images, kept, offsets)),
    )


def _kept_block(text: str, block: Block, own: BlockStructure, offsets: _Offsets) -> KeptBlock | None:
    """Return what is kept of a block, None where that is white space alone."""
    first = block.start + own.marker
    start, end = offsets.map(first), offsets.map(block.end)
    words = text[start:end]
    if not words.strip():
        return None
    end = start + len(words.rstrip())
    if block.kind is not Kind.CODE:
        start = end - len(words.strip())
    cells = []
    for cell in own.cells:
        cell_start, cell_end = offsets.map(cell.start), offsets.map(cell.end)
        inner = text[cell_start:cell_end]
        cell_start += len(inner) - len(inner.lstrip()) if inner.strip() else 0
        cells.append(replace(cell, start=cell_start, end=cell_start + len(inner.strip())))
    return KeptBlock(start=start, end=end, kind=block.kind, structure=replace(own, cells=tuple(cells), marker=0))


def _kept_spans(text: str, spans: Iterable[InlineSpan], offsets: _Offsets) -> Iterator[InlineSpan]:
    """Yield what is kept of spans, in order; of a formula, all or nothing is."""
    kept = []
    for span in spans:
        start, end = offsets.map(span.start), offsets.map(span.end)
        words = text[start:end]
        if not words.strip() or (span.kind is SpanKind.FORMULA and end - start < span.end - span.start):
            continue
        end = start + len(words.rstrip())
        kept.append(replace(span, start=end - len(words.strip()), end=end))
    yield from sorted(kept, key=lambda span: (span.start, -span.end))


def _kept_images(images: Iterable[Image], blocks: Sequence[KeptBlock], offsets: _Offsets) -> Iterator[Image]:
    """Yield the images of which the text around is kept for the most part, or of a figure whose caption is."""
    figures = {one.element for block in blocks for one in block.structure.containers}
    starts = [block.start for block in blocks]
    for image in images:
        size = image.scope_end - image.scope_start
        kept = offsets.map(image.scope_end) - offsets.map(image.scope_start)
        in_kept = any(one.element in figures for one in image.containers)
        if offsets.is_removed(image.start) or (kept < _KEPT_SHARE * size and not in_kept) or not size:
            continue
        place = offsets.map(image.start)
        before = bisect_right(starts, place) - 1
        inside = before >= 0 and blocks[before].start < place < blocks[before].end
        yield replace(image, start=place, end=place, is_inline=image.is_inline and inside)
