"""manifest.json: the files of a corpus with their checksums, and the settings and versions that made it."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from saaf import cleaning, dedupe
from saaf.atomic_files import atomic_write
from saaf.corpus.file_names import CARD, MANIFEST
from saaf.corpus.manifest_entries import file_entry, file_problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from saaf.corpus.settings import BuildSettings

FORMAT = 2
"""The version of the layout of a corpus: 2 has a directory for each table, the manifests of 1 have no number."""
_LIBRARIES = (
    "babel",
    "datasketch",
    "fastwarc",
    "justext",
    "lxml",
    "numpy",
    "py3langid",
    "pycld2",
    "pyarrow",
    "regex",
    "saaf",
    "trafilatura",
)


def write_manifest(
    directory: Path,
    files: Mapping[str, Mapping[str, object]],
    settings: BuildSettings,
    more: Mapping[str, object] | None = None,
    *,
    omitted: Mapping[str, object] | None = None,
    containment_omitted: Mapping[str, object] | None = None,
    columns: Mapping[str, Sequence[str]] | None = None,
    quality_filter: Mapping[str, object] | None = None,
) -> Path:
    """Write the manifest of a corpus in `directory` and return its path.

    `files` has size, checksum and rows of each file by its name in the corpus, `more` further settings, by name, that
    `BuildSettings` does not have. `omitted` and `containment_omitted` are what the searches for near-duplicates and for
    contained documents left out, None or empty for nothing. `quality_filter` is what was filtered by quality, None for
    nothing. `columns` are the files of tables by which of their columns are read as what
    (`saaf.corpus.column_plans`). The manifest holds no time, no path and not the number of
    workers: the same inputs and settings give the same bytes.
    """
    recorded = asdict(settings)
    del recorded["workers"], recorded["engine"], recorded["card"]
    recorded["quality_filter"] = list(settings.quality_filter.names) if settings.quality_filter else []
    recorded["profiles"] = settings.profiles is not None
    recorded["rules"] = [{"language": pack.name, "sha256": pack.digest} for pack in settings.rules]
    recorded["lid"] = {"file": settings.lid.name, "sha256": settings.lid.digest} if settings.lid else None
    manifest = {
        "format": FORMAT,
        "files": {name: dict(files[name]) for name in sorted(files)},
        "settings": recorded | dict(more or {}),
        "versions": {
            "cleaning_rules": cleaning.rules_version(),
            "extractor": cleaning.extractor(),
            "fingerprint_tokenizer": dedupe.VERSION,
            "python": platform.python_version(),
            **{library: _installed_version(library) for library in _LIBRARIES},
        },
    }
    if facts := settings.card.stated():
        manifest["card"] = facts
    if omitted and any(omitted.values()):
        manifest["near_duplicates_omitted"] = dict(omitted)
    if containment_omitted and any(containment_omitted.values()):
        manifest["containment_omitted"] = dict(containment_omitted)
    if columns:
        manifest["input_columns"] = {plan: len(names) for plan, names in sorted(columns.items())}
    if quality_filter is not None:
        manifest["quality_filter"] = dict(quality_filter)
    return _write(directory, manifest)


def _write(directory: Path, manifest: Mapping[str, object]) -> Path:
    path = directory / MANIFEST
    with atomic_write(path) as partial:
        partial.write_text(json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return path


def record_files(corpus: Path, manifest: Mapping[str, Any], names: Collection[str]) -> None:
    """Bring the manifest of a corpus up to date with files of it that were written again; `names` are theirs."""
    entries = {name: file_entry(corpus / name) for name in names if name in manifest["files"]}
    files = manifest["files"] | entries
    if files != manifest["files"]:
        _write(corpus, {**manifest, "files": files})


def read_manifest(corpus: Path) -> dict[str, Any] | None:
    """Return the manifest of the corpus in a directory, None where there is none that a saaf version wrote."""
    try:
        manifest: dict[str, Any] = json.loads((corpus / MANIFEST).read_bytes())
        return manifest if manifest["versions"]["cleaning_rules"] and isinstance(manifest["files"], dict) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def edited_card(corpus: Path) -> Path | None:
    """Return the path of the card of a corpus where it was edited after the build, None where it was not."""
    manifest, path = read_manifest(corpus), corpus / CARD
    entry = manifest["files"].get(CARD) if manifest else None
    return path if entry is not None and path.is_file() and file_problem(path, entry) else None


@cache
def _installed_version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "not installed"
