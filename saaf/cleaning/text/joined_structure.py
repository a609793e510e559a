"""The structure of texts that follow each other, as those of the pages of one article."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from saaf.cleaning.structure import BlockStructure, Structure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.cleaning.structure import Container


def join_structures(structures: Sequence[Structure | None], separator: str) -> Structure | None:
    """Return one structure of texts with `separator` between two; None where one of them has none.

    Lists, tables and other elements of two texts are never the same.
    """
    known = [structure for structure in structures if structure is not None]
    if len(known) < len(structures) or not known:
        return None
    blocks, spans, images = [], [], []
    offset = first = 0
    for structure in known:
        blocks += [_moved(block, offset, first) for block in structure.blocks]
        spans += [replace(span, start=span.start + offset, end=span.end + offset) for span in structure.spans]
        images += [
            replace(
                image,
                start=image.start + offset,
                end=image.end + offset,
                scope_start=image.scope_start + offset,
                scope_end=image.scope_end + offset,
                containers=_renumbered(image.containers, first),
            )
            for image in structure.images
        ]
        offset += len(structure.text) + len(separator)
        first += 1 + max((_last_number(block) for block in structure.blocks), default=0)
    text = separator.join(structure.text for structure in known)
    return Structure(text=text, blocks=tuple(blocks), spans=tuple(spans), images=tuple(images))


def _moved(block: BlockStructure, offset: int, first: int) -> BlockStructure:
    cells = tuple(replace(cell, start=cell.start + offset, end=cell.end + offset) for cell in block.cells)
    return replace(
        block,
        containers=_renumbered(block.containers, first),
        code=None if block.code is None else block.code + first,
        table=None if block.table is None else block.table + first,
        cells=cells,
    )


def _renumbered(containers: tuple[Container, ...], first: int) -> tuple[Container, ...]:
    return tuple(
        replace(one, element=one.element + first, list=None if one.list is None else one.list + first)
        for one in containers
    )


def _last_number(block: BlockStructure) -> int:
    """Return the largest number of an element in a block's structure."""
    numbers = [number for one in block.containers for number in (one.element, one.list or 0)]
    return max([*numbers, block.code or 0, block.table or 0])
