"""The time window of a crawl (`since`, `until`): what is dated outside of it is not requested, or is no document.

Dates are compared by the day. A moment with a time zone has two days, that of its zone and that of UTC; it is outside
only where both are. What has no date, or one that cannot be read, is inside.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

_ISO: Final = re.compile(r"(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[T ](.*))?)?)?$", re.DOTALL)
_CLOCK: Final = re.compile(
    r"(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$", re.IGNORECASE
)
_YEAR: Final = r"(?:19[89]|20[0-9])\d"
_YEAR_IN: Final = re.compile(rf"[/_.-]{_YEAR}")
# A date is a segment of the path, or stands at its edge; a year alone is more often something else.
_URL_DATE: Final = re.compile(
    rf"(?<![^/_.-])({_YEAR})(?:([/_.-])(0?[1-9]|1[0-2])(?:\2(0?[1-9]|[12]\d|3[01]))?|(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]))"
    r"(?![^/_.-])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The days that a date may mean: `first` and `last` are the same for a day, and differ for a month or year."""

    first: date
    last: date


def read_date(value: str | None) -> Span | None:
    """Return the days that a machine-readable date may mean (W3C-DTF, ISO 8601, RFC 2822), None where it is none."""
    text = (value or "").strip()[:60]
    if not text:
        return None
    try:
        if found := _ISO.match(text):
            return _iso_span(*found.groups())
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError, IndexError):
        return None
    return _days_of(moment)


def _iso_span(year: str, month: str | None, day: str | None, clock: str | None) -> Span | None:
    if month is None:
        return Span(first=date(int(year), 1, 1), last=date(int(year), 12, 31))
    if day is None:
        days = monthrange(int(year), int(month))[1]
        return Span(first=date(int(year), int(month), 1), last=date(int(year), int(month), days))
    when = date(int(year), int(month), int(day))
    time = _CLOCK.match((clock or "").strip())
    if time is None or not time[4] or int(time[1]) > 23 or int(time[2]) > 59:
        return Span(first=when, last=when)
    zone = time[4].upper()
    offset = timedelta() if zone[0] not in "+-" else _offset(zone)
    local = datetime(when.year, when.month, when.day, int(time[1]), int(time[2]), tzinfo=UTC)
    return _span_of((local - offset).date(), when)


def _offset(zone: str) -> timedelta:
    digits = zone[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -size if zone[0] == "-" else size


def _days_of(moment: datetime) -> Span:
    utc = moment.astimezone(UTC) if moment.tzinfo else moment
    return _span_of(utc.date(), moment.date())


def _span_of(*days: date) -> Span:
    return Span(first=min(days), last=max(days))


def date_in_url(url: str) -> Span | None:
    """Return the days of the date in a URL's path ("/2026/01/31/", "/20260131/", "/2026-01/"), the last of several;
    None where it has none.
    """
    if _YEAR_IN.search(url) is None:
        return None
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    spans = []
    for found in _URL_DATE.finditer(path):
        year, _, month, day, packed_month, packed_day = found.groups()
        try:
            spans.append(_iso_span(year, (month or packed_month).zfill(2), day or packed_day, None))
        except ValueError:
            continue  # the 31st of February
    return spans[-1] if spans else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days of publication that a crawl wants, `since` and `until` included; None where a side is open."""

    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        return self.since is not None or self.until is not None

    def outside(self, *, modified: str | None = None, published: str | None = None, url: str = "") -> str | None:
        """Return why something dated so is outside, in one sentence, None where it is inside.

        `modified` is the day of its last change: before `since` it was published before, too; after `until` it says
        nothing, because an old page may have been changed since. A date in `url` counts as that of publication.
        """
        if not self:
            return None
        in_url = date_in_url(url) if url else None
        dates = ((read_date(published), f"published {published}"), (in_url, "dated by its address"))
        for span, said in dates:
            if span is not None and self.since is not None and span.last < self.since:
                return f"{said}, before {self.since.isoformat()} (since)"
            if span is not None and self.until is not None and span.first > self.until:
                return f"{said}, after {self.until.isoformat()} (until)"
        changed = read_date(modified)
        if changed is not None and self.since is not None and changed.last < self.since:
            return f"last changed {modified}, before {self.since.isoformat()} (since)"
        return None


def parse_day(name: str, value: str) -> date | None:
    """Return the day of an argument, None where it is empty; raise ValueError, which shows an example, where it is no
    day.
    """
    if not value.strip():
        return None
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        raise ValueError(f"{name}={value} is not a day: write it like 2026-01-31") from None
