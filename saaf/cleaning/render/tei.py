"""TEI XML of a clean document (TEI P5): a header with what is known of it, and its text in divisions by headings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeGuard, cast

from lxml import etree

from saaf.cleaning.render.inline import InlinePieces, Marked
from saaf.cleaning.render.kept import kept_structure
from saaf.cleaning.render.tei_header import add_header
from saaf.cleaning.render.tree import Group, ItemList, Leaf, build_tree
from saaf.cleaning.render.xml_text import append_text, element, xml_text
from saaf.cleaning.structure import ContainerKind, Image, SpanKind
from saaf.cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from saaf.cleaning.render.inline import Piece
    from saaf.cleaning.render.kept import KeptBlock
    from saaf.cleaning.render.tree import Node
    from saaf.cleaning.types import CleanDocument

TEI: Final = "http://www.tei-c.org/ns/1.0"
_NAMESPACES: Final = cast("dict[str, str]", {None: TEI})
_XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_XML_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"
_RENDITION: Final = {
    SpanKind.STRONG: "bold",
    SpanKind.EMPHASIS: "italic",
    SpanKind.SUBSCRIPT: "sub",
    SpanKind.SUPERSCRIPT: "sup",
}
_LIST_KINDS: Final = {
    ContainerKind.ORDERED_ITEM: "numbered",
    ContainerKind.UNORDERED_ITEM: "bulleted",
    ContainerKind.DESCRIPTION_ITEM: "gloss",
}
_DEFAULT_LEVEL: Final = 2  # of a heading in plain text
_TEX: Final = re.compile(r"\\[(\[](.*)\\[)\]]", re.DOTALL)


def to_tei(clean: CleanDocument) -> str:
    """Return the clean text of a document as TEI XML, a whole document with its declaration and a line break at the
    end.

    Well-formed for any text: characters that XML does not allow become U+FFFD. The elements are `div`, `head`, `p`,
    `list`, `label`, `item`, `quote`, `table`, `row`, `cell`, `code`, `formula`, `ref`, `hi`, `del`, `lb`, `figure`,
    `graphic` and `figDesc`; `xml:lang` is the language as a BCP 47 tag.
    """
    kept = kept_structure(clean)
    root = etree.Element(f"{{{TEI}}}TEI", nsmap=_NAMESPACES)
    language = clean.document.language
    if language.code != "und":
        root.set(_XML_LANG, language_tag(language.code, language.script))
    add_header(root, clean.document)
    body = element(element(root, "text"), "body")
    _add_body(body, build_tree(kept), _Writer(InlinePieces(kept), kept.text))
    etree.indent(root.find(f"{{{TEI}}}teiHeader"))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True).decode() + "\n"


def language_tag(code: str, script: str) -> str:
    """Return a language as a BCP 47 tag: "ur-Arab"; "ur" where the script is not known."""
    return code if script in ("", "Zyyy", "Zzzz", "Zinh") else f"{code}-{script}"


def _add_body(body: etree._Element, nodes: Iterable[Node], writer: _Writer) -> None:
    """Add the nodes that stand in no container, in divisions: one for each heading, in that of the higher heading."""
    open_divisions: list[tuple[int, etree._Element]] = []
    for node in nodes:
        if isinstance(node, Leaf) and node.kind is Kind.HEADING:
            level = node.blocks[0].structure.level or _DEFAULT_LEVEL
            while open_divisions and open_divisions[-1][0] >= level:
                open_divisions.pop()
            division = element(open_divisions[-1][1] if open_divisions else body, "div")
            open_divisions.append((level, division))
            writer.add_lines(element(division, "head"), node.blocks)
        else:
            writer.add(open_divisions[-1][1] if open_divisions else body, node)
    for parent in body.iter(f"{{{TEI}}}body", f"{{{TEI}}}div"):
        if len(parent) == 0 or (len(parent) == 1 and parent[0].tag == f"{{{TEI}}}head"):
            element(parent, "p")  # TEI asks for one
        parent.text = "\n"
        for child in parent:
            child.tail = "\n"


class _Writer:
    """Adds the nodes of one document to elements, in the order of the text."""

    def __init__(self, pieces: InlinePieces, text: str) -> None:
        self._pieces = pieces
        self._text = text

    def add(self, parent: etree._Element, node: Node) -> None:
        """Add a node to an element."""
        if isinstance(node, Image):
            self._add_image(parent, node)
        elif isinstance(node, ItemList):
            self._add_list(parent, node)
        elif isinstance(node, Group):
            self._add_group(parent, node)
        else:
            self._add_leaf(parent, node)

    def _add_image(self, parent: etree._Element, image: Image) -> etree._Element:
        figure = element(parent, "figure")
        element(figure, "graphic", url=image.url)
        if image.alt:
            append_text(element(figure, "figDesc"), image.alt)
        return figure

    def _add_list(self, parent: etree._Element, node: ItemList) -> None:
        list_element = element(parent, "list", rend=_LIST_KINDS[node.kind])
        if node.kind is ContainerKind.DESCRIPTION_ITEM:
            list_element.set("type", "gloss")
        for item in node.items:
            children = list(item.children)
            while children and _is_term(first := children[0]):
                self.add_lines(element(list_element, "label"), first.blocks)
                del children[0]
            if children or node.kind is not ContainerKind.DESCRIPTION_ITEM:
                number = {} if item.number is None else {"n": str(item.number)}
                self._add_item(element(list_element, "item", **number), children)

    def _add_item(self, item: etree._Element, children: Sequence[Node]) -> None:
        """Add what is in an item; one paragraph alone needs no element."""
        first = children[0] if children else None
        if len(children) == 1 and isinstance(first, Leaf) and first.kind not in (Kind.CODE, Kind.TABLE_ROW):
            self.add_lines(item, first.blocks)
            return
        for child in children:
            self.add(item, child)

    def _add_group(self, parent: etree._Element, node: Group) -> None:
        if node.kind is ContainerKind.QUOTE:
            quote = element(parent, "quote")
            for child in node.children:
                self.add(quote, child)
            return
        images = [child for child in node.children if isinstance(child, Image)]
        captions = [child for child in node.children if isinstance(child, Leaf) and child.kind is Kind.CAPTION]
        if len(images) + len(captions) < len(node.children) or not images:
            for child in node.children:
                self.add(parent, child)
            return
        figures = [self._add_image(parent, image) for image in images]
        for caption in captions:
            self.add_lines(element(figures[-1], "head"), caption.blocks)

    def _add_leaf(self, parent: etree._Element, leaf: Leaf) -> None:
        if leaf.kind is Kind.CODE:
            self._add_code(element(parent, "p"), leaf.blocks)
        elif leaf.kind is Kind.TABLE_ROW and leaf.blocks[0].structure.cells:
            self._add_table(parent, leaf.blocks)
        elif leaf.kind is Kind.HEADING:
            self.add_lines(element(parent, "label"), leaf.blocks)  # in a quotation or an item, TEI has no `head`
        else:
            self.add_lines(element(parent, "p"), leaf.blocks)

    def _add_code(self, parent: etree._Element, blocks: Sequence[KeptBlock]) -> None:
        lines: list[str] = []
        for block in blocks:
            lines += [""] * (block.structure.blank_lines if lines else 0)
            lines.append(self._text[block.start : block.end])
        code = element(parent, "code")
        if language := next((block.structure.language for block in blocks if block.structure.language), None):
            code.set("lang", language)
        code.set(_XML_SPACE, "preserve")
        append_text(code, "\n".join(lines))

    def _add_table(self, parent: etree._Element, rows: Sequence[KeptBlock]) -> None:
        table = element(parent, "table")
        for row in rows:
            cells = row.structure.cells
            row_element = element(table, "row", **({"role": "label"} if all(one.is_header for one in cells) else {}))
            for cell in cells:
                own = element(row_element, "cell")
                if cell.is_header:
                    own.set("role", "label")
                if cell.columns > 1:
                    own.set("cols", str(cell.columns))
                if cell.rows > 1:
                    own.set("rows", str(cell.rows))
                self._add_pieces(own, self._pieces.of(cell.start, cell.end))

    def add_lines(self, parent: etree._Element, blocks: Sequence[KeptBlock]) -> None:
        """Add the text of blocks to an element, with a line break between two."""
        for number, block in enumerate(blocks):
            if number:
                element(parent, "lb")
            self._add_pieces(parent, self._pieces.of(block.start, block.end))

    def _add_pieces(self, parent: etree._Element, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            if isinstance(piece, str):
                append_text(parent, piece)
            elif isinstance(piece, Image):
                self._add_image(parent, piece)
            else:
                self._add_marked(parent, piece)

    def _add_marked(self, parent: etree._Element, piece: Marked) -> None:
        kind = piece.span.kind
        if kind is SpanKind.FORMULA:
            self._add_formula(parent, piece)
            return
        if kind is SpanKind.LINK:
            own = element(parent, "ref", target=piece.span.url or "")
        elif kind in (SpanKind.CODE, SpanKind.DELETED):
            own = element(parent, "code" if kind is SpanKind.CODE else "del")
        else:
            own = element(parent, "hi", rend=_RENDITION[kind])
        self._add_pieces(own, piece.children)

    def _add_formula(self, parent: etree._Element, piece: Marked) -> None:
        text = self._text[piece.span.start : piece.span.end]
        tex = _TEX.fullmatch(text)
        formula = element(parent, "formula", **({"notation": "TeX"} if tex else {}))
        if piece.span.display:
            formula.set("rend", "display")
        formula.text = xml_text(tex[1] if tex else text)


def _is_term(node: Node) -> TypeGuard[Leaf]:
    return isinstance(node, Leaf) and node.blocks[0].structure.is_term
