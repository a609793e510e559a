"""Segmentation: one walk over the tree of a page that yields its blocks, the units of all later decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from saaf.cleaning.html.elements import (
    CODE,
    INHERITED_KINDS,
    INLINE_TAGS,
    KIND_OF_TAG,
    ONE_LINE_KINDS,
    ROW,
    SKIPPED_TAGS,
    TABLE_TAGS,
    kind_of,
    path_step,
    visible_texts,
)
from saaf.cleaning.html.path_names import normalize_step
from saaf.cleaning.html.visibility import unseen_elements
from saaf.cleaning.text.control_characters import remove_stray_bidi_controls
from saaf.cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from saaf.cleaning.html.page_elements import PageElements

_MAX_SHORT_TEXTS = 12  # text nodes of a short element, white space between elements too: about six lines
CELL_SEPARATOR = " | "
# The longest path on 600 real pages has 3,545 characters, the deepest 50 steps; without bounds, 500 nested elements
# of 100 classes each made 50 MB of paths.
_MAX_PATH_LENGTH = 4_000
_MAX_STEPS = 100


@dataclass(slots=True)
class Node:
    """An element of the walk.

    `parent` is an index into the nodes, -1 for the root. `hidden` and `kind` are inherited; `linked`: it is a link or
    in one. `cells` counts the cells of a table row up to now.
    """

    element: HtmlElement | None
    tag: str
    parent: int
    hidden: bool
    kind: Kind
    linked: bool
    cells: int = 0


_WITH_RULES_OF_THEIR_OWN = frozenset(("br", *TABLE_TAGS))  # the other tags end the block before them, and no more

TemplatePaths = Mapping[str, "TemplatePaths | None"]
"""A trie of normalized paths: a step, see `saaf.cleaning.html.path_names.normalize_step`, to the steps below it, None
at the end of a path.
"""
_NO_PATHS: TemplatePaths = {}

_ABOVE_ROOT = Node(None, "", parent=-1, hidden=False, kind=Kind.PARAGRAPH, linked=False)


class RawBlock(NamedTuple):
    """A block as the walk finds it: one line of text.

    `node` is the index of its element in the nodes. `characters` is the number of characters without white space,
    `linked` of those in links. `after_image`: an image is between this block and the one before it.
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
    """The result of the walk, and its state meanwhile.

    `depth` is the depth of the deepest element. `pieces` are the texts of the block that is being collected, each with
    its node; `after_image`: an image was met since the last block; `controls_removed`: stray directional controls were
    removed from a block. `paths` caches paths by node, with their numbers of steps, and `steps` by the path above and
    the last step: nodes with the same path share it; `block_weights` caches `saaf.cleaning.html.density.block_weights`.
    """

    nodes: list[Node] = field(default_factory=list)
    blocks: list[RawBlock] = field(default_factory=list)
    pieces: list[tuple[str, int]] = field(default_factory=list)
    depth: int = 0
    after_image: bool = False
    controls_removed: bool = False
    block_weights: list[tuple[float, float]] | None = None
    paths: dict[int, tuple[str, int]] = field(default_factory=lambda: {-1: ("", 0)})
    steps: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)

    def path(self, index: int) -> str:
        """Return the path of a node: "html/body/div#main.post/p".

        Beyond 4,000 characters the outer steps are tags only, beyond 100 steps they are left out.
        """
        nodes, paths, ancestors = self.nodes, self.paths, []
        at = index
        while at not in paths:
            ancestors.append(at)
            at = nodes[at].parent
        own = paths[at]
        for at in reversed(ancestors):
            above, step = own, path_step(nodes[at].element, nodes[at].tag)
            if (known := self.steps.get((above[0], step))) is None:
                path, depth = f"{above[0]}/{step}" if above[1] else step, above[1] + 1
                if depth > _MAX_STEPS or len(path) > _MAX_PATH_LENGTH:
                    return self._bounded_path(index)
                known = self.steps[above[0], step] = path, depth
            own = paths[at] = known
        return own[0]

    def _bounded_path(self, index: int) -> str:
        steps: list[str] = []
        left = _MAX_PATH_LENGTH
        while index >= 0 and len(steps) < _MAX_STEPS:
            node = self.nodes[index]
            step = path_step(node.element, node.tag)
            steps.append(step if left > 0 else node.tag)
            left -= len(step)
            index = node.parent
        return "/".join(reversed(steps))

    def flush(self, current: int) -> None:
        """End the block that is being collected; `current` is the node of the element that it ends in."""
        pieces = self.pieces
        if not pieces:
            return
        words = (pieces[0][0] if len(pieces) == 1 else "".join([piece for piece, _ in pieces])).split()
        if words:
            text = " ".join(words) if len(words) > 1 else words[0]
            self.add(text, len(text) - len(words) + 1, pieces, current)
        pieces.clear()

    def add(self, text: str, characters: int, pieces: list[tuple[str, int]], current: int) -> None:
        """Append a block of `text`. Its node is that of its pieces where they all have the same, else `current`."""
        if not text.isascii() and (plain := remove_stray_bidi_controls(text)) != text:
            characters -= len(text) - len(plain)
            text, self.controls_removed = plain, True
        nodes, owner = self.nodes, pieces[0][1]
        linked = characters if nodes[owner].linked else 0
        if len(pieces) > 1:
            visible = [(piece, node) for piece, node in pieces if piece and not piece.isspace()]
            owners = {node for _, node in visible}
            owner = visible[0][1] if len(owners) == 1 else current
            in_links = {node for node in owners if nodes[node].linked}
            linked = characters if in_links == owners else 0
            if in_links and not linked:
                linked = sum([_size(piece) for piece, node in visible if node in in_links])
        own = nodes[owner]
        self.blocks.append(RawBlock(text, own.kind, owner, own.hidden, characters, linked, self.after_image))
        self.after_image = False


def _size(text: str) -> int:
    """Return the number of characters of a text that are no white space."""
    return len("".join(text.split()))


def segment(
    root: HtmlElement, boilerplate: TemplatePaths | None = None, elements: PageElements | None = None
) -> Segmentation:
    """Segment a page into blocks, in document order, in one pass and without recursion.

    An element on one of the normalized paths `boilerplate` with more than a few lines becomes one block, not split into
    its own blocks. With `boilerplate` the page is of a known template, and its hidden elements are not looked for.
    `elements` are those of the tree, None where they are not known.
    """
    done = Segmentation()
    paths_below = {-1: boilerplate} if boilerplate else {}
    nodes, pieces, current, depth = done.nodes, done.pieces, -1, 0
    hidden_roots = set() if boilerplate else unseen_elements(root, elements)
    events = etree.iterwalk(root, events=("start", "end"))
    above = _ABOVE_ROOT
    # A look-up of a global name or an attribute takes as long as a comparison, and there are thousands of elements.
    skipped, inline, code, row = SKIPPED_TAGS, INLINE_TAGS, CODE, ROW
    for event, element in events:
        if event == "start":
            tag = element.tag
            if tag in skipped or not isinstance(tag, str):
                events.skip_subtree()
                continue
            if current in paths_below and _add_boilerplate(done, element, tag, current, paths_below):
                events.skip_subtree()
                continue
            kind = above.kind
            if tag not in inline:
                kind = _enter(done, element, tag, current, above)
            elif tag == "img":
                done.after_image = True
            elif tag == "label":
                kind = kind_of(element, tag, kind)
            hidden = above.hidden or element in hidden_roots
            above = Node(element, tag, current, hidden, kind, above.linked or tag == "a")
            current = len(nodes)
            nodes.append(above)
            depth += 1
            if depth > done.depth:
                done.depth = depth
            text = element.text
        else:
            if element is above.element:  # else it was skipped
                if (pieces or above.kind is row) and above.tag not in inline and above.tag != "br":
                    _leave(done, above.tag, current)
                current = above.parent
                above = nodes[current] if current >= 0 else _ABOVE_ROOT
                depth -= 1
            text = element.tail
        # White space at the beginning of a block is dropped, except in code.
        if text and current >= 0 and (pieces or not text.isspace() or above.kind is code):
            pieces.append((text, current))
    done.flush(0)
    return done


def _add_boilerplate(
    done: Segmentation, element: HtmlElement, tag: str, parent: int, paths_below: dict[int, TemplatePaths]
) -> bool:
    """Append an element at the end of a boilerplate path as one block, and return whether that was done.

    `paths_below` are the remaining steps of the paths by node; those of this element are added where its path goes on.
    An element of only a few lines is walked as usual: a date may be among them.
    """
    above = done.nodes[parent] if parent >= 0 else _ABOVE_ROOT
    if tag in INLINE_TAGS or above.kind in INHERITED_KINDS:
        return False
    below = paths_below[parent].get(normalize_step(path_step(element, tag)), _NO_PATHS)
    if below:
        paths_below[len(done.nodes)] = below
    if below is not None:
        return False
    texts = visible_texts(element)
    if len(texts) <= _MAX_SHORT_TEXTS:
        return False
    _end_block(done, _block_level(done, parent))
    done.nodes.append(Node(element, tag, parent, hidden=above.hidden, kind=Kind.PARAGRAPH, linked=False))
    if words := " ".join(texts).split():
        text = " ".join(words)
        done.add(text, len(text) - len(words) + 1, [(text, len(done.nodes) - 1)], parent)
    return True


def _enter(done: Segmentation, element: HtmlElement, tag: str, parent: int, above: Node) -> Kind:
    """Begin an element that is not inline: end the block before it where the element does, and return its kind."""
    kind = above.kind
    if kind is not CODE and kind is not ROW and tag not in _WITH_RULES_OF_THEIR_OWN:  # nearly all
        if done.pieces:
            _end_block(done, _block_level(done, parent))
        return KIND_OF_TAG.get(tag, kind)
    kind = kind_of(element, tag, kind) if kind in INHERITED_KINDS or tag in TABLE_TAGS else KIND_OF_TAG.get(tag, kind)
    if tag == "br" or above.kind is ROW:
        _break_or_separate(done, tag, kind, above, parent)
    elif done.pieces:
        _end_block(done, _block_level(done, parent))
    return kind


def _break_or_separate(done: Segmentation, tag: str, kind: Kind, above: Node, parent: int) -> None:
    """At a `br` or an element in a table row, end the block, or add a separator where the block goes on."""
    if tag in ("td", "th") and kind is ROW:
        if above.cells:
            done.pieces.append((CELL_SEPARATOR, parent))
        above.cells += 1
    elif tag == "br":
        if above.kind in ONE_LINE_KINDS or above.kind is CODE:
            done.pieces.append(("\n" if above.kind is CODE else " ", parent))
        else:
            done.flush(_block_level(done, parent))
    elif kind is ROW:
        done.pieces.append((" ", parent))
    else:
        _end_block(done, _block_level(done, parent))


def _leave(done: Segmentation, tag: str, index: int) -> None:
    """End the block at the end of an element; within a table row only part it from what follows."""
    if tag != "tr" and done.nodes[index].kind is ROW:
        done.pieces.append((" ", index))
    else:
        _end_block(done, index)


def _end_block(done: Segmentation, index: int) -> None:
    """End the block that is being collected in node `index`; of code, each line becomes a block."""
    if index >= 0 and done.nodes[index].kind is CODE:
        for line in _lines(done.pieces):
            if text := "".join(piece for piece, _ in line).rstrip():
                done.add(text, _size(text), line, index)
        done.pieces.clear()
    else:
        done.flush(index)


def _lines(pieces: list[tuple[str, int]]) -> Iterator[list[tuple[str, int]]]:
    """Yield the pieces of each line, split at the line breaks in them."""
    line: list[tuple[str, int]] = []
    for piece, node in pieces:
        first, *others = piece.splitlines() if not piece.endswith("\n") else [*piece.splitlines(), ""]
        line.append((first, node))
        for other in others:
            yield line
            line = [(other, node)]
    yield line


def _block_level(done: Segmentation, index: int) -> int:
    """Return the index of a node's nearest ancestor-or-self that is not inline, 0 where there is none."""
    while index > 0 and done.nodes[index].tag in INLINE_TAGS:
        index = done.nodes[index].parent
    return index
