"""Conversion of days in the Iranian, Ethiopian and Nepali calendars to the Gregorian calendar."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

# Lengths of the months of Bikram Sambat, less 29 days, as Nepal's calendar committee announces them: no formula gives
# them. The rows are the years from 2047 on; later years than the last are not announced.
_FIRST_NEPALI_YEAR: Final = 2047
_FIRST_NEPALI_DAY: Final = date(1990, 4, 14)  # 1 Baisakh 2047
_NEPALI_ROWS: Final = """
    222322101011 223222101011 232321110011 232321110102 222322101011 223222101011 232321110011 232321110102
    223222101011 223231101011 232321110012 132321110102 223222101011 223321101011 232321110012 222322010102
    223222101011 223321101011 232321110012 222322011002 223222101011 223321101011 232321110012 222322011011
    223222101011 232321101011 232321110012 222322101011 223222101011 232321110011 232321110102 222322101011
    223222101011 232321110011 232321110102 223222101011 223222101011
"""
_NEPALI_MONTHS: Final = tuple(_NEPALI_ROWS.split())
_ETHIOPIAN_EPOCH: Final = 2795  # the day before 1 Meskerem 1, in days of `date.toordinal`


def from_jalali(year: int, month: int, day: int) -> date:
    """Return the Gregorian date of a day in the Iranian solar (Jalali) calendar, by the 33-year cycle, which is right
    for the years 1244 to 1472.

    Raises ValueError where there is no such day.
    """
    if not (1 <= month <= 12 and 1 <= day <= (31 if month < 7 else 30)):
        raise ValueError(f"no such day in the Iranian calendar: {year}-{month}-{day}")
    cycle = year + 1595
    days = 365 * cycle + cycle // 33 * 8 + (cycle % 33 + 3) // 4 + day
    days += (month - 1) * 31 if month < 7 else (month - 7) * 30 + 186
    return date.fromordinal(days - 356033)


def from_ethiopian(year: int, month: int, day: int) -> date:
    """Return the Gregorian date of a day in the Ethiopian calendar: twelve months of 30 days and a thirteenth of five,
    six in the year before a leap year of the Julian calendar.

    Raises ValueError where there is no such day.
    """
    if not (year >= 1 and 1 <= month <= 13 and 1 <= day <= (30 if month < 13 else 5 + (year % 4 == 3))):
        raise ValueError(f"no such day in the Ethiopian calendar: {year}-{month}-{day}")
    return date.fromordinal(_ETHIOPIAN_EPOCH + 365 * (year - 1) + year // 4 + 30 * (month - 1) + day)


def from_nepali(year: int, month: int, day: int) -> date:
    """Return the Gregorian date of a day in Bikram Sambat, the calendar of Nepal, for the years 2047 to 2083.

    Raises ValueError where there is no such day, and for other years.
    """
    row = year - _FIRST_NEPALI_YEAR
    if not 0 <= row < len(_NEPALI_MONTHS):
        raise ValueError(f"no table of the Nepali calendar for the year {year}")
    lengths = [29 + int(digit) for digit in "".join(_NEPALI_MONTHS[: row + 1])]
    before = 12 * row + month - 1
    if not (1 <= month <= 12 and 1 <= day <= lengths[before]):
        raise ValueError(f"no such day in the Nepali calendar: {year}-{month}-{day}")
    return _FIRST_NEPALI_DAY + timedelta(days=sum(lengths[:before]) + day - 1)
