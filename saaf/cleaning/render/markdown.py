"""Markdown of a clean document: CommonMark with tables and struck text of GitHub Flavored Markdown, without HTML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from saaf.cleaning.render.inline import InlinePieces, Marked
from saaf.cleaning.render.kept import kept_structure
from saaf.cleaning.render.markdown_inline import image_markdown, inline_markdown
from saaf.cleaning.render.markdown_table import table_lines
from saaf.cleaning.render.markdown_text import code_fence, escape_heading_end, escape_line_start
from saaf.cleaning.render.tree import Group, ItemList, Leaf, build_tree
from saaf.cleaning.structure import ContainerKind, Image, InlineSpan, SpanKind
from saaf.cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from saaf.cleaning.render.inline import Piece
    from saaf.cleaning.render.kept import KeptBlock, KeptStructure
    from saaf.cleaning.render.tree import Item, Node
    from saaf.cleaning.types import CleanDocument

_DEFAULT_LEVEL: Final = 2  # of a heading in plain text
_MAX_NUMBER: Final = 999_999_999  # of an item in CommonMark
_INFO: Final = re.compile(r"[\w+#.-]+", re.ASCII)


def to_markdown(clean: CleanDocument) -> str:
    """Return the clean text of a document as Markdown, with a line break at the end; "" where nothing was kept.

    CommonMark, with tables and struck text of GFM, and without HTML: a reader of Markdown shows the characters of
    `clean.text`, in their order. A formula is `\\\\(…\\\\)`, which is shown as `\\(…\\)`. Subscripts and superscripts
    have no mark. Where a document has no structure, its blocks are paragraphs, headings and list items.
    """
    return kept_markdown(kept_structure(clean))


def kept_markdown(kept: KeptStructure) -> str:
    """Return a structure, projected to the clean text, as Markdown."""
    lines = _blocks(build_tree(kept), InlinePieces(kept), kept.text)
    return "\n".join(lines) + "\n" if lines else ""


def _blocks(nodes: Sequence[Node], pieces: InlinePieces, text: str, *, tight: bool = False) -> list[str]:
    """Return nodes as lines, with a blank line between two unless they are `tight`."""
    lines: list[str] = []
    marker = ""
    for node in nodes:
        marker = _other_marker(node, marker) if isinstance(node, ItemList) else ""
        own, marker = (
            _list(node, pieces, text, marker) if isinstance(node, ItemList) else (_node(node, pieces, text), "")
        )
        if own and lines and not tight:
            lines.append("")
        lines += own
    return lines


def _node(node: Node, pieces: InlinePieces, text: str) -> list[str]:
    if isinstance(node, Image):
        return [image_markdown(node)]
    if isinstance(node, Group):
        inner = _blocks(node.children, pieces, text)
        return [f"> {line}".rstrip() for line in inner] if node.kind is ContainerKind.QUOTE else inner
    assert isinstance(node, Leaf)  # noqa: S101
    return _leaf(node, pieces, text)


def _leaf(leaf: Leaf, pieces: InlinePieces, text: str) -> list[str]:
    first = leaf.blocks[0]
    if leaf.kind is Kind.CODE:
        return _code(leaf.blocks, text)
    if leaf.kind is Kind.TABLE_ROW and first.structure.cells:
        return table_lines(leaf.blocks, pieces)
    lines = [inline_markdown(_with_term(block, pieces.of(block.start, block.end))) for block in leaf.blocks]
    if leaf.kind is Kind.HEADING:
        level = first.structure.level or _DEFAULT_LEVEL
        return [f"{'#' * level} {escape_heading_end(line)}" for line in lines]
    lines = [escape_line_start(line) for line in lines]
    return [f"{line}\\" for line in lines[:-1]] + lines[-1:]


def _with_term(block: KeptBlock, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Return the pieces of a block, in strong type where it is the term of a description list."""
    if not block.structure.is_term or any(isinstance(piece, Marked) for piece in pieces):
        return pieces
    span = InlineSpan(start=block.start, end=block.end, kind=SpanKind.STRONG)
    return (Marked(span=span, children=pieces),)


def _code(blocks: Iterable[KeptBlock], text: str) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        lines += [""] * (block.structure.blank_lines if lines else 0)
        lines.append(text[block.start : block.end])
    language = next((block.structure.language for block in blocks if block.structure.language), None)
    fence = code_fence(lines)
    info = language if language and _INFO.fullmatch(language) else ""
    return [f"{fence}{info}", *lines, fence]


def _other_marker(node: ItemList, before: str) -> str:
    """Return the mark of a list after one with the mark `before`, "" for none: two with the same would be one list."""
    if node.kind is ContainerKind.ORDERED_ITEM:
        return ")" if before == "." else "."
    return "*" if before == "-" else "-"


def _list(node: ItemList, pieces: InlinePieces, text: str, marker: str) -> tuple[list[str], str]:
    """Return a list as lines, and the mark of its last items.

    The numbers of an ordered list are counted on by readers of Markdown: where one is missing, another list begins,
    with the other mark.
    """
    lines: list[str] = []
    tight = all(_is_tight(item) for item in node.items)
    expected: int | None = None
    for item in node.items:
        number = item.number if node.kind is ContainerKind.ORDERED_ITEM else None
        number = number if number is not None and 0 <= number <= _MAX_NUMBER else None
        if lines and number is not None and number != expected:
            marker = _other_marker(node, marker)
            lines.append("")
        elif lines and not tight:
            lines.append("")
        expected = None if number is None else number + 1
        sign = (
            f"{number}{marker if marker in '.)' else '.'}" if number is not None else marker if marker in "-*" else "-"
        )
        lines += _item(item, f"{sign} ", pieces, text, tight=tight)
    return lines, marker


def _item(item: Item, sign: str, pieces: InlinePieces, text: str, *, tight: bool) -> list[str]:
    inner = _blocks(item.children, pieces, text, tight=tight)
    indent = " " * len(sign)
    return [f"{sign if number == 0 else indent if line else ''}{line}" for number, line in enumerate(inner)]


def _is_tight(item: Item) -> bool:
    """Return whether an item can be written without blank lines: one paragraph, and at most a list of such items that
    may follow a paragraph at once: bullets, or numbers from 1 on.
    """
    first, *others = item.children
    if not isinstance(first, Leaf) or first.kind in (Kind.CODE, Kind.TABLE_ROW, Kind.HEADING) or len(others) > 1:
        return False
    return all(
        isinstance(other, ItemList)
        and all(map(_is_tight, other.items))
        and (other.kind is not ContainerKind.ORDERED_ITEM or [one.number for one in other.items] == _numbers(other))
        for other in others
    )


def _numbers(node: ItemList) -> list[int]:
    return list(range(1, len(node.items) + 1))
