"""Capture times: when a page was fetched, as inputs state it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_SLASHES = re.compile(r"\A(\d{4})/(\d{2})/(\d{2})(?!\d)")


def parse_capture_time(text: str) -> datetime | None:
    """Return a date and time in ISO 8601, in UTC where it names no zone; None where it is none, as in `known_time`.

    The date may have slashes, as in CulturaX: "2020/03/29 10:11:12".
    """
    try:
        return known_time(datetime.fromisoformat(_SLASHES.sub(r"\1-\2-\3", text.strip())))
    except ValueError:
        return None


def known_time(value: datetime) -> datetime | None:
    """Return a date and time with a zone, UTC where it has none; None where it has no equal in UTC.

    Years are 1 to 9999: 9999-12-31T23:59:59-23:59 is in the year 10000 in UTC, and no page was fetched then.
    """
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        value.astimezone(UTC)
    except OverflowError:
        return None
    return value
