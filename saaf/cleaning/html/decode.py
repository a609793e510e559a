"""Decoding: bytes to text, with the encodings as web browsers take them, and refusal of binary data."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Final

import regex

from saaf.cleaning.html.double_encoding import repair_double_encoding
from saaf.cleaning.html.encoding_guess import commonness, fits, guess_codec, guess_utf16
from saaf.cleaning.html.encoding_labels import (
    codec_of,
    decode_bytes,
    decode_escape_sequences,
    has_escape_sequences,
)
from saaf.cleaning.html.file_signatures import control_share, file_type
from saaf.cleaning.text.control_characters import mend_surrogates
from saaf.cleaning.types import Unreadable

DAMAGED: Final = "encoding_damaged"
"""Flag: bytes that are no characters of the encoding (U+FFFD in the text), or characters encoded twice and repaired."""
GUESSED: Final = "encoding_guessed"
"""Flag: no encoding was declared, or the declared one does not fit; it was found from the bytes."""
CONTROLS_REMOVED: Final = "control_characters_removed"
"""Flag: control characters (NUL, U+0096, U+FFFE …) were removed from the text, or replaced by what they stood for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A decoded body. `encoding` is Python's name of the codec; `problem` says in words what was wrong with the bytes,
    None where nothing was; `flags` are `DAMAGED`, `GUESSED` and `CONTROLS_REMOVED`, as they apply.
    """

    text: str = field(repr=False)
    encoding: str
    problem: str | None = None
    flags: tuple[str, ...] = ()


_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16's, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.+-]+)", re.ASCII | re.IGNORECASE)
_XML_ENCODING: Final = re.compile(r"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w:.+-]+)", re.ASCII | re.IGNORECASE)
_DECLARATION_SEARCH_BYTES: Final = 20_000  # browsers look at 1,024; scripts before the declaration push it down
_HEAD_BYTES: Final = 4096
# Share of the characters beyond ASCII: a file cut inside a character, or one widget in another encoding. Text in a
# wrong encoding has 20 % and more.
_MAX_INVALID_SHARE: Final = 0.05
# Share of control bytes from which on a body is binary: random bytes have 10 %, texts hardly one. Random bytes are no
# valid UTF-8; of what is, more is asked.
_MAX_CONTROL_SHARE: Final = 0.05
_MAX_CONTROL_SHARE_IN_UTF8: Final = 0.1
_MIN_CONTROLS_IN_UTF8: Final = 32
_OVERSTRIKE_AND_SHIFTS: Final = b"\x00\x08\x0e\x0f"  # of manual pages and of ISO-2022-KR; NUL bytes are padding
# Share of characters that are none from which on nothing is left to read.
_MAX_UNREADABLE_SHARE: Final = 0.3
# Codec, bytes of a unit, and the place of the unit's byte that is zero in Latin text.
_WIDE: Final = (("utf-32-le", 4, 3), ("utf-32-be", 4, 0), ("utf-16-le", 2, 1), ("utf-16-be", 2, 0))
_MAX_WIDE_DAMAGE: Final = 0.02
# Of the characters of an alphabet nearly all are in two or three rows of 256; ASCII read as UTF-16 is in twenty.
_MIN_SHARE_OF_ROWS: Final = 0.9
_HZ_OPENING: Final = re.compile(rb"~\{")  # `in` takes four times as long to find two bytes
_HZ_RUN: Final = re.compile(r"~\{(?:[!-w][!-~])+~\}")
_MIN_HZ: Final = 0.6  # commonness; in the guide to a template language such a run is no Chinese
_NO_CHARACTER: Final = regex.compile(r"[\p{Cn}\p{Co}\p{Cs}\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f\ufffd]")


def decode(body: bytes, content_type: str | None) -> Decoded:
    """Decode `body`; `content_type` is the value of the HTTP header, None where there is none.

    In this order: a byte order mark; UTF-16 and UTF-32 by their zeros; UTF-8 where the whole body is valid UTF-8 (text
    in other encodings hardly ever is), with ISO-2022's escape sequences decoded and double-encoded characters repaired,
    or nearly is; the charset of the HTTP header; the charset declared in the page, by the labels of
    https://encoding.spec.whatwg.org; where what is declared does not fit the bytes, the encoding that does.

    Raises Unreadable where the body is empty, is binary, or has no encoding in which it is a text.
    """
    if not body.strip(b" \t\r\n\x00"):
        raise Unreadable("empty page: the response has no body; fetch it again, or leave it out")
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _decode_marked(body[len(mark) :], encoding)
    if what := file_type(body):
        raise Unreadable(f"not a page: the body is {what}; unpack or convert it to HTML or text first")
    if wide := _wide_without_mark(body):
        problem = f"no byte order mark: found {wide}"
        return Decoded(text=body.decode(wide, "replace"), encoding=wide, problem=problem, flags=(GUESSED,))
    valid = _decode_valid(body, "utf-8")
    if found := _decode_utf16(body, content_type, valid):
        return found
    without_zeros = body.replace(b"\x00", b"")
    valid = valid if len(without_zeros) == len(body) else _decode_valid(without_zeros, "utf-8")
    found = _decode_bytewise(without_zeros, content_type, valid)
    return replace(found, flags=(*found.flags, CONTROLS_REMOVED)) if b"\x00" in body else found


def decoded_text(text: str) -> Decoded:
    """Return a text that is one already, whatever encoding it declares, as `decode` returns those of bytes.

    Pairs of surrogates become their character and lone ones U+FFFD; double-encoded characters are repaired.
    """
    mended = mend_surrogates(text)
    repaired = repair_double_encoding(mended, mended.encode())
    if repaired == text:
        return Decoded(text=text, encoding="utf-8")
    return Decoded(text=repaired, encoding="utf-8", problem="surrogates, or characters encoded twice", flags=(DAMAGED,))


def _decode_marked(body: bytes, encoding: str) -> Decoded:
    """Decode the rest of a body after its byte order mark. Raises Unreadable where it is not text."""
    found = _decode_valid(body, encoding) or _decode_with_replacements(body, encoding)
    _refuse_if_not_text(found.text, encoding)
    return found


def _decode_bytewise(body: bytes, content_type: str | None, found: Decoded | None) -> Decoded:
    """Decode a body without zeros and byte order mark; `found` is it decoded as UTF-8, None where it is not valid."""
    head = body[:_HEAD_BYTES].translate(None, _OVERSTRIKE_AND_SHIFTS)
    share = control_share(head)
    many = share > _MAX_CONTROL_SHARE_IN_UTF8 and share * len(head) >= _MIN_CONTROLS_IN_UTF8
    if many if found else share > _MAX_CONTROL_SHARE:
        raise Unreadable("not a page: the body is binary (control bytes); give HTML or text")
    if found:
        if has_escape_sequences(found.text):
            return _decode_escapes(found, _declared(body, content_type))
        may_be_hz = b"~" in body and _HZ_OPENING.search(body) is not None
        if may_be_hz and "hz" in _declared(body, content_type):
            return _decode_valid(body, "hz") or found
        if (
            may_be_hz
            and len(_HZ_RUN.findall(found.text)) > 1
            and (hz := _decode_valid(body, "hz"))
            and commonness(hz.text) >= _MIN_HZ
        ):
            return replace(hz, problem="HZ, not declared", flags=(GUESSED,))
        text = repair_double_encoding(found.text, body)
        if text == found.text:
            return found
        return replace(found, text=text, problem="characters encoded as UTF-8 twice", flags=(DAMAGED,))
    return _decode_legacy(body, _declared(body, content_type))


def _decode_utf16(body: bytes, content_type: str | None, valid: Decoded | None) -> Decoded | None:
    """Decode UTF-16 without byte order mark and ASCII, as a line of Chinese is; None where a body is not in it.

    `valid` is the body decoded as UTF-8, None where it is not valid UTF-8.
    """
    head = body[:_HEAD_BYTES]
    if valid and control_share(head) == 0:
        return None
    header = {codec_of(label) for label in _CHARSET.findall(content_type or "")}
    codec = guess_utf16(head, declared=bool(header & {"utf-16-le", "utf-16-be"}))
    if codec is None:
        return None
    text = body.decode(codec, "replace")
    flags = (GUESSED, DAMAGED) if "\ufffd" in text else (GUESSED,)
    return Decoded(text=text, encoding=codec, problem=f"no byte order mark: found {codec}", flags=flags)


def _decode_escapes(found: Decoded, declared: list[str]) -> Decoded:
    """Return a text in which escape sequences of ISO-2022 stand, with what they mark decoded."""
    text = decode_escape_sequences(found.text)
    own = next((codec for codec in declared if codec.startswith("iso2022")), None)
    if own:
        return replace(found, text=text, encoding=own)
    return replace(found, text=text, problem="escape sequences of ISO-2022, not declared", flags=(GUESSED,))


def _declared(body: bytes, content_type: str | None) -> list[str]:
    """Return the codecs that the HTTP header and the page declare, in that order, each once.

    UTF-16 in a page that can be read as ASCII is UTF-8; in the header it may be meant.
    """
    head = body[:_DECLARATION_SEARCH_BYTES].decode("latin-1")
    in_page = [codec_of(label) for label in (*_XML_ENCODING.findall(head), *_CHARSET.findall(head))]
    in_header = [codec_of(label) for label in _CHARSET.findall(content_type or "")]
    codecs_found = [*in_header, *("utf-8" if codec and codec.startswith("utf-16") else codec for codec in in_page)]
    return list(dict.fromkeys(codec for codec in codecs_found if codec))


def _decode_legacy(body: bytes, declared: list[str]) -> Decoded:
    """Decode a body that is not valid UTF-8: as damaged UTF-8, as declared, or by the encoding that fits the bytes."""
    as_utf8 = _decode_with_replacements(body, "utf-8")
    others = [codec for codec in declared if codec != "utf-8"]
    invalid = as_utf8.text.count("\ufffd")
    valid = len(as_utf8.text) - len(as_utf8.text.encode("ascii", "ignore")) - invalid
    if valid >= 3 * invalid or (valid >= invalid and not others):
        return as_utf8
    readings = [_decode_valid(body, codec) or _decode_with_replacements(body, codec) for codec in others]
    for found in readings:
        if not _is_damaged(found.text) and fits(body, found.encoding):
            return found
    guessed = guess_codec(body)
    if guessed and guessed not in others:
        text, problem = decode_bytes(body, guessed, "replace"), f"the declared charset does not fit: found {guessed}"
        if not declared:
            problem = f"no usable charset declared: guessed {guessed}"
        flags = (GUESSED, DAMAGED) if "\ufffd" in text else (GUESSED,)
        return Decoded(text=text, encoding=guessed, problem=problem, flags=flags)
    best = min((*readings, as_utf8), key=lambda found: (found.encoding != guessed, found.text.count("\ufffd")))
    if not others:
        _refuse_if_not_text(best.text, best.encoding)
    return best


def _is_damaged(text: str) -> bool:
    """Return whether so many bytes are not valid that a text may be in another encoding."""
    return text.count("\ufffd") > _MAX_INVALID_SHARE * (len(text) - len(text.encode("ascii", "ignore")))


def _refuse_if_not_text(text: str, encoding: str) -> None:
    """Raise Unreadable where too much of a decoded text is no character."""
    head = text[:_HEAD_BYTES]
    if len(_NO_CHARACTER.findall(head)) > _MAX_UNREADABLE_SHARE * len(head):
        raise Unreadable(
            f"not a text: the bytes are not valid {encoding}, nor a text in another encoding of the web; "
            "convert the page to UTF-8"
        )


def _wide_without_mark(body: bytes) -> str | None:
    """Return the codec of UTF-16 or UTF-32 without a byte order mark, None where a body is in neither.

    Most zeros are at the same place of a unit; what they leave is assigned characters.
    """
    head = body[:_HEAD_BYTES]
    if b"\x00" not in head:
        return None
    for codec, unit, place in _WIDE:
        size = len(head) - len(head) % unit
        zeros = [head[offset:size:unit].count(0) for offset in range(unit)]
        if (unit == 2 and zeros[1 - place] > zeros[place]) or (unit == 4 and zeros[place] < size // unit):
            continue
        text = head[:size].decode(codec, "ignore")
        if len(_NO_CHARACTER.findall(text)) > _MAX_WIDE_DAMAGE * len(text) or 2 * len(text) < size // unit:
            continue
        rows = Counter(ord(character) >> 8 for character in text)
        few_rows = sum(count for _, count in rows.most_common(3)) >= _MIN_SHARE_OF_ROWS * len(text)
        if few_rows or not _decode_valid(head[:size].replace(b"\x00", b""), "utf-8"):
            return codec
    return None


def _decode_valid(body: bytes, encoding: str) -> Decoded | None:
    """Return the decoded body, None where some bytes are not valid in `encoding`."""
    try:
        return Decoded(text=decode_bytes(body, encoding), encoding=encoding)
    except UnicodeDecodeError:
        return None


def _decode_with_replacements(body: bytes, encoding: str) -> Decoded:
    """Return the decoded body with U+FFFD for bytes that are not valid."""
    text = decode_bytes(body, encoding, "replace")
    problem = f"{text.count(chr(0xFFFD))} characters are not valid {encoding}"
    return Decoded(text=text, encoding=encoding, problem=problem, flags=(DAMAGED,))
