"""What tables state themselves of their documents, id, dump and language: kept in the columns of these names.

docs/decisions/0035. What is not kept in the column itself is carried through as `input_id` or `input_dump`; the reader
carries a stated language through as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from saaf.cleaning.text.stated_language import stated_language
from saaf.corpus.columns import PREFIX
from saaf.corpus.settings import DEFAULT_DUMP

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        replaced = settings.replace_columns
        return cls(
            id=ids and "id" not in replaced,
            dump=settings.dump == DEFAULT_DUMP and "dump" not in replaced,
            language="language" not in replaced,
        )


def keep_in_batch(
    rows: pa.RecordBatch, stated: Mapping[str, pa.Array], kept: KeptColumns
) -> tuple[pa.RecordBatch, dict[str, pa.StringArray]]:
    """Return rows of documents with what their inputs state, and the columns that are carried through instead.

    `stated` has, for each row, what the input states in "id", "dump", "language", "language_script" and
    "language_score", null where it states nothing, without those that no input states. Where nothing is kept, `rows`
    are returned themselves.
    """
    more: dict[str, pa.StringArray] = {}
    for name, is_kept in (("id", kept.id), ("dump", kept.dump)):
        if name not in stated:
            continue
        if is_kept:
            rows = _with_column(rows, name, pc.coalesce(stated[name], rows[name]))
        else:
            more[PREFIX + name] = stated[name]
    if kept.language and "language" in stated:
        rows = _with_languages(rows, stated)
    return rows, more


def _with_languages(rows: pa.RecordBatch, stated: Mapping[str, pa.Array]) -> pa.RecordBatch:
    """Return rows with the languages that are stated; each combination of labels is looked up once."""
    scripts = stated.get("language_script", pa.nulls(rows.num_rows, pa.string()))
    given = (stated["language"], scripts, rows["language"], rows["language_script"])
    labels = list(zip(*(column.to_pylist() for column in given), strict=True))
    found = {label: stated_language(*label, 1.0) for label in dict.fromkeys(labels)}
    languages, scripts, agree = zip(*(found[label] for label in labels), strict=True)
    scores = pc.multiply(rows["language_score"], pa.array(agree, rows["language_score"].type))
    if "language_score" in stated:
        own = pc.if_else(pc.is_valid(stated["language"]), stated["language_score"], pa.scalar(None, pa.float64()))
        scores = pc.coalesce(own, scores)
    for name, values in zip(_LANGUAGE, (pa.array(languages), pa.array(scripts), scores), strict=True):
        rows = _with_column(rows, name, values)
    return rows


def _with_column(rows: pa.RecordBatch, name: str, values: pa.Array) -> pa.RecordBatch:
    place = rows.schema.get_field_index(name)
    return rows.set_column(place, rows.schema.field(place), values)


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
        if columns.score is not None:
            changed["language_score"] = columns.score
    return changed, more
