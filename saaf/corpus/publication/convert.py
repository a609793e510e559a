"""`saaf convert`: a corpus of the layout of saaf 0.2 (five tables side by side) in the layout that is published."""

from __future__ import annotations

import json
import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from saaf.atomic_files import atomic_directory, atomic_write, checksum
from saaf.cleaning.text.iso_639 import language_directory
from saaf.corpus.corpus_tables import ledger_inputs
from saaf.corpus.file_names import (
    MANIFEST,
    OLD_DEDUP,
    OLD_DOCUMENTS,
    OLD_LEDGER,
    OLD_ORIGINALS,
    OLD_REPORTS,
    OLD_TABLES,
)
from saaf.corpus.input_paths import url_scheme
from saaf.corpus.publication import layout
from saaf.corpus.publication.card import write_card
from saaf.corpus.publication.croissant import write_croissant
from saaf.corpus.publication.plan import PublicationError, file_problem, read_manifest
from saaf.corpus.publication.rejected import rejected_rows, rejected_schema
from saaf.corpus.publication.shards import write_shards
from saaf.corpus.publication.statistics import corpus_statistics
from saaf.corpus.schema import LEDGER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_SPILL = ".spill"
_STEPS = 6


def convert_corpus(old: Path, new: Path, report_progress: Callable[[str, int, int | None], None] | None = None) -> Path:
    """Write the corpus in the directory `old` to `new` in the layout that is published, and return `new`.

    Every row of every table is kept, and `old` stays as it is. Documents that were read and not kept get a row in
    rejected/, whose columns that the old tables do not have are empty. Raises `PublicationError` where `old` is no
    whole corpus of the old layout, and where `new` has files or is in `old`; `BusyError` where another process writes
    to `new`.
    """
    report = report_progress or (lambda _step, _done, _total: None)
    manifest = _check(old, new)
    with atomic_directory(new) as staging:
        if any(path != staging for path in new.iterdir()):
            raise PublicationError(f"{new} has files: name a directory that does not exist, or an empty one")
        for step, write in enumerate((_write_data, _write_rejected, _write_others), start=1):
            report("converting", step, _STEPS)
            write(old, staging, manifest)
        made = {name: manifest[name] for name in sorted(manifest) if name != "files"}
        made["converted_from"] = checksum(old / MANIFEST)
        report("writing the card", _STEPS - 2, _STEPS)
        statistics = corpus_statistics(staging)
        write_card(staging, made, statistics)
        write_croissant(staging, made, statistics)
        report("writing the manifest", _STEPS - 1, _STEPS)
        made["files"] = {name: _entry(staging / name) for name in layout.published_files(staging)}
        with atomic_write(staging / MANIFEST) as partial:
            text = json.dumps(made, ensure_ascii=False, indent=2, sort_keys=True)
            partial.write_text(text + "\n", encoding="utf-8")
    return new


def _check(old: Path, new: Path) -> dict[str, Any]:
    """Return the manifest of `old`, of which each file was found as it says."""
    if url_scheme(new):
        raise PublicationError(f"{new}: name a directory of this machine, and publish that with `saaf publish`")
    if new.exists() and not new.is_dir():
        raise PublicationError(f"{new} is a file: name a directory to write to")
    if new.resolve().is_relative_to(old.resolve()) or old.resolve().is_relative_to(new.resolve()):
        raise PublicationError(f"{new} and {old} are in one another: name another directory")
    manifest = read_manifest(old)
    files: dict[str, Any] = manifest["files"]
    if layout.CARD in files:
        raise PublicationError(f"{old} has the new layout already")
    missing = [name for name in OLD_TABLES if name not in files]
    if missing:
        raise PublicationError(f"{old} is no corpus of saaf 0.2: its {MANIFEST} does not list {', '.join(missing)}")
    problems = [problem for name in sorted(files) if (problem := file_problem(old, name, files[name]))]
    if problems:
        raise PublicationError(f"{old} is not as its {MANIFEST} says: {problems[0]}; build the corpus again")
    return manifest


def _write_data(old: Path, staging: Path, _manifest: dict[str, Any]) -> None:
    """Write the documents by subset: first to a file each, in one pass over the table, then as shards."""
    spill = staging / _SPILL
    spill.mkdir()
    schema = pq.read_schema(old / OLD_DOCUMENTS).remove_metadata()
    with ExitStack() as stack, pq.ParquetFile(old / OLD_DOCUMENTS) as file:
        sinks: dict[str, pa.RecordBatchStreamWriter] = {}
        for batch in file.iter_batches(batch_size=1_000):
            for subset, rows in _by_subset(batch):
                if subset not in sinks:
                    options = pa.ipc.IpcWriteOptions(compression="zstd")
                    sinks[subset] = stack.enter_context(pa.ipc.new_stream(str(spill / subset), schema, options=options))
                sinks[subset].write_batch(rows.cast(schema))
    for path in sorted(spill.iterdir()):
        with pa.ipc.open_stream(str(path)) as stream:
            write_shards(staging / layout.DATA / path.name, stream, schema, prefix=layout.SPLIT)
    if not any(spill.iterdir()):
        write_shards(staging / layout.DATA / language_directory("und", "Zyyy"), [], schema, prefix=layout.SPLIT)
    shutil.rmtree(spill)


def _by_subset(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield the rows of each subset, in their order."""
    languages, scripts = batch["language"].to_pylist(), batch["language_script"].to_pylist()
    names = [
        language_directory(code or "und", script or "Zyyy") for code, script in zip(languages, scripts, strict=True)
    ]
    for subset in sorted(set(names)):
        yield subset, batch.filter(pa.array([name == subset for name in names]))


def _write_rejected(old: Path, staging: Path, manifest: dict[str, Any]) -> None:
    schema = rejected_schema(pq.read_schema(old / OLD_DOCUMENTS))
    tables = rejected_rows(old / OLD_ORIGINALS, old / OLD_LEDGER, schema, manifest)
    write_shards(staging / layout.REJECTED, tables, schema, prefix=layout.PART)


def _write_others(old: Path, staging: Path, manifest: dict[str, Any]) -> None:
    for table, directory, keys in (
        (OLD_ORIGINALS, layout.ORIGINALS, ("url", "id", "key")),
        (OLD_LEDGER, layout.LEDGER, ("key",)),
    ):
        with pq.ParquetFile(old / table) as file:
            schema = file.schema_arrow.remove_metadata()
            rows = file.iter_batches(batch_size=1_000)
            if table == OLD_LEDGER and "rows" not in schema.names:
                schema = schema.append(LEDGER.field("rows").remove_metadata())
                rows = (batch.append_column("rows", ledger_inputs(batch)) for batch in rows)
            write_shards(staging / directory, rows, schema, prefix=layout.PART, sorted_by=keys)
    for names, directory in ((OLD_DEDUP, layout.DEDUP), (OLD_REPORTS, layout.REPORT)):
        for name in names:
            if name in manifest["files"]:
                (staging / directory).mkdir(exist_ok=True)
                shutil.copyfile(old / name, staging / directory / name)


def _entry(path: Path) -> dict[str, object]:
    entry: dict[str, object] = {"bytes": path.stat().st_size, "sha256": checksum(path)}
    if path.suffix == ".parquet":
        entry["rows"] = pq.read_metadata(path).num_rows
    return entry
