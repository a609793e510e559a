"""The files of a build's inputs, in an order that depends on their names only; each is a part that can be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from saaf.corpus.crawl_frontier import FRONTIER, FRONTIER_FILES
from saaf.corpus.crawl_listing import LISTING, listing_file
from saaf.corpus.file_names import DATA, MANIFEST, OLD_DOCUMENTS
from saaf.corpus.input_files import file_problem, ledger_name, list_files, unique_names
from saaf.corpus.ledger import Failure, State
from saaf.corpus.records import InputPart

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_NO_FRONTIER = Failure(
    state=State.UNREADABLE, reason="the frontier of this crawl cannot be read: start the crawl again, or delete it"
)
_LISTINGS = (LISTING, FRONTIER)


class InputError(Exception):
    """An input that cannot be read at all: it does not exist, is an empty directory, or is a corpus already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlDirectory:
    """The directory of a crawl that has a listing; `name` is the ledger's name of the file that the listing is in."""

    name: str
    path: Path


def check_inputs(paths: Sequence[Path]) -> None:
    """Raise `InputError` where a path does not exist, or is a directory that cannot be an input."""
    if not paths:
        raise InputError("there is no input: name at least one file or directory")
    if missing := [str(path) for path in paths if not _exists(path)]:
        raise InputError(f"no such file or directory: {', '.join(missing)}")
    for path in paths:
        if path.is_dir():
            _check_directory(path)


def _exists(path: Path) -> bool:
    """Return whether a path exists. Raises `InputError` where that cannot be known: its directory is closed, say."""
    try:
        return path.exists()
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {error.strerror if isinstance(error, OSError) else error}") from error


def _check_directory(directory: Path) -> None:
    """Raise `InputError` where a directory has no file, or a corpus, whose tables all hold the same texts."""
    files, unreadable = list_files(directory)
    if not files and not unreadable:
        raise InputError(f"{directory}: there is no file in this directory")
    for path in sorted(files):
        if path.name != MANIFEST:
            continue
        for documents in (path.parent / DATA, path.parent / OLD_DOCUMENTS):
            if documents.exists():
                raise InputError(f"{path.parent} is a corpus: name {documents}, or the files that it was built from")


def walk_inputs(paths: Sequence[Path]) -> Iterator[InputPart | CrawlDirectory]:
    """Yield every file of the inputs as a part, those that cannot be read with their failure.

    Files of a directory come by name; the directory of a crawl with a listing comes after what it lists. Hidden files
    are no inputs, nor are the files of a crawl beside its WARC.
    """
    for name, path in unique_names(paths):
        if path.is_dir():
            yield from _walk_directory(name, path)
        else:
            problem = file_problem(path)
            failure = Failure(state=State.UNREADABLE, reason=problem) if problem else None
            yield InputPart(name=name, path=path, failure=failure)


def _walk_directory(name: str, directory: Path) -> Iterator[InputPart | CrawlDirectory]:
    listings: dict[Path, str | None] = {}
    files, unreadable = list_files(directory)
    reasons = {each.path: each.reason for each in unreadable}
    for path in sorted((*files, *reasons), key=lambda path: (path.parent, path.name in _LISTINGS, path.name)):
        key = f"{name}/{ledger_name(path.relative_to(directory).as_posix())}" if path != directory else name
        if path in reasons:
            failure = Failure(state=State.UNREADABLE, reason=reasons[path])
            yield InputPart(name=key, path=path, failure=failure)
            continue
        if path.parent not in listings:
            listings[path.parent] = _listing_file(path.parent)
        source = listings[path.parent]
        if source is not None and path.name == source:
            yield CrawlDirectory(name=key, path=path.parent)
        elif path.name == FRONTIER and source is None:
            yield InputPart(name=key, path=path, failure=_NO_FRONTIER)
        elif path.name in FRONTIER_FILES or (source is not None and path.name in _LISTINGS):
            continue  # part of a crawl, and no input: the listing is read, from the one file or the other
        else:
            yield InputPart(name=key, path=path, listing=path.parent if source is not None else None)


def _listing_file(directory: Path) -> str | None:
    """Return the name of the file of a crawl's listing, None where there is none or it cannot be read."""
    try:
        return listing_file(directory)
    except OSError:
        return None
