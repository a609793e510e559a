"""Reading a published corpus: each of its tables is one or several Parquet files, and is read as one table.

The rows of a table are those of its files, in the order of the files' names; they are numbered from 0. No more than a
row group of a file, about 100 MB of text, is in memory at a time.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from saaf.atomic_files import BusyError, exclusive_lock
from saaf.corpus.file_names import DATA, LEDGER, MANIFEST, OLD_DOCUMENTS, OLD_LEDGER, OLD_ORIGINALS, ORIGINALS
from saaf.corpus.ledger import State, first_reasons
from saaf.corpus.manifest import FORMAT, read_manifest
from saaf.corpus.parquet import DamagedTableError
from saaf.corpus.progress import counted
from saaf.corpus.publish_directory import READY, complete_publication

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    Row = dict[str, Any]

BATCH_ROWS = 1_000
"""Rows of a batch with texts: 10 MB of news text."""

_SUFFIX = ".parquet"
PATIENCE = 10.0
"""Seconds that a publication under way is waited for: renames alone."""


class _UnreadableFileError(OSError):
    """A file of a corpus, `path`, that cannot be read, of which pyarrow's errors do not say which it is."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path.name}: {problem}")
        self.path = path


class NotACorpusError(Exception):
    """A directory that cannot be read as a corpus; the message says why and what to do."""


@contextmanager
def opened_corpus(corpus: Path, *, patience: float = PATIENCE, may_lack_files: bool = False) -> Iterator[Row]:
    """Yield the manifest of the corpus in a directory, whose tables are read while the block runs.

    A publication that was killed is completed first; one that another process is at is waited for, `patience` seconds
    at most. Raises `NotACorpusError` where the directory has no corpus, has one that this version cannot read, or has
    another one at the end of the block; `DamagedTableError` where a table cannot be read, or, unless
    `may_lack_files`, lacks a file that the manifest has.
    """
    _wait_until_published(corpus, patience)
    manifest = read_manifest(corpus)
    if manifest is None or not _has_tables(corpus):
        raise NotACorpusError(_missing(corpus, manifest))
    if manifest.get("format") != FORMAT:
        raise NotACorpusError(
            f"{corpus} was written by another version of saaf: its layout has number {manifest.get('format')}, and "
            f"this version reads {FORMAT}; install the newer version, or build the corpus again"
        )
    before = _identity(corpus / MANIFEST)
    try:
        if not may_lack_files:
            _check_files(corpus, manifest)
        yield manifest
    except (DamagedTableError, pa.ArrowException, LookupError, OSError) as error:
        if _identity(corpus / MANIFEST) != before:
            raise replaced_error(corpus) from error
        if isinstance(error, DamagedTableError):
            raise
        if isinstance(error, _UnreadableFileError) and corpus not in error.path.parents:
            raise  # it is of another corpus, which is open too
        if isinstance(error, OSError) and error.errno is not None:  # pyarrow's own, for damaged files, have no number
            raise
        raise DamagedTableError(f"a table in {corpus} is damaged: {error}; build the corpus again") from error
    if _identity(corpus / MANIFEST) != before:
        raise replaced_error(corpus)


def _check_files(corpus: Path, manifest: Row) -> None:
    missing = [name for name in manifest["files"] if name.endswith(_SUFFIX) and not (corpus / name).is_file()]
    if missing:
        more = f", and {counted(len(missing) - 1, 'more file')} of it" if len(missing) > 1 else ""
        raise DamagedTableError(
            f"{corpus / missing[0]} is missing{more}: the corpus is not whole; fetch it again, or build it again"
        )


def is_corpus(path: Path, *, is_named: bool = True) -> bool:
    """Return whether a directory has a corpus, also one of an earlier version, which cannot be read.

    Where nobody named the directory (`is_named`), a table of an earlier version without a manifest is somebody's own.
    """
    is_old = _is_old(path) and (is_named or (path / MANIFEST).is_file())
    return _has_tables(path) or is_old or (path / READY).is_dir()


def _has_tables(corpus: Path) -> bool:
    return all((corpus / name).is_dir() for name in (ORIGINALS, LEDGER))


def _is_old(corpus: Path) -> bool:
    return any((corpus / name).is_file() for name in (OLD_DOCUMENTS, OLD_ORIGINALS, OLD_LEDGER))


def _missing(corpus: Path, manifest: Row | None) -> str:
    if _is_old(corpus):
        return (
            f"{corpus} has the layout of an earlier version of saaf, which this version does not read: convert it with "
            f"`saaf convert {corpus} NEW`, or build it again"
        )
    if manifest is not None:
        missing = next(name for name in (ORIGINALS, LEDGER) if not (corpus / name).is_dir())
        return f"{corpus} has a {MANIFEST}, but no directory {missing}: build the corpus again with `saaf build`"
    return f"{corpus} is not a corpus: it has no {MANIFEST} that saaf wrote; build one with `saaf build`"


def replaced_error(corpus: Path) -> NotACorpusError:
    """Return the error for a corpus that another build replaced while it was read."""
    return NotACorpusError(f"another build replaced the corpus in {corpus} while it was read: run the command again")


def _identity(path: Path) -> tuple[int, int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0, 0)
    return (status.st_ino, status.st_mtime_ns, status.st_size)


def _wait_until_published(corpus: Path, patience: float) -> None:
    """Complete a publication that was killed; one that another process is at is waited for."""
    end = time.monotonic() + patience
    while (corpus / READY).is_dir():
        try:
            with exclusive_lock(corpus, BusyError()):
                complete_publication(corpus)
        except BusyError:
            if time.monotonic() > end:
                raise NotACorpusError(
                    f"another build is writing to {corpus}, and its files are not in their places yet: wait for it, "
                    "then run the command again"
                ) from None
            time.sleep(0.05)


def table_paths(corpus: Path, name: str) -> list[Path]:
    """Return the files of a table, in the order of their rows; `name` is a name of `saaf.corpus.file_names`.

    A table that is a directory (`DATA`, `REJECTED`, `ORIGINALS`, `LEDGER`) has the files in it, and in the directories
    of languages; one that is a file (`CLUSTERS`, `PAIRS` and so on) has this one, none where it is missing.
    """
    path = corpus / name
    if name.endswith(_SUFFIX):
        return [path] if path.is_file() else []
    depth = "*/*" if name == DATA else "*"
    found = (each for each in path.glob(depth + _SUFFIX) if not each.name.startswith(".") and each.is_file())
    return sorted(found, key=lambda each: each.relative_to(path).parts)


def language_directories(corpus: Path) -> list[str]:
    """Return the names of the languages of a corpus, such as "hin_Deva"; `f"{DATA}/{name}"` is the table of one."""
    return sorted({path.parent.name for path in table_paths(corpus, DATA)})


def count_rows(corpus: Path, name: str) -> int:
    """Return the number of rows of a table, 0 where the corpus has no such table."""
    return sum(_rows_of_file(path) for path in table_paths(corpus, name))


def _rows_of_file(path: Path) -> int:
    with _opened_file(path, ()) as file:
        return int(file.metadata.num_rows)


def column_names(corpus: Path, name: str) -> list[str]:
    """Return the names of the columns of a table, [] where the corpus has no such table."""
    paths = table_paths(corpus, name)
    return list(pq.read_schema(paths[0]).names) if paths else []


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Name the file in an error of pyarrow's; those of the operating system have its name, or a number."""
    try:
        yield
    except _UnreadableFileError:
        raise
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise _UnreadableFileError(path, str(error).strip().partition("\n")[0]) from error


@contextmanager
def _opened_file(path: Path, columns: Sequence[str]) -> Iterator[pq.ParquetFile]:
    """Yield a Parquet file. Raises pyarrow's ArrowInvalid where it is damaged, or lacks one of the columns.

    pyarrow itself leaves a column out that a file lacks.
    """
    with _naming(path), pq.ParquetFile(path) as file:
        names = set(file.schema_arrow.names)
        if missing := [name for name in columns if name not in names]:
            raise pa.ArrowInvalid(f"it has no column {', '.join(missing)}")
        yield file


def iter_batches(
    corpus: Path, name: str, columns: Sequence[str], *, rows: int = BATCH_ROWS
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a table, at most `rows` at a time; a batch has rows of one row group of one file."""
    for path in table_paths(corpus, name):
        with _opened_file(path, columns) as file:
            for group in range(file.num_row_groups):
                yield from file.iter_batches(rows, row_groups=[group], columns=list(columns), use_threads=False)


def take_rows(corpus: Path, name: str, numbers: Sequence[int], columns: Sequence[str]) -> list[Row]:
    """Return the rows of these numbers, which ascend, reading only the row groups that hold them.

    Raises IndexError where the table has no such row.
    """
    found: list[Row] = []
    start = 0
    for path in table_paths(corpus, name):
        with _opened_file(path, columns) as file:
            for group in range(file.num_row_groups):
                end = start + file.metadata.row_group(group).num_rows
                first, last = bisect_left(numbers, start), bisect_left(numbers, end)
                here = [number - start for number in numbers[first:last]]
                if here:
                    found += file.read_row_group(group, columns=list(columns)).take(here).to_pylist()
                start = end
    if len(found) != len(numbers):
        raise IndexError(f"{name} has {start} rows")
    return found


def ledger_inputs(batch: pa.RecordBatch) -> pa.Array:
    """Return how many inputs each row of the ledger stands for, int64: more than one where a table lost rows.

    One, where the batch lacks the column: the ledgers of earlier versions have none.
    """
    if "rows" in batch.schema.names:
        return pc.fill_null(batch["rows"], 1)
    return pa.repeat(pa.scalar(1, pa.int64()), batch.num_rows)


def find_rows(corpus: Path, name: str, column: str, values: Sequence[str], columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows whose value in a column is among `values`, with `columns`, in the order of the table.

    The texts of other rows are not read: row groups whose statistics exclude the values are passed over, and of the
    others the column is read first.
    """
    if not values:
        return
    wanted = pa.array(sorted(set(values)), pa.string())
    for path in table_paths(corpus, name):
        with _opened_file(path, [column, *columns]) as file:
            for group in range(file.num_row_groups):
                if not _may_have(file.metadata.row_group(group), column, wanted):
                    continue
                keys = file.read_row_group(group, columns=[column]).column(0)
                rows = pc.indices_nonzero(pc.is_in(keys, wanted))
                if len(rows):
                    yield from file.read_row_group(group, columns=list(columns)).take(rows).to_pylist()


def _may_have(group: pq.RowGroupMetaData, column: str, wanted: pa.Array) -> bool:
    """Return False where the least and greatest value of a column in a row group say that it has none of `wanted`.

    Parquet compares UTF-8 by bytes.
    """
    places = (number for number in range(group.num_columns) if group.column(number).path_in_schema == column)
    statistics = next((group.column(number).statistics for number in places), None)
    if statistics is None or not statistics.has_min_max:
        return True
    low, high = (str(value).encode("utf-8", "surrogatepass") for value in (statistics.min, statistics.max))
    return any(low <= value.encode("utf-8", "surrogatepass") <= high for value in wanted.to_pylist())


def rows_by_key(corpus: Path, name: str, column: str, values: Sequence[str], columns: Sequence[str]) -> dict[str, Row]:
    """Return the rows whose value in a column is among `values`, the first of each value, by that value."""
    found: dict[str, Row] = {}
    for row in find_rows(corpus, name, column, values, [column, *(each for each in columns if each != column)]):
        found.setdefault(row[column], row)
    return found


def ledger_reasons(corpus: Path) -> str:
    """Return the first three inputs of a ledger that are not kept, each with its reason, as one line for an error."""
    given = (
        (str(row["key"]), str(row["reason"]))
        for batch in iter_batches(corpus, LEDGER, ["key", "state", "reason"])
        for row in batch.to_pylist()
        if row["state"] != State.KEPT
    )
    return f"{first_reasons(given)}; all are in {corpus / LEDGER}"
