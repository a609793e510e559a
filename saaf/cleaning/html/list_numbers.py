"""Items of lists and their numbers, as browsers count them (HTML, 4.4.5 and 4.4.8)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from saaf.cleaning.structure import Container, ContainerKind

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_INTEGER: Final = re.compile(r"\s*([+-]?\d{1,9})(?!\d)", re.ASCII)


@dataclass(slots=True)
class ItemNumbers:
    """The state of one list: its number in the page, `tag`, the `next` item's number, and what it counts by.

    `entry` is the element of the term that definitions belong to, `has_definition` whether it has one yet.
    """

    list: int
    tag: str
    next: int
    step: int
    entry: int | None = None
    has_definition: bool = False

    @classmethod
    def of(cls, element: HtmlElement, tag: str, number: int) -> Self:
        """Return the state of a list that begins."""
        reverse = tag == "ol" and element.get("reversed") is not None
        first = sum(1 for _ in element.iterchildren("li")) if reverse else 1
        stated = _integer(element.get("start")) if tag == "ol" else None
        return cls(list=number, tag=tag, next=first if stated is None else stated, step=-1 if reverse else 1)


def item_container(element: HtmlElement, tag: str, within: ItemNumbers | None, number: int, above: int) -> Container:
    """Return the container of an item that begins; `within` is its list, None for an item outside of any.

    `number` is that of its own element, `above` that of the element around it.
    """
    if tag in ("dt", "dd"):
        return _description(tag, within, number, above)
    if within is None or within.tag != "ol":
        list_number = within.list if within else above
        return Container(kind=ContainerKind.UNORDERED_ITEM, element=number, list=list_number)
    stated = _integer(element.get("value"))
    own = within.next if stated is None else stated
    within.next = own + within.step
    return Container(kind=ContainerKind.ORDERED_ITEM, element=number, list=within.list, number=own)


def _description(tag: str, within: ItemNumbers | None, number: int, above: int) -> Container:
    """Return the container of a term or a definition: a term, or several, and its definitions are one item."""
    if within is None:
        return Container(kind=ContainerKind.DESCRIPTION_ITEM, element=number, list=above)
    if within.entry is None or (tag == "dt" and within.has_definition):
        within.entry, within.has_definition = number, False
    within.has_definition |= tag == "dd"
    return Container(kind=ContainerKind.DESCRIPTION_ITEM, element=within.entry, list=within.list)


def _integer(value: str | None) -> int | None:
    found = _INTEGER.match(value or "")
    return int(found[1]) if found else None
