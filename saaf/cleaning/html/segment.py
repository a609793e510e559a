"""One walk over a parsed page that yields its blocks: the ruler on which everything votes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from saaf.cleaning.html.elements import (
    CODE,
    INLINE,
    KEPT,
    KINDS,
    ONE_LINE,
    ROW,
    SKIPPED,
    TABLE,
    hidden_elements,
    kind_of,
    path_step,
    visible_texts,
)
from saaf.cleaning.html.path_names import normalize_step
from saaf.cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

_FEW_TEXTS = 12  # blanks between elements among them: about six lines
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


Places = Mapping[str, "Places | None"]
"""Steps of paths, as `saaf.cleaning.site.fingerprints.normalize_step` has them, from the root inwards; None ends a
place.
"""
_NO_PLACES: Places = {}

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
class Segmentation:
    """The result of the walk, and its state while it lasts; `depth` is that of the deepest element. `paths` are those
    asked for, with their depths, `measures` those of the blocks (`saaf.cleaning.votes.extractors.measures`).
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
            step = path_step(nodes[at].element, nodes[at].tag)
            path, depth = f"{path}/{step}" if depth else step, depth + 1
            if depth > _MOST_STEPS or len(path) > _LONGEST_PATH:
                return self._bounded_path(index)
            paths[at] = path, depth
        return path

    def _bounded_path(self, index: int) -> str:
        steps: list[str] = []
        left = _LONGEST_PATH
        while index >= 0 and len(steps) < _MOST_STEPS:
            node = self.nodes[index]
            step = path_step(node.element, node.tag)
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


def segment(root: HtmlElement, outside: Places | None = None) -> Segmentation:
    """Return the blocks of the page in document order, without recursion and in one pass.

    What stands in the places `outside`, and is more than a few lines, becomes one block, whose words are told apart but
    not its lines: of what is known to be no article it need not be known how it is made, nor what of a page of a known
    template is hidden.
    """
    done = Segmentation()
    around = {-1: outside} if outside else {}
    nodes, pieces, current, depth = done.nodes, done.pieces, -1, 0
    hiding = set() if outside else hidden_elements(root)
    events = etree.iterwalk(root, events=("start", "end"))
    above = _NOWHERE
    for event, element in events:
        if event == "start":
            tag = element.tag
            if tag in SKIPPED or not isinstance(tag, str):
                events.skip_subtree()
                continue
            if current in around and _stands_outside(done, element, tag, current, around):
                events.skip_subtree()
                continue
            kind = above.kind
            if tag not in INLINE:
                kind = _enter(done, element, tag, current, above)
            elif tag == "img":
                done.image = True
            elif tag == "label":
                kind = kind_of(element, tag, kind)
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
                if above.tag not in INLINE and above.tag != "br" and (pieces or above.kind is ROW):
                    _leave(done, above.tag, current)
                current = above.parent
                above = nodes[current] if current >= 0 else _NOWHERE
                depth -= 1
            text = element.tail
        # Blanks that begin a block are nothing, except where lines are kept.
        if text and current >= 0 and (pieces or not text.isspace() or above.kind is CODE):
            pieces.append((text, current))
    done.flush(0)
    return done


def _stands_outside(done: Segmentation, element: HtmlElement, tag: str, parent: int, around: dict[int, Places]) -> bool:
    """Tell whether an element in one of the places `around` ends one, and if so append all it holds as one block; else
    note the places in it. Where it holds only a few lines it is walked through: a date may be among them.
    """
    above = done.nodes[parent] if parent >= 0 else _NOWHERE
    if tag in INLINE or above.kind in KEPT:
        return False
    inside = around[parent].get(normalize_step(path_step(element, tag)), _NO_PLACES)
    if inside:
        around[len(done.nodes)] = inside
    if inside is not None:
        return False
    texts = visible_texts(element)
    if len(texts) <= _FEW_TEXTS:
        return False
    _end_block(done, _block_level(done, parent))
    done.nodes.append(Node(element, tag, parent, hidden=above.hidden, kind=Kind.PARAGRAPH, linked=False))
    if words := " ".join(texts).split():
        text = " ".join(words)
        done.add(text, len(text) - len(words) + 1, [(text, len(done.nodes) - 1)], parent)
    return True


def _enter(done: Segmentation, element: HtmlElement, tag: str, parent: int, above: Node) -> Kind:
    """End the block before an element that is not inline, as far as it ends one, and return the element's kind."""
    kind = above.kind
    kind = kind_of(element, tag, kind) if kind in KEPT or tag in TABLE else KINDS.get(tag, kind)
    if tag == "br" or above.kind is ROW:
        _begin(done, tag, kind, above, parent)
    elif done.pieces:
        _end_block(done, _block_level(done, parent))
    return kind


def _begin(done: Segmentation, tag: str, kind: Kind, above: Node, parent: int) -> None:
    """End the block before a line break or an element in a row, or part it from what precedes it in its row or line."""
    if tag in ("td", "th") and kind is ROW:
        if above.cells:
            done.pieces.append((CELL_SEPARATOR, parent))
        above.cells += 1
    elif tag == "br":
        if above.kind in ONE_LINE or above.kind is CODE:
            done.pieces.append(("\n" if above.kind is CODE else " ", parent))
        else:
            done.flush(_block_level(done, parent))
    elif kind is ROW:
        done.pieces.append((" ", parent))
    else:
        _end_block(done, _block_level(done, parent))


def _leave(done: Segmentation, tag: str, index: int) -> None:
    if tag != "tr" and done.nodes[index].kind is ROW:
        done.pieces.append((" ", index))
    else:
        _end_block(done, index)


def _end_block(done: Segmentation, index: int) -> None:
    if index >= 0 and done.nodes[index].kind is CODE:
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


def _block_level(done: Segmentation, index: int) -> int:
    while index > 0 and done.nodes[index].tag in INLINE:
        index = done.nodes[index].parent
    return index
