"""Files that appear whole or not at all, and texts kept aside on disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

PARTIAL = ".partial"  # what a file is called while it is being written


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give the path of a file beside `path` to write to; move it to `path` when the block ends well.

    The bytes are on the disk before the name appears (fsync, rename, fsync of the directory), so that after a crash
    `path` holds either what it held before or everything. When the block raises, the partial file is deleted.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + PARTIAL)
    try:
        yield partial
        sync(partial)
        partial.replace(path)
        sync(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Return once a file's bytes, or a directory's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file as 64 lower-case hex digits."""
    digest = sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
