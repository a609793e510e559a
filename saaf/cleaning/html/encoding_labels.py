"""Encoding labels: the label that a page declares, as web browsers take it, and decoding with the codec it means."""

from __future__ import annotations

import re
from typing import Final

import webencodings

# Python's codec for each encoding of https://encoding.spec.whatwg.org whose name Python does not know, or that Python
# reads more narrowly than browsers do.
_CODEC_OF_ENCODING: Final = {
    "big5": "big5hkscs",
    "euc-kr": "cp949",
    "gbk": "gb18030",
    "ibm866": "cp866",
    "iso-8859-8-i": "iso8859-8",
    "macintosh": "mac_roman",
    "shift_jis": "cp932",
    "utf-16be": "utf-16-be",
    "utf-16le": "utf-16-le",
    "windows-874": "cp874",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-user-defined": "cp1252",  # as browsers read it in a page's declaration
}
# Browsers read nothing in these ("replacement"), for the sake of scripts; a corpus runs none.
_CODEC_OF_REPLACEMENT: Final = {"hz-gb-2312": "hz", "csiso2022kr": "iso2022_kr", "iso-2022-kr": "iso2022_kr"}
# Labels of pages that browsers do not know: names of Python, of Windows and of MySQL.
_NOT_OF_THE_STANDARD: Final = {
    "cp874": "cp874",
    "cp932": "cp932",
    "cp936": "gb18030",
    "cp949": "cp949",
    "cp950": "big5hkscs",
    "euc_jp": "euc_jp",
    "euc_kr": "cp949",
    "utf8mb4": "utf-8",
    "utf_8": "utf-8",
    "win-1251": "cp1251",
    "win1251": "cp1251",
}
# Two letters of Belarusian that browsers know in KOI8-U, where Python has box drawings.
_KOI8_RU: Final = str.maketrans("╝╬", "ўЎ")

# ISO-2022-JP, -KR and -CN: 7-bit encodings in which escape sequences set what the next bytes mean. A run ends with its
# line (RFC 1468), so that a lost sequence costs one line.
_ESCAPE_RUN: Final = re.compile(r"\x1b(?:\$([@B])((?:[!-~]{2}|[^\x1b\n!-~])*)|\(([BHIJ])([^\x1b\n]*))")
_SHIFT_DESIGNATION: Final = re.compile(r"\x1b\$\)([AC])")
_SHIFT_RUN: Final = re.compile(r"\x0e([^\x0e\x0f\n]*)\x0f?")
_PAIRS: Final = re.compile(r"(?:[!-~]{2})+")
_EUC_RUN: Final = re.compile(rb"\x8e([\xa1-\xdf])|(?:[\xa1-\xfe]{2})+")
_ISO_2022_JP: Final = "iso2022_jp"
_CP932_KATAKANA: Final = {code: 0xFF40 + code for code in range(0x21, 0x60)}
_JIS_ROMAN: Final = str.maketrans("\\~", "¥‾")


def codec_of(label: str) -> str | None:
    """Return Python's name of the codec that web browsers use for an encoding label, None where there is none.

    All labels of https://encoding.spec.whatwg.org are known, but for ISO-2022-CN, which Python cannot read; as in
    browsers "iso-8859-1" is windows-1252, and "gb2312" is gb18030.
    """
    label = label.strip("\t\n\f\r ").lower()
    if label in _CODEC_OF_REPLACEMENT:
        return _CODEC_OF_REPLACEMENT[label]
    encoding = webencodings.lookup(label)
    if encoding is None:
        return _NOT_OF_THE_STANDARD.get(label)
    name = str(encoding.name)
    if name == "replacement":
        return None
    if name == "iso-2022-jp":
        return _ISO_2022_JP
    name = _CODEC_OF_ENCODING.get(name, name)
    return (
        name.replace("iso-8859", "iso8859").replace("windows-", "cp").replace("koi8-", "koi8_").replace("euc-", "euc_")
    )


def decode_bytes(body: bytes, codec: str, errors: str = "strict") -> str:
    """Return `body` decoded with a codec that `codec_of` returns; `errors` as for `bytes.decode`.

    Raises UnicodeDecodeError where bytes are not valid and `errors` is "strict".
    """
    if codec == _ISO_2022_JP:  # 8-bit katakana between the escape sequences are those of Shift_JIS
        return decode_escape_sequences(body.decode("cp932", errors))
    if codec == "euc_jp":
        return _decode_euc_jp(body, errors)
    text = body.decode(codec, errors)
    return text.translate(_KOI8_RU) if codec == "koi8_u" else text


def _decode_euc_jp(body: bytes, errors: str) -> str:
    """Return a body in EUC-JP, with the characters of NEC and IBM that browsers know and Python does not (①, ㈱)."""
    try:
        return body.decode("euc_jp")
    except UnicodeDecodeError:
        if b"\x8f" in body:  # three-byte characters: runs of pairs cannot be told by their bytes alone
            return body.decode("euc_jp", errors)
        converted = _EUC_RUN.sub(lambda run: run[1] or _shift_jis(bytes(byte & 0x7F for byte in run[0])), body)
        return converted.decode("cp932", errors)


def _shift_jis(pairs: bytes) -> bytes:
    """Return pairs of bytes 0x21 to 0x7E, rows and cells of JIS X 0208, as Shift_JIS."""
    converted = bytearray()
    for row, cell in zip(pairs[::2], pairs[1::2], strict=True):
        lead = (row - 0x21) // 2 + 0x81
        converted.append(lead if lead <= 0x9F else lead + 0x40)
        converted.append(cell + 0x7E if row % 2 == 0 else cell + (0x1F if cell < 0x60 else 0x20))
    return bytes(converted)


def has_escape_sequences(text: str) -> bool:
    """Return whether a text holds escape sequences of ISO-2022-JP, -KR or -CN."""
    return "\x1b" in text and bool(re.search(r"\x1b\$[@B]|\x1b\([IJ]|\x1b\$\)[AC]", text))


def decode_escape_sequences(text: str) -> str:
    """Return a text with the runs decoded that escape sequences of ISO-2022-JP, -KR or -CN mark."""
    designated = _SHIFT_DESIGNATION.search(text)
    if designated:
        codec = "gb18030" if designated[1] == "A" else "cp949"
        text = _SHIFT_RUN.sub(lambda run: _decode_pairs_in(run[1], codec), _SHIFT_DESIGNATION.sub("", text))
    return _ESCAPE_RUN.sub(_decode_escape_run, text)


def _decode_escape_run(run: re.Match[str]) -> str:
    if run[1]:
        return _decode_pairs_in(run[2], "cp932")
    if run[3] == "I":
        return run[4].translate(_CP932_KATAKANA)
    return run[4].translate(_JIS_ROMAN) if run[3] == "J" else run[4]


def _decode_pairs_in(text: str, codec: str) -> str:
    """Return `text` with its pairs of ASCII characters decoded as rows and cells of the codec's 94 × 94 table."""
    return _PAIRS.sub(lambda pairs: _decode_pairs(pairs[0].encode("ascii"), codec), text)


def _decode_pairs(pairs: bytes, codec: str) -> str:
    encoded = _shift_jis(pairs) if codec == "cp932" else bytes(byte | 0x80 for byte in pairs)
    return encoded.decode(codec, "replace")
