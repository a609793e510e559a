"""manifest.json: the files of a corpus with their checksums, and the settings and versions that made it."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from saaf import cleaning, dedupe
from saaf.atomic_files import atomic_write, checksum

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from saaf.corpus.settings import BuildSettings

MANIFEST = "manifest.json"
_LIBRARIES = (
    "babel",
    "datasketch",
    "fastwarc",
    "justext",
    "lxml",
    "numpy",
    "py3langid",
    "pyarrow",
    "regex",
    "saaf",
    "trafilatura",
)


def write_manifest(
    directory: Path,
    names: Sequence[str],
    settings: BuildSettings,
    more: Mapping[str, object] | None = None,
    omitted: dedupe.Omitted | None = None,
    containment_omitted: dedupe.Omitted | None = None,
) -> Path:
    """Write the manifest of the files `names` in `directory` and return its path.

    `more` are further settings, by name, that `BuildSettings` does not have. `omitted` and `containment_omitted`
    are what the searches for near-duplicates and for contained documents left out, None for nothing. The manifest holds
    no time, no path and not the number of workers: the same inputs and settings give the same bytes.
    """
    recorded = asdict(settings)
    del recorded["workers"]
    recorded["profiles"] = settings.profiles is not None
    manifest = {
        "files": {name: _file_entry(directory / name) for name in sorted(names)},
        "settings": recorded | dict(more or {}),
        "versions": {
            "cleaning_rules": cleaning.rules_version(),
            "extractor": cleaning.extractor(),
            "fingerprint_tokenizer": dedupe.VERSION,
            "python": platform.python_version(),
            **{library: _installed_version(library) for library in _LIBRARIES},
        },
    }
    if omitted:
        manifest["near_duplicates_omitted"] = asdict(omitted)
    if containment_omitted:
        manifest["containment_omitted"] = asdict(containment_omitted)
    path = directory / MANIFEST
    with atomic_write(path) as partial:
        partial.write_text(json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return path


def _installed_version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "not installed"


def _file_entry(path: Path) -> dict[str, object]:
    """Return size and SHA-256 of a file, and the number of rows of a Parquet file."""
    entry: dict[str, object] = {"bytes": path.stat().st_size, "sha256": checksum(path)}
    if path.suffix == ".parquet":
        entry["rows"] = pq.read_metadata(path).num_rows
    return entry
