"""The tree of a clean document: blocks nested in quotations, figures and lists, which all renderers walk."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from saaf.cleaning.structure import ITEMS, ContainerKind, Image
from saaf.cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saaf.cleaning.render.kept import KeptBlock, KeptStructure
    from saaf.cleaning.structure import Container

    _Part = KeptBlock | Image


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """Blocks that are one thing: the lines of a piece of code, the rows of a table, a paragraph with its line breaks, a
    heading. They have one kind.
    """

    kind: Kind
    blocks: tuple[KeptBlock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A quotation or a figure, and what is in it."""

    kind: ContainerKind
    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item of a list: its number, None where it has none, and what is in it."""

    number: int | None
    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemList:
    """A list, of items of one kind."""

    kind: ContainerKind
    items: tuple[Item, ...]


Node = Leaf | Image | Group | ItemList


def build_tree(kept: KeptStructure) -> tuple[Node, ...]:
    """Return what stands in no container, in the order of the text. Images inside of blocks are not in the tree."""
    return tuple(_nest(list(_parts(kept)), 0))


def _parts(kept: KeptStructure) -> Iterator[_Part]:
    """Yield blocks and the images between them in order."""
    images = deque(image for image in kept.images if not image.is_inline)
    for block in kept.blocks:
        while images and images[0].start <= block.start:
            yield images.popleft()
        yield block
    yield from images


def _nest(parts: Sequence[_Part], depth: int) -> Iterator[Node]:
    """Yield the nodes of parts whose first `depth` containers are the same."""

    def at_depth(part: _Part) -> tuple[ContainerKind, int] | None:
        container = _container(part, depth)
        if container is None:
            return None
        return container.kind, container.element if container.list is None else container.list

    for key, found in groupby(parts, at_depth):
        inside = list(found)
        if key is None:
            yield from _leaves(inside)
        elif key[0] in ITEMS:
            yield ItemList(kind=key[0], items=tuple(_items(inside, depth)))
        else:
            yield Group(kind=key[0], children=tuple(_nest(inside, depth + 1)))


def _container(part: _Part, depth: int) -> Container | None:
    containers = part.containers if isinstance(part, Image) else part.structure.containers
    return containers[depth] if depth < len(containers) else None


def _items(parts: Sequence[_Part], depth: int) -> Iterator[Item]:
    def element(part: _Part) -> int:
        container = _container(part, depth)
        return container.element if container else -1

    for _, found in groupby(parts, element):
        inside = list(found)
        container = _container(inside[0], depth)
        yield Item(number=container.number if container else None, children=tuple(_nest(inside, depth + 1)))


def _leaves(parts: Sequence[_Part]) -> Iterator[Node]:
    """Yield parts with the lines of code, the rows of a table and the lines of a paragraph together."""
    run: list[KeptBlock] = []
    for part in parts:
        if isinstance(part, Image):
            yield from _leaf(run)
            run = []
            yield part
        elif run and _belongs(run[-1], part):
            run.append(part)
        else:
            yield from _leaf(run)
            run = [part]
    yield from _leaf(run)


def _belongs(before: KeptBlock, block: KeptBlock) -> bool:
    """Return whether a block goes on with what the one before it is."""
    own, last = block.structure, before.structure
    if block.kind is not before.kind:
        return False
    if block.kind is Kind.CODE:
        return own.code is not None and own.code == last.code
    if block.kind is Kind.TABLE_ROW:
        return own.table is not None and own.table == last.table and bool(own.cells) == bool(last.cells)
    return own.follows_break and block.kind is not Kind.HEADING and own.is_term == last.is_term


def _leaf(blocks: Sequence[KeptBlock]) -> Iterator[Leaf]:
    if blocks:
        yield Leaf(kind=blocks[0].kind, blocks=tuple(blocks))
