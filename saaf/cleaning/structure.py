"""Data types of structure: what the blocks of a document are, and the links, emphasis and images in its text.

Structure stands off from the text: offsets are in code points into `Document.text`, intervals are half-open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class SpanKind(StrEnum):
    """The kind of an inline span."""

    LINK = "link"
    STRONG = "strong"
    EMPHASIS = "emphasis"
    CODE = "code"
    SUBSCRIPT = "subscript"
    SUPERSCRIPT = "superscript"
    DELETED = "deleted"
    FORMULA = "formula"


class ContainerKind(StrEnum):
    """The kind of an element that holds blocks: a quotation, a figure, or an item of one of three kinds of list."""

    QUOTE = "quote"
    FIGURE = "figure"
    ORDERED_ITEM = "ordered_item"
    UNORDERED_ITEM = "unordered_item"
    DESCRIPTION_ITEM = "description_item"


ITEMS = (ContainerKind.ORDERED_ITEM, ContainerKind.UNORDERED_ITEM, ContainerKind.DESCRIPTION_ITEM)
"""The kinds of containers that are items of lists. A description item is a term with its definitions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineSpan:
    """A span `[start, end)` of the text that is marked, within one block; spans nest or are disjoint.

    `url` is the target of a link: absolute where the address of the page is known, of a scheme that is safe (http,
    https, mailto, tel, ftp); None for other kinds. `display`: a formula that stands on a line of its own. A formula
    is TeX where its text begins with "\\(" or "\\[".
    """

    start: int
    end: int
    kind: SpanKind
    url: str | None = None
    display: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """An element that a block stands in: a quotation, a figure, or an item of a list.

    `element` is the same for all blocks in one element, `list` for all items of one list (None for no item). `number`
    is that of an item of an ordered list, as readers see it; None for others.
    """

    kind: ContainerKind
    element: int
    list: int | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell `[start, end)` of a table row, empty where `start == end`, and how many columns and rows it spans."""

    start: int
    end: int
    is_header: bool = False
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockStructure:
    """The structure of one block.

    `level` is that of a heading, 1 to 6, None for other blocks. `containers` are what it stands in, the outermost
    first. `is_term`: it is the term of a description list. `follows_break`: it goes on with the paragraph of the block
    before it, after a line break (`br`). `code` is the same for all lines of one piece of code, None elsewhere;
    `language` is the programming language that the page states, `blank_lines` the number of blank lines between this
    line and the one before it. `table` is the same for all rows of one table, None elsewhere; `cells` are those of the
    row. `marker` is the number of code points at the block's beginning that are the mark of a list item ("- ", "1. ")
    in plain text.
    """

    level: int | None = None
    containers: tuple[Container, ...] = ()
    is_term: bool = False
    follows_break: bool = False
    code: int | None = None
    language: str | None = None
    blank_lines: int = 0
    table: int | None = None
    cells: tuple[Cell, ...] = ()
    marker: int = 0

    @property
    def quotation_depth(self) -> int:
        """How many quotations the block stands in."""
        return sum(one.kind is ContainerKind.QUOTE for one in self.containers)

    @property
    def list_depth(self) -> int:
        """How many lists the block stands in."""
        return sum(one.kind in ITEMS for one in self.containers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image before code point `start` of the text; `end` equals `start`, because an image is no text.

    `url` is its address, as that of a link; `alt` its alternative text, "" where it has none. `is_inline`: it stands
    in the middle of a block; `containers` are what it stands in. The span `[scope_start, scope_end)` is the text of the
    smallest element that holds the image and text other than captions: the image is kept where most of that is kept.
    """

    start: int
    end: int
    url: str
    alt: str = ""
    is_inline: bool = False
    containers: tuple[Container, ...] = ()
    scope_start: int = 0
    scope_end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """The structure of a document (`Document.structure`).

    `text` is the document's own, by which a changed document is told from the one that was read. `blocks` has one
    entry for each of `Document.blocks`; `spans` and `images` are sorted by their starts, an outer span before those in
    it.
    """

    text: str = field(repr=False)
    blocks: tuple[BlockStructure, ...] = field(repr=False)
    spans: tuple[InlineSpan, ...] = field(default=(), repr=False)
    images: tuple[Image, ...] = field(default=(), repr=False)
