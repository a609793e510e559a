"""Lines that hold a date and nothing else."""

from typing import Final

from cleaning.dates import date_line
from cleaning.lines import Line

_MAX_WIDTH: Final = 60  # a weekday, two dates and their times of day


def is_date_line(line: Line) -> bool:
    """Return whether `line` is a full date, with a label, a weekday, a time or a time zone at most."""
    if line.width > _MAX_WIDTH or not any(character.isdigit() for character in line.text):
        return False
    # Which of 04/05/2024 is the month, English decides as well as any: here only that it is a date matters.
    return any(date_line(line.text, language=language, fetched_at=None) for language in (None, "en"))
