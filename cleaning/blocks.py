"""One walk over a parsed page that yields its blocks: the ruler on which everything votes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from lxml import etree

from cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from lxml.html import HtmlElement

# In a loop over elements a look at a member of an enumeration takes as long as all else (Python 3.11: 0.4 µs).
_CODE = Kind.CODE
_ROW = Kind.TABLE_ROW
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
_KEPT = (_CODE, _ROW)
_TABLE = ("table", "tr")
_ONE_LINE = frozenset((Kind.HEADING, Kind.CAPTION, Kind.TABLE_ROW, Kind.FORM))
_LAYOUT_IN_ROW = frozenset(_LAYOUT_TAGS.split())
_PARAGRAPH_IN_ROW = frozenset(("p", "div", "br"))
_MAY_HIDE: Callable[[HtmlElement], list[HtmlElement]] = cast(
    "Any", etree.XPath("|".join(f"descendant-or-self::*/@{name}/.." for name in ("hidden", "style", "aria-hidden")))
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
CELL_SEPARATOR = " | "
# The longest path on 600 real pages has 3,545 characters, the deepest 50 steps; without bounds, 500 nested elements
# of 100 classes each made 50 MB of paths.
_LONGEST_PATH = 4_000
_MOST_STEPS = 100


@dataclass(slots=True)
class Node:
    """An element that is being or has been walked. `parent` is an index into the nodes (-1 for the root); `hidden` and
    `kind` are inherited, `linked` tells that it stands in a link.
    """

    element: HtmlElement | None
    tag: str
    parent: int
    hidden: bool
    kind: Kind
    linked: bool
    cells: int = 0


_NOWHERE = Node(None, "", parent=-1, hidden=False, kind=Kind.PARAGRAPH, linked=False)


class RawBlock(NamedTuple):
    """A block as the walk finds it: one line of text. `node` is an index into the nodes; `linked` counts the characters
    that stand in links, blanks aside, `characters` all of them. `after_image`: an image stands between it and the block
    before it.
    """

    text: str
    kind: Kind
    node: int
    hidden: bool
    characters: int
    linked: int
    after_image: bool


@dataclass(slots=True)
class Walk:
    """The result of the walk, and its state while it lasts; `depth` is that of the deepest element. `paths` are those
    asked for, with their depths, `measures` those of the blocks (`cleaning.votes.measures`).
    """

    nodes: list[Node] = field(default_factory=list)
    blocks: list[RawBlock] = field(default_factory=list)
    pieces: list[tuple[str, int]] = field(default_factory=list)
    depth: int = 0
    image: bool = False
    measures: list[tuple[float, float]] | None = None
    paths: dict[int, tuple[str, int]] = field(default_factory=lambda: {-1: ("", 0)})

    def path(self, index: int) -> str:
        """Return the tag path of a node: "html/body/div#main.post/p".

        Where it is longer than those of real pages, the outer steps are only tags, and at last left out.
        """
        nodes, paths, way = self.nodes, self.paths, []
        at = index
        while at not in paths:
            way.append(at)
            at = nodes[at].parent
        path, depth = paths[at]
        for at in reversed(way):
            path, depth = f"{path}/{_step(nodes[at])}" if depth else _step(nodes[at]), depth + 1
            if depth > _MOST_STEPS or len(path) > _LONGEST_PATH:
                return self._bounded_path(index)
            paths[at] = path, depth
        return path

    def _bounded_path(self, index: int) -> str:
        steps: list[str] = []
        left = _LONGEST_PATH
        while index >= 0 and len(steps) < _MOST_STEPS:
            node = self.nodes[index]
            step = _step(node)
            steps.append(step if left > 0 else node.tag)
            left -= len(step)
            index = node.parent
        return "/".join(reversed(steps))

    def flush(self, current: int) -> None:
        """End the block that is being collected."""
        pieces = self.pieces
        if not pieces:
            return
        words = (pieces[0][0] if len(pieces) == 1 else "".join([piece for piece, _ in pieces])).split()
        if words:
            text = " ".join(words)
            self.add(text, len(text) - len(words) + 1, pieces, current)
        pieces.clear()

    def add(self, text: str, characters: int, pieces: list[tuple[str, int]], current: int) -> None:
        """Append a block of `text`; where all its pieces come from one inline element, it belongs to that element."""
        nodes, owner = self.nodes, pieces[0][1]
        linked = characters if nodes[owner].linked else 0
        if len(pieces) > 1:
            told = [(piece, node) for piece, node in pieces if piece and not piece.isspace()]
            owners = {node for _, node in told}
            owner = told[0][1] if len(owners) == 1 else current
            in_links = {node for node in owners if nodes[node].linked}
            linked = characters if in_links == owners else 0
            if in_links and not linked:
                linked = sum([_size(piece) for piece, node in told if node in in_links])
        own = nodes[owner]
        self.blocks.append(RawBlock(text, own.kind, owner, own.hidden, characters, linked, self.image))
        self.image = False


def _size(text: str) -> int:
    """Return the number of characters of a text that are not blank."""
    return len("".join(text.split()))


def walk(root: HtmlElement) -> Walk:
    """Return the blocks of the page in document order, without recursion and in one pass."""
    done = Walk()
    nodes, pieces, current, depth = done.nodes, done.pieces, -1, 0
    hiding = {element for element in _MAY_HIDE(root) if _is_hidden(element.attrib)}
    events = etree.iterwalk(root, events=("start", "end"))
    above = _NOWHERE
    for event, element in events:
        if event == "start":
            tag = element.tag
            if tag in _SKIPPED or not isinstance(tag, str):
                events.skip_subtree()
                continue
            kind = above.kind
            if tag not in _INLINE:
                kind = _enter(done, element, tag, current, above)
            elif tag == "img":
                done.image = True
            elif tag == "label":
                kind = _kind(element, tag, kind)
            hidden = above.hidden or element in hiding
            above = Node(element, tag, current, hidden, kind, above.linked or tag == "a")
            current = len(nodes)
            nodes.append(above)
            depth += 1
            if depth > done.depth:
                done.depth = depth
            text = element.text
        else:
            if element is above.element:  # else it was skipped
                if above.tag not in _INLINE and above.tag != "br" and (pieces or above.kind is _ROW):
                    _leave(done, above.tag, current)
                current = above.parent
                above = nodes[current] if current >= 0 else _NOWHERE
                depth -= 1
            text = element.tail
        # Blanks that begin a block are nothing, except where lines are kept.
        if text and current >= 0 and (pieces or not text.isspace() or above.kind is _CODE):
            pieces.append((text, current))
    done.flush(0)
    return done


def _enter(done: Walk, element: HtmlElement, tag: str, parent: int, above: Node) -> Kind:
    """End the block before an element that is not inline, as far as it ends one, and return the element's kind."""
    kind = above.kind
    kind = _kind(element, tag, kind) if kind in _KEPT or tag in _TABLE else _KINDS.get(tag, kind)
    if tag == "br" or above.kind is _ROW:
        _begin(done, tag, kind, above, parent)
    elif done.pieces:
        _end_block(done, _block_level(done, parent))
    return kind


def _begin(done: Walk, tag: str, kind: Kind, above: Node, parent: int) -> None:
    """End the block before a line break or an element in a row, or part it from what precedes it in its row or line."""
    if tag in ("td", "th") and kind is _ROW:
        if above.cells:
            done.pieces.append((CELL_SEPARATOR, parent))
        above.cells += 1
    elif tag == "br":
        if above.kind in _ONE_LINE or above.kind is _CODE:
            done.pieces.append(("\n" if above.kind is _CODE else " ", parent))
        else:
            done.flush(_block_level(done, parent))
    elif kind is _ROW:
        done.pieces.append((" ", parent))
    else:
        _end_block(done, _block_level(done, parent))


def _leave(done: Walk, tag: str, index: int) -> None:
    if tag != "tr" and done.nodes[index].kind is _ROW:
        done.pieces.append((" ", index))
    else:
        _end_block(done, index)


def _end_block(done: Walk, index: int) -> None:
    if index >= 0 and done.nodes[index].kind is _CODE:
        for line in _lines(done.pieces):
            if text := "".join(piece for piece, _ in line).rstrip():
                done.add(text, _size(text), line, index)
        done.pieces.clear()
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
    if inherited is _CODE or (inherited is _ROW and tag not in ("button", "legend")):
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


def _step(node: Node) -> str:
    """Return a node's part of the path: its tag, id, classes, role and itemprop."""
    name = classes = role = itemprop = ""
    for attribute, value in () if node.element is None else node.element.items():
        if attribute == "class":
            classes = value[:200]
        elif attribute == "id":
            name = value.strip()[:60]
        elif attribute == "role":
            role = value[:60]
        elif attribute == "itemprop":
            itemprop = value[:60]
    return _step_of(node.tag, name, classes, role, itemprop) if name or classes or role or itemprop else node.tag


@lru_cache(maxsize=8192)
def _step_of(tag: str, name: str, classes: str, role: str, itemprop: str) -> str:
    word = _WORD.match(name) if name else None
    step = f"{tag}#{word[0]}" if word else tag
    if classes:
        step = ".".join([step, *_WORD.findall(classes)])
    if role or itemprop:
        step += "".join([f"[role={word}]" for word in _WORD.findall(role)])
        step += "".join([f"[itemprop={word}]" for word in _WORD.findall(itemprop)])
    return step
