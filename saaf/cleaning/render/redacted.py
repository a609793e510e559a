"""The structure of a clean text after redaction: offsets moved, and no personal data in addresses and in images."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING
from urllib.parse import unquote

from saaf.cleaning.quality.personal_data import find_personal_data
from saaf.cleaning.quality.redaction import redact
from saaf.cleaning.structure import SpanKind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from saaf.cleaning.quality.redaction import Replacement
    from saaf.cleaning.render.kept import KeptBlock, KeptStructure
    from saaf.cleaning.structure import Image

_KIND_OF_SCHEME = {"mailto": "email", "tel": "phone"}


def redacted_structure(kept: KeptStructure, made: Sequence[Replacement], kinds: Collection[str]) -> KeptStructure:
    """Return a structure after the replacements `made` in its text: in code points into that text, sorted, disjoint.

    A link whose address has personal data of one of the `kinds` is no link any more; an image likewise goes.
    """
    moved = _Moved(made)
    parts, position = [], 0
    for one in made:
        parts += [kept.text[position : one.start], one.replacement]
        position = one.end
    parts.append(kept.text[position:])
    spans = (
        replace(span, start=moved.start(span.start), end=moved.end(span.end))
        for span in kept.spans
        if span.kind is not SpanKind.LINK or not _is_personal(span.url or "", kinds)
    )
    return replace(
        kept,
        text="".join(parts),
        blocks=tuple(moved.block(block) for block in kept.blocks),
        spans=tuple(span for span in spans if span.end > span.start),
        images=tuple(moved.image(one, kinds) for one in kept.images if not _is_personal(one.url, kinds)),
    )


class _Moved:
    """Maps offsets of a text to the text after replacements."""

    def __init__(self, made: Sequence[Replacement]) -> None:
        self._made = made
        self._starts = [one.start for one in made]
        self._shift = [0, *accumulate(len(one.replacement) - (one.end - one.start) for one in made)]

    def start(self, offset: int) -> int:
        """Return a beginning: one inside of what was replaced moves to where that begins."""
        number = bisect_right(self._starts, offset) - 1
        if number >= 0 and offset < self._made[number].end:
            return self._made[number].start + self._shift[number]
        return offset + self._shift[number + 1]

    def end(self, offset: int) -> int:
        """Return an end: one inside of what was replaced moves to where that ends."""
        number = bisect_right(self._starts, offset - 1) - 1
        if number >= 0 and offset <= self._made[number].end:
            return self._made[number].start + self._shift[number] + len(self._made[number].replacement)
        return offset + self._shift[number + 1]

    def block(self, block: KeptBlock) -> KeptBlock:
        """Return a block where it now is, with its cells."""
        cells = tuple(
            replace(cell, start=self.start(cell.start), end=max(self.end(cell.end), self.start(cell.start)))
            for cell in block.structure.cells
        )
        structure = replace(block.structure, cells=cells)
        return replace(block, start=self.start(block.start), end=self.end(block.end), structure=structure)

    def image(self, image: Image, kinds: Collection[str]) -> Image:
        """Return an image where it now is, without personal data in its alternative text."""
        place = self.start(image.start)
        alt = redact(image.alt, find_personal_data(image.alt, kinds)) if image.alt else ""
        return replace(image, start=place, end=place, alt=alt)


def _is_personal(url: str, kinds: Collection[str]) -> bool:
    """Return whether an address has personal data in it."""
    scheme, _, rest = url.partition(":")
    plain = unquote(rest)
    return _KIND_OF_SCHEME.get(scheme.lower()) in kinds or bool(plain and find_personal_data(plain, kinds))
