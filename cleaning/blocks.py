"""One walk over a parsed page that yields its blocks: the ruler on which everything votes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.html import HtmlElement

_SKIPPED_TAGS = """
    audio canvas datalist embed iframe map noscript object script select style svg template textarea title video
"""
_INLINE_TAGS = """
    a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr q rb rp rt ruby s samp
    small span strike strong sub sup time tt u var wbr
"""
_LAYOUT_TAGS = "article blockquote form h1 h2 h3 h4 h5 h6 ol pre section table ul"
_SKIPPED = frozenset(_SKIPPED_TAGS.split())
_INLINE = frozenset(_INLINE_TAGS.split())
_KINDS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), Kind.HEADING),
    **dict.fromkeys(("li", "dd", "dt"), Kind.LIST_ITEM),
    **dict.fromkeys(("figcaption", "caption"), Kind.CAPTION),
    **dict.fromkeys(("pre", "listing", "xmp"), Kind.CODE),
    **dict.fromkeys(("button", "legend", "label"), Kind.FORM),
    "blockquote": Kind.QUOTE,
    "tr": Kind.TABLE_ROW,
}
_ONE_LINE = frozenset((Kind.HEADING, Kind.CAPTION, Kind.TABLE_ROW, Kind.FORM))
_LAYOUT_IN_ROW = frozenset(_LAYOUT_TAGS.split())
_PARAGRAPH_IN_ROW = frozenset(("p", "div", "br"))
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
CELL_SEPARATOR = " | "
# The longest path on 600 real pages has 3,545 characters, the deepest 50 steps; without bounds, 500 nested elements
# of 100 classes each made 50 MB of paths.
_LONGEST_PATH = 4_000
_MOST_STEPS = 100


@dataclass(slots=True, kw_only=True)
class Node:
    """An element that is being or has been walked. `step` is its part of the path, `parent` an index into the nodes
    (-1 for the root); `hidden` and `kind` are inherited, `linked` tells that it stands in a link.
    """

    tag: str
    step: str
    parent: int
    hidden: bool
    kind: Kind
    linked: bool
    cells: int = 0


_NOWHERE = Node(tag="", step="", parent=-1, hidden=False, kind=Kind.PARAGRAPH, linked=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawBlock:
    """A block as the walk finds it: one line of text. `node` is an index into the nodes; `linked` counts the characters
    that stand in links, blanks aside, `characters` all of them.
    """

    text: str
    kind: Kind
    node: int
    hidden: bool
    characters: int
    linked: int


@dataclass(slots=True)
class Walk:
    """The result of the walk, and its state while it lasts; `depth` is that of the deepest element."""

    nodes: list[Node] = field(default_factory=list)
    blocks: list[RawBlock] = field(default_factory=list)
    pieces: list[tuple[str, int]] = field(default_factory=list)
    depth: int = 0

    def path(self, index: int) -> str:
        """Return the tag path of a node: "html/body/div#main.post/p".

        Where it is longer than those of real pages, the outer steps are only tags, and at last left out.
        """
        steps: list[str] = []
        left = _LONGEST_PATH
        while index >= 0 and len(steps) < _MOST_STEPS:
            node = self.nodes[index]
            steps.append(node.step if left > 0 else node.tag)
            left -= len(node.step)
            index = node.parent
        return "/".join(reversed(steps))

    def collect(self, text: str, node: int) -> None:
        """Take a piece of text; blanks that begin a block are nothing, except where lines are kept."""
        if self.pieces or not text.isspace() or self.nodes[node].kind is Kind.CODE:
            self.pieces.append((text, node))

    def flush(self, current: int) -> None:
        """End the block that is being collected."""
        pieces = self.pieces
        if not pieces:
            return
        self.pieces = []
        text = " ".join("".join([piece for piece, _ in pieces]).split())
        if text:
            self.add(text, pieces, current)

    def add(self, text: str, pieces: list[tuple[str, int]], current: int) -> None:
        """Append a block of `text`; where all its pieces come from one inline element, it belongs to that element."""
        nodes, counts = self.nodes, {pieces[0][1]: len("".join(text.split()))}
        if len(pieces) > 1:
            counts = {}
            for piece, node in pieces:
                if size := len("".join(piece.split())):
                    counts[node] = counts.get(node, 0) + size
        owner = next(iter(counts)) if len(counts) == 1 else current
        self.blocks.append(
            RawBlock(
                text=text,
                kind=nodes[owner].kind,
                node=owner,
                hidden=nodes[owner].hidden,
                characters=sum(counts.values()),
                linked=sum(size for node, size in counts.items() if nodes[node].linked),
            )
        )


def walk(root: HtmlElement) -> Walk:
    """Return the blocks of the page in document order, without recursion and in one pass."""
    done = Walk()
    stack: list[int] = []
    events = etree.iterwalk(root, events=("start", "end"))
    for event, element in events:
        tag = element.tag
        if not isinstance(tag, str):
            continue
        if event == "start":
            if tag in _SKIPPED:
                events.skip_subtree()
                continue
            stack.append(_enter(done, element, tag, stack[-1] if stack else -1))
            if len(stack) > done.depth:
                done.depth = len(stack)
            if text := element.text:
                done.collect(text, stack[-1])
        else:
            if tag not in _SKIPPED:
                index = stack.pop()
                if tag not in _INLINE and tag != "br":
                    _leave(done, tag, index)
            if (tail := element.tail) and stack:
                done.collect(tail, stack[-1])
    done.flush(0)
    return done


def _enter(done: Walk, element: HtmlElement, tag: str, parent: int) -> int:
    above = done.nodes[parent] if parent >= 0 else _NOWHERE
    kind = above.kind
    if tag not in _INLINE:
        kind = _kind(element, tag, kind)
        _begin(done, tag, kind, above, parent)
    elif tag == "label":
        kind = _kind(element, tag, kind)
    attributes = dict(element.items())
    done.nodes.append(
        Node(
            tag=tag,
            step=_step(attributes, tag) if attributes else tag,
            parent=parent,
            hidden=above.hidden or (bool(attributes) and _is_hidden(attributes)),
            kind=kind,
            linked=tag == "a" or above.linked,
        )
    )
    return len(done.nodes) - 1


def _begin(done: Walk, tag: str, kind: Kind, above: Node, parent: int) -> None:
    """End the block before an element that is not inline, or part it from what precedes it in its row or line."""
    if tag in ("td", "th") and kind is Kind.TABLE_ROW:
        if above.cells:
            done.pieces.append((CELL_SEPARATOR, parent))
        above.cells += 1
    elif tag == "br":
        if above.kind in _ONE_LINE or above.kind is Kind.CODE:
            done.pieces.append(("\n" if above.kind is Kind.CODE else " ", parent))
        else:
            done.flush(_block_level(done, parent))
    elif above.kind is Kind.TABLE_ROW and kind is Kind.TABLE_ROW:
        done.pieces.append((" ", parent))
    else:
        _end_block(done, _block_level(done, parent))


def _leave(done: Walk, tag: str, index: int) -> None:
    if done.nodes[index].kind is Kind.TABLE_ROW and tag != "tr":
        done.pieces.append((" ", index))
    else:
        _end_block(done, index)


def _end_block(done: Walk, index: int) -> None:
    if index >= 0 and done.nodes[index].kind is Kind.CODE:
        pieces, done.pieces = done.pieces, []
        for line in _lines(pieces):
            if text := "".join(piece for piece, _ in line).rstrip():
                done.add(text, line, index)
    else:
        done.flush(index)


def _lines(pieces: list[tuple[str, int]]) -> Iterator[list[tuple[str, int]]]:
    line: list[tuple[str, int]] = []
    for piece, node in pieces:
        first, *others = piece.splitlines() if not piece.endswith("\n") else [*piece.splitlines(), ""]
        line.append((first, node))
        for other in others:
            yield line
            line = [(other, node)]
    yield line


def _block_level(done: Walk, index: int) -> int:
    while index > 0 and done.nodes[index].tag in _INLINE:
        index = done.nodes[index].parent
    return index


def _kind(element: HtmlElement, tag: str, inherited: Kind) -> Kind:
    if inherited is Kind.CODE or (inherited is Kind.TABLE_ROW and tag not in ("button", "legend")):
        return inherited
    if tag == "table" or (tag == "tr" and not _is_data_row(element)):
        return Kind.PARAGRAPH
    return _KINDS.get(tag, inherited)


def _is_data_row(row: HtmlElement) -> bool:
    """Tell a row of data from a row that lays out a page: no structure in its cells, at most one paragraph in each."""
    cells = paragraphs = 0
    for element in row.iterdescendants():
        if element.tag in _LAYOUT_IN_ROW:
            return False
        cells += element.tag in ("td", "th")
        paragraphs += element.tag in _PARAGRAPH_IN_ROW
        if paragraphs > 2 * max(cells, 1) + 2:
            return False
    return cells > 1 or paragraphs < 2


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    style = attributes.get("style")
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or (style is not None and _HIDDEN_STYLE.search(style) is not None)
    )


_WORD = re.compile(r"[^\s/.#\[\]]{1,60}")


def _step(attributes: Mapping[str, str], tag: str) -> str:
    step = tag
    name = attributes.get("id")
    if name and (word := _WORD.match(name.strip())):
        step += f"#{word[0]}"
    if classes := attributes.get("class"):
        step += "".join([f".{word}" for word in _WORD.findall(classes[:200])])
    for attribute in ("role", "itemprop"):
        if value := attributes.get(attribute):
            step += "".join([f"[{attribute}={word}]" for word in _WORD.findall(value[:60])])
    return step
