"""Structure of a page: headings, lists, quotations, code, tables, formulas, links, emphasis and images of its blocks.

A second walk over the tree, after segmentation and only where structure was asked for. The characters of the text that
are no white space come in the order of the tree, so that the place of each element in the text is known by counting.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final

from lxml import etree

from saaf.cleaning.html.code_language import code_language
from saaf.cleaning.html.elements import (
    CODE,
    INHERITED_KINDS,
    INLINE_TAGS,
    KIND_OF_TAG,
    ROW,
    SKIPPED_TAGS,
    TABLE_TAGS,
    kind_of,
)
from saaf.cleaning.html.formulas import FORMULA
from saaf.cleaning.html.links import base_of, image_url, safe_url
from saaf.cleaning.html.list_numbers import ItemNumbers, item_container
from saaf.cleaning.html.structure_walk import LostError, Open, Walk, read_text
from saaf.cleaning.structure import (
    BlockStructure,
    Cell,
    Container,
    ContainerKind,
    Image,
    InlineSpan,
    SpanKind,
    Structure,
)
from saaf.cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from saaf.cleaning.types import Block

_SPAN_OF_TAG: Final = {
    "a": SpanKind.LINK,
    **dict.fromkeys(("strong", "b"), SpanKind.STRONG),
    **dict.fromkeys(("em", "i", "cite", "dfn", "var"), SpanKind.EMPHASIS),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), SpanKind.CODE),
    "sub": SpanKind.SUBSCRIPT,
    "sup": SpanKind.SUPERSCRIPT,
    **dict.fromkeys(("del", "s", "strike"), SpanKind.DELETED),
}
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_LISTS: Final = frozenset(("ul", "ol", "menu", "dl"))
_ITEM_TAGS: Final = frozenset(("li", "dt", "dd"))
_MAX_CONTAINERS: Final = 32  # levels; what is deeper is no structure that anybody reads
_MAX_SPAN: Final = 1_000  # columns or rows of a cell, as in browsers


def read_structure(root: HtmlElement, text: str, blocks: Sequence[Block], url: str | None) -> Structure:
    """Return the structure of the `blocks` of a page, whose tree was segmented into them and whose text is `text`.

    `url` is the page's address, None where unknown. Where the text does not follow the tree, the blocks have none.
    """
    places = array("I", (at for at, character in enumerate(text) if not character.isspace()))
    firsts = [bisect_left(places, block.start) for block in blocks]
    walk = Walk(
        text=text,
        base=base_of(root, url),
        solid="".join(text.split()),
        places=places,
        firsts=firsts,
    )
    try:
        _walk_tree(walk, root)
    except LostError:
        return Structure(text=text, blocks=tuple(BlockStructure() for _ in blocks))
    walk.blocks += [BlockStructure()] * (len(blocks) - len(walk.blocks))
    walk.images += [_image(walk, at, element, around, 0, len(places)) for at, element, around in walk.pending]
    return Structure(
        text=text,
        blocks=tuple(_with_cells(walk, own, number) for number, own in enumerate(walk.blocks)),
        spans=tuple(_split_spans(walk)),
        images=tuple(sorted((one for one in walk.images if one.url), key=lambda one: one.start)),
    )


def _walk_tree(walk: Walk, root: HtmlElement) -> None:
    events = etree.iterwalk(root, events=("start", "end"))
    stack = [Open(None, "", Kind.PARAGRAPH, 0, 0, 0, 0, 0)]
    count = 0
    for event, element in events:
        if event == "start":
            if element.tag in SKIPPED_TAGS or not isinstance(element.tag, str):
                events.skip_subtree()
                continue
            count += 1
            stack.append(_enter(walk, element, element.tag, count, stack[-1]))
            text = element.text
        else:
            if element is stack[-1].element:  # else it was skipped
                _leave(walk, stack.pop())
            text = element.tail
        if text and len(stack) > 1:
            read_text(walk, text, stack[-1])


def _enter(walk: Walk, element: HtmlElement, tag: str, number: int, above: Open) -> Open:
    """Return an element that begins, with what it inherits."""
    inline = tag in INLINE_TAGS
    own = Open(
        element, tag, _kind(element, tag, above.kind), number, walk.at, walk.plain, above.block if inline else number,
        len(walk.pending), above.containers, above.level, above.code, above.table, above.language, None, above.spans,
        above.numbers, above.cells, is_term=above.is_term,
    )  # fmt: skip
    if inline:
        _enter_inline(walk, own)
        return own
    if tag == "br":
        walk.breaks += 1
        walk.newlines += 1
    elif tag in ("td", "th") and own.kind is ROW and above.kind is ROW:
        _enter_cell(walk, own)
    elif tag == "tr" and own.kind is ROW:
        own.cells = []
    elif tag == "table":
        own.table = number
    elif own.kind is CODE:
        own.code = number if above.kind is not CODE else above.code
        own.language = above.language or code_language(element)
    own.level = _HEADINGS.get(tag, above.level)
    _enter_container(own, above)
    return own


def _kind(element: HtmlElement, tag: str, above: Kind) -> Kind:
    """Return the kind of block that an element makes, as `saaf.cleaning.html.segment` does."""
    if tag in INLINE_TAGS:
        return kind_of(element, tag, above) if tag == "label" else above
    if above in INHERITED_KINDS or tag in TABLE_TAGS:
        return kind_of(element, tag, above)
    return KIND_OF_TAG.get(tag, above)


def _enter_inline(walk: Walk, own: Open) -> None:
    assert own.element is not None  # noqa: S101
    if own.tag == "img":
        walk.pending.append((walk.at, own.element, own))
        return
    kind = SpanKind.FORMULA if own.element.get(FORMULA) else _SPAN_OF_TAG.get(own.tag)
    if kind is not None and kind not in own.spans and own.kind is not CODE:
        own.span = kind
        own.spans = own.spans | {kind}


def _enter_cell(walk: Walk, own: Open) -> None:
    """Begin a cell: between two, the text has a separator, which is in neither. It ends where the next one begins: an
    element that was not closed may hold the next one.
    """
    own.cells = [] if own.cells is None else own.cells
    before = walk.at
    if own.cells and walk.solid[walk.at : walk.at + 1] == "|":
        walk.at += 1
    assert own.element is not None  # noqa: S101
    own.cells.append((before, walk.at, own.element))


def _enter_container(own: Open, above: Open) -> None:
    """Add what an element is to what its blocks stand in."""
    assert own.element is not None  # noqa: S101
    found: Container | None = None
    if own.tag in _LISTS:
        own.numbers = ItemNumbers.of(own.element, own.tag, own.number)
    elif own.tag in _ITEM_TAGS:
        found = item_container(own.element, own.tag, above.numbers, own.number, above.number)
        own.is_term = own.tag == "dt"
        if above.containers and above.containers[-1].list == found.list and own.tag != "li":
            own.containers = own.containers[:-1]  # the parser puts a definition into the one before it
        own.numbers = None if own.tag == "li" else own.numbers
    elif own.tag == "blockquote":
        found = Container(kind=ContainerKind.QUOTE, element=own.number)
    elif own.tag == "figure":
        found = Container(kind=ContainerKind.FIGURE, element=own.number)
    if found is not None and len(own.containers) < _MAX_CONTAINERS:
        own.containers = (*own.containers, found)


def _leave(walk: Walk, own: Open) -> None:
    """End an element: its span, its cell, and the images in it that now have text around them."""
    assert own.element is not None  # noqa: S101
    if own.span is not None and walk.at > own.begin:
        walk.spans.append((own.begin, walk.at, own.span, own.element))
    if own.tag == "tr" and own.cells:
        block = bisect_right(walk.firsts, own.begin) - 1 if own.begin < walk.at else -1
        if block >= 0:
            walk.rows[block] = own.begin, walk.at, own.cells
    if len(walk.pending) > own.images and walk.plain > own.plain:
        found = walk.pending[own.images :]
        del walk.pending[own.images :]
        walk.images += [_image(walk, at, element, around, own.begin, walk.at) for at, element, around in found]


def _with_cells(walk: Walk, own: BlockStructure, number: int) -> BlockStructure:
    """Return a row's structure with its cells; other blocks stay as they are."""
    if own.table is None or number not in walk.rows:
        return own
    row_begin, row_end, found = walk.rows[number]
    # A button in a row is a block, and the row goes on behind it.
    row_end = min(row_end, walk.firsts[number + 1] if number + 1 < len(walk.firsts) else len(walk.places))
    begins = [row_begin, *(begin for _, begin, _ in found[1:])]
    ends = [*(before for before, _, _ in found[1:]), row_end]
    cells = []
    for (_, _, element), begin, last in zip(found, begins, ends, strict=True):
        end = min(last, row_end)
        if begin > row_end:
            break
        start = walk.places[begin] if begin < row_end else walk.places[row_end - 1] + 1
        cells.append(
            Cell(
                start=start,
                end=walk.places[end - 1] + 1 if end > begin else start,
                is_header=element.tag == "th" or next(element.iterancestors("thead"), None) is not None,
                columns=_number(element, "colspan"),
                rows=_number(element, "rowspan"),
            )
        )
    return BlockStructure(containers=own.containers, is_term=own.is_term, table=own.table, cells=tuple(cells))


def _number(cell: HtmlElement, name: str) -> int:
    value = (cell.get(name) or "").strip()[:6]
    return min(max(int(value), 1), _MAX_SPAN) if value.isdecimal() else 1


def _split_spans(walk: Walk) -> list[InlineSpan]:
    """Return the spans in the order of the text, those over several blocks in one part for each."""
    found: list[InlineSpan] = []
    ordered = walk.spans[::-1]  # an inner element ended before the one that it is in
    ordered.sort(key=lambda span: (span[0], -span[1]))
    for begin, end, kind, element in ordered:
        url = safe_url(element.get("href") or "", walk.base) if kind is SpanKind.LINK else None
        if kind is SpanKind.LINK and url is None:
            continue
        display = element.get(FORMULA) == "display"
        block, at = bisect_right(walk.firsts, begin) - 1, begin
        while at < end:
            block += 1
            upto = min(end, walk.firsts[block]) if block < len(walk.firsts) else end
            if upto > at:
                start, stop = walk.places[at], walk.places[upto - 1] + 1
                found.append(InlineSpan(start=start, end=stop, kind=kind, url=url, display=display))
            at = max(upto, at)
    return sorted(found, key=lambda span: (span.start, -span.end))


def _image(walk: Walk, at: int, image: HtmlElement, around: Open, begin: int, end: int) -> Image:
    """Return an image that stands before character `at` of those that are no white space; `begin` and `end` bound the
    text around it. Its address is "" where it has none.
    """
    place = walk.places[at] if at < len(walk.places) else len(walk.text)
    is_inline = 0 < at < len(walk.places) and at not in walk.firsts[bisect_left(walk.firsts, at) :][:1]
    return Image(
        start=place,
        end=place,
        url=image_url(image, walk.base) or "",
        alt=" ".join((image.get("alt") or "").split()),
        is_inline=is_inline,
        containers=around.containers,
        scope_start=walk.places[begin] if begin < len(walk.places) else len(walk.text),
        scope_end=walk.places[end - 1] + 1 if end else 0,
    )
