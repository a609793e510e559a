"""Rows of JSON Lines and Parquet to pages: text, URL and date by the names of their columns."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from saaf.cleaning.text.control_characters import mend_surrogates
from saaf.cleaning.types import Page
from saaf.corpus.capture_times import known_time, parse_capture_time
from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import over_limit_reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DATE_COLUMNS = ("fetched_at", "date")
"""Columns of a date: of our tables, and of FineWeb."""
_HTML_COLUMN = "html"
_NAMES, _NAME_CHARACTERS = 30, 100  # of columns in a reason


def no_column(text_column: str, columns: Sequence[str] | Mapping[str, object]) -> Failure:
    """Return the failure of a row or file without the column; `columns` are those that it has."""
    names = ", ".join(name[:_NAME_CHARACTERS] for name in list(columns)[:_NAMES])
    more = f" and {len(columns) - _NAMES} more" if len(columns) > _NAMES else ""
    reason = f"no column {text_column!r}; there are: {names or 'none'}{more}; name the text's (--text-column)"
    return Failure(state=State.UNREADABLE, reason=reason)


def repeated_column(text_column: str, what: str) -> Failure:
    """Return the failure of a row or file in which the column stands twice, named by `what`."""
    reason = f"column {text_column!r} stands twice in {what}: leave one"
    return Failure(state=State.UNREADABLE, reason=reason)


def no_text(text_column: str, what: str, url: str | None = None) -> Failure:
    """Return the failure of a row or file in which the column holds something else, named by `what`."""
    reason = f"column {text_column!r} holds {what}, not text; name the text's (--text-column)"
    return Failure(state=State.UNREADABLE, reason=reason, url=url)


def row_page(row: Mapping[str, object], column: str, body_limit: int) -> Page | Failure:
    """Return the page of a row with its text in `column`, or why it is none; `body_limit` is in bytes."""
    if column not in row:
        return no_column(column, row)
    text, url = row[column], row.get("url")
    url = mend_surrogates(url) if isinstance(url, str) and url else None
    if text is None:
        return Failure(state=State.EMPTY, reason=f"column {column!r} is null", url=url)
    if not isinstance(text, str | bytes):
        return no_text(column, _kind_of_value(text), url)
    kind = "text/html" if column == _HTML_COLUMN else "text/plain"
    if isinstance(text, str):
        kind += "; charset=utf-8"
        text = mend_surrogates(text).encode()  # JSON can spell half a surrogate pair, which no text can hold
    if len(text) > body_limit:
        reason = over_limit_reason(f"column {column!r}", len(text), body_limit)
        return Failure(state=State.OVER_BUDGET, reason=reason, url=url)
    return Page(url=url, body=text, headers=(("Content-Type", kind),), fetched_at=row_time(row))


def row_time(row: Mapping[str, object]) -> datetime | None:
    """Return when the text of a row was fetched, by its columns of dates; None where none of them says."""
    return next(filter(None, (_parse_date(row.get(name)) for name in DATE_COLUMNS)), None)


def _kind_of_value(value: object) -> str:
    """Return what a value of JSON or Parquet is, in plain words."""
    kinds = {bool: "true or false", int: "a number", float: "a number", Decimal: "a number", list: "a list"}
    return kinds.get(type(value), "an object" if isinstance(value, dict) else "a value of another type")


def _parse_date(value: object) -> datetime | None:
    """Return a date column's value as a date and time with a zone; None where it is none."""
    if isinstance(value, str):
        return parse_capture_time(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return known_time(value) if isinstance(value, datetime) else None
