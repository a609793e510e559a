"""Files that appear whole or not at all, and texts kept aside on disk."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
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


class BusyError(Exception):
    """Another process is writing to the same directory."""


_BUILDING = ".building"
_READY = ".ready"


@contextmanager
def appear_together(directory: Path) -> Iterator[Path]:
    """Give an empty directory to fill; when the block ends well its files are moved to `directory`, all of them.

    Killed or failed before that, `directory` is as it was. Killed in the middle of the moves, the next call completes
    them. Raise `BusyError` where another process is at it. Only files are moved, and none that was there is deleted.
    """
    directory.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(f"another build is writing to {directory}: wait for it, or choose another output") from None
        _move_ready(directory)
        building = directory / _BUILDING
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir()
        try:
            yield building
            sync(building)
            building.rename(directory / _READY)  # from here on the new files are the corpus
            _move_ready(directory)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    finally:
        os.close(descriptor)


def _move_ready(directory: Path) -> None:
    ready = directory / _READY
    if ready.is_dir():
        for path in sorted(ready.iterdir()):
            path.replace(directory / path.name)
        ready.rmdir()
        sync(directory)
