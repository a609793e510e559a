"""Inline Markdown: links, emphasis, code and images in the text of a block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from saaf.cleaning.render.inline import Marked
from saaf.cleaning.render.markdown_text import can_close, can_open, code_span, destination, escape
from saaf.cleaning.structure import Image, SpanKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.cleaning.render.inline import Piece

_MARKS: Final = {SpanKind.STRONG: "**", SpanKind.EMPHASIS: "*", SpanKind.DELETED: "~~"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a piece stands: in a link, in a cell; and the characters before and after it, "" at an end of its line."""

    in_link: bool = False
    in_table: bool = False
    before: str = ""
    after: str = ""


def inline_markdown(pieces: Sequence[Piece], *, in_table: bool = False) -> str:
    """Return the pieces of a block as one line of Markdown; what would begin another kind of block is not escaped."""
    return _line(pieces, _Place(in_table=in_table))


def _line(pieces: Sequence[Piece], place: _Place) -> str:
    done = ""
    for number, piece in enumerate(pieces):
        before = done[-1:] or place.before
        after = _first_character(pieces, number + 1) or place.after
        within = _Place(in_link=place.in_link, in_table=place.in_table, before=before, after=after)
        if isinstance(piece, str):
            own = escape(piece, in_link=place.in_link, in_table=place.in_table)
            # Before a link, "!" would make an image of it.
            own = f"{own[:-1]}\\!" if own.endswith("!") and after == "[" else own
        elif isinstance(piece, Image):
            own = image_markdown(piece, in_table=place.in_table)
            own += " " if after and not after.isspace() else ""
        else:
            own = _marked(piece, within)
        done += own
    return done


def _first_character(pieces: Sequence[Piece], number: int = 0) -> str:
    """Return the first character that the pieces from a number on are written as, "" for none."""
    if number >= len(pieces):
        return ""
    first = pieces[number]
    if isinstance(first, str):
        return escape(first[:2])[:1]
    if isinstance(first, Image):
        return "!"
    if first.span.kind is SpanKind.LINK:
        return "["
    if first.span.kind is SpanKind.CODE:
        return "`"
    return _first_character(first.children)


def _marked(piece: Marked, place: _Place) -> str:
    kind = piece.span.kind
    if kind is SpanKind.CODE and place.before != "`":  # two pieces of code side by side would be one
        return code_span(_text(piece.children), in_table=place.in_table)
    if kind is SpanKind.LINK and piece.span.url and not place.in_link:
        inner = _line(piece.children, _Place(in_link=True, in_table=place.in_table, before="[", after="]"))
        return f"[{inner}]({destination(piece.span.url)})"
    if kind is SpanKind.FORMULA and (formula := _display_formula(piece, place)):
        return formula
    mark = _MARKS.get(kind, "")
    if mark == "*" and "*" in (place.before, place.after) and not (place.before + place.after).strip("*").isalnum():
        mark = "_"  # beside the marks of strong type; not beside letters, where it is none
    sign = mark[:1]
    inside = _Place(
        in_link=place.in_link, in_table=place.in_table, before=sign or place.before, after=sign or place.after
    )
    inner = _line(piece.children, inside)
    return f"{mark}{inner}{mark}" if mark and _can_mark(inner, mark, place) else _line(piece.children, place)


def _display_formula(piece: Marked, place: _Place) -> str:
    """Return TeX between `\\\\[` and `\\\\]`, as readers of TeX in Markdown know it; "" for what is no such formula."""
    text = _text(piece.children)
    if not (text.startswith(r"\[") and text.endswith(r"\]")) or place.in_link or place.after == "(":
        return ""
    return rf"\\[{escape(text[2:-2], in_link=True, in_table=place.in_table)}\\]"


def _can_mark(inner: str, mark: str, place: _Place) -> bool:
    """Return whether a reader of Markdown takes the marks around `inner` for marks.

    In text without spaces between words they may stand beside letters and punctuation where they do not count. Nor do
    they beside other marks of their kind.
    """
    sign = mark[0]
    if sign in (place.before, place.after) or inner[:1] in ("", sign) or inner.endswith(sign):
        return False
    return can_open(place.before, inner[0]) and can_close(inner[-1], place.after)


def _text(pieces: Sequence[Piece]) -> str:
    """Return the text of pieces without marks."""
    return "".join(
        piece if isinstance(piece, str) else _text(piece.children) if isinstance(piece, Marked) else ""
        for piece in pieces
    )


def image_markdown(image: Image, *, in_table: bool = False) -> str:
    """Return an image as Markdown."""
    return f"![{escape(image.alt, in_link=True, in_table=in_table)}]({destination(image.url)})"
