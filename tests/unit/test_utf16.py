"""UTF-16 without a byte order mark and without any ASCII character, such as a single line of Chinese."""

from __future__ import annotations

import pytest

from saaf.cleaning import Page, clean, read
from saaf.cleaning.html.decode import GUESSED, decode

_LINES = {
    "zh": "城市的旧桥在两年的维修工程之后于星期五重新开放，市议会说桥梁现在很安全。",
    "zh-Hant": "城市的舊橋在兩年的維修工程之後於星期五重新開放，市議會說橋樑現在很安全。",
    "ja": "町の古い橋は二年間の修理工事を終えて、金曜日から再び通行できるようになった。",
    "ko": "도시의오래된다리가이년동안의수리를마치고금요일에다시열렸다。",
    "th": "สะพานเก่าของเมืองเปิดอีกครั้งในวันศุกร์",
}
_CHARSETS = ("utf-16", "utf-16le", "utf-16be", "utf-16-le", "utf-8", "windows-1252", "gbk", "unheard-of", None)


@pytest.mark.parametrize("language", _LINES)
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("charset", _CHARSETS)
def test_a_line_without_ascii_is_read_whatever_is_declared(language: str, codec: str, charset: str | None) -> None:
    line = _LINES[language]
    headers = (("content-type", f"text/plain; charset={charset}" if charset else "text/plain"),)
    page = Page(url="https://example.org/a.txt", body=line.encode(codec), headers=headers)
    document = clean(read(page))
    assert document.text == line
    assert document.document.language.code == language[:2]
    assert GUESSED in document.flags


@pytest.mark.parametrize(
    ("line", "codec"),
    [
        (_LINES["zh"], "gb18030"),
        (_LINES["zh-Hant"], "big5"),
        (_LINES["ja"], "cp932"),
        (_LINES["ja"], "euc_jp"),
        ("Старый мост города снова открыт для движения, сообщил совет.", "cp1251"),
        ("הגשר הישן של העיר נפתח מחדש ביום שישי אחרי שנתיים.", "cp1255"),
        ("Die Brücke über die Elbe ist größer als früher.", "cp1252"),
        ("The bridge is open again, and all is well now.", "ascii"),
        ("町の橋", "utf-8"),
    ],
)
def test_text_in_another_encoding_is_not_taken_for_utf16(line: str, codec: str) -> None:
    for body in (line.encode(codec), line.encode(codec) + b"\n"):  # of an even and of an odd length
        assert decode(body, None).text.strip() == line
