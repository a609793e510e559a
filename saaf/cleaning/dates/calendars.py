"""What the words of a date mean: month names, weekdays and digit orders of every language, from Unicode's CLDR.

CLDR comes through `babel`, whose names `benchmarks/date_names.py` has put into one file; what it lacks (Iranian and
Afghan months, spellings of the press) stands here as small tables. Names are compared folded: case, accents, vowel
marks, and the code points that Arabic, Persian and Urdu keyboards differ in do not count.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, TypedDict, cast

import regex
from babel import Locale, UnknownLocaleError

from saaf.cleaning.text.folding import date_word_key

GREGORIAN: Final = "gregorian"
JALALI: Final = "jalali"
HIJRI: Final = "hijri"

# Where the language is not known, names of all these are tried; those that mean different months in two of them
# (listopad: October in Croatian, November in Czech and Polish) are left out.
_COMMON: Final = (
    "en ar fa ur hi bn de fr es pt it ru tr id zh ja ko vi th pl el sw nl sv da no fi cs sk hr sl bg uk ro hu he ta te "
    "mr ne gu pa ml kn si my ka hy az ca"
)
# The same language with other month names in other countries.
_VARIANTS: Final = {
    "ar": ("ar_DZ", "ar_IQ", "ar_MA", "ar_MR"),
    "de": ("de_AT",),
    "pa": ("pa_Arab",),
    "sr": ("sr_Latn",),
}
# Spellings that the press uses and CLDR has not.
_SPELLINGS: Final = {
    "ar": {"ابريل": 4, "نيسان": 4, "يونية": 6, "يولية": 7, "اغسطوس": 8, "اوكتوبر": 10, "نوفنبر": 11},
    "bn": {"জানুয়ারি": 1, "ফেব্রুয়ারি": 2, "আগষ্ট": 8},
    "en": {"sept": 9},
    "es": {"setiembre": 9},
    "fa": {"می": 5, "جولای": 7, "آگوست": 8, "اگست": 8},
    "hi": {"फरबरी": 2, "अप्रेल": 4, "सितम्बर": 9, "अक्तूबर": 10, "नवम्बर": 11, "दिसम्बर": 12},
    "mr": {"सप्टेंबर": 9},
    "pl": {"wrzesien": 9},
    "ur": {"فرورى": 2, "نومبر": 11, "دسمبر": 12},
}
_JALALI: Final = (
    ("فروردین", "حمل", "وری"),
    ("اردیبهشت", "ثور", "غویی"),
    ("خرداد", "جوزا", "غبرګولی"),
    ("تیر", "سرطان", "چنګاښ"),
    ("مرداد", "امرداد", "اسد", "زمری"),
    ("شهریور", "سنبله", "وږی"),
    ("مهر", "میزان", "تله"),
    ("آبان", "عقرب", "لړم"),
    ("آذر", "قوس", "لیندۍ"),
    ("دی", "جدی", "مرغومی"),
    ("بهمن", "دلو", "سلواغه"),
    ("اسفند", "حوت", "کب"),
)
_HIJRI: Final = (
    ("محرم", "المحرم"),
    ("صفر",),
    ("ربيع الأول", "ربيع اول", "ربیع الاول"),
    ("ربيع الآخر", "ربيع الثاني", "ربیع الثانی"),
    ("جمادى الأولى", "جمادى الاول", "جمادی الاول"),
    ("جمادى الآخرة", "جمادى الثانية", "جمادی الثانی"),
    ("رجب",),
    ("شعبان",),
    ("رمضان", "رمضان المبارک"),
    ("شوال",),
    ("ذو القعدة", "ذي القعدة", "ذیقعد"),
    ("ذو الحجة", "ذي الحجة", "ذی الحجہ"),
)
# What counts as one token: a number, one Chinese character, a word with its marks, or a sign.
_PIECES: Final = regex.compile(r"\d+|\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{M}])+|\S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month word: its `number` in [1, 12] and the calendar that it belongs to."""

    number: int
    calendar: str = GREGORIAN


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words that dates of a language are made of, folded; names of several tokens are joined by spaces, and
    `month_tokens` are all tokens of the names of months.
    """

    months: dict[str, Month]
    month_tokens: frozenset[str]
    weekdays: frozenset[str]
    month_first: bool | None  # 12/14/2024; None where the language is not known


def date_tokens(text: str) -> list[str]:
    """Return the folded numbers, words and signs of `text`, white space left out."""
    return _PIECES.findall(date_word_key(text))


def vocabulary(language: str | None) -> Vocabulary:
    """Return the date words of `language` (ISO 639 or BCP 47, "en-GB") and of English, which turns up everywhere.

    Where `language` is None or CLDR does not know it, the words of fifty common languages.
    """
    code = (language or "").replace("-", "_")
    if not _names(code):
        code = code.partition("_")[0]
    return _vocabulary(code if _names(code) else None)


@cache
def _vocabulary(language: str | None) -> Vocabulary:
    codes = (language, "en") if language else tuple(_COMMON.split())
    months: dict[str, Month] = {}
    weekdays: set[str] = set()
    disputed: set[str] = set()
    for code in codes:
        for name, month in _months(code).items():
            if months.setdefault(name, month) != month and language is None:
                disputed.add(name)
        if names := _names(code):
            weekdays.update(names["weekdays"])
    months = {name: month for name, month in months.items() if name not in disputed}
    own = _names(language) if language else None
    return Vocabulary(
        months=months,
        month_tokens=frozenset(token for name in months for token in name.split(" ")),
        weekdays=frozenset(weekdays),
        month_first=own["month_first"] if own else None,
    )


@cache
def date_words() -> frozenset[str]:
    """Return the folded names of months and weekdays in all languages, as `vocabulary` knows them."""
    words = vocabulary(None)
    return frozenset(words.months) | words.weekdays


class _Names(TypedDict):
    """A row of the file: the numbers of the months by their folded names, and the rest as in `Vocabulary`."""

    months: dict[str, int]
    weekdays: list[str]
    month_first: bool


@cache
def _table() -> tuple[dict[str, int], list[_Names]]:
    # A constant of the package, as its code is; babel takes a second to load the same for fifty languages.
    stored = json.loads((files("saaf.cleaning.dates") / "date_names.json").read_text(encoding="utf-8"))
    return cast("tuple[dict[str, int], list[_Names]]", (stored["locales"], stored["names"]))


@lru_cache(maxsize=1024)
def _names(code: str) -> _Names | None:
    """Return the names of a locale as babel finds it ("no" is "nb"), None where there is none."""
    locales, rows = _table()
    if code not in locales:
        try:
            code = str(Locale.parse(code)).partition("@")[0]
        except (UnknownLocaleError, ValueError):
            return None
    return rows[locales[code]] if code in locales else None


def _months(code: str) -> dict[str, Month]:
    """Return the folded month names of one language, Iranian and Islamic months where its press uses them."""
    names: dict[str, Month] = {}
    language = code.partition("_")[0]
    for variant in (code, *_VARIANTS.get(language, ())):
        if found := _names(variant):
            for name, number in found["months"].items():
                names.setdefault(name, Month(number=number))
    for name, number in _SPELLINGS.get(language, {}).items():
        names.setdefault(key(name), Month(number=number))
    if language in {"fa", "ps"}:
        names = names | _calendar(_JALALI, JALALI)
    if language in {"ar", "fa", "ps", "ur"}:
        names = _calendar(_HIJRI, HIJRI) | names
    return {name: month for name, month in names.items() if name and not name.isdigit()}


def _calendar(rows: tuple[tuple[str, ...], ...], calendar: str) -> dict[str, Month]:
    return {key(name): Month(number=n, calendar=calendar) for n, row in enumerate(rows, start=1) for name in row}


def key(name: str) -> str:
    """Return a name in the form in which names are compared: its tokens, folded, joined by spaces."""
    return " ".join(part for part in date_tokens(name) if part != ".")


def from_jalali(year: int, month: int, day: int) -> date:
    """Turn a date of the Iranian solar calendar into a Gregorian one, by the 33-year cycle (right for 1244 to 1472).

    Raises ValueError where there is no such day.
    """
    if not (1 <= month <= 12 and 1 <= day <= (31 if month < 7 else 30)):
        raise ValueError(f"no such day in the Iranian calendar: {year}-{month}-{day}")
    cycle = year + 1595
    days = 365 * cycle + cycle // 33 * 8 + (cycle % 33 + 3) // 4 + day
    days += (month - 1) * 31 if month < 7 else (month - 7) * 30 + 186
    return date.fromordinal(days - 356033)
