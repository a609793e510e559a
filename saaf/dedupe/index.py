"""A persistent LSH index of documents: immutable segments, and a manifest that lists those that are in use.

    manifest.json              format, tokenizer, settings, segments with their files and sizes
    segments/000001-1/         arrays of a batch of documents (see `saaf.dedupe.index_segments`), and the caller's own
    files removed/000002-1.npy       rows of a segment that were removed

No file is ever changed. A change writes new files, then the new manifest aside, and renames it: killed at any instant,
the index is the old one or the new one. Files that the manifest does not name are deleted by that change or, if it was
killed or others were reading, by the next one.

Changes hold an exclusive lock of the directory of the index. Readers hold a shared one of the directory of segments,
which a change takes only to delete files: it waits for no reader, and no file is deleted that one may read.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from saaf.atomic_files import PARTIAL, exclusive_lock, fsync_path
from saaf.dedupe.index_manifest import (
    MANIFEST,
    REMOVED,
    SEGMENTS,
    Index,
    Segment,
    UnusableIndexError,
    open_index,
    write_index,
)
from saaf.dedupe.index_merge import write_merged_segment
from saaf.dedupe.index_segments import write_segment
from saaf.dedupe.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from saaf.dedupe.index_sketches import Sketches

__all__ = ["BusyIndexError", "Change", "Index", "Segment", "UnusableIndexError", "change", "open_index", "reading"]


class BusyIndexError(Exception):
    """Another process is changing the index."""


class Change:
    """A transaction on an index: nothing of it is visible to readers before `commit`, which `change` calls.

    `index` is the index as it was before. Documents are added and removed by segment; a merge replaces whole
    segments.
    """

    def __init__(self, index: Index) -> None:
        self.index = index
        self._segments = {segment.name: segment for segment in index.segments}
        self._new_names = 0

    def add(self, sketches: Sketches, write_extra: Callable[[Path], None] | None = None) -> None:
        """Add a segment; `write_extra` may write further files into its directory, with a row for each document."""
        directory = self._new_directory()
        write_segment(directory, sketches, self.index.settings)
        self._publish(directory, len(sketches.content), write_extra)

    def merge(self, segments: Sequence[Segment], write_extra: Callable[[Path], None] | None = None) -> None:
        """Replace segments of `index` by one that has their live documents, in that order; by none where none lives.

        `write_extra` is as for `add`.
        """
        if documents := sum(segment.live_documents for segment in segments):
            directory = self._new_directory()
            write_merged_segment(directory, segments, self.index.settings)
            self._publish(directory, documents, write_extra)
        for segment in segments:
            del self._segments[segment.name]

    def remove(self, segment: Segment, rows: Sequence[int]) -> None:
        """Remove documents of a segment of `index` by row; removing one again has no effect."""
        live = self._segments[segment.name].live()
        live[list(rows)] = False
        path = self.index.path / REMOVED / f"{self._new_name()}.npy"
        path.parent.mkdir(exist_ok=True)
        removed = np.flatnonzero(~live).astype(np.uint32)
        np.save(path, removed, allow_pickle=False)
        fsync_path(path)
        fsync_path(path.parent)
        self._segments[segment.name] = replace(segment, removed=path, removed_documents=len(removed))

    @property
    def pending(self) -> bool:
        """Whether there is anything to commit: always where the index is new."""
        return not self.index.generation or self._segments != {one.name: one for one in self.index.segments}

    def commit(self) -> None:
        """Write the new manifest and put it in the place of the old one, in one atomic rename."""
        write_index(self.index, sorted(self._segments.values(), key=lambda segment: segment.age))

    def _new_directory(self) -> Path:
        directory = self.index.path / SEGMENTS / self._new_name()
        directory.mkdir(parents=True)
        return directory

    def _publish(self, directory: Path, documents: int, write_extra: Callable[[Path], None] | None) -> None:
        """Put the files of a new segment on the disk, and the segment among those that `commit` writes."""
        if write_extra is not None:
            write_extra(directory)
        files = {}
        for path in sorted(directory.iterdir()):
            fsync_path(path)
            files[path.name] = path.stat().st_size
        fsync_path(directory)
        fsync_path(directory.parent)
        name = directory.name
        self._segments[name] = Segment(name=name, directory=directory, documents=documents, files=files)

    def _new_name(self) -> str:
        self._new_names += 1
        return f"{self.index.generation + 1:06}-{self._new_names}"


@contextmanager
def change(path: Path, settings: Settings | None = None) -> Iterator[Change]:
    """Open a transaction on the index at `path`; where there is none, one is made with `settings` or the default ones.

    It is committed where the block ends; nothing is changed where the block raises. Raises `UnusableIndexError` as
    `open_index` does, and where the directory holds something else; `BusyIndexError` where another process is changing
    the index.
    """
    with exclusive_lock(path, BusyIndexError(f"another process is changing the index {path}: wait for it")):
        index = _current(path, settings)
        _delete_unreferenced(index)
        transaction = Change(index)
        try:
            yield transaction
            if transaction.pending:
                transaction.commit()
        finally:
            # By the manifest on the disk: an error may have come before or after the rename.
            with suppress(UnusableIndexError, OSError):
                _delete_unreferenced(_current(path, settings))


@contextmanager
def reading(path: Path, settings: Settings | None = None) -> Iterator[Index]:
    """Yield an index whose files stay while the block runs, even if others change the index.

    Raises `UnusableIndexError` as `open_index` does.
    """
    while (descriptor := _shared_lock(path / SEGMENTS)) is None and open_index(path, settings).segments:
        pass  # the first segments were added between the two
    try:
        yield open_index(path, settings)
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _shared_lock(directory: Path) -> int | None:
    """Return a file descriptor that holds a shared lock of a directory, None where there is no such directory."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _current(path: Path, settings: Settings | None) -> Index:
    """Return the index as its manifest describes it, or a new one where the directory has nothing else in it."""
    if (path / MANIFEST).exists():
        return open_index(path, settings)
    others = sorted({each.name for each in path.iterdir()} - {SEGMENTS, REMOVED, MANIFEST + PARTIAL})
    if others:
        raise UnusableIndexError(f"{path} is no index and not empty ({others[0]}): name another directory")
    return Index(path=path, settings=settings or Settings(), generation=0, segments=())


def _delete_unreferenced(index: Index) -> None:
    """Delete files that the manifest does not name: what a killed change left, and what this one replaced.

    They stay until the next change where a reader holds the lock.
    """
    referenced = {segment.directory for segment in index.segments} | {segment.removed for segment in index.segments}
    with suppress(BusyIndexError), exclusive_lock(index.path / SEGMENTS, BusyIndexError()):
        for path in (*(index.path / SEGMENTS).glob("*"), *(index.path / REMOVED).glob("*")):
            if path not in referenced:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    (index.path / (MANIFEST + PARTIAL)).unlink(missing_ok=True)
