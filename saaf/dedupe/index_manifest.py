"""The manifest of an index: its format, and the snapshot of segments that it describes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from saaf.atomic_files import atomic_write
from saaf.dedupe.characters import VERSION
from saaf.dedupe.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

FORMAT = 1
"""Version of the file format; a change of what the files mean raises it."""
MANIFEST = "manifest.json"
SEGMENTS, REMOVED = "segments", "removed"
"""Directories of an index: a directory for each segment, and a file for the removed rows of each that has some."""


class UnusableIndexError(Exception):
    """A directory is no index, is damaged, or was made by another version or with other settings than asked for."""


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

    @property
    def age(self) -> tuple[int, ...]:
        """The generation that wrote it and its number in that, from 1: the older segment is the smaller."""
        return tuple(int(number) for number in self.name.split("-"))

    @property
    def live_documents(self) -> int:
        """The number of documents that were not removed."""
        return self.documents - self.removed_documents

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
        return sum(segment.live_documents for segment in self.segments)


def open_index(path: Path, settings: Settings | None = None) -> Index:
    """Return the snapshot of an index; `settings`, where given, must be those it was made with.

    Its files stay until the index is changed; `saaf.dedupe.index.reading` keeps them while they are read.

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


def write_index(index: Index, segments: Sequence[Segment]) -> None:
    """Write the manifest of the next generation of `index`, which has these segments, in one atomic rename."""
    bands = index.settings.bands
    manifest = {
        "format": FORMAT,
        "tokenizer": VERSION,
        "settings": asdict(index.settings),
        "bands": {"count": bands.count, "rows": bands.rows},
        "generation": index.generation + 1,
        "segments": [_segment_to_json(segment) for segment in segments],
    }
    with atomic_write(index.path / MANIFEST) as partial:
        partial.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


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
    removed = path / REMOVED / entry["removed"] if entry["removed"] else None
    more = {name: entry[name] for name in ("name", "documents", "files", "removed_documents")}
    return Segment(directory=path / SEGMENTS / entry["name"], removed=removed, **more)


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
