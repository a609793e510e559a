"""Elements and text for TEI XML, with the characters that XML 1.0 allows."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

_NAMESPACE: Final = "{http://www.tei-c.org/ns/1.0}"
# XML 1.0, 2.2: all but tab, line breaks and what is a character of Unicode; halves of surrogate pairs are none.
_NOT_ALLOWED: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """Return text with U+FFFD for each character that XML does not allow."""
    return _NOT_ALLOWED.sub("\N{REPLACEMENT CHARACTER}", text)


def element(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    """Append an element of TEI to another one and return it."""
    allowed = {key: xml_text(value) for key, value in attributes.items()}
    return etree.SubElement(parent, f"{_NAMESPACE}{name}", attrib=allowed)


def append_text(parent: etree._Element, text: str) -> None:
    """Append text to an element, after what is in it."""
    text = xml_text(text)
    last = next(parent.iterchildren(reversed=True), None)  # to count the children takes as long as they are many
    if last is None:
        parent.text = (parent.text or "") + text
    else:
        last.tail = (last.tail or "") + text
