"""The table rejected/: documents that were read and not kept, each with the state it ended in and the reason."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from saaf.cleaning.text.scripts import letter_counts
from saaf.cleaning.types import Removal, apply_removals
from saaf.corpus import schema
from saaf.corpus.ledger import State
from saaf.corpus.parquet import read_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MORE = ("key", "state", "reason", "duplicate_of")
_BATCH = 1_000
_RECORD = re.compile(r"(?:#\d+)?(?:\+\d+)?\Z")  # what a key has after the name of the file
_LETTERS = 2_000  # code points that the script is read from


def rejected_schema(documents: pa.Schema = schema.DOCUMENTS) -> pa.Schema:
    """Return the columns of rejected/: of the documents, then key, state, reason and duplicate_of of the ledger."""
    own = [field for field in documents.remove_metadata() if field.name not in _MORE]
    return pa.schema([*own, *(schema.LEDGER.field(name) for name in _MORE)])


def rejected_rows(originals: Path, ledger: Path, columns: pa.Schema, manifest: dict[str, Any]) -> Iterator[pa.Table]:
    """Yield the documents of the two tables that are not kept, in the order of `originals`.

    What these tables do not say of a document is null; where a column must have a value, it is "", 0 or no elements.
    """
    ends = {
        row["key"]: {name: row[name] for name in _MORE}
        for row in read_rows(ledger, (*_MORE, "document_id"))
        if row["state"] != State.KEPT and row["document_id"] is not None
    }
    settings, versions = manifest.get("settings") or {}, manifest.get("versions") or {}
    known = {
        "dump": settings.get("dump"),
        "extractor": versions.get("extractor"),
        "rules_version": versions.get("cleaning_rules"),
        "minhash_cluster_size": 1,
    }
    known = {name: value for name, value in known.items() if value is not None}
    empty = {field.name: _empty(field) for field in columns} | known
    rows: list[dict[str, object]] = []
    for row in read_rows(originals):
        if row["key"] in ends:
            rows.append(_row(row, empty) | ends[row["key"]])
        if len(rows) == _BATCH:
            yield _table(rows, columns)
            rows = []
    yield _table(rows, columns)


def _row(original: dict[str, Any], known: dict[str, object]) -> dict[str, object]:
    text = original["text"]
    letters = letter_counts(text[:_LETTERS])
    own = {
        **original,
        "text": apply_removals(text, [Removal(**removal) for removal in original["removals"]]),
        "file_path": _RECORD.sub("", original["key"]),
        "language_script": max(sorted(letters), key=lambda code: letters[code], default="Zyyy"),
    }
    return known | {name: value for name, value in own.items() if name in known}


def _table(rows: list[dict[str, object]], columns: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=columns)


def _empty(field: pa.Field) -> object:
    """Return the value of a column of which nothing is known."""
    if field.nullable:
        return None
    if pa.types.is_list(field.type):
        return []
    if pa.types.is_boolean(field.type):
        return False
    return "" if pa.types.is_string(field.type) else 0
