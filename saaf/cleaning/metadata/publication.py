"""The dates of a page: declared, in its URL, or in a visible line near the headline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import regex

from saaf.cleaning.dates.parser import date_line, find_date, machine_date
from saaf.cleaning.dates.words import update_note, without_update
from saaf.cleaning.metadata.ranking import SourcedValue, by_trust, first_accepted
from saaf.cleaning.text.sentences import CLOSING_QUOTES, TERMINALS_OR_ELLIPSIS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from saaf.cleaning.metadata.candidates import Candidates
    from saaf.cleaning.metadata.headline import NearbyLine

_URL_DATE: Final = regex.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:([/_-])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])|(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]))(?!\d)"
)
_MAX_BYLINE_DISTANCE: Final = 5  # in lines, from the headline to a date that is not alone in its line
_MAX_BYLINE_CHARACTERS: Final = 100
_SENTENCE_ENDS: Final = tuple(TERMINALS_OR_ELLIPSIS + CLOSING_QUOTES)


def choose_published(
    candidates: Candidates,
    paths: Sequence[str],
    nearby_lines: Callable[[], list[NearbyLine]],
    language: str | None,
    fetched_at: datetime | None,
) -> SourcedValue:
    """Return the date of publication: declared, in the first of the URLs' `paths` that has one, in a line near the
    headline that is no note of an update, or in the first `time`.
    """
    ranked = by_trust(candidates, "published")
    declared = first_accepted(ranked, lambda value: machine_date(value, fetched_at=fetched_at))
    if declared[0]:
        return declared
    written = first_accepted(ranked, lambda value: find_date(value, language=language, fetched_at=fetched_at))
    if written[0]:
        return written
    for path in paths:
        if in_url := _date_in_path(path, fetched_at):
            return in_url, "url"
    for _, line in nearby_lines():
        if alone := date_line(without_update(line), language=language, fetched_at=fetched_at):
            return alone, "text"
    for distance, line in nearby_lines():
        # "By Ann Example | 14 December 2024 | 3 min read": no sentence, and close to the headline.
        may_be_byline = _is_close_and_short(distance, line) and not line.endswith(_SENTENCE_ENDS)
        if may_be_byline and (inside := find_date(without_update(line), language=language, fetched_at=fetched_at)):
            return inside, "text"
    return first_accepted(by_trust(candidates, "time"), lambda value: machine_date(value, fetched_at=fetched_at))


def choose_modified(
    candidates: Candidates,
    nearby_lines: Callable[[], list[NearbyLine]],
    language: str | None,
    fetched_at: datetime | None,
) -> SourcedValue:
    """Return the date of the last change: declared, or where no date of publication is, in a note near the headline."""
    declared = first_accepted(
        by_trust(candidates, "modified"), lambda value: machine_date(value, fetched_at=fetched_at)
    )
    if declared[0] or candidates.get("published"):
        return declared
    for distance, line in nearby_lines():
        note = update_note(line) if _is_close_and_short(distance, line) else ""
        if note and (found := find_date(note, language=language, fetched_at=fetched_at)):
            return found, "text"
    return None, ""


def _is_close_and_short(distance: int, line: str) -> bool:
    return abs(distance) <= _MAX_BYLINE_DISTANCE and len(line) <= _MAX_BYLINE_CHARACTERS


def _date_in_path(path: str, fetched_at: datetime | None) -> str | None:
    """Return the date in a URL's path ("/2024/12/14/", "20241214"), the last one where there are several."""
    for match in reversed(list(_URL_DATE.finditer(path))):
        year, _, month, day, packed_month, packed_day = match.groups()
        written = f"{year}-{month or packed_month}-{day or packed_day}"
        if found := machine_date(written, fetched_at=fetched_at):
            return found
    return None
