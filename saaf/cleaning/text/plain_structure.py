"""Structure of plain text: what the kinds of its blocks tell, and the marks of its list items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import regex

from saaf.cleaning.structure import BlockStructure, Container, ContainerKind, Structure
from saaf.cleaning.types import Block, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARK: Final = regex.compile(r"(?:[-*•·▪‣◦–—]|(\p{Nd}{1,3})[.)])\s+(?=\S)")


def plain_blocks(text: str) -> tuple[Block, ...]:
    """Return a block for each line of a text that is not blank."""
    blocks, position = [], 0
    for line in text.split("\n"):
        if line.strip():
            blocks.append(Block(start=position, end=position + len(line)))
        position += len(line) + 1
    return tuple(blocks)


def plain_structure(text: str, blocks: Sequence[Block]) -> Structure:
    """Return the structure of a text without markup: list items that follow each other are one list, lines of code one
    piece, rows one table. Headings have no level.
    """
    found: list[BlockStructure] = []
    run = 0  # the number of the first block of the list, code or table that the block is in
    for number, block in enumerate(blocks):
        previous = blocks[number - 1].kind if number else None
        if previous is not block.kind:
            run = number
        if block.kind is Kind.LIST_ITEM:
            found.append(_item(text, block, number, run))
        elif block.kind is Kind.QUOTE:
            found.append(BlockStructure(containers=(Container(kind=ContainerKind.QUOTE, element=run),)))
        else:
            is_code = block.kind is Kind.CODE
            found.append(BlockStructure(code=run if is_code else None))
    return Structure(text=text, blocks=tuple(found))


def _item(text: str, block: Block, number: int, run: int) -> BlockStructure:
    line = text[block.start : block.end]
    indent = len(line) - len(line.lstrip())
    mark = _MARK.match(line, indent)
    digits = mark[1] if mark else None
    kind = ContainerKind.ORDERED_ITEM if digits else ContainerKind.UNORDERED_ITEM
    container = Container(kind=kind, element=number, list=run, number=int(digits) if digits else None)
    return BlockStructure(containers=(container,), marker=mark.end() if mark else 0)
