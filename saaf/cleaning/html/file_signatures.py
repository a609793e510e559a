"""Signatures of binary file formats: what a body is that was served or saved as a page but is none."""

from __future__ import annotations

import re
from typing import Final

_HEAD_BYTES: Final = 4096
_TEXT_CONTROLS: Final = bytes([*range(9), *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F])
"""Control bytes that no text holds: all of ASCII's but white space and escape."""
# Of a binary format whose signature is letters only. A text that begins with the same letters has none; the head of a
# GIF image of one pixel has 20 %, and random bytes have 11 %.
_MIN_CONTROL_SHARE: Final = 0.01

# A signature is whole: the bytes at their offsets, and the version or size bytes that must follow.
_SIGNATURES: Final = tuple(
    (re.compile(pattern, re.DOTALL), name)
    for pattern, name in (
        # Not a sentence on the first line: "%PDF-1.4 is how such a file begins".
        (rb"%PDF-\d\.\d(?![^\r\n]{0,99}[A-Za-z]{1,20} [A-Za-z]{1,20} [A-Za-z])", "a PDF document"),
        (rb"\x89PNG\r?\n\x1a?\n?", "a PNG image"),
        (rb"\xff\xd8\xff[\xc0\xc4\xdb\xdd\xe0-\xef\xfe]", "a JPEG image"),
        (rb"(?:II\*\0|MM\0\*)", "a TIFF image"),
        (rb"\0\0\0\x0cjP  \r\n", "a JPEG 2000 image"),
        (rb"8BPS\0\x01", "a Photoshop image"),
        (rb"AT&TFORM....DJV", "a DjVu document"),
        (rb"PK(?:\x03\x04|\x05\x06|\x07\x08)", "a ZIP archive"),
        (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
        (rb"\{\\rtf1?\\(?:ansi|mac|pca?|ad[a-z]+|deff?\d)", "an RTF document"),
        (rb"%!PS-Adobe-\d\.\d(?: EPSF-\d\.\d)?[ \t]*[\r\n]+%", "a PostScript document"),
        (rb".{60}BOOKMOBI", "a Mobipocket book"),
        (rb"\x1f\x8b\x08", "gzip data"),
        (rb"BZh[1-9]1AY&SY", "bzip2 data"),
        (rb"\xfd7zXZ\0", "xz data"),
        (rb"\x28\xb5\x2f\xfd", "Zstandard data"),
        (rb"\x04\x22\x4d\x18", "LZ4 data"),
        (rb"Rar!\x1a\x07", "a RAR archive"),
        (rb"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (rb".{257}ustar(?:\0|  \0)", "a tar archive"),
        (rb"....ftyp(?:avif|avis|hei[cfmsx]|mif1|msf1)", "an image"),
        (rb"\0...ftyp(?:M4A |M4B |M4P )", "an audio file"),
        (rb"\0...ftyp", "a video"),
        (rb"\x1a\x45\xdf\xa3", "a Matroska or WebM video"),
        (rb"\0\0\x01[\xb3\xba]", "an MPEG video"),
        (rb"FLV\x01[\x01\x04\x05]\0", "a Flash video"),
        (rb"ID3[\x02-\x04][\0-\x0a][\0-\xff][\0-\x7f]{4}", "an MP3 file"),
        (rb"OggS\0[\0-\x07]", "an Ogg file"),
        (rb"fLaC[\0\x80]\0\0\x22", "a FLAC file"),
        (rb"MThd\0\0\0\x06", "a MIDI file"),
        (rb"#!AMR(?:-WB)?\n(?=.*[\x80-\xff])", "an audio file"),
        (rb"\x7fELF[\x01\x02]", "a program"),
        (rb"\xca\xfe\xba\xbe\0", "a Java class file"),
        (rb"(?:\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe)", "a program"),
        (rb"\0asm\x01\0\0\0", "a WebAssembly program"),
        (rb"SQLite format 3\0", "an SQLite database"),
        (rb"ARROW1\0\0", "an Arrow file"),
        (rb"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (rb"\x93NUMPY[\x01-\x03]", "a NumPy array"),
        (rb"wOF[F2](?:\0\x01\0\0|OTTO|true|ttcf)", "a font"),
        (rb"(?:OTTO\0|\0\x01\0\0\0[\x04-\x40]|ttcf\0)", "a font"),
        (rb"WARC/\d\.\d+\r?\n[A-Za-z-]+:", "a WARC file"),
    )
)  # fmt: skip
# Signatures of letters alone: the body must hold control bytes too.
_LETTER_SIGNATURES: Final = tuple(
    (re.compile(pattern, re.DOTALL), name)
    for pattern, name in (
        (rb"%PDF-\d\.\d", "a PDF document"),
        (rb"GIF8[79]a", "a GIF image"),
        (rb"RIFF....WEBP", "a WebP image"),
        (rb"RIFF....(?:WAVE|AVI )", "an audio or video file"),
        (rb"FORM....AIF[FC]", "an audio file"),
        (rb"BM....\0\0\0\0", "a bitmap image"),
        (rb"PAR[1E].*PAR[1E]\Z", "a Parquet file"),
        (rb"BZh[1-9]", "bzip2 data"),
        (rb"[CFZ]WS[\x01-\x40]", "a Flash program"),
        (rb"MZ", "a program"),
        (rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb]", "an MP3 file"),
    )
)
_ZIP_CONTENTS: Final = (
    (b"application/epub+zip", "an EPUB book"),
    (b"word/document", "a Word document"),
    (b"xl/workbook", "an Excel workbook"),
    (b"ppt/presentation", "a PowerPoint presentation"),
    (b"application/vnd.oasis.opendocument", "an OpenDocument file"),
)


def file_type(body: bytes) -> str | None:
    """Return the file format of a body that is no text ("a PDF document"), None where its signature is of none.

    A text that begins with the letters of a signature ("Rar! cried the crow", "ID3 tags") is of none: the bytes after
    them must be those of the format.
    """
    head = body[:_HEAD_BYTES]
    if head.startswith(b"<"):  # markup: nearly all pages
        return None
    for pattern, name in _SIGNATURES:
        if pattern.match(head):
            return _type_of_zip(body) if name == "a ZIP archive" else name
    if control_share(head) < _MIN_CONTROL_SHARE:
        return None
    ends = head + body[-4:]
    return next((name for pattern, name in _LETTER_SIGNATURES if pattern.match(ends)), None)


def _type_of_zip(body: bytes) -> str:
    """Return what a ZIP archive holds, by the names of its members."""
    return next((name for mark, name in _ZIP_CONTENTS if mark in body), "a ZIP archive")


def control_share(head: bytes) -> float:
    """Return the share of `head`, in [0, 1], that are control bytes which no text holds; 0 where it is empty."""
    return 1 - len(head.translate(None, _TEXT_CONTROLS)) / len(head) if head else 0.0
