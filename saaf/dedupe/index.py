"""A persistent LSH index of documents: immutable segments, and a manifest that lists those that are in use.

    manifest.json              format, tokenizer, settings, segments with their files and sizes
    segments/000001-1/         arrays of a batch of documents (see `saaf.dedupe.index_segments`), and the caller's own
    files removed/000002-1.npy       rows of a segment that were removed

No file is ever changed. A change writes new files, then the new manifest aside, and renames it: killed at any instant,
the index is the old one or the new one. Files that the manifest does not name are deleted by the next change.
"""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from saaf.atomic_files import PARTIAL, atomic_write, exclusive_lock, fsync_path
from saaf.dedupe.characters import VERSION
from saaf.dedupe.index_segments import write_segment
from saaf.dedupe.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from saaf.dedupe.index_sketches import Sketches

FORMAT = 1
"""Version of the file format; a change of what the files mean raises it."""
MANIFEST = "manifest.json"
_SEGMENTS, _REMOVED = "segments", "removed"


class UnusableIndexError(Exception):
    """A directory is no index, is damaged, or was made by another version or with other settings than asked for."""


class BusyIndexError(Exception):
    """Another process is changing the index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A batch of documents, one row each.

    `files` are the names of the files in `directory` with their sizes in bytes. `documents` counts all rows,
    `removed_documents` those of them that were removed. `removed` is the file of the removed rows, uint32, None where
    no row was removed.
    """

    name: str
    directory: Path
    documents: int
    files: dict[str, int]
    removed: Path | None = None
    removed_documents: int = 0

    def live(self) -> NDArray[np.bool_]:
        """Return a mask, bool[documents], of the rows that were not removed."""
        rows = np.ones(self.documents, np.bool_)
        if self.removed is not None:
            rows[np.load(self.removed, allow_pickle=False)] = False
        return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A snapshot of an index, as it was when it was opened; `generation` counts its changes."""

    path: Path
    settings: Settings
    generation: int
    segments: tuple[Segment, ...]

    @property
    def documents(self) -> int:
        """The number of documents, less those that were removed."""
        return sum(segment.documents - segment.removed_documents for segment in self.segments)


def open_index(path: Path, settings: Settings | None = None) -> Index:
    """Open an index for reading; `settings`, where given, must be those it was made with.

    Raises `UnusableIndexError`, with what is wrong and what to do, where they differ, where the tokenizer or the format
    is another version's, where a file is missing or has another length, or where there is no index.
    """
    manifest = _read_manifest(path)
    found = _validated_settings(path, manifest, settings)
    segments = tuple(_segment_from_json(path, entry) for entry in manifest["segments"])
    for segment in segments:
        for name, size in segment.files.items():
            _check_file(segment.directory / name, size)
        if segment.removed is not None:
            _check_file(segment.removed, None)
    return Index(path=path, settings=found, generation=manifest["generation"], segments=segments)


class Change:
    """A transaction on an index: nothing of it is visible to readers before `commit`, which `change` calls.

    `index` is the index as it was before. Documents are added and removed by segment; a merge drops whole segments.
    """

    def __init__(self, index: Index) -> None:
        self.index = index
        self._segments = {segment.name: segment for segment in index.segments}
        self._new_names = 0

    def add(self, sketches: Sketches, write_extra: Callable[[Path], None] | None = None) -> None:
        """Add a segment; `write_extra` may write further files into its directory, with a row for each document."""
        name = self._new_name()
        directory = self.index.path / _SEGMENTS / name
        directory.mkdir(parents=True)
        write_segment(directory, sketches, self.index.settings)
        if write_extra is not None:
            write_extra(directory)
        files = {}
        for path in sorted(directory.iterdir()):
            fsync_path(path)
            files[path.name] = path.stat().st_size
        fsync_path(directory)
        fsync_path(directory.parent)
        self._segments[name] = Segment(name=name, directory=directory, documents=len(sketches.content), files=files)

    def remove(self, segment: Segment, rows: Sequence[int]) -> None:
        """Remove documents of a segment of `index` by row; removing one again has no effect."""
        live = self._segments[segment.name].live()
        live[list(rows)] = False
        path = self.index.path / _REMOVED / f"{self._new_name()}.npy"
        path.parent.mkdir(exist_ok=True)
        removed = np.flatnonzero(~live).astype(np.uint32)
        np.save(path, removed, allow_pickle=False)
        fsync_path(path)
        fsync_path(path.parent)
        self._segments[segment.name] = replace(segment, removed=path, removed_documents=len(removed))

    def drop(self, segments: Sequence[Segment]) -> None:
        """Drop whole segments, as a merge does whose documents were added again in a new one."""
        for segment in segments:
            del self._segments[segment.name]

    @property
    def pending(self) -> bool:
        """Whether there is anything to commit: always where the index is new."""
        return not self.index.generation or self._segments != {one.name: one for one in self.index.segments}

    def commit(self) -> None:
        """Write the new manifest and put it in the place of the old one, in one atomic rename."""
        entries = [_segment_to_json(segment) for _, segment in sorted(self._segments.items())]
        index = self.index
        bands = index.settings.bands
        manifest = {
            "format": FORMAT,
            "tokenizer": VERSION,
            "settings": asdict(index.settings),
            "bands": {"count": bands.count, "rows": bands.rows},
            "generation": index.generation + 1,
            "segments": entries,
        }
        path = index.path / MANIFEST
        with atomic_write(path) as partial:
            partial.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")

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
        index = open_index(path, settings) if (path / MANIFEST).exists() else _empty_index(path, settings)
        _delete_unreferenced(index)
        transaction = Change(index)
        yield transaction
        if transaction.pending:
            transaction.commit()
            _delete_unreferenced(open_index(path))


def _empty_index(path: Path, settings: Settings | None) -> Index:
    others = sorted({each.name for each in path.iterdir()} - {_SEGMENTS, _REMOVED, MANIFEST + PARTIAL})
    if others:
        raise UnusableIndexError(f"{path} is no index and not empty ({others[0]}): name another directory")
    return Index(path=path, settings=settings or Settings(), generation=0, segments=())


def _delete_unreferenced(index: Index) -> None:
    """Delete files that the manifest does not name: what a killed change left, and what this one replaced."""
    referenced = {segment.directory for segment in index.segments} | {segment.removed for segment in index.segments}
    for path in (*(index.path / _SEGMENTS).glob("*"), *(index.path / _REMOVED).glob("*")):
        if path not in referenced:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (index.path / (MANIFEST + PARTIAL)).unlink(missing_ok=True)


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise UnusableIndexError(f"{path} is no index: it has no {MANIFEST}; make one with `saaf index add`") from None
    except ValueError as error:
        raise UnusableIndexError(f"{path / MANIFEST} is damaged ({error}); restore it from a copy") from error
    version = manifest.get("format") if isinstance(manifest, dict) else None
    if version is None:
        raise UnusableIndexError(f"{path} is no index: its {MANIFEST} is something else's; name another directory")
    if version != FORMAT:
        raise UnusableIndexError(
            f"{path / MANIFEST}: format {version}, and this saaf reads format {FORMAT}; "
            "use the version that made the index, or make it again from the documents"
        )
    return manifest  # type: ignore[no-any-return]  # a dict: it has a format


def _validated_settings(path: Path, manifest: dict[str, Any], expected: Settings | None) -> Settings:
    if manifest["tokenizer"] != VERSION:
        raise UnusableIndexError(
            f"{path / MANIFEST}: made with tokenizer {manifest['tokenizer']}, and this saaf has tokenizer {VERSION}; "
            "fingerprints of the two cannot be compared; build the index again in a new directory from its documents: "
            "saaf index add NEW_INDEX DOCUMENTS..."
        )
    found = Settings(**manifest["settings"])
    for name, value in asdict(expected).items() if expected is not None else ():
        if value != getattr(found, name):
            raise UnusableIndexError(
                f"{path / MANIFEST}: made with {name} {getattr(found, name)}, and {value} is asked for; "
                "use the index's, or make another index"
            )
    bands = {"count": found.bands.count, "rows": found.bands.rows}
    if bands != manifest["bands"]:
        raise UnusableIndexError(
            f"{path / MANIFEST}: cut into bands of {manifest['bands']}, and this saaf cuts into {bands}; "
            "make the index again from the documents"
        )
    return found


def _segment_from_json(path: Path, entry: dict[str, Any]) -> Segment:
    removed = path / _REMOVED / entry["removed"] if entry["removed"] else None
    more = {name: entry[name] for name in ("name", "documents", "files", "removed_documents")}
    return Segment(directory=path / _SEGMENTS / entry["name"], removed=removed, **more)


def _segment_to_json(segment: Segment) -> dict[str, object]:
    return {
        "name": segment.name,
        "documents": segment.documents,
        "files": segment.files,
        "removed": segment.removed.name if segment.removed else None,
        "removed_documents": segment.removed_documents,
    }


def _check_file(path: Path, size: int | None) -> None:
    if not path.is_file():
        raise UnusableIndexError(f"{path} is missing: the index is damaged, or was changed just now; try again")
    if size is not None and path.stat().st_size != size:
        raise UnusableIndexError(
            f"{path} has {path.stat().st_size} bytes, not {size}: restore it from a copy, or make the index again"
        )
