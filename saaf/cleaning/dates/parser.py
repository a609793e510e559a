"""Dates that people can read, in many languages, calendars and digits, as ISO 8601; and dates written for machines.

A small parser of our own over CLDR's names (`saaf.cleaning.dates.calendars`) rather than `dateparser`: that library
guesses (it reads "May" or "12" as a date of the running month), judges by today's date, and takes 1.3 seconds for the
first odd string. Here a date has a day, a month and a year or is none, is never completed, and is judged against the
time the page was fetched.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from saaf.cleaning.dates.calendars import (
    GREGORIAN,
    HIJRI,
    JALALI,
    Month,
    Vocabulary,
    date_tokens,
    from_jalali,
    vocabulary,
)
from saaf.cleaning.dates.words import CONNECTORS, DECORATION, LABELS

# The web's first pages are of 1991; an earlier date in running text is history, not publication.
_EARLIEST: Final = date(1991, 1, 1)
# A publication date is in a line, not in an essay; longer lines are not searched to the end.
_LONGEST_LINE: Final = 400
_SEPARATORS: Final = frozenset("./-")
_DASHES: Final = frozenset("-–—")
_MOST_CONNECTORS: Final = 3
_FOUR_DIGITS: Final = re.compile(r"\d{4}")
_DAY_SIGNS: Final = frozenset("日일")
_MACHINE: Final = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})"
    r"(?:(?:T|\s{1,3}|\sT)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?!\s*[AP]\.?M)"
    r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?(?![\d/])",
    re.IGNORECASE,
)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?(Z)?)?")
_RFC: Final = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(\d{1,2}\s+[A-Za-z]{3,9}\s+\d{4}|[A-Za-z]{3,9}\s+\d{1,2},?\s+\d{4})"
    r"\s+(\d{2}):(\d{2})(?::(\d{2}))?\s*((?:UTC|GMT)?[+-]\d{2}:?\d{2}|Z|UTC|GMT)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A date in tokens `[start, end)`; `when` is None where the calendar is not converted (the Islamic one)."""

    start: int
    end: int
    when: date | None


def find_date(text: str, *, language: str | None, fetched_at: datetime | None) -> str | None:
    """Return the first whole date in `text` as "2024-12-14", or None.

    Any script's digits; month names of `language` (ISO 639) and English, of some fifty languages where it is None;
    Iranian and Thai Buddhist years. 04/05/2024 is read in the order of the language, and not at all where the
    language is not known. A date later than the day after `fetched_at`, or before 1991, is passed over.
    """
    if parts := _with_year(text[:_LONGEST_LINE]):
        for found in _dates(parts, vocabulary(language), fetched_at):
            if found.when:
                return found.when.isoformat()
    return None


def _with_year(text: str) -> list[str] | None:
    """Return the tokens of a text, None where none could be a year: no date is without one, and most lines are."""
    parts = date_tokens(text) if _FOUR_DIGITS.search(text) else []
    return parts if any(map(_is_year, parts)) else None


def date_line(line: str, *, language: str | None, fetched_at: datetime | None) -> str | None:
    """Return the date of a line that holds nothing else, as "2024-12-14", or None.

    Beside the date there may be a label ("Published:"), a weekday, a time, a time zone, a second date. The first date
    that can be told as a day counts.
    """
    parts = _with_year(line) if len(line) <= _LONGEST_LINE else None
    if not parts:
        return None
    words = vocabulary(language)
    # A sentence holds what no date does: that is told in less time than whether it holds dates.
    if not all(part in words.month_tokens or part in _DAY_SIGNS or _may_stand_beside(part, words) for part in parts):
        return None
    found = list(_dates(parts, words, fetched_at))
    told = [each.when for each in found if each.when]
    if not told:
        return None
    taken = {index for each in found for index in range(each.start, each.end)}
    rest = [part for index, part in enumerate(parts) if index not in taken]
    return told[0].isoformat() if all(_may_stand_beside(part, words) for part in rest) else None


def machine_date(value: str, *, fetched_at: datetime | None) -> str | None:
    """Return a date written for machines (ISO 8601, RFC 2822, a compact number) as ISO 8601, or None.

    As precise as it is given: "2024-12-14", "2024-12-14T08:30:00", "2024-12-14T08:30:00+05:30"; fractions of seconds
    are dropped. A date later than the day after `fetched_at`, before 1800, or the first of January 1970 (a database's
    zero) is None.
    """
    value = value.strip()[:80]
    for pattern in (_MACHINE, _COMPACT):
        if match := pattern.match(value):
            year, month, day, hour, minute, second, zone = match.groups()
            when = _day(int(year), int(month), int(day))
            return _stamp(when, (hour, minute, second), zone, fetched_at)
    if match := _RFC.search(value):
        written, hour, minute, second, zone = match.groups()
        day_of = find_date(written, language="en", fetched_at=fetched_at)
        return _stamp(date.fromisoformat(day_of) if day_of else None, (hour, minute, second), zone, fetched_at)
    return None


def _stamp(
    when: date | None, clock: tuple[str | None, ...], zone: str | None, fetched_at: datetime | None
) -> str | None:
    if when is None or when == date(1970, 1, 1) or when.year < 1800 or not _not_after(when, fetched_at):
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


def _not_after(when: date, fetched_at: datetime | None) -> bool:
    # One day of grace: it may be tomorrow already where the page was written.
    return fetched_at is None or when <= fetched_at.date() + timedelta(days=1)


def _dates(parts: list[str], words: Vocabulary, fetched_at: datetime | None) -> Iterator[_Found]:
    """Yield the dates of a tokenised line, left to right, none inside another."""
    index = 0
    while index < len(parts):
        found = _numeric(parts, index, words, fetched_at) or _named(parts, index, words)
        if found and (found.when is None or (found.when >= _EARLIEST and _not_after(found.when, fetched_at))):
            if not _ends_range(parts, index):
                yield found
            index = found.end
        else:
            index += 1


def _is_year(part: str) -> bool:
    """Return whether a token could be a year."""
    return len(part) == 4 and part.isdecimal()


def _ends_range(parts: list[str], start: int) -> bool:
    """Return whether a date is the end of "16-19 March 2026": an event's days, not a publication's."""
    before = parts[max(start - 4, 0) : start]
    clock = len(before) == 4 and before[1] == ":" and before[0].isdecimal()
    return len(before) > 1 and before[-1] in _DASHES and before[-2].isdecimal() and not clock


def _numeric(parts: list[str], start: int, words: Vocabulary, fetched_at: datetime | None) -> _Found | None:
    """Read 14.12.2024, 12/14/2024, 2024-12-14."""
    window = parts[start : start + 5]
    if len(window) < 5 or window[1] != window[3] or window[1] not in _SEPARATORS:
        return None
    if not all(part.isdecimal() and len(part) <= 4 for part in window[::2]):
        return None
    one, two, three = (int(part) for part in window[::2])
    if len(window[0]) == 4:
        when = _day(one, two, three)
    elif len(window[4]) == 4:
        when = _day_month_year(one, two, three, window[1], words, fetched_at)
    else:
        return None
    return _Found(start=start, end=start + 5, when=when) if when else None


def _day_month_year(
    one: int, two: int, year: int, separator: str, words: Vocabulary, fetched_at: datetime | None
) -> date | None:
    readings = [_day(year, two, one), _day(year, one, two)]
    possible = [when for when in readings if when and _not_after(when, fetched_at)]
    if len(set(possible)) < 2 or separator == ".":
        return possible[0] if possible else None
    if words.month_first is None:
        return None
    return possible[words.month_first]


def _named(parts: list[str], start: int, words: Vocabulary) -> _Found | None:
    """Read a day, a month's name and a year in one of the orders that people use, with few words between."""
    for order in _orders(parts[start]):
        position = start
        month: Month | None = None
        numbers: dict[str, int] = {}
        for field in order:
            if position > start:
                position = _past_connectors(parts, position, words, month)
            if field == "m":
                month, after = _month(parts, position, words)
            else:
                number, after = _number(parts, position, field)
                numbers |= {field: number} if number is not None else {}
            if after == position:
                break
            position = after
        if month and len(numbers) == 2:
            end = position + (position < len(parts) and parts[position] in _DAY_SIGNS)
            when = _day(numbers["y"], month.number, numbers["d"], month.calendar)
            if when or month.calendar == HIJRI:
                return _Found(start=start, end=end, when=when)
    return None


def _orders(first: str) -> tuple[str, ...]:
    """Return the orders of day, month and year that may begin with a token; some months are numbers ("2月")."""
    if first.isdecimal() and len(first) <= 2:
        return ("dmy", "mdy")
    return ("mdy", "ymd", "ydm") if _is_year(first) else ("mdy",)


def _number(parts: list[str], position: int, field: str) -> tuple[int | None, int]:
    """Read a year of four digits ("y") or a day of one or two ("d"); where there is none, (None, position)."""
    part = parts[position] if position < len(parts) else ""
    if part.isdecimal() and (len(part) == 4 if field == "y" else len(part) <= 2):
        return int(part), position + 1
    return None, position


def _month(parts: list[str], position: int, words: Vocabulary) -> tuple[Month | None, int]:
    """Read a month's name of up to three tokens, the longest first."""
    for length in (3, 2, 1):
        month = words.months.get(" ".join(parts[position : position + length]))
        if month and position + length <= len(parts):
            return month, position + length
    return None, position


def _past_connectors(parts: list[str], position: int, words: Vocabulary, month: Month | None) -> int:
    """Step over what stands between the parts of a date: signs, "of", an ordinal's ending, the month's other name."""
    for _ in range(_MOST_CONNECTORS):
        if position < len(parts) and parts[position] in CONNECTORS:
            position += 1
            continue
        again, end = _month(parts, position, words)
        if month is None or again is None or again.number != month.number:
            break
        position = end
    return position


def _day(year: int, month: int, day: int, calendar: str = GREGORIAN) -> date | None:
    """Return the day, with Iranian and Thai years told by their size; None where there is no such day."""
    try:
        if calendar == JALALI or (calendar == GREGORIAN and 1300 <= year <= 1450):
            return from_jalali(year, month, day)
        if calendar == HIJRI:
            return None
        return date(year - 543 if 2400 <= year <= 2700 else year, month, day)
    except ValueError:
        return None


def _may_stand_beside(part: str, words: Vocabulary) -> bool:
    return (
        not any(character.isalnum() for character in part)
        or (part.isdecimal() and len(part) <= 4)
        or part in words.weekdays
        or part in CONNECTORS
        or part in DECORATION
        or part in LABELS
    )
