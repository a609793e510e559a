"""Reading each table of a corpus once: the checks of single rows, and the records by which tables are compared."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq

from saaf.cleaning.text.iso_639 import language_directory
from saaf.corpus.corpus_tables import BATCH_ROWS, count_rows, table_paths
from saaf.corpus.file_names import CLUSTERS, DATA, LEDGER, MATCHES, ORIGINALS, PAIRS, REJECTED
from saaf.corpus.inspection.records import RecordBuckets, hashes, text_hash
from saaf.corpus.ledger import PASSED, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from saaf.corpus.inspection.findings import Findings
    from saaf.corpus.settings import Progress

    Row = dict[str, Any]


class Kind(IntEnum):
    """What a record is of: the first three kinds are joined by the key of the input, the others by an id."""

    IN_LEDGER = 0
    IN_ORIGINALS = 1
    IN_REJECTED = 2
    DOCUMENT = 3
    PASSED_ORIGINAL = 4  # of originals/, one that passed every filter
    POINTER = 5  # from the ledger to the document that is kept
    SET_ASIDE = 6  # a near-duplicate, to that too
    MEMBER = 7
    CLUSTER = 8
    PAIR = 9
    MATCH = 10  # by the document of the index
    MATCHED = 11  # by the document that is like it


NAMED_BY = {
    Kind.IN_LEDGER: (LEDGER, "key"),
    Kind.IN_ORIGINALS: (ORIGINALS, "key"),
    Kind.IN_REJECTED: (REJECTED, "key"),
    Kind.DOCUMENT: (DATA, "id"),
    Kind.PASSED_ORIGINAL: (ORIGINALS, "id"),
    Kind.POINTER: (LEDGER, "key"),
    Kind.SET_ASIDE: (LEDGER, "key"),
    Kind.MEMBER: (CLUSTERS, "document_id"),
    Kind.CLUSTER: (CLUSTERS, "cluster_id"),
    Kind.PAIR: (PAIRS, "left_id"),
    Kind.MATCH: (MATCHES, "matched_id"),
    Kind.MATCHED: (MATCHES, "document_id"),
}
"""The table of the records of a kind, and the column that names its rows."""

STATES = {state.value: number for number, state in enumerate(State, start=1)}
_POINTING = (State.DUPLICATE.value, State.CONTAINED.value, State.REPEATED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What reading the tables adds to: the findings, the records by key and by id, and where progress is reported.

    `threshold` is the similarity from which two texts are near-duplicates, in [0, 1].
    """

    corpus: Path
    findings: Findings
    by_key: RecordBuckets
    by_id: RecordBuckets
    report_progress: Progress
    threshold: float

    def tables(self) -> None:
        """Read all tables that the checks of rows need."""
        self._ledger()
        self._originals()
        self._texts(DATA, self._document_batch, order=("url", "id"))
        self._texts(REJECTED, self._rejected_batch, order=("url", "id", "key"))
        self._clusters()
        self._pairs()

    def _batches(self, name: str, columns: Sequence[str]) -> Iterator[tuple[Path, int, list[Row]]]:
        """Yield rows of a table with the path of their file and the number of the first one."""
        total, start = count_rows(self.corpus, name), 0
        for path in table_paths(self.corpus, name):
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(BATCH_ROWS, columns=list(columns), use_threads=False):
                    rows = batch.to_pylist()
                    yield path, start, rows
                    start += len(rows)
                    self.report_progress(f"checking {name}", start, total)

    def _ordered(self, path: Path, rows: list[Row], columns: Sequence[str], last: Row, *, group: str) -> None:
        """Check the order of rows; `last` is kept between calls, and forgotten where another `group` begins."""
        self.findings.checked("order", len(rows))
        for row in rows:
            value = tuple(row[name] or "" for name in columns)
            if last.get("group") == group and value < last["value"]:
                where = path.relative_to(self.corpus).as_posix()
                self.findings.problem("order", f"{where}: {' '.join(value)} comes after {' '.join(last['value'])}")
            last.update(group=group, value=value)

    def _ledger(self) -> None:
        columns = ["key", "state", "reason", "document_id", "duplicate_of"]
        last: Row = {}
        for path, start, rows in self._batches(LEDGER, columns):
            self._ordered(path, rows, ["key"], last, group=str(path))
            self.findings.checked("ledger", len(rows))
            for row in rows:
                problem = _row_problem(row)
                if problem:
                    self.findings.problem("ledger", f"{row['key']} ({row['state']}): {problem}")
            numbers, ids = _numbers(start, rows), hashes(row["document_id"] for row in rows)
            states = [STATES.get(row["state"], 0) for row in rows]
            self.by_key.add(Kind.IN_LEDGER, hashes(row["key"] for row in rows), numbers, states=states, others=ids)
            self._pointers(rows, numbers)

    def _pointers(self, rows: list[Row], numbers: np.ndarray[Any, Any]) -> None:
        chosen = [place for place, row in enumerate(rows) if row["state"] in _POINTING and row["duplicate_of"]]
        targets = hashes(rows[place]["duplicate_of"] for place in chosen)
        states = [STATES[rows[place]["state"]] for place in chosen]
        self.by_id.add(Kind.POINTER, targets, numbers[chosen], states=states)
        aside = [place for place in chosen if rows[place]["state"] == State.DUPLICATE]
        own = hashes(rows[place]["document_id"] for place in aside)
        self.by_id.add(
            Kind.SET_ASIDE, own, numbers[aside], others=hashes(rows[place]["duplicate_of"] for place in aside)
        )

    def _originals(self) -> None:
        last: Row = {}
        for path, start, rows in self._batches(ORIGINALS, ["key", "id", "url", "state", "text", "removals"]):
            self._ordered(path, rows, ["url", "id", "key"], last, group=str(path))
            self.findings.checked("counts", len(rows))
            self.findings.checked("removals", len(rows))
            numbers, ids = _numbers(start, rows), hashes(row["id"] for row in rows)
            states = [STATES.get(row["state"], 0) for row in rows]
            texts = [self._clean_hash(row) for row in rows]
            keys = hashes(row["key"] for row in rows)
            self.by_key.add(Kind.IN_ORIGINALS, keys, numbers, states=states, others=ids, values=texts)
            passed = [place for place, row in enumerate(rows) if row["state"] in PASSED]
            self.by_id.add(
                Kind.PASSED_ORIGINAL,
                ids[passed],
                numbers[passed],
                states=[states[place] for place in passed],
                values=[texts[place] for place in passed],
            )

    def _clean_hash(self, row: Row) -> int:
        """Return what stands for the clean text of a row of originals/, worked out from its removals."""
        position, parts, text = 0, [], row["text"]
        for removal in row["removals"]:
            if not position <= removal["start"] < removal["end"] <= len(text):
                span = f"{removal['start']} to {removal['end']} ({removal['rule']})"
                self.findings.problem("removals", f"{row['key']}: the removal from {span} is out of order or too long")
                return 0
            parts.append(text[position : removal["start"]])
            position = removal["end"]
        return text_hash("".join((*parts, text[position:])), row["removals"])

    def _texts(self, name: str, add: Callable[[int, list[Row]], None], *, order: tuple[str, ...]) -> None:
        last: Row = {}
        columns = ["id", "url", "text", "removals", "language", "language_script", "minhash_cluster_size"]
        for path, start, rows in self._batches(name, [*columns, *(["key", "state"] if name == REJECTED else [])]):
            group = path.parent.name if name == DATA else str(path)
            self._ordered(path, rows, order, last, group=group)
            if name == DATA:
                self._check_directories(path, rows)
            add(start, rows)

    def _check_directories(self, path: Path, rows: list[Row]) -> None:
        for row in rows:
            directory = language_directory(row["language"], row["language_script"])
            if directory != path.parent.name:
                where = path.relative_to(self.corpus).as_posix()
                self.findings.problem("names", f"{where} has the document {row['id']}, which belongs in {directory}")

    def _document_batch(self, start: int, rows: list[Row]) -> None:
        self.by_id.add(
            Kind.DOCUMENT,
            hashes(row["id"] for row in rows),
            _numbers(start, rows),
            values=[text_hash(row["text"], row["removals"]) for row in rows],
            others=np.array([row["minhash_cluster_size"] for row in rows], np.uint64),
        )

    def _rejected_batch(self, start: int, rows: list[Row]) -> None:
        self.by_key.add(
            Kind.IN_REJECTED,
            hashes(row["key"] for row in rows),
            _numbers(start, rows),
            states=[STATES.get(row["state"], 0) for row in rows],
            values=[text_hash(row["text"], row["removals"]) for row in rows],
            others=hashes(row["id"] for row in rows),
        )

    def _clusters(self) -> None:
        for _, start, rows in self._batches(CLUSTERS, ["cluster_id", "document_id", "representative"]):
            self.findings.checked("duplicates", len(rows))
            numbers, clusters = _numbers(start, rows), hashes(row["cluster_id"] for row in rows)
            flags = [int(row["representative"]) for row in rows]
            members = hashes(row["document_id"] for row in rows)
            self.by_id.add(Kind.MEMBER, members, numbers, others=clusters, states=flags)
            self.by_id.add(Kind.CLUSTER, clusters, numbers, others=members, states=flags)
        for _, start, rows in self._batches(MATCHES, ["matched_id", "document_id"]):
            numbers = _numbers(start, rows)
            self.by_id.add(Kind.MATCH, hashes(row["matched_id"] for row in rows), numbers)
            self.by_id.add(Kind.MATCHED, hashes(row["document_id"] for row in rows), numbers)

    def _pairs(self) -> None:
        for _, start, rows in self._batches(PAIRS, ["left_id", "right_id", "jaccard"]):
            self.findings.checked("duplicates", len(rows))
            for row in rows:
                if not self.threshold <= row["jaccard"] <= 1:
                    names = f"{row['left_id']} and {row['right_id']}"
                    self.findings.problem(
                        "duplicates", f"{names}: their similarity, {row['jaccard']:.3f}, is below the threshold"
                    )
            for side in ("left_id", "right_id"):
                self.by_id.add(Kind.PAIR, hashes(row[side] for row in rows), _numbers(start, rows))


def _numbers(start: int, rows: list[Row]) -> np.ndarray[Any, Any]:
    return np.arange(start, start + len(rows), dtype=np.uint64)


def _row_problem(row: Row) -> str | None:
    """Return what is wrong with a row of the ledger by itself, None where nothing is."""
    if row["state"] not in STATES:
        return "there is no such state"
    if row["state"] == State.KEPT:
        if not row["document_id"]:
            return "it has no document id"
        return "it has a reason or another document in its place" if row["reason"] or row["duplicate_of"] else None
    if not row["reason"]:
        return "it has no reason"
    if row["state"] in (State.DUPLICATE, State.CONTAINED) and not (row["document_id"] and row["duplicate_of"]):
        return "the document kept for it is not named"
    return None
