"""Atomic writes: a file is replaced whole or not at all; and locks of directories and files."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PARTIAL = ".partial"
"""The ending of a file's name while it is being written."""


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield the path of a file beside `path` to write to; rename it to `path` when the block ends without an exception.

    The bytes are on the disk before the name appears (fsync, rename, fsync of the directory), so that after a crash
    `path` holds either what it held before or everything. When the block raises, the partial file is deleted.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(_partial_name(path))
    try:
        yield partial
        fsync_path(partial)
        partial.replace(path)
        fsync_path(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def _partial_name(path: Path) -> str:
    """Return the name of `path` with ".partial", or a short one where that would be too long for the file system."""
    name = path.name + PARTIAL
    if len(os.fsencode(name)) <= os.pathconf(path.parent, "PC_NAME_MAX"):
        return name
    return f".{sha256(os.fsencode(name)).hexdigest()[:32]}{PARTIAL}"


def fsync_path(path: Path) -> None:
    """Call fsync on a file or a directory: its bytes, or its names, are on the disk when this returns."""
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


@contextmanager
def exclusive_lock(directory: Path, busy: Exception) -> Iterator[None]:
    """Hold the lock of a directory, which is made where it does not exist, while the block runs.

    Raises `busy` where another process holds it. A killed process holds none.
    """
    directory.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise busy from None
        yield
    finally:
        os.close(descriptor)


@contextmanager
def exclusive_file_lock(path: Path) -> Iterator[None]:
    """Hold the lock of a file, which is made where it does not exist, while the block runs; wait for it before."""
    with path.open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


class BusyError(Exception):
    """Another process is writing to the same directory."""
