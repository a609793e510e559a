"""Decoding: bytes to text, with the encodings as web browsers take them, and refusal of binary data."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field, replace

from saaf.cleaning.types import Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A decoded body. `encoding` is Python's name of the codec; `problem` says in words what was wrong with the bytes,
    None where nothing was.
    """

    text: str = field(repr=False)
    encoding: str
    problem: str | None = None


_MAGIC = (
    (0, b"%PDF-", "a PDF document"),
    (0, b"\x89PNG", "a PNG image"),
    (0, b"GIF8", "a GIF image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (8, b"WEBP", "a WebP image"),
    (0, b"PK\x03\x04", "a ZIP archive (or an Office document)"),
    (0, b"\xd0\xcf\x11\xe0", "an old Office document"),
    (0, b"\x1f\x8b\x08", "gzip data"),
    (0, b"BZh9", "bzip2 data"),
    (0, b"\x28\xb5\x2f\xfd", "Zstandard data"),
    (0, b"Rar!", "a RAR archive"),
    (4, b"ftyp", "a video"),
    (0, b"ID3", "an MP3 file"),
    (0, b"OggS", "an Ogg file"),
    (0, b"\x7fELF", "a program"),
    (0, b"PAR1", "a Parquet file"),
    (0, b"wOF", "a font"),
)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

# Labels that mean a wider encoding on the web than in Python: https://encoding.spec.whatwg.org/#names-and-labels
_WEB_ALIASES = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "utf-16": "utf-8",  # a page whose declaration can be read as ASCII is not in UTF-16
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
}
_WEB_NAMES = {
    "iso-8859-8-i": "iso8859-8",
    "unicode": "utf-8",
    "utf8mb4": "utf-8",
    "visual": "iso8859-8",
    "windows-31j": "cp932",
    "windows-874": "cp874",
    "windows-949": "cp949",
    "x-euc-jp": "euc_jp",
    "x-gbk": "gb18030",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-sjis": "cp932",
    "x-x-big5": "big5hkscs",
}
_NON_WEB_CODECS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined"}
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.+-]+)", re.ASCII | re.IGNORECASE)
_XML_ENCODING = re.compile(r"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w:.+-]+)", re.ASCII | re.IGNORECASE)
_DECLARATION_SEARCH_BYTES = 20_000  # browsers look at 1,024 bytes; scripts before the declaration push it further down
_MAX_INVALID_SHARE = 0.002  # share of characters: a file cut inside a character, or one widget in another encoding
# Mojibake: UTF-8 that was read as Latin-1 and encoded once more, so that each byte of a character is a character of its
# own. One of them mostly is a C1 control, which no text holds on purpose. Of 1,579 development pages 26 have some.
_DOUBLE_ENCODED = re.compile(rb"\xc3[\x82-\xb4](?:\xc2[\x80-\xbf])*?\xc2[\x80-\x9f]")
_LATIN1_RUN = re.compile("[\x80-\xff]{2,}")
_C1_CONTROL = re.compile("[\x80-\x9f]")
_UTF8_SEQUENCE = re.compile("[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_UTF8_PAIR = re.compile("[\xc2\xc3][\xa0-\xbf]")  # "Â»", "Ã©": in a page that has the others too
_BINARY_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decode(body: bytes, content_type: str | None) -> Decoded:
    """Decode `body`; `content_type` is the value of the HTTP header, None where there is none.

    In this order: a byte order mark; UTF-8 where the whole body is valid UTF-8 (text in other encodings hardly ever
    is), with double-encoded characters repaired; the charset of the HTTP header; the charset declared in the page, by
    the labels of https://encoding.spec.whatwg.org; a statistical guess.

    Raises Unreadable where the body is empty or binary.
    """
    if not body.strip(b" \t\r\n\x00"):
        raise Unreadable("empty page: the response has no body; fetch it again, or leave it out")
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _decode_valid(body[len(mark) :], encoding) or _decode_with_replacements(body[len(mark) :], encoding)
    _refuse_binary(body)
    wide = _utf16_without_mark(body)
    if wide:
        return Decoded(text=body.decode(wide, "replace"), encoding=wide, problem="UTF-16 without a byte order mark")
    found = _decode_valid(body, "utf-8")
    return _repair_double_encoding(body, found) if found else _decode_declared_or_guessed(body, content_type)


def _repair_double_encoding(body: bytes, found: Decoded) -> Decoded:
    """Return `found` with the characters repaired that were encoded as UTF-8 twice; unchanged where there are none."""
    if not _DOUBLE_ENCODED.search(body):
        return found
    text = _LATIN1_RUN.sub(_repair_run, found.text)
    return found if text == found.text else replace(found, text=text, problem="characters encoded as UTF-8 twice")


def _repair_run(run: re.Match[str]) -> str:
    """Return a run of characters U+0080 to U+00FF as it was before it was encoded twice; unchanged where it was not.

    "là »" is a run too, with a no-break space, and happens to be valid UTF-8: one character alone needs a C1 control.
    """
    whole = _decode_as_utf8(run)
    if not _C1_CONTROL.search(run[0]):
        return whole if 1 < len(whole) < len(run[0]) else _UTF8_PAIR.sub(_decode_as_utf8, run[0])
    return _UTF8_SEQUENCE.sub(lambda own: _decode_as_utf8(own) if _C1_CONTROL.search(own[0]) else own[0], whole)


def _decode_as_utf8(match: re.Match[str]) -> str:
    """Return the match with its characters taken as bytes of UTF-8, unchanged where they are none."""
    try:
        return match[0].encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return match[0]


def codec_of(label: str) -> str | None:
    """Return Python's name of the codec that web browsers use for an encoding label, None where there is none."""
    label = label.strip().lower()
    try:
        name = codecs.lookup(_WEB_NAMES.get(label, label)).name
        "a".encode(name)  # refuses "hex" and the like, which are codecs but not of text
    except (LookupError, ValueError):
        return None
    return (
        None if name.replace("-", "_") in _NON_WEB_CODECS or name in _NON_WEB_CODECS else _WEB_ALIASES.get(name, name)
    )


def _refuse_binary(body: bytes) -> None:
    """Raise Unreadable where the body has the magic number of a binary format, or too many control bytes for a text."""
    for offset, magic, what in _MAGIC:
        if body.startswith(magic, offset):
            raise Unreadable(f"not a page: the body is {what}; unpack or convert it to HTML or text first")
    head = body[:4096]
    if len(_BINARY_CONTROLS.findall(head)) > 0.1 * len(head) and not _utf16_without_mark(body):
        raise Unreadable("not a page: the body is binary (control bytes); give HTML or text")


def _utf16_without_mark(body: bytes) -> str | None:
    """Return the codec of UTF-16 without a byte order mark, by the zeros at odd or even offsets, else None."""
    head = body[:2000]
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, others = head[first::2].count(0), head[1 - first :: 2].count(0)
        if zeros > 0.4 * len(head[first::2]) and not others:
            return encoding
    return None


def _decode_valid(body: bytes, encoding: str) -> Decoded | None:
    """Return the decoded body, None where some bytes are not valid in `encoding`."""
    try:
        return Decoded(text=body.decode(encoding), encoding=encoding)
    except UnicodeDecodeError:
        return None


def _decode_with_replacements(body: bytes, encoding: str) -> Decoded:
    """Return the decoded body with U+FFFD for bytes that are not valid."""
    text = body.decode(encoding, "replace")
    return Decoded(
        text=text, encoding=encoding, problem=f"{text.count(chr(0xFFFD))} characters are not valid {encoding}"
    )


def _decode_declared_or_guessed(body: bytes, content_type: str | None) -> Decoded:
    """Decode a body that is not valid UTF-8: by its declarations, damaged as it may be, else by a guess."""
    head = body[:_DECLARATION_SEARCH_BYTES].decode("latin-1")
    labels = _CHARSET.findall(content_type or "") + _XML_ENCODING.findall(head) + _CHARSET.findall(head)
    declared = list(dict.fromkeys(codec for label in labels if (codec := codec_of(label))))
    for codec in declared:
        if codec != "utf-8" and (found := _decode_valid(body, codec)):
            return found
    damaged = [_decode_with_replacements(body, codec) for codec in dict.fromkeys(["utf-8", *declared])]
    best = min(damaged, key=lambda found: found.text.count("\ufffd"))
    if best.text.count("\ufffd") <= _MAX_INVALID_SHARE * len(best.text):
        return best
    from charset_normalizer import from_bytes  # noqa: PLC0415  # of few pages the encoding must be guessed

    guess = from_bytes(body).best()
    if guess is not None and not declared:
        codec = codec_of(guess.encoding) or guess.encoding
        return Decoded(
            text=body.decode(codec, "replace"), encoding=codec, problem=f"no usable charset declared: guessed {codec}"
        )
    return best
