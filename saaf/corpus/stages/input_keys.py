"""What inputs are known by to be as they were: name, place, size and time, which the keys of tasks depend on."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from saaf.atomic_files import checksum
from saaf.corpus.crawl_frontier import FRONTIER_FILES
from saaf.corpus.crawl_listing import LISTING, listing_file

if TYPE_CHECKING:
    from saaf.corpus.input_paths import InputPath
    from saaf.corpus.records import InputPart


def identity_of(path: InputPath) -> tuple[int, int]:
    """Return size and time of modification, by which a file is known to be as it was; zeros where there is none.

    A remote file is known by its size alone.
    """
    try:
        status = path.stat()
    except (OSError, ValueError):
        return (0, 0)
    return (status.st_size, getattr(status, "st_mtime_ns", 0))


def part_key(part: InputPart) -> tuple[object, ...]:
    """Return what a part of an input is known by to be as it was."""
    beside = listing_key(part.listing) if part.listing else []
    failure = part.failure.reason if part.failure else None
    path = part.path.absolute() if isinstance(part.path, Path) else part.path
    return (part.name, os.fsencode(str(path)), part.start, part.end, identity_of(part.path), beside, failure)


def listing_key(directory: Path) -> list[tuple[object, ...]]:
    """Return what the listing of a crawl's directory is known by to be as it was.

    Of a crawl that ended that is the content of urls.jsonl: a command that goes on where nothing is left to fetch
    writes the same again.
    """
    place = os.fsencode(directory.absolute())
    try:
        if listing_file(directory) == LISTING:
            return [(place, _digest(directory / LISTING, *identity_of(directory / LISTING)))]
    except OSError:
        pass  # what is wrong with it is said where it is read
    return [(place, *identity_of(directory / name)) for name in sorted((LISTING, *FRONTIER_FILES))]


@lru_cache(maxsize=64)
def _digest(path: Path, _size: int, _modified: int) -> str:
    """Return the SHA-256 of a file, which is computed once for each of its sizes and times of modification."""
    return checksum(path)
