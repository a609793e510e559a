"""Sketches of the texts of a partition in files: what near-duplicates and repeated paragraphs are found by.

They are made once, when rows are written; later stages read arrays of numbers, and texts only to verify.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.index_segments import band_keys
from saaf.dedupe.index_sketches import SignatureTable, Sketches, shingle_sizes, sketch
from saaf.dedupe.paragraphs import Paragraphs, column_paragraphs, concatenate_paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from saaf.corpus.stages.tasks import Task, TaskFiles
    from saaf.dedupe import Settings
    from saaf.dedupe.columns import Column

_PARAGRAPHS = ("content", "document", "start", "end")


class SketchWriter:
    """Writes the sketches of texts that come in batches; a context manager. `paragraphs` says whether to hash these."""

    def __init__(self, task: Task, settings: Settings, *, paragraphs: bool) -> None:
        self._task, self._settings, self._with_paragraphs = task, settings, paragraphs
        self._content: list[NDArray[np.uint64]] = []
        self._tokens: list[NDArray[np.int64]] = []
        self._rows: list[list[NDArray[np.int64]]] = [[] for _ in shingle_sizes(settings)]
        self._keys: list[list[NDArray[np.uint64]]] = [[] for _ in shingle_sizes(settings)]
        self._paragraphs: list[Paragraphs] = []
        self._count = 0
        self._streams = [_signatures(task.files, table).open("wb") for table in range(len(self._rows))]

    def __enter__(self) -> SketchWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for stream in self._streams:
            stream.close()
        if kind is None:
            self._save()

    def add(self, texts: Column) -> NDArray[np.int64]:
        """Add texts, and return the number of tokens of each, int64[n]."""
        made = sketch(texts, self._settings)
        self._content.append(made.content)
        self._tokens.append(made.tokens)
        for number, table in enumerate(made.tables):
            self._rows[number].append(table.rows + self._count)
            self._keys[number].append(band_keys(table.signatures, self._settings))
            self._streams[number].write(table.signatures.tobytes())
        if self._with_paragraphs:
            found = column_paragraphs(texts, made.content, made.tokens, folded=self._settings.fold)
            self._paragraphs.append(found.shifted(self._count))
        self._count += len(texts)
        return made.tokens

    def _save(self) -> None:
        _save(self._task.path("content.npy"), self._content, np.zeros(0, np.uint64))
        _save(self._task.path("tokens.npy"), self._tokens, np.zeros(0, np.int64))
        for number, (rows, keys) in enumerate(zip(self._rows, self._keys, strict=True)):
            _save(self._task.path(f"rows{number}.npy"), rows, np.zeros(0, np.int64))
            none = np.zeros((self._settings.bands.count, 0), np.uint64)
            _save(self._task.path(f"keys{number}.npy"), keys, none, axis=1)
        found = concatenate_paragraphs(self._paragraphs)
        for name in _PARAGRAPHS:
            np.save(self._task.path(f"paragraph_{name}.npy"), getattr(found, name))


def _save(path: Path, parts: Sequence[NDArray[np.generic]], none: NDArray[np.generic], axis: int = 0) -> None:
    np.save(path, np.concatenate([none, *parts], axis=axis))


def _signatures(files: TaskFiles, table: int) -> Path:
    return files.path(f"signatures{table}")


class SketchFiles:
    """The sketches of all partitions, read when they are asked for. Texts are named by the numbers of their rows.

    `starts` int64[p + 1] has the number of the first row of each partition, and of the row after the last.
    """

    def __init__(self, tasks: Sequence[TaskFiles], starts: NDArray[np.int64], settings: Settings) -> None:
        self._tasks, self._starts, self._settings = tasks, starts, settings

    def content(self) -> NDArray[np.uint64]:
        """Return the content hash of each text, uint64[n]."""
        none = np.zeros(0, np.uint64)
        return np.concatenate([none, *(np.load(task.path("content.npy")) for task in self._tasks)])

    def tokens(self) -> NDArray[np.int64]:
        """Return the number of tokens of each text, int64[n]."""
        return np.concatenate([np.zeros(0, np.int64), *(np.load(task.path("tokens.npy")) for task in self._tasks)])

    def band(self, table: int, band: int, chosen: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
        """Return those of the `chosen` texts, bool[n], that are in a table, int64[k], and their keys in a band."""
        numbers, keys = [np.zeros(0, np.int64)], [np.zeros(0, np.uint64)]
        for task, start in zip(self._tasks, self._starts.tolist(), strict=False):
            rows = np.load(task.path(f"rows{table}.npy")) + start
            kept = chosen[rows]
            numbers.append(rows[kept])
            keys.append(np.load(task.path(f"keys{table}.npy"), mmap_mode="r")[band][kept])
        return np.concatenate(numbers), np.concatenate(keys)

    def signatures(self, table: int, numbers: NDArray[np.int64]) -> NDArray[np.uint32]:
        """Return the signatures of texts that are in a table, uint32[k, num_perm]; `numbers` are ascending."""
        found = np.empty((len(numbers), self._settings.num_perm), np.uint32)
        for partition, places in self._by_partition(numbers):
            rows = np.load(self._tasks[partition].path(f"rows{table}.npy"))
            positions = np.searchsorted(rows, numbers[places] - self._starts[partition])
            found[places] = self._map(partition, table, len(rows))[positions]
        return found

    def _map(self, partition: int, table: int, count: int) -> NDArray[np.uint32]:
        shape = (count, self._settings.num_perm)
        if not count:
            return np.zeros(shape, np.uint32)
        return np.memmap(_signatures(self._tasks[partition], table), np.uint32, "r", shape=shape)

    def _by_partition(self, numbers: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """Yield each partition that ascending numbers are in, and their positions."""
        partition_of = np.searchsorted(self._starts, numbers, side="right") - 1
        for places in np.split(np.arange(len(numbers)), np.flatnonzero(np.diff(partition_of)) + 1):
            if len(places):
                yield int(partition_of[places[0]]), places

    def select(self, numbers: NDArray[np.int64]) -> Sketches:
        """Return the sketches of texts, int64[k], in that order."""
        order = np.argsort(numbers)
        ascending = numbers[order]
        content, tokens = np.zeros(len(numbers), np.uint64), np.zeros(len(numbers), np.int64)
        members: list[list[NDArray[np.int64]]] = [[np.zeros(0, np.int64)] for _ in shingle_sizes(self._settings)]
        for partition, places in self._by_partition(ascending):
            own = ascending[places] - self._starts[partition]
            task = self._tasks[partition]
            content[order[places]] = np.load(task.path("content.npy"), mmap_mode="r")[own]
            tokens[order[places]] = np.load(task.path("tokens.npy"), mmap_mode="r")[own]
            for table, found in enumerate(members):
                found.append(places[np.isin(own, np.load(task.path(f"rows{table}.npy")), assume_unique=True)])
        tables = []
        for table, (size, found) in enumerate(zip(shingle_sizes(self._settings), members, strict=True)):
            places = np.concatenate(found)
            signatures = self.signatures(table, ascending[places])
            tables.append(SignatureTable(shingle_size=size, rows=order[places], signatures=signatures))
        return Sketches(content=content, tokens=tokens, tables=tuple(tables))

    def paragraphs(self, kept: NDArray[np.bool_]) -> Paragraphs:
        """Return the paragraphs of the `kept` texts, bool[n], that stand in these more than once; by number of row."""
        parts = []
        for task, start in zip(self._tasks, self._starts.tolist(), strict=False):
            columns = {name: np.load(task.path(f"paragraph_{name}.npy")) for name in _PARAGRAPHS}
            found = Paragraphs(**columns).shifted(start)
            parts.append(found.take(kept[found.document]))
        every = concatenate_paragraphs(parts)
        _, group, counts = np.unique(every.content, return_inverse=True, return_counts=True)
        return every.take(counts[group] > 1)
