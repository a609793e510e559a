"""Checks of the files of a corpus: checksums, names that are numbered through, and schemas."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from saaf.corpus import schema
from saaf.corpus.file_names import (
    CARD,
    CLUSTERS,
    CONTAINED,
    DATA,
    ENTRIES,
    LEDGER,
    MANIFEST,
    MATCHES,
    ORIGINALS,
    PAIRS,
    PARAGRAPHS,
    PART,
    REJECTED,
    SPLIT,
    shard_name,
)
from saaf.corpus.index_tables import MATCHES as MATCHES_SCHEMA
from saaf.corpus.manifest_entries import file_problem
from saaf.corpus.paragraphs import PARAGRAPHS as PARAGRAPHS_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from saaf.corpus.inspection.findings import Findings
    from saaf.corpus.settings import Progress

SCHEMAS = {
    DATA: schema.DOCUMENTS,
    REJECTED: schema.REJECTED,
    ORIGINALS: schema.ORIGINALS,
    LEDGER: schema.LEDGER,
    CLUSTERS: schema.CLUSTERS,
    PAIRS: schema.PAIRS,
    CONTAINED: schema.CONTAINED,
    PARAGRAPHS: PARAGRAPHS_SCHEMA,
    MATCHES: MATCHES_SCHEMA,
}
_NUMBERED = re.compile(r"(?P<prefix>train|part)-(?P<number>\d{5,})-of-(?P<count>\d{5,})\.parquet")
_IN_PARTS = (DATA, REJECTED, ORIGINALS, LEDGER)
UNREADABLE = (pa.ArrowException, OSError, ValueError, LookupError)
"""What reading a damaged Parquet file raises."""


def check_files(corpus: Path, listed: Mapping[str, Any], findings: Findings, report_progress: Progress) -> None:
    """Compare the files of a corpus with the `files` of its manifest: which there are, sizes, checksums and rows."""
    for number, name in enumerate(sorted(listed)):
        report_progress("checking files", number, len(listed))
        findings.checked("files")
        path, entry = corpus / name, listed[name]
        problem = file_problem(path, entry) or _rows_problem(path, entry)
        if problem and name == CARD and path.is_file():
            findings.remark(f"{name} was edited after the build: it is yours to edit, and a new build writes its own")
        elif problem:
            findings.problem("files", f"{name} {problem}")
    for name in sorted(_present(corpus) - set(listed)):
        findings.problem("files", f"{name} is in the corpus, and {MANIFEST} does not list it")


def _rows_problem(path: Path, entry: Mapping[str, Any]) -> str | None:
    if path.suffix != ".parquet":
        return None
    try:
        rows = pq.read_metadata(path).num_rows
    except UNREADABLE as error:
        return f"cannot be read: {error}"
    return None if rows == entry.get("rows") else f"has {rows} rows, and {MANIFEST} says {entry.get('rows')}"


def _present(corpus: Path) -> set[str]:
    """Return the names of the files in the directories of a corpus, hidden ones left out."""
    found = set()
    for entry in ENTRIES:
        path = corpus / entry
        if entry != MANIFEST and path.is_file():
            found.add(entry)
        for file in path.rglob("*") if path.is_dir() else ():
            if file.is_file() and not any(part.startswith(".") for part in file.relative_to(corpus).parts):
                found.add(file.relative_to(corpus).as_posix())
    return found


def check_names(listed: Iterable[str], findings: Findings) -> None:
    """Check that the files of each table, of data/ in each language, are numbered through."""
    directories: dict[str, list[str]] = {}
    for name in sorted(listed):
        directory, _, file_name = name.rpartition("/")
        if name.endswith(".parquet") and directory.partition("/")[0] in _IN_PARTS:
            directories.setdefault(directory, []).append(file_name)
    for directory, names in directories.items():
        findings.checked("names", len(names))
        prefix = SPLIT if directory.partition("/")[0] == DATA else PART
        expected = [shard_name(prefix, number, len(names)) for number in range(len(names))]
        if names != expected:
            wrong = next((name for name in names if name not in expected), names[0])
            found = _NUMBERED.fullmatch(wrong)
            missing = ""
            if found and found["prefix"] == prefix:
                have = set(names)
                every = (shard_name(prefix, number, int(found["count"])) for number in range(int(found["count"])))
                missing = next((f": {name} is missing" for name in every if name not in have), "")
            findings.problem("names", f"{directory}/{wrong} is not one of {len(names)} files, 0 to N-1 of N{missing}")


def check_schemas(corpus: Path, listed: Iterable[str], findings: Findings) -> bool:
    """Check the columns of each Parquet file; return whether all tables can be read with the columns they should have.

    A table may have further columns, the same in all of its files.
    """
    first: dict[str, tuple[str, pa.Schema]] = {}
    readable = True
    for name in sorted(each for each in listed if each.endswith(".parquet")):
        table = name if name in SCHEMAS else name.partition("/")[0]
        if table not in SCHEMAS:
            continue
        findings.checked("schema")
        try:
            found = pq.read_schema(corpus / name)
        except UNREADABLE as error:
            findings.problem("schema", f"{name} cannot be read: {error}")
            readable = False
            continue
        problem = _schema_problem(found, SCHEMAS[table])
        if problem:
            findings.problem("schema", f"{name}: {problem}")
            readable = False
        known_name, known = first.setdefault(table, (name, found))
        if not found.equals(known):
            findings.problem("schema", f"{name} and {known_name} do not have the same columns")
    return readable


def _schema_problem(found: pa.Schema, expected: pa.Schema) -> str | None:
    for field in expected:
        if field.name not in found.names:
            return f"the column {field.name} is missing"
        if not found.field(field.name).type.equals(field.type):
            return f"the column {field.name} is of type {found.field(field.name).type}, not {field.type}"
    return None
