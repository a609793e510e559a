"""Turkish declared as Western European, Western European that is no Turkish, and HZ that is not declared."""

from __future__ import annotations

import pytest

from saaf.cleaning import Page, clean, read
from saaf.cleaning.html.decode import GUESSED, decode

_TURKISH = "Şehrin eski köprüsü iki yıl süren onarımın ardından açıldı, çocuklar kıyıda ışıkları izledi ve dağa baktı."


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "iso-8859-15", "utf-8", None])
@pytest.mark.parametrize("text", [_TURKISH, "Ankara'da yağmur yağdı, kapılar kapandı.", _TURKISH.replace("Ş", "İş ş")])
def test_turkish_under_a_wrong_charset_is_turkish(charset: str | None, text: str) -> None:
    headers = (("content-type", f"text/plain; charset={charset}" if charset else "text/plain"),)
    document = clean(read(Page(url="https://example.org/a.txt", body=text.encode("cp1254"), headers=headers)))
    assert document.text == text
    assert document.document.language.code == "tr"
    assert GUESSED in document.flags


@pytest.mark.parametrize(
    "text",
    [
        "Gamla brúin yfir ána var opnuð á ný í gær og það þykir bænum mikil tíðindi, segir bæjarstjórinn.",
        "Það þýðir að nýr vegur verður lagður.",
        "Gamla brúgvin varð latin upp aftur fríggjadagin, og býurin fegnaðist.",
        "Täze köprü açyldy, ýollar ýapyk däl, ýagyş ýok.".replace("ş", "s"),
        "Die Brücke über die Elbe ist größer als früher.",
        "Le pont a été rouvert à la circulation, c'est déjà ça.",
    ],
)
def test_western_languages_keep_their_letters(text: str) -> None:
    assert decode(text.encode("cp1252"), "text/plain; charset=iso-8859-1").text == text


def test_hz_that_is_not_declared_is_decoded() -> None:
    text = "市议会说旧桥在今年开放。\nHarbour\n人们可以从这里再次通行。\n"
    found = decode(text.encode("hz"), "text/plain")
    assert found.text == text
    assert found.flags == (GUESSED,)


def test_a_template_language_is_no_hz() -> None:
    text = "Write ~{name~} for the name and ~{date1~} for the date, ~{abcd~} for all.\n"
    assert decode(text.encode(), "text/plain").text == text
