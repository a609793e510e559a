"""Lines that hold a date and nothing else."""

from typing import Final

from saaf.cleaning.dates.parser import date_line
from saaf.cleaning.text.lines import Line

_MAX_WIDTH: Final = 60  # a weekday, two dates and their times of day


def is_date_line(line: Line) -> bool:
    """Return whether `line` is a full date, with a label, a weekday, a time or a time zone at most."""
    return line.width <= _MAX_WIDTH and is_date(line.text)


def is_date(text: str) -> bool:
    """Return whether `text` is a full date in any language, as `is_date_line` says it."""
    if not any(map(str.isdigit, text)):
        return False
    # Which of 04/05/2024 is the month, English decides as well as any: here only that it is a date matters.
    return any(date_line(text, language=language, fetched_at=None) for language in (None, "en"))
