"""Markup in strings: tags and entities that attributes, JSON and JSON-LD carry where a text is meant."""

from __future__ import annotations

import html
import re
from typing import Final

_LONGEST_TAG: Final = 500  # characters: what is longer is no tag, and no search for its end is
_TAG: Final = re.compile(rf"</?[a-z!?][^<>]{{0,{_LONGEST_TAG}}}>", re.IGNORECASE)
_BREAK: Final = re.compile(
    rf"</?(?:p|div|li|h\d|blockquote|br)\b[^<>]{{0,{_LONGEST_TAG}}}>|\r\n?", re.IGNORECASE
)  # tags that begin or end a paragraph


def strip_markup(value: str, *, paragraphs: bool = False) -> str:
    r"""Return `value` without tags, entities resolved, runs of white space as one space.

    Markup that is escaped as a whole is stripped too. With `paragraphs`, each paragraph is a line of its own, else all
    of them are one line. Inline tags vanish, tags of blocks part words.

    >>> strip_markup("<p>A <b>w</b>ord &amp;<br>more</p>")
    'A word & more'
    >>> strip_markup("&lt;p&gt;One&lt;/p&gt;Two", paragraphs=True)
    'One\nTwo'
    """
    value = html.unescape(value) if "<" not in value else value
    lines = _TAG.sub("", _BREAK.sub("\n", value)).split("\n")
    return ("\n" if paragraphs else " ").join(filter(None, (" ".join(html.unescape(line).split()) for line in lines)))
