"""Encodings of the web: every label is known, what is declared wrongly is found out, and the reader sees a flag."""

from __future__ import annotations

import contextlib
import gzip
import io
import random
import time
import zipfile
from functools import cache

import pytest

from saaf.cleaning import Page, Unreadable, clean_html, clean_text, read
from saaf.cleaning.html.decode import CONTROLS_REMOVED, DAMAGED, GUESSED, decode
from saaf.cleaning.html.encoding_labels import codec_of, decode_bytes
from saaf.cleaning.types import FLAGS

RUSSIAN = "Городской совет решил открыть старый мост весной, чтобы люди могли ходить пешком."
UKRAINIAN = "Міська рада вирішила відкрити старий міст навесні, щоб люди ходили пішки."
ARABIC = "قرر مجلس المدينة إعادة فتح الجسر القديم في الربيع المقبل حتى يعبر الناس."
HEBREW = "מועצת העיר החליטה לפתוח מחדש את הגשר הישן באביב כדי שאנשים יעברו."
GREEK = "Το δημοτικό συμβούλιο αποφάσισε να ανοίξει ξανά την παλιά γέφυρα την άνοιξη."
THAI = "สภาเมืองตัดสินใจเปิดสะพานเก่าอีกครั้งในฤดูใบไม้ผลิเพื่อให้คนเดินข้าม"
SIMPLIFIED = "市议会决定明年春天重新开放这座旧桥，让行人通过。"
TRADITIONAL = "市議會決定明年春天重新開放這座舊橋，讓行人通過。"
JAPANESE = "市議会は春に古い橋を再び開くことを決定した。歩いて渡ることができる。"
KOREAN = "시의회는 봄에 옛 다리를 다시 열기로 결정했다. 사람들이 걸어서 건널 수 있다."
POLISH = "Rada miasta zdecydowała o otwarciu starego mostu na wiosnę, żeby ludzie mogli przejść."
CZECH = "Rada města rozhodla, že příští rok otevře starý most, aby lidé mohli přejít."
TURKISH = "Belediye meclisi eski köprünün ilkbaharda yeniden açılmasına karar verdi, şehir güneşli."
FRENCH = "Le conseil a décidé de rouvrir le vieux pont à l’été, où les gens passent déjà."
LEGACY = [
    ("cp1251", RUSSIAN),
    ("cp1251", UKRAINIAN),
    ("koi8_r", RUSSIAN),
    ("iso8859-5", RUSSIAN),
    ("cp866", RUSSIAN),
    ("cp1256", ARABIC),
    ("iso8859-6", ARABIC),
    ("cp1255", HEBREW),
    ("cp1253", GREEK),
    ("iso8859-7", GREEK),
    ("cp874", THAI),
    ("gb18030", SIMPLIFIED),
    ("big5hkscs", TRADITIONAL),
    ("cp932", JAPANESE),
    ("euc_jp", JAPANESE),
    ("cp949", KOREAN),
    ("cp1250", POLISH),
    ("iso8859-2", POLISH),
    ("cp1250", CZECH),
    ("cp1254", TURKISH),
    ("cp1252", FRENCH),
]
# https://encoding.spec.whatwg.org/#names-and-labels: Python's codec, and the labels of its encoding.
LABELS = {
    "utf-8": "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8",
    "cp866": "866 cp866 csibm866 ibm866",
    "iso8859-2": "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2",
    "iso8859-3": "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3",
    "iso8859-4": "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4",
    "iso8859-5": "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988",
    "iso8859-6": "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e "
    "iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987",
    "iso8859-7": "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7 "
    "iso_8859-7:1987 sun_eu_greek",
    "iso8859-8": "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8 "
    "iso_8859-8:1988 visual csiso88598i iso-8859-8-i logical",
    "iso8859-10": "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6",
    "iso8859-13": "iso-8859-13 iso8859-13 iso885913",
    "iso8859-14": "iso-8859-14 iso8859-14 iso885914",
    "iso8859-15": "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9",
    "iso8859-16": "iso-8859-16",
    "koi8_r": "cskoi8r koi koi8 koi8-r koi8_r",
    "koi8_u": "koi8-ru koi8-u",
    "mac_roman": "csmacintosh mac macintosh x-mac-roman",
    "cp874": "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874",
    "cp1250": "cp1250 windows-1250 x-cp1250",
    "cp1251": "cp1251 windows-1251 x-cp1251",
    "cp1252": "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 "
    "iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252 x-user-defined",
    "cp1253": "cp1253 windows-1253 x-cp1253",
    "cp1254": "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 "
    "windows-1254 x-cp1254",
    "cp1255": "cp1255 windows-1255 x-cp1255",
    "cp1256": "cp1256 windows-1256 x-cp1256",
    "cp1257": "cp1257 windows-1257 x-cp1257",
    "cp1258": "cp1258 windows-1258 x-cp1258",
    "mac_cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "gb18030": "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk gb18030",
    "big5hkscs": "big5 big5-hkscs cn-big5 csbig5 x-x-big5",
    "euc_jp": "cseucpkdfmtjapanese euc-jp x-euc-jp",
    "iso2022_jp": "csiso2022jp iso-2022-jp",
    "cp932": "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis",
    "cp949": "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 "
    "windows-949",
    "hz": "hz-gb-2312",
    "iso2022_kr": "csiso2022kr iso-2022-kr",
    "none": "iso-2022-cn iso-2022-cn-ext replacement",
    "utf-16-be": "unicodefffe utf-16be",
    "utf-16-le": "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le",
}


def test_all_labels_of_the_standard_are_known() -> None:
    assert sum(len(labels.split()) for labels in LABELS.values()) == 228
    for codec, labels in LABELS.items():
        for label in labels.split():
            assert codec_of(f" {label.upper()}\n") == (None if codec == "none" else codec), label


@pytest.mark.parametrize(
    ("label", "encoded", "text"),
    [
        ("x-cp1251", RUSSIAN.encode("cp1251"), RUSSIAN),
        ("euc_kr", KOREAN.encode("cp949"), KOREAN),
        ("ks_c_5601-1989", KOREAN.encode("cp949"), KOREAN),
        ("euc-jp", b"\xad\xa1\xad\xea\x8e\xb1" + JAPANESE.encode("euc_jp"), "①㈱ｱ" + JAPANESE),
        ("big5", "嘅喺咗香港嘢".encode("big5hkscs"), "嘅喺咗香港嘢"),
        ("x-user-defined", FRENCH.encode("cp1252"), FRENCH),
        ("iso-8859-9", TURKISH.encode("cp1254"), TURKISH),
        ("tis-620", THAI.encode("cp874"), THAI),
        ("iso-2022-kr", KOREAN.encode("iso2022_kr"), KOREAN),
        ("hz-gb-2312", SIMPLIFIED.encode("hz"), SIMPLIFIED),
    ],
)
def test_a_declared_label_gives_the_text_as_a_browser_shows_it(label: str, encoded: bytes, text: str) -> None:
    assert decode(b"<p>" + encoded + b"</p>", f"text/html; charset={label}").text == f"<p>{text}</p>"


def test_koi8_ru_has_the_letters_of_belarusian() -> None:
    assert decode_bytes(b"\xae\xbe", "koi8_u") == "ўЎ"


@cache
def page(codec: str, text: str, declared: str) -> bytes:
    meta = f"<meta charset={declared}>" if declared else ""
    script = "<script>var a = 1; function b() { return a }</script>"
    source = f"<html><head>{meta}<title>Home</title>{script}</head><body><p>{text}</p><p>About | Home</p></body></html>"
    return source.encode(codec)


@pytest.mark.parametrize("declared", ["", "utf-8"])
@pytest.mark.parametrize(("codec", "text"), LEGACY)
def test_bytes_in_another_encoding_than_utf8_are_found_out_and_flagged(codec: str, text: str, declared: str) -> None:
    document = clean_html(page(codec, text, declared)).document
    assert text in document.text
    assert GUESSED in document.flags
    assert DAMAGED not in document.flags


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1251", "windows-1252"])
@pytest.mark.parametrize(
    ("codec", "text"), [row for row in LEGACY if row[0] not in ("cp1250", "iso8859-2", "cp1252", "cp1254")]
)
def test_a_declared_single_byte_encoding_that_gives_mojibake_is_not_believed(
    codec: str, text: str, declared: str
) -> None:
    decoded = decode(page(codec, text, declared), None)
    assert text in decoded.text
    assert (GUESSED in decoded.flags) == (codec_of(declared) != codec)


@pytest.mark.parametrize(("codec", "text"), LEGACY)
def test_what_is_declared_rightly_is_believed_without_a_flag(codec: str, text: str) -> None:
    label = {"big5hkscs": "big5", "koi8_r": "koi8-r", "euc_jp": "euc-jp"}.get(codec, codec)
    for body, header in ((page(codec, text, label), None), (page(codec, text, ""), f"text/html; charset={label}")):
        decoded = decode(body, header)
        assert text in decoded.text
        assert (decoded.encoding, decoded.problem, decoded.flags) == (codec, None, ())


@pytest.mark.parametrize("declared", ["windows-1252", "windows-1256", "shift_jis", "utf-16"])
@pytest.mark.parametrize("text", [RUSSIAN, ARABIC, SIMPLIFIED, FRENCH])
def test_utf8_stays_utf8_whatever_is_declared_and_so_it_does_cut_off(text: str, declared: str) -> None:
    assert text in decode(page("utf-8", text, declared), None).text
    cut = page("utf-8", 3 * text, declared).replace(b"</body>", "ж".encode()[:1] + b"</body>")
    decoded = decode(cut, None)
    assert text in decoded.text
    assert decoded.flags == (DAMAGED,)


def test_three_broken_bytes_in_a_short_utf8_page_cost_three_characters() -> None:
    body = page("utf-8", f"{RUSSIAN} X{ARABIC} Y{SIMPLIFIED} Z", "utf-8")
    for letter in (b" X", b" Y", b" Z"):
        body = body.replace(letter, letter + b"\xd0")
    document = clean_html(body).document
    assert (document.text.count("\ufffd"), document.flags) == (3, (DAMAGED,))


@pytest.mark.parametrize("quotes", ["It’s “sunny” – 20 °C", "It costs £3,000", "© 2020 Café", "¿Qué? «Sí», 5 €"])
def test_few_bytes_beyond_ascii_are_read_as_windows_1252(quotes: str) -> None:
    body = page("cp1252", f"{quotes}. It is a sentence in plain English, and there is another.", "")
    assert quotes in decode(body, None).text


@pytest.mark.parametrize(
    ("header", "declared", "flags"),
    [("iso-2022-jp", "", ()), ("", "iso-2022-jp", ()), ("", "", (GUESSED,)), ("utf-8", "", (GUESSED,))],
)
def test_iso_2022_jp_is_decoded_wherever_it_is_declared(header: str, declared: str, flags: tuple[str, ...]) -> None:
    meta = f"<meta charset={declared}>" if declared else ""
    text = f"{JAPANESE}ｶﾀｶﾅ Yen 100"
    body = f"<html><head>{meta}</head><body><p>{text}</p></body></html>".encode("iso2022_jp_ext")
    body = body.replace(b"Yen ", b"\x1b(J\\\x1b(B").replace(b"<p>", b"<p>\x1b$B-!-j\x1b(B")  # JIS-Roman yen; NEC's ①㈱
    document = read(Page(url=None, body=body, headers=(("content-type", f"text/html; charset={header}"),)))
    assert document.text == f"①㈱{JAPANESE}ｶﾀｶﾅ ¥100"
    assert document.flags == flags


def test_iso_2022_in_a_plain_text_of_which_a_sequence_was_lost_costs_one_line() -> None:
    lines = f"{JAPANESE}\n{JAPANESE}\nEnd.".encode("iso2022_jp").split(b"\n")
    lines[0] = lines[0].removesuffix(b"\x1b(B")
    document = read(Page(url=None, body=b"\n".join(lines), headers=(("content-type", "text/plain"),)))
    assert document.text == f"{JAPANESE}\n{JAPANESE}\nEnd."


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize(
    "text", [RUSSIAN, ARABIC, SIMPLIFIED, KOREAN, "नगर परिषद ने पुल को फिर से खोलने का फैसला किया", "Hello, this is a page."]
)
def test_utf16_and_utf32_are_read_with_and_without_a_mark(codec: str, text: str) -> None:
    source = f"<html><body><p>{text}</p></body></html>"
    assert decode(source.encode(codec), "text/html; charset=utf-8").text == source
    marked = decode(f"\ufeff{source}".encode(codec), None)
    assert (marked.text, marked.flags) == (source, ())
    plain = f"{text}\n{text}\n"
    assert decode(plain.encode(codec), "text/plain").text == plain


@pytest.mark.parametrize("text", [RUSSIAN, ARABIC, "An article in plain English, of one sentence."])
@pytest.mark.parametrize("codec", ["utf-8", "cp1251", "cp1256"])
def test_nul_bytes_in_an_article_are_left_out(text: str, codec: str) -> None:
    if codec != "utf-8" and not text.isascii() and (text == RUSSIAN) != (codec == "cp1251"):
        return
    for sprinkled in (b"\x00 ", b"\x00\x00\x00\x00 "):
        body = page(codec, text, "").replace(b" ", sprinkled)
        document = clean_html(body).document
        assert text in document.text
        assert CONTROLS_REMOVED in document.flags


def test_bytes_that_are_text_in_no_encoding_are_refused_with_a_reason() -> None:
    noise = random.Random(7)
    for body in (
        noise.randbytes(1_000_000),
        noise.randbytes(3_000),
        bytes(noise.randrange(128, 256) for _ in range(3_000)),
    ):
        with pytest.raises(Unreadable, match=r"not a (page|text)"):
            decode(body, "text/html")
        with pytest.raises(Unreadable, match=r"not a (page|text)"):
            decode(body, "text/html; charset=utf-8")


def test_a_str_is_never_decoded_again() -> None:
    source = f"<meta charset=windows-1251><p>{RUSSIAN} \ud800 {SIMPLIFIED} \ud83d\ude00</p>"
    document = clean_html(source).document
    assert document.text == f"{RUSSIAN} \ufffd {SIMPLIFIED} 😀"
    assert document.flags == (DAMAGED,)
    plain = clean_text(f"{RUSSIAN} \udc00 {SIMPLIFIED} \ud83d\ude00").document
    assert plain.text == f"{RUSSIAN} \ufffd {SIMPLIFIED} 😀"
    assert plain.flags == (DAMAGED,)


@pytest.mark.parametrize("declared", ["iso-2022-jp", "utf-16", "windows-1256", "replacement"])
def test_what_a_str_declares_is_not_looked_at(declared: str) -> None:
    document = clean_html(f"<meta charset={declared}><p>{ARABIC}</p>").document
    assert (document.text, document.flags) == (ARABIC, ())


TEXTS = [
    "Convert WEBP images to other formats with a free program.",
    "ID3 tags hold the title and the artist of a song.",
    "Rar! cried the crow, and flew away over the field.",
    "PAR1S is what the sign said, and nobody knew why.",
    "%PDF- is how a file of that format begins.",
    "%PDF-1.4 is how a file of that version begins.",
    "GIF89a is a format of the year 1989.",
    "GIF8 and GIF9 are not the same.",
    "PK is a film. PK stands for nothing.",
    "OggS was the name of the dog.",
    "BZh9 is an odd word, and so is BZh91.",
    "wOFF means a font; wOF2 means another.",
    "RIFF is a container, WAVE and AVI are in it.",
    "MZ are the initials of Mark Zbikowski.",
    "BM stands for bitmap, and for much else.",
    "WARC/1.0 is the version of the format.",
    "the ftyp box comes first in such a file",
    "SQLite format 3 is the third of its kind.",
    "fLaC is four letters. FLV are three.",
    "{\\rtf is the beginning of a rich text.",
    "%!PS-Adobe-3.0 is a comment.",
    "OTTO went to town; true is what he said.",
    "яШяШ — так шуршит камыш.",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_that_begins_with_the_letters_of_a_signature_is_a_text(text: str) -> None:
    for body in (text.encode(), f"{text}\n{RUSSIAN}".encode("cp1251"), f"  {text}".encode()):
        assert text in read(Page(url=None, body=body, headers=(("content-type", "text/plain"),))).text


def zip_of(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(
                name, "application/epub+zip" if name == "mimetype" else "<p>words of a text</p>", zipfile.ZIP_STORED
            )
    return stream.getvalue()


NOISE = bytes(range(256)) * 8
FILES = [
    (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n", "PDF"),
    (b"%PDF-1.4\n1 0 obj\n<< >>\nstream\n" + NOISE, "PDF"),
    (zip_of("a.txt"), "ZIP"),
    (zip_of("[Content_Types].xml", "word/document.xml"), "Word"),
    (zip_of("[Content_Types].xml", "xl/workbook.xml"), "Excel"),
    (zip_of("mimetype", "META-INF/container.xml"), "EPUB"),
    (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + NOISE, "JPEG"),
    (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + NOISE, "PNG"),
    (b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00", "GIF"),
    (b"RIFF\x24\x10\x00\x00WEBPVP8 " + NOISE, "WebP"),
    (b"RIFF\x24\x10\x00\x00WAVEfmt \x10\x00\x00\x00" + NOISE, "audio"),
    (b"PAR1\x15\x04\x15" + NOISE + b"\x10\x00\x00\x00PAR1", "Parquet"),
    (gzip.compress(b"<p>words</p>", mtime=0), "gzip"),
    (b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n", "WARC"),
    (b"wOF2\x00\x01\x00\x00\x00\x00" + NOISE, "font"),
    (b"\x00\x01\x00\x00\x00\x0f\x00\x80" + NOISE, "font"),
    (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00" + NOISE, "video"),
    (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00" + NOISE, "image"),
    (b"OggS\x00\x02" + bytes(8) + NOISE, "Ogg"),
    (b"fLaC\x00\x00\x00\x22\x10\x00" + NOISE, "FLAC"),
    (b"ID3\x03\x00\x00\x00\x00\x0fvTIT2\x00\x00\x00" + NOISE, "MP3"),
    (b"\xff\xfb\x90\x64\x00\x0f" + NOISE, "MP3"),
    (b"7z\xbc\xaf\x27\x1c\x00\x04" + NOISE, "7z"),
    (b"Rar!\x1a\x07\x01\x00" + NOISE, "RAR"),
    (b"BZh91AY&SY\xd5\x7c" + NOISE, "bzip2"),
    (b"\xfd7zXZ\x00\x00\x04" + NOISE, "xz"),
    (b"\x28\xb5\x2f\xfd\x04\x58" + NOISE, "Zstandard"),
    (b"SQLite format 3\x00\x10\x00" + NOISE, "SQLite"),
    (b"\x7fELF\x02\x01\x01\x00" + NOISE, "program"),
    (b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00" + NOISE, "program"),
    (b"\xca\xfe\xba\xbe\x00\x00\x00\x34" + NOISE, "Java class"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + NOISE, "Office"),
    (b"{\\rtf1\\ansi\\deff0 Hello.}", "RTF"),
    (b"%!PS-Adobe-3.0\n%%Title: A page\n", "PostScript"),
    (NOISE, "binary"),
]


@pytest.mark.parametrize(("body", "name"), FILES, ids=[name for _, name in FILES])
def test_a_binary_file_served_as_a_page_is_refused_by_its_name(body: bytes, name: str) -> None:
    for content_type in ("text/html", "text/html; charset=utf-8", "text/plain"):
        with pytest.raises(Unreadable, match=name):
            read(Page(url="https://www.example.org/a.html", body=body, headers=(("content-type", content_type),)))


@pytest.mark.parametrize(
    "filler",
    [
        b"<script ",
        b"<!-- ",
        b"<",
        b"a",
        b"word ",
        b"\x1b$B",
        b"&#0",
        b"\\u00",
        b"N\x08",
        b"charset=",
        b"\xe9",
        b"\x0e",
        b"~{",
    ],
)
def test_a_hostile_page_in_an_unknown_encoding_is_read_in_time(filler: bytes) -> None:
    body = filler * (1_000_000 // len(filler)) + f"<p>{RUSSIAN}</p>".encode("cp1251")
    start = time.process_time()
    with contextlib.suppress(Unreadable):
        decode(body, "text/html; charset=utf-8")
    assert time.process_time() - start < 5.0


def test_all_flags_of_documents_are_documented() -> None:
    pages = [
        page("cp1251", RUSSIAN, "utf-8"),
        page("utf-8", f"{RUSSIAN} \x01", "utf-8"),
        page("utf-8", ARABIC, "utf-8") + b"<p>\xff</p>",
        b"<div>" * 2_000 + page("utf-8", RUSSIAN, ""),
    ]
    flags = {flag for body in pages for flag in clean_html(body).flags}
    assert {DAMAGED, GUESSED, CONTROLS_REMOVED} <= flags <= set(FLAGS)
