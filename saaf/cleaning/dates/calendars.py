"""Calendars and date words: month names, weekdays and day-month orders of every language, from Unicode's CLDR.

CLDR comes through `babel`, whose names `benchmarks/date_names.py` writes into `date_names.json`; what it lacks (months
of other calendars, spellings of the press) is in small tables here. Names are compared folded: case, accents, vowel
marks, and the code points that Arabic, Persian and Urdu keyboards differ in do not count.
"""

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, TypedDict, cast

import regex
from babel import Locale, UnknownLocaleError

from saaf.cleaning.text.folding import date_word_key

GREGORIAN: Final = "gregorian"
JALALI: Final = "jalali"
HIJRI: Final = "hijri"
ETHIOPIAN: Final = "ethiopian"
NEPALI: Final = "nepali"

# The languages whose names are read where the language is not known; names of different months in two of them
# (listopad: October in Croatian, November in Czech and Polish) are left out.
_COMMON_LANGUAGES: Final = (
    "en ar fa ur hi bn de fr es pt it ru tr id zh ja ko vi th pl el sw nl sv da no fi cs sk hr sl bg uk ro hu he ta te "
    "mr ne gu pa ml kn si my ka hy az ca am"
)
# Locales of the same language with other month names.
_REGIONAL_LOCALES: Final = {
    "ar": ("ar_DZ", "ar_IQ", "ar_MA", "ar_MR"),
    "az": ("az_Cyrl",),
    "de": ("de_AT",),
    "pa": ("pa_Arab",),
    "sr": ("sr_Latn",),
    "uz": ("uz_Cyrl",),
}
# What the press writes before the name of a month, in one word with it: "month".
_MONTH_PREFIXES: Final = {"km": "ខែ", "lo": "ເດືອນ"}
# Spellings that the press uses and CLDR does not have, with the month's number.
_PRESS_SPELLINGS: Final = {
    "ar": {"ابريل": 4, "نيسان": 4, "يونية": 6, "يولية": 7, "اغسطوس": 8, "اوكتوبر": 10, "نوفنبر": 11},
    "bn": {"জানুয়ারি": 1, "ফেব্রুয়ারি": 2, "আগষ্ট": 8},
    "en": {"sept": 9},
    "ckb": {"کانوونی دووەمی": 1, "شوباتی": 2, "ئازاری": 3, "نیسانی": 4, "ئایاری": 5, "حوزەیرانی": 6, "تەممووز": 7,
            "تەممووزی": 7, "ئابی": 8, "ئەیلوولی": 9, "تشرینی یەکەمی": 10, "تشرینی دووەمی": 11, "کانوونی یەکەم": 12,
            "کانوونی یەکەمی": 12},
    "es": {"setiembre": 9},
    "fa": {"می": 5, "جولای": 7, "آگوست": 8, "اگست": 8},
    "hi": {"फरबरी": 2, "अप्रेल": 4, "सितम्बर": 9, "अक्तूबर": 10, "नवम्बर": 11, "दिसम्बर": 12},
    "ka": {"იანვარს": 1, "თებერვალს": 2, "მარტს": 3, "აპრილს": 4, "მაისს": 5, "ივნისს": 6, "ივლისს": 7, "აგვისტოს": 8,
           "სექტემბერს": 9, "ოქტომბერს": 10, "ნოემბერს": 11, "დეკემბერს": 12},
    "ml": {"മാര്‍ച്ച്": 3, "ഏപ്രില്‍": 4, "ജൂണ്‍": 6, "സെപ്റ്റംബര്‍": 9, "ഒക്ടോബര്‍": 10, "നവംബര്‍": 11, "ഡിസംബര്‍": 12},
    "mr": {"सप्टेंबर": 9},
    "pl": {"wrzesien": 9},
    "so": {"janaayo": 1, "febraayo": 2, "maarso": 3, "abriil": 4, "juunyo": 6, "luuliyo": 7, "agoosto": 8,
           "sebtembar": 9, "oktoobar": 10, "nofembar": 11, "novembar": 11, "disembar": 12},
    "sr": {"januara": 1, "februara": 2, "marta": 3, "aprila": 4, "maja": 5, "juna": 6, "jula": 7, "avgusta": 8,
           "septembra": 9, "oktobra": 10, "novembra": 11, "decembra": 12, "јануара": 1, "фебруара": 2, "марта": 3,
           "априла": 4, "маја": 5, "јуна": 6, "јула": 7, "августа": 8, "септембра": 9, "октобра": 10, "новембра": 11,
           "децембра": 12},
    "te": {"మార్చి": 3, "ఏప్రిలు": 4, "జూను": 6, "ఆగస్టు": 8, "సెప్టెంబరు": 9, "అక్టోబరు": 10, "నవంబరు": 11, "డిసెంబరు": 12},
    "yo": {"oṣù kejìlá": 12, "oṣù kọkànlá": 11, "oṣù kẹwàá": 10, "oṣù kẹsàn-án": 9, "oṣù kẹjọ": 8, "oṣù keje": 7,
           "oṣù kẹfà": 6, "oṣù karùn-ún": 5, "oṣù kẹrin": 4, "oṣù kẹta": 3, "oṣù kejì": 2, "oṣù kìíní": 1},
    "ur": {"فرورى": 2, "نومبر": 11, "دسمبر": 12},
}  # fmt: skip
# Month names of the Iranian solar calendar, in order: Persian, Afghan Persian (Dari), Pashto.
_JALALI_MONTHS: Final = (
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
# Month names of the Islamic lunar calendar, in order, in several spellings.
_HIJRI_MONTHS: Final = (
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
# Month names of the Ethiopian calendar, in order, for Amharic: in Tigrinya they name Gregorian months too.
_ETHIOPIAN_MONTHS: Final = (
    ("መስከረም",),
    ("ጥቅምት",),
    ("ኅዳር", "ህዳር", "ሕዳር"),
    ("ታኅሣሥ", "ታህሳስ", "ታኅሳስ", "ታኅሣስ"),
    ("ጥር",),
    ("የካቲት",),
    ("መጋቢት",),
    ("ሚያዝያ", "ሚያዚያ"),
    ("ግንቦት",),
    ("ሰኔ",),
    ("ሐምሌ", "ሀምሌ"),
    ("ነሐሴ", "ነሀሴ"),
    ("ጳጉሜን", "ጳጉሜ"),
)
# Month names of Bikram Sambat, Nepal's calendar, in order, as its press spells them.
_NEPALI_MONTHS: Final = (
    ("वैशाख", "बैशाख", "बैसाख"),
    ("जेठ", "जेष्ठ", "ज्येष्ठ"),
    ("असार", "आषाढ", "अषाढ"),
    ("साउन", "श्रावण", "सावन"),
    ("भदौ", "भाद्र", "भाद्रपद"),
    ("असोज", "आश्विन", "अशोज"),
    ("कात्तिक", "कार्तिक"),
    ("मंसिर", "मङ्सिर", "मार्गशीर्ष"),
    ("पुस", "पुष", "पौष"),
    ("माघ",),
    ("फागुन", "फाल्गुन", "फाल्गुण"),
    ("चैत", "चैत्र"),
)
# A token: a number, one Chinese character, a word with its marks, or a sign.
_TOKEN: Final = regex.compile(r"\d+|\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{M}])+|\S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month: its `number`, from 1 on, and its calendar: GREGORIAN, JALALI, HIJRI, ETHIOPIAN or NEPALI."""

    number: int
    calendar: str = GREGORIAN


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The date words of a language, folded as `date_name_key` folds them.

    `month_tokens` are all tokens of the names of months. `month_first`: 12/14/2024 is the order of the language; None
    where the language is not known.
    """

    months: dict[str, Month]
    month_tokens: frozenset[str]
    weekdays: frozenset[str]
    month_first: bool | None


def date_tokens(text: str) -> list[str]:
    """Return the tokens of `text`, folded: numbers, words and signs, without white space."""
    return _TOKEN.findall(date_word_key(text))


def vocabulary(language: str | None) -> Vocabulary:
    """Return the date words of `language` (ISO 639 or BCP 47, "en-GB") and of English, which is used everywhere.

    Where `language` is None or CLDR does not have it, those of fifty common languages.
    """
    code = (language or "").replace("-", "_")
    if not _locale_names(code):
        code = code.partition("_")[0]
    return _vocabulary(code if _locale_names(code) else None)


@cache
def _vocabulary(language: str | None) -> Vocabulary:
    codes = (language, "en") if language else tuple(_COMMON_LANGUAGES.split())
    months: dict[str, Month] = {}
    weekdays: set[str] = set()
    ambiguous: set[str] = set()
    for code in codes:
        for name, month in _month_names(code).items():
            if months.setdefault(name, month) != month and language is None:
                ambiguous.add(name)
        if names := _locale_names(code):
            weekdays.update(names["weekdays"])
    months = {name: month for name, month in months.items() if name not in ambiguous}
    own = _locale_names(language) if language else None
    return Vocabulary(
        months=months,
        month_tokens=frozenset(token for name in months for token in name.split(" ")),
        weekdays=frozenset(weekdays),
        month_first=own["month_first"] if own else None,
    )


@cache
def date_words() -> frozenset[str]:
    """Return the folded names of months and weekdays in the fifty common languages."""
    words = vocabulary(None)
    return frozenset(words.months) | words.weekdays


class _LocaleNames(TypedDict):
    """A row of the file: month numbers by folded name, and the rest as in `Vocabulary`."""

    months: dict[str, int]
    weekdays: list[str]
    month_first: bool


@cache
def _locale_table() -> tuple[dict[str, int], list[_LocaleNames]]:
    # A constant of the package, as its code is; babel takes a second to load the same for fifty languages.
    stored = json.loads((files("saaf.cleaning.dates") / "date_names.json").read_text(encoding="utf-8"))
    return cast("tuple[dict[str, int], list[_LocaleNames]]", (stored["locales"], stored["names"]))


@lru_cache(maxsize=1024)
def _locale_names(code: str) -> _LocaleNames | None:
    """Return the names of a locale, with aliases resolved as babel does ("no" is "nb"); None where there is none."""
    locales, rows = _locale_table()
    if code not in locales:
        try:
            code = str(Locale.parse(code)).partition("@")[0]
        except (UnknownLocaleError, ValueError):
            return None
    return rows[locales[code]] if code in locales else None


def _month_names(code: str) -> dict[str, Month]:
    """Return the months of one locale by folded name, those of other calendars where its press uses them."""
    names: dict[str, Month] = {}
    language = code.partition("_")[0]
    for variant in (code, *_REGIONAL_LOCALES.get(language, ())):
        if found := _locale_names(variant):
            for name, number in found["months"].items():
                names.setdefault(name, Month(number=number))
    if prefix := _MONTH_PREFIXES.get(language):
        names = {date_name_key(prefix) + name: month for name, month in names.items()} | names
    for name, number in _PRESS_SPELLINGS.get(language, {}).items():
        names.setdefault(date_name_key(name), Month(number=number))
    if language in {"fa", "ps"}:
        names = names | _calendar_months(_JALALI_MONTHS, JALALI)
    if language == "am":
        names = _calendar_months(_ETHIOPIAN_MONTHS, ETHIOPIAN) | names
    if language == "ne":
        names = names | _calendar_months(_NEPALI_MONTHS, NEPALI)
    if language in {"ar", "fa", "ps", "ur"}:
        names = _calendar_months(_HIJRI_MONTHS, HIJRI) | names
    return {name: month for name, month in names.items() if name and not name.isdigit()}


def _calendar_months(rows: tuple[tuple[str, ...], ...], calendar: str) -> dict[str, Month]:
    return {
        date_name_key(name): Month(number=n, calendar=calendar) for n, row in enumerate(rows, start=1) for name in row
    }


def date_name_key(name: str) -> str:
    """Return the form in which names of months and weekdays are compared: its `date_tokens`, joined by spaces, without
    dots.
    """
    return " ".join(part for part in date_tokens(name) if part != ".")
