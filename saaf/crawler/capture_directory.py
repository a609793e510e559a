"""Where a crawl's capture goes: each crawl has a directory of its own, so that none replaces what another captured."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from saaf.atomic_files import PARTIAL
from saaf.corpus.crawl_listing import LISTING
from saaf.corpus.warc import is_replay

if TYPE_CHECKING:
    from pathlib import Path

RECORDS = "records.warc.gz"
URLS = LISTING


def claim_directory(capture: Path, *, replay: bool) -> Path:
    """Make the directory of a new crawl, and return it: `capture` for the first, `capture`/2 for the second, and so on.

    No other process is given the same one. A replay of saved pages takes the directory of an earlier replay, because
    its pages are saved elsewhere. Raises OSError where no directory can be made.
    """
    directory = capture
    numbers = count(2)
    while not (replay and _has_replay_only(directory)):
        try:
            directory.mkdir(parents=True)
            break
        except FileExistsError:
            if not directory.is_dir():
                raise
        directory = capture / str(next(numbers))
    return directory


def _has_replay_only(directory: Path) -> bool:
    """Return whether a directory exists and has no archive but those of replays, or empty ones."""
    if not directory.is_dir():
        return False
    archives = [path for path in (directory / RECORDS, directory / (RECORDS + PARTIAL)) if path.exists()]
    return all(path.stat().st_size == 0 or is_replay(path) for path in archives)
