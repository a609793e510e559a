"""What a manifest says of a file, its size, its checksum and its rows, and whether the file is as it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from saaf.atomic_files import checksum

if TYPE_CHECKING:
    from pathlib import Path


def file_entry(path: Path) -> dict[str, Any]:
    """Return size and SHA-256 of a file, and the number of rows of a Parquet file."""
    entry: dict[str, Any] = {"bytes": path.stat().st_size, "sha256": checksum(path)}
    if path.suffix == ".parquet":
        entry["rows"] = pq.read_metadata(path).num_rows
    return entry


def file_problem(path: Path, entry: Any) -> str | None:
    """Return in words why a file does not have the size and checksum of its entry, None where it has.

    The words follow the name of the file: "is missing". Rows are not counted.
    """
    if not (isinstance(entry, dict) and isinstance(entry.get("bytes"), int) and isinstance(entry.get("sha256"), str)):
        return "has no size and checksum in the manifest"
    try:
        if not path.is_file():
            return "is missing"
        size = path.stat().st_size
        if size != entry["bytes"]:
            return f"has {size:,} bytes, and the manifest says {entry['bytes']:,}"
        return None if checksum(path) == entry["sha256"] else "was changed: its checksum is not that of the manifest"
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
