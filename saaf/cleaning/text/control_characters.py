"""Control characters: characters that no text shows, removed or replaced when a page is read, before offsets count."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Windows-1252's characters at 0x80 to 0x9F: what a control character of C1 was before somebody took the bytes for
# Latin-1. The HTML specification reads "&#150;" the same way. Five places are empty there.
_WINDOWS_1252: Final[dict[int, str | None]] = {
    code: character
    for code in range(0x80, 0xA0)
    if (character := bytes([code]).decode("cp1252", "ignore")) or code in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_TERMINAL_SEQUENCE: Final = re.compile("\x1b\\[[0-9;?]*[ -/]*[@-~]|\x9b[0-9;]*m")
_OVERSTRIKE: Final = re.compile("[^\n\x08]\x08")  # manual pages print a bold letter as letter, backspace, letter
_LINE_BREAK: Final = re.compile("\r+\n|[\r\x0b\x0c]")
_SPACES: Final[dict[int, str | None]] = dict.fromkeys(range(0x1C, 0x20), " ")  # separators of fields
_REMOVED: Final = (
    *range(9), *range(0x0E, 0x1C), 0x7F, 0xFEFF, *range(0xFDD0, 0xFDF0),
    *(plane << 16 | last for plane in range(17) for last in (0xFFFE, 0xFFFF)),
)  # fmt: skip
_TABLE: Final[dict[int, str | None]] = {**dict.fromkeys(_REMOVED), **_SPACES, **_WINDOWS_1252}
_IS_UNWANTED: Final = numpy.zeros(0x110000, dtype=numpy.bool_)
_IS_UNWANTED[list(_TABLE)] = True
_C0_BYTES: Final = bytes([*range(9), *range(0x0E, 0x20), 0x7F])
_ASCII_TEXT: Final = bytes(sorted({*range(0x80)} - {*_C0_BYTES}))
# In UTF-8: C1 controls; the byte order mark and the noncharacters up to U+FFFF; how the last two of each plane end.
_MAYBE_UNWANTED: Final = re.compile(b"\xc2[\x80-\x9f]")
_MAYBE_NONCHARACTER: Final = re.compile(b"\xef(?:\xb7[\x90-\xaf]|\xbb\xbf|\xbf[\xbe\xbf])")
_LAST_OF_PLANE: Final = re.compile(b"\xbf[\xbe\xbf]")
_BIDI: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BIDI_OR_LINE_BREAK: Final = re.compile(f"{_BIDI.pattern}|\n")
_CLOSER_OF: Final = {
    **dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c"),
    **dict.fromkeys("\u2066\u2067\u2068", "\u2069"),
}
_REFERENCE: Final = re.compile(rb"&#(?:0*(\d{1,7})|[xX]0*([0-9a-fA-F]{1,6}))(?:;|(?![0-9a-fA-F]))")
# In JSON inside scripts: control characters but tab and line breaks, and halves of surrogate pairs. What must not stand
# before the escape is looked for behind its first letters: so a search goes from backslash to backslash.
_ESCAPE: Final = re.compile(
    rb"\\u(?<!\\\\u)(?:(00(?:0[0-8bcef]|1[\da-f]|7f|[89][\da-f])|feff|fff[ef])"
    rb"|d[89ab][\da-f]{2}(?!\\ud[c-f])|(?<!\\ud[89ab][\da-f]{2}\\u)d[c-f][\da-f]{2})",
    re.IGNORECASE,
)
_UNICODE_ESCAPE: Final = re.compile(rb"\\u")


def has_control_characters(text: str) -> bool:
    """Return whether `text` has characters that `remove_control_characters` removes or replaces, line breaks aside."""
    return has_control_characters_in(text, text.encode("utf-8", "surrogatepass"))


def has_control_characters_in(text: str, body: bytes) -> bool:
    """Return what `has_control_characters` does of `text`; `body` is the text in UTF-8, halves of surrogate pairs in
    any way.
    """
    # Of most pages little is left; what is, are whole characters.
    others = body.translate(None, _ASCII_TEXT)
    if len(others.translate(None, _C0_BYTES)) != len(others):
        return True
    if not any(pattern.search(others) for pattern in (_MAYBE_UNWANTED, _MAYBE_NONCHARACTER, _LAST_OF_PLANE)):
        return False
    return bool(_unwanted(text).any())


def _unwanted(text: str) -> NDArray[numpy.bool_]:
    """Return for each character of `text` whether it is one of `_TABLE`."""
    # 0.4 ms for 100,000 characters of any script; a search of `re` for the class takes up to 9 ms.
    points = numpy.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=numpy.uint32)
    return _IS_UNWANTED.take(points)


def remove_control_characters(text: str) -> str:
    """Return `text` without control characters, noncharacters and byte order marks.

    Line breaks of any kind (CR, form feed, vertical tab) become "\\n". A C1 control (U+0080 to U+009F) becomes the
    character of windows-1252 that was meant, or goes where there is none; terminal sequences ("ESC [1m") and
    overstrikes ("N BS N") go whole. Joiners, directional marks and soft hyphens stay: they are spelling.
    """
    if "\x08" in text:
        text = _OVERSTRIKE.sub("", text)
    if "\x1b" in text or "\x9b" in text:
        text = _TERMINAL_SEQUENCE.sub("", text)
    if "\r" in text or "\x0b" in text or "\x0c" in text:
        text = _LINE_BREAK.sub("\n", text)
    if not has_control_characters(text):
        return text
    pieces, done = [], 0
    for place in numpy.flatnonzero(_unwanted(text)).tolist():  # `str.translate` looks each character of the text up
        pieces += [text[done:place], _TABLE[ord(text[place])] or ""]
        done = place + 1
    return "".join([*pieces, text[done:]])


def remove_stray_bidi_controls(lines: str) -> str:
    """Return lines without the directional embeddings and isolates that have no end in their line, or no beginning.

    Those in pairs stay, and so do the marks U+200E, U+200F and U+061C, which stand alone.
    """
    if lines.isascii() or not _BIDI.search(lines):
        return lines
    open_at: list[int] = []
    stray: set[int] = set()
    for found in _BIDI_OR_LINE_BREAK.finditer(lines):
        position, character = found.start(), found[0]
        if character == "\n":
            stray.update(open_at)
            open_at.clear()
        elif character in _CLOSER_OF:
            open_at.append(position)
        elif open_at and _CLOSER_OF[lines[open_at[-1]]] == character:
            open_at.pop()
        else:
            stray.add(position)
    stray.update(open_at)
    return "".join(character for position, character in enumerate(lines) if position not in stray)


def mend_surrogates(text: str) -> str:
    """Return `text` with pairs of surrogates as the character that they spell, and lone ones as U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def replace_control_references(source: bytes) -> bytes:
    """Return HTML source with references to control characters ("&#150;", "&#x1;") as the HTML specification reads
    them: 128 to 159 as windows-1252's characters. Those to other control characters and noncharacters go.

    Escapes in the JSON of scripts ("\\u0096") likewise; half a surrogate pair there becomes U+FFFD.
    """
    # `re` finds a pattern that begins with two bytes in less time than `in` takes to find the two bytes.
    if any(map(_is_replaced, set(_REFERENCE.findall(source)))):
        source = _REFERENCE.sub(_referred, source)
    return _ESCAPE.sub(_escaped, source) if b"\\" in source and _UNICODE_ESCAPE.search(source) else source


def _is_replaced(reference: tuple[bytes, bytes]) -> bool:
    """Return whether `_referred` replaces a reference, given as its decimal and its hexadecimal digits."""
    code = _code_of(*reference)
    return code in _TABLE or _is_no_character(code)


def _referred(reference: re.Match[bytes]) -> bytes:
    code = _code_of(reference[1], reference[2])
    if code in _TABLE and code:
        return (_TABLE[code] or "").encode()
    return b"&#xFFFD;" if _is_no_character(code) else reference[0]


def _code_of(decimal: bytes, hexadecimal: bytes) -> int:
    return int(decimal) if decimal else int(hexadecimal, 16)


def _is_no_character(code: int) -> bool:
    return 0xD800 <= code <= 0xDFFF or code > 0x10FFFF or code == 0


def _escaped(escape: re.Match[bytes]) -> bytes:
    if not escape[1]:
        return b"\\ufffd"
    code = int(escape[1], 16)
    return b"\\n" if code in (0x0B, 0x0C) else (_TABLE[code] or "").encode()
