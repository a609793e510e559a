"""Phone numbers in a text: international forms, national forms that are told from other numbers, digits of any script.

A number counts where its form says that it is one: a calling code after + or 00, a word for "phone" before it, or the
grouping of a national plan. Dates, prices, ISBNs, identifiers and rows of numbers have none of these.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from unicodedata import decimal

from saaf.cleaning.quality.spans import PHONE, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEPARATORS: Final = r" \u00a0\u2009\u202f().\-\u2010\u2011\u2013"
# A run of digits and separators from a digit to a digit. It is matched in one step, without backtracking into groups.
_RUN: Final = re.compile(rf"\d[\d{_SEPARATORS}]{{5,}}\d")
_MAX_RUN: Final = 40  # characters; longer runs are rows of numbers
_GROUPS: Final = re.compile(r"\d+")
_GROUPED_00: Final = re.compile(r"\(?\d\d[^.]*\D[^.]*")  # 00 together, at least two groups, no dots
_UNSPACED: Final = re.compile(r"[^ ()]+")
_LONG_GAP: Final = re.compile(r"\D{4}")
_PLUS: Final = "+＋"
_MIN_INTERNATIONAL, _MAX_INTERNATIONAL = 8, 15  # digits (ITU-T E.164)
_MIN_NATIONAL: Final = 7  # digits, where a word says that it is a phone number

# Calling codes (ITU-T E.164), as the pattern of the digits that a number begins with.
_CALLING_CODE: Final = re.compile(
    "1|7|2(?:0|7|1[1-368]|[2-6][0-9]|9[01789])|3(?:[0-469]|5[0-9]|7[0-8]|8[0-35-79])|4(?:[013-9]|2[013])"
    "|5(?:[1-8]|0[0-9]|9[0-9])|6(?:[0-6]|7[0-9]|8[0-35-9]|9[0-2])|8(?:[1246]|50|5[2356]|80|86)"
    "|9(?:[0-58]|6[0-8]|7[0-79]|9[2-68])"
)
_KEYWORD: Final = re.compile(
    r"(?:(?<![a-zà-ÿ])(?:tele?(?:phone?|fono?|foon|fax)?|phone|(?:mob(?:ile)?|cell)(?:\s(?:phone|number|no))?|call|fax"
    r"|whats\s?app|viber|sms|hotline|helpline|téléphone|tél|teléfono|móvil|telefone|celular|cellulare|portable|telefon"
    r"|handy|mobil|rufnummer|simu|hp|điện\sthoại|đt)|тел(?:ефон)?|моб(?:ильный)?|факс|τηλ(?:έφωνο)?"
    r"|फोन|फ़ोन|फोन\sनंबर|मोबाइल|मोबाईल|दूरभाष|हेल्पलाइन|व्हाट्सएप|ফোন|মোবাইল|தொலைபேசி|ఫోన్|ફોન|ಫೋನ್|ഫോൺ"
    r"|فون|موبائل|هاتف|الهاتف|تلفون|تليفون|تلفن|جوال|الجوال|محمول|واتساب|همراه|فیکس|فاكس"
    r"|ስልክ|ስልክ\sቁጥር|โทร|โทรศัพท์|มือถือ|电话|電話|手机|手機|传真|傳真|热线|연락처|전화|携帯|טלפון)"
    r"(?:\s?(?:number|no|num|nr|nº|n°|नंबर|नम्बर|نمبر|رقم|號碼|号码|ቁጥር|番号))?[\s.:：/()\[\]\-–·،]{0,4}$",
    re.IGNORECASE,
)
_KEYWORD_REACH: Final = 32  # characters before the number
_NORTH_AMERICAN: Final = re.compile(
    r"\([2-9]\d\d\)[ \u00a0-]?[2-9]\d\d[ \u00a0.-]\d{4}|[2-9]\d\d([-.])[2-9]\d\d\1\d{4}"
)
_TRUNK: Final = re.compile(r"\(?0[1-9]\d{1,3}\)?[ \u00a0-]{1,2}\d{3,8}(?:[ \u00a0-]\d{2,5}){0,2}")
_PAIRS: Final = re.compile(r"0[1-9](?:([ \u00a0.-])\d\d)(?:\1\d\d){3}")
_FIVE_AND_FIVE: Final = re.compile(r"0?[6-9]\d{4}[ \u00a0-]\d{5}")  # India
_UNBROKEN: Final = re.compile(r"[6-9]\d{9}|0[1-9]\d{8,9}")  # of native digits only
_MIN_TRUNK, _MAX_TRUNK = 10, 11
_LARGEST_DRAWN: Final = 59  # in rows of numbers as lotteries draw them, no pair is larger
_DATE: Final = re.compile(r"(?:19|20)\d\d\D+\d\d?\D+\d\d?(?:\D.*)?|\d\d?\D+\d\d?\D+(?:19|20)\d\d(?:\D.*)?")


def find_phones(text: str) -> Iterator[Span]:
    """Yield the phone numbers of a text."""
    for match in _RUN.finditer(text):
        if match.end() - match.start() > _MAX_RUN or _LONG_GAP.search(match[0]):
            continue
        start = _start(text, match.start(), ")" in match[0])
        written = text[start : match.end()]
        if span := _phone_at(text, start, match.end()):
            yield span
        elif " " in written:  # two numbers, one after the other
            parts = (part.span() for part in _UNSPACED.finditer(written))
            yield from filter(None, (_phone_at(text, start + first, start + last) for first, last in parts))


def _start(text: str, first_digit: int, is_bracketed: bool) -> int:
    """Return where a number begins: at the plus sign before its first digit, at a bracket that is closed in it."""
    start = first_digit
    for signs in (_PLUS, "(" if is_bracketed else "", _PLUS):
        if start and text[start - 1] in signs:
            start -= 1
    return start


def _phone_at(text: str, start: int, end: int) -> Span | None:
    """Return the range as the span of a phone number, None where it is none."""
    before = text[max(0, start - _KEYWORD_REACH) : start]
    if end - start < _MIN_NATIONAL or _adjoins(text, start, end) or not is_phone(text[start:end], before):
        return None
    return Span(start=start, end=end, kind=PHONE)


def _adjoins(text: str, start: int, end: int) -> bool:
    """Return whether the range is a part of something longer: a word, an identifier, an address, a decimal number."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    if after.isdecimal() or (after.isascii() and after.isalpha()) or after in ("%", "_", "+"):
        return True
    if before == ")" and text[start] in _PLUS:  # a sum
        return True
    latin = before.isascii() and before.isalnum()
    return latin or before.isdecimal() or before in ("_", "=", "/", "#", "&", ".", ",", "-", "$", "€", "£", "₹", "¥")


def is_phone(written: str, before: str) -> bool:
    """Return whether a run of digits and separators is a phone number; `before` is the text before it."""
    digits = "".join(str(decimal(one)) for one in written if one.isdecimal())
    national = national_digits(written, digits)
    if national is not None:
        return _MIN_INTERNATIONAL <= len(digits.removeprefix("00")) <= _MAX_INTERNATIONAL and bool(national.strip("0"))
    if any(one in written for one in _PLUS):
        return False
    plain = "".join(str(decimal(one)) if one.isdecimal() else one for one in written)
    if _has_national_form(
        plain, digits, is_native=not written.isascii() and not any(map(str.isdigit, _ascii(written)))
    ):
        return True
    if not _MIN_NATIONAL <= len(digits) <= _MAX_INTERNATIONAL or len(set(digits)) == 1 or _DATE.fullmatch(plain):
        return False
    return not _is_redacted(digits) and _KEYWORD.search(before) is not None


def _ascii(text: str) -> str:
    return text.encode("ascii", "ignore").decode()


def national_digits(written: str, digits: str) -> str | None:
    """Return the digits after the calling code of a number with + or 00 before it, None for one without.

    `digits` are the decimal digits of `written`, in ASCII.
    """
    if written[0] in _PLUS or written[1:2] in tuple(_PLUS):
        after = digits
    elif digits.startswith("00") and _GROUPED_00.fullmatch(written):
        after = digits[2:]
    else:
        return None
    code = _CALLING_CODE.match(after)
    return after[code.end() :] if code else None


def _is_redacted(digits: str) -> bool:
    """Return whether nothing but zeros follows 00 and a calling code."""
    code = _CALLING_CODE.match(digits, 2) if digits.startswith("00") else None
    return code is not None and not digits[code.end() :].strip("0")


def _has_national_form(plain: str, digits: str, *, is_native: bool) -> bool:
    """Return whether a number has the grouping of a national plan; `plain` has ASCII digits."""
    if _NORTH_AMERICAN.fullmatch(plain) or _FIVE_AND_FIVE.fullmatch(plain):
        return True
    if is_native and _UNBROKEN.fullmatch(plain):
        return True
    if _PAIRS.fullmatch(plain):
        return any(int(pair) > _LARGEST_DRAWN for pair in _GROUPS.findall(plain)[1:])
    is_trunk = _MIN_TRUNK <= len(digits) <= _MAX_TRUNK and _TRUNK.fullmatch(plain) is not None
    return is_trunk and not _DATE.fullmatch(plain) and not _is_isbn(digits)


def _is_isbn(digits: str) -> bool:
    """Return whether ten digits have the check digit of an ISBN-10."""
    return len(digits) == 10 and sum((10 - at) * int(digit) for at, digit in enumerate(digits)) % 11 == 0
