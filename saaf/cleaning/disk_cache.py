"""A cache on disk of tables that take longer to derive than to read: a new process starts in half of the time.

A file is named by a digest of what it is derived from, so that it never needs to be invalidated and never changes a
result. The directory is `$SAAF_CACHE_DIR`, else `saaf` in `$XDG_CACHE_HOME` or `~/.cache`; where it cannot be written,
or SAAF_CACHE_DIR is empty, everything is derived anew in each process.
"""

from __future__ import annotations

import os
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_NAME: Final = "saaf"


def cached_file(name: str, sources: Iterable[bytes], write: Callable[[Path], None]) -> Path | None:
    """Return a file `NAME-DIGEST` that `write` wrote, now or in an earlier process from the same `sources`.

    `write` is given the path of an empty file beside it; the file appears whole or not at all. None where there is no
    directory to write to.
    """
    directory = _directory()
    if directory is None:
        return None
    digest = sha256()
    for source in sources:
        digest.update(len(source).to_bytes(8, "big") + source)
    stem, _, ending = name.partition(".")
    path = directory / f"{stem}-{digest.hexdigest()[:32]}.{ending}"
    try:
        if not path.exists():
            directory.mkdir(parents=True, exist_ok=True)
            _write_whole(path, write)
    except (OSError, ValueError):
        return None
    return path


def _write_whole(path: Path, write: Callable[[Path], None]) -> None:
    handle, partial = tempfile.mkstemp(prefix=path.stem, suffix=f".partial.{path.suffix}", dir=path.parent)
    os.close(handle)
    try:
        write(Path(partial))
        Path(partial).replace(path)
    finally:
        Path(partial).unlink(missing_ok=True)


def _directory() -> Path | None:
    own = os.environ.get("SAAF_CACHE_DIR")
    if own is not None:
        return Path(own) if own else None
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / _NAME
    except RuntimeError:  # no home directory
        return None
