"""Guess of a legacy encoding from the bytes, and whether a decoded text can be what its author wrote."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import lru_cache
from typing import Final

import regex

from saaf.cleaning.html.encoding_labels import decode_bytes

# What is not closed goes to the end, so that each byte is looked at once.
_MARKUP: Final = re.compile(
    rb"<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<[^<>]*>", re.DOTALL | re.IGNORECASE
)
_HIGH_BYTE: Final = re.compile(rb"[\x80-\xff]")
_LINE_BYTES: Final = 400  # of a line before and after its first byte beyond ASCII
_SEARCHED_BYTES: Final = 1_000_000
_SAMPLE_BYTES: Final = 2_000  # 500 characters and more; rating it for 22 codecs takes about 15 ms

_CODECS: Final = (
    "cp1251", "koi8_r", "iso8859-5", "cp866", "cp1256", "iso8859-6", "cp1255", "cp1253", "iso8859-7", "cp874",
    "gb18030", "big5hkscs", "cp949", "cp932", "euc_jp",
)  # fmt: skip
_LATIN_CODECS: Final = (
    "cp1252", "cp1250", "cp1254", "cp1257", "iso8859-2", "iso8859-15", "cp1258",
)  # fmt: skip
# Letters beyond ASCII of languages in Latin letters, one alphabet a language.
_LATIN_ALPHABETS: Final = tuple(
    map(
        frozenset,
        (
            "äöüß", "àâæçéèêëîïôœùûüÿ", "áéíñóúü", "ãáàâçéêíóôõúü", "àèéìîòóù", "åäöé", "æøåéóòôü", "áðéíóúýþæö",
            "áàèéíïóòúüç", "ëéèïöüó", "çğıiöşüâîû", "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű",
            "ăâîşţșț", "čćđšž", "ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž", "çë",
            "àáâãèéêìíòóôõùúýăđĩũơư\u0300\u0301\u0303\u0309\u0323",
        ),
    )
)  # fmt: skip
# The commonest letters, characters or syllables of what is written in each script: of running text they are about the
# share that stands beside them; of text in a wrong encoding, far less.
_COMMON: Final = {
    "Cyrillic": (frozenset("оеаинтсрвлкмдпуяіы"), 0.8),
    "Arabic": (frozenset("اليمنوترهبدعسفكقةأی"), 0.85),
    "Hebrew": (frozenset("יוהלאתמרשבנעדחקפ"), 0.85),
    "Greek": (frozenset("αοιετσνηυρπκμλςίόάέή"), 0.85),
    "Thai": (frozenset("ารนกอเงมยลวดทสตะปบคหแจพชข"), 0.75),
    "Han": (
        frozenset(
            "的一是不了在人有我他这这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天"
            "而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高"
            "意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海"
            "口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神"
            "數件安表原車白應路期叫死常提感金何更反合放做系計或司利受光王果親界及今京務制解各任至清物台象記邊共風戰幹接它許八特"
            "這來國個說們為時會對學發還過進動樣現長無開見經頭兩從將與實點種聲話兒問機給幾業間門東氣關並產體別處總場師書員華報馬"
            "議決春重開放座橋讓行人"
        ),
        0.5,
    ),
    "Hangul": (
        frozenset("이다는을의에가한고로하사대지기어도서은자정리그시인나해수일부아전장보제원구라과위상국들있으를조"
                  "주성공여만면오유동무신우했관학선경안세스화생산년된까"), 0.6),
}  # fmt: skip
_MIN_KANA_SHARE: Final = 0.25  # of the characters beyond ASCII; a Japanese sentence is half kana
_WESTERN_CODECS: Final = ("cp1252", "iso8859-15")
_MIN_TURKISH_LETTERS: Final = 2  # ı; of Turkish letters it is 5 %
_RARER: Final = 0.02  # for each codec of Latin letters after windows-1252
_ENOUGH_LETTERS: Final = 5  # different ones: a line of §§§§§ is a word in Thai
_FEW_LETTERS: Final = 4
_RUN: Final = regex.compile(r"[[\p{L}\p{M}]&&[^\x00-\x7f]]{2,}", regex.V1)
_ALL_CAPITALS: Final = 0.93  # factor: GBK read as Cyrillic is all capitals
_SCRIPT_OF_LETTER: Final = regex.compile(
    "|".join(rf"(?P<{name}>\p{{Script={name}}})" for name in (*_COMMON, "Hiragana", "Katakana", "Latin"))
)
# No characters, frames of boxes, and marks that stand on no letter.
_MEANINGLESS: Final = regex.compile(
    r"[\p{Cn}\p{Co}\p{Cs}\x01-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f\ufffd\u2500-\u259f]|(?<![\p{L}\p{M}\u200c\u200d])\p{M}"
)
_MIXED_WORD: Final = regex.compile(r"(?<![\p{L}\p{M}])(?=[\p{L}\p{M}]*[^\x00-\x7f])[\p{L}\p{M}]{2,}(?![\p{L}\p{M}])")
_SYMBOL_IN_WORD: Final = regex.compile(
    r"(?<=\p{L})[[^\x00-\x7f]&&[\p{S}\p{No}\p{Ps}\p{Pe}¡¿§¶†‡…„‚‹›«»\xa0]](?=\p{L})", regex.V1
)
_SYMBOLS_IN_ROW: Final = regex.compile(r"([¡-§©ª¬-¯±-´µ¶¸-º¼-¿])(?!\1)[¡-§©ª¬-¯±-´µ¶¸-º¼-¿]+")  # not "§§§§"
_LETTER_AT_NUMBER: Final = regex.compile(
    r"(?<!\p{L})[[\p{Latin}\p{Cyrillic}]&&[^\x00-\x7f]](?=\d)", regex.V1
)  # £3 as Ł3
_LATIN_RUN: Final = regex.compile(r"[[\p{Script=Latin}]&&[^\x00-\x7fƠ-ưẠ-ỹ]]{4,}", regex.V1)
_INNER_CAPITAL: Final = regex.compile(r"[[\p{Ll}]&&[^\x00-\x7f]]\p{Lu}+|\p{Ll}[[\p{Lu}]&&[^\x00-\x7f]]+", regex.V1)

# Share of characters beyond ASCII from which on a text was read in a wrong encoding; right ones have 0 to 0.05.
_MAX_DAMAGE: Final = 0.2
# Ratings: texts of a line and more in their own encoding have 0.8 to 1, in others at most 0.7, random bytes below 0.4.
_MIN_RATING: Final = 0.5
_CERTAIN_RATING: Final = 0.85
# Lines in UTF-16 have 0.9 to 1 in their byte order and less than 0 in the other; those in other encodings at most 0.4.
_MIN_UTF16_RATING: Final = 0.5
_MIN_DECLARED_UTF16_RATING: Final = 0.2


def fits(body: bytes, codec: str) -> bool:
    """Return whether a body can be in the encoding: usual letters, in words of one script.

    True where nothing but markup goes beyond ASCII. Of Latin letters all are usual: languages differ too much.
    """
    text = decode_bytes(_sample(body), codec, "replace")
    if damage(text) >= _MAX_DAMAGE:
        return not _letters(text)
    letters = _letters(text)
    if codec in _WESTERN_CODECS and _is_turkish_in_western(text):
        return False
    if 2 * sum(map(str.isupper, letters)) <= len(letters) and (_is_latin(text) or commonness(text) >= _CERTAIN_RATING):
        return True
    return guess_codec(body) in (codec, None)


def guess_codec(body: bytes) -> str | None:
    """Return the codec of a body that is in an encoding of the web other than Unicode's, None where none fits it.

    The lines with bytes beyond ASCII, without their markup, are decoded with every codec; the one that gives the most
    usual letters, in words of one script, is taken. Of Latin letters a codec is taken that one language needs.
    """
    sample = _sample(body)
    if not sample:
        return None
    texts = [(codec, decode_bytes(sample, codec, "replace")) for codec in (*_CODECS, *_LATIN_CODECS)]
    rated = [(commonness(text) - 2 * damage(text), codec) for codec, text in texts[: len(_CODECS)]]
    rated += [
        (_latin_share(text) - _RARER * place - 2 * damage(text), codec)
        for place, (codec, text) in enumerate(texts[len(_CODECS) :])
    ]
    best, codec = max(rated, key=lambda pair: pair[0])  # the first of equals
    if codec in _WESTERN_CODECS and _is_turkish_in_western(decode_bytes(sample, codec, "replace")):
        return "cp1254"
    return codec if best >= _MIN_RATING else None


def _is_turkish_in_western(text: str) -> bool:
    """Return whether a text decoded as Western European is Turkish: ı, ğ and ş are ý, ð and þ there.

    Icelandic and Faroese have á, é, í, ó, ú or æ beside them, and ð more often than ý; Turkmen has ý and no ð and þ.
    """
    letters = Counter(text.lower())
    others = sum(letters[letter] for letter in "áéíóúæ")
    return letters["ý"] >= max(_MIN_TURKISH_LETTERS, letters["ð"], 10 * others) and letters["ð"] + letters["þ"] > 0


def guess_utf16(head: bytes, *, declared: bool) -> str | None:
    """Return the codec of UTF-16 without a byte order mark and without any ASCII character, else None.

    `head` is its beginning; of both byte orders the one with more usual letters is taken. Less is asked where UTF-16 is
    `declared`: a short text may have few of the commonest letters.
    """
    rated = []
    for codec in ("utf-16-le", "utf-16-be"):
        text = head.decode(codec, "replace")
        rated.append((commonness(text) - 2 * damage(text), codec))
    best, codec = max(rated)
    return codec if best >= (_MIN_DECLARED_UTF16_RATING if declared else _MIN_UTF16_RATING) else None


def _sample(body: bytes) -> bytes:
    """Return the first lines with bytes beyond ASCII, without their markup; of long ones a part."""
    text = _MARKUP.sub(b"\n", body[:_SEARCHED_BYTES]).replace(b"\r", b"\n")
    lines, size, found = [], 0, _HIGH_BYTE.search(text)
    while found and size < _SAMPLE_BYTES:
        at = found.start()
        start = text.rfind(b"\n", max(at - _LINE_BYTES, 0), at) + 1 or (0 if at < _LINE_BYTES else at)
        end = text.find(b"\n", at, at + _LINE_BYTES)
        end = at + _LINE_BYTES if end < 0 else end
        lines.append(text[start:end])
        size += end - start
        found = _HIGH_BYTE.search(text, end)
    return b"\n".join(lines)


def _letters(text: str) -> list[str]:
    """Return the letters of a text that are beyond ASCII."""
    return [character for character in text if character > "\x7f" and character.isalpha()]


def _is_latin(text: str) -> bool:
    """Return whether the letters beyond ASCII are Latin: all or most, or there are none."""
    letters = _letters(text)
    return 2 * sum(_script_of(letter) == "Latin" for letter in letters) >= len(letters)


@lru_cache(maxsize=8192)
def _script_of(letter: str) -> str:
    """Return the script of a letter by its Unicode name, "" where it is none of those compared here."""
    found = _SCRIPT_OF_LETTER.match(letter)
    return (found.lastgroup or "") if found else ""


def _latin_share(text: str) -> float:
    """Return the share of the letters beyond ASCII that the alphabet of one language holds.

    Where there are few letters, the answer is near 0.8: quotation marks and dashes alone say nothing else.
    """
    letters = Counter(_letters(text.lower()))
    best = max(sum(times for letter, times in letters.items() if letter in alphabet) for alphabet in _LATIN_ALPHABETS)
    return (best + 0.8 * _FEW_LETTERS) / (letters.total() + _FEW_LETTERS)


def commonness(text: str) -> float:
    """Return how usual the letters beyond ASCII of a text are: 1 as in running text of their script, 0 where none is.

    The script that most of them are of counts; kana make a text Japanese. Letters alone, as in "é à", prove nothing.
    """
    by_script: dict[str, Counter[str]] = defaultdict(Counter)
    total = 0
    for run, times in Counter(_RUN.findall(text)).items():
        total += len(run) * times
        for letter in run:
            by_script[_script_of(letter)][letter] += times
    kana = sum(
        times
        for script in ("Hiragana", "Katakana")
        for letter, times in by_script.pop(script, Counter()).items()
        if letter < "\uff00"  # half-width katakana are the bytes of any other encoding
    )
    if kana and kana >= _MIN_KANA_SHARE * total:
        return (kana + _usual_letters(by_script["Han"], "Han")) / total
    script, own = max(sorted(by_script.items()), key=lambda pair: pair[1].total(), default=("", Counter()))
    syllables = 3 if script in ("Han", "Hangul") else 1  # a character of these says as much as three letters
    evidence = min(1.0, syllables * len(own) / _ENOUGH_LETTERS)
    return evidence * _usual_letters(own, script) / total if total else 0.0


def _usual_letters(letters: Counter[str], script: str) -> float:
    """Return the number of `letters`, of one script, times how near their common ones come to the usual share."""
    common, usual_share = _COMMON.get(script, (frozenset[str](), 1.0))
    found = sum(times for letter, times in letters.items() if letter.lower() in common)
    usual = min(letters.total(), found / usual_share)
    return usual * (_ALL_CAPITALS if letters and all(map(str.isupper, letters)) else 1.0)


def damage(text: str) -> float:
    """Return the share, in [0, 1], of the characters beyond ASCII that no author writes as they stand here.

    Those that are no characters, letters in words of two scripts, symbols inside words and in a row, capitals
    after small letters, four and more accented Latin letters in a row. 0 where the text is ASCII.
    """
    meaningless = len(_MEANINGLESS.findall(text))
    beyond = len(text) - len(text.encode("ascii", "ignore")) + meaningless
    if not beyond:
        return 0.0
    bad = 2 * meaningless + 2 * len(_SYMBOL_IN_WORD.findall(text)) + 2 * len(_INNER_CAPITAL.findall(text))
    bad += 2 * len(_LETTER_AT_NUMBER.findall(text))
    bad += sum(map(len, _LATIN_RUN.findall(text))) + sum(len(row[0]) for row in _SYMBOLS_IN_ROW.finditer(text))
    for word, times in Counter(_MIXED_WORD.findall(text)).items():
        scripts = {
            "Han" if script in ("Hiragana", "Katakana") else script for script in map(_script_of, word) if script
        }
        if len(scripts) > 1:
            bad += times * sum(letter > "\x7f" for letter in word)
    return min(1.0, bad / beyond)
