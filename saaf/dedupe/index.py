"""A persistent index of documents: immutable segments, and a manifest that says which of them are the index.

    manifest.json              format, tokenizer, settings, segments with their files and sizes
    segments/000001-1/         arrays of a batch of documents (see `saaf.dedupe.index_segments`), and the caller's own
    files removed/000002-1.npy       rows of a segment that were removed

No file is ever changed. A change writes new files, then the new manifest aside, and renames it: killed at any instant,
the index is the old one or the new one. Files that no manifest names are swept away by the next change.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from saaf.dedupe.characters import VERSION
from saaf.dedupe.index_segments import write_segment
from saaf.dedupe.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from saaf.dedupe.index_sketches import Sketches

FORMAT = 1
"""Version of the files; a change of what they mean raises it."""
MANIFEST = "manifest.json"
_SEGMENTS, _REMOVED, _PARTIAL = "segments", "removed", ".partial"


class UnusableIndexError(Exception):
    """A directory is no index, is damaged, or was made by a version or with settings that cannot be mixed with ours."""


class BusyIndexError(Exception):
    """Another process is changing the index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A batch of documents: `files` are names in `directory` with their bytes; `removed` is where removed rows stand.

    `documents` counts all rows, `removed_documents` those of them that were removed.
    """

    name: str
    directory: Path
    documents: int
    files: dict[str, int]
    removed: Path | None = None
    removed_documents: int = 0

    def live(self) -> NDArray[np.bool_]:
        """Return which rows were not removed."""
        rows = np.ones(self.documents, np.bool_)
        if self.removed is not None:
            rows[np.load(self.removed, allow_pickle=False)] = False
        return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """An index as it was when it was opened; `generation` counts its changes."""

    path: Path
    settings: Settings
    generation: int
    segments: tuple[Segment, ...]

    @property
    def documents(self) -> int:
        """How many documents it holds, less those that were removed."""
        return sum(segment.documents - segment.removed_documents for segment in self.segments)


def open_index(path: Path, settings: Settings | None = None) -> Index:
    """Open an index for reading; `settings`, where given, must be those it was made with.

    Raises `UnusableIndexError`, with what is wrong and what to do, where they differ, where the tokenizer or the format
    is another version's, where a file is missing or has another length, or where there is no index.
    """
    manifest = _read_manifest(path)
    found = _checked_settings(path, manifest, settings)
    segments = tuple(_segment(path, entry) for entry in manifest["segments"])
    for segment in segments:
        for name, size in segment.files.items():
            _check_file(segment.directory / name, size)
        if segment.removed is not None:
            _check_file(segment.removed, None)
    return Index(path=path, settings=found, generation=manifest["generation"], segments=segments)


class Change:
    """A change of an index under way: nothing of it is seen before `change` ends well.

    `index` is the index as it was. Documents are added and removed by segment; a merge removes segments whole.
    """

    def __init__(self, index: Index) -> None:
        self.index = index
        self._segments = {segment.name: segment for segment in index.segments}
        self._made = 0

    def add(self, sketches: Sketches, write_more: Callable[[Path], None] | None = None) -> None:
        """Add a segment; `write_more` may write files of its own, a row for each document, into its directory."""
        name = self._name()
        directory = self.index.path / _SEGMENTS / name
        directory.mkdir(parents=True)
        write_segment(directory, sketches, self.index.settings)
        if write_more is not None:
            write_more(directory)
        files = {}
        for path in sorted(directory.iterdir()):
            _sync(path)
            files[path.name] = path.stat().st_size
        _sync(directory)
        _sync(directory.parent)
        self._segments[name] = Segment(name=name, directory=directory, documents=len(sketches.content), files=files)

    def remove(self, segment: Segment, rows: Sequence[int]) -> None:
        """Remove documents of a segment of `index` by row; one that was removed before may be named again."""
        live = self._segments[segment.name].live()
        live[list(rows)] = False
        path = self.index.path / _REMOVED / f"{self._name()}.npy"
        path.parent.mkdir(exist_ok=True)
        removed = np.flatnonzero(~live).astype(np.uint32)
        np.save(path, removed, allow_pickle=False)
        _sync(path)
        _sync(path.parent)
        self._segments[segment.name] = replace(segment, removed=path, removed_documents=len(removed))

    def drop(self, segments: Sequence[Segment]) -> None:
        """Drop whole segments, whose documents were added again in others."""
        for segment in segments:
            del self._segments[segment.name]

    @property
    def needed(self) -> bool:
        """Whether there is anything to commit; a new index is, even without documents."""
        return not self.index.generation or self._segments != {one.name: one for one in self.index.segments}

    def commit(self) -> None:
        """Make the change the index."""
        entries = [_entry(segment) for _, segment in sorted(self._segments.items())]
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
        partial = path.with_name(MANIFEST + _PARTIAL)
        partial.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        _sync(partial)
        partial.replace(path)
        _sync(index.path)

    def _name(self) -> str:
        self._made += 1
        return f"{self.index.generation + 1:06}-{self._made}"


@contextmanager
def change(path: Path, settings: Settings | None = None) -> Iterator[Change]:
    """Change the index at `path`, which is made where there is none, with `settings` or the default ones.

    Nothing is changed where the block raises. Raises `UnusableIndexError` as `open_index` does, and where the
    directory holds something else; `BusyIndexError` where another process is changing it.
    """
    path.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyIndexError(f"another process is changing the index {path}: wait for it") from None
        index = open_index(path, settings) if (path / MANIFEST).exists() else _new(path, settings)
        _sweep(index)
        under_way = Change(index)
        yield under_way
        if under_way.needed:
            under_way.commit()
            _sweep(open_index(path))
    finally:
        os.close(descriptor)


def _new(path: Path, settings: Settings | None) -> Index:
    others = sorted({each.name for each in path.iterdir()} - {_SEGMENTS, _REMOVED, MANIFEST + _PARTIAL})
    if others:
        raise UnusableIndexError(f"{path} is no index and not empty ({others[0]}): name another directory")
    return Index(path=path, settings=settings or Settings(), generation=0, segments=())


def _sweep(index: Index) -> None:
    """Delete what the manifest does not name: what a killed change left, and what this one replaced."""
    named = {segment.directory for segment in index.segments} | {segment.removed for segment in index.segments}
    for path in (*(index.path / _SEGMENTS).glob("*"), *(index.path / _REMOVED).glob("*")):
        if path not in named:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (index.path / (MANIFEST + _PARTIAL)).unlink(missing_ok=True)


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
    return manifest  # type: ignore[no-any-return]  # json's answer; a dict, as was just seen


def _checked_settings(path: Path, manifest: dict[str, Any], wanted: Settings | None) -> Settings:
    if manifest["tokenizer"] != VERSION:
        raise UnusableIndexError(
            f"{path / MANIFEST}: made with tokenizer {manifest['tokenizer']}, and this saaf has tokenizer {VERSION}; "
            "fingerprints of the two cannot be compared: make the index again from the documents"
        )
    found = Settings(**manifest["settings"])
    for name, value in asdict(wanted).items() if wanted is not None else ():
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


def _segment(path: Path, entry: dict[str, Any]) -> Segment:
    removed = path / _REMOVED / entry["removed"] if entry["removed"] else None
    more = {name: entry[name] for name in ("name", "documents", "files", "removed_documents")}
    return Segment(directory=path / _SEGMENTS / entry["name"], removed=removed, **more)


def _entry(segment: Segment) -> dict[str, object]:
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


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
