"""What tables state themselves of their documents, id, dump and language: kept in the columns of these names.

docs/decisions/0035. What is not kept in the column itself is carried through as `input_id` or `input_dump`; the reader
carries a stated language through as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa

from saaf.cleaning.text.stated_language import stated_language
from saaf.corpus.columns import PREFIX
from saaf.corpus.settings import DEFAULT_DUMP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from saaf.corpus.outcomes import DocumentSummary
    from saaf.corpus.records import RowColumns
    from saaf.corpus.settings import BuildSettings


_LANGUAGE = ("language", "language_script", "language_score")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptColumns:
    """Which of the columns that tables state are kept: `id`, `dump` and `language`."""

    id: bool
    dump: bool
    language: bool

    @classmethod
    def of(cls, settings: BuildSettings, *, ids: bool) -> KeptColumns:
        """Return what a build keeps; `ids` says whether ids can be kept."""
        told = settings.replace_columns
        return cls(
            id=ids and "id" not in told,
            dump=settings.dump == DEFAULT_DUMP and "dump" not in told,
            language="language" not in told,
        )


def keep_in_batch(
    rows: pa.RecordBatch, stated: Mapping[str, Sequence[str | None]], kept: KeptColumns
) -> tuple[pa.RecordBatch, dict[str, list[str | None]]]:
    """Return rows of documents with what their inputs state, and the columns that are carried through instead.

    `stated` has, for each row, what the input states in "id", "dump", "language" and "language_script".
    """
    more: dict[str, list[str | None]] = {}
    for name, is_kept in (("id", kept.id), ("dump", kept.dump)):
        given = list(stated.get(name, ()))
        if not any(value is not None for value in given):
            continue
        if not is_kept:
            more[PREFIX + name] = given
            continue
        own = rows.column(name).to_pylist()
        rows = _with_column(rows, name, [one or other for one, other in zip(given, own, strict=True)])
    if kept.language and any(value is not None for value in stated.get("language", ())):
        rows = _with_languages(rows, stated)
    return rows, more


def _with_languages(rows: pa.RecordBatch, stated: Mapping[str, Sequence[str | None]]) -> pa.RecordBatch:
    languages = stated["language"]
    scripts = stated.get("language_script") or [None] * len(languages)
    own = zip(*(rows.column(name).to_pylist() for name in _LANGUAGE), strict=True)
    found = [
        stated_language(language, script, *identified)
        for language, script, identified in zip(languages, scripts, own, strict=True)
    ]
    for place, name in enumerate(_LANGUAGE):
        rows = _with_column(rows, name, [each[place] for each in found])
    return rows


def _with_column(rows: pa.RecordBatch, name: str, values: Sequence[object]) -> pa.RecordBatch:
    place = rows.schema.get_field_index(name)
    return rows.set_column(place, rows.schema.field(place), pa.array(values, rows.schema.field(place).type))


def keep_in_row(
    row: dict[str, object], summary: DocumentSummary, columns: RowColumns | None, kept: KeptColumns, *, part: int
) -> tuple[dict[str, object], DocumentSummary, dict[str, object]]:
    """Return row and summary of a document as `keep_in_batch` returns rows; `columns` are None where it has no table.

    `part` is 0 for the article of a page itself: those that were split off it have ids of our own.
    """
    changed, more = kept_values(row, columns, kept, part=part)
    row = {**row, **changed}
    own = summary.id
    summary = replace(
        summary, id=str(row["id"]), language=str(row["language"]), script=str(row["language_script"]),
        capture=own if own != row["id"] else None,
    )  # fmt: skip
    return row, summary, more


def kept_values(
    row: Mapping[str, object], columns: RowColumns | None, kept: KeptColumns, *, part: int
) -> tuple[dict[str, object], dict[str, object]]:
    """Return the values of a row that its table states, and the columns that are carried through instead."""
    if columns is None:
        return {}, {}
    more: dict[str, object] = {}
    changed: dict[str, object] = {}
    if columns.id is not None and part == 0:
        (changed if kept.id else more)["id" if kept.id else PREFIX + "id"] = columns.id
    if columns.dump is not None:
        (changed if kept.dump else more)["dump" if kept.dump else PREFIX + "dump"] = columns.dump
    if kept.language and columns.language is not None:
        identified = (str(row["language"]), str(row["language_script"]), float(str(row["language_score"])))
        found = stated_language(columns.language, columns.script, *identified)
        changed |= dict(zip(_LANGUAGE, found, strict=True))
    return changed, more
