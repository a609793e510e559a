"""Crawls that still run, among the inputs of a build and at its output: a build may read them, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saaf.corpus.crawl_frontier import FRONTIER, is_running, open_read_only
from saaf.corpus.input_files import list_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def running_crawls_note(inputs: Sequence[Path], output: Path) -> str | None:
    """Return one sentence on the crawls that still run in the inputs and the output of a build, None where none does.

    A build takes what is durable when it begins to read a crawl's directory; what comes later is `pending` in its
    ledger, or not in it.
    """
    read = _running(inputs)
    written = [directory for directory in _running([output]) if directory not in read]
    if read:
        ends = "when it has ended" if len(read) == 1 else "when they have ended"
        return f"{_still(read)}: this corpus has what was captured so far; build it again {ends}"
    if written:
        return f"{_still(written)}, and may replace this corpus when it ends: choose another output to keep both"
    return None


def _still(directories: Sequence[Path]) -> str:
    if len(directories) == 1:
        return f"the crawl in {directories[0]} still runs"
    return f"{len(directories)} crawls still run, the first in {directories[0]}"


def _running(paths: Sequence[Path]) -> list[Path]:
    """Return the directories with the frontier of a running crawl, in and below directories and beside files."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found |= dict.fromkeys(sorted(file.parent for file in list_files(path)[0] if file.name == FRONTIER))
        elif (path.parent / FRONTIER).is_file():
            found[path.parent] = None
    return [directory for directory in found if _is_running(directory)]


def _is_running(directory: Path) -> bool:
    try:
        with open_read_only(directory / FRONTIER) as connection:
            return is_running(connection)
    except OSError:
        return False
