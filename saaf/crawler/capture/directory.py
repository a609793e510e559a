"""Where a capture goes: a live crawl goes on in its directory, a replay gets one that no crawl has written to."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from saaf.atomic_files import PARTIAL
from saaf.corpus.crawl_frontier import FRONTIER
from saaf.corpus.crawl_listing import LISTING
from saaf.corpus.warc import is_replay
from saaf.corpus.warc_segments import segment_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RECORDS = "records.warc.gz"
"""The WARC of a replay, and of the crawls of saaf 0.2; a live crawl writes numbered segments."""
URLS = LISTING


def live_directory(capture: Path) -> Path:
    """Return the directory in which a live crawl goes on, or begins.

    It is `capture`, or the first of `capture`/2, `capture`/3, … where `capture` holds a replay, or a crawl of saaf 0.2,
    which is left as it is. It may not exist yet.
    """
    directories = [capture, *_numbered(capture)]
    for directory in directories:
        if (directory / FRONTIER).exists() or segment_numbers(directory):
            return directory
    return next(directory for directory in directories if not _has_capture(directory))


def set_aside(capture: Path) -> Path | None:
    """Rename a capture to `capture`.1, or the next number that is free; return its new path, None where there is none.

    Raises OSError where it cannot be renamed.
    """
    if not capture.exists():
        return None
    for number in count(1):
        target = capture.with_name(f"{capture.name}.{number}")
        if not target.exists():
            return capture.rename(target)
    raise AssertionError


def claim_directory(capture: Path) -> Path:
    """Make the directory of a replay, and return it: `capture` for the first, `capture`/2 for the second, and so on.

    No other process is given the same one. A replay of saved pages takes the directory of an earlier replay, because
    its pages are saved elsewhere. Raises OSError where no directory can be made.
    """
    directory = capture
    numbers = count(2)
    while not _has_replay_only(directory):
        try:
            directory.mkdir(parents=True)
            break
        except FileExistsError:
            if not directory.is_dir():
                raise
        directory = capture / str(next(numbers))
    return directory


def _numbered(capture: Path) -> Iterator[Path]:
    """Yield the numbered directories in a capture up to the first that does not exist."""
    for number in count(2):
        yield capture / str(number)
        if not (capture / str(number)).exists():
            return


def _has_capture(directory: Path) -> bool:
    return any((directory / name).exists() for name in (RECORDS, RECORDS + PARTIAL, URLS))


def _has_replay_only(directory: Path) -> bool:
    """Return whether a directory exists and has no archive but those of replays, or empty ones."""
    if not directory.is_dir() or (directory / FRONTIER).exists() or segment_numbers(directory):
        return False
    archives = [path for path in (directory / RECORDS, directory / (RECORDS + PARTIAL)) if path.exists()]
    return all(path.stat().st_size == 0 or is_replay(path) for path in archives)
