"""Bank accounts (IBAN, ISO 13616) and payment cards (ISO/IEC 7812) in a text, by their check digits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from saaf.cleaning.quality.spans import CARD, IBAN, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a pattern must not begin after is tested behind its first character: `re` then scans for that one alone.
_IBAN_START: Final = re.compile(r"([A-Z](?<![A-Za-z0-9].)[A-Z])[0-9]{2}(?=[ \u00a0]?[A-Z0-9]{4})")
# The length of the IBANs of each country, of SWIFT's registry.
_IBAN_LENGTHS: Final = {
    country: int(length)
    for length, countries in {
        "15": "NO",
        "16": "BE",
        "18": "DK FI FK FO GL NL SD",
        "19": "MK SI",
        "20": "AT BA EE KZ LT LU MN XK",
        "21": "CH HR LI LV",
        "22": "BG BH CR DE GB GE IE ME RS VA",
        "23": "AE GI IL IQ OM SO TL",
        "24": "AD CZ ES MD PK RO SA SE SK TN VG",
        "25": "LY PT ST",
        "26": "IS TR",
        "27": "BI DJ FR GR IT MC MR SM",
        "28": "AL AZ BY CY DO GT HU LB NI PL SV",
        "29": "BR EG PS QA UA",
        "30": "JO KW MU YE",
        "31": "MT SC",
        "32": "LC",
        "33": "RU",
    }.items()
    for country in countries.split()
}
_IBAN_CHARACTERS: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+")
_GROUP: Final = 4
_FOUR_GROUPS: Final = 19  # characters

# One digit wide, so that a number that begins within another candidate is found too. Each alternative has a short
# length, and begins where no digit stands before.
_CARD: Final = re.compile(
    r"[0-9](?<![0-9].)(?=([0-9]{3}([ \u00a0-])[0-9]{4}\2[0-9]{4}\2[0-9]{4}(?:\2[0-9]{1,3})?(?![0-9])"
    r"|[0-9]{3}([ \u00a0-])[0-9]{6}\3[0-9]{4,5}(?![0-9])"
    r"|[0-9]{13,18}(?![0-9])))"
)
# Issuers' first digits, and how many digits their cards have.
_ISSUERS: Final = re.compile(
    r"4(?:.{15}|.{18})"  # Visa
    r"|(?:5[1-5]|2(?:22[1-9]|2[3-9].|[3-6]..|7[01].|720)).*(?<=^.{16})"  # Mastercard
    r"|3[47].{13}"  # American Express
    r"|3(?:0[0-5]|[689].).{11}"  # Diners Club
    r"|35(?:2[89]|[3-8].).{12}"  # JCB
    r"|6(?:011|5..|4[4-9].).{12,15}"  # Discover
    r"|62.{14,17}"  # UnionPay
    r"|(?:60|81|82|508).*(?<=^.{16})"  # RuPay
    r"|(?:220[0-4]|9792).{12}"  # Mir, Troy
)
_REJECTED_BEFORE: Final = frozenset("_=/#&.")


def find_ibans(text: str) -> Iterator[Span]:
    """Yield the IBANs of a text, in one piece or in groups of four, whose check digits are right (mod 97)."""
    for match in _IBAN_START.finditer(text):
        length = _IBAN_LENGTHS.get(match[1])
        if length is None:
            continue
        start = match.start()
        for written in (text[start : start + length], text[start : start + length + (length - 1) // _GROUP]):
            end = start + len(written)
            if is_iban(written) and not text[end : end + 1].isalnum():
                yield Span(start=start, end=end, kind=IBAN)
                break


def is_iban(written: str) -> bool:
    """Return whether `written` is an IBAN, in one piece or in groups of four: its length and check digits are right."""
    plain = written.replace("\u00a0", " ")
    if " " in plain:
        groups = plain.split(" ")
        if any(len(group) != _GROUP for group in groups[:-1]) or len(groups[-1]) > _GROUP:
            return False
        plain = "".join(groups)
    if len(plain) != _IBAN_LENGTHS.get(plain[:2]) or not _IBAN_CHARACTERS.fullmatch(plain):
        return False
    return int("".join(str(int(character, 36)) for character in plain[_GROUP:] + plain[:_GROUP])) % 97 == 1


def find_cards(text: str) -> Iterator[Span]:
    """Yield the card numbers of a text: an issuer's digits, the right length and check digit (Luhn).

    They are in one piece, or in the groups that are printed on cards, parted by single spaces or hyphens.
    """
    free = 0
    for match in _CARD.finditer(text):
        start = match.start()
        if start < free or text[start - 1 : start] in _REJECTED_BEFORE:
            continue
        for written in _readings(match[0] + match[1]):
            end = start + len(written)
            if is_card("".join(filter(str.isdigit, written))) and not _is_letter_or_dash(text, start, end):
                free = end
                yield Span(start=start, end=end, kind=CARD)
                break


def _readings(written: str) -> tuple[str, ...]:
    """Return the candidates for a card that `written` holds: four groups of four, and all of it. What follows the four
    groups is mostly a month of expiry or a security code.
    """
    return (
        (written[:_FOUR_GROUPS], written)
        if len(written) > _FOUR_GROUPS and written[_GROUP] in " \u00a0-"
        else (written,)
    )


def _is_letter_or_dash(text: str, start: int, end: int) -> bool:
    """Return whether a Latin letter or a hyphen adjoins the range: it is a part of an identifier then."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return any(one == "-" or (one.isascii() and one.isalpha()) for one in (before, after) if one)


def is_card(digits: str) -> bool:
    """Return whether digits (ASCII) are the number of a payment card: issuer, length and Luhn's check digit."""
    if not _ISSUERS.fullmatch(digits):
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0
