"""Rows of JSON Lines and Parquet to pages: text, URL and date by the names of their columns."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from saaf.cleaning.text.control_characters import mend_surrogates
from saaf.cleaning.types import Page
from saaf.corpus.capture_times import known_time, parse_capture_time
from saaf.corpus.columns import PREFIX, ColumnPlan, no_column, plan_columns
from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import over_limit_reason
from saaf.corpus.records import Row, RowColumns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from saaf.corpus.records import ReadOptions

DATE_COLUMNS = ("fetched_at", "date")
"""Columns of a date: of our tables, and of FineWeb."""
_DEPTH = 4  # of objects in objects in which a column is looked for
_OWN_PLANS = {
    "text": ColumnPlan(text="text", url="url", dates=DATE_COLUMNS),
    "html": ColumnPlan(html="html", url="url", dates=DATE_COLUMNS),
}


def repeated_column(text_column: str, what: str) -> Failure:
    """Return the failure of a row or file in which the column stands twice, named by `what`."""
    reason = f"column {text_column!r} stands twice in {what}: leave one"
    return Failure(state=State.UNREADABLE, reason=reason)


def no_text(text_column: str, what: str, url: str | None = None) -> Failure:
    """Return the failure of a row or file in which the column holds something else, named by `what`."""
    reason = f"column {text_column!r} holds {what}, not text; name the text's (--text-column)"
    return Failure(state=State.UNREADABLE, reason=reason, url=url)


def plan_row(row: Mapping[str, object], options: ReadOptions) -> ColumnPlan | Failure:
    """Return which columns of a row of JSON are read as what; see `plan_columns`."""
    return plan_columns(tuple(row), options, {name: _inner_names(value) for name, value in row.items()})


def column_names(row: Mapping[str, object]) -> tuple[str, ...]:
    """Return the names of the columns of a row of JSON, and those in objects of it with dots."""
    inner = (f"{name}.{child}" for name, value in row.items() for child in _inner_names(value))
    return (*map(str, row), *inner)


def _inner_names(value: object, depth: int = 0) -> tuple[str, ...]:
    if not isinstance(value, dict) or depth == _DEPTH:
        return ()
    inner = (f"{name}.{child}" for name, each in value.items() for child in _inner_names(each, depth + 1))
    return (*map(str, value), *inner)


def read_row(row: Mapping[str, object], options: ReadOptions, plan: ColumnPlan | Failure | None = None) -> Row:
    """Return the page of a row of a table, or why it has none, and its other columns.

    `plan` is that of its table, None where each row has its own.
    """
    plan = plan or plan_row(row, options)
    if isinstance(plan, Failure):
        return Row(page=plan, columns=RowColumns())
    columns = RowColumns(
        id=_stated(row, plan.id),
        dump=_stated(row, plan.dump),
        language=_stated(row, plan.language, first=True),
        script=_stated(row, plan.script),
        score=_stated_score(row, plan.score),
        carried={own: row[name] for name, own in plan.carried if name in row} | _odd_columns(row, plan, options),
    )
    return Row(page=_page(row, plan, options.body_limit), columns=columns)


def _odd_columns(row: Mapping[str, object], plan: ColumnPlan, options: ReadOptions) -> dict[str, object]:
    """Return what a row has for id or dump that is no text and no number, as columns that are carried through."""
    if not options.carry_columns:
        return {}
    named = ((PREFIX + own, name) for own, name in (("id", plan.id), ("dump", plan.dump)) if name in row)
    return {own: row[name] for own, name in named if name and row[name] is not None and _stated(row, name) is None}


def row_page(row: Mapping[str, object], column: str, body_limit: int) -> Page | Failure:
    """Return the page of a row of a `RowBatch`, whose text's column is "text" or "html", or why it is none."""
    return _page(row, _OWN_PLANS[column], body_limit)


def _page(row: Mapping[str, object], plan: ColumnPlan, body_limit: int) -> Page | Failure:
    url = _value(row, plan.url)
    url = mend_surrogates(url) if isinstance(url, str) and url else None
    column = plan.html or plan.text or ""
    text = _value(row, column)
    if text is None and plan.html and plan.text:
        column = plan.text
        text = _value(row, column)
    if text is None:
        if column not in row and "." not in column:
            return no_column(column, row)
        return Failure(state=State.EMPTY, reason=f"column {column!r} is null", url=url)
    if not isinstance(text, str | bytes):
        return no_text(column, _kind_of_value(text), url)
    kind = "text/html" if column == plan.html else "text/plain"
    if isinstance(text, str):
        kind += "; charset=utf-8"
        text = mend_surrogates(text).encode()  # JSON can spell half a surrogate pair, which no text can hold
    if len(text) > body_limit:
        reason = over_limit_reason(f"column {column!r}", len(text), body_limit)
        return Failure(state=State.OVER_BUDGET, reason=reason, url=url)
    time = next(filter(None, (_parse_date(_value(row, name)) for name in plan.dates)), None)
    return Page(url=url, body=text, headers=(("Content-Type", kind),), fetched_at=time)


def _value(row: Mapping[str, object], name: str | None) -> object:
    """Return the value of a column, or of the objects in it that a name with dots leads to; None where there is none.

    A name in an object may have dots itself.
    """
    if name is None or name in row:
        return None if name is None else row[name]
    head, dot, rest = name.partition(".")
    while dot:
        inner = row.get(head)
        if isinstance(inner, dict) and (value := _value(inner, rest)) is not None:
            return value
        more, dot, rest = rest.partition(".")
        head = f"{head}.{more}"
    return None


def _stated(row: Mapping[str, object], name: str | None, *, first: bool = False) -> str | None:
    """Return what a row states in a column, as a text; None where it states nothing.

    With `first`, a list states its first element: HPLT has the languages of a text, the likeliest first.
    """
    value = _value(row, name)
    if first and isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return mend_surrogates(text) or None


def _stated_score(row: Mapping[str, object], name: str | None) -> float | None:
    """Return the number in [0, 1] that a row states in a column, of CSV as text; None where it states none."""
    stated = _stated(row, name)
    try:
        score = float(stated) if stated else None
    except ValueError:
        return None
    return score if score is not None and 0 <= score <= 1 else None


def row_time(row: Mapping[str, object]) -> datetime | None:
    """Return when the text of a row of a `RowBatch` was fetched; None where no column says."""
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
