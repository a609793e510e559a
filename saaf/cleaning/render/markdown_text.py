"""Text for Markdown: what would be markup is escaped, so that a reader of Markdown shows the same characters.

CommonMark 0.31 and the tables and struck text of GitHub Flavored Markdown (GFM).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_PUNCTUATION: Final = "!\"#$%&'()*+,./:;<=>?@[\\]^_`{|}~-"
# A backslash is one where no ASCII punctuation and no end of line follows it.
_MARKUP: Final = re.compile(
    r"[`*\[~]"
    rf"|\\(?=[{re.escape(_PUNCTUATION)}]|$)"
    r"|(?<![^\W_])_|_(?![^\W_])"
    r"|<(?=[A-Za-z/!?])"
    r"|&(?=#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{0,31};)",
)
_LINE_START: Final = re.compile(
    r"(?P<number>\d{1,9})(?P<end>[.)])(?=\s|$)"  # an item of an ordered list
    r"|(?P<first>[-+](?=\s|$)|[#]{1,6}(?=\s|$)|>"  # an item, a heading, a quotation
    r"|[-=](?=[-=\s]*$)|[|:-](?=[\s|:-]*$))",  # the line below a heading or the head of a table
    re.ASCII,
)
_CLOSING_SIGNS: Final = re.compile(r"(?:^|(?<=[ \t]))#(?=#*[ \t]*$)")
_RUNS: Final = re.compile(r"`+")
_IN_URL: Final = re.compile(r"[()\\|`<>*_\[\]\s]")
_ENTITY: Final = re.compile(r"&(?=#?\w+;)")


def escape(text: str, *, in_link: bool = False, in_table: bool = False) -> str:
    """Return text with backslashes before what would be inline markup. `in_link`: it is the text of a link or of an
    image; `in_table`: it stands in a cell.

    >>> escape("2 * 3 [a](b) snake_case _x_ <b> AT&T &amp;")
    '2 \\\\* 3 \\\\[a](b) snake_case \\\\_x\\\\_ \\\\<b> AT&T \\\\&amp;'
    """
    escaped = _MARKUP.sub(r"\\\g<0>", text)
    if in_link:
        escaped = escaped.replace("]", r"\]")
    return escaped.replace("|", r"\|") if in_table else escaped


def escape_line_start(line: str) -> str:
    """Return a line of a paragraph, its inline markup escaped already, that begins no other kind of block.

    >>> [escape_line_start(line) for line in ("1. May", "# 5", "- no", "2024 was", "---")]
    ['1\\\\. May', '\\\\# 5', '\\\\- no', '2024 was', '\\\\---']
    """
    found = _LINE_START.match(line)
    if found is None:
        return line
    if found["number"]:
        return rf"{found['number']}\{line[found.end('number') :]}"
    return f"\\{line}"


def escape_heading_end(line: str) -> str:
    """Return the text of a heading whose last signs `#` belong to it."""
    return _CLOSING_SIGNS.sub(r"\\#", line)


def code_span(text: str, *, in_table: bool = False) -> str:
    """Return code within a line, between more backticks than it has in a row."""
    fence = "`" * (max(map(len, _RUNS.findall(text)), default=0) + 1)
    padded = f" {text} " if text.startswith("`") or text.endswith("`") else text
    return f"{fence}{padded.replace('|', chr(92) + '|') if in_table else padded}{fence}"


def code_fence(lines: list[str]) -> str:
    """Return the fence of a piece of code: backticks, three or more than it has in a row."""
    return "`" * max(3, max((len(run) for line in lines for run in _RUNS.findall(line)), default=0) + 1)


def destination(url: str) -> str:
    """Return the address of a link or an image, with what would end it percent-encoded."""
    encoded = _IN_URL.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), url)
    return _ENTITY.sub(r"\\&", encoded)


def can_open(before: str, inside: str) -> bool:
    """Return whether `*` between these characters can begin emphasis (CommonMark, 6.2: left-flanking).

    `before` is the character before it, "" at the beginning of a line, `inside` the one after it.
    """
    return not _is_space(inside) and (not _is_punctuation(inside) or _is_space(before) or _is_punctuation(before))


def can_close(inside: str, after: str) -> bool:
    """Return whether `*` between these characters can end emphasis (right-flanking)."""
    return can_open(after, inside)


def _is_space(character: str) -> bool:
    return not character or character.isspace() or unicodedata.category(character) == "Zs"


def _is_punctuation(character: str) -> bool:
    """Return whether a character is punctuation or a symbol, as CommonMark counts them."""
    return bool(character) and unicodedata.category(character)[0] in "PS"
