"""Parsers of dates to ISO 8601: dates in text, in many languages, calendars and digits, and machine-readable dates.

A small parser of our own over CLDR's names (`saaf.cleaning.dates.calendars`) rather than `dateparser`: that library
guesses (it reads "May" or "12" as a date of the current month), depends on today's date, and takes 1.3 seconds for the
first odd string. Here a date has a day, a month and a year or is none, is never completed, and is compared with the
time the page was fetched.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from saaf.cleaning.dates.calendars import (
    ETHIOPIAN,
    GREGORIAN,
    HIJRI,
    JALALI,
    NEPALI,
    Month,
    Vocabulary,
    date_tokens,
    vocabulary,
)
from saaf.cleaning.dates.conversions import from_ethiopian, from_jalali, from_nepali
from saaf.cleaning.dates.words import CONNECTORS, DATE_LABELS, TIME_WORDS

# The first pages of the web are of 1991; an earlier date in running text is history, not publication.
_EARLIEST: Final = date(1991, 1, 1)
_MAX_LINE_CHARACTERS: Final = 400  # a publication date is in a short line; longer ones are not searched to the end
_NUMERIC_SEPARATORS: Final = frozenset("./-")
_DASHES: Final = frozenset("-–—")
_MAX_CONNECTORS: Final = 3
_FOUR_DIGITS: Final = re.compile(r"\d{4}")
_DAY_SIGNS: Final = frozenset("日일")
_ISO_DATE: Final = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})"
    r"(?:(?:T|\s{1,3}|\sT)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?!\s*[AP]\.?M)"
    r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?(?![\d/])",
    re.IGNORECASE,
)
_COMPACT_DATE: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?(Z)?)?")
_RFC_DATE: Final = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(\d{1,2}\s+[A-Za-z]{3,9}\s+\d{4}|[A-Za-z]{3,9}\s+\d{1,2},?\s+\d{4})"
    r"\s+(\d{2}):(\d{2})(?::(\d{2}))?\s*((?:UTC|GMT)?[+-]\d{2}:?\d{2}|Z|UTC|GMT)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _DateMatch:
    """A date in the tokens `[start, end)` of a line; `when` is None for Islamic dates, which are not converted."""

    start: int
    end: int
    when: date | None


def find_date(text: str, *, language: str | None, fetched_at: datetime | None) -> str | None:
    """Return the first full date (day, month and year) in `text` as "2024-12-14", None where there is none.

    Digits of any script; month names of `language` (ISO 639 or BCP 47) and English, of fifty languages where it is
    None; Iranian and Thai Buddhist years. 04/05/2024 is read in the order of the language, and not at all where the
    language is not known. A date later than the day after `fetched_at` (None: any), or before 1991, is skipped.
    """
    if tokens := _tokens_with_year(text[:_MAX_LINE_CHARACTERS]):
        for found in _iter_dates(tokens, vocabulary(language), fetched_at):
            if found.when:
                return found.when.isoformat()
    return None


def _tokens_with_year(text: str) -> list[str] | None:
    """Return the tokens of a text, None where none can be a year: every date has one, and most lines have none."""
    tokens = date_tokens(text) if _FOUR_DIGITS.search(text) else []
    return tokens if any(map(_is_year, tokens)) else None


def date_line(line: str, *, language: str | None, fetched_at: datetime | None) -> str | None:
    """Return the date of a line that holds nothing else, as "2024-12-14", None for any other line.

    Beside the date there may be a label ("Published:"), a weekday, a time, a time zone, a second date. The first date
    that can be converted is returned. `language` and `fetched_at` are as for `find_date`.
    """
    tokens = _tokens_with_year(line) if len(line) <= _MAX_LINE_CHARACTERS else None
    if not tokens:
        return None
    words = vocabulary(language)
    # A sentence has other tokens than dates have; to test that takes less time than to search it for dates.
    if not all(
        token in words.month_tokens or token in _DAY_SIGNS or _is_date_context(token, words) for token in tokens
    ):
        return None
    found = list(_iter_dates(tokens, words, fetched_at))
    dates = [each.when for each in found if each.when]
    if not dates:
        return None
    covered = {index for each in found for index in range(each.start, each.end)}
    rest = [token for index, token in enumerate(tokens) if index not in covered]
    return dates[0].isoformat() if all(_is_date_context(token, words) for token in rest) else None


def machine_date(value: str, *, fetched_at: datetime | None) -> str | None:
    """Return a machine-readable date (ISO 8601, RFC 2822, a compact number) as ISO 8601, None where it is none.

    With the precision of `value`: "2024-12-14", "2024-12-14T08:30:00", "2024-12-14T08:30:00+05:30"; fractions of
    seconds are dropped. A date later than the day after `fetched_at`, before 1800, or the first of January 1970 (a
    database's zero) is None.
    """
    value = value.strip()[:80]
    for pattern in (_ISO_DATE, _COMPACT_DATE):
        if match := pattern.match(value):
            year, month, day, hour, minute, second, zone = match.groups()
            when = _to_date(int(year), int(month), int(day))
            return _to_timestamp(when, (hour, minute, second), zone, fetched_at)
    if match := _RFC_DATE.search(value):
        day_text, hour, minute, second, zone = match.groups()
        day_of = find_date(day_text, language="en", fetched_at=fetched_at)
        return _to_timestamp(date.fromisoformat(day_of) if day_of else None, (hour, minute, second), zone, fetched_at)
    return None


def _to_timestamp(
    when: date | None, clock: tuple[str | None, ...], zone: str | None, fetched_at: datetime | None
) -> str | None:
    """Return the ISO 8601 form of a date with its `clock` (hours, minutes, seconds) and `zone`, as precise as they are;
    None where the date is not plausible.
    """
    if when is None or when == date(1970, 1, 1) or when.year < 1800 or not _is_not_after_fetch(when, fetched_at):
        return None
    hour, minute, second = (int(part or 0) for part in clock)
    if clock[0] is None or hour > 23 or minute > 59 or second > 59:
        return when.isoformat()
    offset = zone or ""
    if offset.upper() in {"Z", "UTC", "GMT"}:
        offset = "+00:00"
    elif offset:
        digits = offset.upper().removeprefix("UTC").removeprefix("GMT").replace(":", "").ljust(5, "0")
        offset = f"{digits[:3]}:{digits[3:5]}"
    return f"{when.isoformat()}T{hour:02}:{minute:02}:{second:02}{offset}"


def _is_not_after_fetch(when: date, fetched_at: datetime | None) -> bool:
    # One day of tolerance: it may be tomorrow already where the page was written.
    return fetched_at is None or when - fetched_at.date() <= timedelta(days=1)


def _iter_dates(tokens: list[str], words: Vocabulary, fetched_at: datetime | None) -> Iterator[_DateMatch]:
    """Yield the dates of a tokenised line, left to right, without overlaps."""
    index = 0
    while index < len(tokens):
        found = _match_numeric(tokens, index, words, fetched_at) or _match_named(tokens, index, words)
        if found and (found.when is None or (found.when >= _EARLIEST and _is_not_after_fetch(found.when, fetched_at))):
            if not _ends_range(tokens, index):
                yield found
            index = found.end
        else:
            index += 1


def _is_year(token: str) -> bool:
    """Return whether a token can be a year: it has four digits."""
    return len(token) == 4 and token.isdecimal()


def _ends_range(tokens: list[str], start: int) -> bool:
    """Return whether the date at `start` ends a range ("16-19 March 2026"): an event's days, not a publication's."""
    before = tokens[max(start - 4, 0) : start]
    clock = len(before) == 4 and before[1] == ":" and before[0].isdecimal()
    return len(before) > 1 and before[-1] in _DASHES and before[-2].isdecimal() and not clock


def _match_numeric(tokens: list[str], start: int, words: Vocabulary, fetched_at: datetime | None) -> _DateMatch | None:
    """Match a numeric date: 14.12.2024, 12/14/2024, 2024-12-14."""
    window = tokens[start : start + 5]
    if len(window) < 5 or window[1] != window[3] or window[1] not in _NUMERIC_SEPARATORS:
        return None
    if not all(token.isdecimal() and len(token) <= 4 for token in window[::2]):
        return None
    one, two, three = (int(token) for token in window[::2])
    if len(window[0]) == 4:
        when = _to_date(one, two, three)
    elif len(window[4]) == 4:
        when = _resolve_day_month(one, two, three, window[1], words, fetched_at)
    else:
        return None
    return _DateMatch(start=start, end=start + 5, when=when) if when else None


def _resolve_day_month(
    one: int, two: int, year: int, separator: str, words: Vocabulary, fetched_at: datetime | None
) -> date | None:
    """Return the date of two numbers and a year: the only possible one, day first with dots, else in the order of the
    language; None where that is not known.
    """
    readings = [_to_date(year, two, one), _to_date(year, one, two)]
    possible = [when for when in readings if when and _is_not_after_fetch(when, fetched_at)]
    if len(set(possible)) < 2 or separator == ".":
        return possible[0] if possible else None
    if words.month_first is None:
        return None
    return possible[words.month_first]


def _match_named(tokens: list[str], start: int, words: Vocabulary) -> _DateMatch | None:
    """Match a day, a month's name and a year in one of `_field_orders`, with connectors between."""
    for order in _field_orders(tokens[start]):
        position = start
        month: Month | None = None
        numbers: dict[str, int] = {}
        for field in order:
            if position > start:
                position = _skip_connectors(tokens, position, words, month)
            if field == "m":
                month, after = _match_month(tokens, position, words)
            else:
                number, after = _match_number(tokens, position, field)
                numbers |= {field: number} if number is not None else {}
            if after == position:
                break
            position = after
        if month and len(numbers) == 2:
            end = position + (position < len(tokens) and tokens[position] in _DAY_SIGNS)
            when = _to_date(numbers["y"], month.number, numbers["d"], month.calendar)
            if when or month.calendar == HIJRI:
                return _DateMatch(start=start, end=end, when=when)
    return None


def _field_orders(first: str) -> tuple[str, ...]:
    """Return the orders of day, month and year that can begin with the token `first`; month names may be numbers
    ("2月").
    """
    if first.isdecimal() and len(first) <= 2:
        return ("dmy", "mdy")
    return ("mdy", "ymd", "ydm") if _is_year(first) else ("mdy",)


def _match_number(tokens: list[str], position: int, field: str) -> tuple[int | None, int]:
    """Match a year of four digits ("y") or a day of one or two ("d").

    Return its value and the position after it; (None, `position`) where there is none.
    """
    token = tokens[position] if position < len(tokens) else ""
    if token.isdecimal() and (len(token) == 4 if field == "y" else len(token) <= 2):
        return int(token), position + 1
    return None, position


def _match_month(tokens: list[str], position: int, words: Vocabulary) -> tuple[Month | None, int]:
    """Match a month's name of up to three tokens, the longest first; returns as `_match_number` does."""
    for length in (3, 2, 1):
        name = tokens[position : position + length]
        if name and name[0].isdecimal():  # "04月"
            name[0] = name[0].lstrip("0")
        month = words.months.get(" ".join(name))
        if month and position + length <= len(tokens):
            return month, position + length
    return None, position


def _skip_connectors(tokens: list[str], position: int, words: Vocabulary, month: Month | None) -> int:
    """Return the position after what may stand between the parts of a date: signs, "of", an ordinal's suffix, the
    month's name in another language.
    """
    for _ in range(_MAX_CONNECTORS):
        if position < len(tokens) and tokens[position] in CONNECTORS:
            position += 1
            continue
        again, end = _match_month(tokens, position, words)
        if month is None or again is None or again.number != month.number:
            break
        position = end
    return position


def _to_date(year: int, month: int, day: int, calendar: str = GREGORIAN) -> date | None:
    """Return the Gregorian date of a day, None where there is no such day, or where its calendar is Islamic.

    Without a calendar of its month's name, a year in [1300, 1450] is Iranian, one in [2400, 2700] Thai Buddhist.
    """
    try:
        if calendar == JALALI or (calendar == GREGORIAN and 1300 <= year <= 1450):
            return from_jalali(year, month, day)
        if calendar == HIJRI:
            return None
        if calendar == ETHIOPIAN:
            return from_ethiopian(year, month, day)
        if calendar == NEPALI:
            return from_nepali(year, month, day)
        return date(year - 543 if 2400 <= year <= 2700 else year, month, day)
    except ValueError:
        return None


def _is_date_context(token: str, words: Vocabulary) -> bool:
    """Return whether a token may stand beside a date in a date line."""
    return (
        not any(character.isalnum() for character in token)
        or (token.isdecimal() and len(token) <= 4)
        or token in words.weekdays
        or token in CONNECTORS
        or token in TIME_WORDS
        or token in DATE_LABELS
    )
