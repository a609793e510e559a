"""Small corpora written table by table, in the layout that a build publishes."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from saaf.cleaning import Removal, apply_removals
from saaf.cleaning.text.iso_639 import language_directory
from saaf.corpus import schema
from saaf.corpus.file_names import CLUSTERS, DATA, LEDGER, MANIFEST, ORIGINALS, PAIRS, part_name
from saaf.corpus.manifest import FORMAT
from saaf.corpus.parquet import write_table

Row = dict[str, object]


def original(key: str, text: str, state: str, removals: tuple[Removal, ...] = (), **more: object) -> Row:
    """Return a row of originals/."""
    return {
        "key": key,
        "id": f"{key:0>16}",
        "url": None,
        "site": "",
        "language": "en",
        "title": None,
        "state": state,
        "text": text,
        "removals": [schema.removal_row(removal) for removal in removals],
    } | more


def document(row: Mapping[str, object]) -> Row:
    """Return the row of data/ of a row of originals/."""
    removals = tuple(Removal(**span) for span in row["removals"])  # type: ignore[attr-defined]  # a list of dicts
    empty: Row = {name: [] if schema_is_list(name) else None for name in schema.DOCUMENTS.names}
    text = {"text": apply_removals(str(row["text"]), removals), "minhash_cluster_size": 1}
    known = {"dump": "t", "file_path": "t", "language_script": "Zyyy", "language_score": 1.0, "track": "text"}
    versions = {"extractor": "t", "rules_version": "1"}
    return empty | {name: row[name] for name in row if name in empty} | text | known | versions


def schema_is_list(name: str) -> bool:
    """Return whether a column of documents holds lists."""
    return str(schema.DOCUMENTS.field(name).type).startswith("list")


def ledger_row(row: Mapping[str, object], **more: object) -> Row:
    """Return the row of the ledger of a row of originals/."""
    reason = "" if row["state"] == "kept" else "a reason"
    known = {name: row[name] for name in ("key", "url", "site", "state", "language")}
    return known | {"reason": reason, "document_id": row["id"], "duplicate_of": None, "rows": 1} | more


def failure(key: str, state: str, reason: str, **more: object) -> Row:
    """Return the row of the ledger of an input that is no document."""
    empty = dict.fromkeys(("url", "language", "document_id", "duplicate_of"))
    return empty | {"key": key, "site": "", "state": state, "reason": reason, "rows": 1} | more


def write_tables(
    output: Path,
    originals: Iterable[Row],
    *,
    failures: Iterable[Row] = (),
    clusters: Iterable[Row] = (),
    pairs: Iterable[Row] = (),
    settings: Mapping[str, object] | None = None,
    parts: int = 2,
) -> Path:
    """Write a corpus of `parts` parts, with its manifest, and return its directory; the report is not written."""
    rows = list(originals)
    by_directory: dict[str, list[Row]] = {}
    for row in rows:
        if row["state"] == "kept":
            by_directory.setdefault(language_directory(str(row["language"]), "Latn"), []).append(document(row))
    for directory, kept in by_directory.items():
        write_table(output / DATA / directory / "train-00000-of-00001.parquet", kept, schema.DOCUMENTS)
    ledger = [*map(ledger_row, rows), *failures]
    for number in range(parts):
        name = part_name(number, parts)
        write_table(output / ORIGINALS / name, rows[number::parts], schema.ORIGINALS)
        write_table(output / LEDGER / name, ledger[number::parts], schema.LEDGER)
    write_table(output / CLUSTERS, clusters, schema.CLUSTERS)
    write_table(output / PAIRS, pairs, schema.PAIRS)
    manifest = {"format": FORMAT, "files": {}, "settings": settings or {}, "versions": {"cleaning_rules": "1"}}
    (output / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return output
