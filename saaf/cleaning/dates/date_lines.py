"""Date lines: lines that are a date and nothing else."""

from typing import Final

from saaf.cleaning.dates.parser import date_line
from saaf.cleaning.text.lines import Line

_MAX_WIDTH: Final = 60  # columns: a weekday, two dates and their times of day


def is_date_line(line: Line) -> bool:
    """Return whether `line` is a full date (day, month and year), with at most a label, a weekday, a time and a time
    zone, in any language.
    """
    return line.width <= _MAX_WIDTH and is_date(line.text)


def is_date(text: str) -> bool:
    """Return whether `text`, of any width, is a full date as `is_date_line` defines it."""
    if not any(map(str.isdigit, text)):
        return False
    # English order for 04/05/2024, which is ambiguous without a language: here only that it is a date matters.
    return any(date_line(text, language=language, fetched_at=None) for language in (None, "en"))
