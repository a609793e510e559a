"""What a manifest says of a file: its size, its checksum and the number of its rows."""

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
