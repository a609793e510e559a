"""The walk over the tree that finds the structure of a page: what is open, and where it is in the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from saaf.cleaning.html.elements import CODE, ROW
from saaf.cleaning.structure import BlockStructure, SpanKind
from saaf.cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from saaf.cleaning.html.list_numbers import ItemNumbers
    from saaf.cleaning.structure import Container, Image

_STRAY: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class LostError(Exception):
    """The text does not follow the tree."""


@dataclass(slots=True)
class Open:
    """An element that is open. `begin` is the number of characters before it, `plain` of those outside of captions.

    `block` numbers the innermost element that is not inline; `span` is the kind of span that it is, None for none.
    """

    element: HtmlElement | None
    tag: str
    kind: Kind
    number: int
    begin: int
    plain: int
    block: int
    images: int
    containers: tuple[Container, ...] = ()
    level: int | None = None
    code: int | None = None
    table: int | None = None
    language: str | None = None
    span: SpanKind | None = None
    spans: frozenset[SpanKind] = frozenset()
    numbers: ItemNumbers | None = None
    cells: list[tuple[int, int, HtmlElement]] | None = None
    is_term: bool = False


@dataclass(slots=True)
class Walk:
    """The state of the walk.

    `solid` is the text without white space, `places` the offset in the text of each of its characters, `firsts` the
    number of the first of each block. `at` counts those that were met, `plain` those outside of captions, `known` the
    blocks. `breaks` and `newlines` count line breaks since the last character.
    """

    text: str
    base: str | None
    solid: str
    places: Sequence[int]
    firsts: list[int]
    at: int = 0
    plain: int = 0
    breaks: int = 0
    newlines: int = 0
    last: Open | None = None
    blocks: list[BlockStructure] = field(default_factory=list)
    rows: dict[int, tuple[int, int, list[tuple[int, int, HtmlElement]]]] = field(default_factory=dict)
    spans: list[tuple[int, int, SpanKind, HtmlElement]] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    pending: list[tuple[int, HtmlElement, Open]] = field(default_factory=list)


def read_text(walk: Walk, text: str, around: Open) -> None:
    """Take in a text node: move on in the text of the page, and note what its blocks stand in."""
    if around.kind is not CODE:
        if solid := "".join(text.split()):
            _take(walk, solid, around)
        return
    for number, line in enumerate(text.split("\n")):
        walk.newlines += number > 0
        if solid := "".join(line.split()):
            _take(walk, solid, around)


def _take(walk: Walk, solid: str, around: Open) -> None:
    if walk.solid.startswith(solid, walk.at):
        walk.at += len(solid)
    else:
        _take_slowly(walk, solid)
    if around.kind is not Kind.CAPTION:
        walk.plain += len(solid)
    while len(walk.blocks) < len(walk.firsts) and walk.firsts[len(walk.blocks)] < walk.at:
        walk.blocks.append(_block(walk, around))
        walk.breaks = walk.newlines = 0
        walk.last = around
    walk.breaks = walk.newlines = 0


def _take_slowly(walk: Walk, solid: str) -> None:
    """Move on over a text whose stray directional controls are not in the text of the page, or that a separator of
    cells parts.
    """
    for character in solid:
        if walk.solid[walk.at : walk.at + 1] == "|" != character:
            walk.at += 1
        if walk.solid[walk.at : walk.at + 1] == character:
            walk.at += 1
        elif character not in _STRAY:
            raise LostError


def _block(walk: Walk, around: Open) -> BlockStructure:
    """Return the structure of a block that begins in an element."""
    last = walk.last
    same_code = last is not None and around.code is not None and last.code == around.code
    return BlockStructure(
        level=around.level if around.kind is Kind.HEADING else None,
        containers=around.containers,
        is_term=around.is_term,
        follows_break=last is not None and walk.breaks == 1 and last.block == around.block and around.code is None,
        code=around.code,
        language=around.language,
        blank_lines=max(walk.newlines - 1, 0) if same_code else 0,
        table=around.table if around.kind is ROW else None,
    )
